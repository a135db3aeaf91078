"""What the hub's own counters stand at, and what happened between two looks at them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.metrics import MetricWrapperBase

from llm_analytics_hub.telemetry.metrics import Metrics

SERVER_ERROR = "5"
_OWN = ("/health", "/metrics")
"""Routes that are asked by machines all the time, and say nothing of how people are served."""


@dataclass(frozen=True)
class Totals:
    """Counts since the hub started, at one moment; `buckets` by their upper limit in seconds."""

    at: datetime
    refused: float
    shed: float
    requests: float
    failed: float
    buckets: Mapping[float, float]
    events: Mapping[str, float]


def read_totals(metrics: Metrics, at: datetime) -> Totals:
    """What the counters stand at now."""
    requests = [one for one in _samples(metrics.requests, "_total") if not _is_own(one[0])]
    buckets: defaultdict[float, float] = defaultdict(float)
    for labels, value in _samples(metrics.request_seconds, "_bucket"):
        if not _is_own(labels):
            buckets[float(labels["le"])] += value
    events: defaultdict[str, float] = defaultdict(float)
    for labels, value in _samples(metrics.events, "_total"):
        events[labels["source"]] += value
    return Totals(
        at,
        refused=sum(value for _, value in _samples(metrics.refused, "_total")),
        shed=sum(value for _, value in _samples(metrics.shed, "_total")),
        requests=sum(value for _, value in requests),
        failed=sum(value for labels, value in requests if labels["status"][:1] == SERVER_ERROR),
        buckets=buckets,
        events=events,
    )


def gauge_values(gauge: MetricWrapperBase) -> Mapping[str, float]:
    """What a gauge stands at, by its only label, or by '' where it has none."""
    return {next(iter(labels.values()), ""): value for labels, value in _samples(gauge, "")}


@dataclass(frozen=True)
class Between:
    """What happened from one look to a later one."""

    first: Totals
    last: Totals

    def per_minute(self, before: float, after: float) -> float | None:
        """How fast a count rose; None where no time passed."""
        minutes = (self.last.at - self.first.at).total_seconds() / 60
        return (after - before) / minutes if minutes > 0 else None

    def error_ratio(self) -> float | None:
        """Requests that the hub failed, of all; None where there were none."""
        requests = self.last.requests - self.first.requests
        return (self.last.failed - self.first.failed) / requests if requests else None

    def latency_ms(self, level: float) -> float | None:
        """So many of the requests were answered at most this late; None where there were none.

        Within a bucket they are taken to be spread evenly, as `histogram_quantile` of Prometheus does.
        """
        counts = [
            (limit, count - self.first.buckets.get(limit, 0))
            for limit, count in sorted(self.last.buckets.items())
        ]
        return _quantile_ms(level, counts)

    def active_sources(self) -> set[str]:
        """The sources that events came from."""
        before = self.first.events
        return {name for name, count in self.last.events.items() if count > before.get(name, 0)}


def _quantile_ms(level: float, counts: list[tuple[float, float]]) -> float | None:
    """`counts` are of all up to the limit, the last of which is infinite."""
    if not counts or not counts[-1][1]:
        return None
    wanted, low, below = level * counts[-1][1], 0.0, 0.0
    for limit, count in counts[:-1]:
        if count >= wanted:
            return 1000 * (low + (limit - low) * (wanted - below) / (count - below))
        low, below = limit, count
    return 1000 * low


def _is_own(labels: Mapping[str, str]) -> bool:
    return labels["route"].startswith(_OWN)


def _samples(metric: MetricWrapperBase, suffix: str) -> Iterator[tuple[dict[str, str], float]]:
    for family in metric.collect():
        for sample in family.samples:
            if sample.name == family.name + suffix:
                yield sample.labels, sample.value
