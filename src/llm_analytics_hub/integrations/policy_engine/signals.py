"""Governance signals: advice on cost, budgets, violations and approvals; none is a decision."""

from llm_analytics_hub.integrations.integration import Shape, has
from llm_analytics_hub.integrations.policy_engine.columns import (
    REFERENCE,
    content,
    policy,
    table,
    unit_of,
)
from llm_analytics_hub.integrations.policy_engine.judgement import DETECTED
from llm_analytics_hub.integrations.policy_engine.spelling import both, called, joined, word
from llm_analytics_hub.integrations.reading import Columns, Reading, constant, duration

_COMMON: Columns = joined(REFERENCE, {
    "content": content,
    "event_type": constant("governance.signaled"),
    "original_type": "signal_type",
    "event_id": "signal_id",
    "occurred_at": "timestamp",
    "severity": "severity",
    "latency_ms": duration("performance.latency_ms", "ms"),
    "user_id": "payload.scope.user_id",
    "provider": "payload.scope.provider",
    "model": "payload.scope.model",
})  # fmt: skip

_LEVELS = ("warning", "critical", "exceeded")


def _threshold(reading: Reading) -> object:
    level = word(reading.see("payload.threshold_level"))
    return f"budget.threshold.{level if level in _LEVELS else 'reached'}"


_KINDS: dict[str, Columns] = {
    "cost_risk_signal": {
        "event_type": constant("cost.risk_detected"),
        "cost_amount": "payload.estimated_cost",
        "cost_currency": "payload.currency",
        "score": "payload.anomaly_score",
    },
    "budget_threshold_signal": {
        "event_type": _threshold,
        "unit": unit_of("payload.percentage_used", "%"),
        "value": "payload.percentage_used",
    },
    "policy_violation_signal": {
        "event_type": constant(DETECTED),
        "policy_id": policy("payload.policy_id"),
    },
    "approval_required_signal": {"event_type": constant("approval.required")},
}
_OPENED = ("payload", "scope", "execution_ref", "performance", "approval_context")
_IS_SIGNAL = has("signal_id", "signal_type", "payload")


def _kind(name: str, columns: Columns) -> Shape:
    is_kind = both(_IS_SIGNAL, called("signal_type", name))
    return Shape(name, is_kind, table(joined(_COMMON, columns), opened=_OPENED))


SIGNALS = (
    *(_kind(name, columns) for name, columns in _KINDS.items()),
    Shape("signal of a new kind", _IS_SIGNAL, table(_COMMON, opened=_OPENED)),
)
