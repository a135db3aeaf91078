"""What Sentinel tells of anomalies, beyond what the samples show."""

import json
from datetime import UTC, datetime

import pytest

from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.integrations.native import decode_native

from .wire import NOW, Row, events_of

DETAILS = {
    "metric": "latency_ms",
    "value": 9120.5,
    "baseline": 811.25,
    "threshold": 2210.0,
    "deviation_sigma": None,
    "additional": {},
}
CONTEXT = {
    "trace_id": "83f1",
    "user_id": None,
    "region": "eu-west-1",
    "time_window": "rolling_window",
    "sample_count": 1000,
    "additional": {"zone": "a"},
}
ANOMALY = {
    "alert_id": "3b77",
    "timestamp": "2025-11-19T10:00:20.418903221Z",
    "severity": "critical",
    "anomaly_type": "latency_spike",
    "service_name": "support-bot",
    "model": "gpt-4o",
    "detection_method": "z_score",
    "confidence": 0.99,
    "details": DETAILS,
    "context": CONTEXT,
    "root_cause": None,
    "remediation": [],
    "related_alerts": [],
    "runbook_url": None,
}
ENVELOPE = {
    "event_type": "anomaly.detected",
    "timestamp": "2025-11-19T10:00:21Z",
    "data": ANOMALY,
    "signature": "ab" * 32,
}


def sent(document: object, subject: str = "") -> list[Row]:
    return events_of("sentinel", json.dumps(document).encode(), "application/json", subject)


def one(document: Row, subject: str = "") -> Row:
    (row,) = sent(document, subject)
    return row


def measured(metric: str, value: object) -> Row:
    return one({**ANOMALY, "details": {**DETAILS, "metric": metric, "value": value}})


def test_an_alert_is_one_event_on_every_way() -> None:
    ways = [
        one(ANOMALY, subject="alert.critical"),
        one(ENVELOPE, subject="/hook"),
        one({"data": [ANOMALY], "metadata": {"total_count": 1}}),
        one({"success": True, "data": ANOMALY, "error": None, "request_id": "r"}),
        one({**{name: ANOMALY[name] for name in ("alert_id", "timestamp")}, "anomaly": ANOMALY}),
    ]
    assert {row["event_key"] for row in ways} == {ways[0]["event_key"]}
    assert {row["event_type"] for row in ways} == {"anomaly.detected"}
    assert {row["stream"] for row in ways} == {"security"}
    assert {row["occurred_at"] for row in ways} == {datetime(2025, 11, 19, 10, 0, 20, 418903, UTC)}


def test_an_envelope_says_its_type_and_when_it_went_and_keeps_no_signature() -> None:
    row = one(ENVELOPE)
    assert row["original_type"] == "anomaly.detected"
    assert row["attributes"]["delivered_at"] == "2025-11-19T10:00:21Z"
    assert "signature" not in row["attributes"]


def test_an_envelope_of_something_else_is_kept_as_it_is() -> None:
    row = one({"event_type": "scan.finished", "timestamp": ENVELOPE["timestamp"], "data": {"n": 1}})
    assert (row["event_type"], row["original_type"]) == ("sentinel.message", "scan.finished")
    assert row["attributes"] == {"data": {"n": 1}}


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("latency_ms", "ms"),
        ("cost_usd", "USD"),
        ("total_tokens", "tokens"),
        ("error_rate", "ratio"),
        ("prompt_injection_score", None),
    ],
)
def test_what_was_measured_is_a_value_and_is_not_spent_again(metric: str, unit: str | None) -> None:
    row = measured(metric, 12)
    assert (row["value"], row["unit"], row["attributes"]["metric"]) == (12.0, unit, metric)
    assert [row[name] for name in ("latency_ms", "total_tokens", "cost_usd", "cost_amount")] == [
        None
    ] * 4


def test_numbers_that_were_not_finite_are_unknown() -> None:
    details = {**DETAILS, "value": None, "baseline": None, "threshold": None}
    row = one({**ANOMALY, "details": details, "confidence": None})
    assert (row["value"], row["score"], row["unit"]) == (None, None, "ms")
    assert not {"baseline", "threshold"} & row["attributes"].keys()


def test_what_has_no_field_is_an_attribute_and_what_is_empty_is_nothing() -> None:
    row = one({**ANOMALY, "remediation": ["scale"]})
    assert (row["score"], row["trace_id"], row["region"]) == (0.99, "83f1", "eu-west-1")
    assert row["attributes"] == {
        "anomaly_type": "latency_spike", "detection_method": "z_score", "metric": "latency_ms",
        "baseline": 811.25, "threshold": 2210.0, "time_window": "rolling_window",
        "sample_count": 1000, "context_additional": {"zone": "a"}, "remediation": ["scale"],
    }  # fmt: skip


def test_custom_and_unknown_words_are_kept() -> None:
    own = {"anomaly_type": {"custom": "loop"}, "detection_method": {"custom": "ours"}}
    row = one({**ANOMALY, **own, "severity": "Fatal"})
    assert (row["attributes"]["anomaly_type"], row["attributes"]["detection_method"]) == (
        "loop",
        "ours",
    )
    assert row["severity"] == "critical"
    assert one({**ANOMALY, "anomaly_type": "jailbreak_attempt"})["event_type"] == "anomaly.detected"


@pytest.mark.parametrize("member", sorted(ANOMALY))
def test_an_anomaly_may_lack_any_member(member: str) -> None:
    without = {name: value for name, value in ANOMALY.items() if name != member}
    assert len(sent({**ANOMALY, member: None})) == 1
    assert len(sent(without)) == 1


def test_the_anomaly_in_an_alert_is_what_counts() -> None:
    outer = {"alert_id": "b6bb", "title": "Spike", "tags": ["x"], "severity": "low"}
    row = one({**outer, "anomaly": ANOMALY})
    assert (row["event_id"], row["severity"]) == ("3b77", "critical")
    assert row["attributes"]["outer_alert_id"] == "b6bb"
    assert (row["attributes"]["title"], row["attributes"]["tags"]) == ("Spike", ["x"])
    assert "outer_alert_id" not in one({**outer, "alert_id": "3b77", "anomaly": ANOMALY})


def test_an_alert_without_its_anomaly_speaks_for_itself() -> None:
    row = one({"alert_id": "b6bb", "severity": "low", "service_name": "s", "anomaly": None})
    assert (row["event_id"], row["severity"], row["service"]) == ("b6bb", "low", "s")
    body = json.dumps({"alert_id": "b6bb", "anomaly": "none"}).encode()
    decoded = decode_native(INTEGRATIONS["sentinel"], body, "application/json", NOW)
    assert [one.rejection.code for one in decoded.refused] == ["invalid_document"]


def test_the_alert_that_the_documents_describe_is_read_too() -> None:
    row = one({
        "alert_id": "a-1", "timestamp": "2025-11-06T14:33:00.000Z", "severity": "high",
        "anomaly_type": "latency_spike", "service": "api",
        "metrics": {"current_value": 1250, "baseline_value": 380},
        "context": {"model_version": "gpt-4"}, "analysis": {"confidence_score": 0.87},
    })  # fmt: skip
    assert (row["service"], row["model"], row["score"]) == ("api", "gpt-4", 0.87)
    assert (row["value"], row["attributes"]["baseline"]) == (1250.0, 380)


def test_an_alert_of_the_incident_manager_is_an_anomaly() -> None:
    row = one({
        "id": "sa-1", "timestamp": "2025-11-19T10:00:20Z", "severity": "info",
        "category": "model_drift", "anomaly_score": 0.4, "affected_resources": ["bot", "api"],
    })  # fmt: skip
    assert (row["event_type"], row["event_id"], row["severity"]) == (
        "anomaly.detected",
        "sa-1",
        "info",
    )
    assert (row["service"], row["score"]) == ("bot", 0.4)
    assert row["attributes"]["anomaly_type"] == "model_drift"


@pytest.mark.parametrize(
    "reply",
    [
        {"code": "invalid_severity", "message": "m", "details": {"field": "severity"}},
        {"success": False, "data": None, "error": "down", "request_id": "r"},
    ],
)
def test_a_reply_that_failed_is_no_event(reply: Row) -> None:
    decoded = decode_native(
        INTEGRATIONS["sentinel"], json.dumps(reply).encode(), "application/json", NOW
    )
    assert [one.rejection.code for one in decoded.refused] == ["error_reply"]
    assert not decoded.rows


def test_a_page_without_rows_is_nothing() -> None:
    assert not sent({"data": [], "metadata": {"total_count": 0}})
