"""Assets and their versions, as JSON in the words of the documents (WIRE_FORMATS §10)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from llm_analytics_hub.errors import InvalidQueryError, NotFoundError
from llm_analytics_hub.model.asset import ASSET_MEMBERS, AssetFilter, VersionFilter
from llm_analytics_hub.query.cache.answer import Columns
from llm_analytics_hub.query.cache.cache import AnswerCache
from llm_analytics_hub.query.cache.question_key import Kind, QuestionKey
from llm_analytics_hub.query.ranges import to_moment
from llm_analytics_hub.storage.interface import AssetReader

MAX_ASSETS = 1_000

_JSON = frozenset({"tags", "annotations", "provenance", "dependencies"})
_NAMES = {"name": "asset_name", "annotations": "metadata"}
_INSIDE = {
    "storage_backend": ("storage", "backend"),
    "storage_uri": ("storage", "uri"),
    "checksum_algorithm": ("checksum", "algorithm"),
    "checksum": ("checksum", "value"),
}
_HEAD = ("asset_id", "name", "version")
_SHOWN = (*_HEAD, *(name for name in ASSET_MEMBERS if name not in _HEAD), "first_seen", "last_seen")


@dataclass(frozen=True)
class _Read:
    """Rows as the cache takes them."""

    columns: Columns
    rows: pa.Table
    meta: Mapping[str, Any]


class AssetLists:
    """Shows what the hub knows of the registry's assets. Safe for many threads."""

    def __init__(self, reader: AssetReader, cache: AnswerCache | None = None) -> None:
        self._reader = reader
        self._cache = cache

    def page(self, wanted: AssetFilter, cursor: str | None) -> dict[str, Any]:
        """Assets by id and the cursor of the next page, null on the last.

        Raises: InvalidQueryError for a cursor that is none.
        """
        after = _text_of(cursor) if cursor else ""
        found = self._reader.assets(replace(wanted, after=after, limit=wanted.limit + 1))
        shown = found.slice(0, wanted.limit).to_pylist()
        has_more = found.num_rows > wanted.limit
        cursor = _cursor(shown[-1]["asset_id"]) if has_more else None
        return {"assets": [to_api(row) for row in shown], "next_cursor": cursor}

    def one(self, tenant: str, asset_id: str) -> dict[str, Any]:
        """An asset as a whole. Raises: NotFoundError."""
        found = self._one(tenant, asset_id).to_pylist()
        if not found:
            raise _unknown(asset_id)
        return to_api(found[0])

    def _one(self, tenant: str, asset_id: str) -> pa.Table:
        def read() -> _Read:
            wanted = AssetFilter(tenant, asset_id=asset_id, limit=1)
            return _Read([], self._reader.assets(wanted), {})

        if self._cache is None:
            return read().rows
        key = QuestionKey(
            tenant, {"asset_id": asset_id}, kind=Kind.METADATA, about=asset_id, reads_assets=True
        )
        return self._cache.answer(key, read).rows

    def versions(self, wanted: VersionFilter, cursor: str | None) -> dict[str, Any]:
        """Versions of an asset, newest first, and the cursor of the next page, null on the last.

        Raises: NotFoundError; InvalidQueryError for a cursor that is none.
        """
        before = _place(cursor) if cursor else None
        asked = replace(wanted, before=before, limit=wanted.limit + 1)
        found = self._reader.asset_versions(asked)
        if not found.num_rows and not self._is_known(wanted):
            raise _unknown(wanted.asset_id)
        next_cursor = _place_cursor(found, wanted.limit) if found.num_rows > wanted.limit else None
        rows = [to_api(row) for row in found.slice(0, wanted.limit).to_pylist()]
        return {"asset_id": wanted.asset_id, "versions": rows, "next_cursor": next_cursor}

    def _is_known(self, wanted: VersionFilter) -> bool:
        asked = AssetFilter(wanted.tenant, asset_id=wanted.asset_id, limit=1)
        return bool(self._reader.assets(asked).num_rows)


def to_api(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of ASSET_SCHEMA as a JSON object; what is unknown is left out."""
    shown: dict[str, Any] = {}
    for name in _SHOWN:
        if row[name] is None:
            continue
        if name in _INSIDE:
            outer, inner = _INSIDE[name]
            shown.setdefault(outer, {})[inner] = row[name]
        else:
            shown[_NAMES.get(name, name)] = _json(name, row[name])
    return shown


def _json(name: str, value: Any) -> Any:
    if name in _JSON:
        return msgspec.json.decode(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return int(value) if name == "size_bytes" else value


def _unknown(asset_id: str) -> NotFoundError:
    return NotFoundError(f"no asset {asset_id[:64]!r}")


def _cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _text_of(cursor: str) -> str:
    try:
        return base64.b64decode(cursor.encode(), b"-_", validate=True).decode()
    except ValueError as error:  # binascii.Error is one
        raise _no_cursor() from error


def _place_cursor(found: pa.Table, limit: int) -> str:
    last = found.slice(limit - 1, 1).to_pylist()[0]
    return _cursor(f"{last['first_seen'].isoformat()}|{last['version']}")


def _place(cursor: str) -> tuple[datetime, str]:
    moment, _, version = _text_of(cursor).partition("|")
    try:
        return to_moment(moment), version
    except InvalidQueryError as error:
        raise _no_cursor() from error


def _no_cursor() -> InvalidQueryError:
    return InvalidQueryError("the cursor is none of this list", code="invalid_cursor")
