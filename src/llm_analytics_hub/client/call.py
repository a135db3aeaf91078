"""What is asked of a hub, as values: a request and how its answer is read. No input or output."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import httpx

T = TypeVar("T")

ATTEMPTS = 8
"""How often a request is sent in all to a hub that is busy or away."""

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request, and `read`, which gives what its answer says.

    `silences`: how often it may be sent where nothing came back, so that the hub may have taken it.
    `expects`: status codes that are answers though they are no success.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    params: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    silences: int = ATTEMPTS
    expects: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of a list; without `next_cursor` it is the last."""

    items: list[T]
    next_cursor: str | None


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A list of the hub, page by page: at most `limit` items of it, all without one.

    `page` makes the call for a page of some size after a cursor; `to_table` gives items as columns.
    """

    page: Callable[[int, str | None], Call[Page[T]]]
    to_table: Callable[[list[T]], Any]
    page_size: int
    limit: int | None = None

    def next_size(self, seen: int) -> int:
        """How many items to ask for after `seen` of them; 0 at the end."""
        return self.page_size if self.limit is None else min(self.page_size, self.limit - seen)

    def cut(self, limit: int | None) -> "Listing[T]":
        """The same list, at most `limit` items long; as long as it was without one."""
        limits = [one for one in (self.limit, limit) if one is not None]
        return replace(self, limit=min(limits, default=None))
