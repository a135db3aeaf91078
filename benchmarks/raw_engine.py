"""The rate at which the engine itself takes the rows: nothing of the hub but its tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

import numpy as np
import pyarrow as pa

from benchmarks.calls import canonical, draw_calls
from benchmarks.figure import Figure, Scale
from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.normalize.pricing import GenaiPriceBook
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.migrate import migrate

EVENTS = 1_000_000
BLOCK_ROWS = (50_000, 4_000)
MERGE_SECONDS = 180
_MERGES = "SELECT count() AS merges FROM system.merges"


def raw_name(block_rows: int) -> str:
    """The name of the figure that others are compared with."""
    return f"raw engine, blocks of {block_rows:,}"


RAW = raw_name(BLOCK_ROWS[0])


def measure(scale: Scale) -> list[Figure]:
    """Events a second into fresh tables with their materialized views, by size of block."""
    now = SystemClock().now()
    calls = draw_calls(scale.of(EVENTS), now - timedelta(hours=1), now, np.random.default_rng(7))
    rows = canonical(calls, now, GenaiPriceBook())
    return [_figure(rows, block_rows) for block_rows in BLOCK_ROWS]


def _figure(rows: pa.RecordBatch, block_rows: int) -> Figure:
    blocks = [rows.slice(start, block_rows) for start in range(0, rows.num_rows, block_rows)]
    with TemporaryDirectory(prefix="hub-bench-") as folder, opened(Path(folder)) as engine:
        migrate(engine)
        started = perf_counter()
        for number, block in enumerate(blocks):
            engine.insert("events", block, f"block-{number}")
        seconds = perf_counter() - started
        assert stored(engine) == rows.num_rows
    note = f"{rows.num_rows:,} events, {seconds / len(blocks) * 1000:.0f} ms/block"
    return Figure(raw_name(block_rows), rows.num_rows / seconds, "events/s", note=note)


@contextmanager
def opened(folder: Path) -> Iterator[EmbeddedEngine]:
    """The engine on a store's folder, which no other process may hold."""
    engine = EmbeddedEngine(folder, readers=1)
    try:
        yield engine
    finally:
        engine.close()


def stored(engine: EmbeddedEngine) -> int:
    """How many events are in the table."""
    return int(engine.query("SELECT count() AS events FROM events")[0]["events"][0].as_py())


def wait_for_merges(engine: EmbeddedEngine) -> None:
    """Return when the engine merges nothing, after three minutes at the latest."""
    deadline = perf_counter() + MERGE_SECONDS
    while engine.query(_MERGES)[0]["merges"][0].as_py() and perf_counter() < deadline:
        sleep(0.25)
