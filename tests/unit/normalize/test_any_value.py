"""Whatever a sender writes is a value or a fault, never an exception, and never both."""

from collections.abc import Sequence

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.normalize.column import Fault
from llm_analytics_hub.normalize.money import RateTable, costs_to_usd
from llm_analytics_hub.normalize.severity import to_severities
from llm_analytics_hub.normalize.timestamps import to_utc_microseconds
from llm_analytics_hub.normalize.units import convert_units

text = st.text(st.characters(codec=None)) | st.sampled_from(["", "NaN", "USD", "ms", "1e9999"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | text
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2)
)
columns = st.lists(st.tuples(json_values, json_values), max_size=5)


@given(columns)
def test_any_value_is_a_moment_or_a_fault(rows: list[tuple[object, object]]) -> None:
    values = [value for value, _ in rows]
    column, faults = to_utc_microseconds(values)
    assert len(column) == len(values)
    assert nulls(column) == {row for row, value in enumerate(values) if value is None} | at(faults)


@given(columns)
def test_any_value_and_unit_are_a_quantity_or_a_fault(rows: list[tuple[object, object]]) -> None:
    values, units = unzipped(rows)
    converted, names, faults = convert_units(values, units)
    assert len(converted) == len(names) == len(rows)
    assert nulls(converted) == {row for row, v in enumerate(values) if v is None} | at(faults)
    assert at(faults) <= nulls(names)


@given(columns)
def test_any_amount_and_currency_are_a_cost_or_a_fault(rows: list[tuple[object, object]]) -> None:
    amounts, currencies = unzipped(rows)
    costs = costs_to_usd(amounts, currencies, [None] * len(rows), RateTable([]))
    assert len(costs.usd) == len(rows)
    absent = {row for row, amount in enumerate(amounts) if amount is None}
    assert nulls(costs.amounts) == absent | at(costs.faults)
    assert at(costs.faults) <= nulls(costs.currencies) & nulls(costs.usd)


@given(columns)
def test_any_value_has_a_severity(rows: list[tuple[object, object]]) -> None:
    column = to_severities([value for value, _ in rows])
    assert (len(column), column.null_count) == (len(rows), 0)


def unzipped(rows: list[tuple[object, object]]) -> tuple[Sequence[object], Sequence[object]]:
    return [first for first, _ in rows], [second for _, second in rows]


def nulls(column: pa.Array) -> set[int]:
    return {row for row, is_null in enumerate(column.is_null().to_pylist()) if is_null}


def at(faults: list[Fault]) -> set[int]:
    assert len({fault.row for fault in faults}) == len(faults)
    return {fault.row for fault in faults}
