"""Evaluations as the REST API and gRPC answer them, as they are kept, counted, and told Observatory."""

from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Match, Shape, by_table, has
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.policy_engine.columns import (
    content,
    policy,
    share,
    table,
)
from llm_analytics_hub.integrations.policy_engine.judgement import EVALUATED, judged, status_of
from llm_analytics_hub.integrations.policy_engine.spelling import both, inside, one_of
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    duration,
    first_of,
)

COMPLIANCE = "compliance.reported"

_reply = table(
    {
        "content": content,
        "event_id": "request_id",
        "occurred_at": "timestamp",
        "correlation_id": "correlation_id",
        "policy_id": policy(first_of("decision.matched_policies")),
        "latency_ms": duration("decision.evaluation_time_ms", "ms"),
    },
    opened=("decision", "metadata"),
)
_kept = table(
    {
        "content": content,
        "event_id": "id",
        "occurred_at": "created_at",
        "correlation_id": "request_id",
        "policy_id": policy(first_of("matched_policies")),
        "latency_ms": duration("evaluation_time_ms", "ms"),
        "provider": "context.llm.provider",
        "model": "context.llm.model",
        "user_id": "context.user.id",
        "environment": "context.project.environment",
    },
    opened=("metadata",),
)


def _status(reading: Reading) -> object:
    return status_of(reading.see("decision"), None)


_TELEMETRY: Columns = {
    "event_type": constant(EVALUATED),
    "stream": constant("observatory"),
    "event_id": ("event_id", "decision_id"),
    "occurred_at": "timestamp",
    "trace_id": "trace_id",
    "span_id": "span_id",
    "policy_id": policy("policy_id"),
    "status": _status,
    "latency_ms": ("duration_ms", "latency_ms"),
    "environment": "context.environment",
    "user_id": ("user_id", "context.user_id"),
    "provider": "provider",
    "model": "model",
}
"""In the stream of metrics: its id is that of the decision event about the same evaluation."""


def answered(message: Message) -> Iterable[Row]:
    """The evaluation in a reply, and its violation."""
    return [event for row in _reply(message) for event in judged(row)]


def kept(message: Message) -> Iterable[Row]:
    """The evaluation of a row of history, and its violation."""
    return [event for row in _kept(message) for event in judged(row)]


def _compliance(reading: Reading) -> object:
    return share(reading.see("stats.allowed"), reading.see("stats.total"))


_STATISTICS: Columns = {
    "event_type": constant(COMPLIANCE),
    "correlation_id": "correlation_id",
    "value": _compliance,
    "unit": constant("ratio"),
}


_PERIOD: Columns = {"period_ms": duration("period.days", "d"), "period_start": "period.start_date"}


counted = by_table(_STATISTICS, names=_PERIOD, opened=("stats", "period"))
"""One event of the statistics of a period up to now."""


def _member(name: str, kind: type) -> Match:
    return lambda message: isinstance(message.document.get(name), kind)


TELEMETRY = Shape(
    "evaluation telemetry",
    both(has("policy_id"), _member("decision", str), one_of("event_id", "decision_id")),
    table(_TELEMETRY, opened=("context", "labels", "metadata")),
)
REPLY = Shape("evaluate reply", both(has("request_id"), _member("decision", dict)), answered)
HISTORY_ROW = Shape(
    "evaluation of the history",
    both(has("request_id", "allowed"), _member("decision", str)),
    kept,
)
HISTORY_REPLY = inside("evaluation of the history, asked for alone", "evaluation", HISTORY_ROW)
STATISTICS = Shape("statistics of evaluations", _member("stats", dict), counted)
