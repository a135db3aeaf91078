"""Amounts are read in the unit they must have, exactly, and written so that they come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.alerts.health import HEALTH_METRICS
from llm_analytics_hub.alerts.rules.amounts import (
    COUNT,
    MILLISECONDS,
    PER_MINUTE,
    RATIO,
    SECONDS,
    UNITS,
    USD,
    Unit,
    amount_text,
    to_amount,
)
from llm_analytics_hub.alerts.rules.own_health import health_unit
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.catalogue import MEASURES


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("5%", RATIO, 0.05), (".5 %", RATIO, 0.005), (0.05, RATIO, 0.05), ("-30%", RATIO, -0.3),
        ("500ms", MILLISECONDS, 500.0), ("1s", MILLISECONDS, 1000.0), ("1.5 s", MILLISECONDS, 1500.0),
        ("2min", MILLISECONDS, 120_000.0), (250, MILLISECONDS, 250.0), ("5min", SECONDS, 300.0),
        ("500 USD", USD, 500.0), ("$500", USD, 500.0), ("1e3 usd", USD, 1000.0),
        ("100", COUNT, 100.0), ("1/s", PER_MINUTE, 60.0),
    ],
)  # fmt: skip
def test_an_amount_is_read_in_its_unit(text: object, unit: Unit, value: float) -> None:
    assert to_amount(text, unit) == value


@pytest.mark.parametrize(
    "text", ["", "5 %%", "5 5", "$5 USD", "five", "1,000", "0x10", "inf", [], None]
)
def test_what_is_no_amount_is_refused(text: object) -> None:
    for unit in UNITS.values():
        with pytest.raises(InvalidInputError):
            to_amount(text, unit)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(sorted(UNITS, key=str)))
def test_what_is_written_comes_back_exactly(value: float, name: str | None) -> None:
    assert to_amount(amount_text(value, UNITS[name]), UNITS[name]) == value


def test_every_measure_and_measurement_has_a_unit_that_limits_can_be_in() -> None:
    assert {measure.unit for measure in MEASURES.values()} <= UNITS.keys()
    for metric in HEALTH_METRICS:
        assert to_amount(1, health_unit(metric)) == 1.0
