"""Typical questions about a month of events: the hub over HTTP beside the engine's own SQL."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from benchmarks.senders import Target, send_all
from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.errors import SaturatedError
from llm_analytics_hub.model.asset import ASSET_FACT_SCHEMA
from llm_analytics_hub.model.stream import POLICIES
from llm_analytics_hub.normalize.pricing import GenaiPriceBook
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table

EVENTS = 10_000_000
WRITE_ROWS = 50_000
DAYS = 30
RUNS = 20
ASSETS = 200
CACHED_REQUESTS = 10_000
NO_CACHE = "cache: {memory_bytes: 0}\n"
KEPT = {name: replace(policy, retention=timedelta(days=90)) for name, policy in POLICIES.items()}

_COUNTED = "countIf(event_type = 'inference.completed') AS requests"
_SUMS = "sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens, sum(cost_usd) AS cost_usd"
_HOURLY = (
    f"SELECT toStartOfHour(occurred_at) AS time, model, {_COUNTED}, {_SUMS} "
    "FROM events WHERE {scope} GROUP BY time, model ORDER BY time LIMIT 10000"
)
_BY_HOUR = (
    f"SELECT toStartOfHour(occurred_at) AS time, {_COUNTED}, {_SUMS} "
    "FROM events WHERE {scope} GROUP BY time ORDER BY time LIMIT 1000"
)
_QUANTILES = (
    f"SELECT service, model, {_COUNTED}, quantilesTDigest(0.5, 0.95, 0.99)(latency_ms) AS latency_ms "
    "FROM events WHERE {scope} AND user_id != '' GROUP BY service, model ORDER BY requests DESC "
    "LIMIT 1000"
)
_NEWEST = (
    f"SELECT * FROM events WHERE tenant = '{TENANT}' "
    "ORDER BY toStartOfHour(occurred_at) DESC, occurred_at DESC LIMIT 50"
)
_TRACE = (
    f"SELECT * FROM events WHERE tenant = '{TENANT}' "
    "AND trace_id = '{trace_id}' ORDER BY occurred_at"
)
_TRACES = f"SELECT trace_id FROM events ORDER BY event_key LIMIT {RUNS}"
_ASSET = (
    "SELECT max(name).value, max(owner).value, max(status).value FROM assets "
    f"WHERE tenant = '{TENANT}' AND asset_id = '{{asset_id}}' AND version = '' GROUP BY asset_id"
)


@dataclass(frozen=True)
class Question:
    """One question in two languages; each takes the number of the run.

    No two runs ask about the same range or trace, so that no answer comes from a cache of answers.
    `ask` gives the number of rows, which is that of the SQL.
    """

    name: str
    target: str
    ask: Callable[[RunningHub, int], int]
    sql: Callable[[int], str]


@dataclass(frozen=True)
class Span:
    """The time before `end` that a question is about, a second earlier with every run."""

    end: datetime
    length: timedelta

    def ask(self, hub: RunningHub, run: int, question: dict[str, object]) -> int:
        """How many rows the answer of the hub has."""
        return len(hub.ask(question | {"time_range": self.body(run)})["rows"])

    def body(self, run: int) -> dict[str, str]:
        """The range as a question has it."""
        begin, end = (moment.isoformat() for moment in self._of(run))
        return {"from": begin, "to": end}

    def sql(self, run: int) -> str:
        """The condition of a WHERE."""
        begin, end = (moment.strftime("%Y-%m-%d %H:%M:%S") for moment in self._of(run))
        return f"tenant = '{TENANT}' AND occurred_at >= '{begin}' AND occurred_at < '{end}'"

    def _of(self, run: int) -> tuple[datetime, datetime]:
        end = self.end - timedelta(seconds=run)
        return end - self.length, end


def measure(scale: Scale) -> list[Figure]:
    """Milliseconds of each question for hub and raw SQL, median of 20 runs; cached ones a second."""
    end = SystemClock().now().replace(microsecond=0)
    with TemporaryDirectory(prefix="hub-bench-") as name:
        folder = Path(name)
        _fill(folder, scale.of(EVENTS), end)
        with opened(folder / "store") as engine:
            wait_for_merges(engine)
            asked = questions(end, engine.query(_TRACES)[0]["trace_id"].to_pylist())
            raw = [_raw_times(engine, question) for question in asked]
        uncached = folder / "uncached.yaml"
        uncached.write_text(NO_CACHE, "utf-8")
        # Else the second run of every question would be answered from there.
        with serve(folder, "--config", str(uncached)) as hub:
            times = [_hub_times(hub, question) for question in asked]
            grown = hub.private_megabytes()["Private_Dirty"]
        with serve(folder) as hub:
            cached = _cached(hub, end)
    memory = Figure("memory after these questions", grown, "MB", "< 1,000 MB")
    return [*_figures(asked, raw, times, scale.of(EVENTS)), memory, *cached]


def _cached(hub: RunningHub, end: datetime) -> list[Figure]:
    """Requests a second of twenty questions that are asked again and again, 8 at a time."""
    day = Span(end, timedelta(days=1))
    bodies = [
        json.dumps({"measures": ["requests", "cost_usd"], "dimensions": ["model"],
                    "granularity": "hour", "time_range": day.body(run)}).encode()
        for run in range(RUNS)
    ]  # fmt: skip
    target = Target(hub.url, "/api/v1/query")
    send_all(target, bodies)
    before = hub.cpu_seconds()
    sent = send_all(target, bodies * (CACHED_REQUESTS // RUNS))
    cores = (hub.cpu_seconds() - before) / sent.seconds
    assert all(b'"cached":true' in answer for answer in sent.answers)
    note = f"{len(sent.answers):,} requests of {RUNS} questions; hub {cores:.2f} cores"
    return [Figure("cached questions", len(sent.answers) / sent.seconds, "requests/s",
                   ">= 1,000 requests/s", note=note)]  # fmt: skip


def questions(end: datetime, traces: Sequence[str]) -> list[Question]:
    """What people ask of a month that ends at `end`."""
    day, month = Span(end, timedelta(days=1)), Span(end, timedelta(days=DAYS))
    sums = ["requests", "input_tokens", "output_tokens", "cost_usd"]
    order = [{"field": "time"}]
    by_model: dict[str, object] = {
        "measures": sums, "dimensions": ["model"], "granularity": "hour", "order_by": order,
        "limit": 10_000,
    }  # fmt: skip
    by_hour: dict[str, object] = {"measures": sums, "granularity": "hour", "order_by": order}
    quantiles: dict[str, object] = {
        "measures": ["requests", "latency_ms_p50", "latency_ms_p95", "latency_ms_p99"],
        "dimensions": ["service", "model"],
        # A field that no rollup has: it is answered from the events.
        "filters": [{"field": "user_id", "op": "exists"}],
    }
    return [
        Question(
            "an asset's metadata", "< 20 ms",
            lambda hub, run: len({hub.get(f"/api/v1/assets/{asset_id(run)}").json()["asset_id"]}),
            lambda run: _ASSET.format(asset_id=asset_id(run)),
        ),
        Question(
            "24 h by hour and model", "< 30 ms",
            lambda hub, run: day.ask(hub, run, by_model),
            lambda run: _HOURLY.format(scope=day.sql(run)),
        ),
        Question(
            "30 d by hour", "< 50 ms",
            lambda hub, run: month.ask(hub, run, by_hour),
            lambda run: _BY_HOUR.format(scope=month.sql(run)),
        ),
        Question(
            "30 d by service and model with p50, p95, p99", "< 500 ms",
            lambda hub, run: month.ask(hub, run, quantiles),
            lambda run: _QUANTILES.format(scope=month.sql(run)),
        ),
        Question(
            "one trace", "< 30 ms",
            lambda hub, run: int(hub.get(f"/api/v1/traces/{traces[run]}").json()["spans"]),
            lambda run: _TRACE.format(trace_id=traces[run]),
        ),
        Question(
            "newest 50 events", "< 30 ms",
            lambda hub, run: len(hub.get("/api/v1/events?limit=50").json()["events"]),
            lambda run: _NEWEST,
        ),
    ]  # fmt: skip


def asset_id(number: int) -> str:
    """The id of one of the assets."""
    return f"asset-{number:04}"


def _fill(folder: Path, events: int, end: datetime) -> None:
    """Write a month of calls in the order of time, each batch as if received when it ended."""
    store, dice, prices = ClickHouseStore(folder), np.random.default_rng(7), GenaiPriceBook()
    batches = -(-events // WRITE_ROWS)
    step = timedelta(days=DAYS) / batches
    for number in range(batches):
        begin = end - step * (batches - number)
        calls = draw_calls(events // batches, begin, begin + step, dice)
        _write(store, Table.EVENTS, canonical(calls, begin + step, prices, KEPT))
    _write(store, Table.ASSETS, _assets(end))
    store.close()


def _assets(known_at: datetime) -> pa.RecordBatch:
    """What the registry told of each asset."""
    members = {"asset_type": "model", "owner": "team-a", "status": "active"}
    rows = [
        {"tenant": TENANT, "asset_id": asset_id(number), "version": "", "occurred_at": known_at,
         "name": f"Asset {number}", **members}
        for number in range(ASSETS)
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(rows, ASSET_FACT_SCHEMA)


def _write(store: ClickHouseStore, table: Table, rows: pa.RecordBatch) -> None:
    while True:
        try:
            return store.write({table: rows})
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
        figures += [
            Figure(beside, raw_ms, "ms"),
            Figure(name, hub_ms, "ms", question.target, beside, note),
        ]
    return figures
