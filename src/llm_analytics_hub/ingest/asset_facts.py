"""What events of the registry tell of assets: canonical events to facts, pure."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.ingest.asset_members import ISO, told_of
from llm_analytics_hub.model.asset import ASSET_FACT_SCHEMA, ASSET_MEMBERS, CURRENT

DESCRIBED = "asset.described"
REGISTERED = "asset.registered"
RETIRED = "version.retired"

TELLING = (DESCRIBED, REGISTERED, "asset.updated", "asset.deprecated", "asset.status_changed",
           "asset.deleted", "version.published", "version.promoted", RETIRED)  # fmt: skip
"""Event types that tell of an asset; all of them name its newest version, but one that retires it."""

_STATUSES = {
    REGISTERED: "active",  # the registry's own default
    "asset.deprecated": "deprecated",
    "asset.deleted": "deleted",
    RETIRED: "retired",
}
_NEEDED = ("tenant", "asset_id", "asset_version", "event_type", "occurred_at", "user_id",
           "attributes")  # fmt: skip
_EMPTY_WHERE_ABSENT = frozenset(ASSET_MEMBERS) - {"category", "name", "owner"}
"""What a whole description leaves out, an asset does not have. The registry knows no owner and no
category: those come from others, or from the author, who need not be there."""

Event = Mapping[str, Any]
Members = dict[str, str]


def asset_facts(events: pa.RecordBatch) -> pa.RecordBatch | None:
    """Facts (ASSET_FACT_SCHEMA) in a batch of canonical events; None where it tells nothing."""
    is_ours = pc.equal(events["source"], "registry")
    if not pc.any(is_ours).as_py():
        return None
    is_telling = pc.is_in(events["event_type"], pa.array(TELLING))
    is_named = pc.and_(is_telling, pc.is_valid(events["asset_id"]))
    chosen = events.filter(pc.and_(is_named, is_ours))
    rows = [row for event in chosen.select(_NEEDED).to_pylist() for row in _facts(event)]
    return pa.RecordBatch.from_pylist(rows, ASSET_FACT_SCHEMA) if rows else None


def _facts(event: Event) -> Iterator[Mapping[str, Any]]:
    """Of the version the event names, and of the asset as a whole."""
    members = _members(event)
    version = event["asset_version"]
    known = {name: event[name] for name in ("tenant", "asset_id", "occurred_at")}
    if version:
        yield {**known, **members, "version": version}
    if event["event_type"] != RETIRED:
        yield {**known, **members, "version": "", CURRENT: version}


def _members(event: Event) -> Members:
    attributes = _decoded(event["attributes"])
    told = told_of(attributes)
    kind, moment = event["event_type"], _iso(event["occurred_at"])
    if kind in _STATUSES:
        told.setdefault("status", _STATUSES[kind])
    if kind == DESCRIBED and event["user_id"]:
        told.setdefault("owner", event["user_id"])  # who wrote it: the nearest thing there is
    is_whole = kind == DESCRIBED and {"status", "created_at"} <= told.keys()
    if kind in {DESCRIBED, REGISTERED}:
        told.setdefault("created_at", moment)
    absent = dict.fromkeys(_EMPTY_WHERE_ABSENT, "") if is_whole else _deprecated(told, moment)
    return {**absent, **told, "updated_at": moment}


def _deprecated(told: Members, moment: str) -> Members:
    """Since when an asset is deprecated, by its new status; nothing where that says nothing."""
    since = {"deprecated": moment, "active": ""}.get(told.get("status", ""))
    return {} if since is None else {"deprecated_at": since}


def _decoded(attributes: str | None) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(attributes or "{}")
    except msgspec.DecodeError:
        found = json.loads(attributes or "{}")  # numbers that no double holds become infinity
    return found if isinstance(found, dict) else {}


def _iso(moment: datetime) -> str:
    return moment.strftime(ISO)
