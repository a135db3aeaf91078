"""What has no column of its own, as JSON text."""

from collections.abc import Mapping, Sequence
from types import NoneType

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.event import TEXT
from llm_analytics_hub.normalize.column import Fault, each, excerpt

MAX_ATTRIBUTES_BYTES = 64 * 1024
"""Most JSON text of one event's attributes; larger things are contents."""

MAX_DEPTH = 100
"""Most objects and lists inside one another: what is stored must be readable by every client."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder()
_BRACKET_BIT = np.uint8(ord("{") ^ ord("["))
_NOT_JSON = (RecursionError, TypeError, ValueError, OverflowError)


def to_attributes(
    given: Sequence[object] | pa.Array, others: Sequence[Mapping[str, object]] | None
) -> tuple[pa.Array, list[Fault]]:
    """Attributes of every row as JSON text, null where there are none; its `others` join them.

    Faults: `invalid_attributes` (no object), `attributes_too_large`, `attributes_too_deep`.
    """
    column = None if others else plain_attributes(given)
    if column is not None:
        return column, []
    values = given.to_pylist() if isinstance(given, pa.Array) else given
    rows = zip(values, others or [{}] * len(given), strict=True)
    texts, faults = each(rows, lambda row: _to_json(*row))
    return pa.array(texts, TEXT), faults


def plain_attributes(given: Sequence[object] | pa.Array) -> pa.Array | None:
    """The common batch at once: objects of a fair size and nothing else; None if it is not so."""
    if isinstance(given, pa.Array):
        return given
    kinds = set(map(type, given))
    if kinds == {bytes}:
        return plain_texts(given)  # type: ignore[arg-type]  # a codec's own JSON text
    if not kinds <= {dict, NoneType}:
        return None
    try:
        texts = [_ENCODER.encode(whole) if whole else None for whole in given]
    except _NOT_JSON:
        return None
    return plain_texts(texts)


def plain_texts(texts: Sequence[bytes | None]) -> pa.Array | None:
    """JSON objects as text; None if one of them is too large, too deep or no UTF-8."""
    column = pa.array(texts, pa.binary())
    longest = pc.max(pc.binary_length(column)).as_py() or 0
    if longest > MAX_ATTRIBUTES_BYTES:
        return None
    # So deep a text has two brackets a level: most are too short to be looked through.
    if longest > 2 * MAX_DEPTH and _most_brackets(column) > MAX_DEPTH:
        return None
    try:
        return column.cast(TEXT)
    except pa.ArrowInvalid:
        return None


def _most_brackets(texts: pa.Array) -> int:
    """Most opening brackets of one text: no text is nested deeper than it has brackets."""
    _, ends, data = texts.buffers()
    if data is None or not len(texts):
        return 0
    # One bit tells { from [, so that one comparison finds both.
    brackets = np.flatnonzero((np.frombuffer(data, np.uint8) | _BRACKET_BIT) == ord("{"))
    offsets = np.frombuffer(ends, np.int32)[: len(texts) + 1]
    return int(np.diff(np.searchsorted(brackets, offsets)).max())


def _to_json(given: object, others: Mapping[str, object]) -> str | None:
    whole = _object(given)
    for name, value in others.items():
        whole.setdefault(name, value)
    return _encoded(whole) if whole else None


def _object(given: object) -> dict[str, object]:
    if isinstance(given, str | bytes):
        try:
            given = _DECODER.decode(given)
        except (msgspec.DecodeError, *_NOT_JSON) as error:
            raise InvalidInputError("attributes are no JSON", code="invalid_attributes") from error
    if given is None or isinstance(given, dict):
        return dict(given or {})
    raise InvalidInputError(f"attributes are {excerpt(given)}", code="invalid_attributes")


def _encoded(whole: dict[str, object]) -> str:
    try:
        text = _ENCODER.encode(whole)
    except _NOT_JSON as error:
        raise InvalidInputError("attributes are no JSON", code="invalid_attributes") from error
    if len(text) > MAX_ATTRIBUTES_BYTES:
        message = f"attributes of {len(text)} bytes, at most {MAX_ATTRIBUTES_BYTES} are taken"
        raise InvalidInputError(message, code="attributes_too_large")
    if _is_deep(whole):
        message = f"attributes nested deeper than {MAX_DEPTH} objects and lists"
        raise InvalidInputError(message, code="attributes_too_deep")
    return text.decode()


def _is_deep(whole: object) -> bool:
    """Whether more than MAX_DEPTH objects and lists lie inside one another."""
    level = [whole]
    for _ in range(MAX_DEPTH):
        inner = [part for outer in level for part in _parts(outer)]
        level = [part for part in inner if isinstance(part, dict | list)]
        if not level:
            return False
    return True


def _parts(outer: object) -> Sequence[object]:
    if isinstance(outer, dict):
        return list(outer.values())
    return outer if isinstance(outer, list) else []
