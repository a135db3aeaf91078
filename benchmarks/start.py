"""How soon a hub answers after it is started."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.figure import Figure, Scale
from benchmarks.hub import serve
from benchmarks.ingest import EVENTS, EVENTS_PATH, json_bodies
from benchmarks.senders import Target, send_all

STARTS = 3


def measure(scale: Scale) -> list[Figure]:
    """Seconds from the start of the process to `ready` and to the first page, median of three."""
    events = scale.of(EVENTS)
    with TemporaryDirectory(prefix="hub-bench-") as name:
        folders = [Path(name) / f"empty-{number}" for number in range(STARTS)]
        empty = [_start(folder) for folder in folders]
        _fill(folders[0], events)
        filled = [_start(folders[0]) for _ in range(STARTS)]
    return _figures("an empty folder", empty) + _figures(f"{events:,} events", filled)


def _start(folder: Path) -> tuple[float, float]:
    with serve(folder) as hub:
        assert "<html" in hub.get("/").text
        return hub.ready_seconds, perf_counter() - hub.started_at


def _fill(folder: Path, events: int) -> None:
    with serve(folder) as hub:
        send_all(Target(hub.url, EVENTS_PATH), json_bodies(events))


def _figures(what: str, starts: list[tuple[float, float]]) -> list[Figure]:
    ready, page = (median(times) for times in zip(*starts, strict=True))
    return [
        Figure(f"start on {what}, ready", ready, "s", "<= 3 s"),
        Figure(f"start on {what}, first page", page, "s"),
    ]
