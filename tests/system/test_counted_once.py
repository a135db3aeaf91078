"""One model call counts once over the wire, whatever arrives when, and across a crash."""

import gzip
import json
import time
import zlib
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from .conftest import HubProcess, StartHub

pytestmark = [pytest.mark.system, pytest.mark.slow]

RECORDINGS = (Path(__file__).resolve().parents[2] / "../shared/otlp").resolve()
UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress}
DAYS = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
MEASURES = ["requests", "input_tokens", "output_tokens", "cost_usd"]


@pytest.fixture(scope="module")
def hub(start_hub: StartHub, tmp_path_factory: pytest.TempPathFactory) -> HubProcess:
    return start_hub(tmp_path_factory.mktemp("hub") / "data")


def send(hub: HubProcess, request: ExportTraceServiceRequest) -> None:
    headers = {"content-type": "application/x-protobuf"}
    hub.client.post(
        "/v1/traces", content=request.SerializeToString(), headers=headers
    ).raise_for_status()


def ask(hub: HubProcess, when: dict[str, str], by: str | None = None) -> list[list[Any]]:
    question = {"measures": MEASURES, "dimensions": [by] if by else [], "time_range": when}
    rows: list[list[Any]] = (
        hub.client.post("/api/v1/query", json=question).raise_for_status().json()["rows"]
    )
    return rows


def single_spans(case: str) -> Iterator[ExportTraceServiceRequest]:
    """The spans of a recording in protobuf, each in a request of its own."""
    truth = json.loads((RECORDINGS / case / "expect.json").read_text())
    for number in range(1, truth["counts"]["requests"] + 1):
        sent = json.loads((RECORDINGS / case / f"headers-{number}.json").read_text())
        if not sent["path"].endswith(("/v1/traces", "TraceService/Export")):
            continue
        headers = {name.lower(): value for name, value in sent["headers"]}
        body = (RECORDINGS / case / f"request-{number}.bin").read_bytes()
        unpack = UNPACK.get(headers.get("content-encoding", ""), bytes)
        for of_resource in ExportTraceServiceRequest.FromString(unpack(body)).resource_spans:
            for of_scope in of_resource.scope_spans:
                for span in of_scope.spans:
                    alone = ExportTraceServiceRequest()
                    resource = alone.resource_spans.add(resource=of_resource.resource)
                    resource.scope_spans.add(scope=of_scope.scope, spans=[span])
                    yield alone


def expected(case: str) -> tuple[dict[str, int], int]:
    spec = spec_from_file_location("expected", RECORDINGS / "expected.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: tuple[dict[str, int], int] = module.expected(
        json.loads((RECORDINGS / case / "expect.json").read_text())
    )
    return found


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recordings are not here")
def test_a_recording_in_single_spans_in_reverse_adds_up(hub: HubProcess) -> None:
    case = "otel-genai-anthropic/default"
    for request in [*single_spans(case)][::-1]:
        send(hub, request)
    totals, calls = expected(case)
    by_model = [row for row in ask(hub, DAYS, "model") if row[2]]
    assert [sum(row[place] for row in by_model) for place in (2, 3)] == [*totals.values()]
    counted = [event for event in listed(hub) if event.get("input_tokens")]
    assert len(counted) == calls
    assert {event["event_type"] for event in counted} == {"inference.completed"}


def listed(hub: HubProcess) -> list[dict[str, Any]]:
    answer = hub.client.get("/api/v1/events", params={**DAYS, "limit": 1000}).raise_for_status()
    events: list[dict[str, Any]] = answer.json()["events"]
    return events


def observed(scope: str, span: int, parent: int, **usage: int) -> ExportTraceServiceRequest:
    """A call of this minute as one instrumentation saw it."""
    now = time.time_ns()
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
    }
    pairs = [KeyValue(key=k, value=AnyValue(string_value=v)) for k, v in attributes.items()]
    pairs += [
        KeyValue(key=f"gen_ai.usage.{k}", value=AnyValue(int_value=v)) for k, v in usage.items()
    ]
    request = ExportTraceServiceRequest()
    scopes = request.resource_spans.add().scope_spans.add()
    scopes.scope.name = scope
    scopes.spans.add(
        trace_id=b"t" * 16,
        span_id=span.to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        start_time_unix_nano=now,
        end_time_unix_nano=now + 10**9,
        attributes=pairs,
    )
    return request


def test_the_other_half_of_a_call_may_come_after_a_crash(
    start_hub: StartHub, tmp_path: Path
) -> None:
    hub = start_hub(tmp_path / "data")
    send(hub, observed("outer", 1, 0, input_tokens=1000, output_tokens=10))
    assert ask(hub, {"last": "1h"}) == [[1, 1000, 10, 0.0026]]
    hub.kill()
    hub = start_hub(tmp_path / "data")
    inner = {"cache_read.input_tokens": 400}
    send(hub, observed("inner", 2, 1, input_tokens=1000, output_tokens=10, **inner))
    assert ask(hub, {"last": "1h"}) == [[1, 1000, 10, 0.0021]]
    assert ask(hub, {"last": "1h"}, "model") == [["gpt-4o", 1, 1000, 10, 0.0021]]
    hub.kill()
    hub = start_hub(tmp_path / "data")
    assert ask(hub, {"last": "1h"}) == [[1, 1000, 10, 0.0021]]
    outer, counted = sorted(
        hub.client.get("/api/v1/events", params={"last": "1h"}).json()["events"],
        key=lambda event: str(event["span_id"]),
    )
    assert (outer["event_type"], "input_tokens" in outer) == ("inference.observed", False)
    assert outer["attributes"]["same_call_as"] == counted["event_id"]
    assert outer["attributes"]["same_call_by"] == "parent"
    assert outer["attributes"]["observed"] == {"input_tokens": 1000, "output_tokens": 10,
                                               "total_tokens": 1010}  # fmt: skip
