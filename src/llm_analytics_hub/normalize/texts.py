"""Text columns: names and ids as bounded text, vocabularies mapped over their distinct values."""

import math
import re
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.event import TEXT
from llm_analytics_hub.model.stream import (
    DEFAULT_STREAM,
    POLICIES,
    SOURCE_SPELLINGS,
    STREAM_OF_SOURCE,
)
from llm_analytics_hub.normalize.column import Fault, each, excerpt, text_column

MAX_LENGTH = 1024
"""Longest text of a canonical field, in bytes of UTF-8."""

_LONGEST_INTEGER = 1024  # bits; past 4300 digits Python refuses to print one
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")


def to_texts(values: Sequence[object]) -> tuple[pa.Array, list[Fault]]:
    """Values as text: "" is unknown, numbers and booleans become their JSON text.

    Faults: `invalid_text` for lists, objects and broken Unicode, `text_too_long`.
    """
    column = text_column(values)
    if column is None or not len(column):
        return _each_text(values)
    lengths = _byte_lengths(column)
    if lengths.max() > MAX_LENGTH:
        return _each_text(values)
    if np.count_nonzero(lengths) + column.null_count < len(column):
        column = pc.if_else(pc.equal(column, ""), pa.scalar(None, TEXT), column)
    return column, []


def _each_text(values: Sequence[object]) -> tuple[pa.Array, list[Fault]]:
    texts, faults = each(values, _to_text)
    return pa.array(texts, TEXT), faults


def _byte_lengths(column: pa.Array) -> NDArray[np.int32]:
    """Bytes of every text, 0 for null: the steps between the column's offsets."""
    offsets = np.frombuffer(column.buffers()[1], np.int32)[column.offset :][: len(column) + 1]
    return np.diff(offsets)


def _to_text(value: object) -> str | None:
    if value is None or value == "":
        return None
    text = _spelled(value)
    if text is None or not _is_unicode(text):
        raise InvalidInputError(f"expected text, got {excerpt(value)}", code="invalid_text")
    if len(text.encode()) > MAX_LENGTH:
        raise InvalidInputError(f"text of over {MAX_LENGTH} bytes", code="text_too_long")
    return text


def _spelled(value: object) -> str | None:
    """A text as it is, a number or boolean as JSON writes it; None for all else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value.bit_length() <= _LONGEST_INTEGER else None
    if isinstance(value, float):
        return str(value) if math.isfinite(value) else None
    return value if isinstance(value, str) else None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def mapped(column: pa.Array, step: Callable[[str], str | None]) -> tuple[pa.Array, list[Fault]]:
    """Every text through `step`, called once per distinct value; its refusals as faults."""
    codes = column.dictionary_encode()
    cleaned, refused = each(codes.dictionary.to_pylist(), step)
    faults = _spread(codes.indices, refused) if refused else []
    return pa.array(cleaned, TEXT).take(codes.indices), faults


def _spread(codes: pa.Array, refused: list[Fault]) -> list[Fault]:
    """The faults of distinct texts as faults of the rows that have them."""
    by_code = {fault.row: fault for fault in refused}
    found = ((row, by_code.get(code)) for row, code in enumerate(codes.to_pylist()))
    return [Fault(row, fault.code, fault.message) for row, fault in found if fault]


def to_source(text: str) -> str:
    """The hub's name of a source, whichever spelling its sender uses."""
    name = text.strip().lower()
    return SOURCE_SPELLINGS.get(name) or _name(name, "source")


def to_event_type(text: str) -> str:
    """A dotted, lower-case event type."""
    return _name(text.strip().lower(), "event_type")


def to_stream(text: str) -> str:
    """One of the streams of `POLICIES`."""
    if text not in POLICIES:
        choice = ", ".join(sorted(POLICIES))
        raise InvalidInputError(
            f"stream {excerpt(text)} is none of {choice}", code="unknown_stream"
        )
    return text


def stream_of(source: str) -> str:
    """The stream of a source that names none."""
    return STREAM_OF_SOURCE.get(source, DEFAULT_STREAM)


_STATUSES = {
    **dict.fromkeys(("ok", "success", "succeeded", "allow", "allowed", "completed", "pass"), "ok"),
    **dict.fromkeys(
        ("error", "failed", "failure", "timeout", "rate_limited", "cancelled", "incomplete"),
        "error",
    ),
    **dict.fromkeys(("denied", "deny", "blocked", "rejected"), "denied"),
}


def to_status(text: str) -> str:
    """ok, error, denied, or unset for everything else: a total map."""
    return _STATUSES.get(text.strip().lower(), "unset")


def _name(text: str, field: str) -> str:
    if not _NAME.fullmatch(text):
        message = f"{field} {excerpt(text)} is no name of letters, digits, '.', '_' and '-'"
        raise InvalidInputError(message, code=f"invalid_{field}")
    return text
