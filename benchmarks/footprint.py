"""What a hub keeps for itself: memory while idle, and bytes on disk for each event."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

from benchmarks.figure import Figure, Scale
from benchmarks.hub import RunningHub, serve
from benchmarks.ingest import EVENTS, EVENTS_PATH, day_around, json_bodies
from benchmarks.raw_engine import opened, stored, wait_for_merges
from benchmarks.senders import Target, send_all
from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.simulator.run import run_demo
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine

IDLE_AFTER_START_SECONDS = 5
IDLE_AFTER_LOAD_SECONDS = 15
WEEK_EVENTS = 220_000
ROLLUPS = ("rollup_5m", "rollup_day")
_SIZES = (
    "SELECT table, sum(bytes_on_disk) AS size_bytes FROM system.parts "
    "WHERE active AND database = currentDatabase() GROUP BY table"
)


def measure(scale: Scale) -> list[Figure]:
    """Private memory in MB before and after a load, and bytes/event when all merges are done."""
    with TemporaryDirectory(prefix="hub-bench-") as folder:
        memory = _memory(Path(folder), scale.of(EVENTS))
        sizes = _sizes(Path(folder), "model calls")
    with TemporaryDirectory(prefix="hub-bench-") as folder:
        _simulate(Path(folder), scale.of(WEEK_EVENTS))
        return memory + sizes + _sizes(Path(folder), "simulated week")


def _memory(folder: Path, events: int) -> list[Figure]:
    with serve(folder) as hub:
        sleep(IDLE_AFTER_START_SECONDS)
        before = _memory_figure(hub, "after start")
        send_all(Target(hub.url, EVENTS_PATH), json_bodies(events))
        hub.count(*day_around(SystemClock().now()))
        sleep(IDLE_AFTER_LOAD_SECONDS)
        return [before, _memory_figure(hub, f"after {events:,} events")]


def _memory_figure(hub: RunningHub, when: str) -> Figure:
    private = hub.private_megabytes()
    dirty, clean = private["Private_Dirty"], private["Private_Clean"]
    note = f"{dirty:.0f} MB dirty, {clean:.0f} MB clean: pages of files, which can be taken back"
    return Figure(f"private memory, idle {when}", dirty + clean, "MB", "<= 250 MB", note=note)


def _simulate(folder: Path, events: int) -> None:
    with serve(folder) as hub:
        asyncio.run(run_demo(hub.url, days=7, events=events, live_events_per_second=0))


def _sizes(folder: Path, what: str) -> list[Figure]:
    with opened(folder / "store") as engine:
        wait_for_merges(engine)
        left = _bytes_by_table(engine)
        for table in ("events", *ROLLUPS):
            engine.command(f"OPTIMIZE TABLE {table} FINAL")
        merged = _bytes_by_table(engine)
        events = stored(engine)
    rollups = sum(merged[table] for table in ROLLUPS)
    note = f"{events:,} events; {sum(left.values()) / events:.1f} as the server left it"
    unit = "bytes/event"
    return [
        Figure(f"size of {what}", sum(merged.values()) / events, unit, "<= 100", note=note),
        Figure(f"size of {what}, events table", merged["events"] / events, unit),
        Figure(f"size of {what}, rollups", rollups / events, unit),
    ]


def _bytes_by_table(engine: EmbeddedEngine) -> dict[str, int]:
    rows = engine.query(_SIZES)[0].to_pylist()
    return {row["table"]: row["size_bytes"] for row in rows}
