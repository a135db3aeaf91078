"""A whole question: what the store is asked, and what is made of its answers."""

from dataclasses import dataclass

from llm_analytics_hub.model.query import Query, TimeRange


@dataclass(frozen=True)
class Top:
    """Which values of a dimension are kept apart: the first `number` by a measure, largest first.

    All others are one row where `with_other`, and left out where not.
    """

    dimension: str
    by: str
    number: int
    with_other: bool


@dataclass(frozen=True)
class Question:
    """A `Query`, and how its answer is ranked, compared and filled."""

    query: Query
    top: Top | None = None
    compared_with: TimeRange | None = None
    fills_gaps: bool = False
