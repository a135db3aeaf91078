"""Rows cut into batches of NDJSON, the same cuts every time a file is read."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from llm_analytics_hub.cli.imports.files import RowFile, Unreadable
from llm_analytics_hub.cli.imports.mapping import EventShape

BATCH_ROWS = 2_000
BATCH_BYTES = 4 * 1024**2

_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


@dataclass
class Batch:
    """Events as lines, the row each came from, and the rows that could not be read."""

    lines: list[bytes] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    unreadable: list[tuple[int, Unreadable]] = field(default_factory=list)
    size_bytes: int = 0

    @property
    def body(self) -> bytes:
        """The events as NDJSON."""
        return b"\n".join(self.lines)

    @property
    def rows(self) -> int:
        """How many rows it took from the file."""
        return len(self.lines) + len(self.unreadable)

    @property
    def is_full(self) -> bool:
        """Whether it is large enough to be sent."""
        return self.rows >= BATCH_ROWS or self.size_bytes >= BATCH_BYTES

    def add(self, number: int, line: bytes) -> None:
        """Append the event of a row."""
        self.lines.append(line)
        self.numbers.append(number)
        self.size_bytes += len(line)

    def halves(self) -> tuple["Batch", "Batch"]:
        """The events in two batches."""
        middle = len(self.lines) // 2
        return (
            Batch(self.lines[:middle], self.numbers[:middle]),
            Batch(self.lines[middle:], self.numbers[middle:]),
        )


def batches(file: RowFile, shape: EventShape, digest: str) -> Iterator[Batch]:
    """The rows of a file as batches of at most 2,000 events and about 4 MiB.

    A row that brings no id gets one of the file's content and its number: importing the file again
    changes nothing, and two equal rows stay two.
    """
    batch = Batch()
    for number, row in file.rows():
        if isinstance(row, Unreadable):
            batch.unreadable.append((number, row))
        else:
            event = shape.event(row, f"file-{digest[:32]}-{number}")
            batch.add(number, _ENCODER.encode(event))
        if batch.is_full:
            yield batch
            batch = Batch()
    if batch.rows:
        yield batch
