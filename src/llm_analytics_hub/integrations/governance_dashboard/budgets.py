"""Budgets and quotas as they stand: one event for each state, its value the share that is used.

Nothing of it is a cost: what was spent is told by the calls, and would be counted twice.
"""

from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Shape, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read
from llm_analytics_hub.normalize.number import read_number

BUDGET_DESCRIBED = "budget.described"
QUOTA_DESCRIBED = "quota.described"

COLUMNS: Columns = {
    "stream": constant("cost"),
    "occurred_at": ("updated_at", "created_at"),
    "account_id": "organization_id",
    "user_id": "user_id",
}
SPENT = {"current_spend": "amount", "current_value": "limit_value"}
"""What is used, and of what."""


def standing(message: Message, event_type: str) -> Iterable[Row]:
    """The state of a budget or quota; asking again before it changes brings nothing new."""
    reading = Reading(message.document)
    reading.open("budget")
    state = {"event_id": f"{reading.see('id')}@{_state(reading)}"} if reading.see("id") else {}
    row = read(reading, COLUMNS)
    return [with_rest({"event_type": event_type, **state, **row, **_share(reading)}, reading.rest)]


def _state(reading: Reading) -> str:
    """When it last changed, and what was spent: spending does not always touch the row's time."""
    parts = [reading.see(name) for name in ("updated_at", *SPENT)]
    return ":".join(str(part) for part in parts if part is not None)


def _share(reading: Reading) -> Row:
    for used, limit in SPENT.items():
        part, whole = read_number(reading.see(used)), read_number(reading.see(limit))
        if part is not None and whole and whole.is_finite() and part.is_finite():
            return {"value": float(part / whole), "unit": "ratio"}
    return {}


def _is_budget(message: Message) -> bool:
    """A budget, in a page or with what is used of it: `{budget, utilization_percent}`."""
    inside = message.document.get("budget", message.document)
    return isinstance(inside, dict) and inside.keys() >= {"amount", "current_spend", "period"}


def _is_quota(message: Message) -> bool:
    return message.document.keys() >= {"quota_type", "limit_value"}


BUDGET = Shape("budget", _is_budget, lambda message: standing(message, BUDGET_DESCRIBED))
QUOTA = Shape("quota", _is_quota, lambda message: standing(message, QUOTA_DESCRIBED))
