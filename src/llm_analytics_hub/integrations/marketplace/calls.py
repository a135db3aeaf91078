"""A call of a consumed service: the marketplace stands between consumer and model."""

from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Shape, with_rest
from llm_analytics_hub.integrations.marketplace.names import kind_of
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read, renamed
from llm_analytics_hub.model.event import INFERENCE
from llm_analytics_hub.normalize.number import read_number

_KIND = "consumption_request"

COLUMNS: Columns = {
    "event_type": constant(INFERENCE),
    "original_type": constant(_KIND),
    "event_id": "request_id",
    "occurred_at": "timestamp",
    "service": "service_id",
    "account_id": "consumer_id",
    "latency_ms": "latency_ms",
    "input_tokens": "usage.prompt_tokens",
    "output_tokens": "usage.completion_tokens",
    "total_tokens": "usage.total_tokens",
    "status": "status",
    "model": ("model", "metadata.model"),
    "provider": ("provider", "metadata.provider"),
    "user_id": ("user_id", "metadata.user_id"),
    "trace_id": ("trace_id", "metadata.trace_id"),
}


def call(message: Message) -> Iterable[Row]:
    """One model call."""
    reading = Reading(message.document)
    reading.take("event_type")
    row = read(reading, COLUMNS) | _cost(reading)
    renamed(reading, {"cost_breakdown": "cost.breakdown"})
    reading.open("metadata", "usage")
    return [with_rest(row, reading.rest)]


def _cost(reading: Reading) -> Row:
    """What the call cost, none where it is unknown.

    An amount of 0 beside an error is a price the marketplace does not know; without one it is a call
    that a subscription paid.
    """
    amount, currency = reading.take("cost.amount"), reading.take("cost.currency")
    if amount is None or (reading.see("cost.breakdown.error") and not read_number(amount)):
        return {}
    return {"cost_amount": amount, "cost_currency": currency}


CALL = Shape(
    "consumption request",
    lambda message: kind_of(message) == _KIND and "data" not in message.document,
    call,
)
