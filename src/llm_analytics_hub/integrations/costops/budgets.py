"""Budgets: alerts, signals of the enforcement agent, forecasts. Amounts are US dollars, implied.

How much of a budget is used is the value; nothing of it is a cost.
"""

import re
from collections.abc import Iterator

from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Document, Message
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    custom,
    percent,
    read,
    renamed,
)

EXCEEDED = "budget.threshold.exceeded"
WARNING = "budget.threshold.warning"
PROJECTED = "budget.threshold.projected"
UNUSUAL = "budget.spending.unusual"
EVALUATED = "budget.evaluated"
ALERTED = "budget.alerted"
FORECAST = "budget.forecast"

EVENT_TYPES = {
    **dict.fromkeys(("threshold_exceeded", "limit_exceeded", "at_limit", "over_limit"), EXCEEDED),
    "approaching_limit": WARNING,
    "projected_exceedance": PROJECTED,
    **dict.fromkeys(("unusual_spending", "unusual_pattern"), UNUSUAL),
    "none": EVALUATED,
}
"""By `alert_type` and `violation_type`, in snake_case."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")

USED: Columns = {
    "occurred_at": "timestamp",
    "severity": "severity",
    "account_id": ("organization_id", "tenant_id"),
    "value": "utilization_percent",
    "unit": constant("%"),
}
IN_DOLLARS: Columns = {
    "current_spend_usd": "current_spend",
    "budget_limit_usd": "budget_limit",
    "remaining_usd": "remaining_budget",
    "projected_spend_usd": "projected_spend",
    "daily_average_usd": "daily_average",
    "projected_daily_usd": "projected_daily",
}


def _snake(word: object) -> str:
    """A word in snake_case; nested alerts write it in PascalCase."""
    return _HUMP.sub("_", str(word).strip()).lower()


def _used(reading: Reading, columns: Columns) -> Row:
    row = read(reading, {**USED, **columns})
    if "value" not in row:
        row.pop("unit", None)
    currency = custom("currency")(Reading(reading.rest))
    if currency is None or str(currency).upper() == "USD":
        renamed(reading, IN_DOLLARS)
    renamed(reading, {"projected_utilization_ratio": percent("projected_utilization")})
    return row


def alert(document: Document) -> Row:
    """An alert about a budget; it has no id of its own."""
    reading = Reading(document)
    row = _used(reading, {"original_type": "alert_type"})
    kind = EVENT_TYPES.get(_snake(row.get("original_type")), ALERTED)
    return with_rest({"event_type": kind, **row}, reading.rest)


def signal(document: Document) -> Row:
    """A signal of the enforcement agent, or the smaller answer of its endpoint."""
    reading = Reading(document)
    row = _used(reading, {"event_id": "signal_id", "original_type": "signal_type"})
    kind = EVENT_TYPES.get(_snake(reading.see("violation_type")), EVALUATED)
    return with_rest({"event_type": kind, **row}, reading.rest)


def forecast(message: Message) -> Iterator[Row]:
    """The forecast of a budget, and the alerts it gives."""
    reading = Reading(message.document)
    alerts = reading.take("alerts")
    row = _used(reading, {"event_type": constant(FORECAST)})
    yield with_rest(row, reading.rest)
    for one in alerts if isinstance(alerts, list) else ():
        if isinstance(one, dict):
            yield alert(one)


BUDGET_SIGNAL = Shape(
    "budget signal",
    has("signal_type", "violation_type"),
    lambda message: [signal(message.document)],
)
BUDGET_ALERT = Shape(
    "budget alert",
    has("alert_type", "severity"),
    lambda message: [alert(message.document)],
)
BUDGET_FORECAST = Shape("budget forecast", has("current_spend", "budget_limit", "alerts"), forecast)
