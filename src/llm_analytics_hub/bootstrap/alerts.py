"""Alerting, put together."""

from prometheus_client import CollectorRegistry

from llm_analytics_hub.alerts.alert_book import AlertBook
from llm_analytics_hub.alerts.alerting import Alerting
from llm_analytics_hub.alerts.channels.channels import open_channels
from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics
from llm_analytics_hub.alerts.channels.templates import Texts, shown_labels
from llm_analytics_hub.alerts.evaluator import Evaluator
from llm_analytics_hub.alerts.gone import gone_rule
from llm_analytics_hub.alerts.health import Health, HealthSources
from llm_analytics_hub.alerts.house import AlertHouse
from llm_analytics_hub.alerts.matching import MatchRules
from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.dispatcher import Dispatcher
from llm_analytics_hub.alerts.rules.book import RuleBook
from llm_analytics_hub.alerts.rules.files import parse_documents, read_rules
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidInputError, NotFoundError, SettingsError
from llm_analytics_hub.live.stream import LiveStream
from llm_analytics_hub.model.alerts.alert import Alert, Told
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.rule import Rule
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.settings import Settings
from llm_analytics_hub.storage.alert_store import AlertStore
from llm_analytics_hub.storage.interface import EventReader
from llm_analytics_hub.telemetry.metrics import Metrics


def open_alerting(
    settings: Settings,
    store: AlertStore,
    stream: LiveStream,
    reader: EventReader,
    queries: QueryService,
    clock: Clock,
    metrics: Metrics,
) -> Alerting:
    """Alerting as it is set, with what `store` remembers; nothing of it has begun yet.

    Raises: SettingsError that tells the faults of rule files and channels; UnavailableError.
    """
    chosen = settings.alerts
    # First what reads the store: if it is away all this is done again, and metrics are there but once.
    rules = _rules(settings, store, clock)
    desk = RoutingDesk(store, clock, sorted(chosen.channels))
    dispatcher: Dispatcher
    book = AlertBook(store, clock, lambda transitions: dispatcher.changed(transitions))
    channel_metrics = ChannelMetrics(metrics.registry)
    channels = open_channels(chosen.channels, clock, channel_metrics)
    texts = Texts(chosen.link_url, channel_metrics)
    telling = _Telling(rules, texts)
    dispatcher = Dispatcher(
        desk, channels, store, book.alerts, telling.told, clock, metrics, telling.labels
    )
    health = Health(metrics, HealthSources(folder=settings.data_dir))
    evaluator = Evaluator(rules, book, queries, health, clock, metrics, chosen.evaluation)
    matching = MatchRules(rules, book, stream, reader)
    # First let go of the plan and of what is matched, then of the alerts: else a judgement or a commit
    # under way brings them back.
    rules.on_gone(lambda _: evaluator.rules_changed())
    rules.on_gone(lambda _: matching.rules_changed())
    rules.on_gone(book.rule_gone)
    return Alerting(
        store, rules, book, desk, channels, texts, dispatcher, evaluator, matching, health,
        AlertHouse(rules, book, desk, store, clock, chosen.history),
    )  # fmt: skip


def check_alerts(settings: Settings, clock: Clock) -> None:
    """Look at channels and rule files before start. Raises: SettingsError that tells the faults."""
    open_channels(settings.alerts.channels, clock, CollectorRegistry()).close()
    try:
        parse_documents([one for file in settings.alerts.rules for one in read_rules(file)])
    except InvalidInputError as error:
        raise SettingsError(f"alerts.rules: {error.message}") from error


def _rules(settings: Settings, store: AlertStore, clock: Clock) -> RuleBook:
    tenants = {"default", *(one.tenant for one in settings.connectors.values())}
    tenants |= {one.tenant for one in settings.webhooks.values()}
    try:
        return RuleBook(store, settings.alerts.rules, clock, lambda: tenants)
    except InvalidInputError as error:
        raise SettingsError(f"alerts.rules: {error.message}") from error


class _Telling:
    """Fills in what people are told of an alert, also of one whose rule is gone."""

    def __init__(self, rules: RuleBook, texts: Texts) -> None:
        self._rules, self._texts = rules, texts

    def told(self, alert: Alert) -> Told:
        return self._texts.told(self._rule(alert), alert)

    def labels(self, alert: Alert) -> Labels:
        return shown_labels(self._rule(alert), alert)

    def _rule(self, alert: Alert) -> Rule:
        try:
            return self._rules.entry(alert.tenant, alert.rule).rule
        except NotFoundError:
            return gone_rule(alert)
