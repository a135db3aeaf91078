"""What the hub measures of itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from llm_analytics_hub.alerts.health import HEALTH_METRICS, SAMPLE_EVERY, Health, HealthSources
from llm_analytics_hub.telemetry.metrics import Metrics

from .evaluating import MINUTE, NOW
from .measuring import Load, measure

SECOND = timedelta(seconds=1)


@pytest.fixture
def load() -> Load:
    return Load()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def health(metrics: Metrics, load: Load, tmp_path: Path) -> Health:
    return Health(metrics, HealthSources(tmp_path, load))


def test_everything_in_the_list_is_measured(health: Health) -> None:
    health.sample(NOW)
    values = health.sample(NOW + SAMPLE_EVERY).values
    assert values.keys() == HEALTH_METRICS.keys()
    unknown = {name for name, value in values.items() if value is None}
    assert unknown == {
        "http_error_ratio", "http_latency_ms_p95", "control_connections_percent", "ingest_lag_seconds"
    }  # fmt: skip
    assert 0 < (values["memory_percent"] or 0) < 100


def test_a_measurement_that_fails_is_unknown_and_stops_no_other(health: Health, load: Load) -> None:
    load.cpu = lambda: 1 / 0
    values = health.sample(NOW).values
    assert values["cpu_percent"] is None
    assert values["queue_waiting_requests"] == 0


def test_values_reach_from_just_before_the_start_to_the_end(health: Health, load: Load) -> None:
    measure(health, load, 1, 2, 3, 4, 5)
    assert health.values("cpu_percent", NOW + 20 * SECOND, NOW + 50 * SECOND) == [2, 3, 4]
    assert health.values("cpu_percent", NOW + 50 * SECOND, NOW + 50 * SECOND) == [4]


def test_what_was_not_measured_all_the_time_is_unknown(health: Health, load: Load) -> None:
    assert health.values("cpu_percent", NOW, NOW) is None
    measure(health, load, 1, None, 3, 4)
    end = NOW + 3 * SAMPLE_EVERY
    assert health.values("cpu_percent", NOW, end) is None
    assert health.values("cpu_percent", NOW + 2 * SAMPLE_EVERY, end) == [3, 4]
    assert health.values("cpu_percent", NOW - SECOND, end) is None
    assert health.values("cpu_percent", end, end + 2 * MINUTE) is None


def test_it_measures_at_once_and_then_every_15_seconds(health: Health) -> None:
    assert health.next_sample(NOW) == NOW
    health.sample(NOW)
    assert health.next_sample(NOW + SECOND) == NOW + SAMPLE_EVERY
    before = NOW - timedelta(hours=1)
    assert health.next_sample(before) == before


def test_after_the_clock_was_set_back_it_goes_on(health: Health, load: Load) -> None:
    measure(health, load, 1, 2, 3)
    before = NOW - timedelta(hours=1)
    health.sample(before)
    assert health.values("cpu_percent", before, before) == [3]
    newest = health.latest()
    assert newest is not None
    assert newest.at == before
    # What was measured later than now is none: it would be taken for the time to come.
    assert len(health._samples) == 1


def test_it_keeps_an_hour(health: Health) -> None:
    for number in range(300):
        health.sample(NOW + number * SAMPLE_EVERY)
    assert len(health._samples) == 241


def serve(metrics: Metrics, seconds: list[float], status: str = "200", route: str = "/q") -> None:
    metrics.requests.labels(route, "GET", status).inc(len(seconds))
    for one in seconds:
        metrics.request_seconds.labels(route).observe(one)


def test_latency_and_errors_are_those_of_the_last_five_minutes(
    health: Health, metrics: Metrics
) -> None:
    serve(metrics, [9.0] * 1000, "500")
    health.sample(NOW)
    serve(metrics, [0.02] * 100)
    serve(metrics, [0.4] * 5, "503")
    serve(metrics, [9.0] * 1000, "500", route="/health")
    values = health.sample(NOW + MINUTE).values
    assert values["http_error_ratio"] == pytest.approx(5 / 105)
    # The 99.75th of 105 lies in the bucket from 10 to 25 ms that holds the first hundred.
    assert values["http_latency_ms_p95"] == pytest.approx(10 + 15 * 0.9975)
    serve(metrics, [0.4] * 100)
    assert health.sample(NOW + 2 * MINUTE).values["http_latency_ms_p95"] == pytest.approx(
        475, abs=5
    )
    assert health.sample(NOW + 8 * MINUTE).values["http_latency_ms_p95"] is None


def test_requests_slower_than_the_last_bucket_are_as_slow_as_it(
    health: Health, metrics: Metrics
) -> None:
    health.sample(NOW)
    serve(metrics, [60.0])
    assert health.sample(NOW + MINUTE).values["http_latency_ms_p95"] == 10_000


def test_lag_is_that_of_the_worst_source_that_sends(health: Health, metrics: Metrics) -> None:
    metrics.events.labels("t", "silent", "accepted").inc()
    metrics.ingest_lag.labels("silent").set(9000)
    health.sample(NOW)
    for source, lag in (("a", 3), ("b", 70)):
        metrics.events.labels("t", source, "accepted").inc()
        metrics.ingest_lag.labels(source).set(lag)
    assert health.sample(NOW + MINUTE).values["ingest_lag_seconds"] == 70
    assert health.sample(NOW + 7 * MINUTE).values["ingest_lag_seconds"] is None


def test_refused_and_shed_events_are_counted_by_the_minute(
    health: Health, metrics: Metrics
) -> None:
    metrics.shed.labels("rest").inc(1000)
    health.sample(NOW)
    health.sample(NOW + 30 * SECOND)
    metrics.refused.labels("rest", "invalid_input").inc(30)
    metrics.shed.labels("rest").inc(6)
    metrics.waiting_requests.set(7)
    values = health.sample(NOW + 90 * SECOND).values
    assert values["dead_letters_per_minute"] == 30
    assert values["shed_events_per_minute"] == 6
    assert values["queue_waiting_requests"] == 7
