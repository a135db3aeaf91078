"""The audit trail: who did what, newest first; for the policy engine only what it told itself."""

from collections.abc import Mapping
from typing import Any

from llm_analytics_hub.feedback.violations import attributes_of, first_text, told_at
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op, TimeRange
from llm_analytics_hub.query.events import EventLists

Json = dict[str, object]

TRAIL = Condition("stream", Op.EQ, ("governance",))
OF_ENGINE = Condition("source", Op.EQ, ("policy-engine",))


class AuditTrail:
    """Reads the trail of the policy engine. Safe for many threads."""

    def __init__(self, lists: EventLists) -> None:
        self._lists = lists

    def page(self, tenant: str, span: TimeRange, limit: int, cursor: str | None) -> Json:
        """At most `limit` entries; `next_cursor` is null on the last page.

        Raises: InvalidQueryError for a cursor that is none.
        """
        wanted = EventFilter(tenant, All((TRAIL, OF_ENGINE)), span, limit)
        found = self._lists.page(wanted, cursor)
        told = [to_entry(event) for event in found["events"]]
        return {"entries": told, "next_cursor": found["next_cursor"]}


def to_entry(event: Mapping[str, Any]) -> Json:
    """An entry of the trail, of an event as the hub's API gives it; what is unknown is null."""
    return {
        "auditId": event["event_id"],
        "timestamp": told_at(event),
        "eventType": event["event_type"],
        "action": action_of(event),
        "userId": event.get("user_id"),
        "policyId": event.get("policy_id"),
        "resource": first_text(attributes_of(event), ("resource", "resource_id")),
        "result": event.get("status"),
        "details": dict(attributes_of(event)),
    }


def action_of(event: Mapping[str, Any]) -> str:
    """What was done, as it was said; else the type of the event."""
    action = event.get("operation") or event.get("original_type") or event["event_type"]
    return str(action)
