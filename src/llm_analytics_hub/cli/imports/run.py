"""One import: batches sent a few at a time, every row accounted for, resumable."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from llm_analytics_hub.cli.imports.batches import Batch
from llm_analytics_hub.cli.imports.checkpoint import Checkpoint
from llm_analytics_hub.errors import TooLargeError
from llm_analytics_hub.ingest.receipt import Receipt, Rejection

IN_FLIGHT = 4
EXAMPLES = 3


class Sends(Protocol):
    """Where batches go."""

    def send(self, lines: bytes) -> Receipt:
        """What became of the events of an NDJSON text, once they are stored."""
        ...

    def give_up(self) -> None:
        """End all waiting: the calls under way fail now."""
        ...


@dataclass
class Tally:
    """What became of the rows: counts, and the first few refusals of each code."""

    skipped: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """Rows this run knows the fate of; those skipped were answered for in an earlier one."""
        return self.accepted + self.duplicates + self.refused.total()

    def add(self, batch: Batch, receipt: Receipt) -> None:
        """Count a batch and the hub's answer to it."""
        self.accepted += receipt.accepted
        self.duplicates += receipt.duplicates
        for number, row in batch.unreadable:
            self._refuse(number, row.code, row.message)
        for rejection in receipt.rejected:
            self._refuse(batch.numbers[rejection.index], rejection.code, rejection.message)

    def count(self, receipt: Receipt) -> None:
        """Count the hub's answer to a file that was sent whole, numbered as the hub numbers it."""
        self.accepted += receipt.accepted
        self.duplicates += receipt.duplicates
        for rejection in receipt.rejected:
            self._refuse(rejection.index, rejection.code, rejection.message)

    def _refuse(self, number: int, code: str, message: str) -> None:
        self.refused[code] += 1
        examples = self.examples.setdefault(code, [])
        if len(examples) < EXAMPLES:
            examples.append((number, message))


class Import:
    """Sends the batches of one file to a hub; `tally` says how far it got."""

    def __init__(
        self,
        hub: Sends,
        checkpoint: Checkpoint,
        on_progress: Callable[[Tally], None] = lambda _: None,
    ) -> None:
        """`on_progress` hears after every acknowledged batch."""
        self.tally = Tally()
        self._hub = hub
        self._checkpoint = checkpoint
        self._on_progress = on_progress
        self._settled = 0

    def run(self, read: Callable[[], Iterator[Batch]]) -> Tally:
        """What became of the rows that `read` gives; it is called again to start over.

        After an error or an interruption the checkpoint says how far all is acknowledged; what
        was under way is found to be there, or is sent again, next time.
        Raises: what the hub's answer to a batch is.
        """
        window: deque[tuple[Batch, Future[Receipt]]] = deque()
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            try:
                for batch in self._rest(read):
                    if len(window) == IN_FLIGHT:
                        self._settle(*window.popleft())
                    window.append((batch, pool.submit(self._deliver, batch)))
                while window:
                    self._settle(*window.popleft())
            except BaseException:
                self._hub.give_up()
                pool.shutdown(cancel_futures=True)
                raise
        self._checkpoint.clear()
        return self.tally

    def _rest(self, read: Callable[[], Iterator[Batch]]) -> Iterator[Batch]:
        """The batches not yet acknowledged.

        The last acknowledged one is sent once more: if the hub stores it now, it has lost what it
        had (another data folder, say), and all others are sent again too.
        """
        done = self._checkpoint.load()
        rest = read()
        if not done:
            return rest
        skipped = sum(batch.rows for batch in islice(rest, done - 1))
        last = next(rest, None)
        if last is None:
            return read()
        receipt = self._deliver(last)
        self.tally.add(last, receipt)
        if receipt.accepted:
            self._checkpoint.clear()
            return (batch for number, batch in enumerate(read(), 1) if number != done)
        self._settled = done
        self.tally.skipped = skipped
        return rest

    def _settle(self, batch: Batch, receipt: "Future[Receipt]") -> None:
        self.tally.add(batch, receipt.result())
        self._settled += 1
        self._checkpoint.save(self._settled)
        self._on_progress(self.tally)

    def _deliver(self, batch: Batch) -> Receipt:
        if not batch.lines:
            return Receipt(0, 0)
        try:
            return self._hub.send(batch.body)
        except TooLargeError as error:
            if len(batch.lines) == 1:
                return Receipt(0, 0, [Rejection(0, error.code, error.message)])
            first, second = batch.halves()
            return _joined(self._deliver(first), self._deliver(second), len(first.lines))


def _joined(first: Receipt, second: Receipt, offset: int) -> Receipt:
    moved = [Rejection(r.index + offset, r.code, r.message) for r in second.rejected]
    return Receipt(
        first.accepted + second.accepted,
        first.duplicates + second.duplicates,
        [*first.rejected, *moved],
    )
