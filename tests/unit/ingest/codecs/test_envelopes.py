import math
from typing import Any

import pytest

from llm_analytics_hub.ingest.codecs.envelopes import from_envelope

CAMEL = {
    "eventId": "e1",
    "eventType": "asset.registered",
    "source": "registry",
    "timestamp": "2025-11-19T10:00:00Z",
    "version": "1.2.3",
    "data": {"assetId": "a1", "version": "7", "owner": "team"},
    "metadata": {"region": "eu", "env": "test"},
}
FLAT = {
    "event_id": "e2",
    "event_type": "telemetry",
    "source_module": "llm-observatory",
    "timestamp": "2025-11-19T10:00:00Z",
    "schema_version": "1.0.0",
    "severity": "info",
    "payload_type": "telemetry",
    "data": {"telemetry_type": "latency", "total_latency_ms": 12.5, "model_id": "gpt-4o"},
    "tags": {"team": "x"},
}
NESTED = {
    **{name: value for name, value in FLAT.items() if name not in {"data", "payload_type"}},
    "payload": {"payload_type": "telemetry", "data": FLAT["data"]},
}


def opened(row: dict[str, Any]) -> dict[str, Any]:
    return dict(from_envelope(row))


def test_the_camel_case_envelope() -> None:
    assert opened(CAMEL) == {
        "event_id": "e1",
        "event_type": "asset.registered",
        "source": "registry",
        "occurred_at": "2025-11-19T10:00:00Z",
        "schema_version": "1.2.3",
        "asset_id": "a1",
        "asset_version": "7",
        "region": "eu",
        "attributes": {"region": "eu", "env": "test", "owner": "team"},
    }


def test_the_flat_and_the_nested_envelope_say_the_same() -> None:
    assert (
        opened(FLAT)
        == opened(NESTED)
        == {
            "event_id": "e2",
            "event_type": "telemetry.latency",
            "original_type": "telemetry",
            "source": "llm-observatory",
            "occurred_at": "2025-11-19T10:00:00Z",
            "schema_version": "1.0.0",
            "severity": "info",
            "model": "gpt-4o",
            "latency_ms": 12.5,
            "attributes": {"team": "x", "telemetry_type": "latency"},
        }
    )


def test_a_canonical_event_comes_back_unchanged() -> None:
    row = {"source": "a", "event_type": "b.c", "attributes": {"x": 1}, "made_up": 2}
    assert from_envelope(row) is row


@pytest.mark.parametrize(
    ("members", "attributes"),
    [
        ({"payload": "text"}, {"payload": "text"}),
        ({"payload": 5, "data": {"a": 1}}, {"payload": 5, "a": 1}),
        ({"payload": {"a": 1}}, {"a": 1}),
        ({"payload": {"data": {"a": 1}, "note": "n"}}, {"a": 1, "note": "n"}),
        ({"payload": {"data": {"a": 1}}, "data": {"b": 2}}, {"a": 1, "data": {"b": 2}}),
        ({"data": [1, 2]}, {"data": [1, 2]}),
        ({"data": {"a": 1}, "attributes": {"b": 2}}, {"a": 1, "b": 2}),
        ({"data": {"a": 1}, "payload_type": "odd"}, {"a": 1, "payload_type": "odd"}),
        ({"data": {"a": 1}, "tags": ["t"]}, {"a": 1, "tags": ["t"]}),
    ],
)
def test_nothing_in_an_envelope_is_lost(members: dict[str, Any], attributes: object) -> None:
    assert opened({"source": "a", "event_type": "b.c", **members})["attributes"] == attributes


def test_a_type_taken_from_the_variant_keeps_the_original() -> None:
    row = {
        "eventType": "security",
        "payload": {"payload_type": "security", "data": {"security_type": "threat"}},
    }
    found = opened(row)
    assert (found["event_type"], found["original_type"]) == ("security.threat", "security")


@pytest.mark.parametrize(
    ("data", "members"),
    [
        ({"duration_seconds": 1.5}, {"latency_ms": 1500.0}),
        ({"duration_us": "1500"}, {"latency_ms": 1.5}),
        ({"latency_ns": 1_500_000}, {"latency_ms": 1.5}),
        ({"timeToFirstTokenMs": 20}, {"ttft_ms": 20.0}),
        ({"duration_seconds": "soon"}, {"latency_ms": "soon"}),
        ({"duration_seconds": 1e308}, {"latency_ms": math.inf}),
        ({"duration_ms": 10**400}, {"latency_ms": math.inf}),
        ({"promptTokens": 3, "completion_tokens": 4}, {"input_tokens": 3, "output_tokens": 4}),
        ({"cost": 0.5}, {"cost_amount": 0.5, "cost_currency": "USD"}),
        ({"cost": 0.5, "currency": "EUR"}, {"cost_amount": 0.5, "cost_currency": "EUR"}),
        (
            {"cost": {"amount": "1", "currency": "EUR"}},
            {"cost_amount": "1", "cost_currency": "EUR"},
        ),
        ({"total_cost_usd": "0.25"}, {"cost_usd": "0.25"}),
    ],
)
def test_members_of_the_data_find_their_fields(data: Any, members: dict[str, Any]) -> None:
    found = opened({"source": "a", "eventType": "b.c", "data": data})
    assert {name: found[name] for name in members} == members
