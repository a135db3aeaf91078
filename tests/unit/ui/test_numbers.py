from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.ui.numbers import (
    UNKNOWN,
    Change,
    Number,
    exact,
    milliseconds,
    percent,
    point_change,
    relative_change,
    short,
    short_usd,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (7, "7"), (9_999, "9,999"), (10_000, "10.0k"), (12_345, "12.3k"), (123_456, "123k"),
     (999_960, "1.00M"), (1_234_567, "1.23M"), (5_000_000_000, "5.00B"), (2e12, "2.00T"), (1.5, "1.50")],
)  # fmt: skip
def test_large_numbers_are_shortened(value: Number, text: str) -> None:
    assert short(value) == text


@given(st.integers(0, 10**15))
def test_a_short_number_is_within_half_a_per_cent(value: int) -> None:
    text = short(value).replace(",", "")
    sizes = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
    found = float(text.rstrip("kMBT")) * sizes.get(text[-1], 1)
    assert found == pytest.approx(value, rel=0.005)


@pytest.mark.parametrize(
    ("value", "text"),
    [(Decimal("0.0042"), "$0.0042"), (0, "$0.00"), (Decimal("12.3"), "$12.30"), (45_600, "$45.6k")],
)
def test_money_keeps_cents_and_tiny_amounts(value: Number, text: str) -> None:
    assert short_usd(value) == text


def test_unknown_is_no_number() -> None:
    assert {f(None) for f in (short, short_usd, milliseconds, percent)} == {UNKNOWN}
    assert exact(None) == "unknown"


def test_exact_numbers_keep_every_digit() -> None:
    assert exact(1_234_567, "tokens") == "1,234,567 tokens"
    assert exact(Decimal("1234.567890123"), "USD") == "1,234.567890123 USD"


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [(110, 100, Change("10.0 %", 1)), (50, 100, Change("50.0 %", -1)), (100, 100, Change("0.0 %", 0)),
     (350, 100, Change("250 %", 1)), (3400, 100, Change("34 times", 1)), (10**6, 1, Change("over 1000 times", 1)),
     (0, 100, Change("100 %", -1)), (5, 0, None), (None, 5, None), (5, None, None)],
)  # fmt: skip
def test_changes_in_words(now: Number | None, before: Number | None, change: Change | None) -> None:
    assert relative_change(now, before) == change


def test_ratios_change_by_points() -> None:
    assert point_change(0.0125, 0.01) == Change("0.25 points", 1)
    assert point_change(None, 0.01) is None
