"""A hub: its engine, put together from its settings."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llm_analytics_hub.alerts.lazy import LazyAlerting
from llm_analytics_hub.bootstrap.connections import open_connections
from llm_analytics_hub.bootstrap.control import LazyControl
from llm_analytics_hub.bootstrap.ingest import Ingest, open_ingest
from llm_analytics_hub.bootstrap.rules import rules_of
from llm_analytics_hub.bootstrap.stores import control_of, open_store, states_of
from llm_analytics_hub.clock import Clock, SystemClock
from llm_analytics_hub.connectors.feed_desk import FeedDesk
from llm_analytics_hub.connectors.link import Sources
from llm_analytics_hub.connectors.supervisor import Supervisor
from llm_analytics_hub.errors import UnsupportedError
from llm_analytics_hub.ingest.intake import Intake
from llm_analytics_hub.ingest.metric_commit import MetricCommitter
from llm_analytics_hub.ingest.replay import DeadLetters
from llm_analytics_hub.integrations.again import events_again
from llm_analytics_hub.live.stream import LiveStream
from llm_analytics_hub.live.subscriptions import Subscriptions
from llm_analytics_hub.query.cache.cache import AnswerCache
from llm_analytics_hub.query.cache.opening import open_cache
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.exports.desk import ExportDesk
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.settings import Settings
from llm_analytics_hub.storage.clickhouse.memory import use_returnable_memory
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.connector_states import ConnectorStates
from llm_analytics_hub.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from llm_analytics_hub.alerts.alerting import Alerting


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
    live: LiveStream
    subscriptions: Subscriptions
    control: LazyControl
    alerting: LazyAlerting
    metrics: Metrics
    clock: Clock

    def close(self) -> None:
        """Commit what was accepted, then release the store."""
        with ExitStack() as stack:
            for close in (
                self.control.close, self.states.close, self.store.close, self.exports.close,
                self.alerting.close, self.live.close, self.intake.close,
            ):  # fmt: skip
                stack.callback(close)  # the last one is called first, and all also where one fails


def open_hub(settings: Settings, clock: Clock | None = None) -> Hub:
    """The engine of `settings`, its store open and recovered.

    Raises: ConflictError when another process holds the data folder; SettingsError.
    """
    use_returnable_memory()
    clock, metrics, rules = clock or SystemClock(), Metrics(), rules_of(settings.normalize)
    _check_alerts(settings, clock)
    store = open_store(settings)
    metrics.store_waiting_rows.set_function(lambda: store.waiting_rows)
    cache = open_cache(settings.cache, clock, metrics)
    live = LiveStream(clock, metrics)
    ingest = open_ingest(settings, rules, store, cache, live, clock, metrics)
    shortest = min(policy.retention for policy in rules.policies.values())
    queries = QueryService(store, clock, metrics, shortest, settings.questions, cache)
    control = control_of(settings, clock)
    lists, states = EventLists(store), states_of(settings, control)
    connections = open_connections(
        settings, states, ingest.intake, Sources(queries, lists), clock, metrics
    )
    return Hub(
        store=store,
        intake=ingest.intake,
        points=ingest.points,
        queries=queries,
        lists=lists,
        letters=_letters(store, ingest, clock),
        exports=ExportDesk(settings.data_dir / "exports", store, queries, clock, settings.exports),
        connectors=connections.supervisor,
        feeds=connections.feeds,
        states=states,
        cache=cache,
        live=live,
        control=control,
        alerting=LazyAlerting(
            lambda: _alerting(settings, control, live, store, queries, clock, metrics)
        ),
        subscriptions=Subscriptions(live, store, metrics, settings.live),
        metrics=metrics,
        clock=clock,
    )


def _check_alerts(settings: Settings, clock: Clock) -> None:
    """A hub that has no rules or channels of its own does not wait for imports."""
    if settings.alerts.rules or settings.alerts.channels:
        from llm_analytics_hub.bootstrap.alerts import check_alerts

        check_alerts(settings, clock)


def _alerting(
    settings: Settings,
    control: LazyControl,
    live: LiveStream,
    store: ClickHouseStore,
    queries: QueryService,
    clock: Clock,
    metrics: Metrics,
) -> "Alerting":
    if not settings.alerts.enabled:
        raise UnsupportedError("this hub has no alerts: alerts.enabled is false in its settings")
    # Imported late: it is opened when the hub serves already.
    from llm_analytics_hub.bootstrap.alerts import open_alerting

    return open_alerting(settings, control.alerts, live, store, queries, clock, metrics)


def _letters(store: ClickHouseStore, ingest: Ingest, clock: Clock) -> DeadLetters:
    return DeadLetters(
        store,
        ingest.intake,
        lambda tenant, rows: ingest.committer.check(tenant, rows, clock.now()),
        ingest.room,
        events_again,
    )
