"""The words all dialects share: operations, what event they make, and providers."""

from functools import lru_cache

# Source: OpenTelemetry semantic conventions for generative AI, `gen_ai.operation.name`, and the
# spellings found in recorded exports.
OPERATIONS = {
    "completion": "text_completion",
    "embedding": "embeddings",
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
def normalise_operation(word: str) -> str:
    """The canonical name of an operation; a word not known here stays, in lower case."""
    lower = word.strip().lower()
    return OPERATIONS.get(lower, lower)
