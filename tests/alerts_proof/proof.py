"""All of alerting over days of traffic: real parts, a clock that is stepped, a channel that notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import yaml

from llm_analytics_hub.alerts.alert_book import AlertBook
from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics
from llm_analytics_hub.alerts.channels.templates import Texts
from llm_analytics_hub.alerts.detectors import detectors
from llm_analytics_hub.alerts.health import HealthSources
from llm_analytics_hub.alerts.matching import MatchRules
from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.dispatcher import Dispatcher
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.live.stream import LAST_KEY, Published
from llm_analytics_hub.model.alerts.alert import Alert, Told, Transition
from llm_analytics_hub.model.alerts.routing import Notice
from llm_analytics_hub.model.alerts.rule import (
    MatchCondition,
    Rule,
)
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.interface import EventStore, Table
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .answers import WholeDays
from .batches import batch_of
from .parts import DAY, STEP, QuickEvaluator, Recording, Remembering, SteppedRules, WellHealth
from .traffic import Days

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
EXAMPLE, ROUTING = EXAMPLES / "platform-alerts.yaml", EXAMPLES / "platform-routing.yaml"


@dataclass(frozen=True)
class Run:
    """What became of days: alerts that fired, in order, and what people were told.

    `notices` by the default routing, `by_topic` by that of the example.
    """

    rules: Mapping[str, Rule]
    fired: Sequence[Transition]
    notices: Sequence[Notice]
    by_topic: Sequence[Notice]
    asked: int


def run(
    store: EventStore, days: Days, *, tenant: str = "default", since: datetime | None = None,
    files: Sequence[Path] = (EXAMPLE,),
) -> Run:  # fmt: skip
    """Judge the days from `since` on, a step at a time; their events are stored first."""
    batch = batch_of(days, tenant)
    for at in range(0, batch.num_rows, 100_000):
        store.write({Table.EVENTS: batch.slice(at, 100_000)})
        store.known_keys(days.end)  # after it, what was written is applied
    return Hub(store, days, tenant, since or days.start, files).lived(batch)


class Hub:
    """A hub's alerting from one moment on."""

    def __init__(
        self, store: EventStore, days: Days, tenant: str, since: datetime, files: Sequence[Path]
    ) -> None:
        self.clock, self.metrics = ManualClock(since), Metrics()
        self.days, self.tenant = days, tenant
        memory = MemoryAlertStore()
        self.rules = SteppedRules(memory, files, self.clock, lambda: (tenant,))
        self.channel = Recording()
        self.texts = Texts("", ChannelMetrics(self.metrics.registry))
        self.transitions: list[Transition] = []
        self.book = AlertBook(memory, self.clock, self._told)
        self.topics = Recording()
        self.dispatchers = [
            self._dispatcher(self.channel, None),
            self._dispatcher(self.topics, ROUTING),
        ]
        queries = QueryService(store, self.clock, self.metrics)
        self.answers = WholeDays(RuleQuestions(queries), days.start, days.end)
        health = WellHealth(self.metrics, HealthSources(Path()))
        judge = detectors(health, self.book.alerts)
        self.evaluator = QuickEvaluator(
            self.answers, self.rules, self.book, queries, health, self.clock, self.metrics,
            detector_of=lambda rule: Remembering(judge(rule)),
        )  # fmt: skip
        stream = SimpleNamespace(place=(since, LAST_KEY))
        self.matching = MatchRules(self.rules, self.book, stream, store)  # type: ignore[arg-type]
        self.matching.rules_changed()

    def lived(self, batch: pa.RecordBatch) -> Run:
        """What became of it, once the days are over."""
        moments = batch["occurred_at"].to_numpy(zero_copy_only=False)
        place = self.clock.now()
        first = moments.searchsorted(_naive(place))
        while place < self.days.end:
            if place >= self.days.end - DAY and self.rules.step is not STEP:
                self.rules.step = STEP
                self.evaluator.rules_changed()
            now = place + self.rules.step
            last = moments.searchsorted(_naive(now))
            self._step(place, now, batch.slice(first, last - first))
            place, first = now, last
        rules = {rule.name: rule for rule in self.rules.rules(self.tenant)}
        fired = [
            one
            for one in self.transitions
            if one.alert.is_active and one.before is not one.alert.phase
        ]
        return Run(rules, fired, self.channel.notices, self.topics.notices, self.answers.asked)

    def _step(self, before: datetime, now: datetime, batch: pa.RecordBatch) -> None:
        self.clock.set(now)
        if batch.num_rows:
            self.matching.published(Published(batch, (before, LAST_KEY), (now, LAST_KEY)))
        matched = [one for one in self.rules.rules() if isinstance(one.condition, MatchCondition)]
        self.book.quieted(matched, now)
        self.evaluator.run_due(now)
        for dispatcher in self.dispatchers:
            dispatcher.run_due(now)

    def _told(self, transitions: Sequence[Transition]) -> None:
        self.transitions += transitions
        for dispatcher in self.dispatchers:
            dispatcher.changed(transitions)

    def _dispatcher(self, channel: Recording, routing: Path | None) -> Dispatcher:
        """What tells a channel, by a file's routing or the default one."""
        store = MemoryAlertStore()
        desk = RoutingDesk(store, self.clock, Recording.names)
        if routing is not None:
            desk.put(self.tenant, yaml.safe_load(routing.read_text()), "people")
        of = (desk, channel, store, self.book.alerts, self._told_of, self.clock, Metrics())
        return Dispatcher(*of)

    def _told_of(self, alert: Alert) -> Told:
        return self.texts.told(self.rules.rule(alert.tenant, alert.rule), alert)


def _naive(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.replace(tzinfo=None), "us")
