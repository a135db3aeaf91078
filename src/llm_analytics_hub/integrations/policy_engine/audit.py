"""Who did what: the audit log sent to the dashboard, the audit trail of policies, the policies."""

from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Shape, has
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.policy_engine.columns import policy, table
from llm_analytics_hub.integrations.policy_engine.spelling import both, inside, one_of, word
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant

_CHANGES = {
    "create": "policy.created",
    "edit": "policy.updated",
    "version_update": "policy.updated",
    "enable": "policy.enabled",
    "disable": "policy.disabled",
    "delete": "policy.deleted",
}


def _change(reading: Reading) -> object:
    return _CHANGES.get(word(reading.see("action")), "policy.changed")


_TRAIL: Columns = {
    "event_type": _change,
    "stream": constant("governance"),
    "original_type": "action",
    "event_id": "id",
    "occurred_at": "timestamp",
    "policy_id": "policy_id",
    "user_id": "actor_identity",
    "correlation_id": "correlation_id",
}
_ENTRY: Columns = {
    "event_type": constant("audit.logged"),
    "stream": constant("governance"),
    "original_type": "event_type",
    "event_id": "id",
    "occurred_at": "timestamp",
    "user_id": "user_id",
    "operation": "action",
    "status": ("outcome", "result"),
    "policy_id": policy((
        "policy_id", "details.policy_id", "details.policyId", "metadata.policy_id",
        "metadata.policyId",
    )),
}  # fmt: skip

_described = table(
    {
        "event_type": constant("policy.described"),
        "occurred_at": ("metadata.updatedAt", "metadata.updated_at"),
        "policy_id": "metadata.id",
        "user_id": ("metadata.createdBy", "metadata.created_by"),
    },
    opened=("metadata",),
)


def described(message: Message) -> Iterable[Row]:
    """One event for each state of a policy: asking again brings nothing new."""
    return [_stated(row) for row in _described(message)]


def _stated(row: Row) -> Row:
    if row.get("occurred_at") is None:
        return row
    return {**row, "event_id": f"{row.get('policy_id')}@{row['occurred_at']}"}


POLICY_AUDIT = Shape(
    "audit row of a policy",
    both(has("policy_id", "action"), one_of("actor_identity", "after_hash")),
    table(_TRAIL, opened=("metadata",)),
)
AUDIT_ENTRY = Shape(
    "audit log",
    both(has("event_type", "action"), one_of("outcome", "result", "resource")),
    table(_ENTRY, opened=("details", "metadata")),
)
POLICY = Shape("policy", has("metadata", "rules"), described)
POLICY_REPLY = inside("policy, asked for alone", "policy", POLICY)
