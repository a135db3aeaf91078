"""What the gRPC server does with a call, without a network: gRPC is tested in tests/system."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from llm_analytics_hub.api.body import TENANT_HEADER
from llm_analytics_hub.api.errors import retry_after_seconds, status_of
from llm_analytics_hub.api.otlp_grpc import OtlpGrpcServer
from llm_analytics_hub.api.otlp_signals import TRACES
from llm_analytics_hub.api.rpc_errors import DETAILS, abort_on_hub_error
from llm_analytics_hub.bootstrap import Doors, Hub
from llm_analytics_hub.errors import HubError, SaturatedError, TooLargeError, UnavailableError
from llm_analytics_hub.ingest.submission import Decoded


class AbortedError(Exception):
    """What gRPC raises to end a call: code, message, google.rpc.Status."""

    def __init__(self, code: grpc.StatusCode, message: str, trailer: Any) -> None:
        super().__init__(message)
        self.code, self.message = code, message
        self.status = Status.FromString(dict(trailer)[DETAILS])


class Call:
    """The context of a call, as gRPC gives it."""

    def __init__(self, **metadata: str) -> None:
        self._metadata = tuple((name.replace("_", "-"), text) for name, text in metadata.items())

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return self._metadata

    async def abort(self, code: grpc.StatusCode, message: str, trailer: Any) -> None:
        raise AbortedError(code, message, trailer)


@pytest.fixture
async def server(doors: Doors) -> AsyncIterator[OtlpGrpcServer]:
    made = doors.otlp_grpc()
    yield made
    await made.stop(0)


async def sent(*bodies: bytes) -> AsyncIterator[bytes]:
    for body in bodies:
        yield body


@pytest.mark.parametrize("error", [SaturatedError("full", retry_after_seconds=2.4),
                                   UnavailableError("away"), TooLargeError("large")])  # fmt: skip
async def test_only_what_passes_is_to_be_sent_again(error: HubError) -> None:
    with pytest.raises(AbortedError) as caught:
        await abort_on_hub_error(Call(), error)
    info, status = RetryInfo(), caught.value.status
    assert [detail.Unpack(info) for detail in status.details] == [True] * error.retryable
    assert info.retry_delay.seconds == (retry_after_seconds(error) or 0)
    assert status.code == caught.value.code.value[0]
    assert status.message == caught.value.message == f"{error.code}: {error.message}"


async def test_grpc_and_http_agree_on_what_a_status_means() -> None:
    codes = {}
    for error in (SaturatedError("x"), UnavailableError("x"), TooLargeError("x"), HubError("x")):
        with pytest.raises(AbortedError) as caught:
            await abort_on_hub_error(Call(), error)
        codes[status_of(error)[0]] = caught.value.code.name
    assert codes == {
        429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE", 413: "INVALID_ARGUMENT", 500: "INTERNAL"
    }  # fmt: skip


async def test_a_defect_is_told_without_internals_and_ends_only_its_call(
    server: OtlpGrpcServer,
) -> None:
    def broken(body: bytes, content_type: str) -> Decoded:
        raise ZeroDivisionError("secret")

    for _ in range(40):  # more than there are turns: each is given back
        with pytest.raises(AbortedError) as caught:
            await server._export(replace(TRACES, decode=broken), sent(b""), Call())
        assert (caught.value.code, "secret" in caught.value.message) == (
            grpc.StatusCode.INTERNAL,
            False,
        )
    assert await server._export(TRACES, sent(b""), Call()) == b""


async def test_a_wrong_tenant_is_told_before_the_message_is_read(server: OtlpGrpcServer) -> None:
    messages = sent(b"")
    call = Call(**{TENANT_HEADER: "A b"})
    with pytest.raises(AbortedError, match="invalid_tenant"):
        await server._export(TRACES, messages, call)
    assert await anext(messages) == b""


async def test_a_call_without_a_message_is_refused(server: OtlpGrpcServer) -> None:
    with pytest.raises(AbortedError, match="too_large: no message of at most 200000 bytes"):
        await server._export(TRACES, sent(), Call())


async def test_a_hub_that_closes_takes_nothing_and_says_when_to_come_again(
    hub: Hub, server: OtlpGrpcServer
) -> None:
    hub.intake.close()
    with pytest.raises(AbortedError) as caught:
        await server._export(TRACES, sent(b""), Call())
    assert caught.value.code == grpc.StatusCode.UNAVAILABLE
    assert len(caught.value.status.details) == 1
