"""Lists of events and the tree of a trace, as canonical JSON."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from llm_analytics_hub.errors import InvalidQueryError, NotFoundError
from llm_analytics_hub.model.query import All, Arrivals, Condition, EventFilter, Op, Place
from llm_analytics_hub.query.answered import json_value
from llm_analytics_hub.query.ranges import to_moment
from llm_analytics_hub.storage.interface import EventReader

MAX_EVENTS = 1_000
MAX_SPANS = 10_000
MAX_DEPTH = 100
_HIDDEN = frozenset({"event_key", "key_until", "expires_on", "tenant"})


class EventLists:
    """Reads events one by one. Safe for many threads."""

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader

    def page(self, wanted: EventFilter, cursor: str | None) -> dict[str, Any]:
        """Events newest first and the cursor of the next page, null on the last.

        Raises: InvalidQueryError for a cursor that is none.
        """
        before = _from_cursor(cursor) if cursor else None
        found = self._reader.events(replace(wanted, before=before, limit=wanted.limit + 1))
        shown = found.slice(0, wanted.limit)
        more = found.num_rows > wanted.limit
        return {"events": to_api(shown), "next_cursor": _to_cursor(shown) if more else None}

    def arrivals(self, wanted: Arrivals) -> list[tuple[Place, dict[str, Any]]]:
        """Events as they arrived, each with its place: from there `Arrivals` goes on."""
        found = self._reader.arrivals(wanted)
        received, keys = found["received_at"].to_pylist(), found["event_key"].to_pylist()
        places = zip(received, keys, strict=True)
        # By place: while it is revised, an event may be seen twice.
        return list(dict(zip(places, to_api(found), strict=True)).items())

    def trace(self, tenant: str, trace_id: str) -> dict[str, Any]:
        """The spans of a trace as a forest, earliest first, and what they sum to.

        A span whose parent is not here is a root, and so is one that lies over MAX_DEPTH deep.
        Raises: NotFoundError.
        """
        where = All((Condition("trace_id", Op.EQ, (trace_id,)),))
        found = self._reader.events(EventFilter(tenant, where, limit=MAX_SPANS))
        if not found.num_rows:
            raise NotFoundError(f"no trace {trace_id[:64]!r}")
        events = to_api(found.sort_by("occurred_at"))
        return {"trace_id": trace_id, "spans": len(events), "roots": _forest(events)}


def to_api(events: pa.Table) -> list[dict[str, Any]]:
    """Events as JSON objects: unknown members left out, times with microseconds, exact money."""
    known = [name for name in events.column_names if _is_shown(events, name)]
    return [_event(row) for row in events.select(known).to_pylist()]


def _is_shown(events: pa.Table, name: str) -> bool:
    return name not in _HIDDEN and events[name].null_count < events.num_rows


def _event(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _json(name, value) for name, value in row.items() if value is not None}


def _json(name: str, value: object) -> object:
    if name == "attributes" and isinstance(value, str):
        return _attributes(value)
    return json_value(value)


def _attributes(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)  # JSON knows numbers that no double holds: they become infinity


def _forest(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_span = {event["span_id"]: event for event in events if "span_id" in event}
    parents = [by_span.get(event.get("parent_span_id")) for event in events]
    roots = []
    for event, parent in zip(events, parents, strict=True):
        if parent is None or _is_deep(event, by_span):
            roots.append(event)
        else:
            parent.setdefault("children", []).append(event)
    return roots


def _is_deep(event: Mapping[str, Any], by_span: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether it has more ancestors than an answer can be nested: a loop has no end of them."""
    ancestor = event
    for _ in range(MAX_DEPTH):
        parent = by_span.get(ancestor.get("parent_span_id", ""))
        if parent is None:
            return False
        ancestor = parent
    return True


def _to_cursor(shown: pa.Table) -> str:
    last = (
        shown.slice(shown.num_rows - 1)
        .select(["occurred_at", "event_key", "event_id"])
        .to_pylist()[0]
    )
    text = f"{last['occurred_at'].isoformat()}|{last['event_key']}|{last['event_id']}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _from_cursor(cursor: str) -> tuple[datetime, str, int]:
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
        moment, key, event_id = text.split("|", 2)
        return to_moment(moment), event_id, _key(key)
    except (ValueError, InvalidQueryError) as error:  # binascii.Error is a ValueError
        raise InvalidQueryError("the cursor is none of this list", code="invalid_cursor") from error


def _key(text: str) -> int:
    key = int(text)
    if not 0 <= key < 2**64:
        raise ValueError("no event key")
    return key
