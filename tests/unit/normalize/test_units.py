import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.normalize.units import convert, convert_units, to_bytes, to_milliseconds


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1_500_000, "ns", (1.5, "ms")),
        (1234, "us", (1.234, "ms")),
        (1234, "µs", (1.234, "ms")),
        (1234, "μs", (1.234, "ms")),
        (1234, "microseconds", (1.234, "ms")),
        (12.5, "ms", (12.5, "ms")),
        (0.25, "s", (250.0, "ms")),
        (2, "SECONDS", (2000.0, "ms")),
        (2, "Minutes", (120_000.0, "ms")),
        (1, "h", (3_600_000.0, "ms")),
        (1, "d", (86_400_000.0, "ms")),
        (7, "B", (7.0, "bytes")),
        (7, "By", (7.0, "bytes")),
        (2, "kB", (2000.0, "bytes")),
        (2, "KB", (2000.0, "bytes")),
        (2, "MB", (2_000_000.0, "bytes")),
        (2, "KiB", (2048.0, "bytes")),
        (2, "gib", (2.0 * 1024**3, "bytes")),
        (2, "Megabytes", (2_000_000.0, "bytes")),
        (5, "/s", (5.0, "per_second")),
        (90, "per_minute", (1.5, "per_second")),
        (7200, "/h", (2.0, "per_second")),
        (57, "%", (0.57, "ratio")),
        (12.5, "percent", (0.125, "ratio")),
        (0.8, "ratio", (0.8, "ratio")),
        (250, "cents", (2.5, "USD")),
        (2.5, "{USD}", (2.5, "USD")),
    ],
)
def test_a_known_unit_becomes_its_canonical_unit(
    value: float, unit: str, expected: tuple[float, str]
) -> None:
    assert convert(value, unit) == expected


@pytest.mark.parametrize("unit", ["m", "M", "Ms", "b", "EUR", "{token}", "1", "By/s", "requests/s"])
def test_an_unknown_unit_keeps_its_name_and_its_value(unit: str) -> None:
    assert convert(3.5, unit) == (3.5, unit)


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("KB", 1024), ("MB", 1024**2), ("gigabytes", 1024**3), ("TB", 1024**4), ("kB", 1000), ("MBy", 10**6), ("MiB", 1024**2)],
)  # fmt: skip
def test_documents_count_sizes_in_powers_of_1024(unit: str, expected: float) -> None:
    assert to_bytes(1, unit, document_sizes=True) == expected


def test_an_amount_of_another_kind_is_refused() -> None:
    assert to_milliseconds(1.5, "s") == 1500
    for wrong in (lambda: to_milliseconds(1, "bytes"), lambda: to_bytes(1, "m")):
        with pytest.raises(InvalidInputError) as caught:
            wrong()
        assert caught.value.code == "unknown_unit"


@pytest.mark.parametrize(("value", "unit"), [(math.nan, "x"), (math.inf, "s"), (1e308, "d")])
def test_what_is_not_finite_is_refused(value: float, unit: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        convert(value, unit)
    assert caught.value.code == "not_finite"
    assert [fault.code for fault in convert_units([value], [unit])[2]] == ["not_finite"]


def test_a_column_takes_each_row_in_its_own_unit() -> None:
    values, units, faults = convert_units([1, None, 57.0, 3, 4], ["s", "us", "%", "m", None])
    assert values.to_pylist() == [1000.0, None, 0.57, 3.0, 4.0]
    assert units.to_pylist() == ["ms", "ms", "ratio", "m", None]
    assert (values.type, units.type, faults) == (pa.float64(), pa.string(), [])


def test_a_bad_row_is_null_in_both_columns() -> None:
    values, units, faults = convert_units(
        ["1.5", "x", 2, 3, "NaN", True, 4], ["s", "s", {}, "\ud800", "s", "s", "s" * 64]
    )
    assert values.to_pylist() == [1500.0] + [None] * 6
    assert units.to_pylist() == ["ms"] + [None] * 6
    codes = ["invalid_value", "invalid_unit", "invalid_unit", "not_finite", "invalid_value"]
    assert [fault.code for fault in faults] == [*codes, "invalid_unit"]
    assert [fault.row for fault in faults] == [1, 2, 3, 4, 5, 6]


def test_columns_may_be_empty() -> None:
    assert [column.to_pylist() for column in convert_units([], [])[:2]] == [[], []]


known = st.sampled_from(
    "ns us µs ms s min h d B KB kB MB GB TB KiB GiB per_second /min /h % percent ratio cents".split()  # noqa: SIM905
)
units = known | st.sampled_from(["m", "Seconds", " ms ", ""]) | st.text(max_size=8)
numbers = st.floats() | st.floats(-1e9, 1e9) | st.integers(-(2**70), 2**70)


@given(st.floats(-1e12, 1e12), known)
def test_scaling_up_and_down_again_loses_nothing(value: float, unit: str) -> None:
    one, _ = convert(1.0, unit)
    converted, _ = convert(value, unit)
    assert math.isclose(converted / one, value, rel_tol=1e-12, abs_tol=1e-300)


@given(st.floats(-1e200, 1e200), known | units, st.booleans())
def test_converting_twice_is_converting_once(value: float, unit: str, document: bool) -> None:
    try:
        once = convert(value, unit, document_sizes=document)
    except InvalidInputError:
        return
    assert convert(*once, document_sizes=document) == once


@given(st.lists(st.tuples(numbers | st.none(), units | st.none()), max_size=6), st.booleans())
def test_a_column_is_converted_as_each_row_is(
    rows: list[tuple[float | None, str | None]], document: bool
) -> None:
    expected: list[tuple[float | None, str | None]] = []
    refused: list[tuple[int, str]] = []
    for row, (value, unit) in enumerate(rows):
        try:
            converted, name = convert(float(value or 0), unit or "", document_sizes=document)
            expected.append((None if value is None else converted, name or None))
        except InvalidInputError as error:
            expected.append((None, None))
            refused.append((row, error.code))
    values, names, faults = convert_units(
        [value for value, _ in rows], [unit for _, unit in rows], document_sizes=document
    )
    assert list(zip(values.to_pylist(), names.to_pylist(), strict=True)) == expected
    assert [(fault.row, fault.code) for fault in faults] == refused
