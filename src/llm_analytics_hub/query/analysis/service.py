"""Analyses asked and answered: a question of series, a method, and one form of answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.analysis.anomaly_rows import tell_anomalies
from llm_analytics_hub.query.analysis.body import (
    AnomaliesBody,
    CorrelationBody,
    ForecastBody,
    TrendBody,
    analysis_of,
)
from llm_analytics_hub.query.analysis.correlation_rows import tell_correlation
from llm_analytics_hub.query.analysis.forecast_rows import tell_forecast
from llm_analytics_hub.query.analysis.series import Buckets, is_sum, series_of, whole_buckets
from llm_analytics_hub.query.analysis.told import Asked, Told
from llm_analytics_hub.query.analysis.trend_rows import tell_trend
from llm_analytics_hub.query.answered import Answered
from llm_analytics_hub.query.body import MAX_ROWS
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.cancellation import Cancellation

_ENDS = ("from", "to")

Body = AnomaliesBody | TrendBody | ForecastBody | CorrelationBody


@dataclass(frozen=True)
class _Caller:
    tenant: str
    door: str
    now: datetime
    cancellation: Cancellation | None


class AnalysisService:
    """Answers analyses with the questions' own service. Safe for many threads."""

    def __init__(self, queries: QueryService, clock: Clock) -> None:
        self._queries = queries
        self._clock = clock

    def analyze(
        self,
        body: Mapping[str, Any],
        *,
        tenant: str,
        door: str = "rest",
        cancellation: Cancellation | None = None,
    ) -> dict[str, Any]:
        """The answer as JSON, in the form of a question's: columns, rows, meta.

        `meta.method` names the method with its parameters, `meta.notes` says what to know.
        Raises: InvalidQueryError, with code `too_few_points`, `too_many_points` or
        `too_many_series` where that is the fault; UnavailableError.
        """
        asked = analysis_of(body)
        caller = _Caller(tenant, door, self._clock.now(), cancellation)
        if isinstance(asked, CorrelationBody):
            answer, first, second = self._pair(asked, caller)
            told = tell_correlation(first, second, asked.options)
            series = [first, second]
        else:
            _require_measures(asked, 1)
            answer = self._answer(asked, caller, asked.query.filters)
            one = _asked(asked, answer, 0, caller.now)
            told, series = _told(asked, one), [one]
        meta = {**answer.meta, "elapsed_ms": self._since(caller.now), **_meta(asked, told, series)}
        return {"columns": told.columns, "rows": told.rows, "meta": meta}

    def _pair(self, asked: CorrelationBody, caller: _Caller) -> tuple[Answered, Asked, Asked]:
        against = asked.options.against
        _require_measures(asked, 2 if against is None else 1)
        answer = self._answer(asked, caller, asked.query.filters)
        if against is None:
            first, second = (_asked(asked, answer, place, caller.now) for place in (0, 1))
            return answer, first, second
        other = self._answer(asked, caller, against)
        first = _asked(asked, answer, 0, caller.now)
        # Of the same buckets, though the clock went on between the two answers.
        return answer, first, _asked(asked, other, 0, caller.now, first.buckets)

    def _answer(self, asked: Body, caller: _Caller, filters: object) -> Answered:
        body = asked.query.model_dump(by_alias=True, exclude_unset=True)
        body |= {"filters": filters, "limit": MAX_ROWS}
        return self._queries.answer(
            body, tenant=caller.tenant, door=caller.door, cancellation=caller.cancellation
        )

    def _since(self, began: datetime) -> float:
        return round((self._clock.now() - began).total_seconds() * 1000, 2)


def _require_measures(asked: Body, count: int) -> None:
    if len(set(asked.query.measures)) != count:
        words = {1: "one measure", 2: "two measures, or one and options.against"}[count]
        raise InvalidQueryError(f"query.measures: {asked.method} takes {words}")


def _asked(
    body: Body, answer: Answered, place: int, now: datetime, buckets: Buckets | None = None
) -> Asked:
    measure = MEASURES[list(dict.fromkeys(body.query.measures))[place]]
    dimensions = tuple(dict.fromkeys(body.query.dimensions))
    span = TimeRange(*(datetime.fromisoformat(answer.meta["time_range"][end]) for end in _ENDS))
    chosen = buckets or whole_buckets(span, body.query.granularity, body.query.time_zone, now)
    series = tuple(series_of(answer, dimensions, measure, chosen))
    if not series:
        message = "no events match: there are 0 points to analyse"
        raise InvalidQueryError(message, code="too_few_points")
    return Asked(chosen, dimensions, measure, series)


def _told(body: AnomaliesBody | TrendBody | ForecastBody, asked: Asked) -> Told:
    if isinstance(body, AnomaliesBody):
        return tell_anomalies(asked, body.options)
    if isinstance(body, TrendBody):
        return tell_trend(asked, body.options)
    return tell_forecast(asked, body.options)


def _meta(body: Body, told: Told, asked: list[Asked]) -> dict[str, Any]:
    buckets = asked[0].buckets
    size = {"buckets": len(buckets.starts), "granularity": buckets.granularity}
    return {
        "analysis": body.method,
        "method": {**told.method, **size, "series": told.series},
        "notes": [*told.notes, *_notes(asked)],
        **told.more,
    }


def _notes(asked: list[Asked]) -> list[str]:
    """What was done about buckets that are not whole, or empty."""
    found = []
    if cut := asked[0].buckets.cut:
        found.append(f"{cut} bucket(s) at the ends of the range are not whole and were left out")
    for one in asked:
        if empty := sum(series.empty for series in one.series):
            what = "0" if is_sum(one.measure) else "unknown"
            found.append(f"{empty} bucket(s) without events: {one.measure.name} is {what} there")
    return list(dict.fromkeys(found))
