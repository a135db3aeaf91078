"""Answers for people and for programs."""

import io
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from llm_analytics_hub.cli.output import answer_csv, answer_table, cell, printable, table_of

UTC = ZoneInfo("UTC")
ANSWER = {
    "columns": [
        {"name": "time", "type": "timestamp"},
        {"name": "model", "type": "string"},
        {"name": "events", "type": "integer"},
        {"name": "cost_usd", "type": "decimal", "unit": "USD"},
    ],
    "rows": [
        ["2025-11-19T23:00:00Z", "a,[red]b", 1234567, Decimal("0.10")],
        ["2025-11-20T00:00:00Z", "", 0, None],
    ],
}


def shown(table: Table, width: int = 200) -> str:
    text = io.StringIO()
    Console(file=text, width=width).print(table)
    return "\n".join(line.rstrip() for line in text.getvalue().splitlines())


def test_a_table_has_units_zones_and_thousands() -> None:
    assert shown(answer_table(ANSWER, "Europe/Berlin")) == (
        "time (Europe/Berlin)  model        events  cost_usd (USD)\n"
        "2025-11-20 00:00      a,[red]b  1,234,567          0.1000\n"
        "2025-11-20 01:00      -                 0               -"
    )


def test_a_narrow_terminal_loses_nothing() -> None:
    text = shown(table_of(["id"], [["0123456789" * 3]]), width=20)
    assert text.replace("\n", "") == "id" + "0123456789" * 3


def test_csv_is_exact_and_unknown_is_empty() -> None:
    assert answer_csv(ANSWER) == (
        "time,model,events,cost_usd\n"
        '2025-11-19T23:00:00Z,"a,[red]b",1234567,0.10\n'
        "2025-11-20T00:00:00Z,,0,\n"
    )


@pytest.mark.parametrize(
    ("value", "kind", "unit", "text"),
    [
        (Decimal("1234.56789"), "decimal", "USD", "1,234.5679"),
        (Decimal("0.0000004"), "decimal", "USD", "0.0000004"),
        (0.25, "number", "ratio", "0.2500"),
        (1234.5, "number", "ms", "1,234.500"),
        (0, "number", "ms", "0.000"),
        (10**20, "integer", "tokens", "100,000,000,000,000,000,000"),
        (None, "integer", "tokens", "-"),
        (Decimal(-5), "decimal", "USD", "-5.0000"),
    ],
)
def test_numbers_are_rounded_by_unit_and_never_to_nothing(
    value: object, kind: str, unit: str, text: str
) -> None:
    assert cell(value, {"name": "x", "type": kind, "unit": unit}, UTC) == text


def test_what_steers_a_terminal_is_written_out() -> None:
    assert printable("a\x1b[2Jb\n\x9b\u202e") == "a\\x1b[2Jb\\n\\x9b\\u202e"
    assert printable("Größe 模型") == "Größe 模型"


@given(text=st.text())
def test_printable_text_is_printable(text: str) -> None:
    assert printable(text).isprintable()
