"""Workbooks (XLSX): texts stay texts, numbers are numbers where a cell holds them exactly."""

import math
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import pyarrow as pa
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.query.formats.cells import texts
from llm_analytics_hub.query.formats.format import Layout

MAX_ROWS = 1_048_576
"""Rows of a sheet, its header included; further rows go to further sheets."""

_OPTIONS = {
    "constant_memory": True,  # a row goes to a temporary file before the next
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "use_zip64": True,
}


class WorkbookFile:
    """One sheet for each million rows, each with the header; unknown is an empty cell.

    A cell holds a double: integers and decimals that it would round are texts. Doubles have 16
    digits. Times are ISO texts, for a cell's own times have no microseconds.
    """

    def __init__(self, sink: BinaryIO, layout: Layout, *, sheet_rows: int = MAX_ROWS) -> None:
        self._scratch = _beside(sink)
        self._book = Workbook(sink, {**_OPTIONS, "tmpdir": self._scratch.name})
        self._names = layout.schema.names
        self._sheet_rows = sheet_rows
        self._sheets = 0
        self._sheet = self._next_sheet()

    def write(self, batch: pa.RecordBatch, /) -> None:
        """See `TableWriter.write`."""
        columns = [_values(column) for column in batch.columns]
        for row in zip(*columns, strict=True):
            if self._row == self._sheet_rows:
                self._sheet = self._next_sheet()
            for place, value in enumerate(row):
                if value is not None:
                    self._put(place, value)
            self._row += 1

    def close(self) -> None:
        """See `TableWriter.close`."""
        self._book.close()
        self._scratch.cleanup()

    def abandon(self) -> None:
        """See `TableWriter.abandon`."""
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()
        self._scratch.cleanup()

    def _next_sheet(self) -> Worksheet:
        self._sheets += 1
        self._row = 1
        sheet = self._book.add_worksheet(f"rows {self._sheets}")
        for place, name in enumerate(self._names):
            sheet.write_string(0, place, name)
        return sheet

    def _put(self, place: int, value: str | float) -> None:
        if isinstance(value, bool):
            self._sheet.write_boolean(self._row, place, value)
        elif not isinstance(value, str):
            self._sheet.write_number(self._row, place, value)
        elif self._sheet.write_string(self._row, place, value) < 0:
            raise InvalidInputError(
                f"{self._names[place]} has a text of {len(value)} characters, and a cell of a "
                "workbook holds 32767: leave the column out, or take another format",
                code="cell_too_long",
            )


def _beside(sink: BinaryIO) -> "TemporaryDirectory[str]":
    """A folder for the rows until the end: where the file is, for there is the room for it."""
    name = getattr(sink, "name", None)
    if not isinstance(name, str):
        return TemporaryDirectory()
    return TemporaryDirectory(dir=Path(name).parent, prefix=f"{Path(name).name}.")


def _values(column: pa.Array) -> list[Any]:
    kind = column.type
    if pa.types.is_floating(kind):
        return [value if value is not None and math.isfinite(value) else None
                for value in column.to_pylist()]  # fmt: skip
    if pa.types.is_boolean(kind):
        return list(column.to_pylist())
    found = texts(column).to_pylist()
    is_number = pa.types.is_integer(kind) or pa.types.is_decimal(kind)
    return [_number(text) for text in found] if is_number else found


def _number(text: str | None) -> float | str | None:
    """The number of `text`, or the text where the file's 16 digits of a double differ from it."""
    if text is None:
        return None
    number = float(text)
    return number if Decimal(f"{number:.16G}") == Decimal(text) else text
