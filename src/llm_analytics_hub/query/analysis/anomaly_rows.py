"""Anomalies as an answer: every point with what was expected of it."""

from collections.abc import Iterator

from llm_analytics_hub.model.aggregate import Count, Distinct
from llm_analytics_hub.query.analysis.anomalies import LEVEL_POINTS, Anomalies, find_anomalies
from llm_analytics_hub.query.analysis.body import AnomalyOptions
from llm_analytics_hub.query.analysis.each import each_series
from llm_analytics_hub.query.analysis.numbers import to_json
from llm_analytics_hub.query.analysis.series import Series
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


@BEYOND_DOUBLES
def tell_anomalies(asked: Asked, options: AnomalyOptions) -> Told:
    """A row per point. Raises: InvalidQueryError, code `too_few_points`."""
    told = _empty(asked, options)
    floor = is_never_negative(asked)
    for series, found in each_series(asked, told, lambda one: _found(asked, one, options)):
        told.rows += _rows(asked, series, found, floor=floor, only=options.only_anomalies)
        there = sum(flag is True for flag in found.is_anomaly)
        known = sum(flag is not None for flag in found.is_anomaly)
        about = {"points": known, "anomalies": there, **season_found(found.season)}
        told.series.append({**asked.named(series.group), **about})
    return told


def is_never_negative(asked: Asked) -> bool:
    """Whether a measure is 0 or more by what it means; values as sent may be anything."""
    return not asked.measure.name.startswith(("value", "score", "threat_score"))


def _found(asked: Asked, series: Series, options: AnomalyOptions) -> Anomalies:
    return find_anomalies(
        series.values,
        asked.buckets.seasons,
        threshold=options.threshold,
        direction=options.direction,
        is_count=isinstance(asked.measure.aggregate, Count | Distinct),
    )


def _empty(asked: Asked, options: AnomalyOptions) -> Told:
    measure = asked.measure
    columns = [
        column("time", "timestamp"),
        *asked.group_columns,
        column(measure.name, measure.type, measure.unit),
        *(column(name, "number", measure.unit) for name in ("expected", "lower", "upper")),
        column("score", "number"),
        column("is_anomaly", "boolean"),
    ]
    method = {
        "name": "robust seasonal z-score",
        "text": f"the distance from what is usual (running median of at least {LEVEL_POINTS} "
        "buckets, and the median at the place of the season) in robust standard deviations "
        "(1.4826 MAD of the place, shrunk towards that of the series)",
        "threshold": options.threshold,
        "direction": options.direction,
    }
    return Told(columns, method)


def _rows(
    asked: Asked, series: Series, found: Anomalies, *, floor: bool, only: bool
) -> Iterator[Row]:
    sides = (series.values, found.expected, found.lower, found.upper, found.score)
    flagged = zip(asked.buckets.starts, *sides, found.is_anomaly, strict=True)
    for time, value, expected, lower, upper, score, flag in flagged:
        if only and flag is not True:
            continue
        lower = max(lower, 0.0) if floor else lower
        shown = numbers([value, expected, lower, upper])
        yield [time_text(time), *series.group, *shown, to_json(score, 4), flag]
