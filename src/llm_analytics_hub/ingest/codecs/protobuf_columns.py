"""OTLP requests in protobuf, decoded to Arrow by ptars: no object for any message or attribute.

The published schema is loaded with three changes that keep the wire format: fields the hub has no
use for are left out (a parser skips what it does not know), lists and maps in attributes stay
bytes (Arrow has no recursive types; they are rare and decoded one by one), and texts are bytes too,
so that one that is no UTF-8 does not cost its request.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, cast

import numpy as np
import ptars
import pyarrow as pa
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.codecs.any_value import array_value, bytes_value, kvlist_value

Numbers = NDArray[np.int64]

_KEPT_OF_COMMON: Final[Mapping[str, Collection[str]]] = {
    "AnyValue": ("string_value", "bool_value", "int_value", "double_value", "array_value",
                 "kvlist_value", "bytes_value"),
    "KeyValue": ("key", "value"),
    "InstrumentationScope": ("name",),
    "Resource": ("attributes",),
}  # fmt: skip
_RECURSIVE: Final = ("array_value", "kvlist_value")


class RequestReader:
    """Reads one kind of request, as columns of the fields that are kept of each message."""

    def __init__(
        self, request: str, files: Sequence[Any], kept: Mapping[str, Collection[str]]
    ) -> None:
        pool = DescriptorPool()
        for file in (common_pb2, resource_pb2, *files):
            pool.Add(_trimmed(file, {**_KEPT_OF_COMMON, **kept}))
        message = pool.FindMessageTypeByName(request)
        names = [file.DESCRIPTOR.name for file in (common_pb2, resource_pb2, *files)]
        handlers = ptars.HandlerPool([pool.FindFileByName(name) for name in names])
        self._handler = handlers.get_for_message(message)

    def read(self, body: bytes) -> pa.RecordBatch:
        """The request as a batch of one row. Raises: UndecodableError."""
        try:
            return self._handler.list_to_record_batch([body])
        except ValueError as error:
            raise UndecodableError(f"the body is no OTLP request in protobuf: {error}") from error


def _trimmed(published: Any, kept: Mapping[str, Collection[str]]) -> FileDescriptorProto:
    file = FileDescriptorProto()
    published.DESCRIPTOR.CopyToProto(file)
    for message in _messages(file.message_type):
        if message.name in kept:
            fields = [field for field in message.field if field.name in kept[message.name]]
            del message.field[:]
            message.field.extend(fields)
        for field in message.field:
            if field.name in _RECURSIVE:
                field.ClearField("type_name")
                field.type = FieldDescriptorProto.TYPE_BYTES
            elif field.type == FieldDescriptorProto.TYPE_STRING:
                field.type = FieldDescriptorProto.TYPE_BYTES
    return file


def _messages(level: Any) -> list[Any]:
    return [*level, *(inner for message in level for inner in _messages(message.nested_type))]


def flat(lists: pa.Array) -> tuple[pa.Array, Numbers]:
    """All items of all lists, and for each list where its items begin and end (n + 1 numbers)."""
    return lists.values, lists.offsets.to_numpy().astype(np.int64)


def texts(column: pa.Array) -> pa.Array:
    """Bytes as text; what is no UTF-8 keeps its sound parts, the rest becomes U+FFFD."""
    try:
        return column.cast(pa.string())
    except pa.ArrowInvalid:
        repaired = [None if raw is None else raw.decode(errors="replace")
                    for raw in column.to_pylist()]  # fmt: skip
        return pa.array(repaired, pa.string())


def hex_ids(column: pa.Array) -> list[str]:
    """Ids in lower-case hex, whatever their length."""
    whole = column.to_pylist()
    return [raw.hex() for raw in whole]


class Pairs:
    """The attributes of many owners: keys as numbers, values as Python objects, owner by owner."""

    def __init__(self, lists: pa.Array) -> None:
        items, self._ends = flat(lists)
        keys = texts(items.field("key")).dictionary_encode()
        self._names: list[str] = keys.dictionary.to_pylist()
        codes = keys.indices.to_numpy().astype(np.int32)
        self._codes = codes.tobytes()
        self._values = any_values(items.field("value"))

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


def any_values(column: pa.Array) -> NDArray[np.object_]:
    """Any values as Python objects: absent ones None, bytes in base 64 as OTLP JSON has them."""
    strings = texts(column.field("string_value"))
    values = cast(NDArray[np.object_], strings.to_numpy(zero_copy_only=False).astype(object))
    for name in ("int_value", "double_value", "bool_value"):
        numbers = column.field(name)
        if numbers.null_count < len(numbers):
            known = numbers.is_valid().to_numpy(zero_copy_only=False)
            values[known] = numbers.drop_null().to_numpy(zero_copy_only=False)
    for name, decode in _DECODERS.items():
        whole = column.field(name)
        if whole.null_count < len(whole):
            for place in np.flatnonzero(whole.is_valid().to_numpy(zero_copy_only=False)):
                values[place] = _decoded(decode, whole[int(place)].as_py())
    return values


def _decoded(decode: Any, raw: bytes) -> object:
    try:
        return decode(raw)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError("a list or map in an attribute is no protobuf") from error


_DECODERS: Final = {
    "array_value": array_value,
    "kvlist_value": kvlist_value,
    "bytes_value": bytes_value,
}
