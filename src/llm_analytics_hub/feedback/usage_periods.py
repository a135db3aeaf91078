"""Usage by period, as the query engine counts it; a quiet period is a 0, an unknown one is none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.feedback.questions import Filter, Questions, Row, same
from llm_analytics_hub.feedback.told import COUNTS, Told, costs_told, tokens_told
from llm_analytics_hub.feedback.windows import BUCKETS, floor, step_of
from llm_analytics_hub.integrations.usage import Period, Point
from llm_analytics_hub.model.event import INFERENCE

Rows = Mapping[datetime, Row]


@dataclass(frozen=True)
class Series:
    """Questions about periods of one length, of the events that `where` lets through."""

    questions: Questions
    granularity: str
    where: Sequence[Filter]

    def rows(self, event_type: str, *measures: str) -> Rows:
        """By the start of a period; one in which nothing happened has no row."""
        where = [*self.where, same("event_type", event_type)]
        bucket = BUCKETS[self.granularity]
        found = self.questions.rows(measures, where, granularity=bucket)
        return {datetime.fromisoformat(row["time"]): row for row in found}

    def starts(self, first: datetime) -> Iterator[datetime]:
        """The starts of all periods from `first` to the end of the time asked for."""
        start = floor(first, self.granularity)
        while start < self.questions.period.end:
            yield start
            start += step_of(self.granularity)


def periods(series: Series, told_by: Told) -> list[Period]:
    """Tokens and costs, from the first period that has usage: what was before, nobody may have told.

    A cost is the sum of those that are known.
    Raises: NotFoundError, codes `no_usage`, `unknown_cost`.
    """
    tokens = series.rows(tokens_told(told_by), "total_tokens")
    costs = series.rows(costs_told(told_by), "cost_usd")
    return [
        Period(
            start,
            tokens.get(start, {}).get("total_tokens") or 0,
            costs.get(start, {}).get("cost_usd") or Decimal(),
        )
        for start in series.starts(min(tokens))
    ]


def token_points(series: Series, told_by: Told) -> list[Point]:
    """Tokens of each period and the calls they are of. Raises: NotFoundError, code `no_usage`."""
    event_type = tokens_told(told_by)
    return _points(series, event_type, "total_tokens", Decimal())


def cost_points(series: Series, told_by: Told) -> list[Point]:
    """US dollars of each period, as far as known. Raises: NotFoundError, code `unknown_cost`."""
    return _points(series, costs_told(told_by), "cost_usd", Decimal())


def latency_points(series: Series, _: Told) -> list[Point]:
    """The median latency of model calls in ms; a period without one has no point.

    Raises: NotFoundError, code `no_usage`.
    """
    return _points(series, INFERENCE, "latency_ms_p50", None)


POINTS: Mapping[str, Callable[[Series, Told], list[Point]]] = {
    "token_usage": token_points,
    "cost": cost_points,
    "latency": latency_points,
}
"""By the metric's name at CostOps."""


def _points(series: Series, event_type: str, measure: str, quiet: Decimal | None) -> list[Point]:
    """A point for each period of which `measure` is known; `quiet` is its value where nothing was."""
    count = COUNTS[event_type]
    rows = series.rows(event_type, measure, count)
    known = [start for start, row in rows.items() if row[measure] is not None]
    if not known:
        raise NotFoundError("no usage is known of this time and scope", code="no_usage")
    nothing = {measure: quiet, count: 0}
    told = ((start, rows.get(start, nothing)) for start in series.starts(min(known)))
    return [
        Point(start, Decimal(str(row[measure])), row[count])
        for start, row in told
        if row[measure] is not None
    ]
