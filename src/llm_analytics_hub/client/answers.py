"""What a hub says: answers to questions, and receipts for events."""

import importlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import httpx
import msgspec

from llm_analytics_hub.client.columns import Column, python_type
from llm_analytics_hub.errors import UnsupportedError

if TYPE_CHECKING:
    import pyarrow as pa

ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"


class Answer:
    """The answer to a question, by rows or as columns; unknown is None, never 0 or "".

    `table`: Arrow columns; decimals are exact, times are UTC with microseconds.
    `rows`: tuples of datetime (aware, UTC), str, int, float and Decimal.
    `meta`: what the answer cost, and how it came to be.
    """

    @property
    def columns(self) -> Sequence[Column]:
        """Name, type and unit of every column."""
        raise NotImplementedError

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the answer cost, and how it came to be."""
        raise NotImplementedError

    @property
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The rows as Python values."""
        raise NotImplementedError

    @property
    def table(self) -> "pa.Table":
        """The rows as Arrow columns; a column's unit is in its field's metadata."""
        raise NotImplementedError

    def to_pandas(self) -> Any:
        """A pandas DataFrame; decimals stay Decimal. Raises: UnsupportedError without pandas."""
        _installed("pandas")  # Arrow's own conversion needs it
        return self.table.to_pandas()

    def to_polars(self) -> Any:
        """A polars DataFrame; decimals stay exact. Raises: UnsupportedError without polars."""
        return _installed("polars").from_arrow(self.table)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<Answer: {len(self)} rows of {', '.join(one.name for one in self.columns)}>"


class JsonAnswer(Answer):
    """An answer that came as JSON."""

    def __init__(
        self, columns: Sequence[Column], rows: Sequence[tuple[Any, ...]], meta: Mapping[str, Any]
    ) -> None:
        self._columns, self._rows, self._meta = columns, rows, meta

    @property
    def columns(self) -> Sequence[Column]:
        """Name, type and unit of every column."""
        return self._columns

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the answer cost, and how it came to be."""
        return self._meta

    @property
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The rows as Python values."""
        return self._rows

    @cached_property
    def table(self) -> "pa.Table":
        """The rows as Arrow columns."""
        from llm_analytics_hub.client.arrow import table_of

        return table_of(self._columns, self._rows)


class ArrowAnswer(Answer):
    """An answer that came as an Arrow stream; it is opened when it is looked at."""

    def __init__(self, stream: bytes) -> None:
        self._stream = stream

    @cached_property
    def table(self) -> "pa.Table":
        """The rows as Arrow columns."""
        from llm_analytics_hub.client.arrow import opened

        return opened(self._stream)

    @cached_property
    def columns(self) -> Sequence[Column]:
        """Name, type and unit, as the stream tells them."""
        from llm_analytics_hub.client.arrow import columns_of

        return columns_of(self.table.schema)

    @cached_property
    def meta(self) -> Mapping[str, Any]:
        """What the answer cost; empty where the stream does not tell."""
        told = (self.table.schema.metadata or {}).get(b"meta", b"{}")
        return cast("Mapping[str, Any]", msgspec.json.decode(told))

    @cached_property
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The rows as Python values."""
        return list(zip(*(column.to_pylist() for column in self.table.columns), strict=True))


class _Head(msgspec.Struct):
    columns: list[Column]
    rows: msgspec.Raw
    meta: dict[str, Any] = {}


def read_answer(response: httpx.Response) -> Answer:
    """The answer in a response, of whichever form. Raises: msgspec.DecodeError for none."""
    if response.headers.get("content-type", "").startswith(ARROW):
        return ArrowAnswer(response.content)
    head = msgspec.json.decode(response.content, type=_Head)
    row: Any = tuple[tuple(map(python_type, head.columns))]  # type: ignore[misc]
    rows = msgspec.json.decode(head.rows, type=list[row])
    return JsonAnswer(tuple(head.columns), rows, head.meta)


class Rejection(msgspec.Struct, frozen=True):
    """One refused event: its place in what was sent, a stable code, and what to do about it."""

    index: int
    code: str
    message: str


class Receipt(msgspec.Struct, frozen=True):
    """What became of events; given after everything accepted is stored.

    `event_ids`: of payloads of a module, the ids its events have in the hub.
    """

    accepted: int
    duplicates: int
    rejected: list[Rejection] = []
    event_ids: list[str] = []


def read_receipt(response: httpx.Response) -> Receipt:
    """The receipt in a response. Raises: msgspec.DecodeError for none."""
    return msgspec.json.decode(response.content, type=Receipt)


def read_object(response: httpx.Response) -> dict[str, Any]:
    """The JSON object in a response. Raises: msgspec.DecodeError for none."""
    return msgspec.json.decode(response.content, type=dict[str, Any])


def _installed(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UnsupportedError(f"{name} is not installed: pip install {name}") from error
