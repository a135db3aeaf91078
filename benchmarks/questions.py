"""Typical questions about seven days of events: the hub over HTTP beside the engine's own SQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import numpy as np
import pyarrow as pa

from benchmarks.calls import TENANT, canonical, draw_calls
from benchmarks.figure import Figure, Scale
from benchmarks.hub import RunningHub, serve
from benchmarks.raw_engine import opened, wait_for_merges
from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.errors import SaturatedError
from llm_analytics_hub.normalize.pricing import GenaiPriceBook
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table

EVENTS = 10_000_000
WRITE_ROWS = 50_000
DAYS = 7
RUNS = 20

_HOURLY = (
    "SELECT toStartOfHour(occurred_at) AS time, model, "
    "countIf(event_type = 'inference.completed') AS requests, sum(input_tokens) AS input_tokens, "
    "sum(output_tokens) AS output_tokens, sum(cost_usd) AS cost_usd "
    "FROM events WHERE {scope} GROUP BY time, model ORDER BY time LIMIT 1000"
)
_TOTALS = (
    "SELECT countIf(event_type = 'inference.completed') AS requests, "
    "countIf(status = 'error') AS errors, sum(cost_usd) AS cost_usd, "
    "quantilesTDigest(0.5, 0.95, 0.99)(latency_ms) AS latency_ms FROM events WHERE {scope}"
)
_NEWEST = (
    f"SELECT * FROM events WHERE tenant = '{TENANT}' "
    "ORDER BY toStartOfHour(occurred_at) DESC, occurred_at DESC LIMIT 100"
)
_TRACE = (
    f"SELECT * FROM events WHERE tenant = '{TENANT}' "
    "AND trace_id = '{trace_id}' ORDER BY occurred_at"
)
_TRACES = f"SELECT trace_id FROM events ORDER BY event_key LIMIT {RUNS}"


@dataclass(frozen=True)
class Question:
    """One question in two languages; each takes the number of the run.

    No two runs ask about the same range or trace, so that no answer comes from a cache of answers.
    `ask` gives the number of rows, which is that of the SQL.
    """

    name: str
    ask: Callable[[RunningHub, int], int]
    sql: Callable[[int], str]


@dataclass(frozen=True)
class Span:
    """The time before `end` that a question is about, a second earlier with every run."""

    end: datetime
    length: timedelta

    def ask(self, hub: RunningHub, run: int, question: dict[str, object]) -> int:
        """How many rows the answer of the hub has."""
        begin, end = (moment.isoformat() for moment in self._of(run))
        return len(hub.ask(question | {"time_range": {"from": begin, "to": end}})["rows"])

    def sql(self, run: int) -> str:
        """The condition of a WHERE."""
        begin, end = (moment.strftime("%Y-%m-%d %H:%M:%S") for moment in self._of(run))
        return f"tenant = '{TENANT}' AND occurred_at >= '{begin}' AND occurred_at < '{end}'"

    def _of(self, run: int) -> tuple[datetime, datetime]:
        end = self.end - timedelta(seconds=run)
        return end - self.length, end


def measure(scale: Scale) -> list[Figure]:
    """Milliseconds, median of 20 runs of each question, for the hub and for the raw SQL."""
    end = SystemClock().now().replace(microsecond=0)
    with TemporaryDirectory(prefix="hub-bench-") as name:
        folder = Path(name)
        _fill(folder, scale.of(EVENTS), end)
        with opened(folder / "store") as engine:
            wait_for_merges(engine)
            asked = questions(end, engine.query(_TRACES)[0]["trace_id"].to_pylist())
            raw = [_raw_times(engine, question) for question in asked]
        with serve(folder) as hub:
            times = [_hub_times(hub, question) for question in asked]
    return _figures(asked, raw, times, scale.of(EVENTS))


def questions(end: datetime, traces: Sequence[str]) -> list[Question]:
    """What people ask of a week that ends at `end`."""
    day, week = Span(end, timedelta(days=1)), Span(end, timedelta(days=DAYS))
    hourly: dict[str, object] = {
        "measures": ["requests", "input_tokens", "output_tokens", "cost_usd"],
        "dimensions": ["model"],
        "granularity": "hour",
        "order_by": [{"field": "time"}],
    }
    totals: dict[str, object] = {
        "measures": ["requests", "errors", "cost_usd"]
        + [f"latency_ms_{level}" for level in ("p50", "p95", "p99")]
    }
    return [
        Question(
            "24 h by hour and model",
            lambda hub, run: day.ask(hub, run, hourly),
            lambda run: _HOURLY.format(scope=day.sql(run)),
        ),
        Question(
            "7 d totals with latency p50, p95, p99",
            lambda hub, run: week.ask(hub, run, totals),
            lambda run: _TOTALS.format(scope=week.sql(run)),
        ),
        Question(
            "newest 100 events",
            lambda hub, run: len(hub.get("/api/v1/events?limit=100").json()["events"]),
            lambda run: _NEWEST,
        ),
        Question(
            "one trace",
            lambda hub, run: int(hub.get(f"/api/v1/traces/{traces[run]}").json()["spans"]),
            lambda run: _TRACE.format(trace_id=traces[run]),
        ),
    ]


def _fill(folder: Path, events: int, end: datetime) -> None:
    """Write seven days of calls in the order of time, each batch as if received when it ended."""
    store, dice, prices = ClickHouseStore(folder), np.random.default_rng(7), GenaiPriceBook()
    batches = -(-events // WRITE_ROWS)
    step = timedelta(days=DAYS) / batches
    for number in range(batches):
        begin = end - step * (batches - number)
        calls = draw_calls(events // batches, begin, begin + step, dice)
        _write(store, canonical(calls, begin + step, prices))
    store.close()


def _write(store: ClickHouseStore, rows: pa.RecordBatch) -> None:
    while True:
        try:
            return store.write({Table.EVENTS: rows})
        except SaturatedError:
            sleep(0.1)


def _raw_times(engine: EmbeddedEngine, question: Question) -> tuple[float, list[int]]:
    return _median_ms(lambda run: int(engine.query(question.sql(run))[0].num_rows))


def _hub_times(hub: RunningHub, question: Question) -> tuple[float, list[int]]:
    return _median_ms(lambda run: question.ask(hub, run))


def _median_ms(ask: Callable[[int], int]) -> tuple[float, list[int]]:
    """The median time of the runs after one to warm up, and how many rows each gave."""
    ask(0)
    times, rows = [], []
    for run in range(RUNS):
        started = perf_counter()
        rows.append(ask(run))
        times.append((perf_counter() - started) * 1000)
    return median(times), rows


def _figures(
    asked: Sequence[Question],
    raw: Sequence[tuple[float, list[int]]],
    hub: Sequence[tuple[float, list[int]]],
    events: int,
) -> list[Figure]:
    figures = []
    for question, (raw_ms, raw_rows), (hub_ms, hub_rows) in zip(asked, raw, hub, strict=True):
        assert hub_rows == raw_rows, f"{question.name}: the hub and the engine differ"
        name = f"query, {question.name}"
        beside = f"{name}, raw SQL"
        note = f"{events:,} events, over HTTP; {hub_rows[0]} rows"
        figures += [Figure(beside, raw_ms, "ms"), Figure(name, hub_ms, "ms", "", beside, note)]
    return figures
