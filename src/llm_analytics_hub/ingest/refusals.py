"""Dead letters of what was refused of a submission."""

from datetime import datetime

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest.dead_letters import Letter, without_content
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Refused, Submission
from llm_analytics_hub.normalize.identity import derived_id
from llm_analytics_hub.normalize.normalizer import RawEvent
from llm_analytics_hub.normalize.texts import to_source


def letter_of_item(
    submission: Submission, received_at: datetime, refused: Refused, *, with_contents: bool
) -> Letter:
    """The letter of what a codec could not read; it came when the codec says, else `received_at`."""
    payload = refused.payload if with_contents else refused.plain
    came = refused.received_at or received_at
    return _letter(submission, came, refused.rejection, payload, subject=refused.subject)


def letter_of_event(
    submission: Submission,
    received_at: datetime,
    rejection: Rejection,
    row: RawEvent,
    *,
    with_contents: bool,
) -> Letter:
    """The letter of an event that could not be normalised."""
    payload = row if with_contents else _still_itself(row)
    return _letter(submission, received_at, rejection, payload, named=row.get("source"))


def _letter(
    submission: Submission,
    received_at: datetime,
    rejection: Rejection,
    payload: str | RawEvent,
    *,
    named: object = None,
    subject: str = "",
) -> Letter:
    return Letter(
        tenant=submission.tenant,
        received_at=received_at,
        source=submission.source or _source(named),
        door=submission.door,
        index=rejection.index,
        code=rejection.code,
        message=rejection.message,
        payload=payload,
        subject=subject,
    )


def _source(named: object) -> str:
    """The source an event names, by its usual name; none where that is no name."""
    try:
        return to_source(named) if isinstance(named, str) else ""
    except InvalidInputError:
        return ""


def _still_itself(row: RawEvent) -> RawEvent:
    """A row without contents, under the id it has with them: sent again, it is the same event."""
    bare = without_content(row)
    if len(bare) == len(row) or row.get("event_id"):
        return bare
    try:
        return {**bare, "event_id": derived_id(row)}
    except InvalidInputError:
        return bare
