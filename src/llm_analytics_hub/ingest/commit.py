"""The way of an event on one page: normalise, drop repeats, store, remember, give receipts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from llm_analytics_hub.ingest.asset_facts import asset_facts
from llm_analytics_hub.ingest.dead_letters import Letter, letter_batch
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.letter_room import LetterRoom
from llm_analytics_hub.ingest.linking.linker import Linked, Linker
from llm_analytics_hub.ingest.receipt import Receipt, Rejection
from llm_analytics_hub.ingest.refusals import letter_of_event, letter_of_item
from llm_analytics_hub.ingest.stored_contents import StoredContents
from llm_analytics_hub.ingest.submission import DecodedAgain, Submission
from llm_analytics_hub.model.stream import STREAM_OF_SOURCE
from llm_analytics_hub.normalize.capture import Capture
from llm_analytics_hub.normalize.normalizer import (
    Arrival,
    Normalized,
    RawEvent,
    Rules,
    normalize,
)
from llm_analytics_hub.normalize.raw_columns import joined
from llm_analytics_hub.storage.interface import EventWriter, Table, WriteSet
from llm_analytics_hub.telemetry.metrics import Metrics

Mask = NDArray[np.bool_]


@dataclass
class _Group:
    """Submissions worked on together, in order, and what became of their rows so far.

    `owner` gives for each canonical event the submission it belongs to.
    """

    submissions: Sequence[Submission]
    received_at: datetime
    events: pa.RecordBatch
    contents: pa.RecordBatch
    owner: NDArray[np.int64]
    rejected: list[list[Rejection]]
    letters: list[Letter]


class Committer:
    """Takes groups of submissions to the store. Owned by one thread."""

    def __init__(
        self,
        writer: EventWriter,
        window: DedupWindow,
        rules: Rules,
        metrics: Metrics,
        linker: Linker | None = None,
        room: LetterRoom | None = None,
        touched: Callable[[WriteSet], None] = lambda _: None,
        published: Callable[[pa.RecordBatch], None] = lambda _: None,
    ) -> None:
        """What is told of a write before it is acknowledged, and must not fail.

        `touched` gets all that was written, `published` the events that are new.
        """
        self._writer = writer
        self._window = window
        self._touched = touched
        self._published = published
        self._rules = rules
        self._metrics = metrics
        self._linker = Linker(rules.prices) if linker is None else linker
        self._room = LetterRoom(metrics) if room is None else room
        self._contents = StoredContents()

    def check(self, tenant: str, rows: Sequence[RawEvent], received_at: datetime) -> Normalized:
        """What `commit` would make of an import of `rows`; nothing is stored, counted or remembered."""
        arrival = Arrival(tenant, received_at, remember_always=True)
        return normalize(rows, arrival, self._rules)

    def commit(self, submissions: Sequence[Submission], received_at: datetime) -> list[Receipt]:
        """One receipt per submission, after all that is accepted is stored durably.

        Raises: SaturatedError, UnavailableError: nothing was stored, all may be sent again.
        """
        group = self._normalize(submissions, received_at)
        repeats = self._repeats(group)
        fresh = group.events.filter(pa.array(~repeats)) if repeats.any() else group.events
        self._write(group, fresh)
        self._remember(fresh, received_at)
        self._count(group, fresh, repeats)
        return _receipts(group, repeats)

    def _write(self, group: _Group, fresh: pa.RecordBatch) -> None:
        linked = self._linker.link(fresh)
        contents = self._contents.missing(group.contents)
        letters = self._room.fitting(group.letters)
        rows = _write_set(linked, contents, letters, self._room.limits.payload_characters)
        try:
            if rows:
                self._writer.write(rows)
        except Exception:
            self._linker.withdrawn(linked)
            raise
        self._touched(rows)
        self._published(linked.events)
        self._linker.stored(linked)
        self._contents.stored(contents)
        self._room.stored(letters, group.letters)

    def _normalize(self, submissions: Sequence[Submission], received_at: datetime) -> _Group:
        parts = [
            self._part(list(members), received_at)
            for _, members in groupby(submissions, lambda s: (s.tenant, s.remember_always))
        ]
        if len(parts) == 1:
            return parts[0]
        starts = np.cumsum([0, *(len(part.submissions) for part in parts[:-1])])
        return _Group(
            submissions,
            received_at,
            pa.concat_batches([part.events for part in parts]),
            pa.concat_batches([part.contents for part in parts]),
            np.concatenate([part.owner + start for part, start in zip(parts, starts, strict=True)]),
            list(chain.from_iterable(part.rejected for part in parts)),
            list(chain.from_iterable(part.letters for part in parts)),
        )

    def _part(self, submissions: Sequence[Submission], received_at: datetime) -> _Group:
        """Submissions of one tenant and one way of remembering, normalised together."""
        first = submissions[0]
        rows = _rows(submissions)
        ends = np.cumsum([len(s.rows) for s in submissions])
        arrival = Arrival(first.tenant, received_at, first.remember_always)
        columns = joined([s.decoded.columns for s in submissions if s.rows]) if rows else None
        done = normalize(rows, arrival, self._rules, columns)
        self._metrics.contents_dropped.labels(first.tenant).inc(done.withheld)
        # A text that cannot be read may be all prompt: then only what is certainly none is kept.
        with_contents = self._rules.capture.of(first.tenant) is Capture.FULL
        owner = np.searchsorted(ends, done.rows.to_numpy(), side="right")
        group = _Group(submissions, received_at, done.events, done.contents, owner,
                       [[] for _ in submissions], [])  # fmt: skip
        for number, submission in enumerate(submissions):
            for refused in submission.decoded.refused:
                letter = letter_of_item(
                    submission, received_at, refused, with_contents=with_contents
                )
                _refuse(group, number, refused.rejection, letter)
        for fault in done.faults:
            number = int(np.searchsorted(ends, fault.row, side="right"))
            decoded = submissions[number].decoded
            place = decoded.place(fault.row - int(ends[number]) + len(decoded.rows))
            rejection = Rejection(place, fault.code, fault.message)
            letter = letter_of_event(
                submissions[number], received_at, rejection, rows[fault.row],
                with_contents=with_contents,
            )  # fmt: skip
            _refuse(group, number, rejection, letter)
        return group

    def _repeats(self, group: _Group) -> Mask:
        keys = group.events["event_key"].to_numpy()
        return self._window.repeats(keys, int(group.received_at.timestamp()))

    def _remember(self, fresh: pa.RecordBatch, received_at: datetime) -> None:
        keys, until = fresh["event_key"].to_numpy(), fresh["key_until"].cast(pa.int64()).to_numpy()
        self._window.remember(keys, until, int(received_at.timestamp()))
        self._metrics.dedup_keys.set(len(self._window))

    def _count(self, group: _Group, fresh: pa.RecordBatch, repeats: Mask) -> None:
        self._count_sources(fresh, "accepted")
        if repeats.any():
            self._count_sources(group.events.filter(pa.array(repeats)), "duplicate")
        for letter in group.letters:
            self._metrics.refused.labels(letter.door, letter.code).inc()
            self._metrics.events.labels(letter.tenant, _label(letter.source), "refused").inc()
        self._note_lag(fresh)

    def _count_sources(self, events: pa.RecordBatch, outcome: str) -> None:
        for tenant in events["tenant"].unique().to_pylist():
            of_tenant = events["source"].filter(pc.equal(events["tenant"], tenant))
            for source in of_tenant.value_counts().to_pylist():
                labels = (tenant, _label(source["values"]), outcome)
                self._metrics.events.labels(*labels).inc(source["counts"])

    def _note_lag(self, fresh: pa.RecordBatch) -> None:
        for source in STREAM_OF_SOURCE.keys() & set(fresh["source"].unique().to_pylist()):
            newest = pc.max(fresh["occurred_at"].filter(pc.equal(fresh["source"], source))).as_py()
            lag = (fresh["received_at"][0].as_py() - newest).total_seconds()
            self._metrics.ingest_lag.labels(source).set(max(lag, 0.0))


def _rows(submissions: Sequence[Submission]) -> Sequence[RawEvent]:
    """All rows, one submission after the other, none of them decoded for it."""
    if len(submissions) == 1:
        return submissions[0].rows
    size = sum(len(submission.rows) for submission in submissions)
    return DecodedAgain(size, lambda: list(chain.from_iterable(s.rows for s in submissions)))


def _label(source: str) -> str:
    """A source as a metric's label: the platform's modules by name, what others call themselves not.

    Labels are kept for all time, and senders may make up as many sources as they like.
    """
    return source if source in STREAM_OF_SOURCE else "other"


def _refuse(group: _Group, number: int, rejection: Rejection, letter: Letter) -> None:
    group.rejected[number].append(rejection)
    if group.submissions[number].keep_letters:
        group.letters.append(letter)


def _write_set(
    linked: Linked, contents: pa.RecordBatch, letters: Sequence[Letter], payload_characters: int
) -> WriteSet:
    rows: dict[Table, pa.RecordBatch] = {}
    if linked.events.num_rows:
        rows[Table.EVENTS] = linked.events
    if linked.revisions is not None:
        rows[Table.REVISIONS] = linked.revisions
    if (facts := asset_facts(linked.events)) is not None:
        rows[Table.ASSETS] = facts
    if contents.num_rows:
        rows[Table.CONTENTS] = contents
    if letters:
        rows[Table.DEAD_LETTERS] = letter_batch(letters, payload_characters)
    return rows


def _receipts(group: _Group, repeats: Mask) -> list[Receipt]:
    size = len(group.submissions)
    repeated = np.bincount(group.owner[repeats], minlength=size)
    accepted = np.bincount(group.owner[~repeats], minlength=size)
    return [
        Receipt(
            int(accepted[number]), int(repeated[number]), sorted(group.rejected[number], key=_place)
        )
        for number in range(size)
    ]


def _place(rejection: Rejection) -> int:
    return rejection.index
