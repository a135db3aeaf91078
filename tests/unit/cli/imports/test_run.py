"""Imports: every row is accounted for, and interruptions lose and double nothing."""

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.cli.imports.batches import BATCH_BYTES, BATCH_ROWS, Batch, batches
from llm_analytics_hub.cli.imports.checkpoint import Checkpoint
from llm_analytics_hub.cli.imports.files import Row, Unreadable
from llm_analytics_hub.cli.imports.mapping import AsTheyAre
from llm_analytics_hub.cli.imports.run import Import, Tally
from llm_analytics_hub.errors import TooLargeError, UnavailableError
from llm_analytics_hub.ingest.receipt import Receipt, Rejection


class Rows:
    """A file of rows made of a list."""

    def __init__(self, rows: list[Row | Unreadable]) -> None:
        self._rows = rows

    def columns(self) -> list[str]:
        return []

    def rows(self) -> Iterator[tuple[int, Row | Unreadable]]:
        return enumerate(self._rows, 1)


class MemoryHub:
    """Stores events by id; refuses those with `bad`, bodies over `limit`, everything after `calls`."""

    def __init__(self, *, limit: int = 10**9, calls: int = 10**9) -> None:
        self.stored: dict[str, dict[str, object]] = {}
        self.calls_left = calls
        self.sent = 0
        self.has_given_up = False
        self._limit = limit
        self._lock = threading.Lock()

    def send(self, lines: bytes) -> Receipt:
        with self._lock:
            if not self.calls_left:
                raise UnavailableError("gone")
            self.calls_left -= 1
            if len(lines) > self._limit:
                raise TooLargeError("too large")
            self.sent += 1
            return self._store(msgspec.json.Decoder().decode_lines(lines))

    def _store(self, events: list[dict[str, object]]) -> Receipt:
        rejected = [
            Rejection(n, "bad", "no good") for n, event in enumerate(events) if "bad" in event
        ]
        good = [event for event in events if "bad" not in event]
        new = [event for event in good if event["event_id"] not in self.stored]
        self.stored |= {str(event["event_id"]): event for event in new}
        return Receipt(len(new), len(good) - len(new), rejected)

    def give_up(self) -> None:
        self.has_given_up = True


def cut(rows: list[Row | Unreadable], size: int = 2) -> Iterator[Batch]:
    """Rows as batches of `size`."""
    for start in range(0, len(rows), size):
        batch = Batch()
        for number, row in enumerate(rows[start : start + size], start + 1):
            if isinstance(row, Unreadable):
                batch.unreadable.append((number, row))
            else:
                batch.add(number, msgspec.json.encode(AsTheyAre().event(row, f"row-{number}")))
        yield batch


def run(hub: MemoryHub, rows: list[Row | Unreadable], checkpoint: Checkpoint) -> Tally:
    return Import(hub, checkpoint).run(lambda: cut(rows))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Checkpoint:
    return Checkpoint(tmp_path / "state", "hub", "tenant", "digest")


def test_equal_rows_stay_apart_and_a_second_import_changes_nothing(checkpoint: Checkpoint) -> None:
    hub = MemoryHub()
    rows: list[Row | Unreadable] = [{"a": 1}] * 5
    assert run(hub, rows, checkpoint).accepted == 5
    second = run(hub, rows, checkpoint)
    assert (second.accepted, second.duplicates, len(hub.stored)) == (0, 5, 5)


def test_refusals_are_told_with_the_row_of_the_file(checkpoint: Checkpoint) -> None:
    rows: list[Row | Unreadable] = [
        {},
        {"bad": 1},
        Unreadable("undecodable", "no JSON"),
        {"bad": 1},
    ]
    tally = run(MemoryHub(), rows, checkpoint)
    assert tally.refused == {"bad": 2, "undecodable": 1}
    assert tally.examples == {
        "bad": [(2, "no good"), (4, "no good")],
        "undecodable": [(3, "no JSON")],
    }


def test_only_a_few_examples_are_kept(checkpoint: Checkpoint) -> None:
    tally = run(MemoryHub(), [{"bad": 1}] * 9, checkpoint)
    assert len(tally.examples["bad"]) == 3
    assert tally.answered == 9


def test_a_batch_too_large_for_the_hub_is_halved_until_it_fits(checkpoint: Checkpoint) -> None:
    hub = MemoryHub(limit=200)
    tally = run(hub, [{"a": "x" * 100}, {"a": "x" * 300}, {"bad": "x" * 100}, {}], checkpoint)
    assert (tally.accepted, tally.refused) == (2, {"too_large": 1, "bad": 1})
    assert tally.examples["too_large"][0][0] == 2
    assert tally.examples["bad"][0][0] == 3


def test_an_import_goes_on_where_it_stopped(checkpoint: Checkpoint) -> None:
    rows: list[Row | Unreadable] = [{"n": n} for n in range(40)]
    hub = MemoryHub(calls=10)
    with pytest.raises(UnavailableError):
        run(hub, rows, checkpoint)
    assert hub.has_given_up
    hub.calls_left, hub.sent = 100, 0
    done = checkpoint.load()
    tally = run(hub, rows, checkpoint)
    assert done >= 5
    assert hub.sent == 20 - done + 1  # the last acknowledged batch is offered again
    assert tally.skipped + tally.answered == 40
    assert len(hub.stored) == 40
    assert checkpoint.load() == 0


def test_a_second_stop_keeps_the_way_made_before_the_first(checkpoint: Checkpoint) -> None:
    rows: list[Row | Unreadable] = [{"n": n} for n in range(40)]
    hub = MemoryHub(calls=10)
    with pytest.raises(UnavailableError):
        run(hub, rows, checkpoint)
    first = checkpoint.load()
    hub.calls_left = 10
    with pytest.raises(UnavailableError):
        run(hub, rows, checkpoint)
    assert checkpoint.load() >= first + 6


def test_a_hub_that_lost_its_events_gets_all_rows_again(checkpoint: Checkpoint) -> None:
    rows: list[Row | Unreadable] = [{"n": n} for n in range(40)]
    with pytest.raises(UnavailableError):
        run(MemoryHub(calls=10), rows, checkpoint)
    emptied = MemoryHub()
    tally = run(emptied, rows, checkpoint)
    assert (tally.accepted, tally.duplicates, tally.skipped) == (40, 0, 0)
    assert len(emptied.stored) == 40


def test_a_checkpoint_beyond_the_file_means_nothing(checkpoint: Checkpoint) -> None:
    checkpoint.save(99)
    assert run(MemoryHub(), [{}] * 3, checkpoint).accepted == 3


@given(
    rows=st.lists(st.sampled_from([{"a": 1}, {"bad": 1}, Unreadable("u", "")])),
    stops=st.lists(st.integers(0, 6), max_size=4),
)
def test_however_often_it_stops_every_row_is_stored_once(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row | Unreadable], stops: list[int]
) -> None:
    checkpoint = Checkpoint(tmp_path_factory.mktemp("state"), "any")
    hub = MemoryHub()
    for calls in [*stops, 10**9]:
        hub.calls_left = calls
        try:
            tally = run(hub, rows, checkpoint)
        except UnavailableError:
            continue
        assert tally.skipped + tally.answered == len(rows)
    assert len(hub.stored) == rows.count({"a": 1})


def test_batches_are_bounded_in_rows_and_bytes() -> None:
    many = list(batches(Rows([{}] * (BATCH_ROWS + 1)), AsTheyAre(), "d" * 64))
    assert [batch.rows for batch in many] == [BATCH_ROWS, 1]
    fat = list(batches(Rows([{"a": "x" * (BATCH_BYTES // 2)}] * 4), AsTheyAre(), "d" * 64))
    assert [batch.rows for batch in fat] == [2, 2]


def test_an_id_is_made_of_content_and_row() -> None:
    (batch,) = batches(Rows([Unreadable("u", ""), {}]), AsTheyAre(), "0123456789abcdef" * 4)
    assert msgspec.json.decode(batch.body) == {
        "event_id": "file-0123456789abcdef0123456789abcdef-2"
    }


def test_a_broken_checkpoint_is_none(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "one")
    checkpoint.save(3)
    (file,) = tmp_path.iterdir()
    file.write_text("{")
    assert checkpoint.load() == 0


def test_a_checkpoint_belongs_to_one_import(tmp_path: Path) -> None:
    Checkpoint(tmp_path, "one", "tenant").save(3)
    assert Checkpoint(tmp_path, "one", "other").load() == 0
    assert Checkpoint(tmp_path, "one", "tenant").load() == 3


def test_a_folder_that_cannot_be_written_does_not_stop_an_import(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")
    assert run(MemoryHub(), [{}] * 3, Checkpoint(tmp_path / "state", "one")).accepted == 3
