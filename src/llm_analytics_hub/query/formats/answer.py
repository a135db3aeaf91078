"""The answer to a question in one of the formats."""

import io
from collections.abc import Mapping

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.query.answered import Answered
from llm_analytics_hub.query.formats.format import Format, Layout
from llm_analytics_hub.query.formats.opening import write_table

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode_answer(answered: Answered, form: Format) -> tuple[bytes, str]:
    """The answer as a whole file, and its media type.

    Unknown is null (CSV and workbooks: empty), decimals are exact, times UTC. The fields of Arrow
    and Parquet carry the unit of a measure as metadata; the schema of Arrow has the `columns` and
    the `meta` of the JSON form, as JSON.
    """
    rows = answer_rows(answered)
    if form is Format.ARROW:
        rows = rows.replace_schema_metadata(_told(answered))
    sink = io.BytesIO()
    write_table(form, sink, Layout(rows.schema), rows.to_batches())
    return sink.getvalue(), form.media_type


def answer_rows(answered: Answered) -> pa.Table:
    """The rows with units in the schema and null for the stores' "" of unknown text."""
    columns = [_known(column) for column in answered.rows.combine_chunks().columns]
    described = zip(answered.columns, columns, strict=True)
    fields = [
        pa.field(told["name"], column.type, metadata=_unit(told)) for told, column in described
    ]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _told(answered: Answered) -> dict[str, bytes]:
    told = {"columns": answered.columns, "meta": answered.meta}
    return {name: _ENCODER.encode(value) for name, value in told.items()}


def _known(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_string(column.type):
        return column
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _unit(column: Mapping[str, str]) -> dict[str, str] | None:
    return {"unit": column["unit"]} if "unit" in column else None
