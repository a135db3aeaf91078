"""Ten thousand rules judged once a minute: how much of a core that takes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np
from prometheus_client import CollectorRegistry

from benchmarks.calls import SERVICES, TENANT, canonical, draw_calls
from benchmarks.figure import Figure, Scale
from llm_analytics_hub.alerts.alert_book import AlertBook
from llm_analytics_hub.alerts.evaluator import Evaluator
from llm_analytics_hub.alerts.health import Health, HealthSources
from llm_analytics_hub.bootstrap.hub import Hub, open_hub
from llm_analytics_hub.clock import ManualClock, SystemClock
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import Rule, ThresholdCondition, Watched
from llm_analytics_hub.normalize.pricing import GenaiPriceBook
from llm_analytics_hub.settings import Settings
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore

EVENTS, WRITE_ROWS = 500_000, 50_000
RULES, SHAPES = 10_000, 200
SPAN = timedelta(hours=2)
SECOND = timedelta(seconds=1)

WINDOWS = (timedelta(minutes=5), timedelta(minutes=15))
CUTS = ((), ("model",), ("environment",), ("account_id",), ("model", "environment"))
LIMITS = {
    "requests": 1e6, "errors": 5, "error_rate": 0.2, "cost_usd": 1e3, "cost_usd_per_request": 0.5,
    "latency_ms_p95": 8e3, "latency_ms_avg": 4e3, "ttft_ms_p95": 3e3, "total_tokens": 1e8, "users": 5e3,
}  # fmt: skip
"""Limits that few groups are beyond, as those are that people keep."""


def measure(scale: Scale) -> list[Figure]:
    """The share of one core that a minute of evaluations takes, and how long its moments take."""
    with TemporaryDirectory(prefix="hub-bench-") as folder:
        now = SystemClock().now().replace(microsecond=0)
        clock = ManualClock(now)
        hub = open_hub(Settings(data_dir=Path(folder)), clock)
        try:
            _fill(hub, scale.of(EVENTS), now)
            return _minute(hub, clock, scale)
        finally:
            hub.close()


class RulesGiven:
    """Rules that never change."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules

    def rules(self, tenant: str | None = None, /) -> Sequence[Rule]:
        """All of them: they are of one tenant."""
        return self._rules

    def on_change(self, callback: Callable[[], None], /) -> None:
        """Nothing: they do not."""


def rules(count: int, shapes: int) -> Iterator[Rule]:
    """So many threshold rules that ask so many different questions."""
    alike = count // shapes
    for place, (service, by, window) in enumerate(product(SERVICES, CUTS, WINDOWS)):
        where = f'[{{"field": "service", "value": "{service}"}}]'
        for number in range(alike if place < shapes else 0):
            name = list(LIMITS)[number % len(LIMITS)]
            watched = Watched(name, by, where, window, minimum=1, minimum_of="requests")
            limit = LIMITS[name] * (1 + number // len(LIMITS) / 10)
            thresholds = (
                Threshold(Level.CRITICAL, Side.ABOVE, 2 * limit),
                Threshold(Level.WARNING, Side.ABOVE, limit),
            )
            condition = ThresholdCondition(watched, thresholds)
            yield Rule(TENANT, f"rule-{place}-{number}", 1, "threshold", condition)


def _minute(hub: Hub, clock: ManualClock, scale: Scale) -> list[Figure]:
    given = list(rules(scale.of(RULES), scale.of(SHAPES)))
    book = AlertBook(MemoryAlertStore(), clock, lambda transitions: None)
    health = Health(hub.metrics, HealthSources(Path()))
    evaluator = Evaluator(RulesGiven(given), book, hub.queries, health, clock, hub.metrics)
    _seconds(evaluator, clock, 66)  # all judged once: what is found first is told and saved
    before, used = _counts(hub.metrics.registry), process_time()
    took = _seconds(evaluator, clock, 60)
    share = (process_time() - used) / 60
    judged, asked, failed = np.subtract(_counts(hub.metrics.registry), before)
    assert judged == len(given), f"{judged} rules of {len(given)} were judged"
    assert not failed, f"{failed} of them failed"
    note = f"{judged:,.0f} rules, {asked:.0f} questions, {len(book.alerts())} alerts, {scale.of(EVENTS):,} events"
    return [
        Figure("rules judged once a minute", 100 * share, "% of a core", "< 50 %", note=note),
        Figure("rules, longest second of the minute", 1000 * max(took), "ms", "< 1,000 ms"),
    ]


def _seconds(evaluator: Evaluator, clock: ManualClock, count: int) -> list[float]:
    """What so many seconds took, each with what is due in it."""
    took = []
    for _ in range(count):
        clock.set(clock.now() + SECOND)
        began = perf_counter()
        evaluator.run_due(clock.now())
        took.append(perf_counter() - began)
    return took


def _counts(registry: CollectorRegistry) -> tuple[float, float, float]:
    """Rules judged, questions asked, and rules that could not be judged."""
    outcomes = [
        (sample.labels["outcome"], sample.value)
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "hub_alert_evaluations_total"
    ]
    asked = registry.get_sample_value("hub_alert_questions_total") or 0.0
    failed = sum(value for outcome, value in outcomes if outcome != "ok")
    return sum(value for _, value in outcomes), asked, failed


def _fill(hub: Hub, events: int, now: datetime) -> None:
    """Write calls of the time until two minutes from now: those of the minutes that are judged."""
    dice, prices = np.random.default_rng(7), GenaiPriceBook()
    end = now + timedelta(minutes=2)
    parts = max(events // WRITE_ROWS, 1)
    step = SPAN / parts
    for number in range(parts):
        begin = end - step * (parts - number)
        calls = draw_calls(events // parts, begin, begin + step, dice)
        hub.store.write({Table.EVENTS: canonical(calls, begin + step, prices)})
    counted = {"measures": ["events"], "time_range": {"last": "1d"}}
    hub.queries.ask(counted, tenant=TENANT)  # a fresh question: everything is in the tables now
