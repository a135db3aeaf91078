"""Types of what CostOps is told: usual usage, curves, reports, and how budgets stand."""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry
from strawberry.types import Info

from llm_analytics_hub.api.graphql.fields import told_as
from llm_analytics_hub.api.graphql.reports import TimeSpan
from llm_analytics_hub.api.graphql.scalars import Json, Long, Moment
from llm_analytics_hub.api.graphql.services import Asker
from llm_analytics_hub.feedback.costs import Wanted


@strawberry.enum
class CurveMetric(Enum):
    """What a curve is of; its values are in tokens, US dollars, or milliseconds."""

    TOKEN_USAGE = "token_usage"  # noqa: S105  no password
    COST = "cost"
    LATENCY = "latency"


@strawberry.type
class UsageBaseline:
    """Usual usage by period; money is US dollars."""

    baseline_id: strawberry.ID
    start_time: Moment
    end_time: Moment
    granularity: str
    organization_id: str | None
    provider: str | None
    model: str | None
    mean_tokens_per_period: float
    std_dev_tokens: float
    mean_cost_per_period: float
    std_dev_cost: float
    p50_tokens: Long
    p90_tokens: Long
    p99_tokens: Long
    p50_cost: float
    p90_cost: float
    p99_cost: float
    trend_direction: str
    seasonality_detected: bool
    seasonality_period: str | None
    computed_at: Moment


@strawberry.type
class CurvePoint:
    """A period of a curve."""

    timestamp: Moment
    value: float
    count: Long


@strawberry.type
class HistoricalCurve:
    """Usage over time."""

    curve_id: strawberry.ID
    metric_type: str
    data_points: list[CurvePoint]
    organization_id: str | None
    provider: str | None
    model: str | None
    window_seconds: Long


@strawberry.type
class UsageReport:
    """Usage of a period by model."""

    report_id: strawberry.ID
    timestamp: Moment
    time_range: TimeSpan
    usage: Json


@strawberry.type(description="Usage and costs as CostOps is told them.")
class CostData:
    """The answers of `/api/v1/integrations/costops`; each field asks the store."""

    wanted: strawberry.Private[Wanted]

    @told_as(UsageBaseline | None, "usual usage by period")
    def baseline(self, info: Info[Asker, None]) -> Any:
        """The baseline."""
        return _asked(info).services.costs.baseline(info.context.tenant, self.wanted)

    @told_as(HistoricalCurve | None, "usage over time")
    def curve(self, info: Info[Asker, None], metric: CurveMetric) -> Any:
        """The curve."""
        costs = _asked(info).services.costs
        return costs.curve(info.context.tenant, metric.value, self.wanted)

    @told_as(Json | None, "accounts alike in usage")
    def clusters(self, info: Info[Asker, None]) -> Any:
        """The clusters."""
        return _asked(info).services.costs.clusters(info.context.tenant, self.wanted)

    @told_as(
        UsageReport | None,
        "usage by model, of `from` to `to`, else of the last whole period",
    )
    def report(self, info: Info[Asker, None]) -> Any:
        """The report."""
        costs, wanted = _asked(info).services.costs, self.wanted
        period = wanted.period or costs.last_whole(wanted.granularity)
        return costs.report(info.context.tenant, period, wanted.counted)


def _asked(info: Info[Asker, None]) -> Asker:
    info.context.check()
    return info.context


@strawberry.type
class Budget:
    """How a budget stands, by the latest that was said of it; unknown is null, never 0."""

    budget_id: strawberry.ID | None
    name: str | None
    organization_id: str | None
    state: str
    severity: str | None
    utilization_ratio: float | None
    limit_amount: Decimal | None
    spent_amount: Decimal | None
    remaining_amount: Decimal | None
    currency: str | None
    period: str | None
    as_of: Moment
    source: str
    event_id: strawberry.ID


@strawberry.type(description="Budgets, the latest told of first.")
class BudgetList:
    """The answer of `/api/v1/integrations/costops/budgets`."""

    nodes: list[Budget]
    is_complete: bool = strawberry.field(description="false where there was more to read")


def budget_list(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Budgets in the types of the schema: a sender may have put anything into its attributes."""
    return {"nodes": [_budget(one) for one in told["budgets"]], "is_complete": told["is_complete"]}


def _budget(told: Mapping[str, Any]) -> Mapping[str, Any]:
    texts = {name: _text(told[name]) for name in ("budget_id", "name", "currency", "period")}
    amounts = ("limit_amount", "spent_amount", "remaining_amount")
    return {**told, **texts, **{name: _number(told[name]) for name in amounts}}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> object:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return value if is_number else None
