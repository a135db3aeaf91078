"""What an agent's endpoint answers: its decision, and the spans of the work on it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.policy_engine.decisions import APPROVAL, DECISION
from llm_analytics_hub.integrations.policy_engine.spelling import respelled, word
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read
from llm_analytics_hub.normalize.timestamps import parse_timestamp

_HAPPENED = {
    "running": ("execution.started", None),
    "completed": ("execution.completed", "ok"),
    "failed": ("execution.failed", "error"),
}
_OBSERVED = ("execution.observed", None)


def _latency_ms(reading: Reading) -> object:
    with suppress(InvalidInputError):  # no end yet; a start that is no time refuses the span alone
        end, start = (parse_timestamp(reading.see(f"{name}_time")) for name in ("end", "start"))
        return (end - start) / 1000
    return None


_SPAN: Columns = {
    "stream": constant("observatory"),
    "original_type": "type",
    "latency_ms": _latency_ms,
    "occurred_at": "start_time",
    "span_id": "span_id",
    "parent_span_id": "parent_span_id",
    "service": "repo_name",
}


def spans(execution: object) -> Iterator[Row]:
    """One event a span, in the stream of metrics: the status of a span is no decision."""
    listed = execution if isinstance(execution, dict) else {}
    agents = listed.get("agent_spans")
    found = [listed.get("repo_span"), *(agents if isinstance(agents, list) else [])]
    return (_span(span) for span in found if isinstance(span, dict))


def _span(span: Row) -> Row:
    reading = Reading(respelled(span))
    row, state = read(reading, _SPAN), reading.see("status")
    event_type, status = _HAPPENED.get(word(state), _OBSERVED)
    span_id = row.get("span_id")
    row["event_id"] = f"{span_id}:{state}" if span_id else None
    return with_rest({**row, "event_type": event_type, "status": status}, reading.rest)


def _inner(message: Message) -> tuple[Shape, Message] | None:
    data = message.document.get("data")
    if not isinstance(data, dict):
        return None
    inner = replace(message, document=data)
    found = (shape for shape in (APPROVAL, DECISION) if shape.matches(inner))
    return next(((shape, inner) for shape in found), None)


def replied(message: Message) -> Iterable[Row]:
    """The events of the decision, then those of the spans."""
    found = _inner(message)
    decision = [] if found is None else list(found[0].events(found[1]))
    return [*decision, *spans(message.document.get("execution"))]


AGENT_REPLY = Shape(
    "reply of an agent",
    lambda message: has("success", "data")(message) and _inner(message) is not None,
    replied,
)
