"""The members of an asset in the attributes of an event, as texts that compare the same everywhere."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.normalize.number import read_number
from llm_analytics_hub.normalize.timestamps import parse_timestamp

ISO = "%Y-%m-%dT%H:%M:%S.%fZ"
_CUSTOM = "custom:"
_MOST_BYTES = 2**64

AsText = Callable[[Any], str | None]


def told_of(attributes: Mapping[str, Any]) -> dict[str, str]:
    """The members that attributes tell of, under any of their names; one that is no such thing is left out."""
    read = {
        member: as_text(value)
        for member, (as_text, paths) in _MEMBERS.items()
        if (value := _first(attributes, paths)) is not None
    }
    return {member: text for member, text in read.items() if text is not None}


def _first(attributes: Mapping[str, Any], paths: tuple[str, ...]) -> Any:
    return next((value for path in paths if (value := _at(attributes, path)) is not None), None)


def _at(place: Any, path: str) -> Any:
    for name in path.split("."):
        place = place.get(name) if isinstance(place, dict) else None
    return place


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _kind(value: Any) -> str | None:
    """A type by its name: events write `custom:x` where the registry's API has `{"custom": "x"}`."""
    if isinstance(value, dict):
        value = value.get("custom")
    return value.removeprefix(_CUSTOM) if isinstance(value, str) else None


def _size(value: Any) -> str | None:
    number = read_number(value)
    if number is None or not number.is_finite() or not 0 <= number < _MOST_BYTES:
        return None
    return str(int(number))


def _moment(value: Any) -> str | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        microseconds = parse_timestamp(value)
    except InvalidInputError:
        return None
    return (datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)).strftime(ISO)


def _tags(value: Any) -> str | None:
    if not isinstance(value, list):
        return None
    return _json(sorted({tag for tag in value if isinstance(tag, str)}))


def _object(value: Any) -> str | None:
    return _json(value) if isinstance(value, dict) and value else None


def _list(value: Any) -> str | None:
    return _json(value) if isinstance(value, list) and value else None


def _json(value: Any) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


_MEMBERS: Mapping[str, tuple[AsText, tuple[str, ...]]] = {
    "name": (_text, ("asset_name", "assetName", "name")),
    "asset_type": (_kind, ("asset_type", "assetType")),
    "category": (_text, ("category",)),
    "status": (_text, ("new_status", "newStatus", "status")),
    "owner": (_text, ("owner", "owner_team", "ownerTeam")),
    "description": (_text, ("description",)),
    "license": (_text, ("license",)),
    "tags": (_tags, ("tags",)),
    "annotations": (_object, ("annotations",)),
    "size_bytes": (_size, ("size_bytes", "sizeBytes")),
    "content_type": (_text, ("content_type", "contentType")),
    "storage_backend": (_text, ("storage.backend.type",)),
    "storage_uri": (_text, ("storage.uri", "storage.path")),
    "checksum_algorithm": (_text, ("checksum.algorithm",)),
    "checksum": (_text, ("checksum.value",)),
    "provenance": (_object, ("provenance",)),
    "dependencies": (_list, ("dependencies",)),
    "created_at": (_moment, ("created_at", "createdAt")),
    "deprecated_at": (_moment, ("deprecated_at", "deprecatedAt")),
}
