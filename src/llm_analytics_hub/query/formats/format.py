"""The formats, their media types, and what a writer of one is given."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO, Protocol

import pyarrow as pa

from llm_analytics_hub.errors import InvalidInputError


class Format(StrEnum):
    """How a table is written; the value is also the ending of its file."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    ARROW = "arrow"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """What stands in Content-Type."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Format.CSV: "text/csv",
    Format.JSONL: "application/x-ndjson",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.ARROW: "application/vnd.apache.arrow.stream",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_ALSO = {"application/jsonl": Format.JSONL, "application/jsonlines": Format.JSONL}
_BY_TYPE = {media_type: form for form, media_type in _MEDIA_TYPES.items()} | _ALSO


@dataclass(frozen=True)
class Layout:
    """Columns of a table, which of them hold JSON text, and how JSON lines say unknown.

    `is_sparse`: by leaving the member out, as the event lists do; else by null.
    """

    schema: pa.Schema
    json_columns: frozenset[str] = field(default_factory=frozenset)
    is_sparse: bool = False


class Appending(Protocol):
    """A format that grows at its end: what was written stays as it is."""

    def head(self) -> bytes:
        """What a file begins with."""
        ...

    def rows(self, batch: pa.RecordBatch, /) -> bytes:
        """What is appended for rows of the layout's schema."""
        ...

    def tail(self) -> bytes:
        """What a whole file ends with."""
        ...


class TableWriter(Protocol):
    """Writes one file, batch by batch, in bounded memory."""

    def write(self, batch: pa.RecordBatch, /) -> None:
        """Take rows of the layout's schema. Raises: InvalidInputError for what does not fit."""
        ...

    def close(self) -> None:
        """Finish the file; the sink stays open."""
        ...

    def abandon(self) -> None:
        """Free what is held, in place of `close`; what is in the sink is no file then."""
        ...


class AppendingWriter:
    """A `TableWriter` of a format that grows at its end."""

    def __init__(self, sink: BinaryIO, form: Appending) -> None:
        self._sink, self._form = sink, form
        sink.write(form.head())

    def write(self, batch: pa.RecordBatch, /) -> None:
        """See `TableWriter.write`."""
        self._sink.write(self._form.rows(batch))

    def close(self) -> None:
        """See `TableWriter.close`."""
        self._sink.write(self._form.tail())

    def abandon(self) -> None:
        """See `TableWriter.abandon`."""


def format_named(name: str) -> Format:
    """The format of a name, such as csv. Raises: InvalidInputError."""
    try:
        return Format(name)
    except ValueError:
        message = f"no format {name[:40]!r}; there are {', '.join(Format)}"
        raise InvalidInputError(message, code="invalid_format") from None


def format_accepted(accept: str) -> Format | None:
    """The format that an `Accept` header prefers; None where it prefers JSON, anything or none.

    Rule: of the types the hub can answer the one of the greatest q, the first of equals (RFC 9110).
    """
    wishes = [_wish(part) for part in accept.lower().split(",")]
    known = [(q, name) for q, name in wishes if q > 0 and (name in _BY_TYPE or name in _JSON)]
    best = max(known, key=lambda wish: wish[0], default=None)
    return _BY_TYPE.get(best[1]) if best else None


_JSON = {"application/json", "application/*", "*/*"}


def _wish(part: str) -> tuple[float, str]:
    name, *parameters = (piece.strip() for piece in part.split(";"))
    quality = next((p.removeprefix("q=") for p in parameters if p.startswith("q=")), "1")
    try:
        return float(quality), name
    except ValueError:
        return 0.0, name
