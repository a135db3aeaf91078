"""Lists that are read as they are gone through, page by page."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from llm_analytics_hub.client.call import Call, Listing, Page

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")


@dataclass(frozen=True)
class Rows(Generic[T]):
    """A list of a hub: going through it asks for a page when the last one is used up.

    Each time it is gone through it is asked for again. Raises: as `Hub.query`.
    """

    _do: Callable[[Call[Page[T]]], Page[T]]
    _listing: Listing[T]

    def pages(self) -> Iterator[list[T]]:
        """The items of each page."""
        seen, cursor = 0, None
        while size := self._listing.next_size(seen):
            page = self._do(self._listing.page(size, cursor))
            yield page.items
            seen, cursor = seen + len(page.items), page.next_cursor
            if cursor is None:
                return

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page

    def table(self, limit: int | None = None) -> "pa.Table":
        """The items as Arrow columns, at most `limit` of them."""
        return self._listing.to_table(list(self.first(limit)))

    def first(self, limit: int | None) -> "Rows[T]":
        """The same list, at most `limit` items long."""
        return replace(self, _listing=self._listing.cut(limit))


@dataclass(frozen=True)
class AsyncRows(Generic[T]):
    """The same for `async for`."""

    _do: Callable[[Call[Page[T]]], Awaitable[Page[T]]]
    _listing: Listing[T]

    async def pages(self) -> AsyncIterator[list[T]]:
        """The items of each page."""
        seen, cursor = 0, None
        while size := self._listing.next_size(seen):
            page = await self._do(self._listing.page(size, cursor))
            yield page.items
            seen, cursor = seen + len(page.items), page.next_cursor
            if cursor is None:
                return

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page:
                yield item

    async def table(self, limit: int | None = None) -> "pa.Table":
        """The items as Arrow columns, at most `limit` of them."""
        return self._listing.to_table([item async for item in self.first(limit)])

    def first(self, limit: int | None) -> "AsyncRows[T]":
        """The same list, at most `limit` items long."""
        return replace(self, _listing=self._listing.cut(limit))
