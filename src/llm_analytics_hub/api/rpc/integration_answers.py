"""What the hub knows as messages of `analytics.integration.v1`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from llm_analytics_hub.api.rpc.schema import messages_of
from llm_analytics_hub.feedback.violations import attributes_of, to_violation

Message = Any
Json = Mapping[str, Any]

NAMED = messages_of("analytics.integration.v1")
_Asset, _AssetEvent, _Violation = NAMED("Asset"), NAMED("AssetEvent"), NAMED("Violation")
_Metric = NAMED("Metric")
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_HEAD = ("asset_id", "asset_name", "version")
_VIOLATION = {
    "violationId": "violation_id", "policyId": "policy_id", "assetId": "asset_id",
    "severity": "severity", "description": "description", "decisionId": "decision_id",
    "source": "source",
}  # fmt: skip


def to_asset(asset: Json) -> Message:
    """An Asset, of one as the REST API shows it."""
    head = {name: asset[name] for name in _HEAD if name in asset}
    return _Asset(**head, metadata=_texts(asset, _HEAD))


def to_asset_event(event: Json, cursor: str) -> Message:
    """An AssetEvent, of an event as the REST API shows it; its attributes are the metadata."""
    attributes = attributes_of(event)
    asset = _Asset(
        asset_id=event.get("asset_id", ""),
        asset_name=str(attributes.get("asset_name", "")),
        version=event.get("asset_version", ""),
        metadata=_texts(attributes, ("asset_name",)),
    )
    return _AssetEvent(
        event_id=event["event_id"],
        event_type=event["event_type"],
        asset=asset,
        timestamp=to_milliseconds(event["occurred_at"]),
        cursor=cursor,
    )


def to_violation_message(event: Json, cursor: str) -> Message:
    """A Violation, of an event as the REST API shows it; what is unknown is empty."""
    told = to_violation(event)
    members = {ours: str(told[theirs] or "") for theirs, ours in _VIOLATION.items()}
    return _Violation(**members, timestamp=to_milliseconds(event["occurred_at"]), cursor=cursor)


def to_points(told: Json) -> Iterator[Message]:
    """Metrics, of the numbers of one as they came; a number that is unknown is left out."""
    for one in told["points"]:
        if one.get("value") is not None:
            yield _Metric(
                name=told["metric"],
                value=one["value"],
                unit=one.get("unit", ""),
                timestamp=to_milliseconds(one["time"]),
                labels=_texts({**_picked(one, ("service", "environment")), **one["labels"]}),
            )


def to_measures(told: Json, names: Iterable[str], by: Iterable[str]) -> Iterator[Message]:
    """Metrics, of rows of measures: one for each measure that is known."""
    units, by = told.get("units", {}), tuple(by)
    for row in told["rows"]:
        labels = _texts(_picked(row, by))
        moment = to_milliseconds(row.get("time") or told["from"])
        for name in names:
            if row[name] is not None:
                value, unit = float(row[name]), units.get(name, "")
                yield _Metric(name=name, value=value, unit=unit, timestamp=moment, labels=labels)


def to_milliseconds(moment: str) -> int:
    """Milliseconds since 1970 of a time as the REST API writes it; before 1970 they are negative."""
    found = datetime.fromisoformat(moment)
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)


def _picked(row: Json, names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if row.get(name) is not None}


def _texts(members: Json, but: Iterable[str] = ()) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else _ENCODER.encode(value).decode()
        for name, value in members.items()
        if name not in but and value is not None
    }
