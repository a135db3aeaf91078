"""What the observatory tells its subscribers, and of its export jobs and budgets.

A trace that a notice tells of is a call told elsewhere: its cost here is a value, no cost.
"""

from collections.abc import Iterable, Mapping

from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.metric_names import unit_of
from llm_analytics_hub.integrations.observatory.ids import IDS
from llm_analytics_hub.integrations.providers import provider
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    first,
    lowered,
    read,
)
from llm_analytics_hub.normalize.identity import derived_id

EVENT_TYPES = {
    "trace_created": "trace.created",
    "trace_updated": "trace.updated",
    "metric_threshold": "metric.threshold_exceeded",
    "cost_threshold": "cost.threshold_exceeded",
    "export_job_status": "export.status_changed",
    "system_alert": "system.alerted",
}
UNNAMED = "observatory.event"

COLUMNS: Columns = {
    **IDS,
    "occurred_at": "timestamp",
    "account_id": "org_id",
    "provider": provider("provider"),
    "model": "model",
    "environment": "environment",
    "user_id": "user_id",
    "severity": "severity",
    "status": lowered("status_code", "status"),
}
_TRACE: Columns = {"value": "cost_usd", "unit": constant("USD")}
_METRIC: Columns = {
    "value": "current_value",
    "unit": lambda reading: unit_of(reading.see("metric_name")),
}
_COSTS: Columns = {
    "stream": constant("cost"),
    "value": "current_value",
    "unit": constant("USD"),
}
_JOB: Columns = {"value": "progress_percent", "unit": constant("%")}
PARTICULARS: Mapping[str, Columns] = {
    "trace_created": _TRACE,
    "trace_updated": _TRACE,
    "metric_threshold": _METRIC,
    "cost_threshold": _COSTS,
    "export_job_status": _JOB,
}


def notice(message: Message) -> Iterable[Row]:
    """The event in a message: it happened at the inner time, and was sent at the outer one.

    Sent to several subscribers it is one event.
    """
    outer = Reading(message.document)
    kind, sent_at, data = outer.take("event_type"), outer.take("timestamp"), outer.take("data")
    reading = Reading(data if isinstance(data, dict) else {"data": data})
    row = read(reading, COLUMNS)
    row |= read(reading, PARTICULARS.get(str(kind), {}))
    row |= {"event_type": EVENT_TYPES.get(str(kind), UNNAMED), "original_type": kind}
    row.setdefault("occurred_at", sent_at)
    row["event_id"] = derived_id({**row, **reading.rest})
    outer.take("type")
    reading.open("metadata")
    return [with_rest(_unit_of_a_value(row), {**outer.rest, "sent_at": sent_at, **reading.rest})]


def _unit_of_a_value(row: Row) -> Row:
    return row if "value" in row else {name: row[name] for name in row if name != "unit"}


def job(message: Message) -> Iterable[Row]:
    """The state of an export job: one event for each."""
    reading = Reading(message.document)
    row = read(reading, JOB_COLUMNS)
    row["event_id"] = f"{reading.see('job_id')}:{row.get('status')}"
    reading.open("metadata")
    return [with_rest(_unit_of_a_value(row), reading.rest)]


JOB_COLUMNS: Columns = {
    "event_type": constant("export.status_changed"),
    "occurred_at": first("completed_at", "started_at", "created_at"),
    "account_id": "org_id",
    "status": "status",
    "value": "progress_percent",
    "unit": constant("%"),
}
BUDGET_COLUMNS: Columns = {
    "event_type": lambda reading: _level(reading.see("severity")),
    "stream": constant("cost"),
    "event_id": "id",
    "occurred_at": "triggered_at",
    "account_id": "org_id",
    "severity": "severity",
    "value": "percentage_used",
    "unit": constant("%"),
}


def _level(severity: object) -> str:
    level = str(severity).lower()
    return f"budget.threshold.{level if level in {'warning', 'critical'} else 'reached'}"


budget_alert = by_table(BUDGET_COLUMNS, names={"current_cost_usd": "current_cost"})
"""A threshold of a budget that was reached."""


TELEMETRY_TYPES = {"llm_request": "inference.completed", "token_usage": "usage.recorded"}
TELEMETRY_COLUMNS: Columns = {
    "event_type": lambda reading: TELEMETRY_TYPES.get(str(reading.see("event_type")), UNNAMED),
    "original_type": "event_type",
    "event_id": "event_id",
    "occurred_at": "timestamp",
    "provider": provider("provider"),
    "model": "model",
    "account_id": "organization_id",
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "total_tokens": "total_tokens",
    "latency_ms": "latency_ms",
    "ttft_ms": "time_to_first_token_ms",
}


telemetry = by_table(TELEMETRY_COLUMNS, opened=("metadata",))
"""An event of the topic `observatory.telemetry`, as CostOps expects it; nobody sends it yet."""


NOTICE = Shape("message of the WebSocket", has("type", "event_type", "data"), notice)
EXPORT_JOB = Shape("export job", has("job_id", "status"), job)
BUDGET_ALERT = Shape("budget alert", has("budget_id", "percentage_used"), budget_alert)
TELEMETRY = Shape(
    "telemetry event", has("event_id", "event_type", "provider", "organization_id"), telemetry
)
