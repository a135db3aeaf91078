"""What the marketplace answers when it is asked, beyond what the samples show."""

import json
from datetime import UTC, datetime

import pytest

from .wire import NOW, Row, events_of


def sent(document: Row) -> list[Row]:
    return events_of("marketplace", json.dumps(document).encode(), "application/json")


def one(document: Row) -> Row:
    (row,) = sent(document)
    return row


USAGE = {
    "service_id": "961e", "consumer_id": "1005", "period_start": "2025-11-12T00:00:00Z",
    "period_end": "2025-11-19T00:00:00Z", "total_requests": 3, "total_tokens": 900,
    "total_cost": 1.5, "avg_latency_ms": 811.25, "error_rate": 0.25,
}  # fmt: skip


def test_usage_is_no_call_and_its_cost_is_not_spent_again() -> None:
    row = one(USAGE)
    assert (row["event_type"], row["value"], row["unit"]) == ("usage.reported", 0.25, "ratio")
    assert (row["service"], row["account_id"]) == ("961e", "1005")
    assert row["occurred_at"] == datetime(2025, 11, 19, tzinfo=UTC)
    assert (row["total_tokens"], row["cost_usd"], row["cost_amount"]) == (None, None, None)
    assert (row["attributes"]["total_cost"], row["attributes"]["total_tokens"]) == (1.5, 900)


@pytest.mark.parametrize("end", ["2025-12-01T00:00:00Z", None, "soon"])
def test_usage_of_a_period_that_is_not_over_is_of_now(end: object) -> None:
    assert one({**USAGE, "period_end": end})["occurred_at"] == NOW


def test_statistics_are_ratios() -> None:
    row = one({
        "service_name": "consumption", "total_requests": 18422, "total_errors": 227,
        "error_rate": 0.0123, "avg_response_time_ms": 811.25, "p95_response_time_ms": None,
        "active_users": 204, "uptime_percentage": 99.87,
    })  # fmt: skip
    assert (row["event_type"], row["service"]) == ("statistics.reported", "consumption")
    assert (row["value"], row["unit"]) == (0.0123, "ratio")
    assert row["attributes"]["uptime_ratio"] == pytest.approx(0.9987)
    assert "p95_response_time_ms" not in row["attributes"]


def test_a_report_of_analytics_is_its_metrics() -> None:
    metric = {
        "id": "m-1", "metric_type": "performance", "metric_name": "cost_usd", "value": 4.2,
        "count": 10, "service_name": "discovery", "window_end": "2025-11-19T10:00:00",
    }  # fmt: skip
    row = one({"title": "t", "summary": {}, "metrics": [metric]})
    assert (row["event_type"], row["event_id"]) == ("metric.aggregated", "m-1")
    assert (row["value"], row["unit"], row["cost_usd"]) == (4.2, "USD", None)
    assert row["occurred_at"] == datetime(2025, 11, 19, 10, tzinfo=UTC)


def test_the_dashboard_is_one_event() -> None:
    row = one({"total_services": 4, "total_requests_24h": 9, "error_rate_24h": 0.5})
    assert (row["event_type"], row["value"], row["unit"]) == ("dashboard.reported", 0.5, "ratio")


def test_a_service_found_twice_is_one_event_until_it_changes() -> None:
    found = {"id": "961e", "name": "Summary", "updated_at": "2025-11-19T12:00:00.5+02:00"}
    page = {"results": [found, {**found, "updated_at": "2025-11-20T00:00:00Z"}], "took_ms": 3}
    rows = sent(page)
    assert [row["event_type"] for row in rows] == ["service.described"] * 2
    assert rows[0]["event_id"] == one({**found, "score": 0.4})["event_id"] != rows[1]["event_id"]
    assert one({**found, "id": None})["event_id"].startswith("x-")
    assert rows[0]["occurred_at"] == datetime(2025, 11, 19, 10, 0, 0, 500000, UTC)
    assert (rows[0]["service"], rows[0]["attributes"]["service_name"]) == ("961e", "Summary")


def test_an_api_key_is_described_without_the_key() -> None:
    key = {"id": "k", "service_id": "961e", "consumer_id": "1005", "tier": "basic", "key": "sk-1"}
    row = one({"keys": [key]})
    assert row["event_type"] == "api_key.described"
    assert row["attributes"] == {"api_key_id": "k", "tier": "basic"}
