"""Moves the commit log into the tables, in large blocks, behind the back of the senders.

Why not insert each write at once: an insert into the tables and their views costs tens of
milliseconds however few its rows are, so small ones would cap the hub far below what the engine
takes in large ones (ADR 002). A read first waits until all that was written before is applied.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa
import structlog

from llm_analytics_hub.errors import (
    HubError,
    SaturatedError,
    UnavailableError,
)
from llm_analytics_hub.storage.clickhouse.commit_log import CommitLog, Segment, remove, set_aside
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.driver_errors import REFUSED
from llm_analytics_hub.storage.clickhouse.revisions import apply_revisions
from llm_analytics_hub.storage.interface import Table, WriteSet

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ApplyLimits:
    """When a segment goes to the tables, and how much may wait.

    Revisions cost the engine as much for one event as for thousands, so they wait for others: until
    so many segments have gone by, so many have come together, or somebody asks.
    """

    block_rows: int = 50_000
    revisions_wait: int = 5
    revisions_at_once: int = 10_000
    after: timedelta = timedelta(seconds=1)
    waiting_rows: int = 400_000
    settle_within: timedelta = timedelta(seconds=30)


class Applier:
    """Appends to the log and applies it; all methods may be called from any thread."""

    def __init__(self, engine: EmbeddedEngine, journal: CommitLog, limits: ApplyLimits) -> None:
        self._engine = engine
        self._journal = journal
        self._limits = limits
        self._changed = threading.Condition()
        self._sealed: deque[Segment] = deque(journal.left_over())
        self._open_rows = 0
        self._waiting = sum(segment.count for segment in self._sealed)
        self._written = len(self._sealed)
        self._applied = 0
        self._awaited = 0
        self._postponed = 0
        # Their revisions may be half done, by the token of their segment.
        self._begun = {segment.token for segment in self._sealed}
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="applier", daemon=True)
        self._thread.start()

    @property
    def applied(self) -> int:
        """Segments applied since the start."""
        return self._applied

    @property
    def waiting_rows(self) -> int:
        """Rows that are acknowledged and not in the tables yet."""
        return self._waiting

    def append(self, write: WriteSet) -> None:
        """Put `write` into the log, then return.

        Raises: SaturatedError when too much waits; UnavailableError when the log cannot be written.
        """
        with self._changed:
            self._admit()
            self._journal.append(write)
            count = sum(batch.num_rows for batch in write.values())
            self._open_rows += count
            self._waiting += count
            if self._open_rows >= self._limits.block_rows:
                self._seal()
            self._changed.notify_all()

    def settle(self) -> None:
        """Return when everything appended before this call can be read from the tables.

        Raises: UnavailableError if that takes too long, as with a full disk, or the store closes.
        """
        with self._changed:
            # The open segment is sealed when the thread gets to it: all who ask while another is
            # being applied wait for the same next one.
            target = self._written + bool(self._open_rows)
            self._awaited = max(self._awaited, target)
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._applied >= target or self._closing,
                timeout=self._limits.settle_within.total_seconds(),
            )
            if self._applied < target:
                raise UnavailableError("acknowledged events are still on their way to the tables")

    def close(self) -> None:
        """Apply what is in the log, then stop."""
        self._stop()
        self._thread.join()

    def _stop(self) -> None:
        with self._changed:
            self._seal()
            self._closing = True
            self._changed.notify_all()

    def _admit(self) -> None:
        if self._closing:
            raise UnavailableError("the store is closing")
        if self._waiting >= self._limits.waiting_rows:
            raise SaturatedError(f"{self._waiting} rows wait for the store")

    def _seal(self) -> None:
        segment = self._journal.seal()
        if segment is not None:
            self._sealed.append(segment)
            self._written += 1
            self._open_rows = 0

    def _run(self) -> None:
        try:
            while (segment := self._next()) is not None:
                self._apply(segment)
        finally:
            self._stop()  # whatever ended this thread, nobody may wait for it any longer

    def _next(self) -> Segment | None:
        """The next segment, once there is one to apply; None when closing and all is applied."""
        with self._changed:
            self._changed.wait_for(lambda: self._urgent() or self._open_rows > 0)
            if not self._urgent():
                # Let more rows join the open segment: blocks should be large.
                seconds = self._limits.after.total_seconds()
                self._changed.wait_for(self._urgent, timeout=seconds)
            if not self._sealed:
                self._seal()
            return self._sealed[0] if self._sealed else None

    def _urgent(self) -> bool:
        return bool(self._sealed) or self._closing or self._awaited > self._written

    def _apply(self, segment: Segment) -> None:
        """Insert `segment`, trying until it is in; rows the tables refuse are set aside."""
        pause = 0.2
        while True:
            try:
                self._insert(segment)
            except HubError as error:
                if error.code == REFUSED:
                    _refuse(segment, error)
                    return self._done(segment)
                log.warning("segment not applied", segment=segment.token, reason=str(error))
                if self._stopped_within(pause):
                    return self._give_up()
                pause = min(pause * 2, 10.0)
            else:
                _retire(segment)
                return self._done(segment)

    def _insert(self, segment: Segment) -> None:
        for table, batches in segment.rows.items():
            if table is Table.REVISIONS:
                continue
            tables = [pa.table(batch) for batch in batches]  # after a crash, of known columns only
            rows = pa.concat_tables(tables, promote_options="default").combine_chunks().to_batches()
            for place, batch in enumerate(rows):
                self._engine.insert(table, batch, f"{segment.token}-{place}")
        revisions = segment.rows.get(Table.REVISIONS)
        if revisions and not self._postpone(segment.token, revisions):
            apply_revisions(self._engine, revisions, segment.token)

    def _postpone(self, token: str, revisions: Sequence[pa.RecordBatch]) -> bool:
        """Put a segment's revisions at the end of the log, if they may wait."""
        count = sum(batch.num_rows for batch in revisions)
        with self._changed:
            may_wait = token not in self._begun and not self._due(count)
            self._postponed = self._postponed + 1 if may_wait else 0
            if not may_wait:
                self._begun.add(token)
            for batch in revisions if may_wait else ():
                self._journal.append({Table.REVISIONS: batch})
                self._open_rows += batch.num_rows
                self._waiting += batch.num_rows
        return may_wait

    def _due(self, revisions: int) -> bool:
        limits = self._limits
        is_awaited = self._closing or self._awaited > self._applied
        is_time = self._postponed >= limits.revisions_wait
        return is_awaited or is_time or revisions >= limits.revisions_at_once

    def _stopped_within(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._closing, timeout=seconds)

    def _give_up(self) -> None:
        """Leave the segment in the log for the next start; who waits for it is refused."""
        with self._changed:
            self._sealed.popleft()

    def _done(self, segment: Segment) -> None:
        with self._changed:
            self._sealed.popleft()
            self._begun.discard(segment.token)
            self._applied += 1
            self._waiting -= segment.count
            self._changed.notify_all()


def _refuse(segment: Segment, error: HubError) -> None:
    place = set_aside(segment)
    log.error("segment refused", kept_at=str(place), rows=segment.count, reason=error.message)


def _retire(segment: Segment) -> None:
    """Forget an applied segment, unless some of it could not be read."""
    if segment.is_damaged:
        place = set_aside(segment)
        log.error("segment damaged", kept_at=str(place), rows_read=segment.count)
    else:
        remove(segment)
