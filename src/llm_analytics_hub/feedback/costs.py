"""What the hub answers to CostOps: baselines, curves, clusters and reports of usage."""

from dataclasses import dataclass
from datetime import timedelta

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.feedback.account_clusters import forecasting_clusters
from llm_analytics_hub.feedback.questions import Questions, same
from llm_analytics_hub.feedback.told import COUNTS, Told, in_scope, told
from llm_analytics_hub.feedback.usage_periods import POINTS, Series, periods
from llm_analytics_hub.feedback.windows import around, last_whole, step_of
from llm_analytics_hub.integrations.costops.outgoing import (
    Json,
    historical_curve,
    usage_baseline,
    usage_report,
)
from llm_analytics_hub.integrations.usage import Scope, Usage
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.service import QueryService

WINDOW = timedelta(days=30)
EVERYTHING = Scope()
UNNAMED = "unknown"
"""How a report calls calls whose model nobody named."""


@dataclass(frozen=True)
class Wanted:
    """Usage of what, in which time, in periods of which length; `period` None is the last `window`.

    `counted` None, `calls` or `records`: see `told`.
    """

    granularity: str = "daily"
    scope: Scope = EVERYTHING
    period: TimeRange | None = None
    window: timedelta = WINDOW
    counted: str | None = None


class CostFeedback:
    """Answers of one hub, for every tenant. Safe for many threads; each call asks the store."""

    def __init__(self, queries: QueryService, clock: Clock) -> None:
        self._queries = queries
        self._clock = clock

    def baseline(self, tenant: str, wanted: Wanted) -> Json:
        """UsageBaseline. Raises: as `usage_baseline` and `periods`."""
        series, told_by = self._series(tenant, wanted)
        found = periods(series, told_by)
        name = _name("bl", wanted)
        return usage_baseline(name, found, wanted.granularity, wanted.scope, self._clock.now())

    def curve(self, tenant: str, metric: str, wanted: Wanted) -> Json:
        """HistoricalCurve of `token_usage`, `cost` (US dollars) or `latency` (median, ms).

        Raises: InvalidInputError, code `unknown_metric`; NotFoundError, codes `no_usage`,
        `unknown_cost`.
        """
        if metric not in POINTS:
            text = f"metric {metric[:80]!r} is none of {', '.join(POINTS)}"
            raise InvalidInputError(text, code="unknown_metric")
        series, told_by = self._series(tenant, wanted)
        points = POINTS[metric](series, told_by)
        name = f"{_name('cv', wanted)}-{metric}"
        return historical_curve(name, metric, points, step_of(wanted.granularity), wanted.scope)

    def clusters(self, tenant: str, wanted: Wanted) -> list[Json]:
        """A ForecastingCluster for each group of accounts. Raises: as `forecasting_clusters`."""
        series, told_by = self._series(tenant, wanted)
        return forecasting_clusters(series, told_by, self._clock.now())

    def report(self, tenant: str, period: TimeRange, counted: str | None = None) -> Json:
        """The usage report of a period, by model; calls of unknown tokens add none."""
        questions = Questions(self._queries, tenant, period)
        event_type = told(questions, [], counted).calls
        usage = {} if event_type is None else _by_model(questions, event_type)
        return usage_report(period.start, period.end, usage, self._clock.now())

    def last_whole(self, granularity: str) -> TimeRange:
        """The last hour, day or week that is over."""
        return last_whole(self._clock.now(), timedelta(), granularity)

    def _series(self, tenant: str, wanted: Wanted) -> tuple[Series, Told]:
        period = (
            last_whole(self._clock.now(), wanted.window, wanted.granularity)
            if wanted.period is None
            else around(wanted.period, wanted.granularity)
        )
        questions, where = Questions(self._queries, tenant, period), in_scope(wanted.scope)
        told_by = told(questions, where, wanted.counted)
        return Series(questions, wanted.granularity, where), told_by


def _by_model(questions: Questions, event_type: str) -> dict[str, Usage]:
    count = COUNTS[event_type]
    rows = questions.rows([count, "total_tokens"], [same("event_type", event_type)], by=["model"])
    return {row["model"] or UNNAMED: Usage(row[count], row["total_tokens"] or 0) for row in rows}


def _name(prefix: str, wanted: Wanted) -> str:
    """`bl-acme-openai-gpt-4o-daily`: one id for each thing that may be asked for."""
    scope = wanted.scope
    parts = [one for one in (scope.organization_id, scope.provider, scope.model) if one]
    return "-".join([prefix, *(parts or ["all"]), wanted.granularity])
