"""Each kind of rule has its detector; and words for people."""

from datetime import timedelta

import pytest
from tests.unit.alerts.making import match_rule, rule

from llm_analytics_hub.alerts.detect.catalog import detector_of
from llm_analytics_hub.alerts.detect.threshold import ThresholdDetector
from llm_analytics_hub.alerts.detect.words import change_text, number_text, percent_text, span_text
from llm_analytics_hub.errors import UnsupportedError


def test_a_rule_has_the_detector_of_its_condition() -> None:
    assert isinstance(detector_of(rule()), ThresholdDetector)
    with pytest.raises(UnsupportedError):
        detector_of(match_rule())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3_661, "1 h 1 min"),
        (187_200, "2 d 4 h"),
        (86_460, "1 d"),
    ],
)
def test_spans_have_their_two_largest_units(seconds: int, text: str) -> None:
    assert span_text(timedelta(seconds=seconds)) == text


def test_numbers_are_short() -> None:
    assert [number_text(n) for n in (3.0, 0.123456789, 1e20, 1234567.0)] == [
        "3",
        "0.123457",
        "1e+20",
        "1234567",
    ]
    assert [percent_text(r) for r in (0.8, 1.0, 0.125)] == ["80%", "100%", "12.5%"]
    assert [change_text(r) for r in (0.5, -0.25, float("inf"))] == ["+50%", "-25%", "from nothing"]
