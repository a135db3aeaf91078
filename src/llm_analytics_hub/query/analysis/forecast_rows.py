"""Forecasts as an answer: the buckets to come, the past if wished, and when a target is reached."""

from collections.abc import Iterator

import numpy as np

from llm_analytics_hub.query.analysis.anomaly_rows import is_never_negative
from llm_analytics_hub.query.analysis.body import ForecastOptions
from llm_analytics_hub.query.analysis.each import each_series
from llm_analytics_hub.query.analysis.forecast import Forecast, find_forecast
from llm_analytics_hub.query.analysis.numbers import Floats, to_json
from llm_analytics_hub.query.analysis.series import Series
from llm_analytics_hub.query.analysis.target import tell_target
from llm_analytics_hub.query.analysis.told import (
    BEYOND_DOUBLES,
    Asked,
    Row,
    Told,
    column,
    numbers,
    season_found,
    time_text,
)

DEFAULT_STEPS = 24


@BEYOND_DOUBLES
def tell_forecast(asked: Asked, options: ForecastOptions) -> Told:
    """A row per bucket to come. Raises: InvalidQueryError, code `too_few_points`."""
    told = _empty(asked, options)
    seasons = asked.buckets.seasons

    def find(series: Series) -> Forecast:
        floored = is_never_negative(asked) and not bool(np.any(series.values < 0))
        return find_forecast(series.values, seasons, level=options.interval, is_floored=floored)

    targets = []
    for series, found in each_series(asked, told, find):
        if options.history:
            told.rows += _past(asked, series, found)
        steps = options.horizon or (found.season.length if found.season else DEFAULT_STEPS)
        told.rows += _ahead(asked, series, found, steps)
        told.series.append({**asked.named(series.group), **_about(series, found)})
        _add_notes(told, asked, found)
        if options.until is not None:
            target = tell_target(asked, series, found, options.until)
            targets.append({**asked.named(series.group), **target})
    if options.until is not None:
        told.more["until"] = targets
    return told


def _empty(asked: Asked, options: ForecastOptions) -> Told:
    measure = asked.measure
    columns = [
        column("time", "timestamp"),
        *asked.group_columns,
        column(measure.name, measure.type, measure.unit),
        *(column(name, "number", measure.unit) for name in ("expected", "lower", "upper")),
        column("is_forecast", "boolean"),
    ]
    method = {
        "name": "Holt-Winters, damped trend, additive season",
        "text": "exponential smoothing ETS(A,Ad,A), without a season ETS(A,Ad,N), fitted by "
        "maximum likelihood; intervals from the variance of the model, Student's t",
        "interval": options.interval,
    }
    return Told(columns, method)


def _about(series: Series, found: Forecast) -> dict[str, object]:
    model = found.model
    names = ("alpha", "beta", "gamma", "phi")
    smoothing = {
        name: to_json(value, 4) if (value := getattr(model, name)) is not None else None
        for name in names
    }
    error = to_json(model.deviation * found.factor, 6)
    known = {"points": int(np.count_nonzero(~np.isnan(series.values)))}
    return {**known, **season_found(found.season), **smoothing, "error_deviation": error}


def _past(asked: Asked, series: Series, found: Forecast) -> Iterator[Row]:
    missing = np.full(len(series.values) - len(found.fitted), np.nan)
    fitted: Floats = np.concatenate([missing, found.fitted])
    for time, value, expected in zip(asked.buckets.starts, series.values, fitted, strict=True):
        yield [time_text(time), *series.group, *numbers([value, expected]), None, None, False]


def _ahead(asked: Asked, series: Series, found: Forecast, steps: int) -> Iterator[Row]:
    band = found.values(steps)
    sides = zip(asked.buckets.ahead(steps), band.expected, band.lower, band.upper, strict=True)
    for time, *values in sides:
        yield [time_text(time), *series.group, None, *numbers(values), True]


def _add_notes(told: Told, asked: Asked, found: Forecast) -> None:
    if found.is_floored:
        told.note(f"{asked.measure.name} is never negative: forecasts are cut off at 0")
    if found.bridged:
        told.note("unknown values between known ones were bridged by straight lines")
    if found.model.deviation < 1e-9:
        told.note("the past follows the model exactly: its intervals have no width")
