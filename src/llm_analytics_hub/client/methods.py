"""The methods of both clients, from one source: each makes a value that the client then carries out."""

import functools
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Generic, ParamSpec, TypeVar, overload

from llm_analytics_hub.client import exports, listings, requests, watch
from llm_analytics_hub.client.call import Call, Listing
from llm_analytics_hub.client.exports import Course
from llm_analytics_hub.client.rows import AsyncRows, Rows
from llm_analytics_hub.client.streams import AsyncEventStream, EventStream
from llm_analytics_hub.client.watch import Frame, Watch

P = ParamSpec("P")
T = TypeVar("T")
Object = dict[str, Any]


class Waiting(ABC):
    """A client that waits for its answers."""

    @abstractmethod
    def do(self, call: Call[T]) -> T:
        """What a call reads."""

    @abstractmethod
    def run(self, course: Course) -> Object:
        """What a course comes to."""

    @abstractmethod
    def follow(self, watch: Watch) -> Iterator[Frame]:
        """What comes of what is watched."""


class Awaiting(ABC):
    """A client whose answers are awaited."""

    @abstractmethod
    async def do(self, call: Call[T]) -> T:
        """What a call reads."""

    @abstractmethod
    async def run(self, course: Course) -> Object:
        """What a course comes to."""

    @abstractmethod
    def follow(self, watch: Watch) -> AsyncIterator[Frame]:
        """What comes of what is watched."""


def _method(make: Callable[P, T], carry: Callable[[T], Any]) -> Callable[P, Any]:
    """`make` as a method: it has its signature and its words, and does what it says."""

    @functools.wraps(make)
    def method(*args: P.args, **kwargs: P.kwargs) -> Any:
        return carry(make(*args, **kwargs))

    return method


class Asks(Generic[P, T]):
    """A method that carries out the call which `make` makes of its arguments."""

    def __init__(self, make: Callable[P, Call[T]]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, client: Waiting, kind: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: Awaiting, kind: type) -> Callable[P, Awaitable[T]]: ...
    @overload
    def __get__(self, client: None, kind: type) -> Callable[P, Call[T]]: ...
    def __get__(self, client: Waiting | Awaiting | None, kind: type) -> Any:
        return self._make if client is None else _method(self._make, client.do)


class Lists(Generic[P, T]):
    """A method whose answer is a list, read page by page as it is gone through."""

    def __init__(self, make: Callable[P, Listing[T]]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, client: Waiting, kind: type) -> Callable[P, Rows[T]]: ...
    @overload
    def __get__(self, client: Awaiting, kind: type) -> Callable[P, AsyncRows[T]]: ...
    @overload
    def __get__(self, client: None, kind: type) -> Callable[P, Listing[T]]: ...
    def __get__(self, client: Waiting | Awaiting | None, kind: type) -> Any:
        if client is None:
            return self._make
        rows: Any = Rows if isinstance(client, Waiting) else AsyncRows
        return _method(self._make, functools.partial(rows, client.do))


class Runs(Generic[P]):
    """A method that goes through a course of steps, and gives what it comes to."""

    def __init__(self, make: Callable[P, Course]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, client: Waiting, kind: type) -> Callable[P, Object]: ...
    @overload
    def __get__(self, client: Awaiting, kind: type) -> Callable[P, Awaitable[Object]]: ...
    @overload
    def __get__(self, client: None, kind: type) -> Callable[P, Course]: ...
    def __get__(self, client: Waiting | Awaiting | None, kind: type) -> Any:
        return self._make if client is None else _method(self._make, client.run)


class Streams(Generic[P]):
    """A method whose answer comes as long as somebody reads it."""

    def __init__(self, make: Callable[P, Watch]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, client: Waiting, kind: type) -> Callable[P, EventStream]: ...
    @overload
    def __get__(self, client: Awaiting, kind: type) -> Callable[P, AsyncEventStream]: ...
    @overload
    def __get__(self, client: None, kind: type) -> Callable[P, Watch]: ...
    def __get__(self, client: Waiting | Awaiting | None, kind: type) -> Any:
        if client is None:
            return self._make
        stream: Any = EventStream if isinstance(client, Waiting) else AsyncEventStream
        return _method(self._make, functools.partial(stream, client.follow))


class Questions:
    """What both clients can do; the signature and the promises are those of the function named."""

    query = Asks(requests.query)
    explain = Asks(requests.explain)
    sql = Asks(requests.sql)
    catalog = Asks(requests.catalog)
    trace = Asks(requests.trace)
    asset = Asks(requests.asset)
    send = Asks(requests.send)
    health = Asks(requests.health)
    analyze = Asks(requests.analyze)
    export = Runs(exports.export)
    events = Lists(listings.events)
    assets = Lists(listings.assets)
    versions = Lists(listings.versions)
    stream = Streams(watch.stream)
