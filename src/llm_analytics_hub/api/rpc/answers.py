"""Answers of the hub as messages of `llm_analytics_hub.query.v1`."""

import math
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
from google.protobuf.timestamp_pb2 import Timestamp

from llm_analytics_hub.api.rpc.schema import messages_of
from llm_analytics_hub.query.answered import Answered, plain

Message = Any
Json = Mapping[str, Any]

PIECE_BYTES = 1024 * 1024
"""A piece of a stream is about that large: clients take 4 MiB if they are not told otherwise."""

NAMED = messages_of("llm_analytics_hub.query.v1")
_QueryResponse, _Value, _Row = NAMED("QueryResponse"), NAMED("Value"), NAMED("Row")
_ArrowPiece, _Event, _Span = NAMED("ArrowPiece"), NAMED("Event"), NAMED("Span")
_Asset = NAMED("Asset")
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_UNKNOWN = _Value()
_MICROSECOND = pa.timestamp("us", "UTC")


def to_response(answered: Answered) -> Message:
    """A QueryResponse: rows of values, as exact as the store has them."""
    columns = [_values(column) for column in answered.rows.columns]
    rows = (_Row(values=values) for values in zip(*columns, strict=True))
    return _headed(_QueryResponse(rows=rows), answered)


def to_arrow_pieces(answered: Answered) -> Iterator[Message]:
    """ArrowPieces; in the tables of an answer, too, a text that is unknown is null."""
    sink = pa.BufferOutputStream()
    table = _without_empty_texts(answered.rows)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    whole = memoryview(sink.getvalue())
    yield _headed(_ArrowPiece(ipc=bytes(whole[:PIECE_BYTES])), answered)
    for start in range(PIECE_BYTES, len(whole), PIECE_BYTES):
        yield _ArrowPiece(ipc=bytes(whole[start : start + PIECE_BYTES]))


def to_event(event: Json) -> Message:
    """An Event, of one as the REST API shows it."""
    head = {name: event[name] for name in ("event_id", "source", "stream", "event_type")}
    moment = Timestamp()
    moment.FromJsonString(event["occurred_at"])
    return _Event(**head, occurred_at=moment, json=_text(event))


def to_spans(roots: Iterable[Json]) -> Iterator[Message]:
    """The Spans of a forest, parents before children."""
    waiting = [(0, root) for root in reversed(list(roots))]
    while waiting:
        depth, span = waiting.pop()
        own = {name: value for name, value in span.items() if name != "children"}
        yield _Span(depth=depth, event=to_event(own))
        waiting += [(depth + 1, child) for child in reversed(span.get("children", ()))]


def to_asset(asset: Json) -> Message:
    """An Asset, of one as the REST API shows it."""
    head = {name: asset[name] for name in ("asset_id", "asset_name", "version") if name in asset}
    return _Asset(**head, json=_text(asset))


def in_pieces(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """The messages in groups of about PIECE_BYTES; at least one group, if an empty one."""
    group: list[Message] = []
    size = 0
    for message in messages:
        if group and size + message.ByteSize() > PIECE_BYTES:
            yield group
            group, size = [], 0
        group.append(message)
        size += message.ByteSize()
    yield group


def _headed(message: Message, answered: Answered) -> Message:
    for column in answered.columns:
        message.columns.add(**column)
    message.meta.update(msgspec.json.decode(_ENCODER.encode(answered.meta)))
    return message


def _text(value: object) -> str:
    return _ENCODER.encode(value).decode()


def _values(column: pa.ChunkedArray) -> list[Message]:
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(_MICROSECOND).cast(pa.int64())
    write = next((write for matches, write in _WRITERS if matches(kind)), _json)
    return [_UNKNOWN if value is None else write(value) for value in column.to_pylist()]


def _time(microseconds: int) -> Message:
    seconds, rest = divmod(microseconds, 1_000_000)
    return _Value(time=Timestamp(seconds=seconds, nanos=rest * 1000))


def _number(value: float) -> Message:
    return _UNKNOWN if math.isnan(value) else _Value(number=value)


def _decimal(value: Decimal) -> Message:
    return _Value(decimal=f"{plain(value):f}")


def _string(value: str) -> Message:
    return _Value(text=value) if value else _UNKNOWN  # the stores' word for unknown text is ""


def _json(value: object) -> Message:
    return _Value(json=_text(value))


_WRITERS: tuple[tuple[Any, Any], ...] = (
    (pa.types.is_timestamp, _time),
    (lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind), _string),
    (pa.types.is_decimal, _decimal),
    (pa.types.is_floating, _number),
    (pa.types.is_boolean, lambda value: _Value(boolean=value)),
    (pa.types.is_integer, lambda value: _Value(integer=value)),
)


def _without_empty_texts(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    for place, column in enumerate(table.columns):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            unknown = pa.scalar(None, column.type)
            shown = pc.if_else(pc.equal(column, ""), unknown, column)
            table = table.set_column(place, table.column_names[place], shown)
    return table
