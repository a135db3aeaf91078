"""How budgets stand, by the latest that CostOps and the governance dashboard said of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_analytics_hub.model.query import All, Condition, EventFilter, Op, TimeRange
from llm_analytics_hub.query.events import MAX_EVENTS, EventLists

Json = dict[str, object]
Event = Mapping[str, Any]

STATES = {
    "budget.threshold.warning": "warning",
    "budget.threshold.exceeded": "exceeded",
    "budget.exceeded": "exceeded",
    "budget.threshold.projected": "projected_exceedance",
    "budget.spending.unusual": "unusual_spending",
}
"""What an event says of its budget; of any other the share that is used decides."""

ALERT_PERCENT = 80
"""The share of a budget from which on there is a warning, unless it says another; the documents'."""

LIMIT = ("budget_limit_usd", "amount", "budget_limit")
SPENT = ("current_spend_usd", "current_spend", "spent")
REMAINING = ("remaining_usd", "remaining", "remaining_budget")
"""Attributes, by who told; their amounts are US dollars unless a `currency` stands beside them."""


@dataclass(frozen=True)
class Budgets:
    """Reads the events of budgets. Safe for many threads."""

    lists: EventLists

    def page(self, tenant: str, period: TimeRange, organization_id: str | None = None) -> Json:
        """Budgets of which something was said in `period`, the latest said first.

        `is_complete` is false where there was more to read than 1,000 events.
        """
        parts = [Condition("event_type", Op.PREFIX, ("budget.",))]
        if organization_id:
            parts.append(Condition("account_id", Op.EQ, (organization_id,)))
        page = self.lists.page(EventFilter(tenant, All(tuple(parts)), period, MAX_EVENTS), None)
        latest: dict[tuple[object, ...], Json] = {}
        for event in page["events"]:
            latest.setdefault(_identity(event), budget(event))
        return {"budgets": list(latest.values()), "is_complete": page["next_cursor"] is None}


def budget(event: Event) -> Json:
    """What an event says of its budget; unknown is null, and never 0."""
    said = _attributes(event)
    ratio = event.get("value") if event.get("unit") == "ratio" else None
    return {
        "budget_id": said.get("budget_id", said.get("id")),
        "name": said.get("budget_name", said.get("name")),
        "organization_id": event.get("account_id"),
        "state": STATES.get(event["event_type"]) or _state(ratio, said),
        "severity": event.get("severity"),
        "utilization_ratio": ratio,
        "limit_amount": _first(said, LIMIT),
        "spent_amount": _first(said, SPENT),
        "remaining_amount": _first(said, REMAINING),
        "currency": said.get("currency", "USD"),
        "period": said.get("period"),
        "as_of": event["occurred_at"],
        "source": event["source"],
        "event_id": event["event_id"],
    }


def _state(ratio: float | None, said: Mapping[str, Any]) -> str:
    if ratio is None:
        return "unknown"
    percent = said.get("alert_threshold_percentage", ALERT_PERCENT)
    warned = isinstance(percent, int | float) and 100 * ratio >= percent
    return "exceeded" if ratio >= 1 else "warning" if warned else "within_limit"


def _identity(event: Event) -> tuple[object, ...]:
    """A budget's id; one without is the account's only budget of that source and limit."""
    said = _attributes(event)
    own = said.get("budget_id", said.get("id"))
    return (own,) if own else (event["source"], event.get("account_id"), _first(said, LIMIT))


def _attributes(event: Event) -> Mapping[str, Any]:
    said = event.get("attributes")
    return said if isinstance(said, dict) else {}


def _first(said: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((said[name] for name in names if said.get(name) is not None), None)
