"""Dead letters: refused events kept with the reason, to be looked at, replayed or purged."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from llm_analytics_hub.model.event import DEAD_LETTER_SCHEMA
from llm_analytics_hub.normalize.column import excerpt

RETENTION = timedelta(days=30)
MAX_PAYLOAD = 64 * 1024
"""Most characters of a refused event that are kept."""


@dataclass(frozen=True)
class Letter:
    """One refused event.

    `payload` is its text, or the event itself where that is still to be written as JSON;
    `subject` what a module's message came under.
    """

    tenant: str
    received_at: datetime
    source: str
    door: str
    index: int
    code: str
    message: str
    payload: str | Mapping[str, object]
    subject: str = ""


def letter_batch(
    letters: Sequence[Letter], payload_characters: int = MAX_PAYLOAD
) -> pa.RecordBatch:
    """Letters as rows of DEAD_LETTER_SCHEMA, their payloads cut at so many characters."""
    rows = [_row(letter, payload_characters) for letter in letters]
    return pa.RecordBatch.from_pylist(rows, schema=DEAD_LETTER_SCHEMA)


def payload_of(raw: object) -> str:
    """A raw event as JSON text, cut at MAX_PAYLOAD characters; never an error.

    What JSON proper has no words for, NaN and half a surrogate pair, stays what it was: a letter
    offered again must not pass because its fault was lost in writing it down.
    """
    try:
        text = json.dumps(raw, ensure_ascii=False, default=str)
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(raw, default=str)
    except (RecursionError, TypeError, ValueError):
        text = excerpt(raw)
    return text[:MAX_PAYLOAD]


def without_content(row: Mapping[str, object]) -> dict[str, object]:
    """A raw event without its prompts and completions, for a tenant that does not keep them."""
    return {name: value for name, value in row.items() if name != "content"}


def _row(letter: Letter, payload_characters: int) -> dict[str, object]:
    payload = letter.payload if isinstance(letter.payload, str) else payload_of(letter.payload)
    return {
        "tenant": letter.tenant,
        # Not of what the letter says: the same may be refused twice at the same moment.
        "letter_id": uuid.uuid4().hex,
        "received_at": letter.received_at,
        "source": letter.source,
        "door": letter.door,
        "code": letter.code,
        "message": letter.message,
        "payload": payload[:payload_characters].encode(errors="replace").decode(),
        "expires_on": (letter.received_at + RETENTION).date(),
        "subject": letter.subject.encode(errors="replace").decode(),
    }
