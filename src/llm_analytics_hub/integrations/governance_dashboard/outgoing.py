"""What the hub tells the dashboard: rows for its metrics service, and audit logs.

Rows have no time: the server takes the moment of their arrival, so send what is fresh. A batch is
one transaction: one row that its types refuse loses all of them, so none is sent that would be.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.normalize.number import read_number

Json = dict[str, object]

INT32_MAX = 2**31 - 1
SENDER = {"source": "llm-analytics-hub"}
WHOLE = {"tokens_in": "input_tokens", "tokens_out": "output_tokens", "latency_ms": "latency_ms"}
"""Members of 32 bits, and the canonical fields they are."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass
class MetricRows:
    """Rows for `POST /metrics/ingest`, or all of them as the array for `/metrics/ingest/batch`.

    `clipped` counts values over 32 bits, sent as 2147483647; `left_out` calls that lack what the
    dashboard requires: a zero there would be read as measured.
    """

    rows: list[Json] = field(default_factory=list)
    clipped: int = 0
    left_out: int = 0


def metric_rows(calls: Iterable[Mapping[str, object]]) -> MetricRows:
    """Rows of model calls, which are canonical events as the hub's API gives them.

    A call that failed without tokens or cost had none: 0. Costs are US dollars.
    """
    made = MetricRows()
    for call in calls:
        row = _row(call)
        if any(row[name] is None for name in _REQUIRED):
            made.left_out += 1
            continue
        for name in WHOLE:
            row[name] = _fitted(row[name], made)
        made.rows.append({name: value for name, value in row.items() if value is not None})
    return made


def audit_log(action: str, resource_type: str, resource_id: str, details: Json) -> Json:
    """The body of `POST /audit/logs`; who acts is header `X-User-Id`, when is the server's clock.

    Raises: InvalidInputError, code `missing_field`, for an empty text.
    """
    named = {"action": action, "resource_type": resource_type, "resource_id": resource_id}
    missing = [name for name, text in named.items() if not text]
    if missing:
        raise InvalidInputError(f"{missing[0]} is empty", code="missing_field")
    return {**named, "details": details}


def report_published(report_id: str, rate: float | None, violations: int) -> Json:
    """The audit log that a compliance report was sent; `rate` is a ratio, null where unknown."""
    details: Json = {"complianceRate": rate, "violations": violations}
    return audit_log("compliance_report_published", "analytics_report", report_id, details)


_REQUIRED = ("provider", "model", *WHOLE, "cost")


def _row(call: Mapping[str, object]) -> Json:
    """The members in the dashboard's order, with what is unknown as None."""
    attributes = call.get("attributes")
    more = attributes if isinstance(attributes, dict) else {}
    status = _status(call)
    unknown = None if status == "success" else 0
    return {
        "provider": call.get("provider"),
        "model": call.get("model"),
        "team_id": _uuid(more.get("team_id")),
        "tokens_in": _number(call.get("input_tokens"), unknown),
        "tokens_out": _number(call.get("output_tokens"), unknown),
        "latency_ms": _number(call.get("latency_ms")),
        "cost": _number(call.get("cost_usd"), unknown),
        "metadata": dict(SENDER),
        "request_id": call.get("correlation_id"),
        "endpoint": more.get("endpoint"),
        "status": status,
    }


def _status(call: Mapping[str, object]) -> str:
    """success, timeout, rate_limited or error; what did not fail is a success."""
    if call.get("status") not in {"error", "denied"}:
        return "success"
    reason = str(call.get("error_type", "")).lower().replace("-", "_")
    if "timeout" in reason or "timed_out" in reason:
        return "timeout"
    return "rate_limited" if re.search("rate_?limit|429", reason) else "error"


def _number(value: object, unknown: float | None = None) -> float | None:
    number = read_number(value)
    return unknown if number is None or not number.is_finite() else float(number)


def _fitted(value: object, made: MetricRows) -> int:
    whole = round(value) if isinstance(value, int | float) else 0
    made.clipped += whole > INT32_MAX
    return min(whole, INT32_MAX)


def _uuid(value: object) -> str | None:
    """Anything else is refused by the dashboard's type, and the batch with it."""
    return value if isinstance(value, str) and _UUID.fullmatch(value) else None
