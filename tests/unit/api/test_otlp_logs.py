"""Log records through the doors of OTLP: stored, answered, and a call counted once."""

import os
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from llm_analytics_hub.api import otlp_signals
from llm_analytics_hub.bootstrap import Doors

from .conftest import NOW
from .test_otlp_grpc import Call, sent

LOGS, TRACES = "/v1/logs", "/v1/traces"
PROTOBUF = {"content-type": "application/x-protobuf"}
TRACE, SPAN = bytes(range(16)), bytes(range(8))
START = int(NOW.timestamp() * 1e9)
CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.response.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 10,
    "gen_ai.usage.output_tokens": 20,
}


def pairs() -> list[KeyValue]:
    made = []
    for key, value in CALL.items():
        pair = KeyValue(key=key)
        if isinstance(value, int):
            pair.value.int_value = value
        else:
            pair.value.string_value = str(value)
        made.append(pair)
    return made


def span() -> ExportTraceServiceRequest:
    made = ExportTraceServiceRequest()
    made.resource_spans.add().scope_spans.add(scope={"name": "sdk"}).spans.add(
        trace_id=TRACE, span_id=SPAN, name="chat", attributes=pairs(),
        start_time_unix_nano=START, end_time_unix_nano=START + 10**9,
    )  # fmt: skip
    return made


def log(*times: int) -> ExportLogsServiceRequest:
    made = ExportLogsServiceRequest()
    scope = made.resource_logs.add().scope_logs.add(scope={"name": "sdk"})
    for time in times:
        scope.log_records.add(
            trace_id=TRACE, span_id=SPAN, observed_time_unix_nano=time, attributes=pairs(),
            event_name="gen_ai.client.inference.operation.details",
        )  # fmt: skip
    return made


async def events(client: httpx.AsyncClient, tenant: str) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/events", headers={"x-tenant": tenant})
    return list(answer.json()["events"])


@pytest.mark.parametrize("order", [[0, 1], [1, 0], [1, 0, 1, 0]], ids=str)
async def test_a_call_that_a_span_and_a_log_tell_of_counts_once(
    client: httpx.AsyncClient, order: list[int]
) -> None:
    tenant = f"t-{os.urandom(4).hex()}"
    exports = [(TRACES, span()), (LOGS, log(START + 9 * 10**8))]
    for path, export in (exports[number] for number in order):
        answer = await client.post(
            path, content=export.SerializeToString(), headers={**PROTOBUF, "x-tenant": tenant}
        )
        assert (answer.status_code, answer.content) == (200, b"")
    stored = await events(client, tenant)
    assert sorted(event["event_type"] for event in stored) == [
        "inference.completed", "inference.observed"
    ]  # fmt: skip
    assert sum(event.get("input_tokens", 0) for event in stored) == 10


async def test_a_call_that_only_a_log_tells_of_counts(client: httpx.AsyncClient) -> None:
    headers = {**PROTOBUF, "x-tenant": "logs-only"}
    for _ in range(2):
        await client.post(LOGS, content=log(START).SerializeToString(), headers=headers)
    (stored,) = await events(client, "logs-only")
    assert (stored["event_type"], stored["output_tokens"]) == ("inference.completed", 20)


async def test_json_is_answered_in_json(client: httpx.AsyncClient) -> None:
    record = {"timeUnixNano": str(START), "body": {"stringValue": "hi"}}
    request = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record, {}]}]}]}
    answer = await client.post(LOGS, json=request, headers={"x-tenant": "in-json"})
    assert answer.json()["partialSuccess"]["rejectedLogRecords"] == "1"
    (stored,) = await events(client, "in-json")
    assert stored["event_type"] == "log.recorded"


@pytest.mark.parametrize("app", ["main", "otlp"])
@pytest.mark.parametrize("path", [LOGS, TRACES, "/api/public/otel/v1/traces"])
async def test_the_doors_are_on_both_ports(doors: Doors, app: str, path: str) -> None:
    transport = httpx.ASGITransport(getattr(doors, app))
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        answer = await client.post(path, content=b"", headers=PROTOBUF)
        refusal = await client.post(path, content=b"\xff", headers=PROTOBUF)
    assert (answer.status_code, refusal.status_code) == (200, 400)


async def test_grpc_takes_logs_and_tells_of_the_refused(
    doors: Doors, client: httpx.AsyncClient
) -> None:
    server = doors.otlp_grpc()
    body = log(START, 0, START + 1).SerializeToString()
    answer = await server._export(otlp_signals.LOGS, sent(body), Call(x_tenant="by-grpc"))
    await server.stop(0)
    partial = ExportLogsServiceResponse.FromString(answer).partial_success
    assert (partial.rejected_log_records, "missing_time" in partial.error_message) == (1, True)
    assert len(await events(client, "by-grpc")) == 2
