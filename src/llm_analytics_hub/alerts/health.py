"""Measurements of the hub itself, lately: what rules on its health are judged by."""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from llm_analytics_hub.alerts.hub_totals import Between, Totals, gauge_values, read_totals
from llm_analytics_hub.alerts.process_load import ProcessLoad, disk_percent
from llm_analytics_hub.telemetry.metrics import Metrics

log = structlog.get_logger(__name__)

SAMPLE_EVERY = timedelta(seconds=15)
KEPT = timedelta(hours=1)
"""How long measurements are kept: no window of a rule is longer."""

MINUTE = timedelta(minutes=1)
REQUESTS_WINDOW = timedelta(minutes=5)
STALE_AFTER = timedelta(minutes=1)

Measure = Callable[[], float | None]

HEALTH_METRICS: Mapping[str, tuple[str, str]] = {
    "cpu_percent": ("percent", "processor time, of the cores the hub may use"),
    "memory_percent": ("percent", "resident memory, of the container's limit or the machine's"),
    "disk_percent": ("percent", "how full the disk of the data folder is"),
    "http_error_ratio": ("ratio", "requests answered with 5xx, of all of the last 5 minutes"),
    "http_latency_ms_p95": ("ms", "95 % of the last 5 minutes' requests are answered this soon"),
    "control_connections_percent": ("percent", "connections to the control store that are in use"),
    "queue_waiting_requests": ("", "requests that wait for their commit"),
    "ingest_lag_seconds": ("seconds", "how old events are on arrival, by the source that is worst"),
    "dead_letters_per_minute": ("1/min", "refused events and metric points"),
    "shed_events_per_minute": ("1/min", "events sent back because the hub was full"),
}
"""What is measured: its unit, and what it means."""


@dataclass(frozen=True)
class Sample:
    """What was measured at one moment; None is unknown."""

    at: datetime
    values: Mapping[str, float | None]


@dataclass
class HealthSources:
    """Where measurements come from that the hub's metrics do not tell."""

    folder: Path
    load: ProcessLoad = field(default_factory=ProcessLoad)
    control_connections_percent: Measure = lambda: None


class Health:
    """Keeps an hour of measurements. `sample` is for one thread, all else for any."""

    def __init__(self, metrics: Metrics, sources: HealthSources) -> None:
        self._metrics = metrics
        self._sources = sources
        self._samples: deque[Sample] = deque()
        self._totals: deque[Totals] = deque()
        self._lock = threading.Lock()

    def next_sample(self, now: datetime) -> datetime:
        """When to measure again: at once where the clock was set back behind the last time."""
        is_first = not self._samples or self._samples[-1].at > now
        return now if is_first else self._samples[-1].at + SAMPLE_EVERY

    def sample(self, now: datetime) -> Sample:
        """Measure everything, and keep it. A measurement that fails is unknown."""
        _trim(self._totals, now - REQUESTS_WINDOW, now)
        self._totals.append(read_totals(self._metrics, now))
        sample = Sample(now, {name: _tried(name, one) for name, one in self._measures().items()})
        with self._lock:
            _trim(self._samples, now - KEPT, now)
            self._samples.append(sample)
        return sample

    def latest(self) -> Sample | None:
        """The newest measurements; None before the first."""
        with self._lock:
            return self._samples[-1] if self._samples else None

    def values(self, metric: str, start: datetime, end: datetime, /) -> Sequence[float] | None:
        """What it was from `start` to `end`, and just before; the newest last.

        None where that is not known of all the time, or where the newest is over a minute old.
        """
        with self._lock:
            samples = [one for one in self._samples if one.at <= end]
        before = [place for place, one in enumerate(samples) if one.at <= start]
        if not before or end - samples[-1].at > STALE_AFTER:
            return None
        values = [one.values.get(metric) for one in samples[before[-1] :]]
        known = [value for value in values if value is not None]
        return known if len(known) == len(values) else None

    def _measures(self) -> Mapping[str, Measure]:
        """How each of `HEALTH_METRICS` is measured now."""
        long = Between(self._totals[0], self._totals[-1])
        since = self._totals[-1].at - MINUTE
        short = Between(next(one for one in self._totals if one.at >= since), self._totals[-1])
        return {
            "cpu_percent": self._sources.load.cpu_percent,
            "memory_percent": self._sources.load.memory_percent,
            "disk_percent": lambda: disk_percent(self._sources.folder),
            "http_error_ratio": long.error_ratio,
            "http_latency_ms_p95": lambda: long.latency_ms(0.95),
            "control_connections_percent": self._sources.control_connections_percent,
            "queue_waiting_requests": lambda: sum(
                gauge_values(self._metrics.waiting_requests).values()
            ),
            "ingest_lag_seconds": lambda: self._ingest_lag(long.active_sources()),
            "dead_letters_per_minute": lambda: short.per_minute(
                short.first.refused, short.last.refused
            ),
            "shed_events_per_minute": lambda: short.per_minute(short.first.shed, short.last.shed),
        }

    def _ingest_lag(self, sources: set[str]) -> float | None:
        """The worst of the sources that sent lately: the gauge of the others is of long ago."""
        lags = gauge_values(self._metrics.ingest_lag)
        return max((lags[name] for name in sources & lags.keys()), default=None)


def _trim(kept: "deque[Sample] | deque[Totals]", start: datetime, end: datetime) -> None:
    """Keep what is of that time: what a clock that was set back makes later than now is none."""
    while kept and kept[0].at < start:
        kept.popleft()
    while kept and kept[-1].at >= end:
        kept.pop()


def _tried(name: str, measure: Measure) -> float | None:
    try:
        return measure()
    except Exception:
        log.exception("measurement failed", metric=name)
        return None
