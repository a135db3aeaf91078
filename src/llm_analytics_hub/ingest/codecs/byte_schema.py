"""The published OTLP schema, changed in three ways that keep the wire format.

Texts are bytes, so that one that is no UTF-8 does not cost its request; lists and maps in
attributes are bytes too, to be decoded one by one and no deeper than they may be; and fields that
the hub has no use for are left out, as a parser skips what it does not know.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2

COMMON_FILES: Final = (common_pb2, resource_pb2)
"""What the files of every signal import."""

_KEPT_OF_COMMON: Final[Mapping[str, Collection[str]]] = {
    "AnyValue": ("string_value", "bool_value", "int_value", "double_value", "array_value",
                 "kvlist_value", "bytes_value"),
    "KeyValue": ("key", "value"),
    "InstrumentationScope": ("name",),
    "Resource": ("attributes",),
}  # fmt: skip
_RECURSIVE: Final = ("array_value", "kvlist_value")


def byte_schema(files: Sequence[Any], kept: Mapping[str, Collection[str]]) -> DescriptorPool:
    """The schema of `files` and what they import; of the messages in `kept` only those fields."""
    pool = DescriptorPool()
    for file in (*COMMON_FILES, *files):
        pool.Add(_changed(file, {**_KEPT_OF_COMMON, **kept}))
    return pool


def _changed(published: Any, kept: Mapping[str, Collection[str]]) -> FileDescriptorProto:
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
