from llm_analytics_hub.telemetry.metrics import Metrics
from llm_analytics_hub.ui.health import read_health, tenants_seen


def test_health_counts_the_tenants_events_and_every_refusal() -> None:
    metrics = Metrics()
    metrics.events.labels("default", "observatory", "accepted").inc(10)
    metrics.events.labels("default", "sentinel", "accepted").inc(5)
    metrics.events.labels("default", "sentinel", "duplicate").inc(2)
    metrics.events.labels("acme", "sentinel", "accepted").inc(100)
    metrics.refused.labels("events", "invalid_timestamp").inc(3)
    metrics.refused.labels("otlp", "invalid_timestamp").inc(1)
    metrics.refused_requests.labels("events", "too_large").inc()
    metrics.ingest_lag.labels("sentinel").set(1.5)
    metrics.store_waiting_rows.set(7)
    health = read_health(metrics, "default")
    assert (health.accepted, health.duplicates, health.waiting_rows) == (15, 2, 7)
    assert health.refused == {"invalid_timestamp": 4, "too_large": 1}
    assert health.lag_seconds == {"sentinel": 1.5}
    assert tenants_seen(metrics) == ["acme", "default"]
