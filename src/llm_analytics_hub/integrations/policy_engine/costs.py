"""Costs and budgets as the engine asks CostOps about them: in a currency, or in cents of a dollar.

An unlimited budget is Infinity in the engine, and null on the wire.
"""

import math
from collections.abc import Iterable
from decimal import Decimal

from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.policy_engine.columns import share, table
from llm_analytics_hub.integrations.policy_engine.spelling import both, one_of
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read
from llm_analytics_hub.normalize.number import read_number

UNLIMITED = "unlimited"
_STREAM = "cost"
_CENTS = Decimal(100)
_ENDLESS = (None, math.inf)
_OPEN_ENDED = ("limit", "remaining", "limit_cents", "remaining_cents")


def dollars(value: object) -> object:
    """Dollars of a number of cents; what is no number stays, to be refused where it must be one."""
    number = read_number(value)
    return value if number is None or not number.is_finite() else float(number / _CENTS)


def limits_told(document: Row) -> Row:
    """Budget members with endless limits said in a word, and cents in dollars."""
    return dict(_told(name, value) for name, value in document.items())


def _told(name: str, value: object) -> tuple[str, object]:
    told = UNLIMITED if name in _OPEN_ENDED and value in _ENDLESS else value
    is_cents = name.endswith("_cents")
    return (name.removesuffix("cents") + "usd", dollars(told)) if is_cents else (name, told)


def _amount(reading: Reading) -> object:
    """The cost; 0 is what the client answers when it does not know."""
    cents = reading.take("cost_cents", "total_cost_cents")
    value = reading.take("cost") if cents is None else dollars(cents)
    return None if read_number(value) == 0 else value


def _currency(reading: Reading) -> object:
    in_cents = any(reading.see(name) is not None for name in ("cost_cents", "total_cost_cents"))
    return reading.take("currency") or ("USD" if in_cents else None)


_TRACKED: Columns = {
    "event_type": constant("cost.recorded"),
    "stream": constant(_STREAM),
    "event_id": ("event_id", "id"),
    "occurred_at": "timestamp",
    "provider": "provider",
    "model": "model",
    "user_id": "user_id",
    "account_id": "organization_id",
    "correlation_id": "request_id",
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cost_currency": _currency,
    "cost_amount": _amount,
}
_SUMMARY: Columns = {
    "event_type": constant("cost.summarized"),
    "stream": constant(_STREAM),
    "user_id": "user_id",
    "unit": lambda reading: _currency(reading) or "USD",
    "value": lambda reading: reading.take("total") or dollars(reading.take("total_cost_cents")),
}
_CHECKED: Columns = {
    "event_type": constant("budget.checked"),
    "stream": constant(_STREAM),
    "event_id": ("event_id", "id"),
    "occurred_at": "timestamp",
    "user_id": "user_id",
}
_REQUESTED: Columns = {**_CHECKED, "event_type": constant("budget.check_requested")}


def tracked(message: Message) -> Iterable[Row]:
    """The cost of a call; what remains of its budget is an attribute."""
    reading = Reading(message.document)
    row = read(reading, _TRACKED)
    budget = reading.take("budget_status")
    reading.open("metadata")
    rest = limits_told(reading.rest)
    if isinstance(budget, dict):
        rest["budget_status"] = limits_told(budget)
    return [with_rest(row, rest)]


def checked(message: Message) -> Iterable[Row]:
    """What a budget answers: how much of it is used is the value."""
    reading = Reading(message.document)
    row = read(reading, _CHECKED)
    allowed = reading.see("allowed")
    status = {True: "ok", False: "denied"}.get(allowed) if isinstance(allowed, bool) else None
    return [with_rest({**row, **_used(reading), "status": status}, limits_told(reading.rest))]


def _used(reading: Reading) -> Row:
    percentage = reading.take("percentage")
    if percentage is not None:
        return {"value": percentage, "unit": "%"}
    used = share(reading.see("used_cents"), reading.see("limit_cents"))
    return {} if used is None else {"value": used, "unit": "ratio"}


def requested(message: Message) -> Iterable[Row]:
    """What the engine asks about a budget; an estimate is no cost."""
    reading = Reading(message.document)
    return [with_rest(read(reading, _REQUESTED), limits_told(reading.rest))]


TRACKED_COST = Shape(
    "tracked cost",
    lambda message: (
        has("cost", "currency")(message)
        or (
            has("provider", "model")(message)
            and one_of("cost_cents", "cost", "input_tokens")(message)
        )
        or has("cost_cents")(message)
    ),
    tracked,
)
BUDGET_REQUEST = Shape(
    "request to check a budget", one_of("estimated_cost", "estimated_cost_cents"), requested
)
BUDGET = Shape(
    "answer about a budget",
    lambda message: (
        both(has("allowed"), one_of("limit", "remaining", "percentage"))(message)
        or one_of("limit_cents", "remaining_cents", "used_cents")(message)
    ),
    checked,
)
SUMMARY = Shape(
    "summary of costs",
    lambda message: both(has("total", "currency"))(message) or has("total_cost_cents")(message),
    table(_SUMMARY),
)
