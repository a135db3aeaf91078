"""CSV (RFC 4180 with LF), safe to open in a spreadsheet."""

import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.query.formats.cells import lines_to_bytes, texts
from llm_analytics_hub.query.formats.format import Layout

FORMULA = r"^(\s*[=+\-@＝＋－＠]|[\t\r\n'])"  # noqa: RUF001 - the full-width signs are meant
"""Texts that a spreadsheet may run, and those that would be mistaken for escaped ones.

They get an apostrophe in front; who takes one apostrophe off texts that begin with one has the
text as it was. Numbers and times never get one. Source: OWASP, "CSV Injection".
"""

_TO_QUOTE = '[",\r\n]'


class CsvLines:
    """A header and a line for each row; unknown is empty."""

    def __init__(self, layout: Layout) -> None:
        self._names = layout.schema.names

    def head(self) -> bytes:
        """See `Appending.head`."""
        names = _quoted(_harmless(pa.array(self._names, pa.string())))
        return (",".join(names.to_pylist()) + "\n").encode()

    def rows(self, batch: pa.RecordBatch, /) -> bytes:
        """See `Appending.rows`."""
        if not batch.num_rows:
            return b""
        cells = [_cells(column) for column in batch.columns]
        joined = pc.binary_join_element_wise(
            *cells, ",", null_handling="replace", null_replacement=""
        )
        return lines_to_bytes(pc.binary_join_element_wise(joined, "\n", ""), batch.num_rows)

    def tail(self) -> bytes:
        """See `Appending.tail`."""
        return b""


def _cells(column: pa.Array) -> pa.Array:
    text = texts(column)
    is_text = pa.types.is_string(column.type) or pa.types.is_nested(column.type)
    return _quoted(_harmless(text)) if is_text else text


def _harmless(text: pa.Array) -> pa.Array:
    return _if(pc.match_substring_regex(text, FORMULA), _around("'", text, ""), text)


def _quoted(text: pa.Array) -> pa.Array:
    doubled = pc.replace_substring(text, '"', '""')
    return _if(pc.match_substring_regex(text, _TO_QUOTE), _around('"', doubled, '"'), text)


def _around(before: str, text: pa.Array, after: str) -> pa.Array:
    return pc.binary_join_element_wise(before, text, after, "")


def _if(mask: pa.Array, this: pa.Array, that: pa.Array) -> pa.Array:
    return pc.if_else(mask, this, that)
