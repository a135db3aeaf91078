"""JSON lines: one object a row, numbers exact."""

import json

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.query.formats.cells import lines_to_bytes, replaced, texts
from llm_analytics_hub.query.formats.format import Layout

_TO_ESCAPE = r'["\\\x00-\x1f]'
_NULL = pa.scalar(None, pa.string())


class JsonLines:
    """An object for each row; columns of JSON text stand as what they say."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def head(self) -> bytes:
        """See `Appending.head`."""
        return b""

    def rows(self, batch: pa.RecordBatch, /) -> bytes:
        """See `Appending.rows`."""
        if not batch.num_rows:
            return b""
        members = [self._member(n, batch.column(n)) for n in range(batch.num_columns)]
        # Not joined by commas with nulls left out: Arrow (26.0) loses rows that are all null so.
        joined = pc.utf8_rtrim(pc.binary_join_element_wise(*members, ""), ",")
        return lines_to_bytes(pc.binary_join_element_wise("{", joined, "}\n", ""), batch.num_rows)

    def tail(self) -> bytes:
        """See `Appending.tail`."""
        return b""

    def _member(self, place: int, column: pa.Array) -> pa.Array:
        name = self._layout.schema.names[place]
        value = _one_line(column) if name in self._layout.json_columns else _value(column)
        if not self._layout.is_sparse:
            value = pc.fill_null(value, "null")
        return pc.fill_null(pc.binary_join_element_wise(f"{_quoted(name)}:", value, ",", ""), "")


def _value(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(column), texts(column), _NULL)  # JSON has no infinity
    is_bare = pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind)
    if is_bare or pa.types.is_nested(kind):
        return texts(column)
    return _strings(texts(column))


def _strings(text: pa.Array) -> pa.Array:
    plain = pc.binary_join_element_wise('"', text, '"', "")
    must_escape = pc.match_substring_regex(text, _TO_ESCAPE)
    return replaced(plain, must_escape, lambda quoted: _quoted(quoted[1:-1]))


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _one_line(text: pa.Array) -> pa.Array:
    """JSON texts without line breaks: those between members; inside a string they are escaped."""
    return replaced(text, pc.match_substring_regex(text, "[\r\n]"), _compact)


def _compact(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
