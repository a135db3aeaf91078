"""Events, spans and assets as Python values: times as datetime, money as exact Decimal."""

from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

import httpx
import msgspec

from llm_analytics_hub.client.call import Page


class _Event(TypedDict, total=False):
    """Members that are more than JSON says."""

    occurred_at: datetime
    received_at: datetime
    cost_usd: Decimal
    cost_amount: Decimal
    children: list["_Event"]


class _Asset(TypedDict, total=False):
    """Members that are more than JSON says."""

    created_at: datetime
    updated_at: datetime
    deprecated_at: datetime
    first_seen: datetime
    last_seen: datetime


class _Events(TypedDict):
    events: list[_Event]


class _Spans(TypedDict):
    roots: list[_Event]


class _Assets(TypedDict):
    assets: list[_Asset]


class _Versions(TypedDict):
    versions: list[_Asset]


def read_events(response: httpx.Response) -> Page[dict[str, Any]]:
    """A page of events."""
    return _page(response, "events", _Events)


def read_assets(response: httpx.Response) -> Page[dict[str, Any]]:
    """A page of assets."""
    return _page(response, "assets", _Assets)


def read_versions(response: httpx.Response) -> Page[dict[str, Any]]:
    """A page of the versions of an asset."""
    return _page(response, "versions", _Versions)


def read_trace(response: httpx.Response) -> dict[str, Any]:
    """A trace: `trace_id`, how many `spans`, and its `roots`, each with its `children`."""
    return _exact(response.content, _Spans)


def read_asset(response: httpx.Response) -> dict[str, Any]:
    """An asset."""
    return _exact(response.content, _Asset)


def events_in(text: bytes) -> list[dict[str, Any]]:
    """The events of an object that has them. Raises: msgspec.DecodeError."""
    found: list[dict[str, Any]] = _exact(text, _Events).get("events", [])
    return found


def _page(response: httpx.Response, name: str, kind: Any) -> Page[dict[str, Any]]:
    whole = _exact(response.content, kind)
    return Page(whole[name], whole.get("next_cursor"))


def _exact(text: bytes, kind: Any) -> dict[str, Any]:
    """The object that is written, in which the members that `kind` names are of its types.

    Read twice, as one reading of JSON either keeps what it does not know, or knows types.
    """
    whole = msgspec.json.decode(text, type=dict[str, Any])
    _join(whole, msgspec.json.decode(text, type=kind))
    return whole


def _join(whole: dict[str, Any], exact: dict[str, Any]) -> None:
    for name, value in exact.items():
        if isinstance(value, list):
            for one, its in zip(whole[name], value, strict=True):
                _join(one, its)
        else:
            whole[name] = value
