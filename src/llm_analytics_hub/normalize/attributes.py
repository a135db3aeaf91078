"""What has no column of its own: attributes as JSON text, prompts and completions as contents."""

from collections.abc import Iterable, Mapping, Sequence
from types import NoneType

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.event import TEXT
from llm_analytics_hub.normalize.column import Fault, each, excerpt

MAX_ATTRIBUTES_BYTES = 64 * 1024
"""Most JSON text of one event's attributes; larger things are contents."""

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_DECODER = msgspec.json.Decoder()


def to_attributes(
    given: Sequence[object], extra: Mapping[str, Sequence[object]]
) -> tuple[pa.Array, list[Fault]]:
    """Attributes of every row as JSON text, null where there are none; `extra` members join them.

    Faults: `invalid_attributes` (no object), `attributes_too_large`.
    """
    column = None if extra else _plain(given)
    if column is not None:
        return column, []
    names = tuple(extra)
    rows = zip(given, *extra.values(), strict=True)
    texts, faults = each(rows, lambda row: _to_json(row[0], zip(names, row[1:], strict=True)))
    return pa.array(texts, TEXT), faults


def _plain(given: Sequence[object]) -> pa.Array | None:
    """The common batch at once: objects of a fair size and nothing else; None if it is not so."""
    if not set(map(type, given)) <= {dict, NoneType}:
        return None
    try:
        texts = [_ENCODER.encode(whole) if whole else None for whole in given]
    except (RecursionError, UnicodeEncodeError, TypeError, ValueError, OverflowError):
        return None
    column = pa.array(texts, pa.binary())
    if (pc.max(pc.binary_length(column)).as_py() or 0) > MAX_ATTRIBUTES_BYTES:
        return None
    return column.cast(TEXT)


def _to_json(given: object, extra: Iterable[tuple[str, object]]) -> str | None:
    whole = _object(given)
    for name, value in extra:
        if value is not None:
            whole.setdefault(name, value)
    return _encoded(whole) if whole else None


def _object(given: object) -> dict[str, object]:
    if isinstance(given, str):
        try:
            given = _DECODER.decode(given)
        except (msgspec.DecodeError, RecursionError) as error:
            raise InvalidInputError("attributes are no JSON", code="invalid_attributes") from error
    if given is None or isinstance(given, dict):
        return dict(given or {})
    raise InvalidInputError(f"attributes are {excerpt(given)}", code="invalid_attributes")


def _encoded(whole: dict[str, object]) -> str:
    try:
        text = _ENCODER.encode(whole)
    except (RecursionError, UnicodeEncodeError, TypeError, ValueError, OverflowError) as error:
        raise InvalidInputError("attributes are no JSON", code="invalid_attributes") from error
    if len(text) > MAX_ATTRIBUTES_BYTES:
        message = f"attributes of {len(text)} bytes, at most {MAX_ATTRIBUTES_BYTES} are taken"
        raise InvalidInputError(message, code="attributes_too_large")
    return text.decode()


def to_contents(given: Sequence[object]) -> tuple[pa.Array, pa.Array]:
    """Content ids and bodies of every row, null where there is none; equal bodies share an id."""
    bodies = [_ENCODER.encode(content) if content else None for content in given]
    ids = [xxhash.xxh3_128_hexdigest(body) if body else None for body in bodies]
    return pa.array(ids, TEXT), pa.array(bodies, pa.binary()).cast(TEXT)
