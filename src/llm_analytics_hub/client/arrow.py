"""Answers and events as Arrow columns. Imported when they are wanted: pyarrow is large."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa

from llm_analytics_hub.client.columns import Column
from llm_analytics_hub.model.event import EVENT_SCHEMA, MOMENT, MONEY

_ARROW: Mapping[str, pa.DataType] = {
    "timestamp": MOMENT,
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "decimal": MONEY,
}


def table_of(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Rows of Python values as columns of the types that `columns` name."""
    arrays = [
        _array([row[place] for row in rows], _ARROW.get(column.type))
        for place, column in enumerate(columns)
    ]
    fields = [
        pa.field(column.name, array.type, metadata={"unit": column.unit} if column.unit else None)
        for column, array in zip(columns, arrays, strict=True)
    ]
    return pa.table(arrays, pa.schema(fields))


def opened(stream: bytes) -> pa.Table:
    """The table in an Arrow stream."""
    with pa.ipc.open_stream(stream) as reader:
        return reader.read_all()


def columns_of(schema: pa.Schema) -> tuple[Column, ...]:
    """Columns as the stream's schema tells them: in its metadata, else by the types."""
    told = (schema.metadata or {}).get(b"columns")
    if told is not None:
        return msgspec.json.decode(told, type=tuple[Column, ...])
    return tuple(Column(one.name, _named(one.type), _unit(one)) for one in schema)


def events_table(events: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Events as columns: the canonical ones that at least one has, attributes as JSON text."""
    known = set().union(*(event.keys() for event in events))
    names = [name for name in EVENT_SCHEMA.names if name in known]
    more = sorted(known - set(names))
    return pa.table({name: _event_column(name, events) for name in (*names, *more)})


def objects_table(objects: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Objects of any members as columns, in the order they are first seen; objects in them as JSON text."""
    names = dict.fromkeys(name for one in objects for name in one)
    return pa.table({name: _guessed([one.get(name) for one in objects]) for name in names})


def _event_column(name: str, events: Iterable[Mapping[str, Any]]) -> pa.Array:
    values = [event.get(name) for event in events]
    if name not in EVENT_SCHEMA.names:
        return _guessed(values)
    kind = EVENT_SCHEMA.field(name).type
    return pa.array(map(_text, values) if kind == pa.string() else values, kind)


def _guessed(values: Sequence[Any]) -> pa.Array:
    plain = [_text(value) if isinstance(value, dict) else value for value in values]
    try:
        return pa.array(plain)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # values of different types under one name
        return pa.array(map(_text, plain), pa.string())


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()


def _array(values: Sequence[Any], kind: pa.DataType | None) -> pa.Array:
    """Values of a type; numbers with more digits than it has keep theirs."""
    if kind is None:
        return _guessed(values)
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, OverflowError):
        return _wide(values)


def _wide(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, OverflowError):
        return pa.array([None if value is None else Decimal(value) for value in values])


def _named(kind: pa.DataType) -> str:
    types = pa.types
    for is_one, name in (
        (types.is_timestamp, "timestamp"), (types.is_integer, "integer"),
        (types.is_floating, "number"), (types.is_decimal, "decimal"),
    ):  # fmt: skip
        if is_one(kind):
            return name
    return "string"


def _unit(one: pa.Field) -> str | None:
    unit = (one.metadata or {}).get(b"unit")
    return None if unit is None else unit.decode()
