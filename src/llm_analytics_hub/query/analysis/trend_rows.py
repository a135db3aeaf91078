"""Trends as an answer: the levels of each series in order, beside the slope of the whole."""

from collections.abc import Iterator
from itertools import pairwise

from llm_analytics_hub.query.analysis.body import TrendOptions
from llm_analytics_hub.query.analysis.each import each_series
from llm_analytics_hub.query.analysis.numbers import to_json
from llm_analytics_hub.query.analysis.series import Series
from llm_analytics_hub.query.analysis.significance import in_words
from llm_analytics_hub.query.analysis.told import (
    BEYOND_DOUBLES,
    SIGNIFICANT,
    Asked,
    Column,
    Row,
    Told,
    column,
    numbers,
    season_found,
    time_text,
)
from llm_analytics_hub.query.analysis.trend import Level, Slope, Trend, find_trend


@BEYOND_DOUBLES
def tell_trend(asked: Asked, options: TrendOptions) -> Told:
    """A row per level. Raises: InvalidQueryError, code `too_few_points`."""
    told = _empty(asked, options)
    seasons = asked.buckets.seasons

    def find(series: Series) -> Trend:
        return find_trend(series.values, seasons, options.confidence)

    for series, found in each_series(asked, told, find):
        told.rows += _rows(asked, series, found)
        changes = {"change_points": len(found.levels) - 1, "direction": _direction(found.slope)}
        about = {**season_found(found.season), **changes}
        told.series.append({**asked.named(series.group), "points": len(series.values), **about})
    told.note(
        "the p-values of change points take their places as given, though they were searched for: "
        "they say how clear a change is, not how often chance makes one"
    )
    return told


def _direction(slope: Slope) -> str:
    if slope.p >= SIGNIFICANT or slope.value == 0:
        return "no trend"
    return "rising" if slope.value > 0 else "falling"


def _empty(asked: Asked, options: TrendOptions) -> Told:
    method = {
        "name": "Theil-Sen slope; change points by PELT",
        "text": "the median of the slopes between all pairs of points, its season taken out, with "
        "Sen's interval and the Mann-Kendall p-value, both widened where neighbours are alike; "
        "levels between change points are medians, changes are tested by Welch's t",
        "confidence": options.confidence,
    }
    return Told(_columns(asked), method)


def _columns(asked: Asked) -> list[Column]:
    unit, size = asked.measure.unit, asked.buckets.granularity
    steep = f"{unit or ''} per {size}".strip()
    return [
        column("time", "timestamp"),
        column("end", "timestamp"),
        *asked.group_columns,
        column("is_change_point", "boolean"),
        column("level", "number", unit),
        column("change", "number", unit),
        column("relative_change", "number", "ratio"),
        column("change_p", "number"),
        column("change_evidence", "string"),
        column("slope", "number", steep),
        column("slope_lower", "number", steep),
        column("slope_upper", "number", steep),
        column("slope_per_day", "number", f"{unit or ''} per day".strip()),
        column("slope_p", "number"),
        column("slope_evidence", "string"),
    ]


def _rows(asked: Asked, series: Series, found: Trend) -> Iterator[Row]:
    edges = [*asked.buckets.starts, asked.buckets.end]
    days = (edges[-1] - edges[0]).total_seconds() / 86_400 / len(asked.buckets.starts)
    slope = found.slope
    steep = numbers([slope.value, slope.lower, slope.upper, slope.value / days])
    ending = [*steep, to_json(slope.p, 3), in_words(slope.p)]
    for before, level in pairwise([None, *found.levels]):
        if level is None:
            continue
        span = [time_text(edges[level.start]), time_text(edges[level.end])]
        yield [*span, *series.group, before is not None, *_change(before, level), *ending]


def _change(before: Level | None, level: Level) -> Row:
    if before is None or level.p is None:
        return [to_json(level.level), None, None, None, None]
    change = level.level - before.level
    # From nothing to something is no multiple.
    relative = change / abs(before.level) if before.level else None
    shown = [to_json(level.level), to_json(change), to_json(relative, 6)]
    return [*shown, to_json(level.p, 3), in_words(level.p)]
