"""Settings to objects: with `settings.py` the only module that names a concrete adapter."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.types import ASGIApp

from llm_analytics_hub.api.app import build_app, build_metrics_app, build_otlp_app
from llm_analytics_hub.api.body import BodyLimits
from llm_analytics_hub.api.contents import content_routes
from llm_analytics_hub.api.dead_letters import dead_letter_routes
from llm_analytics_hub.api.health import HealthDoor
from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.api.key_pair import read_key_pair
from llm_analytics_hub.api.metrics import metric_routes
from llm_analytics_hub.api.page import LazyPage
from llm_analytics_hub.api.queries import query_routes
from llm_analytics_hub.clock import Clock, SystemClock
from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.intake import Intake, IntakeLimits
from llm_analytics_hub.ingest.linking.linker import Linker
from llm_analytics_hub.ingest.metric_commit import MetricCommitter
from llm_analytics_hub.ingest.metric_series import REMEMBERED
from llm_analytics_hub.ingest.replay import DeadLetters
from llm_analytics_hub.integrations.again import events_again
from llm_analytics_hub.normalize.money import decode_rates
from llm_analytics_hub.normalize.normalizer import Rules
from llm_analytics_hub.normalize.pricing import (
    GenaiPriceBook,
    OverriddenPriceBook,
    PriceBook,
    decode_overrides,
)
from llm_analytics_hub.query.contents import EventContents
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.settings import NormalizeSettings, Settings
from llm_analytics_hub.storage.clickhouse.applier import ApplyLimits
from llm_analytics_hub.storage.clickhouse.memory import use_returnable_memory
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.telemetry.metrics import Metrics

if TYPE_CHECKING:
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
    metrics: Metrics
    clock: Clock

    def close(self) -> None:
        """Commit what was accepted, then release the store."""
        self.intake.close()
        self.store.close()


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
    committer = Committer(store, window, rules, metrics, linker)
    points = MetricCommitter(store, rules.policies["observatory"], metrics)
    points.recall(store.metric_state(now - points.remembered_for, REMEMBERED), now)
    limits = IntakeLimits(settings.ingest.waiting_rows, settings.ingest.group_rows)
    intake = Intake(committer, clock, metrics, limits)
    shortest = min(policy.retention for policy in rules.policies.values())
    return Hub(
        store=store,
        intake=intake,
        points=points,
        queries=QueryService(store, clock, metrics, shortest),
        lists=EventLists(store),
        letters=DeadLetters(store, intake, events_again),
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
        query_routes(hub.queries, hub.lists),
        content_routes(EventContents(hub.store, settings.normalize.capture())),
        metric_routes(hub.store),
        dead_letter_routes(hub.letters),
    ]
    page = LazyPage(lambda: _page(hub)) if settings.ui else None
    main = build_app(ingest, health, routers, page)
    return Doors(
        main=main,
        otlp=build_otlp_app(ingest),
        otlp_grpc=lambda: _grpc_server(ingest, settings),
        metrics=build_metrics_app(health),
        health=health,
    )


def _grpc_server(door: IngestDoor, settings: Settings) -> "OtlpGrpcServer":
    # Imported late: a hub whose gRPC port is off neither waits for it nor holds it.
    from llm_analytics_hub.api.otlp_grpc import GrpcLimits, OtlpGrpcServer

    cert, key = settings.otlp_tls_cert, settings.otlp_tls_key
    pair = read_key_pair(cert, key) if cert and key else None
    limits = GrpcLimits(settings.ingest.grpc_message_bytes, settings.ingest.grpc_calls)
    return OtlpGrpcServer(door, limits, pair)


def _page(hub: Hub) -> ASGIApp:
    from llm_analytics_hub.ui.app import (
        build_ui,
    )  # a second of imports that ingest need not wait for

    return build_ui(hub.queries, hub.store, hub.metrics, hub.clock)
