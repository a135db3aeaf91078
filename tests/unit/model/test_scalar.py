"""Numbers as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.model.scalar import text_of_number, text_of_scalar


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"), (1234567.0, "1234567"), (0.1, "0.1"), (1e21, "1e21"), (1e20, "1" + "0" * 20),
        (1e-6, "0.000001"), (1e-7, "1e-7"), (-2.5, "-2.5"), (True, "true"), (False, "false"),
        ("x", "x"), (3, "3"),
    ],
)  # fmt: skip
def test_a_value_reads_as_json_writes_it(value: str | float | bool, text: str) -> None:
    assert text_of_scalar(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_gives_the_number_back(number: float) -> None:
    assert float(text_of_number(number)) == number
