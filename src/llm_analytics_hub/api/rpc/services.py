"""All services of the gRPC port beside OTLP, put together."""

from collections.abc import Sequence

import grpc

# Reflection describes what it finds in the pool: these put OTLP's other services there.
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2  # noqa: F401
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2  # noqa: F401

from llm_analytics_hub.api.health import HealthDoor
from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.api.otlp_signals import SIGNALS
from llm_analytics_hub.api.rpc import health_service, integration_service, query_service
from llm_analytics_hub.api.rpc.calls import Calls
from llm_analytics_hub.api.rpc.health_service import HealthService
from llm_analytics_hub.api.rpc.integration_service import IntegrationDoor
from llm_analytics_hub.api.rpc.live import Live
from llm_analytics_hub.api.rpc.query_service import QueryDoor
from llm_analytics_hub.api.rpc.reflection import reflection_handlers
from llm_analytics_hub.feedback.observatory import ObservatoryFeedback
from llm_analytics_hub.query.assets import AssetLists
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.interface import AssetReader, MetricReader


def rpc_services(
    queries: QueryService,
    lists: EventLists,
    assets: AssetReader,
    points: MetricReader,
    ingest: IngestDoor,
    health: HealthDoor,
    live: Live,
    at_once: int,
) -> Sequence[grpc.GenericRpcHandler]:
    """Handlers of all services; `at_once` calls work at a time, the others wait."""
    calls = Calls(at_once)
    observed = ObservatoryFeedback(queries, lists, points)
    known = AssetLists(assets)
    named = (
        query_service.SERVICE,
        *integration_service.SERVICES,
        *(signal.service for signal in SIGNALS),
    )
    return [
        QueryDoor(queries, lists, known, live).handler(calls),
        *IntegrationDoor(ingest, lists, known, observed, health.clock, live).handlers(calls),
        HealthService(health, named).handler(),
        *reflection_handlers([*named, health_service.SERVICE]),
    ]
