"""What agents of CostOps post to the ruvector service: decisions, and telemetry of their runs.

The policy engine has a DecisionEvent of another shape on a path that looks alike (WIRE_FORMATS §11.6).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from llm_analytics_hub.integrations.costops.budgets import BUDGET_SIGNAL, signal
from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.message import Document, Message
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    read,
    renamed,
)
from llm_analytics_hub.normalize.number import read_number

DECISION: Columns = {
    "event_type": constant("decision.recorded"),
    "event_id": "event_id",
    "original_type": "decision_type",
    "occurred_at": "timestamp",
    "score": "confidence",
    "account_id": "execution_ref.tenant_id",
    "correlation_id": ("execution_ref.correlation_id", "execution_ref.execution_id"),
}


def version(reading: Reading) -> object:
    """`1.0.0` of an object with its parts."""
    said = reading.take("agent_version")
    if not isinstance(said, dict):
        return said
    return ".".join(str(said.get(part, 0)) for part in ("major", "minor", "patch"))


def decided(message: Message) -> Iterator[Row]:
    """The decision; and the budget signal that it gave, which is an event by itself."""
    reading = Reading(message.document)
    renamed(reading, {"agent_version": version, "constraints_applied": _constraints})
    reading.rest["execution_id"] = reading.see("execution_ref.execution_id")
    row = read(reading, DECISION)
    found = _signal(reading, message)
    reading.open("execution_ref", "metadata")
    yield with_rest(row, reading.rest)
    if found is not None:
        whose: Row = {name: row[name] for name in ("account_id", "correlation_id") if name in row}
        yield {**whose, **found}


def _signal(reading: Reading, message: Message) -> Row | None:
    """The signal among the outputs; of these the decision keeps its id."""
    outputs = reading.see("outputs")
    if not isinstance(outputs, dict):
        return None
    if not BUDGET_SIGNAL.matches(replace(message, document=outputs)):
        return None
    reading.take("outputs")
    reading.rest["signal_id"] = outputs.get("signal_id")
    return signal(outputs)


def _constraints(reading: Reading) -> object:
    """The constraints, their values as numbers: they are texts on the wire."""
    constraints = reading.take("constraints_applied")
    if not isinstance(constraints, list):
        return constraints
    return [_in_numbers(one) if isinstance(one, dict) else one for one in constraints]


def _in_numbers(constraint: Document) -> Row:
    read_values = {name: read_number(constraint.get(name)) for name in _VALUES}
    numbers = {
        name: float(value)
        for name, value in read_values.items()
        if value is not None and value.is_finite()
    }
    return {**constraint, **numbers}


_VALUES = ("current_value", "threshold_value")

EVENT_TYPES = {
    "invocation_start": "agent.started",
    "invocation_complete": "agent.completed",
    "invocation_failed": "agent.failed",
    "constraint_evaluated": "constraint.evaluated",
    "signal_emitted": "signal.emitted",
}
STATUSES = {True: "ok", False: "error"}
RUN: Columns = {
    "event_id": "event_id",
    "original_type": "event_type",
    "occurred_at": "timestamp",
    "latency_ms": "duration_ms",
    "status": lambda reading: _status(reading.see("success")),
    "score": "confidence",
    "severity": ("severity", "attributes.severity"),
    "unit": lambda reading: "%" if reading.see("attributes.utilization_percent") else None,
    "value": "attributes.utilization_percent",
}


def _status(success: object) -> str | None:
    return STATUSES.get(success) if isinstance(success, bool) else None


def ran(message: Message) -> Iterable[Row]:
    """Telemetry of an agent's run; a duration of 0 is less than a millisecond."""
    reading = Reading(message.document)
    kind = EVENT_TYPES.get(str(reading.see("event_type")).lower(), "agent.observed")
    row = {"event_type": kind, **read(reading, RUN)}
    reading.open("attributes")
    return [with_rest(row, reading.rest)]


FORECAST: Columns = {
    "event_type": constant("cost.forecast"),
    "event_id": "forecast_id",
    "occurred_at": "timestamp",
    "score": "confidence",
}


forecast = by_table(FORECAST, names={"forecast_model": "model"})
"""A forecast of costs; its model is one of statistics."""


DECIDED = Shape("decision event", has("event_id", "decision_type", "execution_ref"), decided)
RAN = Shape("telemetry of an agent", has("event_id", "agent_id", "event_type"), ran)
COST_FORECAST = Shape("forecast of costs", has("forecast_id", "forecasts"), forecast)
