from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.normalize.number import read_number


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.1, "0.1"), (7, "7"), (" 1.50 ", "1.50"), (".5", "0.5"), ("-2e-3", "-0.002"), (1e22, "1e22")],
)  # fmt: skip
def test_a_number_is_the_decimal_that_was_written(value: object, expected: str) -> None:
    assert read_number(value) == Decimal(expected)


@pytest.mark.parametrize(
    "value",
    ["", ".", "1_000", "1,5", "0x10", "\u0661", "1e99999", "9" * 65, True, None, b"1", [], {}],
    ids=repr,
)
def test_what_spells_no_number_is_none(value: object) -> None:
    assert read_number(value) is None


@pytest.mark.parametrize("value", ["NaN", "-Infinity", "inf", float("nan"), Decimal("sNaN")])
def test_what_is_not_finite_says_so(value: object) -> None:
    number = read_number(value)
    assert number is not None
    assert not number.is_finite()


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**60), 10**60))
def test_a_number_and_its_text_are_equal(value: float) -> None:
    number = read_number(value)
    assert number == read_number(repr(value))
    assert type(value)(number) == value
