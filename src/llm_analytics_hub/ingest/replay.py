"""Dead letters offered again: what is accepted now leaves the list, and is stored once."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from llm_analytics_hub.ingest.intake import Intake
from llm_analytics_hub.ingest.letter_room import LetterRoom
from llm_analytics_hub.ingest.rereading import Read, Reread, new_rows, reread
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.model.letter import ANY_LETTER, LetterFilter, LetterPlace
from llm_analytics_hub.normalize.normalizer import Normalized, RawEvent
from llm_analytics_hub.storage.interface import EventStore

MAX_LETTERS = 10_000
"""About how many letters one call replays; it says where the next one goes on."""

SLICE_LETTERS = 1_000
"""Letters replayed together: what a replay holds in memory at a time."""

Check = Callable[[str, Sequence[RawEvent]], Normalized]
"""What the committer would make of a tenant's rows; called on the intake's thread."""


@dataclass(frozen=True)
class Replayed:
    """How many letters were tried, are stored now, and stay with a reason; the others are `repeats`.

    A repeat holds only events that were stored before. `next_place` is where the next call goes on.
    """

    tried: int
    stored: int
    remaining: int
    reasons: Mapping[str, int]
    repeats: int = 0
    next_place: LetterPlace | None = None

    def plus(self, done: Reread) -> "Replayed":
        """These and some more."""
        stays, tried = len(done.codes), len(done.letters)
        return replace(
            self,
            tried=self.tried + tried,
            stored=self.stored + done.stored,
            remaining=self.remaining + stays,
            reasons=dict(Counter(self.reasons) + Counter(done.reasons)),
            repeats=self.repeats + tried - stays - done.stored,
        )


class DeadLetters:
    """Lists, replays and purges the dead letters of a tenant. Safe for many threads.

    `read` gives the events of what was refused at a door, for doors that take other things.
    """

    def __init__(
        self,
        store: EventStore,
        intake: Intake,
        check: Check,
        room: LetterRoom,
        read: Read | None = None,
    ) -> None:
        self._store = store
        self._intake = intake
        self._check = check
        self._room = room
        self._read = read or _as_it_is
        self._one_at_a_time = threading.Lock()

    def page(
        self, tenant: str, ids: Sequence[str], limit: int, where: LetterFilter = ANY_LETTER
    ) -> list[dict[str, Any]]:
        """Letters newest first, as JSON objects."""
        letters = self._store.dead_letters(tenant, ids, limit, where)
        rows: list[dict[str, Any]] = letters.drop_columns(["expires_on", "tenant"]).to_pylist()
        for row in rows:
            row["received_at"] = row["received_at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return rows

    def is_full(self, tenant: str) -> bool:
        """Whether what is refused now is counted only, until letters leave."""
        return self._room.is_full(tenant)

    def purge(self, tenant: str, ids: Sequence[str], where: LetterFilter = ANY_LETTER) -> int:
        """Forget letters (all that meet `where` if `ids` is empty); how many."""
        purged = self._store.purge_dead_letters(tenant, ids, where)
        self._room.gone(tenant, purged)
        return purged

    def recount(self) -> None:
        """Learn from the store how many letters each tenant keeps, as after expiry."""
        # On the intake's thread: no letter is stored between the count and its use.
        learn = self._intake.run(lambda: self._room.learn(self._store.count_dead_letters()))
        learn.result()

    def replay(
        self,
        tenant: str,
        ids: Sequence[str],
        where: LetterFilter = ANY_LETTER,
        *,
        dry_run: bool = False,
    ) -> Replayed:
        """Offer letters again, newest first (all that meet `where` if `ids` is empty).

        Events that are stored already are not stored again, however long ago they came. A dry run
        says what would become of the letters and changes nothing.
        Raises: SaturatedError, UnavailableError: what was done before is done, call again.
        """
        done, seen = Replayed(0, 0, 0, {}), set[int]()
        while done.tried < MAX_LETTERS:
            with self._one_at_a_time:
                letters = self._store.dead_letters(tenant, ids, SLICE_LETTERS, where).to_pylist()
                done = done.plus(self._slice(tenant, letters, seen, dry_run=dry_run))
            if len(letters) < SLICE_LETTERS:
                return done
            where = replace(where, before=(letters[-1]["received_at"], letters[-1]["letter_id"]))
        return replace(done, next_place=where.before)

    def _slice(
        self, tenant: str, letters: Sequence[Mapping[str, Any]], seen: set[int], *, dry_run: bool
    ) -> Reread:
        done = reread(letters, self._read)
        checked = self._intake.run(lambda: self._check(tenant, done.rows)).result()
        known = self._store.stored_keys(tenant, checked.events["event_key"].to_numpy())
        rows = new_rows(done, checked, known, seen)
        if not dry_run:
            self._offer(tenant, done, rows)
            if done.settled:
                self.purge(tenant, done.settled)
        return done

    def _offer(self, tenant: str, done: Reread, rows: Sequence[int]) -> None:
        """Store the rows; their keys are remembered as long as the events are kept."""
        if not rows:
            return
        decoded = Decoded([done.rows[row] for row in rows])
        submission = Submission(tenant, "replay", decoded, remember_always=True, keep_letters=False)
        for refused in self._intake.submit(submission).result().rejected:
            done.refuse(rows[refused.index], refused.code)


def _as_it_is(
    door: str, document: RawEvent, received_at: datetime, subject: str
) -> Sequence[RawEvent]:
    return (document,)
