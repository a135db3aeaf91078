"""The intake: requests come in from many doors, one thread normalises, deduplicates and stores.

Requests that wait together are worked on together (group commit): the price of a commit is paid
once for all of them, and every request gets its own receipt after its events are stored.

Bodies are decoded on the same thread, between commits: Python runs one thread at a time anyway, and
two that work on megabytes of objects only push each other out of the processor's cache.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeAlias, TypeVar

import structlog

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import HubError, SaturatedError, UnavailableError
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.receipt import Receipt
from llm_analytics_hub.ingest.submission import Submission
from llm_analytics_hub.telemetry.metrics import Metrics

log = structlog.get_logger(__name__)

Done = TypeVar("Done")
Taken: TypeAlias = tuple[Submission, Receipt]

SET_BACK = timedelta(minutes=1)
"""So much of a clock's going back is made up for; after more, the clock is believed."""


@dataclass
class Waiting:
    """A submission, when it came, and the receipt it waits for."""

    submission: Submission
    received_at: datetime
    receipt: "Future[Receipt]"


@dataclass(frozen=True)
class IntakeLimits:
    """How much may wait, and how much is committed together."""

    waiting_rows: int = 200_000
    group_rows: int = 20_000


class Intake:
    """Accepts submissions from any thread and commits them in groups, in order of arrival."""

    def __init__(
        self, committer: Committer, clock: Clock, metrics: Metrics, limits: IntakeLimits
    ) -> None:
        self._committer = committer
        self._clock = clock
        self._metrics = metrics
        self._limits = limits
        self._changed = threading.Condition()
        self._waiting: deque[Waiting] = deque()
        self._jobs: deque[Callable[[], None]] = deque()
        self._rows = 0
        self._closing = False
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def run(self, job: Callable[[], Done]) -> "Future[Done]":
        """What `job` gives, done on the intake's thread before the next commit."""
        done: Future[Done] = Future()
        with self._changed:
            if self._closing:
                raise UnavailableError("the hub is shutting down")
            self._jobs.append(lambda: _fulfil(done, job))
            self._changed.notify()
        return done

    def take(self, read: Callable[[], Submission]) -> "Future[Taken]":
        """What `read` gives, done on the intake's thread, and its receipt once it is stored.

        It joins the very next commit; read here and submitted by its sender it would miss that.
        Raises: what `read` raises; as `submit`.
        """
        taken: Future[Taken] = Future()
        self.run(lambda: self._read_and_submit(read, taken))
        return taken

    def submit(self, submission: Submission) -> "Future[Receipt]":
        """The receipt, once everything accepted is stored.

        Raises: SaturatedError (429) when too much waits; UnavailableError when closing.
        """
        waiting = Waiting(submission, self._clock.now(), Future())
        with self._changed:
            self._admit(submission)
            self._waiting.append(waiting)
            self._rows += len(submission.rows)
            self._changed.notify()
        return waiting.receipt

    def close(self) -> None:
        """Commit what was accepted, then stop."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _read_and_submit(self, read: Callable[[], Submission], taken: "Future[Taken]") -> None:
        if taken.cancelled():
            return
        try:
            submission = read()
            receipt = self.submit(submission)
        except Exception as error:  # noqa: BLE001 - it is the asker's, who gets it
            with suppress(InvalidStateError):
                taken.set_exception(error)
        else:
            taken.add_done_callback(lambda _: receipt.cancel())  # where its sender gave up
            receipt.add_done_callback(partial(_hand_over, submission, taken))

    def _admit(self, submission: Submission) -> None:
        if self._closing:
            raise UnavailableError("the hub is shutting down")
        if self._rows and self._rows + len(submission.rows) > self._limits.waiting_rows:
            self._metrics.shed.labels(submission.door).inc(len(submission.rows))
            raise SaturatedError(f"{self._rows} events wait to be stored")

    def _run(self) -> None:
        while not self._finished():
            for job in self._due_jobs():
                job()
            if group := self._group():
                self._commit(group)

    def _finished(self) -> bool:
        with self._changed:
            return self._closing and not self._waiting and not self._jobs

    def _due_jobs(self) -> list[Callable[[], None]]:
        """The jobs there are now; later ones wait for a commit, so that neither starves."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._jobs or self._waiting) or self._closing)
            jobs = list(self._jobs)
            self._jobs.clear()
        return jobs

    def _group(self) -> list[Waiting]:
        with self._changed:
            group: list[Waiting] = []
            rows = 0
            while self._waiting and (not group or rows < self._limits.group_rows):
                waiting = self._waiting.popleft()
                rows += len(waiting.submission.rows)
                # A sender that gave up before its turn was never answered: it will send again.
                if waiting.receipt.set_running_or_notify_cancel():
                    group.append(waiting)
            self._rows -= rows
            self._metrics.waiting_requests.set(len(self._waiting))
        return group

    def _commit(self, group: list[Waiting]) -> None:
        try:
            with self._metrics.commit_seconds.time():
                receipts = self._committer.commit(
                    [waiting.submission for waiting in group], self._received(group)
                )
        except HubError as error:
            self._fail(group, error)
        except Exception as error:
            log.exception("commit failed", requests=len(group))
            self._one_by_one(group, error)
        else:
            for waiting, receipt in zip(group, receipts, strict=True):
                waiting.receipt.set_result(receipt)

    def _received(self, group: list[Waiting]) -> datetime:
        """When a group was received: after the one before it, also where the clock was set back.

        Who reads events as they arrived goes on from the last he saw (`EventReader.arrivals`).
        """
        received = group[-1].received_at
        if received <= self._latest < received + SET_BACK:
            received = self._latest + timedelta(microseconds=1)
        self._latest = received
        return received

    def _one_by_one(self, group: list[Waiting], error: Exception) -> None:
        """A defect that one request uncovers fails that request, not its neighbours."""
        if len(group) == 1:
            self._fail(group, UnavailableError(f"internal error: {type(error).__name__}"))
        else:
            for waiting in group:
                self._commit([waiting])

    def _fail(self, group: list[Waiting], error: HubError) -> None:
        for waiting in group:
            self._metrics.shed.labels(waiting.submission.door).inc(len(waiting.submission.rows))
            waiting.receipt.set_exception(error)


def _hand_over(submission: Submission, taken: "Future[Taken]", receipt: "Future[Receipt]") -> None:
    with suppress(InvalidStateError):  # its sender gave up
        if receipt.cancelled():
            return
        error = receipt.exception()
        if error is None:
            taken.set_result((submission, receipt.result()))
        else:
            taken.set_exception(error)


def _fulfil(done: "Future[Done]", job: Callable[[], Done]) -> None:
    if done.set_running_or_notify_cancel():
        try:
            done.set_result(job())
        except Exception as error:  # noqa: BLE001 - it is the asker's, who gets it
            done.set_exception(error)
