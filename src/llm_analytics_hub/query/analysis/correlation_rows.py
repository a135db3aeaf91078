"""Correlations as an answer: a row per lag, and the best of them in words."""

from collections.abc import Iterator

from llm_analytics_hub.query.analysis.body import CorrelationOptions
from llm_analytics_hub.query.analysis.correlation import Correlation, Lagged, find_correlation
from llm_analytics_hub.query.analysis.each import each_series
from llm_analytics_hub.query.analysis.numbers import to_json
from llm_analytics_hub.query.analysis.series import Group, Series
from llm_analytics_hub.query.analysis.significance import in_words
from llm_analytics_hub.query.analysis.told import (
    BEYOND_DOUBLES,
    SIGNIFICANT,
    Asked,
    Row,
    Told,
    column,
    group_name,
    season_found,
)


@BEYOND_DOUBLES
def tell_correlation(first: Asked, second: Asked, options: CorrelationOptions) -> Told:
    """A row per lag; groups that only one side has are left out with a note.

    Raises: InvalidQueryError, code `too_few_points`.
    """
    told = _empty(first, options)
    others = {series.group: series for series in second.series}
    both = tuple(series for series in first.series if series.group in others)
    if left := len(first.series) + len(others) - 2 * len(both):
        told.note(f"{left} groups left out: only one of the two has them")
    asked = Asked(first.buckets, first.dimensions, first.measure, both)
    seasons = first.buckets.seasons

    def find(series: Series) -> Correlation:
        other = others[series.group].values
        return find_correlation(
            series.values, other, seasons, most_lag=options.lags, is_raw=options.raw
        )

    names = _names(first, second)
    for series, found in each_series(asked, told, find):
        told.rows += _rows(series.group, found)
        one, other = found.seasons
        about = {**season_found(one), "second_season": other.name if other else None}
        text = _text(first, names, found.best)
        best = {"best_lag": found.best.lag, "text": text}
        told.series.append({**asked.named(series.group), **about, **best})
        prefix = f"{group_name(asked, series.group)}: " if series.group else ""
        told.note(prefix + text)
    return told


def _names(first: Asked, second: Asked) -> tuple[str, str]:
    one, other = first.measure.name, second.measure.name
    return (one, other) if one != other else (f"{one} (first)", f"{other} (against)")


def _empty(asked: Asked, options: CorrelationOptions) -> Told:
    columns = [
        *asked.group_columns,
        column("lag", "integer", asked.buckets.granularity),
        column("pearson_r", "number"),
        column("pearson_p", "number"),
        column("spearman_r", "number"),
        column("spearman_p", "number"),
        column("points", "integer"),
        column("effective_points", "number"),
        column("is_significant", "boolean"),
        column("is_best", "boolean"),
    ]
    taken = "as they are" if options.raw else "their straight line and season taken out"
    method = {
        "name": "lagged correlation, Pearson and Spearman",
        "text": f"two series, {taken}; p-values count points that are like their neighbours as "
        "fewer (Bartlett) and are times the number of lags (Bonferroni); a positive lag: the second "
        "follows the first",
        "lags": options.lags,
        "raw": options.raw,
    }
    return Told(columns, method)


def _rows(group: Group, found: Correlation) -> Iterator[Row]:
    for at in found.lags:
        shown = [
            to_json(at.pearson_r, 6), to_json(at.pearson_p, 3),
            to_json(at.spearman_r, 6), to_json(at.spearman_p, 3),
        ]  # fmt: skip
        size = [at.points, to_json(at.effective, 4)]
        yield [*group, at.lag, *shown, *size, _p(at) < SIGNIFICANT, at is found.best]


def _p(at: Lagged) -> float:
    return min(at.pearson_p, at.spearman_p)


def _text(asked: Asked, names: tuple[str, str], best: Lagged) -> str:
    first, second = names
    p = _p(best)
    if p >= SIGNIFICANT:
        return f"{first} and {second}: no lag shows more than chance would"
    leader, follower = (first, second) if best.lag > 0 else (second, first)
    size = f"{abs(best.lag)} {asked.buckets.granularity} bucket{'s' if abs(best.lag) > 1 else ''}"
    how = f"r {best.pearson_r:.2f}, rank r {best.spearman_r:.2f}, {in_words(p)} evidence"
    if not best.lag:
        return f"{first} and {second} move at the same time: {how}"
    return f"{follower} follows {leader} by {size}: {how}"
