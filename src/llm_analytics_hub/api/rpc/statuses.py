"""Errors of the hub as gRPC statuses with details: what to mend, and when to come again.

`rpc_errors` does the same for OTLP, whose senders know two codes only.
Source: google.rpc.Code; AIP-193 for the details.
"""

import re
from typing import Any, NoReturn

from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from llm_analytics_hub.api.errors import retry_after_seconds, status_of
from llm_analytics_hub.api.rpc_errors import DETAILS
from llm_analytics_hub.errors import HubError, InvalidInputError

DOMAIN = "llm-analytics-hub"

MESSAGE_BYTES, DESCRIPTION_BYTES = 600, 1500
"""Both go into headers, the message in two forms, and clients allow 8 kB of them."""

_CODES = {
    401: StatusCode.UNAUTHENTICATED,
    403: StatusCode.PERMISSION_DENIED,
    404: StatusCode.NOT_FOUND,
    409: StatusCode.FAILED_PRECONDITION,
    429: StatusCode.RESOURCE_EXHAUSTED,
    501: StatusCode.UNIMPLEMENTED,
    503: StatusCode.UNAVAILABLE,
    504: StatusCode.DEADLINE_EXCEEDED,
}

_ABOUT = (
    (r"no measure|cost_amount is", "measures"),
    (r"no dimension", "dimensions"),
    (r"no granularity", "granularity"),
    (r"no time zone", "time_zone"),
    (r"no operator|a filter |a condition |a value is", "filters"),
    (r"[^ ]+ is a number: |[^ ]+ is compared with |[^ ]+: .* (takes|is) a ", "filters"),
    (r"fill_gaps ", "fill_gaps"),
    (r"the cursor ", "cursor"),
    (r".* is no span;|.* is no time:", "time_range"),
    (r"X-Tenant ", "x-tenant"),
)
"""What a message begins with, and the member of the request it is about."""

_PLACE = re.compile(r"([a-z_]{1,40}(?:\.[a-z_0-9]{1,40}){0,9})(?=: | '| (?:has|of|needs|ends|is) )")


async def abort(context: Any, error: HubError) -> NoReturn:
    """End the call with the status of `error`."""
    code, status = _code(error), status_with_details(error)
    await context.abort(code, status.message, ((DETAILS, status.SerializeToString()),))
    raise AssertionError  # abort has raised


def status_with_details(error: HubError) -> Status:
    """The status of `error`, with ErrorInfo, and with BadRequest or RetryInfo where they apply."""
    message = f"{error.code}: {error.message}"
    status = Status(code=_code(error).value[0], message=_cut(message, MESSAGE_BYTES))
    info = ErrorInfo(reason=error.code.upper(), domain=DOMAIN, metadata={"code": error.code})
    status.details.add().Pack(info)
    if isinstance(error, InvalidInputError):
        told = _cut(message, DESCRIPTION_BYTES)
        fault = BadRequest.FieldViolation(field=field_of(error), description=told)
        status.details.add().Pack(BadRequest(field_violations=[fault]))
    seconds = retry_after_seconds(error)
    if seconds is not None:
        status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=seconds)))
    return status


def field_of(error: HubError) -> str:
    """The member of a request that is wrong; empty where the error is about no member."""
    told = getattr(error, "field", None)
    if isinstance(told, str):
        return told
    for beginning, field in _ABOUT:
        if re.match(beginning, error.message):
            return field
    place = _PLACE.match(error.message)
    return place[1] if place else ""


def _cut(text: str, size: int) -> str:
    return text.encode(errors="replace")[:size].decode(errors="ignore")


def _code(error: HubError) -> StatusCode:
    status = status_of(error)[0]
    usual = StatusCode.INVALID_ARGUMENT if status < 500 else StatusCode.INTERNAL
    return _CODES.get(status, usual)
