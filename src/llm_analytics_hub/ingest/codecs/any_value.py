"""Lists and maps in OTLP attributes, by the generated classes."""

from base64 import b64encode

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList


def array_value(raw: bytes) -> list[object]:
    """A serialised `ArrayValue`. Raises: DecodeError; RecursionError where it is too deep."""
    return [_any_value(item) for item in ArrayValue.FromString(raw).values]


def kvlist_value(raw: bytes) -> dict[str, object]:
    """A serialised `KeyValueList`. Raises: as `array_value`."""
    return _pairs(KeyValueList.FromString(raw))


def bytes_value(raw: bytes) -> str:
    """Bytes in base 64, as OTLP JSON writes them."""
    return b64encode(raw).decode()


def _pairs(pairs: KeyValueList) -> dict[str, object]:
    return {pair.key: _any_value(pair.value) for pair in pairs.values}


def _any_value(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_any_value(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return _pairs(value.kvlist_value)
    if kind == "bytes_value":
        return bytes_value(value.bytes_value)
    return getattr(value, kind) if kind else None
