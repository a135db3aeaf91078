"""LLM-Governance-Dashboard: audit trail, policies, budgets and metered calls (WIRE_FORMATS §8)."""

from collections.abc import Iterable
from datetime import timedelta

from llm_analytics_hub.integrations.governance_dashboard.alerts import ALERT, BUDGET_ALERT
from llm_analytics_hub.integrations.governance_dashboard.audit import (
    AUDIT_CHECK,
    AUDIT_LOG,
    COMPLIANCE_REPORT,
)
from llm_analytics_hub.integrations.governance_dashboard.budgets import BUDGET, QUOTA
from llm_analytics_hub.integrations.governance_dashboard.calls import MODEL_CALL, USAGE_SUMMARY
from llm_analytics_hub.integrations.governance_dashboard.costs import (
    COST_ENTRY,
    COST_ESTIMATE,
    COST_FORECAST,
    COST_SUMMARY,
)
from llm_analytics_hub.integrations.governance_dashboard.export import audit_export
from llm_analytics_hub.integrations.governance_dashboard.policies import (
    EVALUATION,
    POLICY,
    VIOLATION,
)
from llm_analytics_hub.integrations.governance_dashboard.signature import HEADER, verify_signature
from llm_analytics_hub.integrations.governance_dashboard.webhooks import WEBHOOK
from llm_analytics_hub.integrations.integration import Integration, Shape
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Row
from llm_analytics_hub.integrations.wires import Paging, Pull, Signature, Wires

SHAPES = (
    WEBHOOK,
    COMPLIANCE_REPORT,
    AUDIT_LOG,
    AUDIT_CHECK,
    EVALUATION,
    VIOLATION,
    POLICY,
    ALERT,
    BUDGET_ALERT,
    BUDGET,
    QUOTA,
    COST_ESTIMATE,
    COST_FORECAST,
    COST_SUMMARY,
    COST_ENTRY,
    USAGE_SUMMARY,
    MODEL_CALL,
)
"""A shape that others resemble comes before them: an estimate of a cost looks like a call."""

_ERROR = frozenset({"error", "message"})
_ERROR_MAY_HAVE = _ERROR | {"success", "data", "code", "details", "timestamp", "request_id"}


def _is_error(message: Message) -> bool:
    """Its servers say `error` and `message`, its TypeScript types `detail` and `status_code`."""
    names = message.document.keys()
    if message.document.get("success") is False or names >= {"detail", "status_code"}:
        return True
    return _ERROR <= names <= _ERROR_MAY_HAVE


def _inside(message: Message) -> Message | None:
    """What a reply is about: `{"success": true, "data": {…}, "message": null}`."""
    data = message.document.get("data")
    if "success" not in message.document or not isinstance(data, dict):
        return None
    return Message(data, message.received_at, message.subject)


def _shape_of(message: Message | None) -> Shape | None:
    return None if message is None else next((s for s in SHAPES if s.matches(message)), None)


def _events_inside(message: Message) -> Iterable[Row]:
    inside = _inside(message)
    shape = _shape_of(inside)
    return shape.events(inside) if inside and shape else ()


REPLY = Shape(
    "reply of one thing", lambda message: _shape_of(_inside(message)) is not None, _events_inside
)

WIRES = Wires(
    signature=Signature(HEADER, verify_signature),
    pulls={
        "budgets": Pull("/api/v1/costs/budgets"),
        "audit": Pull("/api/v1/audit/logs", Paging.OFFSET, limit=500, newest="timestamp"),
        "violations": Pull(
            "/api/v1/policies/{policy}/violations",
            Paging.OFFSET,
            newest="created_at",
            every=timedelta(minutes=1),
        ),
    },
)

GOVERNANCE_DASHBOARD = Integration(
    name="governance-dashboard",
    shapes=(REPLY, *SHAPES),
    pages=("data.logs", "data.metrics", "data.policies", "data", "items", "metrics", "logs"),
    csv=audit_export,
    is_error=_is_error,
    wires=WIRES,
)
