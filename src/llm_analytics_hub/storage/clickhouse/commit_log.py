"""The commit log of the embedded store: what was acknowledged and is not in the tables yet.

One write is one frame: magic, checksum, length, then per table its name and an Arrow IPC stream.
A killed process leaves at most one torn frame at the end, of a write that was never acknowledged.
A sealed segment is applied to the tables under its own name as insert token, so that applying it
again after a crash changes nothing, and is then removed.
"""

import os
import struct
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import xxhash

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.clickhouse.connect import arrow_stream, known_columns
from llm_analytics_hub.storage.interface import Table, WriteSet

_HEADER = struct.Struct("<4sIQ")
_PART = struct.Struct("<16sQ")
_MAGIC = b"HUB1"


@dataclass
class Segment:
    """A file of the log and the rows it holds, by table."""

    path: Path
    rows: dict[Table, list[pa.RecordBatch]] = field(default_factory=dict)
    count: int = 0
    is_damaged: bool = False

    @property
    def token(self) -> str:
        """Names this segment for all time: the insert token of its rows."""
        return self.path.stem

    def add(self, write: WriteSet) -> None:
        """Note the rows of one frame."""
        for table, batch in write.items():
            self.rows.setdefault(table, []).append(batch)
            self.count += batch.num_rows


class CommitLog:
    """Appends writes to the open segment. Owned by one thread at a time."""

    def __init__(self, folder: Path, *, sync: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._sync = sync
        self._file = -1
        self._segment: Segment | None = None

    def left_over(self) -> list[Segment]:
        """Segments an earlier process left behind, oldest first."""
        return [_read(path) for path in sorted(self._folder.glob("*.log"))]

    def append(self, write: WriteSet) -> None:
        """Put `write` on disk, then return. Raises: UnavailableError (nothing was kept)."""
        segment = self._segment or self._open()
        size = segment.path.stat().st_size
        try:
            _write_all(self._file, _frame(write))
            if self._sync:
                os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, size)
            raise UnavailableError(f"the commit log cannot be written: {error}") from error
        segment.add(write)

    def seal(self) -> Segment | None:
        """Close the open segment and hand it over; None if nothing was written to it."""
        segment, self._segment = self._segment, None
        if segment is not None:
            os.close(self._file)
        return segment

    def _open(self) -> Segment:
        # A number first, so that names sort by age; a random tail, so that a token is never reused.
        number = max((int(path.stem[:10]) for path in self._folder.glob("*.log")), default=0) + 1
        path = self._folder / f"{number:010d}-{uuid.uuid4().hex}.log"
        try:
            self._file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY, 0o600)
        except OSError as error:
            raise UnavailableError(f"the commit log cannot be opened: {error}") from error
        if self._sync:
            _flush_folder(self._folder)
        self._segment = Segment(path)
        return self._segment


def remove(segment: Segment) -> None:
    """Forget a segment whose rows are in the tables."""
    segment.path.unlink(missing_ok=True)


def set_aside(segment: Segment) -> Path:
    """Keep a segment that is refused or damaged for people to look at; its new place."""
    folder = segment.path.parent / "refused"
    folder.mkdir(exist_ok=True)
    return segment.path.rename(folder / segment.path.name)


def _frame(write: WriteSet) -> bytes:
    parts = []
    for table, batch in write.items():
        stream = arrow_stream(known_columns(batch))
        parts += [_PART.pack(table.encode(), len(stream)), stream]
    body = b"".join(parts)
    return _HEADER.pack(_MAGIC, _checksum(body), len(body)) + body


def _checksum(body: bytes) -> int:
    """The lower half of xxh3: eight times as fast as a CRC, and as good at finding a torn write."""
    return xxhash.xxh3_64_intdigest(body) & 0xFFFFFFFF


def _write_all(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _flush_folder(folder: Path) -> None:
    """Make the name of a new file survive a loss of power, as its content does."""
    opened = os.open(folder, os.O_RDONLY)
    os.fsync(opened)
    os.close(opened)


def _read(path: Path) -> Segment:
    segment = Segment(path)
    data = path.read_bytes()
    read = 0
    for body in _bodies(data):
        segment.add(_rows(body))
        read += _HEADER.size + len(body)
    segment.is_damaged = not _is_torn(data[read:])
    return segment


def _bodies(data: bytes) -> Iterator[bytes]:
    """The frames from the start of `data`, up to the first that is not whole and sound."""
    place = 0
    while place + _HEADER.size <= len(data):
        magic, checksum, length = _HEADER.unpack_from(data, place)
        place += _HEADER.size
        body = data[place : place + length]
        if magic != _MAGIC or len(body) < length or _checksum(body) != checksum:
            return
        yield body
        place += length


def _is_torn(rest: bytes) -> bool:
    """Whether `rest` is part of a frame, as a kill leaves it: a write never acknowledged."""
    if len(rest) < _HEADER.size:
        return _MAGIC.startswith(rest[:4]) or rest.startswith(_MAGIC)
    magic, _, length = _HEADER.unpack_from(rest)
    return bool(magic == _MAGIC) and len(rest) < _HEADER.size + int(length)


def _rows(body: bytes) -> WriteSet:
    rows: dict[Table, pa.RecordBatch] = {}
    place = 0
    while place < len(body):
        name, length = _PART.unpack_from(body, place)
        place += _PART.size
        stream = pa.ipc.open_stream(body[place : place + length])
        rows[Table(name.rstrip(b"\0").decode())] = stream.read_next_batch()
        place += length
    return rows
