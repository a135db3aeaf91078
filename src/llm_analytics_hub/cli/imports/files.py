"""Files of rows, read as a stream: CSV, JSON lines, Parquet. Every row has a number."""

import csv
import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import msgspec
import pyarrow as pa

from llm_analytics_hub.errors import InvalidInputError, UndecodableError

Row = dict[str, object]

SAMPLE_ROWS = 100
PARQUET_ROWS = 2_000
MAX_CELL = 16 * 1024**2
_CHUNK = 1024**2
_BOM = b"\xef\xbb\xbf"


class Format(StrEnum):
    """What a file holds."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


_FORMATS = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
}


@dataclass(frozen=True)
class Unreadable:
    """A row that is none, and why."""

    code: str
    message: str


class RowFile(Protocol):
    """A file of rows, read again from its start by every call."""

    def columns(self) -> list[str]:
        """Names of the columns; of JSON lines, those of the first 100."""
        ...

    def rows(self) -> Iterator[tuple[int, Row | Unreadable]]:
        """Numbered rows, the first is 1. Raises: UndecodableError when it cannot go on."""
        ...


@dataclass(frozen=True)
class Fingerprint:
    """What tells one content from another, and how many lines it has."""

    digest: str
    lines: int


def fingerprint(path: Path) -> Fingerprint:
    """SHA-256 of a file's content in hex, and its line ends."""
    digest, lines = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            lines += chunk.count(b"\n")
    return Fingerprint(digest.hexdigest(), lines)


def format_of(path: Path) -> Format:
    """The format a file's name tells. Raises: InvalidInputError if it tells none."""
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    found = _FORMATS.get(suffixes[-1]) if suffixes else None
    if found is None:
        message = f"{path.name}: what is in it? Say --format csv, jsonl or parquet"
        raise InvalidInputError(message, code="unknown_format")
    return found


def open_rows(path: Path, form: Format, delimiter: str | None = None) -> RowFile:
    """The rows of a file; the delimiter of a `.tsv` is a tab, of any other CSV a comma."""
    if form is Format.PARQUET:
        return ParquetFile(path)
    if form is Format.JSONL:
        return JsonLines(path)
    return CsvFile(path, delimiter or ("\t" if ".tsv" in path.suffixes else ","))


class CsvFile:
    """A CSV file (RFC 4180) with a header line, UTF-8; every cell is text, an empty one is unknown."""

    def __init__(self, path: Path, delimiter: str = ",") -> None:
        self._path = path
        self._delimiter = delimiter

    def columns(self) -> list[str]:
        """The cells of the header. Raises: UndecodableError for a name that occurs twice."""
        for header in self._records():
            twice = sorted({name for name in header if header.count(name) > 1})
            if twice:
                raise UndecodableError(
                    f"{self._path.name}: two columns are named {', '.join(twice)}"
                )
            return header
        return []

    def rows(self) -> Iterator[tuple[int, Row | Unreadable]]:
        """See `RowFile.rows`; the row below the header is 1, empty lines do not count."""
        header = self.columns()
        for number, cells in enumerate(islice(self._records(), 1, None), 1):
            if len(cells) == len(header):
                yield number, {name: cell or None for name, cell in zip(header, cells, strict=True)}
            else:
                message = f"{len(cells)} cells under a header of {len(header)}"
                yield number, Unreadable("wrong_cell_count", message)

    def _records(self) -> Iterator[list[str]]:
        csv.field_size_limit(MAX_CELL)
        line = 0
        try:
            opener = gzip.open if self._path.suffix == ".gz" else open
            with opener(self._path, "rt", encoding="utf-8-sig", newline="") as text:
                records = csv.reader(text, delimiter=self._delimiter)
                for record in records:
                    line = records.line_num
                    if record:
                        yield record
        except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
            message = f"{self._path.name}: no CSV in UTF-8 after line {line}: {error}"
            raise UndecodableError(message) from error


class JsonLines:
    """A JSON object a line; a row's number is its line's."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def columns(self) -> list[str]:
        """Members of the first 100 objects."""
        sample = islice(self.rows(), SAMPLE_ROWS)
        return list(
            dict.fromkeys(name for _, row in sample if isinstance(row, dict) for name in row)
        )

    def rows(self) -> Iterator[tuple[int, Row | Unreadable]]:
        """See `RowFile.rows`; empty lines are left out."""
        for number, line in enumerate(self._lines(), 1):
            if text := line.strip():
                yield number, _object(text)

    def _lines(self) -> Iterator[bytes]:
        opener = cast("Callable[..., BinaryIO]", gzip.open if self._path.suffix == ".gz" else open)
        try:
            with opener(self._path, "rb") as file:
                for number, line in enumerate(file):
                    yield line.removeprefix(_BOM) if number == 0 else line
        except (EOFError, gzip.BadGzipFile) as error:
            raise UndecodableError(f"{self._path.name}: {error}") from error


def _object(line: bytes) -> Row | Unreadable:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        value = _lenient(line)
    if isinstance(value, dict | Unreadable):
        return value
    return Unreadable("not_an_object", "an event is a JSON object")


def _lenient(line: bytes) -> object:
    """As `json` reads it: NaN and Infinity, which are not JSON, become floats."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return Unreadable("undecodable", f"the line is no JSON: {error}")


class ParquetFile:
    """A Parquet file; values keep their types."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def columns(self) -> list[str]:
        """Names of the top-level columns."""
        with self._opened() as file:
            return list(file.schema_arrow.names)

    def rows(self) -> Iterator[tuple[int, Row | Unreadable]]:
        """See `RowFile.rows`; times finer than microseconds are cut."""
        number = 0
        try:
            with self._opened() as file:
                for batch in file.iter_batches(PARQUET_ROWS):
                    for row in _plain(batch).to_pylist():
                        number += 1
                        yield number, row
        except (pa.ArrowException, OSError, ValueError) as error:
            raise UndecodableError(f"{self._path.name} after row {number}: {error}") from error

    def _opened(self) -> "pa.parquet.ParquetFile":
        import pyarrow.parquet as pq  # slow to import, and seldom needed

        try:
            return pq.ParquetFile(self._path)
        except pa.ArrowException as error:
            raise UndecodableError(f"{self._path.name} is no Parquet file: {error}") from error


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Nanoseconds as microseconds: Python's own times hold no more."""
    fields = [
        field.with_type(pa.timestamp("us", field.type.tz)) if _is_finer(field.type) else field
        for field in batch.schema
    ]
    schema = pa.schema(fields)
    columns = [
        column.cast(field.type, safe=False)
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _is_finer(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind)) and kind.unit == "ns"
