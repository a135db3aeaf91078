"""`POST /v1/metrics` and the questions about metrics, over HTTP on a real store."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

from llm_analytics_hub.api.otlp_signals import METRICS
from llm_analytics_hub.bootstrap import Doors

from .conftest import NOW
from .test_otlp_grpc import Call

SECOND = 1_000_000_000
NOON = int(NOW.timestamp()) * SECOND
DAY = {"from": "2025-11-19", "to": "2025-11-20"}
PROTOBUF = {"content-type": "application/x-protobuf"}


def histogram(second: int, *counts: int) -> dict[str, Any]:
    point = {
        "startTimeUnixNano": str(NOON), "timeUnixNano": str(NOON + second * SECOND),
        "count": str(sum(counts)), "sum": 1.0 * sum(counts), "explicitBounds": [1, 2],
        "bucketCounts": [str(count) for count in counts],
        "attributes": [{"key": "model", "value": {"stringValue": "a"}}],
    }  # fmt: skip
    return {"aggregationTemporality": 2, "dataPoints": [point]}


def body(name: str, *points: dict[str, Any]) -> dict[str, Any]:
    metrics = [{"name": name, "unit": "s", "histogram": point} for point in points]
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": metrics}]}]}


@pytest.mark.parametrize("port", ["main", "otlp"])
async def test_metrics_sent_are_answered_by_points_and_quantiles(doors: Doors, port: str) -> None:
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(getattr(doors, port)), base_url="http://o") as otlp,
        httpx.AsyncClient(transport=httpx.ASGITransport(doors.main), base_url="http://m") as client,
    ):  # fmt: skip
        sent = body(port, histogram(1, 4, 0, 0), histogram(2, 4, 4, 0), histogram(2, 4, 4, 0))
        for _ in range(2):
            answer = await otlp.post("/v1/metrics", json=sent)
            assert (answer.status_code, answer.json()) == (200, {"partialSuccess": {}})
        found = (await client.get("/api/v1/metrics/points", params={"metric": port, **DAY})).json()
        assert [point["bucket_counts"] for point in found["points"]] == [[0, 4, 0], [4, 0, 0]]
        assert found["points"][0]["labels"] == {"model": "a"}
        asked = {"metric": port, "level": 0.75, **DAY}
        quantile = (await client.get("/api/v1/metrics/quantile", params=asked)).json()
        assert quantile == {"metric": port, "level": 0.75, "value": 1.5}
        asked["level"] = "nan"
        assert (await client.get("/api/v1/metrics/quantile", params=asked)).status_code == 400
        events = await client.get("/api/v1/events")
        assert events.json()["events"] == []


async def test_tenants_do_not_see_each_other(client: httpx.AsyncClient) -> None:
    sent = body("mine", histogram(1, 4, 0, 0))
    await client.post("/v1/metrics", json=sent, headers={"x-tenant": "one"})
    for tenant, points in (("one", 1), ("two", 0)):
        asked = {"metric": "mine", **DAY}
        answer = await client.get(
            "/api/v1/metrics/points", params=asked, headers={"x-tenant": tenant}
        )
        assert len(answer.json()["points"]) == points


async def test_a_refused_point_is_a_partial_success(client: httpx.AsyncClient) -> None:
    sent = body("partial", histogram(1, 4, 0, 0), histogram(1, 1))
    answer = await client.post("/v1/metrics", json=sent)
    partial = answer.json()["partialSuccess"]
    assert partial["rejectedDataPoints"] == "1"
    assert partial["errorMessage"].startswith("data point 1: invalid_buckets")


async def test_protobuf_is_answered_in_protobuf(client: httpx.AsyncClient) -> None:
    sent = ExportMetricsServiceRequest(
        resource_metrics=[
            {"scope_metrics": [{"metrics": [{"name": "g", "gauge": {"data_points": [{}]}}]}]}
        ]
    )
    answer = await client.post("/v1/metrics", content=sent.SerializeToString(), headers=PROTOBUF)
    partial = ExportMetricsServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_data_points == 1


async def test_bytes_that_are_no_request_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/metrics", content=json.dumps({"resourceMetrics": 1}),
                               headers={"content-type": "application/json"})  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (400, 3)


async def test_grpc_stores_the_same_points_and_reports_refused_ones(
    doors: Doors, client: httpx.AsyncClient
) -> None:
    sent = ParseDict(
        body("grpc", histogram(1, 4, 0, 0), histogram(1, 1)), ExportMetricsServiceRequest()
    )

    async def messages() -> AsyncIterator[bytes]:
        yield sent.SerializeToString()

    server = doors.otlp_grpc()
    answer = await server._export(METRICS, messages(), Call())
    await server.stop(0)
    partial = ExportMetricsServiceResponse.FromString(answer).partial_success
    assert partial.rejected_data_points == 1
    found = (await client.get("/api/v1/metrics/points", params={"metric": "grpc", **DAY})).json()
    assert [point["count"] for point in found["points"]] == [4]
