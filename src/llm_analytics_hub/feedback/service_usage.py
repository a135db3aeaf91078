"""How services of the marketplace are used and what they earn, as the query engine counts it.

Earned is what the marketplace said that a call cost its consumer. A price the hub looked up is what
a provider asks, and no revenue; an amount of 0 was paid before (WIRE_FORMATS §4).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from llm_analytics_hub.feedback.questions import Filter, Questions, Row, same
from llm_analytics_hub.model.event import INFERENCE

CALLS = [same("source", "marketplace"), same("event_type", INFERENCE)]
"""The calls of consumed services."""

US_DOLLARS = "USD"
_MEASURES = (
    "requests", "errors", "error_rate", "input_tokens", "output_tokens", "total_tokens",
    "latency_ms_avg", "latency_ms_p50", "latency_ms_p95", "latency_ms_p99", "users",
)  # fmt: skip


@dataclass(frozen=True)
class Revenue:
    """Amounts by currency, as sent, and how many calls they are of; a currency nobody paid in is absent."""

    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    calls: int = 0


@dataclass(frozen=True)
class ServiceUsage:
    """Calls of one service in a period; `numbers` by the query engine's names, None = unknown."""

    service_id: str | None
    numbers: Row
    revenue: Revenue
    consumers: int


_NONE: Row = dict.fromkeys(_MEASURES) | {"requests": 0, "errors": 0, "users": 0}


def usage_by_service(questions: Questions, where: Sequence[Filter] = ()) -> list[ServiceUsage]:
    """Every service that was called, that with most calls first. Raises: as `Questions.rows`."""
    asked = [*CALLS, *where]
    rows = questions.rows(_MEASURES, asked, by=["service"])
    revenues, consumers = _revenues(questions, asked), _consumers(questions, asked)
    return [
        ServiceUsage(
            row["service"],
            row,
            revenues.get(row["service"], Revenue()),
            consumers.get(row["service"], 0),
        )
        for row in rows
    ]


def usage_of(questions: Questions, service_id: str) -> ServiceUsage:
    """Usage of one service; no calls where it was not called, or is none."""
    found = usage_by_service(questions, [same("service", service_id)])
    return found[0] if found else ServiceUsage(service_id, _NONE, Revenue(), 0)


def _revenues(questions: Questions, asked: Sequence[Filter]) -> dict[str | None, Revenue]:
    rows = questions.rows(["cost_amount", "requests"], asked, by=["service", "cost_currency"])
    found: dict[str | None, Revenue] = {}
    for row in rows:
        if row["cost_amount"] is not None:
            before = found.get(row["service"], Revenue())
            amounts = {**before.amounts, row["cost_currency"]: row["cost_amount"]}
            found[row["service"]] = Revenue(amounts, before.calls + row["requests"])
    return found


def _consumers(questions: Questions, asked: Sequence[Filter]) -> dict[str | None, int]:
    """How many accounts called each service; calls of nobody in particular are none."""
    has_account = {"field": "account_id", "op": "exists"}
    rows = questions.rows(["requests"], [*asked, has_account], by=["service", "account_id"])
    counts: dict[str | None, int] = {}
    for row in rows:
        counts[row["service"]] = counts.get(row["service"], 0) + 1
    return counts
