"""Settings to objects: with `settings.py` the only module that names a concrete adapter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp

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
from llm_analytics_hub.api.key_pair import read_key_pair
from llm_analytics_hub.api.metrics import metric_routes
from llm_analytics_hub.api.page import LazyPage
from llm_analytics_hub.api.queries import query_routes
from llm_analytics_hub.api.registry import registry_routes
from llm_analytics_hub.api.sql import sql_routes
from llm_analytics_hub.api.webhooks import Webhook, webhook_routes
from llm_analytics_hub.clock import Clock, SystemClock
from llm_analytics_hub.connectors.feed import FeedSettings
from llm_analytics_hub.connectors.feed_desk import FeedDesk
from llm_analytics_hub.connectors.landing import Landing
from llm_analytics_hub.connectors.link import Link, Sources
from llm_analytics_hub.connectors.state import ConnectorState
from llm_analytics_hub.connectors.supervisor import Supervisor
from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.feedback.marketplace import MarketplaceFeedback
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.intake import Intake, IntakeLimits
from llm_analytics_hub.ingest.letter_room import LetterLimits, LetterRoom
from llm_analytics_hub.ingest.linking.linker import Linker
from llm_analytics_hub.ingest.metric_commit import MetricCommitter
from llm_analytics_hub.ingest.metric_series import REMEMBERED
from llm_analytics_hub.ingest.replay import DeadLetters
from llm_analytics_hub.integrations.again import events_again
from llm_analytics_hub.integrations.catalog import integration
from llm_analytics_hub.normalize.money import decode_rates
from llm_analytics_hub.normalize.normalizer import Rules
from llm_analytics_hub.normalize.pricing import (
    GenaiPriceBook,
    OverriddenPriceBook,
    PriceBook,
    decode_overrides,
)
from llm_analytics_hub.query.analysis.service import AnalysisService
from llm_analytics_hub.query.assets import AssetLists
from llm_analytics_hub.query.cache.cache import AnswerCache
from llm_analytics_hub.query.cache.opening import open_cache
from llm_analytics_hub.query.contents import EventContents
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.exports.desk import ExportDesk
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.query.sql import SqlService
from llm_analytics_hub.query.traces import TraceLists
from llm_analytics_hub.settings import NormalizeSettings, Settings
from llm_analytics_hub.storage.clickhouse.applier import ApplyLimits
from llm_analytics_hub.storage.clickhouse.memory import use_returnable_memory
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.connector_states import ConnectorStates
from llm_analytics_hub.storage.memory_control import MemoryControlStore
from llm_analytics_hub.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from llm_analytics_hub.api.graphql.door import GraphqlDoor
    from llm_analytics_hub.api.otlp_grpc import OtlpGrpcServer

LINKED_ACROSS_RESTARTS = timedelta(hours=1)
"""Spans older than this are not looked at again when the hub starts: the rest of their trace is here."""

SPANS_ACROSS_RESTARTS = 50_000
"""How many of them are, the newest."""


@dataclass(frozen=True)
class Hub:
    """A running engine: its services, without the doors."""

    store: ClickHouseStore
    intake: Intake
    points: MetricCommitter
    queries: QueryService
    lists: EventLists
    letters: DeadLetters
    exports: ExportDesk
    connectors: Supervisor
    feeds: FeedDesk
    states: ConnectorStates
    cache: AnswerCache
    metrics: Metrics
    clock: Clock

    def close(self) -> None:
        """Commit what was accepted, then release the store."""
        self.intake.close()
        self.exports.close()
        self.store.close()
        self.states.close()


def open_hub(settings: Settings, clock: Clock | None = None) -> Hub:
    """The engine of `settings`, its store open and recovered.

    Raises: ConflictError when another process holds the data folder; SettingsError.
    """
    use_returnable_memory()
    clock = clock or SystemClock()
    metrics = Metrics()
    rules = rules_of(settings.normalize)
    store = open_store(settings)
    metrics.store_waiting_rows.set_function(lambda: store.waiting_rows)
    window = DedupWindow()
    now = clock.now()
    known = store.known_keys(now)
    window.remember(known.keys, known.until, int(now.timestamp()))
    linker = Linker(rules.prices)
    linker.recall(*store.recent_spans(now - LINKED_ACROSS_RESTARTS, SPANS_ACROSS_RESTARTS))
    kept = settings.ingest.dead_letters
    room = LetterRoom(metrics, LetterLimits(kept.per_tenant_rows, kept.payload_characters))
    room.learn(store.count_dead_letters())
    cache = open_cache(settings.cache, clock, metrics)
    committer = Committer(store, window, rules, metrics, linker, room, cache.touched)
    points = MetricCommitter(store, rules.policies["observatory"], metrics, room=room)
    points.recall(store.metric_state(now - points.remembered_for, REMEMBERED), now)
    limits = IntakeLimits(settings.ingest.waiting_rows, settings.ingest.group_rows)
    intake = Intake(committer, clock, metrics, limits)
    states = open_states(settings, clock)
    shortest = min(policy.retention for policy in rules.policies.values())
    sources = Sources(
        QueryService(store, clock, metrics, shortest, settings.questions, cache), EventLists(store)
    )
    supervisor, feeds = Supervisor(states, clock, metrics), FeedDesk()
    for name, chosen in settings.connectors.items():
        landing = Landing(intake, clock, integration(chosen.module), chosen.tenant)
        state = ConnectorState(
            name, chosen.module, chosen.kind, chosen.tenant, chosen.remote, clock.now()
        )
        link = Link(state, landing, states, clock, metrics, sources)
        supervisor.add(chosen.connector(), link)
        if isinstance(chosen, FeedSettings):
            feeds.add(chosen, link)
    return Hub(
        store=store,
        intake=intake,
        points=points,
        queries=sources.queries,
        lists=sources.lists,
        letters=DeadLetters(
            store,
            intake,
            lambda tenant, rows: committer.check(tenant, rows, clock.now()),
            room,
            events_again,
        ),
        exports=ExportDesk(
            settings.data_dir / "exports", store, sources.queries, clock, settings.exports
        ),
        connectors=supervisor,
        feeds=feeds,
        states=states,
        cache=cache,
        metrics=metrics,
        clock=clock,
    )


def open_store(settings: Settings) -> ClickHouseStore:
    """The event store of `settings`. Raises: ConflictError, SettingsError for a folder that is none."""
    chosen = settings.storage
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"data_dir: {error.strerror}: {settings.data_dir}") from error
    return ClickHouseStore(
        settings.data_dir,
        limits=ApplyLimits(
            chosen.block_rows, after=chosen.apply_after, waiting_rows=chosen.waiting_rows
        ),
        sync=chosen.sync,
        readers=chosen.readers,
        query_seconds=chosen.query_seconds,
        memory_bytes=chosen.memory_bytes,
    )


def open_states(settings: Settings, clock: Clock) -> ConnectorStates:
    """The memory of the connectors; a hub that has none needs no file for it."""
    if not settings.connectors:
        return MemoryControlStore()
    # A quarter of a second of imports.
    from llm_analytics_hub.storage.control.opening import open_control

    return open_control(settings.data_dir, clock, sync=settings.storage.sync)


def rules_of(settings: NormalizeSettings) -> Rules:
    """What is set about normalisation, files read. Raises: SettingsError."""
    prices: PriceBook = GenaiPriceBook()
    if settings.price_file is not None:
        own = decode_overrides(_text(settings.price_file))
        prices = OverriddenPriceBook(own, prices)
    shipped = resources.files("llm_analytics_hub.normalize") / "rates.yaml"
    rates = _text(settings.rate_file) if settings.rate_file else shipped.read_text("utf-8")
    return Rules(
        prices=prices,
        rates=decode_rates(rates),
        policies=settings.policies(),
        clock_skew=settings.clock_skew,
        document_sizes=settings.document_sizes,
        capture=settings.capture(),
    )


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error


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


def open_doors(hub: Hub, settings: Settings) -> Doors:
    """The applications that serve `hub`."""
    limits = BodyLimits(settings.ingest.wire_bytes, settings.ingest.plain_bytes)
    ingest = IngestDoor(hub.intake, hub.points, hub.clock, hub.metrics, limits)
    health = HealthDoor(hub.clock, hub.metrics, {"database": hub.store.health})
    routers = [
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
        webhook_routes(ingest, _webhooks(settings)),
        graphql_routes(lambda: _graphql(hub, limits)),
    ]
    page = LazyPage(lambda: _page(hub)) if settings.ui else None
    market = MarketplaceFeedback(hub.queries, hub.clock)
    metrics = metrics_handler(health.prometheus, market, hub.clock)
    main = build_app(ingest, health, routers, page, metrics)
    return Doors(
        main=main,
        otlp=build_otlp_app(ingest),
        otlp_grpc=lambda: _grpc_server(hub, ingest, health, settings),
        metrics=build_metrics_app(health),
        health=health,
    )


def _webhooks(settings: Settings) -> Mapping[str, Webhook]:
    return {
        name: Webhook(one.module, one.tenant, one.secret.get_secret_value().encode(), one.signature)
        for name, one in settings.webhooks.items()
    }


def _grpc_server(
    hub: Hub, door: IngestDoor, health: HealthDoor, settings: Settings
) -> "OtlpGrpcServer":
    # Imported late: a hub whose gRPC port is off neither waits for it nor holds it.
    from llm_analytics_hub.api.otlp_grpc import GrpcLimits, OtlpGrpcServer
    from llm_analytics_hub.api.rpc.services import rpc_services

    cert, key = settings.otlp_tls_cert, settings.otlp_tls_key
    pair = read_key_pair(cert, key) if cert and key else None
    limits = GrpcLimits(settings.ingest.grpc_message_bytes, settings.ingest.grpc_calls)
    services = rpc_services(
        hub.queries, hub.lists, hub.store, hub.store, door, health, limits.calls
    )
    return OtlpGrpcServer(door, limits, pair, services)


def _graphql(hub: Hub, limits: BodyLimits) -> "GraphqlDoor":
    # Imported late: a third of a second that a hub nobody asks in GraphQL does not pay.
    from llm_analytics_hub.api.graphql.door import GraphqlDoor
    from llm_analytics_hub.api.graphql.services import services_of

    assets = AssetLists(hub.store)
    services = services_of(hub.queries, hub.lists, assets, hub.store, hub.clock)
    return GraphqlDoor(services, limits)


def _page(hub: Hub) -> ASGIApp:
    from llm_analytics_hub.ui.app import (
        build_ui,
    )  # a second of imports that ingest need not wait for

    return build_ui(hub.queries, hub.store, hub.metrics, hub.clock)
