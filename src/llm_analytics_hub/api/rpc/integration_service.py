"""`analytics.integration.v1`: the services by which the documents let modules reach the hub."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc

from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.api.rpc.arrivals import arrived, followed
from llm_analytics_hub.api.rpc.calls import Calls, Pieces
from llm_analytics_hub.api.rpc.compliance import REPORTER, report_body
from llm_analytics_hub.api.rpc.integration_answers import (
    NAMED,
    to_asset,
    to_asset_event,
    to_measures,
    to_points,
    to_violation_message,
)
from llm_analytics_hub.api.rpc.live import Live
from llm_analytics_hub.api.rpc.query_service import most
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidQueryError, UnsupportedError
from llm_analytics_hub.feedback.observatory import (
    DEFAULT_MEASURES,
    DIMENSIONS,
    Cut,
    ObservatoryFeedback,
)
from llm_analytics_hub.feedback.violations import DETECTED, OF_POLICY
from llm_analytics_hub.ingest.codecs.hub_json import packed_events
from llm_analytics_hub.model.query import All, Condition, Filter, Op, TimeRange
from llm_analytics_hub.query.assets import AssetLists
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.ranges import between
from llm_analytics_hub.storage.cancellation import Cancellation

PACKAGE = "analytics.integration.v1"
SERVICES = tuple(
    f"{PACKAGE}.{name}"
    for name in ("RegistryIntegration", "PolicyEngineIntegration", "ObservatoryIntegration")
)
LATELY = timedelta(hours=1)
MAX_POINTS = 10_000

Message = Any
_LABELS = ("provider", "model", "service", "environment")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS = 253_402_300_799_000  # the end of the year 9999


@dataclass(frozen=True)
class IntegrationDoor:
    """The methods of the services. Safe for many threads."""

    ingest: IngestDoor
    lists: EventLists
    assets: AssetLists
    observed: ObservatoryFeedback
    clock: Clock
    live: Live

    def handlers(self, calls: Calls) -> list[grpc.GenericRpcHandler]:
        """What the server calls, a handler for each service."""
        streamed = NAMED("StreamRequest")
        methods = (
            {
                "GetAsset": calls.ask(NAMED("GetAssetRequest"), self.get_asset),
                "StreamAssetEvents": calls.stream(NAMED("StreamEventsRequest"), self.asset_events),
            },
            {
                "ReportCompliance": calls.take(NAMED("ComplianceMetrics"), self.report_compliance),
                "StreamViolations": calls.stream(streamed, self.violations),
            },
            {
                "GetMetrics": calls.ask(NAMED("MetricsRequest"), self.get_metrics),
                "StreamMetrics": calls.stream(streamed, self.metrics),
            },
        )
        return [
            grpc.method_handlers_generic_handler(name, those)
            for name, those in zip(SERVICES, methods, strict=True)
        ]

    def get_asset(self, tenant: str, request: Message, gone: Cancellation) -> Message:
        """An Asset. Raises: NotFoundError."""
        return to_asset(self.assets.one(tenant, request.asset_id))

    def asset_events(self, tenant: str, request: Message, gone: Cancellation) -> Pieces:
        """AssetEvents. Raises: InvalidQueryError."""
        where = [Condition("asset_id", Op.EXISTS, ()), Condition("source", Op.EQ, ("registry",))]
        where += _among("asset_id", request.asset_ids) + _among("event_type", request.event_types)
        return self._arrived(tenant, All(tuple(where)), request, to_asset_event)

    async def report_compliance(self, tenant: str, request: Message) -> Message:
        """A ReportResponse, after the report is stored. Raises: as `IngestDoor.take`."""
        body = report_body(request, self.clock.now())
        _, receipt = await self.ingest.take_body(tenant, body, "grpc", packed_events, REPORTER)
        return NAMED("ReportResponse")(
            accepted=receipt.accepted,
            duplicates=receipt.duplicates,
            rejected=[
                NAMED("Rejection")(index=one.index, code=one.code, message=one.message)
                for one in receipt.rejected
            ],
            event_ids=[] if receipt.rejected else [request.report_id],
        )

    def violations(self, tenant: str, request: Message, gone: Cancellation) -> Pieces:
        """Violations, those that a report counts. Raises: InvalidQueryError."""
        where = All((DETECTED, OF_POLICY))
        return self._arrived(tenant, where, request, to_violation_message)

    def get_metrics(self, tenant: str, request: Message, gone: Cancellation) -> Message:
        """A MetricsResponse. Raises: InvalidQueryError."""
        span = self._span(request.time_range)
        found = _points(self.observed, tenant, span, request)
        bounds = NAMED("TimeRange")(start=_milliseconds(span.start), end=_milliseconds(span.end))
        return NAMED("MetricsResponse")(metrics=found, time_range=bounds)

    def metrics(self, tenant: str, request: Message, gone: Cancellation) -> Iterator[Message]:
        """Raises: UnsupportedError."""
        raise UnsupportedError(
            "points of metrics are stored and not published: ask GetMetrics for a period"
        )

    def _arrived(
        self, tenant: str, where: Filter, request: Message, told: Callable[[Any, str], Message]
    ) -> Pieces:
        if request.follow:
            return followed(self.lists, self.live, tenant, where, request, told)
        return arrived(self.lists, tenant, where, request, told)

    def _span(self, asked: Message) -> TimeRange:
        now = self.clock.now().replace(microsecond=0) + timedelta(seconds=1)
        end = _moment(asked.end) if asked.end else now
        return between(_moment(asked.start) if asked.start else end - LATELY, end)


def _points(
    observed: ObservatoryFeedback, tenant: str, span: TimeRange, request: Message
) -> list[Message]:
    if request.metric:
        members = ("labels", "by", "measures", "granularity")
        if named := [name for name in members if getattr(request, name)]:
            raise InvalidQueryError(f"{named[0]}: it does not go together with metric")
        limit = most(request.limit, 1000, MAX_POINTS)
        return list(to_points(observed.metric(tenant, span, request.metric, limit)))
    measures = list(request.measures) or DEFAULT_MEASURES
    granularity = request.granularity or None
    cut = _cut(request)
    told = observed.calls(tenant, span, cut, granularity=granularity, measures=measures)
    return list(to_measures(told, measures, cut.by))


def _cut(request: Message) -> Cut:
    if unknown := set(request.by) - set(DIMENSIONS):
        raise InvalidQueryError(f"by: {min(unknown)[:80]!r} is none of {', '.join(DIMENSIONS)}")
    if unknown := set(request.labels) - set(_LABELS):
        raise InvalidQueryError(f"labels: {min(unknown)[:80]!r} is none of {', '.join(_LABELS)}")
    return Cut(list(request.by), dict(request.labels))


def _among(field: str, values: Any) -> list[Condition]:
    if len(values) > 1000:
        raise InvalidQueryError(f"{field}s: there are at most 1000")
    return [Condition(field, Op.IN, tuple(values))] if values else []


def _moment(milliseconds: int) -> datetime:
    if not 0 <= milliseconds <= _LATEST_MS:
        raise InvalidQueryError("time_range has milliseconds since 1970-01-01 UTC")
    return _EPOCH + timedelta(milliseconds=milliseconds)


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
