"""Every format, read back with a library of its own, says what was written."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.event import MOMENT, MONEY
from llm_analytics_hub.query.answered import Answered
from llm_analytics_hub.query.formats.answer import encode_answer
from llm_analytics_hub.query.formats.csv_lines import FORMULA
from llm_analytics_hub.query.formats.format import Format, Layout, format_accepted, format_named
from llm_analytics_hub.query.formats.opening import write_table
from llm_analytics_hub.query.formats.workbook import WorkbookFile

SCHEMA = pa.schema(
    [("text", pa.string()), ("when", MOMENT), ("cost_usd", MONEY), ("tokens", pa.uint64()),
     ("latency_ms", pa.float64()), ("attributes", pa.string())]
)  # fmt: skip
LAYOUT = Layout(SCHEMA, frozenset({"attributes"}))
MOMENT_0 = datetime(2025, 11, 19, 10, tzinfo=UTC)
Row = dict[str, Any]

NASTY = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n", "'quoted", "  =x", "＝1+1",  # noqa: RUF001
    'say "hi"', "a,b;c", "line\nbreak\r\nend", "żółć 🦜 \u2028", "null", "", "_x000D_", "\x01\x1f", "NaN",
)  # fmt: skip
MONEYS = ("0", "0.000000000001", "-0.0000001", "0.1", "12", "-3.5", "99999999999999999999999999.999999999999")  # fmt: skip


def row(number: int) -> Row:
    money = Decimal(MONEYS[number % len(MONEYS)])
    return {
        "text": NASTY[number % len(NASTY)] or None,
        "when": MOMENT_0 + timedelta(microseconds=number * 7),
        "cost_usd": None if number % 5 == 4 else money,
        "tokens": (None, 0, 2**64 - 1, 12)[number % 4],
        "latency_ms": (None, 0.1, 1e-7, 1234.5, 5e300)[number % 5],
        "attributes": json.dumps({"n": number, "deep": {"t": NASTY[number % len(NASTY)]}}),
    }


ROWS = [dict.fromkeys(SCHEMA.names)] + [row(number) for number in range(140)]


def written(form: Format, rows: list[Row], batch_rows: int = 50, layout: Layout = LAYOUT) -> bytes:
    sink = io.BytesIO()
    cuts = range(0, len(rows), batch_rows)
    parts = (rows[start : start + batch_rows] for start in cuts)
    batches = (pa.RecordBatch.from_pylist(part, layout.schema) for part in parts)
    write_table(form, sink, layout, batches)
    return sink.getvalue()


def from_text(cells: list[str | None]) -> Row:
    """A row of texts, read by the types of the schema; texts lose the apostrophe of the rule."""
    text, when, cost, tokens, latency, attributes = cells
    return {
        "text": text.removeprefix("'") if text else None,
        "when": datetime.fromisoformat(when) if when else None,
        "cost_usd": Decimal(cost) if cost else None,
        "tokens": int(tokens) if tokens else None,
        "latency_ms": float(latency) if latency else None,
        "attributes": attributes or None,
    }


def read_csv(data: bytes) -> list[Row]:
    names, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
    assert names == SCHEMA.names
    return [from_text(list(cells)) for cells in rows]


def read_json(data: bytes) -> list[Row]:
    lines = [json.loads(line, parse_float=Decimal) for line in data.decode().split("\n")[:-1]]
    assert all(line.keys() == set(SCHEMA.names) for line in lines)
    return [_of_json(line) for line in lines]


def _of_json(line: Row) -> Row:
    money, latency, said = line["cost_usd"], line["latency_ms"], line["attributes"]
    return {
        **line,
        "when": datetime.fromisoformat(line["when"]) if line["when"] else None,
        "cost_usd": None if money is None else Decimal(money),
        "latency_ms": None if latency is None else float(latency),
        "attributes": None if said is None else json.dumps(said),
    }


def read_workbook(data: bytes) -> list[Row]:
    found: list[Row] = []
    for sheet in openpyxl.load_workbook(io.BytesIO(data), rich_text=False):
        names, *rows = sheet.iter_rows(values_only=True)
        assert list(names) == SCHEMA.names
        found += [_of_cells(cells) for cells in rows]
    return found


def _of_cells(cells: tuple[Any, ...]) -> Row:
    text, when, cost, tokens, latency, attributes = cells
    return {
        "text": None if text is None else unescaped(text),
        "when": datetime.fromisoformat(when) if when else None,
        "cost_usd": None if cost is None else Decimal(str(cost)),
        "tokens": None if tokens is None else int(tokens),
        "latency_ms": None if latency is None else float(latency),
        "attributes": None if attributes is None else unescaped(attributes),
    }


def unescaped(text: str) -> str:
    """As a spreadsheet shows it; openpyxl leaves the format's _xHHHH_ of control characters alone."""
    return openpyxl.utils.escape.unescape(text)


READERS: dict[Format, Callable[[bytes], list[Row]]] = {
    Format.CSV: read_csv,
    Format.JSONL: read_json,
    Format.PARQUET: lambda data: list(pq.read_table(io.BytesIO(data)).to_pylist()),
    Format.ARROW: lambda data: list(pa.ipc.open_stream(data).read_all().to_pylist()),
    Format.XLSX: read_workbook,
}


@pytest.mark.parametrize("form", Format)
def test_what_was_written_is_read_back(form: Format) -> None:
    assert READERS[form](written(form, ROWS)) == ROWS


@pytest.mark.parametrize("form", Format)
def test_no_rows_are_a_whole_file_too(form: Format) -> None:
    assert READERS[form](written(form, [])) == []


@pytest.mark.parametrize("form", [Format.PARQUET, Format.ARROW])
def test_types_are_kept(form: Format) -> None:
    data = written(form, ROWS)
    read = pq.read_schema(io.BytesIO(data)) if form is Format.PARQUET else pa.ipc.open_stream(data).schema  # fmt: skip
    assert read.equals(SCHEMA)


def test_parquet_has_a_row_group_for_each_batch() -> None:
    assert pq.ParquetFile(io.BytesIO(written(Format.PARQUET, ROWS, 50))).num_row_groups == 3


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1))  # fmt: skip
def test_any_text_goes_there_and_back(found: list[str]) -> None:
    layout = Layout(pa.schema([("text", pa.string())]))
    rows = [{"text": text} for text in found]
    cells = list(csv.reader(io.StringIO(written(Format.CSV, rows, 9, layout).decode(), newline="")))
    assert [cell[0].removeprefix("'") for cell in cells[1:]] == found
    lines = written(Format.JSONL, rows, 9, layout).decode().split("\n")[:-1]
    assert [json.loads(line)["text"] for line in lines] == found


@pytest.mark.parametrize("text", [t for t in NASTY if t.strip("\t\r\n \"")[:1] in {*"=+-@", "＝"} and t])  # noqa: RUF001  # fmt: skip
def test_no_text_of_csv_begins_like_a_formula(text: str) -> None:
    layout = Layout(pa.schema([("text", pa.string()), ("number", pa.int64())]))
    data = written(Format.CSV, [{"text": text, "number": -1}], 1, layout).decode()
    cells = list(csv.reader(io.StringIO(data, newline="")))[1]
    assert cells == [f"'{text}", "-1"]
    assert FORMULA


def test_a_formula_is_a_text_in_a_workbook() -> None:
    layout = Layout(pa.schema([("text", pa.string())]))
    data = written(Format.XLSX, [{"text": "=1+1"}, {"text": "https://x.example"}], 1, layout)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert [(cell.value, cell.data_type) for (cell,) in sheet.iter_rows(min_row=2)] == [
        ("=1+1", "s"), ("https://x.example", "s"),
    ]  # fmt: skip


def test_a_full_sheet_is_followed_by_another() -> None:
    sink = io.BytesIO()
    writer = WorkbookFile(sink, LAYOUT, sheet_rows=61)
    writer.write(pa.RecordBatch.from_pylist(ROWS, SCHEMA))
    writer.close()
    assert len(openpyxl.load_workbook(sink).worksheets) == 3
    assert read_workbook(sink.getvalue()) == ROWS


def test_a_text_that_no_cell_holds_is_refused() -> None:
    assert written(Format.XLSX, [{"text": "x" * 32_767}])
    with pytest.raises(InvalidInputError, match="text has a text of 32768") as refused:
        written(Format.XLSX, [{"text": "x" * 32_768}])
    assert refused.value.code == "cell_too_long"


def test_sparse_json_lines_leave_out_what_is_unknown() -> None:
    layout = Layout(SCHEMA, is_sparse=True)
    assert written(Format.JSONL, [{"tokens": 3}, {}], 9, layout) == b'{"tokens":3}\n{}\n'


def test_json_has_no_infinity() -> None:
    layout = Layout(pa.schema([("x", pa.float64())]))
    rows = [{"x": float("inf")}, {"x": float("nan")}, {"x": 1.5}]
    assert written(Format.JSONL, rows, 9, layout) == b'{"x":null}\n{"x":null}\n{"x":1.5}\n'


def test_json_text_over_several_lines_becomes_one() -> None:
    rows = [{"attributes": '{\n "a": "b\\nc"\r\n}'}]
    (line,) = written(Format.JSONL, rows).decode().splitlines()
    assert json.loads(line)["attributes"] == {"a": "b\nc"}


ANSWER = Answered(
    [{"name": "time", "type": "timestamp"}, {"name": "model", "type": "string"},
     {"name": "cost_usd", "type": "decimal", "unit": "USD"}],
    pa.table({
        "time": pa.array([MOMENT_0, MOMENT_0], pa.timestamp("s", "Europe/Berlin")),
        "model": ["gpt,4", ""],
        "cost_usd": pa.array([Decimal("0.100000000000"), None], MONEY),
    }),
    {},
)  # fmt: skip


def test_an_answer_is_encoded_in_any_format() -> None:
    assert encode_answer(ANSWER, Format.CSV) == (
        b'time,model,cost_usd\n2025-11-19T10:00:00Z,"gpt,4",0.1\n2025-11-19T10:00:00Z,,\n',
        "text/csv",
    )
    lines, kind = encode_answer(ANSWER, Format.JSONL)
    assert kind == "application/x-ndjson"
    assert lines.splitlines()[1] == b'{"time":"2025-11-19T10:00:00Z","model":null,"cost_usd":null}'
    read = pa.ipc.open_stream(encode_answer(ANSWER, Format.ARROW)[0]).read_all()
    assert read["model"].to_pylist() == ["gpt,4", None]
    assert read.schema.field("cost_usd").metadata == {b"unit": b"USD"}


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/csv", Format.CSV), ("", None), ("*/*", None), ("application/json", None),
        ("text/html, */*", None), ("application/json;q=0.5, text/csv", Format.CSV),
        ("application/json, text/csv", None), ("text/csv;q=0", None), ("text/csv;q=x", None),
        ("Application/X-NDJSON; charset=utf-8", Format.JSONL),
        ("application/vnd.apache.arrow.stream", Format.ARROW),
    ],
)  # fmt: skip
def test_the_accept_header_chooses(accept: str, form: Format | None) -> None:
    assert format_accepted(accept) is form


def test_a_format_that_is_none_is_told() -> None:
    assert format_named("parquet") is Format.PARQUET
    with pytest.raises(InvalidInputError, match="there are csv, jsonl, parquet, arrow, xlsx"):
        format_named("xls")
