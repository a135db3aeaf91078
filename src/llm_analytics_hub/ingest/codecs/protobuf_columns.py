"""OTLP requests in protobuf, decoded to Arrow by ptars: no object for any message or attribute.

By the byte schema: Arrow has no recursive types, so lists and maps in attributes are decoded one by
one, and texts are checked here.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, cast

import numpy as np
import ptars
import pyarrow as pa
from numpy.typing import NDArray

from llm_analytics_hub.errors import InvalidInputError, UndecodableError
from llm_analytics_hub.ingest.codecs.any_value import kind_value
from llm_analytics_hub.ingest.codecs.byte_schema import COMMON_FILES, byte_schema
from llm_analytics_hub.ingest.codecs.notes import Notes, Unreadable

Numbers = NDArray[np.int64]


class RequestReader:
    """Reads one kind of request, as columns of the fields that are kept of each message."""

    def __init__(
        self, request: str, files: Sequence[Any], kept: Mapping[str, Collection[str]]
    ) -> None:
        pool = byte_schema(files, kept)
        names = [file.DESCRIPTOR.name for file in (*COMMON_FILES, *files)]
        handlers = ptars.HandlerPool([pool.FindFileByName(name) for name in names])
        self._handler = handlers.get_for_message(pool.FindMessageTypeByName(request))

    def read(self, body: bytes) -> pa.RecordBatch:
        """The request as a batch of one row. Raises: UndecodableError."""
        try:
            return self._handler.list_to_record_batch([body])
        except ValueError as error:
            raise UndecodableError(f"the body is no OTLP request in protobuf: {error}") from error


def flat(lists: pa.Array) -> tuple[pa.Array, Numbers]:
    """All items of all lists, and for each list where its items begin and end (n + 1 numbers)."""
    return lists.values, lists.offsets.to_numpy().astype(np.int64)


def texts(column: pa.Array, notes: Notes) -> pa.Array:
    """Bytes as text; what is no UTF-8 keeps its sound parts, the rest becomes U+FFFD."""
    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid:
        notes.is_suspect = True
        repaired = [None if raw is None else raw.decode(errors="replace")
                    for raw in column.to_pylist()]  # fmt: skip
        return pa.array(repaired, pa.string())


def hex_ids(column: pa.Array) -> list[str]:
    """Ids in lower-case hex, whatever their length."""
    whole = column.to_pylist()
    return [raw.hex() for raw in whole]


class Pairs:
    """The attributes of many owners: keys as numbers, values as Python objects, owner by owner."""

    def __init__(self, lists: pa.Array, notes: Notes) -> None:
        items, self._ends = flat(lists)
        keys = texts(items.field("key"), notes).dictionary_encode()
        self._names: list[str] = keys.dictionary.to_pylist()
        codes = keys.indices.to_numpy().astype(np.int32)
        self._codes = codes.tobytes()
        self._values = any_values(items.field("value"), notes)

    def shapes(self) -> list[bytes]:
        """For each owner the numbers of its keys, in their order: equal for equal shapes."""
        ends = (self._ends * 4).tolist()
        codes = self._codes
        return [codes[begin:end] for begin, end in pairwise(ends)]

    def columns(self, shape: bytes, owners: Numbers) -> dict[str, list[object]]:
        """The attributes of `owners`, all of that shape: a list of values for each name."""
        begins = self._ends[owners]
        names = [self._names[code] for code in np.frombuffer(shape, np.int32)]
        return {name: self._values[begins + at].tolist() for at, name in enumerate(names)}

    def of(self, owner: int) -> dict[str, object]:
        """The attributes of one owner; of a repeated name the last value stands."""
        begin, end = self._ends[owner], self._ends[owner + 1]
        codes = np.frombuffer(self._codes, np.int32)[begin:end]
        values = self._values[begin:end]
        return {self._names[code]: value for code, value in zip(codes, values, strict=True)}


def any_values(column: pa.Array, notes: Notes) -> NDArray[np.object_]:
    """Any values as Python objects: absent ones None, bytes in base 64 as OTLP JSON has them.

    A list or map that cannot be read, or is nested too deeply, is an `Unreadable`.
    """
    strings = texts(column.field("string_value"), notes)
    values = cast(NDArray[np.object_], strings.to_numpy(zero_copy_only=False).astype(object))
    for name in ("int_value", "double_value", "bool_value"):
        numbers = column.field(name)
        if numbers.null_count < len(numbers):
            known = numbers.is_valid().to_numpy(zero_copy_only=False)
            values[known] = numbers.drop_null().to_numpy(zero_copy_only=False)
    for name in ("array_value", "kvlist_value", "bytes_value"):
        whole = column.field(name)
        if whole.null_count < len(whole):
            for place in np.flatnonzero(whole.is_valid().to_numpy(zero_copy_only=False)):
                values[place] = _decoded(name, whole[int(place)].as_py(), notes)
    return values


def _decoded(kind: str, raw: bytes, notes: Notes) -> object:
    try:
        return kind_value(kind, raw)
    except UnicodeDecodeError:
        notes.is_suspect = True
        return kind_value(kind, raw, errors="replace")
    except InvalidInputError as error:
        notes.is_suspect = True
        return Unreadable(error.code, error.message)
