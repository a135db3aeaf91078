"""DecisionEvents: what the engine's agents decided, as they post it to the ruvector service.

CostOps has a DecisionEvent of another shape on a path that looks alike (WIRE_FORMATS §11.6).
"""

from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Shape, has
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.policy_engine.columns import (
    REFERENCE,
    content,
    policy,
    table,
)
from llm_analytics_hub.integrations.policy_engine.judgement import judged
from llm_analytics_hub.integrations.policy_engine.spelling import both, joined, word
from llm_analytics_hub.integrations.reading import Columns, Row, constant, duration, first_of

APPROVAL_ROUTED = "approval.routed"

_COMMON: Columns = joined(REFERENCE, {
    "content": content,
    "event_id": "event_id",
    "original_type": "decision_type",
    "occurred_at": "timestamp",
    "score": "confidence",
    "latency_ms": duration("outputs.evaluation_time_ms", "ms"),
})  # fmt: skip
_OPENED = ("outputs", "execution_ref", "metadata")

_read = table(
    joined(_COMMON, {"policy_id": policy(first_of("outputs.matched_policies"))}), opened=_OPENED
)
_routed = table(
    joined(_COMMON, {"event_type": constant(APPROVAL_ROUTED)}),
    opened=(*_OPENED, "routing_metadata"),
)


def is_ours(message: Message) -> bool:
    """Whether a DecisionEvent is the engine's: CostOps' has a version object and an execution id."""
    document = message.document
    reference = document.get("execution_ref")
    names = reference.keys() if isinstance(reference, dict) else ()
    is_foreign = "execution_id" in names and "request_id" not in names
    return not isinstance(document.get("agent_version"), dict) and not is_foreign


def decided(message: Message) -> Iterable[Row]:
    """The decision, and its violation."""
    return [event for row in _read(message) for event in judged(row)]


def is_routing(message: Message) -> bool:
    """Whether a decision is who has to approve, which is no evaluation of a policy."""
    outputs = message.document.get("outputs")
    names = outputs.keys() if isinstance(outputs, dict) else ()
    is_named = word(message.document.get("decision_type")) == "approval_routing_decision"
    return is_named or "required_approvers" in names


_IS_DECISION = both(has("event_id", "decision_type", "outputs"), is_ours)
DECISION = Shape("decision event", _IS_DECISION, decided)
APPROVAL = Shape("approval decision", both(_IS_DECISION, is_routing), _routed)
"""It has no status and is never a violation."""
