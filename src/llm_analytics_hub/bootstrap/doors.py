"""The applications that serve a hub, put together from its doors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp

from llm_analytics_hub.api.alerts.routes import alert_routes
from llm_analytics_hub.api.analysis import analysis_routes
from llm_analytics_hub.api.app import build_app, build_metrics_app, build_otlp_app
from llm_analytics_hub.api.body import BodyLimits
from llm_analytics_hub.api.connectors import connector_routes
from llm_analytics_hub.api.contents import content_routes
from llm_analytics_hub.api.dead_letters import dead_letter_routes
from llm_analytics_hub.api.events import event_routes
from llm_analytics_hub.api.exports import export_routes
from llm_analytics_hub.api.graphql.routes import graphql_routes
from llm_analytics_hub.api.health import HealthDoor
from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.api.integrations.answers import answer_routes
from llm_analytics_hub.api.integrations.marketplace import metrics_handler
from llm_analytics_hub.api.integrations.routes import integration_routes
from llm_analytics_hub.api.integrations.subscriptions import subscription_routes
from llm_analytics_hub.api.key_pair import read_key_pair
from llm_analytics_hub.api.metrics import metric_routes
from llm_analytics_hub.api.page import LazyPage
from llm_analytics_hub.api.queries import query_routes
from llm_analytics_hub.api.registry import registry_routes
from llm_analytics_hub.api.sql import sql_routes
from llm_analytics_hub.api.stream.open_streams import OpenStreams
from llm_analytics_hub.api.stream.routes import stream_routes
from llm_analytics_hub.api.webhooks import Webhook, webhook_routes
from llm_analytics_hub.bootstrap.hub import Hub
from llm_analytics_hub.feedback.marketplace import MarketplaceFeedback
from llm_analytics_hub.query.analysis.service import AnalysisService
from llm_analytics_hub.query.assets import AssetLists
from llm_analytics_hub.query.contents import EventContents
from llm_analytics_hub.query.sql import SqlService
from llm_analytics_hub.query.traces import TraceLists
from llm_analytics_hub.settings import Settings

if TYPE_CHECKING:
    from llm_analytics_hub.api.graphql.door import GraphqlDoor
    from llm_analytics_hub.api.otlp_grpc import OtlpGrpcServer


@dataclass(frozen=True)
class Doors:
    """The applications of the ports, and the health they share.

    `otlp_grpc` makes a gRPC server; to be called on the event loop that runs it.
    """

    main: FastAPI
    otlp: Starlette
    otlp_grpc: "Callable[[], OtlpGrpcServer]"
    metrics: Starlette
    health: HealthDoor
    streams: OpenStreams


def open_doors(hub: Hub, settings: Settings) -> Doors:
    """The applications that serve `hub`."""
    limits = BodyLimits(settings.ingest.wire_bytes, settings.ingest.plain_bytes)
    ingest = IngestDoor(hub.intake, hub.points, hub.clock, hub.metrics, limits)
    health = HealthDoor(hub.clock, hub.metrics, {"database": hub.store.health})
    streams = OpenStreams(hub.subscriptions.close)
    routers = [
        stream_routes(hub.subscriptions, streams),
        subscription_routes(hub.subscriptions),
        query_routes(hub.queries),
        event_routes(hub.lists, TraceLists(hub.store), hub.clock),
        analysis_routes(AnalysisService(hub.queries, hub.clock)),
        registry_routes(AssetLists(hub.store, hub.cache)),
        content_routes(EventContents(hub.store, settings.normalize.capture())),
        metric_routes(hub.store),
        sql_routes(SqlService(hub.store, hub.clock, hub.metrics)),
        dead_letter_routes(hub.letters),
        export_routes(hub.exports),
        *integration_routes(hub.queries, hub.lists, ingest, hub.clock, hub.feeds),
        *answer_routes(hub.queries, hub.lists, hub.store, hub.intake, hub.clock, hub.feeds),
        connector_routes(hub.connectors, hub.metrics),
        *alert_routes(hub.alerting, hub.queries, hub.lists, hub.clock),
        webhook_routes(ingest, _webhooks(settings)),
        graphql_routes(lambda: _graphql(hub, limits), streams),
    ]
    page = LazyPage(lambda: _page(hub)) if settings.ui else None
    market = MarketplaceFeedback(hub.queries, hub.clock)
    metrics = metrics_handler(health.prometheus, market, hub.clock)
    main = build_app(ingest, health, routers, page, metrics)
    return Doors(
        main=main,
        otlp=build_otlp_app(ingest),
        otlp_grpc=lambda: _grpc_server(hub, ingest, health, streams, settings),
        metrics=build_metrics_app(health),
        health=health,
        streams=streams,
    )


def _webhooks(settings: Settings) -> Mapping[str, Webhook]:
    return {
        name: Webhook(one.module, one.tenant, one.secret.get_secret_value().encode(), one.signature)
        for name, one in settings.webhooks.items()
    }


def _grpc_server(
    hub: Hub, door: IngestDoor, health: HealthDoor, streams: OpenStreams, settings: Settings
) -> "OtlpGrpcServer":
    # Imported late: a hub whose gRPC port is off neither waits for it nor holds it.
    from llm_analytics_hub.api.otlp_grpc import GrpcLimits, OtlpGrpcServer
    from llm_analytics_hub.api.rpc.live import Live
    from llm_analytics_hub.api.rpc.services import rpc_services

    cert, key = settings.otlp_tls_cert, settings.otlp_tls_key
    pair = read_key_pair(cert, key) if cert and key else None
    limits = GrpcLimits(settings.ingest.grpc_message_bytes, settings.ingest.grpc_calls)
    services = rpc_services(
        hub.queries,
        hub.lists,
        hub.store,
        hub.store,
        door,
        health,
        Live(hub.subscriptions, streams),
        limits.calls,
    )
    return OtlpGrpcServer(door, limits, pair, services)


def _graphql(hub: Hub, limits: BodyLimits) -> "GraphqlDoor":
    # Imported late: a third of a second that a hub nobody asks in GraphQL does not pay.
    from llm_analytics_hub.api.graphql.door import GraphqlDoor
    from llm_analytics_hub.api.graphql.services import services_of

    assets = AssetLists(hub.store)
    services = services_of(hub.queries, hub.lists, assets, hub.store, hub.clock, hub.subscriptions)
    return GraphqlDoor(services, limits)


def _page(hub: Hub) -> ASGIApp:
    from llm_analytics_hub.ui.app import (
        build_ui,
    )  # a second of imports that ingest need not wait for

    return build_ui(hub.queries, hub.store, hub.metrics, hub.clock)
