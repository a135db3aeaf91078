"""How ingest is doing, read from the hub's own metrics."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import Counter as CounterMetric
from prometheus_client import Gauge

from llm_analytics_hub.telemetry.metrics import Metrics


@dataclass(frozen=True)
class Health:
    """Counts since the hub started.

    `accepted` and `duplicates` are the tenant's; reasons (events by code), lags (seconds by
    source) and waiting rows are the whole hub's: their metrics know no tenant.
    """

    accepted: int
    duplicates: int
    refused: Mapping[str, int]
    lag_seconds: Mapping[str, float]
    waiting_rows: int


def read_health(metrics: Metrics, tenant: str) -> Health:
    """What the metrics say now."""
    outcomes: Counter[str] = Counter()
    for labels, value in _samples(metrics.events):
        if labels["tenant"] == tenant:
            outcomes[labels["outcome"]] += int(value)
    refused: Counter[str] = Counter()
    for counter in (metrics.refused, metrics.refused_requests):
        for labels, value in _samples(counter):
            refused[labels["code"]] += int(value)
    lags = {labels["source"]: value for labels, value in _samples(metrics.ingest_lag)}
    waiting = sum(value for _, value in _samples(metrics.store_waiting_rows))
    return Health(outcomes["accepted"], outcomes["duplicate"], refused, lags, int(waiting))


def tenants_seen(metrics: Metrics) -> list[str]:
    """Tenants that sent events since the hub started, by name."""
    return sorted({labels["tenant"] for labels, _ in _samples(metrics.events)})


def _samples(metric: CounterMetric | Gauge) -> Iterator[tuple[dict[str, str], float]]:
    for family in metric.collect():
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                yield sample.labels, sample.value
