"""LLM-Policy-Engine: what it decided, and what it tells other services (WIRE_FORMATS §3)."""

from datetime import timedelta

from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.policy_engine.audit import (
    AUDIT_ENTRY,
    POLICY,
    POLICY_AUDIT,
    POLICY_REPLY,
)
from llm_analytics_hub.integrations.policy_engine.costs import (
    BUDGET,
    BUDGET_REQUEST,
    SUMMARY,
    TRACKED_COST,
)
from llm_analytics_hub.integrations.policy_engine.decisions import APPROVAL, DECISION
from llm_analytics_hub.integrations.policy_engine.evaluations import (
    HISTORY_REPLY,
    HISTORY_ROW,
    REPLY,
    STATISTICS,
    TELEMETRY,
)
from llm_analytics_hub.integrations.policy_engine.executions import AGENT_REPLY
from llm_analytics_hub.integrations.policy_engine.notices import NOTICE, SECURITY_EVENT, VIOLATION
from llm_analytics_hub.integrations.policy_engine.signals import SIGNALS
from llm_analytics_hub.integrations.policy_engine.spelling import respelled
from llm_analytics_hub.integrations.wires import Paging, Pull, Wires


def is_error(message: Message) -> bool:
    """Whether a message is how the engine's REST API says that a request failed."""
    document = message.document
    return document.keys() >= {"error", "message"} or document.get("success") is False


WIRES = Wires(
    pulls={
        "evaluations": Pull(
            # Newest first; `count` is the rows of the page.
            "/api/evaluate/history",
            Paging.OFFSET,
            limit=500,
            since="startDate",
            newest="createdAt",
            every=timedelta(minutes=1),
        ),
        "audit": Pull("/api/policies/{policy}/audit", params={"limit": "100"}),
    },
)

POLICY_ENGINE = Integration(
    name="policy-engine",
    shapes=(
        APPROVAL, DECISION, AGENT_REPLY, TELEMETRY, REPLY, HISTORY_ROW, HISTORY_REPLY, STATISTICS,
        *SIGNALS, POLICY_AUDIT, AUDIT_ENTRY, SECURITY_EVENT, VIOLATION, NOTICE,
        TRACKED_COST, BUDGET_REQUEST, BUDGET, SUMMARY, POLICY, POLICY_REPLY,
    ),
    pages=(
        "events", "evaluations", "results", "auditEntries", "audit_entries", "signals", "entries",
        "policies",
    ),
    sinks=(
        "/api/v1/decision-events", "/api/v1/decision-events/batch",
        "/api/v1/events/policy-evaluation", "/api/v1/governance-signals", "/api/v1/incidents",
        "/api/v1/audit/log", "/api/v1/track",
    ),
    is_error=is_error,
    spelling=respelled,
    wires=WIRES,
)  # fmt: skip
