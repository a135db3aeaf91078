"""A file in slices small enough to be held: lines stay whole, and CSV slices have its header."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from llm_analytics_hub.errors import InvalidInputError, TooLargeError
from llm_analytics_hub.integrations.payload import Payload

TYPES = {
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".csv": "text/csv",
}
"""What a file holds, by the end of its name."""

SLICE_BYTES = 4 << 20


def slices(path: Path, largest_bytes: int, slice_bytes: int = SLICE_BYTES) -> Iterator[Payload]:
    """The payloads of a file, in order; JSON is one, whatever has lines is several.

    Raises: InvalidInputError for a name that does not tell what the file holds; TooLargeError for
    JSON, or a line, of more than `largest_bytes`; OSError.
    """
    content_type = TYPES.get(path.suffix.lower())
    if content_type is None:
        message = f"{path.name}: a file's name ends in one of {', '.join(TYPES)}"
        raise InvalidInputError(message, code="unknown_format")
    with path.open("rb") as file:
        if content_type == "application/json":
            yield Payload(_whole(file, path, largest_bytes), content_type, path.name)
            return
        header = _line(file, path, largest_bytes) if content_type == "text/csv" else b""
        for lines in _lines(file, path, largest_bytes, slice_bytes):
            yield Payload(header + lines, content_type, path.name)


def _whole(file: BinaryIO, path: Path, largest_bytes: int) -> bytes:
    body = file.read(largest_bytes + 1)
    if len(body) > largest_bytes:
        text = f"{path.name} is larger than {largest_bytes} bytes: write one object a line (.jsonl)"
        raise TooLargeError(text)
    return body


def _line(file: BinaryIO, path: Path, largest_bytes: int) -> bytes:
    line = file.readline(largest_bytes + 1)
    if len(line) > largest_bytes:
        raise TooLargeError(f"{path.name} has a line of more than {largest_bytes} bytes")
    return line


def _lines(file: BinaryIO, path: Path, largest_bytes: int, slice_bytes: int) -> Iterator[bytes]:
    """Slices that end where a line does. A quoted CSV field with a line break in it stays whole."""
    held: list[bytes] = []
    size, quotes = 0, 0
    while line := _line(file, path, largest_bytes):
        held.append(line)
        size += len(line)
        quotes += line.count(b'"')
        is_whole = quotes % 2 == 0 or path.suffix.lower() != ".csv"
        if size >= slice_bytes and is_whole:
            yield b"".join(held)
            held, size, quotes = [], 0, 0
        elif size > largest_bytes:
            raise TooLargeError(f"{path.name} has a field of more than {largest_bytes} bytes")
    if held:
        yield b"".join(held)
