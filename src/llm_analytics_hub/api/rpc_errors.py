"""Errors as gRPC statuses: the same codes as OTLP over HTTP, and when to send again."""

from typing import Any, NoReturn

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from llm_analytics_hub.api.errors import DEFECT, retry_after_seconds, status_of
from llm_analytics_hub.errors import HubError
from llm_analytics_hub.ingest.codecs.otlp_answer import rpc_status

DETAILS = "grpc-status-details-bin"
"""Where gRPC carries a google.rpc.Status with its details."""

_CODES = {code.value[0]: code for code in grpc.StatusCode}


async def abort_on_hub_error(context: Any, error: HubError) -> NoReturn:
    """End the call with the status of `error`; with a RetryInfo if it passes.

    Without one, an OTLP sender drops what it sent on RESOURCE_EXHAUSTED.
    Source: OTLP specification, "OTLP/gRPC Throttling".
    """
    status = _status(status_of(error)[0], f"{error.code}: {error.message}")
    seconds = retry_after_seconds(error)
    if seconds is not None:
        status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=seconds)))
    await _abort(context, status)


async def abort_on_defect(context: Any) -> NoReturn:
    """End the call with INTERNAL: no internals, the rest is in the log."""
    await _abort(context, _status(500, DEFECT))


def _status(http_status: int, message: str) -> Status:
    body, _ = rpc_status(http_status, message, is_json=False)
    return Status.FromString(body)


async def _abort(context: Any, status: Status) -> NoReturn:
    trailer = ((DETAILS, status.SerializeToString()),)
    await context.abort(_CODES[status.code], status.message, trailer)
    raise AssertionError  # abort has raised
