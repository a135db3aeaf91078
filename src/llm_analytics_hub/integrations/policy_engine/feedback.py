"""Feedback on policies, as it is posted to the hub: kept as an event of the hub's own.

The documents name the endpoint and give no body (WIRE_FORMATS §10), so every object is taken, bare
or in the documents' envelope.
"""

from collections.abc import Iterable

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.integration import Integration, Shape, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.policy_engine.columns import policy
from llm_analytics_hub.integrations.policy_engine.spelling import respelled
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read

GIVEN = "policy.feedback"

COLUMNS: Columns = {
    "event_type": constant(GIVEN),
    "stream": constant("governance"),
    "original_type": ("feedback_type", "event_type", "type"),
    "event_id": ("feedback_id", "event_id", "id"),
    "occurred_at": ("timestamp", "occurred_at", "created_at"),
    "policy_id": policy("policy_id"),
    "asset_id": "asset_id",
    "user_id": ("user_id", "submitted_by"),
    "severity": "severity",
    "correlation_id": ("correlation_id", "request_id"),
}


def given(message: Message) -> Iterable[Row]:
    """The feedback; what has no field of its own is an attribute.

    Raises: InvalidInputError, code `missing_field`, where it says nothing.
    """
    reading = Reading(message.document)
    reading.open("data", "feedback")
    if not reading.rest:
        raise InvalidInputError("the feedback is empty", code="missing_field")
    row = read(reading, COLUMNS)
    return [with_rest(row, reading.rest)]


FEEDBACK = Integration(
    name="analytics-hub",
    shapes=(Shape("feedback on a policy", lambda _: True, given),),
    spelling=respelled,
)
