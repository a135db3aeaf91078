"""What a rule watches: how it is asked, and which groups there is enough data of."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from llm_analytics_hub.alerts.detect.asking import Found, Shape, Wanted
from llm_analytics_hub.alerts.detect.words import number_text
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.rule import Watched
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.query.analysis.series import is_sum

Values = Mapping[Labels, float]


def wanted(
    watched: Watched, start: datetime, end: datetime, granularity: str | None = None
) -> Wanted:
    """The measure from `start` to `end`, and what says whether there is enough of it."""
    shape = Shape(watched.by, watched.where, start, end, granularity)
    return Wanted(shape, measures_of(watched))


def measures_of(watched: Watched) -> tuple[str, ...]:
    """What is asked to judge the measure."""
    if watched.minimum <= 0 or watched.minimum_of == watched.measure:
        return (watched.measure,)
    return (watched.measure, watched.minimum_of)


def values_of(found: Found, measure: str, by: Sequence[str]) -> Values:
    """The known values of a measure. Without groups, a count or sum of nothing is 0."""
    column = found.values[measure]
    if not by and adds_up(measure) and (not column or column[0] is None):
        return {(): 0.0}
    rows = zip(found.groups, column, strict=True)
    return {group: value for group, value in rows if value is not None}


def known_of(found: Found, watched: Watched) -> Values:
    """The values there is enough data of."""
    values = values_of(found, watched.measure, watched.by)
    if watched.minimum <= 0:
        return values
    enough = values_of(found, watched.minimum_of, watched.by)
    return {g: v for g, v in values.items() if enough.get(g, 0.0) >= watched.minimum}


def adds_up(measure: str) -> bool:
    """Whether nothing happened means 0: counts, and sums."""
    return is_sum(MEASURES[measure])


def unit_of(measure: str) -> str | None:
    """The unit of a measure; None if it has none."""
    return MEASURES[measure].unit


def detail_of(watched: Watched, limit: float, **more: str) -> Labels:
    """What people are told beside the value."""
    told = {"limit": number_text(limit), "measure": watched.measure, **more}
    if unit := unit_of(watched.measure):
        told["unit"] = unit
    return tuple(sorted(told.items()))
