"""Costs: entries, and what was estimated, foreseen or summed up. All of it is in US dollars.

Only an entry is a cost; the others would be counted a second time and are values.
"""

from collections.abc import Iterable

from llm_analytics_hub.integrations.governance_dashboard.periods import end_of_period
from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read

RECORDED = "cost.recorded"
ESTIMATED = "cost.estimated"
FORECAST = "cost.forecast"
SUMMARIZED = "cost.summarized"

ENTRY: Columns = {
    "event_type": constant(RECORDED),
    "stream": constant("cost"),
    "event_id": "id",
    "occurred_at": ("created_at", "timestamp"),
    "user_id": "user_id",
    "account_id": "organization_id",
    "provider": "provider",
    "model": "model",
    "total_tokens": "tokens_used",
    "cost_usd": "cost_usd",
}
"""Only a total of tokens is known, and the cost is a decimal as text."""

ESTIMATE: Columns = {
    "event_type": constant(ESTIMATED),
    "stream": constant("cost"),
    "provider": "provider",
    "model": "model",
    "value": "total_cost",
    "unit": constant("USD"),
}
FORECAST_COLUMNS: Columns = {
    "event_type": constant(FORECAST),
    "stream": constant("cost"),
    "value": "forecasted_spend",
    "unit": constant("USD"),
    "score": "confidence",
}


def _currency(reading: Reading) -> object:
    return reading.take("currency") or "USD"


SUMMARY: Columns = {
    "event_type": constant(SUMMARIZED),
    "stream": constant("cost"),
    "user_id": "user_id",
    "value": "total_cost",
    "unit": _currency,
}


def summary(message: Message) -> Iterable[Row]:
    """Costs of a period, at its end."""
    reading = Reading(message.document)
    row = read(reading, SUMMARY) | end_of_period(message, "period.end")
    return [with_rest(row, reading.rest)]


def _is_summary(message: Message) -> bool:
    names = message.document.keys()
    return "period" in names and bool(names & {"breakdown", "entries", "daily_costs"})


COST_ENTRY = Shape("cost entry", has("tokens_used", "cost_usd"), by_table(ENTRY))
COST_ESTIMATE = Shape(
    "calculated cost", has("input_cost", "output_cost", "total_cost"), by_table(ESTIMATE)
)
COST_FORECAST = Shape("forecast", has("forecasted_spend"), by_table(FORECAST_COLUMNS))
COST_SUMMARY = Shape("costs of a period", _is_summary, summary)
