"""Types of what the hub tells the modules: compliance, violations, usage, metrics."""

from decimal import Decimal

import strawberry

from llm_analytics_hub.api.graphql.paging import PageInfo
from llm_analytics_hub.api.graphql.scalars import Json, Long, Moment


@strawberry.type
class TimeSpan:
    """From `start`, included, to `end`, excluded."""

    start: Moment
    end: Moment


@strawberry.type
class ComplianceMetrics:
    """Evaluations of a period; null is unknown."""

    total_evaluations: Long | None
    compliant_requests: Long | None
    violations: Long
    compliance_rate: float | None = strawberry.field(description="a ratio, 0 to 1")
    violations_by_type: Json
    violations_by_severity: Json


@strawberry.type
class ComplianceTrends:
    """Against the period of equal length before."""

    compliance_rate_change: float | None = strawberry.field(description="difference of ratios")
    violation_rate_change: float | None = strawberry.field(description="ratio - 1")


@strawberry.type(description="The compliance report of a period.")
class ComplianceStatus:
    """The report of `/api/v1/integrations/policy-engine/compliance/report`."""

    report_id: strawberry.ID
    timestamp: Moment
    time_range: TimeSpan
    metrics: ComplianceMetrics
    trends: ComplianceTrends


@strawberry.type
class Violation:
    """A policy violation; unknown is null."""

    violation_id: strawberry.ID
    timestamp: Moment
    policy_id: str | None
    asset_id: str | None
    severity: str
    description: str | None
    decision_id: str | None
    source: str


@strawberry.type(description="Violations, newest first.")
class ViolationPage:
    """A page of violations."""

    nodes: list[Violation]
    page_info: PageInfo


@strawberry.type(description="A plugin of the hub.")
class Extension:
    """An extension that is installed."""

    extension_id: strawberry.ID
    name: str
    version: str
    status: str


@strawberry.type
class ServiceUsage:
    """Usage and revenue of a service of the marketplace."""

    service_id: str | None
    requests: Long
    errors: Long
    error_rate: float | None
    input_tokens: Long | None
    output_tokens: Long | None
    total_tokens: Long | None
    latency_ms_p95: float | None
    consumers: Long | None
    revenue_usd: Decimal | None
    revenue_by_other_currency: Json
    requests_of_unknown_revenue: Long


@strawberry.type(description="Usage and revenue by service, of a time.")
class ExtensionUsage:
    """The answer of `/api/v1/integrations/marketplace/analytics`."""

    from_: Moment = strawberry.field(name="from", resolver=lambda root: root["from"])
    to: Moment
    services: list[ServiceUsage]


@strawberry.type
class MetricPoint:
    """A number as it came."""

    time: Moment
    value: float | None
    unit: str | None
    kind: str | None
    count: Long | None
    min: float | None
    max: float | None
    service: str | None
    environment: str | None
    labels: Json


@strawberry.type(description="Model calls that the Observatory told of, or one of its metrics.")
class Metrics:
    """The answers of `/api/v1/integrations/observatory/metrics` and `/historical`."""

    metric: str | None
    from_: Moment = strawberry.field(name="from", resolver=lambda root: root["from"])
    to: Moment
    granularity: str | None
    units: Json | None
    rows: Json | None = strawberry.field(description="objects: `time`, dimensions and measures")
    points: list[MetricPoint] | None
