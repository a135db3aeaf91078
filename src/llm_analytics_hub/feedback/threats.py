"""Threat feedback: what became of an alert, told to Sentinel.

Neither the documents nor Sentinel give it a shape (WIRE_FORMATS §6); this one is the hub's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.feedback.violations import attributes_of, told_at
from llm_analytics_hub.ingest.intake import Intake
from llm_analytics_hub.ingest.receipt import Receipt
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.model.query import Condition, Op
from llm_analytics_hub.normalize.identity import derived_id

REPORTED = "threat.feedback_reported"
HUB = "analytics-hub"
FEEDBACK = Condition("event_type", Op.EQ, (REPORTED,))
FROM_HUB = Condition("source", Op.EQ, (HUB,))
Text = Field(default=None, min_length=1, max_length=200)


class ThreatFeedback(BaseModel):
    """What somebody found out about an alert of Sentinel's."""

    model_config = ConfigDict(extra="forbid")
    alert_id: str = Field(min_length=1, max_length=200, description="the alert, by Sentinel's id")
    verdict: Literal["confirmed", "false_positive", "benign", "inconclusive"]
    severity: Literal["low", "medium", "high", "critical"] | None = Field(
        None, description="what it should have been"
    )
    confidence: float | None = Field(None, ge=0, le=1, description="of the verdict, 0 to 1")
    threat_type: str | None = Text
    comment: str | None = Field(None, max_length=4096)
    reported_by: str | None = Text
    timestamp: datetime | None = Field(None, description="when it was found out; else now")


def feedback_id(feedback: ThreatFeedback) -> str:
    """The id of what was told: the same told again has the same."""
    return derived_id(feedback.model_dump(mode="json"))


def feedback_event(feedback: ThreatFeedback, now: datetime) -> dict[str, object]:
    """The event of a feedback, an entry of the audit trail; the alert is what it correlates with."""
    attributes = {
        "verdict": feedback.verdict,
        "threat_type": feedback.threat_type,
        "comment": feedback.comment,
    }
    return {
        "source": HUB,
        "stream": "governance",
        "event_id": feedback_id(feedback),
        "event_type": REPORTED,
        "occurred_at": (feedback.timestamp or now).isoformat(),
        "correlation_id": feedback.alert_id,
        "severity": feedback.severity,
        "score": feedback.confidence,
        "user_id": feedback.reported_by,
        "attributes": {name: value for name, value in attributes.items() if value is not None},
    }


def to_feedback(event: Mapping[str, Any]) -> dict[str, object]:
    """A feedback as it was told, and its id, of an event as the hub's API gives it."""
    attributes = attributes_of(event)
    said = {
        "feedback_id": event["event_id"],
        "alert_id": event.get("correlation_id"),
        "verdict": attributes.get("verdict"),
        "severity": event.get("severity"),
        "confidence": event.get("score"),
        "threat_type": attributes.get("threat_type"),
        "comment": attributes.get("comment"),
        "reported_by": event.get("user_id"),
        "timestamp": told_at(event),
    }
    return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True)
class Told:
    """A feedback that is stored, now or before."""

    feedback_id: str
    receipt: Receipt


class ThreatFeedbackDesk:
    """Takes feedback into the store. Safe for many threads."""

    def __init__(self, intake: Intake, clock: Clock) -> None:
        self._intake = intake
        self._clock = clock

    def take(self, tenant: str, feedback: ThreatFeedback) -> Told:
        """What became of a feedback, once it is stored; the same told again is a duplicate.

        Raises: InvalidInputError as the event is refused; SaturatedError; UnavailableError.
        """
        event = feedback_event(feedback, self._clock.now())
        submission = Submission(tenant, "threat-feedback", Decoded([event]), source=HUB)
        receipt = self._intake.submit(submission).result()
        for refused in receipt.rejected:
            raise InvalidInputError(refused.message, code=refused.code)
        return Told(feedback_id(feedback), receipt)
