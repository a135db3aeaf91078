"""The commit log by itself: what a crash, a bad disk or a full one leaves of it."""

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.clickhouse.commit_log import CommitLog, remove, set_aside
from llm_analytics_hub.storage.interface import Table

from .rows import events, letter

FIRST, LAST = events(3), events(2)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, int]:
    """The bytes of a segment with two writes, and where the second begins."""
    folder = tmp_path_factory.mktemp("log")
    log = CommitLog(folder)
    log.append({Table.EVENTS: FIRST})
    (path,) = folder.glob("*.log")
    begins = path.stat().st_size
    log.append({Table.EVENTS: LAST})
    return path.read_bytes(), begins


def read_from(folder: Path, data: bytes) -> tuple[list[str], bool]:
    """The ids of the events in a log of these bytes, and whether damage was noticed."""
    (folder / f"{1:010d}-a.log").write_bytes(data)
    (segment,) = CommitLog(folder).left_over()
    batches = segment.rows.get(Table.EVENTS, [])
    ids = [name for batch in batches for name in batch["event_id"].to_pylist()]
    assert segment.count == len(ids)
    return ids, segment.is_damaged


def ids_of(*batches: pa.RecordBatch) -> list[str]:
    return [name for batch in batches for name in batch["event_id"].to_pylist()]


def test_what_was_appended_is_left_over_for_the_next_process(tmp_path: Path) -> None:
    log = CommitLog(tmp_path)
    log.append({Table.EVENTS: FIRST, Table.DEAD_LETTERS: letter()})
    log.append({Table.EVENTS: LAST})
    (segment,) = CommitLog(tmp_path).left_over()
    found = [batch.to_pylist() for batch in segment.rows[Table.EVENTS]]
    known = [[without_unknown(row) for row in batch.to_pylist()] for batch in (FIRST, LAST)]
    assert found == known
    assert segment.rows[Table.DEAD_LETTERS][0].to_pylist() == letter().to_pylist()
    assert (segment.count, segment.is_damaged) == (6, False)


def without_unknown(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


def test_segments_are_left_over_oldest_first_under_names_of_their_own(tmp_path: Path) -> None:
    log = CommitLog(tmp_path)
    tokens = []
    for batch in (FIRST, LAST, FIRST):
        log.append({Table.EVENTS: batch})
        segment = log.seal()
        assert segment is not None
        tokens.append(segment.token)
    assert log.seal() is None
    left = CommitLog(tmp_path).left_over()
    assert [segment.token for segment in left] == tokens
    assert len(set(tokens)) == 3


def test_a_removed_or_refused_segment_is_not_left_over(tmp_path: Path) -> None:
    log = CommitLog(tmp_path)
    for _ in range(2):
        log.append({Table.EVENTS: FIRST})
        log.seal()
    gone, refused = CommitLog(tmp_path).left_over()
    remove(gone)
    remove(gone)
    kept_at = set_aside(refused)
    assert CommitLog(tmp_path).left_over() == []
    assert kept_at.is_file()


def some_places(start: int, end: int) -> list[int]:
    """Every place in the headers and at the end, every seventh between."""
    return [*range(start, start + 60), *range(start + 60, end - 20, 7), *range(end - 20, end)]


def test_a_last_frame_torn_anywhere_loses_only_that_write(
    tmp_path: Path, written: tuple[bytes, int]
) -> None:
    data, begins = written
    for cut in some_places(begins, len(data)):
        assert read_from(tmp_path, data[:cut]) == (ids_of(FIRST), False)
    assert read_from(tmp_path, data) == (ids_of(FIRST, LAST), False)


def test_a_first_frame_torn_anywhere_leaves_nothing(
    tmp_path: Path, written: tuple[bytes, int]
) -> None:
    data, begins = written
    for cut in some_places(0, begins):
        assert read_from(tmp_path, data[:cut]) == ([], False)


def test_a_changed_byte_is_noticed_and_what_stands_before_it_is_kept(
    tmp_path: Path, written: tuple[bytes, int]
) -> None:
    data, begins = written
    for place in range(0, len(data), 7):
        changed = bytearray(data)
        changed[place] ^= 0x40
        ids, is_damaged = read_from(tmp_path, bytes(changed))
        assert ids == (ids_of(FIRST) if place >= begins else [])
        in_length = place % begins in range(8, 16)  # may look as if the rest were torn off
        assert is_damaged or in_length


@given(junk=st.binary(min_size=1, max_size=40))
@settings(max_examples=200)
def test_whatever_follows_the_last_frame_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, written: tuple[bytes, int], junk: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp() / "junk"
    folder.mkdir(exist_ok=True)
    ids, is_damaged = read_from(folder, written[0] + junk)
    assert ids == ids_of(FIRST, LAST)
    assert is_damaged or junk.startswith(b"HUB1") or b"HUB1".startswith(junk)


def test_zeros_after_the_last_frame_are_damage(tmp_path: Path, written: tuple[bytes, int]) -> None:
    assert read_from(tmp_path, written[0] + bytes(4096)) == (ids_of(FIRST, LAST), True)


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """A disk on which no file grows beyond `size`: the system refuses, as when it is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 1, 20, 500])
def test_a_write_that_does_not_fit_is_refused_and_leaves_no_trace(
    tmp_path: Path, room: int
) -> None:
    log = CommitLog(tmp_path)
    log.append({Table.EVENTS: FIRST})
    (path,) = tmp_path.glob("*.log")
    with largest_file(path.stat().st_size + room), pytest.raises(UnavailableError):
        log.append({Table.EVENTS: events(50)})
    log.append({Table.EVENTS: LAST})
    assert read_from(tmp_path / "..", path.read_bytes()) == (ids_of(FIRST, LAST), False)


def test_a_log_whose_folder_is_away_is_unavailable_until_it_is_back(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    log = CommitLog(folder, sync=True)
    shutil.rmtree(folder)
    with pytest.raises(UnavailableError):
        log.append({Table.EVENTS: FIRST})
    folder.mkdir()
    log.append({Table.EVENTS: LAST})
    (segment,) = CommitLog(folder).left_over()
    assert segment.count == 2
