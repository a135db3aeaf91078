"""Calls of services by name, and what a refused one says."""

from typing import Any

import grpc
import pytest
from google.protobuf.json_format import ParseDict
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from llm_analytics_hub.api.rpc.schema import POOL
from llm_analytics_hub.api.rpc_errors import DETAILS

Row = dict[str, Any]
SECONDS = 60


class Rpc:
    """Calls methods of services by name; what it says is JSON, what it gets are messages."""

    def __init__(self, channel: grpc.aio.Channel, tenant: str) -> None:
        self._channel = channel
        self.tenant = tenant

    async def one(self, service: str, method: str, said: object = None, **how: Any) -> Any:
        """The answer to a call that has one."""
        call, request = self._call(self._channel.unary_unary, service, method, said)
        return await call(request, **self._how(how))

    async def many(self, service: str, method: str, said: object = None, **how: Any) -> list[Any]:
        """All pieces of the answer to a call."""
        return [piece async for piece in self.stream(service, method, said, **how)]

    def stream(self, service: str, method: str, said: object = None, **how: Any) -> Any:
        """The call, to be read piece by piece."""
        call, request = self._call(self._channel.unary_stream, service, method, said)
        return call(request, **self._how(how))

    async def bytes(self, service: str, method: str, body: bytes) -> bytes:
        """What a call with these bytes as its message gets."""
        return await self._channel.unary_unary(f"/{service}/{method}")(body, **self._how({}))

    def _how(self, how: Any) -> Any:
        return {"metadata": (("x-tenant", self.tenant),), "timeout": SECONDS} | how

    def _call(self, kind: Any, service: str, method: str, said: object) -> tuple[Any, Any]:
        found = POOL.FindServiceByName(service).methods_by_name[method]
        request, answer = (GetMessageClass(one) for one in (found.input_type, found.output_type))
        call = kind(f"/{service}/{method}", request.SerializeToString, answer.FromString)
        return call, ParseDict(said or {}, request()) if not hasattr(said, "ListFields") else said


async def refused(call: Any) -> tuple[grpc.StatusCode, Row]:
    """The code of a call that fails, and its details by kind."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    error = caught.value
    status = Status.FromString(dict(error.trailing_metadata())[DETAILS])
    assert status.code == error.code().value[0]
    assert status.message == error.details()
    return error.code(), details_of(status)


def details_of(status: Status) -> Row:
    found: Row = {}
    for detail in status.details:
        for kind in (BadRequest, ErrorInfo, RetryInfo):
            if detail.Is(kind.DESCRIPTOR):
                detail.Unpack(found.setdefault(kind.__name__, kind()))
    return found
