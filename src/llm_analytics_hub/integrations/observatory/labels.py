"""Attributes of spans: names with dots, other ones for each SDK (WIRE_FORMATS §5a), to fields.

Read of members named `attributes` that are open already, so that the names are the document's own.
"""

from collections.abc import Mapping, Sequence

from llm_analytics_hub.ingest.dialects.shared import CONTENT, CONTENT_PREFIXES
from llm_analytics_hub.ingest.dialects.vocabulary import EVENT_TYPES, normalise_operation
from llm_analytics_hub.integrations.providers import named
from llm_analytics_hub.integrations.reading import Reading, Row
from llm_analytics_hub.model.event import INFERENCE

SPAN = "span.completed"
Labels = Mapping[str, Sequence[str]]

PARTIES: Labels = {
    "operation": ("gen_ai.operation.name", "llm.request.type"),
    "provider": ("llm.provider", "llm.system", "gen_ai.provider.name", "gen_ai.system"),
    "model": (
        "llm.response.model", "gen_ai.response.model", "llm.model", "llm.request.model",
        "gen_ai.request.model",
    ),
    "user_id": ("user.id", "llm.user.id", "enduser.id"),
    "session_id": ("session.id", "llm.session.id"),
    "account_id": ("account.id",),
    "environment": ("deployment.environment.name", "deployment.environment", "llm.environment"),
    "region": ("cloud.region", "aws.region"),
    "error_type": ("error.type", "exception.type"),
}  # fmt: skip
NUMBERS: Labels = {
    "input_tokens": (
        "llm.usage.prompt_tokens", "llm.prompt.tokens", "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
    ),
    "output_tokens": (
        "llm.usage.completion_tokens", "llm.response.tokens", "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
    ),
    "total_tokens": ("llm.usage.total_tokens", "gen_ai.usage.total_tokens"),
    "cost_usd": ("llm.cost.amount_usd", "llm.cost.total_usd", "llm.cost_usd"),
    "ttft_ms": ("llm.latency.ttft_ms", "llm.metrics.ttft_ms"),
}  # fmt: skip
"""Of calls only: on any other span they are sums over the calls below it."""
DURATION_MS = ("llm.latency.total_ms", "llm.duration_ms", "llm.latency_ms")


def labelled(reading: Reading, labels: Labels) -> Row:
    """The fields that some attribute fills, in the order of trust."""
    found = {field: labels_value(reading, names) for field, names in labels.items()}
    known = {field: value for field, value in found.items() if value is not None}
    if isinstance(spelling := known.get("provider"), str):
        known["provider"] = named(spelling)
    return known


def labels_value(reading: Reading, names: Sequence[str]) -> object:
    """The first of these attributes that is there, and none of them is left."""
    found = [reading.rest.pop(name, None) for name in names]
    return next((value for value in found if value is not None), None)


def event_type(operation: object, model: object) -> str:
    """What a span is: a model call where its operation is one, or where it only names a model."""
    if isinstance(operation, str):
        return EVENT_TYPES.get(normalise_operation(operation), SPAN)
    return SPAN if model is None else INFERENCE


def contents(reading: Reading) -> Row:
    """Prompts and completions among the attributes, by the name they have in a content."""
    names = [name for name in reading.rest if _is_content(name)]
    return {_PLACES.get(name, name): reading.rest.pop(name) for name in names}


_PLACES = {
    **{name: place for name, place in CONTENT.items() if name != "events"},
    "llm.input": "input",
    "llm.output": "output",
}
"""`events` are those of the span here, no attribute."""


def _is_content(name: str) -> bool:
    return name in _PLACES or name.startswith(tuple(CONTENT_PREFIXES))
