"""Stored events that a match rule matches, as the live path would have seen them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.alert import Finding
from llm_analytics_hub.model.alerts.rule import MatchCondition, Rule
from llm_analytics_hub.model.passing import text_of
from llm_analytics_hub.model.query import EventFilter, TimeRange
from llm_analytics_hub.query.events import MAX_EVENTS, EventLists

MOST_EVENTS = 50_000


class StoredEvents:
    """Reads what match rules match, the oldest first. Safe for many threads."""

    def __init__(self, lists: EventLists) -> None:
        self._lists = lists

    def __call__(self, rule: Rule, span: TimeRange) -> Iterator[tuple[datetime, Finding]]:
        """When each event occurred, and what it says of its group.

        Raises: InvalidInputError, code `too_many_events`, where there are over `MOST_EVENTS`.
        """
        condition = rule.condition
        assert isinstance(condition, MatchCondition)  # noqa: S101 - asked for match rules only
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            wanted = EventFilter(rule.tenant, condition.filter, span, MAX_EVENTS)
            page = self._lists.page(wanted, cursor)
            found += page["events"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
            if len(found) >= MOST_EVENTS:
                text = f"more than {MOST_EVENTS:,} events match: take a shorter time range"
                raise InvalidInputError(text, code="too_many_events")
        yield from ((_moment(event), _finding(condition, event)) for event in reversed(found))


def _moment(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])


def _finding(condition: MatchCondition, event: dict[str, Any]) -> Finding:
    whole = {"attributes": None, "asset": {}, **dict.fromkeys(condition.by), **event}
    labels = tuple((name, text_of(name, whole)) for name in sorted(condition.by))
    return Finding(labels, condition.level, None, (("event_id", event["event_id"]),))
