"""An answer as it is kept: columns, rows, what it cost, and what it is an answer to."""

import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

import msgspec
import pyarrow as pa
import xxhash

from llm_analytics_hub.query.cache.places import Place
from llm_analytics_hub.query.cache.versions import Version

Columns = Sequence[Mapping[str, str]]
"""Name, type and unit of each."""

_HEAD = struct.Struct("<I")


class Reply(Protocol):
    """What the store answered, with what it cost."""

    @property
    def columns(self) -> Columns:
        """Name, type and unit of each column."""
        ...

    @property
    def rows(self) -> pa.Table:
        """The rows."""
        ...

    @property
    def meta(self) -> Mapping[str, Any]:
        """What it cost: JSON values."""
        ...


@dataclass(frozen=True, eq=False)
class KeptAnswer:
    """An answer, and how far the writes to its `places` had come at `made_at`, before it was asked.

    Never changed, so that many may hold it; but its encoded forms gather in it.
    """

    columns: Columns
    rows: pa.Table
    meta: Mapping[str, Any]
    made_at: datetime
    version: Version
    places: frozenset[Place]
    forms: dict[str, bytes] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def size(self) -> int:
        """Bytes in memory, nearly."""
        # Not `nbytes`: a slice holds the whole it was cut from.
        rows = int(self.rows.get_total_buffer_size())
        return 1_000 + rows + sum(map(len, self.forms.values()))

    @cached_property
    def etag(self) -> str:
        """Of the columns and rows alone: the same answer asked again has the same.

        Weak, as RFC 9110 §8.8.1 has it: `meta` says how long it took and differs each time.
        """
        digest = xxhash.xxh3_128(msgspec.json.encode(self.columns))
        digest.update(_arrow(self.rows))
        return f'W/"{digest.hexdigest()}"'

    def encoded(self, form: str, make: Callable[["KeptAnswer"], bytes]) -> bytes:
        """The answer in `form`: what `make` gave when first asked."""
        with self._lock:
            if form not in self.forms:
                self.forms[form] = make(self)
            return self.forms[form]


class _Header(msgspec.Struct):
    columns: list[dict[str, str]]
    meta: dict[str, Any]
    made_at: datetime
    epoch: str
    number: int
    places: list[str]
    rows: int


def encode_answer(kept: KeptAnswer) -> bytes:
    """Length of the header, header as JSON, rows as an Arrow stream."""
    columns = [dict(column) for column in kept.columns]
    version, meta = kept.version, dict(kept.meta)
    places = sorted(kept.places)
    header = msgspec.json.encode(
        _Header(
            columns, meta, kept.made_at, version.epoch, version.number, places, kept.rows.num_rows
        )
    )
    return b"".join((_HEAD.pack(len(header)), header, _arrow(kept.rows)))


def decode_answer(body: bytes) -> KeptAnswer:
    """What `encode_answer` was given. Raises: ValueError for anything else."""
    try:
        (size,) = _HEAD.unpack_from(body)
        header = msgspec.json.decode(body[4 : 4 + size], type=_Header)
        rows = pa.ipc.open_stream(pa.py_buffer(body)[4 + size :]).read_all()
    except (struct.error, msgspec.MsgspecError, pa.ArrowException, OSError) as error:
        raise ValueError("not an answer of this form") from error
    if rows.num_rows != header.rows:
        raise ValueError("not an answer of this form: rows are missing")
    version = Version(header.epoch, header.number)
    places = frozenset(header.places)
    return KeptAnswer(header.columns, rows, header.meta, header.made_at, version, places)


def _arrow(rows: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows.combine_chunks())
    return sink.getvalue()
