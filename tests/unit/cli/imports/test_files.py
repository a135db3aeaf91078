"""Files of rows: what is read, what is refused, and which number a row has."""

import csv
import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llm_analytics_hub.cli.imports.files import (
    CsvFile,
    Format,
    JsonLines,
    ParquetFile,
    Unreadable,
    fingerprint,
    format_of,
    open_rows,
)
from llm_analytics_hub.errors import InvalidInputError, UndecodableError


def written(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.csv", "csv"),
        ("a.TSV", "csv"),
        ("a.b.jsonl.gz", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.parquet", "parquet"),
    ],
)
def test_the_name_tells_the_format(name: str, form: str) -> None:
    assert format_of(Path(name)) == form


@pytest.mark.parametrize("name", ["a.json", "a", "csv", "a.gz"])
def test_a_name_that_tells_no_format_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="--format"):
        format_of(Path(name))


def test_csv_cells_are_text_and_empty_ones_unknown(tmp_path: Path) -> None:
    file = CsvFile(written(tmp_path, '\ufeffa,b\r\n007,"x,\ny"\r\n\r\n,1.50'))
    assert file.columns() == ["a", "b"]
    assert list(file.rows()) == [(1, {"a": "007", "b": "x,\ny"}), (2, {"a": None, "b": "1.50"})]


def test_a_csv_row_of_another_width_is_refused_and_the_rest_read(tmp_path: Path) -> None:
    rows = dict(CsvFile(written(tmp_path, "a,b\n1,2\n3\n4,5\n")).rows())
    assert rows[2] == Unreadable("wrong_cell_count", "1 cells under a header of 2")
    assert rows[3] == {"a": "4", "b": "5"}


def test_two_columns_of_one_name_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndecodableError, match="two columns are named a"):
        list(CsvFile(written(tmp_path, "a,a\n1,2\n")).rows())


def test_a_csv_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\n\xff\n")
    with pytest.raises(UndecodableError, match="no CSV in UTF-8"):
        list(CsvFile(path).rows())


def test_delimiters_and_gzip_are_told_by_the_name(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv.gz"
    path.write_bytes(gzip.compress(b"a\tb\n1\t2\n"))
    assert list(open_rows(path, Format.CSV).rows()) == [(1, {"a": "1", "b": "2"})]
    semicolons = written(tmp_path, "a;b\n1;2\n")
    assert list(open_rows(semicolons, Format.CSV, ";").rows()) == [(1, {"a": "1", "b": "2"})]


def test_a_broken_gzip_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n' * 100)[:-9])
    with pytest.raises(UndecodableError):
        list(JsonLines(path).rows())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2
        )
    )
)
def test_every_written_csv_row_is_read(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "any.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["a", "b"], *rows])
    read = [list(row.values()) for _, row in CsvFile(path).rows() if isinstance(row, dict)]
    assert read == [[cell or None for cell in row] for row in rows]


def test_json_lines_keep_their_line_numbers(tmp_path: Path) -> None:
    text = '\ufeff{"a": 1}\n\n{"b": NaN}\r\n[1]\n{"c": \n{"d": {"e": "f"}}'
    rows = dict(JsonLines(written(tmp_path, text)).rows())
    assert rows[1] == {"a": 1}
    assert set(rows[3]) == {"b"}
    assert rows[4] == Unreadable("not_an_object", "an event is a JSON object")
    assert rows[5].code == "undecodable"
    assert rows[6] == {"d": {"e": "f"}}
    assert set(rows) == {1, 3, 4, 5, 6}


def test_json_lines_have_the_columns_of_all_their_objects(tmp_path: Path) -> None:
    assert JsonLines(written(tmp_path, '{"a": 1}\n{"b": 1, "a": 2}\nno\n')).columns() == ["a", "b"]


@given(line=st.binary(max_size=50))
def test_any_line_is_a_row_or_is_told(
    tmp_path_factory: pytest.TempPathFactory, line: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(line)
    for _, row in JsonLines(path).rows():
        assert isinstance(row, dict | Unreadable)


def test_parquet_keeps_types_and_cuts_nanoseconds(tmp_path: Path) -> None:
    table = pa.table(
        {
            "at": pa.array([1_700_000_000_123_456_789], pa.timestamp("ns", "UTC")),
            "cost": pa.array([Decimal("0.10")], pa.decimal128(10, 2)),
            "call": [{"model": "m"}],
        }
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    file = ParquetFile(path)
    assert file.columns() == ["at", "cost", "call"]
    at = datetime(2023, 11, 14, 22, 13, 20, 123456, UTC)
    assert list(file.rows()) == [(1, {"at": at, "cost": Decimal("0.10"), "call": {"model": "m"}})]


def test_what_is_no_parquet_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UndecodableError, match=r"a\.parquet is no Parquet file"):
        ParquetFile(written(tmp_path, "PAR1", "a.parquet")).columns()


def test_a_fingerprint_follows_the_content_not_the_name(tmp_path: Path) -> None:
    one, two = written(tmp_path, "a\n1\n", "1.csv"), written(tmp_path, "a\n1\n", "2.csv")
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(one).lines == 2
    assert fingerprint(one) != fingerprint(written(tmp_path, "a\n2\n", "3.csv"))
