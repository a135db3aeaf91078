"""A writer for each format; each loads its library on first use."""

from collections.abc import Iterable
from typing import BinaryIO

import pyarrow as pa

from llm_analytics_hub.query.formats.format import (
    Appending,
    AppendingWriter,
    Format,
    Layout,
    TableWriter,
)


def open_writer(form: Format, sink: BinaryIO, layout: Layout) -> TableWriter:
    """A writer of one file in `form` into `sink`."""
    if form is Format.PARQUET:
        from llm_analytics_hub.query.formats.parquet_file import ParquetFile

        return ParquetFile(sink, layout)
    if form is Format.XLSX:
        from llm_analytics_hub.query.formats.workbook import WorkbookFile

        return WorkbookFile(sink, layout)
    appending = appending_form(form, layout)
    assert appending is not None  # noqa: S101 - all others grow at their end
    return AppendingWriter(sink, appending)


def write_table(
    form: Format, sink: BinaryIO, layout: Layout, batches: Iterable[pa.RecordBatch]
) -> None:
    """Write a whole file into `sink`. Raises: InvalidInputError for what the format cannot hold."""
    writer = open_writer(form, sink, layout)
    try:
        for batch in batches:
            writer.write(batch)
    except BaseException:
        writer.abandon()
        raise
    writer.close()


def appending_form(form: Format, layout: Layout) -> Appending | None:
    """How `form` grows at its end; None where it does not: Parquet, workbooks."""
    if form is Format.CSV:
        from llm_analytics_hub.query.formats.csv_lines import CsvLines

        return CsvLines(layout)
    if form is Format.JSONL:
        from llm_analytics_hub.query.formats.json_lines import JsonLines

        return JsonLines(layout)
    if form is Format.ARROW:
        from llm_analytics_hub.query.formats.arrow_stream import ArrowStream

        return ArrowStream(layout)
    return None
