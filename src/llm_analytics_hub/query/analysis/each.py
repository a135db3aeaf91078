"""A method applied to every series of a question; those with too few points are left out."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.analysis.series import Series
from llm_analytics_hub.query.analysis.told import Asked, Told

Found = TypeVar("Found")


def each_series(
    asked: Asked, told: Told, find: Callable[[Series], Found]
) -> Iterator[tuple[Series, Found]]:
    """Each series with what was found in it; a note counts those that are too short.

    Raises: InvalidQueryError, code `too_few_points`, if all of them are.
    """
    refusals = []
    for series in asked.series:
        try:
            found = find(series)
        except InvalidQueryError as error:
            refusals.append(error)
            continue
        yield series, found
    if refusals and len(refusals) == len(asked.series):
        raise refusals[0]
    if refusals:
        told.note(f"{len(refusals)} series left out: {refusals[0].message}")
