"""Revisions of stored events, in memory."""

import json
from collections.abc import Iterable
from typing import Any

from llm_analytics_hub.model.event import REVISED_FIELDS

_CHANGED = ("event_type", *REVISED_FIELDS, "cost_usd", "price_id")


def revise(events: Iterable[dict[str, Any]], revisions: Iterable[dict[str, Any]]) -> None:
    """Change the events that `revisions` are about, in place and in order."""
    by_key = {(event["tenant"], event["event_key"]): event for event in events}
    for revision in revisions:
        event = by_key.get((revision["tenant"], revision["event_key"]))
        if event is not None and event.get("revision", 0) == revision["revision"]:
            event.update({name: revision[name] for name in _CHANGED})
            event["attributes"] = _merged(event["attributes"], revision["notes"])
            event["revision"] = revision["revision"] + 1


def _merged(attributes: str | None, notes: str | None) -> str | None:
    more = json.loads(notes or "{}")
    return json.dumps(json.loads(attributes or "{}") | more) if more else attributes
