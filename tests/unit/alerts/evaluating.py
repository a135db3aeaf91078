"""An evaluator over a store in memory, a small detector, and a book that notes what it is told."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from prometheus_client import CollectorRegistry
from tests.unit.query.questions import call

from llm_analytics_hub.alerts.detect.asking import Detector, Found, Shape, Wanted
from llm_analytics_hub.alerts.detectors import detectors
from llm_analytics_hub.alerts.evaluation import EvaluationSettings
from llm_analytics_hub.alerts.evaluator import Evaluator
from llm_analytics_hub.alerts.health import Health, HealthSources
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.alerts.alert import Alert, Finding, Judgement, Phase, Transition
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import Rule, ThresholdCondition, Watched
from llm_analytics_hub.model.event import EVENT_SCHEMA
from llm_analytics_hub.query.answered import Answered
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DELAY = timedelta(seconds=5)
MINUTE = timedelta(minutes=1)


def rule(name: str, measure: str = "events", limit: float = 0, **more: Any) -> Rule:
    """Worth an alert where a measure of the last five minutes is above a limit."""
    watched = Watched(measure, more.pop("by", ()), where=more.pop("where", "[]"))
    thresholds = (Threshold(Level.WARNING, Side.ABOVE, limit),)
    given = {"tenant": "t", "version": 1, "kind": "threshold", **more}
    return Rule(name=name, condition=ThresholdCondition(watched, thresholds), **given)


class Over:
    """The detector of these rules."""

    def __init__(self, condition: ThresholdCondition) -> None:
        self.condition = condition
        self.found: Sequence[Found] = ()

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        watched = self.condition.watched
        shape = Shape(watched.by, watched.where, at - watched.window, at)
        return (Wanted(shape, (watched.measure,)),)

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        self.found = found
        column = found[0].values[self.condition.watched.measure]
        values = dict(zip(found[0].groups, column, strict=True))
        (threshold,) = self.condition.thresholds
        bad = {
            group: Finding(group, threshold.level, value)
            for group, value in values.items()
            if value is not None and threshold.is_met(value)
        }
        return Judgement(at, bad, frozenset(values))


class Rules:
    """The rules there are; a test changes them."""

    def __init__(self, *rules: Rule) -> None:
        self.all = list(rules)
        self.changed: Callable[[], None] = lambda: None
        self.fault: Exception | None = None

    def rules(self, tenant: str | None = None, /) -> Sequence[Rule]:
        if self.fault is not None:
            raise self.fault
        return [one for one in self.all if tenant in (None, one.tenant)]

    def on_change(self, callback: Callable[[], None], /) -> None:
        self.changed = callback

    def replace(self, *rules: Rule) -> None:
        self.all = list(rules)
        self.changed()


class Book:
    """Notes judgements; a group that is bad has an alert that fires."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Judgement]] = []
        self.batches: list[list[str]] = []
        self.is_told = threading.Event()
        self.faults: dict[str, Exception] = {}
        self.firing: dict[tuple[str, str], Judgement] = {}

    def judged_all(self, judged: Iterable[tuple[Rule, Judgement]], /) -> Sequence[Transition]:
        given = list(judged)
        self.batches.append([rule.name for rule, _ in given])
        return [change for one in given for change in self._judged(*one)]

    def _judged(self, rule: Rule, judgement: Judgement) -> Sequence[Transition]:
        if rule.name in self.faults:
            raise self.faults[rule.name]
        self.told.append((rule.name, judgement))
        self.is_told.set()
        before = self.firing.get((rule.tenant, rule.name))
        self.firing[rule.tenant, rule.name] = judgement
        if (before.bad.keys() if before else set()) == judgement.bad.keys():
            return []
        alert = Alert(rule.tenant, rule.name, (), Phase.FIRING, judgement.at)
        return [Transition(alert, Phase.OK, judgement.at)]

    def alerts(self, tenant: str | None = None, /) -> Sequence[Alert]:
        return [
            Alert(of, name, group, Phase.FIRING if group in one.bad else Phase.OK, one.at)
            for (of, name), one in self.firing.items()
            for group in one.known
            if tenant in (None, of)
        ]

    def names(self) -> list[str]:
        """The rules it was told of, in order."""
        return [name for name, _ in self.told]

    def moments(self, name: str) -> list[datetime]:
        """The moments a rule was judged at."""
        return [judgement.at for one, judgement in self.told if one == name]


class Questions(QueryService):
    """Notes what is asked."""

    asked: list[Mapping[str, Any]]

    def answer(self, body: Mapping[str, Any], **more: Any) -> Answered:
        assert not more["is_fresh"], "a fresh question makes the store write ahead of time"
        self.asked.append(body)
        return super().answer(body, **more)


class Desk:
    """An evaluator with all it needs, at NOW."""

    def __init__(
        self, *rules: Rule, store: MemoryStore | None = None, folder: Path = Path()
    ) -> None:
        self.clock, self.metrics = ManualClock(NOW), Metrics()
        self.queries = Questions(store or MemoryStore(), self.clock, self.metrics)
        self.queries.asked = []
        self.rules, self.book, self.judging = Rules(*rules), Book(), dict[str, Over]()
        self.health = Health(self.metrics, HealthSources(folder))
        self._others = detectors(self.health, self.book.alerts)
        self.evaluator = Evaluator(
            self.rules, self.book, self.queries, self.health, self.clock, self.metrics,
            EvaluationSettings(delay=DELAY), self._detector_of,
        )  # fmt: skip
        self.evaluator.run_due(NOW)

    def _detector_of(self, one: Rule) -> Detector:
        if not isinstance(one.condition, ThresholdCondition):
            return self._others(one)
        self.judging[one.name] = Over(one.condition)
        return self.judging[one.name]

    def pass_time(self, span: timedelta, step: timedelta = timedelta(seconds=1)) -> None:
        """Go on by `span`, and judge what is due at each step."""
        end = self.clock.now() + span
        while self.clock.now() < end:
            self.jump(step)

    def jump(self, span: timedelta) -> None:
        """Set the clock, and judge what is due then."""
        self.clock.set(self.clock.now() + span)
        self.evaluator.run_due(self.clock.now())

    def counted(self, name: str, **labels: str) -> float:
        """What a metric stands at."""
        registry: CollectorRegistry = self.metrics.registry
        return registry.get_sample_value(name, labels) or 0.0


def store_of(*rows: dict[str, Any]) -> MemoryStore:
    store = MemoryStore()
    store.write({Table.EVENTS: pa.RecordBatch.from_pylist(list(rows), EVENT_SCHEMA)})
    return store


def calls(*models: str | None) -> MemoryStore:
    """A call of each of the models, a second apart, a minute before NOW."""
    moments = [NOW - MINUTE + timedelta(seconds=number) for number in range(len(models))]
    return store_of(
        *(call(at.replace(tzinfo=None).isoformat(), model=model)
          for at, model in zip(moments, models, strict=True))
    )  # fmt: skip
