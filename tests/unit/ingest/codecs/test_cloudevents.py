from datetime import UTC, datetime
from typing import Any

import pytest

from llm_analytics_hub.ingest.codecs.cloudevents import from_cloud_event, is_cloud_event

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
EVENT = {
    "specversion": "1.0",
    "id": "e1",
    "source": "https://hub.example/llm-sentinel/eu",
    "type": "anomaly.detected",
    "time": "2025-11-19T09:00:00Z",
    "subject": "chat",
    "datacontenttype": "application/json",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "data": {"confidence": 0.9, "metric": "latency"},
    "partner": "p",
}


def opened(**members: Any) -> dict[str, Any]:
    return dict(from_cloud_event(EVENT | members, NOW))


def test_the_context_becomes_the_event() -> None:
    assert is_cloud_event(EVENT)
    assert opened() == {
        "event_id": "e1",
        "source": "sentinel",
        "event_type": "anomaly.detected",
        "occurred_at": "2025-11-19T09:00:00Z",
        "schema_version": "1.0",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
        "parent_span_id": "b7ad6b7169203331",
        "score": 0.9,
        "attributes": {"subject": "chat", "partner": "p", "metric": "latency"},
    }


@pytest.mark.parametrize("time", [None, ...])
def test_without_a_time_it_is_the_time_of_arrival(time: object) -> None:
    row = {name: value for name, value in EVENT.items() if name != "time"}
    given = row if time is ... else row | {"time": time}
    assert from_cloud_event(given, NOW)["occurred_at"] == NOW


@pytest.mark.parametrize(
    ("uri", "source"),
    [
        ("urn:llm-cost-ops:prod", "costops"),
        ("/registry/assets", "registry"),
        ("//my.app/Orders", "my.app-orders"),
        ("My App", "my-app"),
        ("///", ""),
    ],
)
def test_the_source_is_the_module_a_uri_names_or_the_uri_as_a_name(uri: str, source: str) -> None:
    assert opened(source=uri)["source"] == source


@pytest.mark.parametrize("source", [None, 5, ["a"]])
def test_a_source_that_is_no_uri_is_left_to_be_refused(source: object) -> None:
    assert opened(source=source)["source"] == source


@pytest.mark.parametrize("traceparent", ["", "00-xyz-1-01", 5, None])
def test_a_broken_trace_parent_is_no_trace(traceparent: object) -> None:
    assert "trace_id" not in opened(traceparent=traceparent)


@pytest.mark.parametrize(
    ("members", "attributes"),
    [
        ({"data": "text"}, {"data": "text"}),
        ({"data": None, "data_base64": "aGk="}, {"data_base64": "aGk="}),
        ({"data": [1]}, {"data": [1]}),
    ],
)
def test_data_that_is_no_object_is_kept(members: dict[str, Any], attributes: Any) -> None:
    assert opened(**members)["attributes"] == {"subject": "chat", "partner": "p"} | attributes
