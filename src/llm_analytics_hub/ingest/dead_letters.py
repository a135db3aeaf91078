"""Dead letters: refused events kept with the reason, to be looked at, replayed or purged."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import xxhash

from llm_analytics_hub.model.event import DEAD_LETTER_SCHEMA
from llm_analytics_hub.normalize.column import excerpt

RETENTION = timedelta(days=30)
MAX_PAYLOAD = 64 * 1024
"""Most characters of a refused event that are kept."""


@dataclass(frozen=True)
class Letter:
    """One refused event."""

    tenant: str
    received_at: datetime
    source: str
    door: str
    index: int
    code: str
    message: str
    payload: str


def letter_batch(letters: Sequence[Letter]) -> pa.RecordBatch:
    """Letters as rows of DEAD_LETTER_SCHEMA."""
    return pa.RecordBatch.from_pylist(
        [_row(letter) for letter in letters], schema=DEAD_LETTER_SCHEMA
    )


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


def _row(letter: Letter) -> dict[str, object]:
    place = f"{letter.received_at.timestamp()}/{letter.door}/{letter.index}/{letter.payload}"
    return {
        "tenant": letter.tenant,
        "letter_id": xxhash.xxh3_128_hexdigest(place.encode(errors="replace")),
        "received_at": letter.received_at,
        "source": letter.source,
        "door": letter.door,
        "code": letter.code,
        "message": letter.message,
        "payload": letter.payload.encode(errors="replace").decode(),
        "expires_on": (letter.received_at + RETENTION).date(),
    }
