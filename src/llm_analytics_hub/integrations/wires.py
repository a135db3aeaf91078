"""What a module's public code says about its wires: names and places, as data.

A user's settings come before any of it: other installations have other names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class Paging(StrEnum):
    """How a list is walked through, page by page."""

    ONCE = "once"  # there is one page
    TOTAL = "total"  # limit and offset, until `total` rows are seen
    OFFSET = "offset"  # limit and offset, until there are no rows: a page may be short
    PAGE = "page"  # page, from 1, and its size, until `more` is false and the page not full
    CURSOR = "cursor"  # the cursor of a page asks for the next, until there is none


@dataclass(frozen=True)
class Pull:
    """A list that a module's REST API shows, and how to ask for what is new in it.

    `path` may name a part in braces that settings fill in. `since` and `until` are the parameters
    that take the times between which rows are wanted, empty where there are none; `newest` the
    member of a row with the time it was written at, which never changes. `total`, `next_cursor` and
    `more` are paths of members of a page. `every` is how often it is worth asking.
    """

    path: str
    paging: Paging = Paging.ONCE
    limit: int = 100
    since: str = ""
    until: str = ""
    newest: str = ""
    params: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    limit_name: str = "limit"
    total: str = "total"
    next_cursor: str = "pagination.cursor"
    more: str = "pagination.has_more"
    every: timedelta = timedelta(minutes=5)


@dataclass(frozen=True)
class Socket:
    """What a module's WebSocket is told at first, and which of its messages are no events.

    `ping` is sent now and then; `replies` and `errors` are values of the member `type`.
    """

    subscribe: str = ""
    ping: str = ""
    replies: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Signature:
    """How a module signs its webhooks: the header, and whether it signs a body with a secret."""

    header: str
    signs: Callable[[bytes, str, bytes], bool]


@dataclass(frozen=True)
class Wires:
    """Where a module's messages are found, and how its webhooks are signed, if they are."""

    exchange: str = ""
    routing_keys: Sequence[str] = ()
    topics: Sequence[str] = ()
    subjects: Sequence[str] = ()
    streams: Sequence[str] = ()
    signature: Signature | None = None
    socket: Socket = Socket()
    pulls: Mapping[str, Pull] = field(default_factory=lambda: MappingProxyType({}))
