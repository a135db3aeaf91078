"""Costs: records of them, sums over a period, and the prices they are reckoned with.

Only a record is a cost; a sum or forecast would be counted a second time and is a value.
"""

from collections.abc import Iterable

from llm_analytics_hub.integrations.costops.parties import PARTIES
from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    custom,
    first,
    read,
    renamed,
)

RECORDED = "cost.recorded"
SUMMARIZED = "cost.summarized"

RECORD: Columns = {
    **PARTIES,
    "event_type": constant(RECORDED),
    "event_id": "id",
    "occurred_at": first("timestamp", "calculated_at"),
    "correlation_id": lambda reading: reading.see("usage_id"),
    "cost_amount": "total_cost",
    "cost_currency": "currency",
}
"""Its time is when the cost was calculated. `input_cost` and `output_cost` are in its currency."""


def point(message: Message) -> Iterable[Row]:
    """A cost of a time series: a cost where it is of one moment, a value where it is of a window."""
    reading = Reading(message.document)
    if reading.see("window_seconds") is not None:
        row = read(reading, {**PARTIES, **WINDOW})
    else:
        row = read(reading, {**PARTIES, **MOMENT})
    return [with_rest(row, reading.rest)]


MOMENT: Columns = {
    "event_type": constant(RECORDED),
    "occurred_at": "timestamp",
    "cost_amount": "cost",
    "cost_currency": "currency",
}
WINDOW: Columns = {
    "event_type": constant(SUMMARIZED),
    "occurred_at": "timestamp",
    "value": "cost",
    "unit": custom("currency"),
}
SUMMARY: Columns = {
    "event_type": constant(SUMMARIZED),
    "value": "total_cost",
    "unit": custom("currency"),
}
PRICE: Columns = {
    **PARTIES,
    "event_type": constant("price.described"),
    "occurred_at": first("updated_at", "created_at", "effective_date"),
}


def price(message: Message) -> Iterable[Row]:
    """One event for each state of a price; it is of 1,000 tokens here, of a million elsewhere."""
    reading = Reading(message.document)
    row = read(reading, PRICE)
    row["event_id"] = f"{reading.see('id')}@{row.get('occurred_at')}"
    renamed(reading, {"price_id": "id", "currency": custom("currency")})
    return [with_rest(row, reading.rest)]


COST_RECORD = Shape("cost record", has("usage_id", "total_cost"), by_table(RECORD))
COST_POINT = Shape("cost of a time series", has("timestamp", "cost", "currency"), point)
COST_SUMMARY = Shape("summary of costs", has("total_cost", "period_start"), by_table(SUMMARY))
PRICING = Shape("price", has("input_price_per_1k", "output_price_per_1k"), price)
