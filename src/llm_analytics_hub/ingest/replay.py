"""Dead letters offered again: what is accepted now leaves the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.codecs.json_body import decode_json
from llm_analytics_hub.ingest.intake import Intake
from llm_analytics_hub.ingest.receipt import Receipt
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.storage.interface import EventStore

MAX_LETTERS = 10_000


@dataclass(frozen=True)
class Replayed:
    """How many letters were tried, are stored now (repeats included), and stay with a reason."""

    tried: int
    stored: int
    remaining: int
    reasons: dict[str, int]


class DeadLetters:
    """Lists, replays and purges the dead letters of a tenant. Safe for many threads."""

    def __init__(self, store: EventStore, intake: Intake) -> None:
        self._store = store
        self._intake = intake

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
        rows = [(letter["letter_id"], _raw(letter["payload"])) for letter in letters]
        readable = [(letter_id, row) for letter_id, row in rows if isinstance(row, dict)]
        receipt = self._offer(tenant, [row for _, row in readable])
        refused = {rejection.index: rejection.code for rejection in receipt.rejected}
        stored = [letter_id for n, (letter_id, _) in enumerate(readable) if n not in refused]
        if stored:
            self._store.purge_dead_letters(tenant, stored)
        reasons: dict[str, int] = {}
        for code in [*refused.values(), *(["undecodable"] * (len(rows) - len(readable)))]:
            reasons[code] = reasons.get(code, 0) + 1
        return Replayed(len(letters), len(stored), len(letters) - len(stored), reasons)

    def _offer(self, tenant: str, rows: list[dict[str, Any]]) -> Receipt:
        if not rows:
            return Receipt(0, 0)
        submission = Submission(tenant, "replay", Decoded(rows), keep_letters=False)
        return self._intake.submit(submission).result()


def _raw(payload: str | None) -> object:
    try:
        return decode_json((payload or "").encode())
    except UndecodableError:
        return None
