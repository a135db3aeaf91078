"""Any series gives an answer that JSON can hold, or the one refusal that is declared."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.query.analysis.anomaly_rows import tell_anomalies
from llm_analytics_hub.query.analysis.body import (
    AnomalyOptions,
    CorrelationOptions,
    ForecastOptions,
    TrendOptions,
    Until,
)
from llm_analytics_hub.query.analysis.correlation_rows import tell_correlation
from llm_analytics_hub.query.analysis.forecast_rows import tell_forecast
from llm_analytics_hub.query.analysis.series import Buckets, Series
from llm_analytics_hub.query.analysis.told import Asked, Told
from llm_analytics_hub.query.analysis.trend_rows import tell_trend

MONDAY = datetime(2025, 9, 1, tzinfo=UTC)

VALUES = st.one_of(
    st.none(),
    st.integers(0, 5).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1.7976931348623157e308, -1.7e308, 5e-324, 1e-310, 0.0]),
)
SERIES = st.one_of(
    st.lists(VALUES, min_size=1, max_size=60),
    st.tuples(VALUES, st.integers(1, 60)).map(lambda one: [one[0]] * one[1]),
    st.lists(st.sampled_from([None, 0.0, 1.0, 100.0]), min_size=20, max_size=60),
)


def asked(given_values: list[float | None], measure: str = "value_sum") -> Asked:
    days = tuple(MONDAY + timedelta(days=place) for place in range(len(given_values)))
    values = np.asarray([np.nan if one is None else one for one in given_values], dtype=float)
    buckets = Buckets(days, "day", "UTC", 0)
    return Asked(buckets, (), MEASURES[measure], (Series((), values, 0),))


def total(series: Asked) -> Told:
    options = ForecastOptions(history=True, until=Until(total=1e6))
    return tell_forecast(series, options)


def level(series: Asked) -> Told:
    return tell_forecast(series, ForecastOptions(until=Until(level=3)))


METHODS: dict[str, Callable[[Asked], Told]] = {
    "anomalies": lambda series: tell_anomalies(series, AnomalyOptions()),
    "trend": lambda series: tell_trend(series, TrendOptions()),
    "total": total,
    "level": level,
    "correlation": lambda series: tell_correlation(series, series, CorrelationOptions(lags=3)),
}
NEEDED = {"anomalies": 12, "trend": 10, "total": 12, "level": 12, "correlation": 20}


@pytest.mark.slow
@pytest.mark.parametrize("method_name", METHODS)
@pytest.mark.parametrize("measure", ["value_sum", "requests"])
@given(values=SERIES)
@settings(max_examples=40)
def test_any_series_gives_json_or_is_refused(
    method_name: str, measure: str, values: list[float | None]
) -> None:
    known = sum(value is not None for value in values)
    if known < NEEDED[method_name]:
        with pytest.raises(InvalidQueryError, match=f"there are {known}"):
            METHODS[method_name](asked(values, measure))
        return
    told = METHODS[method_name](asked(values, measure))
    shown = [told.rows, told.method, told.series, told.notes, told.more]
    json.dumps(shown, allow_nan=False)
    assert all(len(row) == len(told.columns) for row in told.rows)


@given(values=st.lists(st.sampled_from([None, 1.0, 2.0]), min_size=12, max_size=40))
def test_what_is_unknown_stays_unknown(values: list[float | None]) -> None:
    assume(sum(value is not None for value in values) >= 12)
    told = tell_anomalies(asked(values), AnomalyOptions())
    assert [row[1] for row in told.rows] == values
    assert [row[-1] is None for row in told.rows] == [value is None for value in values]
