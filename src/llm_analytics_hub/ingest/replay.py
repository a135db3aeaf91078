"""Dead letters offered again: what is accepted now leaves the list."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from llm_analytics_hub.errors import InvalidInputError, UndecodableError
from llm_analytics_hub.ingest.codecs.json_body import decode_json
from llm_analytics_hub.ingest.intake import Intake
from llm_analytics_hub.ingest.receipt import Receipt
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.normalize.normalizer import RawEvent
from llm_analytics_hub.storage.interface import EventStore

MAX_LETTERS = 10_000

Read = Callable[[str, RawEvent, datetime], Sequence[RawEvent]]
"""Raw events of a refused document, by the door it came through and when it came."""


@dataclass(frozen=True)
class Replayed:
    """How many letters were tried, are stored now (repeats included), and stay with a reason."""

    tried: int
    stored: int
    remaining: int
    reasons: dict[str, int]


class DeadLetters:
    """Lists, replays and purges the dead letters of a tenant. Safe for many threads.

    `read` gives the events of what was refused at a door, for doors that take other things.
    """

    def __init__(self, store: EventStore, intake: Intake, read: Read | None = None) -> None:
        self._store = store
        self._intake = intake
        self._read = read or _as_it_is

    def page(self, tenant: str, ids: Sequence[str], limit: int) -> list[dict[str, Any]]:
        """Letters newest first, as JSON objects."""
        letters = self._store.dead_letters(tenant, ids, limit).drop_columns(
            ["expires_on", "tenant"]
        )
        rows: list[dict[str, Any]] = letters.to_pylist()
        for row in rows:
            row["received_at"] = row["received_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return rows

    def purge(self, tenant: str, ids: Sequence[str]) -> int:
        """Forget letters (all where `ids` is empty); how many."""
        return self._store.purge_dead_letters(tenant, ids)

    def replay(self, tenant: str, ids: Sequence[str]) -> Replayed:
        """Offer letters again (all where `ids` is empty); repeats of stored events leave as well."""
        letters = self._store.dead_letters(tenant, ids, MAX_LETTERS).to_pylist()
        read = {letter["letter_id"]: self._events_of(letter) for letter in letters}
        owners = [letter_id for letter_id, events in read.items() for _ in events or ()]
        receipt = self._offer(tenant, [event for events in read.values() for event in events or ()])
        codes = {owners[one.index]: one.code for one in reversed(receipt.rejected)}
        codes |= {
            letter_id: UndecodableError.code for letter_id, events in read.items() if not events
        }
        stored = [letter_id for letter_id in read if letter_id not in codes]
        if stored:
            self._store.purge_dead_letters(tenant, stored)
        return Replayed(len(letters), len(stored), len(codes), dict(Counter(codes.values())))

    def _events_of(self, letter: Mapping[str, Any]) -> Sequence[RawEvent]:
        """The events in a letter; none where they cannot be read."""
        try:
            document = decode_json((letter["payload"] or "").encode())
            if not isinstance(document, dict):
                return ()
            return self._read(letter["door"], document, letter["received_at"])
        except InvalidInputError:
            return ()

    def _offer(self, tenant: str, rows: Sequence[RawEvent]) -> Receipt:
        if not rows:
            return Receipt(0, 0)
        submission = Submission(tenant, "replay", Decoded(rows), keep_letters=False)
        return self._intake.submit(submission).result()


def _as_it_is(door: str, document: RawEvent, received_at: datetime) -> Sequence[RawEvent]:
    return (document,)
