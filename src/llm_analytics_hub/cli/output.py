"""Answers for people and for programs: tables, JSON, CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table
from rich.text import Text

UNKNOWN = "-"
_PIPE_WIDTH = 100_000
_DECIMALS = {"USD": 4, "ratio": 4}
_OTHER_DECIMALS = 3


class TextForm(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class ListForm(StrEnum):
    """How a list is written."""

    TABLE = "table"
    JSON = "json"


def console(*, stderr: bool = False) -> Console:
    """The terminal; into a pipe or file, lines are as long as they are."""
    found = Console(stderr=stderr, highlight=False)
    return (
        found if found.is_terminal else Console(stderr=stderr, highlight=False, width=_PIPE_WIDTH)
    )


def printable(value: object) -> str:
    """`value` as text that cannot steer a terminal: control characters are written out."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def table_of(
    headers: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[bool] = ()
) -> Table:
    """A table of texts; columns that hold `numbers` are right-aligned."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for place, header in enumerate(headers):
        is_number = place < len(numbers) and numbers[place]
        table.add_column(Text(header), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def answer_table(answer: Mapping[str, Any], time_zone: str) -> Table:
    """The answer to a question: units in the headers, times in `time_zone`."""
    columns = answer["columns"]
    headers = [_header(column, time_zone) for column in columns]
    zone = ZoneInfo(time_zone)
    rows = [
        [cell(value, column, zone) for value, column in zip(row, columns, strict=True)]
        for row in answer["rows"]
    ]
    return table_of(headers, rows, [column["type"] in _NUMBERS for column in columns])


def answer_csv(answer: Mapping[str, Any]) -> str:
    """The answer as CSV: exact values, times in UTC, unknown is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(column["name"] for column in answer["columns"])
    writer.writerows(answer["rows"])
    return text.getvalue()


def cell(value: Any, column: Mapping[str, str], zone: ZoneInfo) -> str:
    """One value for people: thousands separated, rounded by its unit, unknown as a dash."""
    if value is None or value == "":
        return UNKNOWN
    if column["type"] == "timestamp":
        return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M}"
    if column["type"] not in _NUMBERS:
        return str(value)
    return _number(Decimal(str(value)), column)


_NUMBERS = {"integer", "number", "decimal"}


def _number(value: Decimal, column: Mapping[str, str]) -> str:
    if column["type"] == "integer":
        return f"{value:,f}"
    digits = _DECIMALS.get(column.get("unit", ""), _OTHER_DECIMALS)
    least = Decimal(1).scaleb(-digits)
    if value and abs(value) < least:  # a known amount must not look like none
        return format(Decimal(f"{value:.2g}"), "f")
    return f"{value:,.{digits}f}"


def _header(column: Mapping[str, str], time_zone: str) -> str:
    unit = time_zone if column["type"] == "timestamp" else column.get("unit")
    return f"{column['name']} ({unit})" if unit else column["name"]
