"""Violations one by one, newest first, with the members the documents give them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from llm_analytics_hub.integrations.writing import in_milliseconds
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op, TimeRange
from llm_analytics_hub.query.events import EventLists

Json = dict[str, object]

DETECTED = Condition("event_type", Op.EQ, ("violation.detected",))
OF_POLICY = Condition("stream", Op.EQ, ("policy",))

_IDS = ("violationId", "violation_id")
_DESCRIPTIONS = ("description", "violation_description", "message", "reason")


class Violations:
    """Reads violations. Safe for many threads."""

    def __init__(self, lists: EventLists) -> None:
        self._lists = lists

    def page(
        self, tenant: str, span: TimeRange, limit: int, cursor: str | None, *but: Condition
    ) -> Json:
        """At most `limit` violations that a report counts, less those that `but` keeps out.

        `next_cursor` is null on the last page. Raises: InvalidQueryError for a cursor that is none.
        """
        wanted = EventFilter(tenant, All((DETECTED, OF_POLICY, *but)), span, limit)
        found = self._lists.page(wanted, cursor)
        told = [to_violation(event) for event in found["events"]]
        return {"violations": told, "next_cursor": found["next_cursor"]}


def to_violation(event: Mapping[str, Any]) -> Json:
    """A violation in the words of the documents, of an event as the hub's API gives it.

    What is unknown is null; a severity that is unknown is `unknown`.
    """
    attributes = attributes_of(event)
    return {
        "violationId": first_text(attributes, _IDS) or event["event_id"],
        "timestamp": told_at(event),
        "policyId": event.get("policy_id"),
        "assetId": event.get("asset_id"),
        "severity": event.get("severity", "unknown"),
        "description": first_text(attributes, _DESCRIPTIONS),
        "decisionId": first_text(attributes, ("decision_id",)),
        "source": event["source"],
    }


def told_at(event: Mapping[str, Any]) -> str:
    """When an event occurred, in the documents' form."""
    return in_milliseconds(datetime.fromisoformat(event["occurred_at"]))


def attributes_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes of an event; empty where it has none."""
    attributes = event.get("attributes")
    return attributes if isinstance(attributes, dict) else {}


def first_text(attributes: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    """The first of these attributes that is a text and not empty."""
    found = (attributes.get(name) for name in names)
    return next((value for value in found if isinstance(value, str) and value), None)
