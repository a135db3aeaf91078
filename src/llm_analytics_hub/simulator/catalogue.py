"""What the simulated platform consists of: models, services, teams, people, policies, assets.

Model names are real, list prices are in USD per million tokens as published in November 2025;
everything else is invented.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """A model on sale: its prices in USD per million tokens, its speed in milliseconds."""

    name: str
    provider: str
    input_usd: float
    cached_usd: float
    output_usd: float
    ttft_ms: float
    ms_per_token: float
    error_rate: float
    reasoning_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Service:
    """An application of the platform: median tokens of a call and its share of models."""

    name: str
    weight: float
    input_tokens: int
    output_tokens: int
    cache_hit_rate: float
    region: str
    models: dict[str, float]
    tools: tuple[str, ...] = ()

    @property
    def asset_id(self) -> str:
        """The registry's name of the application."""
        return f"app-{self.name}"

    @property
    def is_agent(self) -> bool:
        """Agents call tools and are traced by OpenTelemetry; the others send hub JSON."""
        return bool(self.tools)


@dataclass(frozen=True, slots=True)
class Account:
    """A team that pays; its daily budget grows with the traffic the platform is given."""

    name: str
    budget_usd_per_event: float


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule of the policy engine and how grave its violation is."""

    policy_id: str
    name: str
    severity: str
    weight: float


@dataclass(frozen=True, slots=True)
class Asset:
    """A thing the registry keeps."""

    asset_id: str
    kind: str
    owner: str


MODELS = (
    Model("gpt-4o", "openai", 2.50, 1.25, 10.0, 420, 13.0, 0.008),
    Model("gpt-4o-mini", "openai", 0.15, 0.075, 0.60, 310, 8.0, 0.006),
    Model("gpt-4.1", "openai", 2.00, 0.50, 8.00, 460, 12.0, 0.007),
    Model("o4-mini", "openai", 1.10, 0.275, 4.40, 1900, 9.0, 0.010, reasoning_share=0.6),
    Model("claude-sonnet-4-5", "anthropic", 3.00, 0.30, 15.0, 640, 15.0, 0.009),
    Model("claude-haiku-4-5", "anthropic", 1.00, 0.10, 5.00, 380, 7.0, 0.007),
    Model("claude-opus-4-1", "anthropic", 15.0, 1.50, 75.0, 1100, 26.0, 0.012),
    Model("gemini-2.5-flash", "google", 0.30, 0.03, 2.50, 350, 5.0, 0.011),
    Model("gemini-2.5-pro", "google", 1.25, 0.125, 10.0, 1600, 10.0, 0.012, reasoning_share=0.5),
    Model("mistral-large-latest", "mistral", 2.00, 2.00, 6.00, 520, 14.0, 0.013),
    Model("mistral-small-latest", "mistral", 0.10, 0.10, 0.30, 280, 7.0, 0.012),
    Model("deepseek-chat", "deepseek", 0.28, 0.028, 0.42, 900, 18.0, 0.020),
)

SERVICES = (
    Service(
        "support-assistant", 0.40, 1800, 250, 0.55, "eu-central-1",
        {"claude-haiku-4-5": 0.5, "gpt-4o-mini": 0.3, "claude-sonnet-4-5": 0.2},
        tools=("search_tickets", "get_order", "create_ticket"),
    ),
    Service(
        "code-copilot", 0.30, 3400, 420, 0.60, "us-east-1",
        {"claude-sonnet-4-5": 0.55, "gpt-4.1": 0.3, "o4-mini": 0.15},
        tools=("read_file", "run_tests", "search_code"),
    ),
    Service(
        "data-analyst", 0.18, 2600, 450, 0.35, "us-east-1",
        {"gpt-4o": 0.4, "gemini-2.5-pro": 0.35, "deepseek-chat": 0.25},
        tools=("run_sql", "plot_chart"),
    ),
    Service(
        "research-agent", 0.12, 5200, 700, 0.30, "eu-central-1",
        {"gpt-4o": 0.4, "gemini-2.5-pro": 0.4, "mistral-large-latest": 0.2},
        tools=("web_search", "fetch_page", "take_note"),
    ),
    Service(
        "doc-search", 0.40, 4200, 180, 0.25, "eu-central-1",
        {"gemini-2.5-flash": 0.5, "gpt-4o-mini": 0.4, "mistral-small-latest": 0.1},
    ),
    Service(
        "ticket-router", 0.28, 600, 30, 0.70, "us-east-1",
        {"gpt-4o-mini": 0.6, "mistral-small-latest": 0.4},
    ),
    Service(
        "report-summarizer", 0.18, 6000, 350, 0.15, "ap-southeast-1",
        {"gpt-4.1": 0.4, "gemini-2.5-flash": 0.4, "claude-sonnet-4-5": 0.2},
    ),
    Service(
        "translation-desk", 0.14, 700, 650, 0.10, "ap-southeast-1",
        {"mistral-large-latest": 0.4, "deepseek-chat": 0.35, "gpt-4o": 0.25},
    ),
)  # fmt: skip

ACCOUNTS = (
    Account("team-support", 0.00095),
    Account("team-engineering", 0.0009),
    Account("team-research", 0.00095),
    Account("team-marketing", 0.00095),
    Account("team-operations", 0.00095),
)

POLICIES = (
    Policy("pol-prompt-injection", "Prompt injection guard", "high", 0.10),
    Policy("pol-data-exfiltration", "No secrets leave the house", "critical", 0.04),
    Policy("pol-pii-masking", "Personal data is masked", "high", 0.18),
    Policy("pol-toxicity", "No toxic answers", "medium", 0.14),
    Policy("pol-token-limit", "Prompt size limit", "low", 0.22),
    Policy("pol-model-allowlist", "Approved models only", "medium", 0.12),
    Policy("pol-data-residency", "Data stays in its region", "high", 0.08),
    Policy("pol-licence-check", "Licences of generated code", "low", 0.12),
)

USERS = tuple(f"user-{number:04d}" for number in range(1, 401))
LISTINGS = tuple(
    f"listing-{word}" for word in ("ocr", "speech", "rerank", "vision", "legal", "tts")
)
DATASETS = tuple(
    f"dataset-{word}" for word in ("faq", "tickets", "evals", "glossary", "reports", "code")
)

ASSETS = (
    *(Asset(service.asset_id, "pipeline", "platform") for service in SERVICES),
    *(Asset(f"model-{model.name}", "model", model.provider) for model in MODELS),
    *(Asset(f"prompt-{service.name}", "prompt", "platform") for service in SERVICES),
    *(Asset(dataset, "dataset", "data-office") for dataset in DATASETS),
    *(Asset(policy.policy_id, "policy", "security-office") for policy in POLICIES),
)
