"""What is known of assets, in memory: of each member the fact that occurred last."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from llm_analytics_hub.model.asset import (
    ASSET_MEMBERS,
    ASSET_SCHEMA,
    CURRENT,
    AssetFilter,
    VersionFilter,
)
from llm_analytics_hub.model.passing import Row

Known = Mapping[str, str]
"""The members of an asset that are known, and not empty."""


def asset_list(facts: Sequence[Row], wanted: AssetFilter) -> pa.Table:
    """See `AssetReader.assets`."""
    rows = [_shown(asset_id, told) for asset_id, told in sorted(_whole(facts, wanted.tenant))]
    found = [row for row in rows if _is_wanted(row, wanted)]
    return pa.Table.from_pylist(found[: wanted.limit], ASSET_SCHEMA)


def version_list(facts: Sequence[Row], wanted: VersionFilter) -> pa.Table:
    """See `AssetReader.asset_versions`."""
    mine = [f for f in _of(facts, wanted.tenant) if f["asset_id"] == wanted.asset_id]
    current = _newest([f for f in mine if not f["version"]], CURRENT)
    named: dict[str, list[Row]] = {}
    for fact in mine:
        named.setdefault(fact["version"] or current, []).append(fact)
    told = [name for name in named if any(fact["version"] for fact in named[name])]
    rows = [_version(name, named[name]) for name in told]
    found = [row for row in rows if wanted.before is None or _place(row) < wanted.before]
    found.sort(key=_place, reverse=True)
    return pa.Table.from_pylist(found[: wanted.limit], ASSET_SCHEMA)


def by_id(facts: Sequence[Row], tenant: str) -> Mapping[str, Known]:
    """What is known of each asset of `tenant` as a whole, its newest version as `version`."""
    return {asset_id: _known(told) for asset_id, told in _whole(facts, tenant)}


def _whole(facts: Sequence[Row], tenant: str) -> Iterable[tuple[str, Sequence[Row]]]:
    found: dict[str, list[Row]] = {}
    for fact in _of(facts, tenant):
        if not fact["version"]:
            found.setdefault(fact["asset_id"], []).append(fact)
    return found.items()


def _of(facts: Sequence[Row], tenant: str) -> list[Row]:
    return [fact for fact in facts if fact["tenant"] == tenant]


def _newest(facts: Sequence[Row], member: str) -> str:
    told = [(f["occurred_at"], f[member]) for f in facts if f[member] is not None]
    text: str = max(told)[1] if told else ""
    return text


def _known(facts: Sequence[Row]) -> Known:
    members = {name: _newest(facts, name) for name in ASSET_MEMBERS}
    members["version"] = _newest(facts, CURRENT)
    return {name: text for name, text in members.items() if text}


def _shown(asset_id: str, facts: Sequence[Row]) -> Row:
    known = {**_known(facts), **_seen(facts)}
    return {"tenant": facts[0]["tenant"], "asset_id": asset_id, **known}


def _version(name: str, facts: Sequence[Row]) -> Row:
    seen = _seen([fact for fact in facts if fact["version"]])
    whole = _shown(facts[0]["asset_id"], facts)
    return {**whole, "version": name, "first_seen": seen["first_seen"]}


def _place(row: Row) -> tuple[datetime, str]:
    return row["first_seen"], row["version"]


def _seen(facts: Sequence[Row]) -> Mapping[str, datetime]:
    moments = [fact["occurred_at"] for fact in facts]
    return {"first_seen": min(moments), "last_seen": max(moments)}


def _is_wanted(row: Row, wanted: AssetFilter) -> bool:
    names = ("asset_id", "asset_type", "status", "owner")
    equal = {name: getattr(wanted, name) for name in names if getattr(wanted, name) is not None}
    return (
        row["asset_id"] > wanted.after
        and all(row.get(name, "") == text for name, text in equal.items())
        and (wanted.tag is None or wanted.tag in json.loads(row.get("tags", "[]")))
        and row.get("name", "").startswith(wanted.name_prefix or "")
    )
