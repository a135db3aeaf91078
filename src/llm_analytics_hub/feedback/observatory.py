"""What the hub answers to the Observatory: its model calls in numbers, and the metrics it sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_analytics_hub.feedback.questions import Filter, Questions, same
from llm_analytics_hub.integrations.observatory.metrics import COLLECTED
from llm_analytics_hub.integrations.writing import in_utc
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.event import INFERENCE
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op, TimeRange
from llm_analytics_hub.query.events import MAX_EVENTS, EventLists
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.interface import MetricReader

Json = dict[str, object]

CALLS = [same("stream", "observatory"), same("event_type", INFERENCE)]
DEFAULT_MEASURES = (
    "requests", "errors", "error_rate", "input_tokens", "output_tokens", "total_tokens", "cost_usd",
    "latency_ms_p50", "latency_ms_p95", "latency_ms_p99", "ttft_ms_p50",
)  # fmt: skip
DIMENSIONS = ("provider", "model", "service", "environment", "operation", "status")
VALUES = ("value_avg", "value_min", "value_max", "value_sum", "events")


@dataclass(frozen=True)
class Cut:
    """How a question is cut: by which dimensions, and of which of them only one value."""

    by: Sequence[str] = ()
    only: Mapping[str, str] | None = None

    @property
    def where(self) -> list[Filter]:
        """The conditions of `only`."""
        return [same(field, value) for field, value in (self.only or {}).items()]


@dataclass(frozen=True)
class ObservatoryFeedback:
    """Answers of one hub, for every tenant. Safe for many threads; each call asks the store."""

    queries: QueryService
    lists: EventLists
    points: MetricReader

    def calls(
        self, tenant: str, period: TimeRange, cut: Cut, *, granularity: str | None = None,
        measures: Sequence[str] = DEFAULT_MEASURES,
    ) -> Json:  # fmt: skip
        """Measures of the model calls of the stream `observatory`; a quiet bucket has no row.

        Raises: InvalidQueryError for what cannot be asked.
        """
        asked = Questions(self.queries, tenant, period)
        where = [*CALLS, *cut.where]
        rows = asked.rows(measures, where, by=cut.by, granularity=granularity)
        return {**_head(period, granularity, measures), "rows": rows}

    def history(
        self, tenant: str, period: TimeRange, cut: Cut, metric: str, granularity: str
    ) -> Json:
        """A metric that the Observatory told in events, by bucket and unit; values are in that unit."""
        asked = Questions(self.queries, tenant, period)
        named = [same("event_type", COLLECTED), same("attributes.metric", metric)]
        by = ["unit", *cut.by]
        rows = asked.rows(VALUES, [*named, *cut.where], by=by, granularity=granularity)
        return {"metric": metric, **_head(period, granularity, ()), "rows": rows}

    def metric(self, tenant: str, period: TimeRange, metric: str, limit: int) -> Json:
        """The numbers of a metric as they came, newest first: OTLP points, and events of its API."""
        points = self.points.metric_points(tenant, metric, period, limit).to_pylist()
        parts = (
            Condition("event_type", Op.EQ, (COLLECTED,)),
            Condition("attributes.metric", Op.EQ, (metric,)),
        )
        wanted = EventFilter(tenant, All(parts), period, min(limit, MAX_EVENTS))
        events = self.lists.page(wanted, None)["events"]
        numbers = [*map(_point, points), *map(_event, events)]
        numbers.sort(key=lambda one: str(one["time"]), reverse=True)
        return {"metric": metric, **_head(period, None, ()), "points": numbers[:limit]}


def _head(period: TimeRange, granularity: str | None, measures: Sequence[str]) -> Json:
    units = {name: MEASURES[name].unit for name in measures if MEASURES[name].unit}
    head: Json = {"from": in_utc(period.start), "to": in_utc(period.end)}
    head |= {"granularity": granularity} if granularity else {}
    return head | ({"units": units} if units else {})


_TOLD = ("value", "unit", "kind", "count", "min", "max", "service", "environment")


def _point(row: Mapping[str, Any]) -> Json:
    moment = row["occurred_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    told = {name: row[name] for name in _TOLD if row[name] is not None}
    return {"time": moment, **told, "labels": dict(row["labels"])}


def _event(event: Mapping[str, Any]) -> Json:
    labels = ("provider", "model", "user_id", "session_id")
    told = {name: event[name] for name in _TOLD if name in event}
    return {
        "time": event["occurred_at"],
        **told,
        "kind": "event",
        "labels": {name: event[name] for name in labels if name in event},
    }
