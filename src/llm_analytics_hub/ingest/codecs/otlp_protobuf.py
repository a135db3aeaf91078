"""Spans out of OTLP protobuf.

The generated classes cost about 1 µs for each attribute, nearly all of it spent on Python wrappers
of `KeyValue` and `AnyValue`. So the published schema is loaded with one change that keeps the wire
format: attributes and statuses are `bytes` instead of messages. They repeat (same model, same
server), so their bytes are looked up before they are decoded, and the few kinds that make nearly
all attributes are decoded here; the rest goes through the generated classes.
"""

import sys
from base64 import b64encode
from collections.abc import Iterator
from struct import Struct
from typing import Any

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.resource.v1 import resource_pb2
from opentelemetry.proto.trace.v1 import trace_pb2

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.dialects.span import Span, SpanEvent

Pair = tuple[str, object]
SpanGroup = tuple[dict[str, object], str, list[Span]]

LEFT_RAW = (".opentelemetry.proto.common.v1.KeyValue", ".opentelemetry.proto.trace.v1.Status")
REQUEST = "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest"
# Wire tags (field number << 3 | wire type) of KeyValue and AnyValue in the published schema.
KEY, VALUE, STRING_VALUE, INT_VALUE, DOUBLE_VALUE = 0x0A, 0x12, 0x0A, 0x18, 0x21
ONE_BYTE = 0x80  # lengths below this take one byte
unpack_double = Struct("<d").unpack_from


def spans_from_protobuf(body: bytes) -> Iterator[SpanGroup]:
    """The spans of a serialised `ExportTraceServiceRequest`, by resource and scope.

    Raises: UndecodableError, also while iterating (text that is not UTF-8).
    """
    try:
        request = Request.FromString(body)
        pairs, statuses = Pairs(), Statuses()
        for of_resource in request.resource_spans:
            resource = pairs.decode(of_resource.resource.attributes)
            for of_scope in of_resource.scope_spans:
                yield (
                    resource,
                    of_scope.scope.name,
                    [_span(span, pairs, statuses) for span in of_scope.spans],
                )
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError("the body is not an OTLP trace request in protobuf") from error


class Statuses(dict[bytes, tuple[int, str]]):
    """Serialised `Status` to (code, message); most spans of a request share one."""

    def __missing__(self, raw: bytes) -> tuple[int, str]:
        status = trace_pb2.Status.FromString(raw)
        decoded = self[raw] = status.code, status.message
        return decoded


class Pairs(dict[bytes, Pair]):
    """Serialised `KeyValue` to (key, value); decodes what it meets for the first time.

    Short text and numbers are read without making a message. Keys are one object each, which
    makes every later look-up by key a comparison of addresses.
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys: dict[bytes, str] = {}

    def decode(self, attributes: Any) -> dict[str, object]:
        """The attributes as one flat dict; of a repeated key the last value stands."""
        return dict(map(self.__getitem__, attributes))

    def __missing__(self, raw: bytes) -> Pair:
        """Decode `raw`; raises DecodeError or UnicodeDecodeError if it is no `KeyValue`."""
        value: object = None
        at = -1
        size = len(raw)
        if 6 < size < ONE_BYTE and raw[0] == KEY:
            at = raw[1] + 2  # where the value begins: tag, length, then the AnyValue
            if at + 4 <= size and raw[at] == VALUE and raw[at + 1] == size - at - 2:
                value = _short_value(raw, at + 2, size)
        if value is None:
            pair = common_pb2.KeyValue.FromString(raw)
            decoded: Pair = sys.intern(pair.key), _any_value(pair.value)
        else:
            head = raw[2:at]
            key = self._keys.get(head)
            if key is None:
                key = self._keys[head] = sys.intern(head.decode())
            decoded = key, value
        self[raw] = decoded
        return decoded


def _short_value(raw: bytes, at: int, size: int) -> str | int | float | None:
    """The value of the AnyValue from `at` to the end, None if it needs a message."""
    tag = raw[at]
    if tag == STRING_VALUE:
        return raw[at + 2 :].decode() if raw[at + 1] == size - at - 2 else None
    if tag == INT_VALUE:
        low, high = raw[at + 1], raw[size - 1]
        if size == at + 2 and low < ONE_BYTE:
            return low
        if size == at + 3 and low >= ONE_BYTE > high:
            return low - ONE_BYTE | high << 7
    elif tag == DOUBLE_VALUE and size == at + 9:
        number: float = unpack_double(raw, at + 1)[0]
        return number
    return None


def _any_value(value: common_pb2.AnyValue) -> object:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_any_value(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {pair.key: _any_value(pair.value) for pair in value.kvlist_value.values}
    if kind == "bytes_value":
        return b64encode(value.bytes_value).decode()  # as OTLP JSON writes it
    return getattr(value, kind) if kind else None


def _span(span: Any, pairs: Pairs, statuses: Statuses) -> Span:
    events, links = span.events, span.links
    code, message = statuses[span.status]
    return Span(
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.name,
        span.kind,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        code,
        message,
        pairs.decode(span.attributes),
        [_event(event, pairs) for event in events] if events else [],
        [_link(link) for link in links] if links else [],
    )


def _event(event: Any, pairs: Pairs) -> SpanEvent:
    return SpanEvent(event.name, event.time_unix_nano, pairs.decode(event.attributes))


def _link(link: Any) -> dict[str, object]:
    return {"trace_id": link.trace_id.hex(), "span_id": link.span_id.hex()}


def _request_class() -> Any:
    """The class of the published request whose attributes and statuses stay bytes."""
    pool = DescriptorPool()
    for published in (common_pb2, resource_pb2, trace_pb2, trace_service_pb2):
        file = FileDescriptorProto()
        published.DESCRIPTOR.CopyToProto(file)
        if published is not common_pb2:
            _leave_raw(file.message_type)
        pool.Add(file)
    return GetMessageClass(pool.FindMessageTypeByName(REQUEST))


def _leave_raw(messages: Any) -> None:
    for message in messages:
        _leave_raw(message.nested_type)
        for field in message.field:
            if field.type_name in LEFT_RAW:
                field.type = FieldDescriptorProto.TYPE_BYTES
                field.ClearField("type_name")


Request = _request_class()
