"""What the governance dashboard is fed: compliance, violations, audit trail, metrics.

What came from the dashboard itself is not told to it again, but for sums over everything.
"""

from collections.abc import Mapping
from typing import Any

from llm_analytics_hub.feedback.audit import TRAIL, action_of
from llm_analytics_hub.feedback.compliance import ComplianceReports
from llm_analytics_hub.feedback.questions import Questions, same
from llm_analytics_hub.feedback.violations import Violations, attributes_of, first_text, told_at
from llm_analytics_hub.integrations.governance_dashboard.outgoing import audit_log, metric_rows
from llm_analytics_hub.integrations.writing import time_range
from llm_analytics_hub.model.event import INFERENCE
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op, TimeRange
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService

Json = dict[str, object]

BATCH = 500
"""Audit logs and metrics of one batch (WIRE_FORMATS §8)."""

FROM_OTHERS = Condition("source", Op.NE, ("governance-dashboard",))
CALLS = Condition("event_type", Op.EQ, (INFERENCE,))
_AGGREGATES = (
    "requests", "errors", "error_rate", "input_tokens", "output_tokens", "cost_usd",
    "latency_ms_avg", "latency_ms_p95",
)  # fmt: skip


class DashboardFeeds:
    """Makes the feeds. Safe for many threads.

    All raise UnavailableError, and InvalidQueryError for a cursor that is none.
    """

    def __init__(
        self, queries: QueryService, lists: EventLists, reports: ComplianceReports
    ) -> None:
        self._queries = queries
        self._lists = lists
        self._reports = reports

    def compliance(self, tenant: str, span: TimeRange) -> Json:
        """The compliance report of `span`: the same as the policy engine's."""
        return self._reports.report(tenant, span)

    def violations(self, tenant: str, span: TimeRange, limit: int, cursor: str | None) -> Json:
        """At most `limit` violations in the documents' words, newest first."""
        return Violations(self._lists).page(tenant, span, limit, cursor, FROM_OTHERS)

    def audit(self, tenant: str, span: TimeRange, limit: int, cursor: str | None) -> Json:
        """At most `limit` bodies for `POST /audit/logs`, newest first."""
        found = self._page(tenant, span, limit, cursor, TRAIL)
        logs = [to_audit_log(event) for event in found["events"]]
        return {"logs": logs, "next_cursor": found["next_cursor"]}

    def metrics(self, tenant: str, span: TimeRange, limit: int, cursor: str | None) -> Json:
        """Sums of all calls by provider and model, and at most `limit` calls as metrics rows.

        Money in US dollars, times in ms, rates as ratios; what is unknown is null. `clipped` and
        `left_out` are of this page: see `MetricRows`.
        """
        found = self._page(tenant, span, limit, cursor, CALLS)
        made = metric_rows(found["events"])
        return {
            "timeRange": time_range(span.start, span.end),
            "aggregates": self._aggregates(tenant, span),
            "metrics": made.rows,
            "clipped": made.clipped,
            "left_out": made.left_out,
            "next_cursor": found["next_cursor"],
        }

    def _page(
        self, tenant: str, span: TimeRange, limit: int, cursor: str | None, of: Condition
    ) -> dict[str, Any]:
        wanted = EventFilter(tenant, All((of, FROM_OTHERS)), span, limit)
        return self._lists.page(wanted, cursor)

    def _aggregates(self, tenant: str, span: TimeRange) -> list[Json]:
        asked = Questions(self._queries, tenant, span)
        return asked.rows(_AGGREGATES, [same("event_type", INFERENCE)], by=("provider", "model"))


def to_audit_log(event: Mapping[str, Any]) -> Json:
    """The body of `POST /audit/logs` about an event; the dashboard stamps a time of its own."""
    resource_type, resource_id = _resource(event)
    details: Json = {
        "eventId": event["event_id"],
        "eventType": event["event_type"],
        "source": event["source"],
        "occurredAt": told_at(event),
        "userId": event.get("user_id"),
        "status": event.get("status"),
        "attributes": dict(attributes_of(event)),
    }
    return audit_log(action_of(event), resource_type, resource_id, details)


def _resource(event: Mapping[str, Any]) -> tuple[str, str]:
    """What was acted on: as it was said, else a policy or an asset, else the event itself."""
    attributes = attributes_of(event)
    named = first_text(attributes, ("resource_id", "resource"))
    if named:
        return first_text(attributes, ("resource_type",)) or "resource", named
    for kind in ("policy", "asset"):
        if event.get(f"{kind}_id"):
            return kind, event[f"{kind}_id"]
    return "event", event["event_id"]
