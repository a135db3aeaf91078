import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.normalize.severity import to_severities, to_severity

SCALE = {"debug", "info", "low", "medium", "high", "critical", "unknown"}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("sentinel", "low=low medium=medium high=high critical=critical"),
        ("policy constraints", "info=info warning=medium error=high critical=critical"),
        ("policy signals", "info=info low=low medium=medium high=high critical=critical"),
        ("costops", "info=info warning=medium critical=critical gating=critical Gating=critical"),
        ("hub", "debug=debug info=info warning=medium error=high critical=critical"),
        ("documents", "CRITICAL=critical HIGH=high MEDIUM=medium LOW=low UNKNOWN=unknown"),
        ("syslog", "emerg=critical alert=critical crit=critical err=high warning=medium notice=info"),
        ("syslog in full", "emergency=critical informational=info"),
        ("otel text", "TRACE=debug DEBUG4=debug INFO2=info WARN=medium ERROR3=high FATAL4=critical"),
        ("otel enum", "SEVERITY_NUMBER_INFO=info SEVERITY_NUMBER_WARN3=medium"),
        ("otel number as text", "1=debug 9=info 17=high 24=critical 0=unknown 25=unknown"),
    ],
)  # fmt: skip
def test_every_vocabulary_has_a_place_on_the_scale(source: str, words: str) -> None:
    for pair in words.split():
        word, expected = pair.split("=")
        assert (word, to_severity(word)) == (word, expected), source


def test_opentelemetry_numbers_are_four_to_a_name() -> None:
    names = [to_severity(number) for number in range(1, 25)]
    expected = ["debug"] * 8 + ["info"] * 4 + ["medium"] * 4 + ["high"] * 4 + ["critical"] * 4
    assert names == expected
    assert to_severity(9.0) == "info"


@pytest.mark.parametrize(
    "value", [None, "", "spicy", 0, 25, -1, 1.5, float("nan"), True, {}, ["high"], "²", "10" * 9]
)
def test_what_is_on_no_scale_is_unknown(value: object) -> None:
    assert to_severity(value) == "unknown"


@given(st.sampled_from(sorted(SCALE)))
def test_the_scale_itself_stays_as_it_is(severity: str) -> None:
    assert to_severity(f" {severity.upper()} ") == severity


texts = st.sampled_from(["warning", "WARN", "gating", "high", "x", "\ud800"]) | st.text()


@given(st.lists(texts | st.none()) | st.lists(texts | st.none() | st.booleans() | st.integers()))
def test_a_column_is_read_as_each_value_is(values: list[object]) -> None:
    column = to_severities(values)
    assert column.to_pylist() == [to_severity(value) for value in values]
    assert set(column.to_pylist()) <= SCALE
    assert to_severities(column.to_pylist()) == column
