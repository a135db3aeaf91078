"""Lists and maps in OTLP attributes, one level at a time: no deeper than they may be."""

from base64 import b64encode
from typing import Any, Final

from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from llm_analytics_hub.errors import InvalidInputError, UndecodableError
from llm_analytics_hub.ingest.codecs.byte_schema import byte_schema
from llm_analytics_hub.normalize.attributes import MAX_DEPTH

_COMMON: Final = "opentelemetry.proto.common.v1."
_POOL: Final = byte_schema((), {})
_ARRAY: Final = GetMessageClass(_POOL.FindMessageTypeByName(_COMMON + "ArrayValue"))
_PAIRS: Final = GetMessageClass(_POOL.FindMessageTypeByName(_COMMON + "KeyValueList"))


def any_value(value: Any, *, errors: str = "strict", levels: int = MAX_DEPTH) -> object:
    """An `AnyValue` of the byte schema as Python has it: no value None, bytes in base 64.

    `errors`: what to do with texts that are no UTF-8, as in `bytes.decode`.
    Raises: UndecodableError; InvalidInputError `attributes_too_deep` beyond `levels`;
    UnicodeDecodeError where `errors` is strict.
    """
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    return kind_value(kind, getattr(value, kind), errors=errors, levels=levels)


def kind_value(kind: str, raw: Any, *, errors: str = "strict", levels: int = MAX_DEPTH) -> object:
    """The same of a value whose member `kind` is `raw`. Raises: as `any_value`."""
    match kind:
        case "string_value":
            return raw.decode(errors=errors)
        case "bytes_value":
            return b64encode(raw).decode()
        case "array_value":
            items = _message(_ARRAY, raw, levels).values
            return [any_value(item, errors=errors, levels=levels - 1) for item in items]
        case "kvlist_value":
            pairs = _message(_PAIRS, raw, levels).values
            return {
                pair.key.decode(errors=errors): any_value(
                    pair.value, errors=errors, levels=levels - 1
                )
                for pair in pairs
            }
        case _:
            return raw


def _message(kind: Any, raw: bytes, levels: int) -> Any:
    if levels <= 0:
        message = f"attributes nested deeper than {MAX_DEPTH} objects and lists"
        raise InvalidInputError(message, code="attributes_too_deep")
    try:
        return kind.FromString(raw)
    except DecodeError as error:
        raise UndecodableError("a list or map in an attribute is no protobuf") from error
