import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.normalize.measures import MAX_TOKENS, to_measures, to_token_counts

ANY = st.one_of(
    st.none(), st.integers(), st.floats(), st.booleans(), st.text(max_size=9), st.just([1])
)


@pytest.mark.parametrize(
    ("value", "measure"),
    [(1, 1.0), (0, 0.0), (0.1, 0.1), ("1.5", 1.5), (None, None), ("", None), (2**60, 2.0**60)],
)
def test_a_measure_is_a_number_or_unknown(value: object, measure: float | None) -> None:
    column, faults = to_measures([value, 2], may_be_negative=False)
    assert (column.to_pylist(), faults) == ([measure, 2.0], [])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("fast", "not_a_number"),
        (True, "not_a_number"),
        ([1], "not_a_number"),
        (math.nan, "not_finite"),
        ("-inf", "not_finite"),
        (10**400, "not_finite"),
        ("1e400", "not_finite"),
        (-0.001, "negative_value"),
    ],
)
def test_what_is_no_measure_is_refused_alone(value: object, code: str) -> None:
    column, faults = to_measures([1, value, 2.5], may_be_negative=False)
    assert column.to_pylist() == [1.0, None, 2.5]
    assert [(fault.row, fault.code) for fault in faults] == [(1, code)]


def test_a_score_may_be_negative() -> None:
    column, faults = to_measures([-1, "-2"], may_be_negative=True)
    assert (column.to_pylist(), faults) == ([-1.0, -2.0], [])


@given(st.lists(ANY), st.booleans())
def test_a_column_of_measures_is_finite_and_its_values_one_by_one(
    values: list[object], may_be_negative: bool
) -> None:
    column, faults = to_measures(values, may_be_negative=may_be_negative)
    alone = [to_measures([value], may_be_negative=may_be_negative) for value in values]
    assert column.to_pylist() == [single.to_pylist()[0] for single, _ in alone]
    assert [fault.row for fault in faults] == [row for row, (_, found) in enumerate(alone) if found]
    assert all(math.isfinite(number) for number in column.drop_null().to_pylist())


@pytest.mark.parametrize(
    ("value", "tokens"), [(0, 0), (7, 7), (7.0, 7), ("8", 8), (None, None), (MAX_TOKENS,) * 2]
)
def test_a_count_of_tokens_is_whole_or_unknown(value: object, tokens: int | None) -> None:
    column, faults = to_token_counts([value, 1])
    assert (column.to_pylist(), faults) == ([tokens, 1], [])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-1, "negative_tokens"),
        (-(2**63), "negative_tokens"),
        (1.5, "invalid_tokens"),
        (MAX_TOKENS + 1, "invalid_tokens"),
        (2**64, "invalid_tokens"),
        pytest.param(10**5000, "invalid_tokens", id="huge"),
        (math.inf, "not_finite"),
        ("many", "not_a_number"),
        (False, "not_a_number"),
    ],
)
def test_what_is_no_count_is_refused_alone(value: object, code: str) -> None:
    column, faults = to_token_counts([1, value, None])
    assert column.to_pylist() == [1, None, None]
    assert [(fault.row, fault.code) for fault in faults] == [(1, code)]


@given(st.lists(ANY))
def test_a_column_of_counts_is_its_values_one_by_one(values: list[object]) -> None:
    column, faults = to_token_counts(values)
    alone = [to_token_counts([value]) for value in values]
    assert column.to_pylist() == [single.to_pylist()[0] for single, _ in alone]
    assert len(faults) == sum(len(found) for _, found in alone)
