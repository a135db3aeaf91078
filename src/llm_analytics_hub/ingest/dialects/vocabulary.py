"""The words all dialects share: operations, what event they make, and providers."""

from functools import lru_cache

# Source: OpenTelemetry semantic conventions for generative AI, `gen_ai.operation.name`, and the
# spellings found in recorded exports.
OPERATIONS = {
    "completion": "text_completion",
    "embedding": "embeddings",
    "embed": "embeddings",
    "llm_call": "chat",
    "agent": "invoke_agent",
    "tool": "execute_tool",
    "retrieve": "retrieval",
    "rerank": "rerank",
}

EVENT_TYPES = {
    "chat": "inference.completed",
    "text_completion": "inference.completed",
    "generate_content": "inference.completed",
    "embeddings": "inference.completed",
    "invoke_agent": "agent.completed",
    "execute_tool": "tool.completed",
    "retrieval": "retrieval.completed",
    "rerank": "retrieval.completed",
}

# The beginning of a spelling, longest first where one begins another.
PROVIDERS = (
    ("az.ai", "azure"),
    ("azure", "azure"),
    ("gcp", "google"),
    ("google", "google"),
    ("gemini", "google"),
    ("vertex", "google"),
    ("aws", "aws"),
    ("amazon", "aws"),
    ("bedrock", "aws"),
    ("mistral", "mistral"),
    ("x_ai", "xai"),
    ("ibm", "ibm"),
)

# Whose model it is, by the beginning of its name, where nobody says who served it. Open models are
# not here: many serve them, each for a price of their own.
MODEL_PROVIDERS = (
    ("gpt-", "openai"),
    ("chatgpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("codex-", "openai"),
    ("text-embedding-3", "openai"),
    ("text-embedding-ada", "openai"),
    ("claude", "anthropic"),
    ("gemini", "google"),
    ("text-embedding-00", "google"),
    ("grok-", "xai"),
    ("command-", "cohere"),
    ("mistral-", "mistral"),
    ("codestral-", "mistral"),
    ("deepseek-", "deepseek"),
)

# What gateways put before the name of a model (`openai/gpt-4o`). Owners of repositories of open
# models (`mistralai/`) are not among them.
MODEL_LEADS = frozenset(
    {
        "openai",
        "azure",
        "azure_ai",
        "anthropic",
        "gemini",
        "vertex_ai",
        "bedrock",
        "mistral",
        "cohere",
        "xai",
        "deepseek",
    }
)

# Software that calls models but serves none: it tells nothing about who is paid.
FRAMEWORKS = frozenset(
    {
        "langchain",
        "langgraph",
        "llama_index",
        "llamaindex",
        "haystack",
        "crewai",
        "autogen",
        "strands-agents",
        "microsoft",  # microsoft.agent_framework
        "semantic_kernel",
        "pydantic-ai",
        "litellm",
        "openlit",
        "traceloop",
        "unknown",
        "_other",
    }
)


@lru_cache(maxsize=512)
def normalise_provider(spelling: str) -> str | None:
    """The provider's one name, lower case; None for a framework's name or none at all.

    `openai.chat` and `OpenAI` are `openai`; `gcp.gemini`, `vertex_ai` and `google_genai` are
    `google`; `az.ai.openai` is `azure`.
    """
    word = spelling.strip().lower()
    for beginning, provider in PROVIDERS:
        if word.startswith(beginning):
            return provider
    first = word.split(".", 1)[0].split("/", 1)[0].strip()
    return None if not first or first in FRAMEWORKS else first


@lru_cache(maxsize=512)
def provider_of_model(model: str) -> str | None:
    """Who serves a model of this name: its lead (`azure/gpt-4o`), else its maker; None: unknown."""
    lead, slash, _ = model.lower().removeprefix("models/").partition("/")
    if slash:
        return normalise_provider(lead) if lead in MODEL_LEADS else None
    return next((provider for start, provider in MODEL_PROVIDERS if lead.startswith(start)), None)


@lru_cache(maxsize=512)
def without_lead(model: str) -> str:
    """The name of a model without the provider that a gateway has put before it."""
    lead, _, name = model.partition("/")
    return name if name and lead.lower() in MODEL_LEADS else model


@lru_cache(maxsize=512)
def normalise_operation(word: str) -> str:
    """The canonical name of an operation; a word not known here stays, in lower case."""
    lower = word.strip().lower()
    return OPERATIONS.get(lower, lower)
