"""The standard services of the gRPC port, and what the hub's own are compiled from."""

from importlib import resources
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from llm_analytics_hub.api.rpc.health_service import HealthService
from llm_analytics_hub.api.rpc.integration_service import SERVICES
from llm_analytics_hub.api.rpc.schema import compiled
from llm_analytics_hub.bootstrap import Doors

QUERY = "llm_analytics_hub.query.v1.QueryService"
HEALTH = "grpc.health.v1.Health"
TRACES = "opentelemetry.proto.collector.trace.v1.TraceService"
Response = health_pb2.HealthCheckResponse


class Reflected:
    """A client that knows an address, and nothing of the services there."""

    def __init__(self, channel: grpc.aio.Channel, version: str) -> None:
        self._ask = channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            reflection_pb2.ServerReflectionRequest.SerializeToString,
            reflection_pb2.ServerReflectionResponse.FromString,
        )
        self._channel = channel
        self._pool, self._known = DescriptorPool(), set[str]()

    async def services(self) -> set[str]:
        answer = await self._answer(list_services="")
        return {one.name for one in answer.list_services_response.service}

    async def call(self, service: str, method: str, said: dict[str, Any]) -> dict[str, Any]:
        await self._learn(file_containing_symbol=service)
        found = self._pool.FindServiceByName(service).methods_by_name[method]
        request, answer = (GetMessageClass(one) for one in (found.input_type, found.output_type))
        call = self._channel.unary_unary(
            f"/{service}/{method}", request.SerializeToString, answer.FromString
        )
        told: dict[str, Any] = MessageToDict(await call(ParseDict(said, request())))
        return told

    async def _learn(self, **what: str) -> None:
        answer = await self._answer(**what)
        for text in answer.file_descriptor_response.file_descriptor_proto:
            file = FileDescriptorProto.FromString(text)
            if file.name not in self._known:
                self._known.add(file.name)
                for name in file.dependency:
                    await self._learn(file_by_filename=name)
                self._pool.Add(file)

    async def _answer(self, **what: str) -> Any:
        call = self._ask()
        await call.write(reflection_pb2.ServerReflectionRequest(**what))
        answer = await call.read()
        await call.done_writing()
        return answer


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_a_client_that_knows_only_reflection_can_ask(
    address: str, client: httpx.AsyncClient, version: str
) -> None:
    event = {"event_id": "e", "source": "x", "event_type": "t", "occurred_at": "2025-11-19"}
    await client.post("/api/v1/events", json=event)
    async with grpc.aio.insecure_channel(address) as channel:
        tool = Reflected(channel, version)
        assert await tool.services() >= {QUERY, *SERVICES, HEALTH, TRACES}
        for service in await tool.services():
            await tool._learn(file_containing_symbol=service)
            assert tool._pool.FindServiceByName(service)
        question = {"measures": ["events"], "timeRange": {"from": "2025-11-18", "to": "2025-11-20"}}
        answer = await tool.call(QUERY, "Query", question)
    assert int(answer["rows"][0]["values"][0]["integer"]) >= 1


async def test_health_is_that_of_the_hub(rpc: Any, doors: Doors) -> None:
    for service in ("", QUERY, *SERVICES, TRACES):
        assert (await rpc.one(HEALTH, "Check", {"service": service})).status == Response.SERVING
    doors.health.checks["broken"] = lambda: None
    doors.health.started = False
    assert (await rpc.one(HEALTH, "Check")).status == Response.NOT_SERVING
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await rpc.one(HEALTH, "Check", {"service": "nope"})
    assert caught.value.code() == grpc.StatusCode.NOT_FOUND


async def test_who_watches_is_told_of_changes_until_the_hub_stops(doors: Doors) -> None:
    health = HealthService(doors.health, [QUERY], every_seconds=0.001)
    doors.health.started = True
    states = health.watch(health_pb2.HealthCheckRequest(service=QUERY), None)
    assert (await anext(states)).status == Response.SERVING
    doors.health.started = False
    assert (await anext(states)).status == Response.NOT_SERVING
    doors.health.started = True
    assert (await anext(states)).status == Response.SERVING
    doors.health.stopping = True
    assert [one.status async for one in states] == [Response.NOT_SERVING]
    unknown = health.watch(health_pb2.HealthCheckRequest(service="nope"), None)
    assert [one.status async for one in unknown] == [Response.SERVICE_UNKNOWN]


def test_what_is_compiled_is_what_the_files_say(tmp_path: Path) -> None:
    """After a change of a `.proto` file: `make proto`."""
    protoc = pytest.importorskip("grpc_tools.protoc", reason="grpcio-tools is not installed")
    folder = resources.files("llm_analytics_hub.api.proto")
    known = str(Path(protoc.__file__).parent / "_proto")
    out = tmp_path / "made.binpb"
    names = [file.name for file in compiled().file]
    paths = ["-I", str(folder), "-I", known]
    assert protoc.main(["protoc", *paths, f"--descriptor_set_out={out}", *names]) == 0
    assert FileDescriptorSet.FromString(out.read_bytes()) == compiled()
    assert sorted(names) == sorted(
        str(path.relative_to(str(folder))) for path in Path(str(folder)).rglob("*.proto")
    )
