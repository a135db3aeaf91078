"""Exports that die at any step, and go on: the file is the one that nothing disturbed."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.normalize.normalizer import Arrival, normalize
from llm_analytics_hub.query.exports import making
from llm_analytics_hub.query.exports.desk import ExportDesk
from llm_analytics_hub.query.exports.export import Export, Status
from llm_analytics_hub.query.exports.folder import ExportFolder
from llm_analytics_hub.query.exports.request import ExportBody
from llm_analytics_hub.query.exports.settings import ExportSettings
from llm_analytics_hub.query.formats.format import Format
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
ROWS, CHUNK = 40, 9
RULES = rules_of(NormalizeSettings())
BODY: dict[str, Any] = {"what": "events", "time_range": {"last": "1d"}}


class Death(BaseException):
    """The process ends here."""


class Store(MemoryStore):
    """A store with some events at one moment, that is away for as many reads as is said."""

    def __init__(self, rows: int = ROWS) -> None:
        super().__init__()
        self.away = 0
        self.reads = 0
        known = [
            {"source": "a", "event_type": "b.c", "event_id": f"e{n}", "service": f'=x{n}\n"',
             "occurred_at": (NOW - timedelta(hours=n // 10 + 1)).isoformat()} for n in range(rows)
        ]  # fmt: skip
        done = normalize(known, Arrival("t", NOW), RULES)
        assert done.faults == []
        self.write({Table.EVENTS: done.events})

    def events(self, wanted: EventFilter, /) -> pa.Table:
        self.reads += 1
        if self.away:
            self.away -= 1
            raise UnavailableError("the store is away")
        return super().events(wanted)


def open_desk(folder: Path, store: Store) -> ExportDesk:
    clock = ManualClock(NOW)
    queries = QueryService(store, clock, Metrics())
    desk = ExportDesk(folder, store, queries, clock, ExportSettings(chunk_rows=CHUNK))
    desk.start()
    return desk


def settled(desk: ExportDesk, export_id: str) -> Export:
    """The export when the one worker has done all that was wished before."""
    assert desk._workers is not None
    desk._workers.submit(int).result()
    return desk.one("t", export_id)


def undisturbed(folder: Path, store: Store, form: Format) -> bytes:
    desk = open_desk(folder, store)
    made = desk.make(ExportBody.model_validate(BODY | {"format": form}), "t")
    export = settled(desk, made.id)
    assert (export.status, export.rows) == (Status.DONE, ROWS), export.error
    desk.close()
    return desk.data("t", made.id).path.read_bytes()


def dying(monkeypatch: pytest.MonkeyPatch, step: int, *, after: bool) -> None:
    """The process dies at the `step`th manifest, before or after it is written."""
    save, steps = ExportFolder.save, iter(range(10_000))

    def saved(self: ExportFolder, export: Export) -> None:
        number = next(steps)
        if number == step and not after:
            raise Death
        save(self, export)
        if number == step:
            raise Death

    monkeypatch.setattr(ExportFolder, "save", saved)


@pytest.mark.slow
@pytest.mark.parametrize("form", [Format.CSV, Format.JSONL, Format.ARROW, Format.PARQUET])
@pytest.mark.parametrize("after", [True, False])
def test_a_death_at_any_step_changes_nothing(tmp_path: Path, form: Format, after: bool) -> None:
    store = Store()
    expected = undisturbed(tmp_path / "whole", store, form)
    for step in range(1, 8):  # 0 is the request itself
        folder = tmp_path / str(step)
        with pytest.MonkeyPatch.context() as patch:
            desk = open_desk(folder, store)
            dying(patch, step, after=after)
            made = desk.make(ExportBody.model_validate(BODY | {"format": form}), "t")
            settled(desk, made.id)
            desk.close()
        again = open_desk(folder, store)
        assert settled(again, made.id).status is Status.DONE
        assert again.data("t", made.id).path.read_bytes() == expected
        assert len(list(folder.iterdir())) == 2
        again.close()


def test_what_is_written_is_not_read_again(tmp_path: Path) -> None:
    store = Store()
    with pytest.MonkeyPatch.context() as patch:
        desk = open_desk(tmp_path, store)
        dying(patch, 4, after=True)  # the request, the start, three chunks
        made = desk.make(ExportBody.model_validate(BODY | {"format": "parquet"}), "t")
        settled(desk, made.id)
        desk.close()
    assert store.reads == 3
    again = open_desk(tmp_path, store)
    assert settled(again, made.id).rows == ROWS
    assert store.reads == 3 + 2
    again.close()


@pytest.mark.parametrize("form", [Format.CSV, Format.PARQUET])
def test_a_lost_growing_file_is_begun_anew(tmp_path: Path, form: Format) -> None:
    store = Store()
    expected = undisturbed(tmp_path / "whole", store, form)
    with pytest.MonkeyPatch.context() as patch:
        desk = open_desk(tmp_path / "lost", store)
        dying(patch, 4, after=True)
        made = desk.make(ExportBody.model_validate(BODY | {"format": form}), "t")
        settled(desk, made.id)
        desk.close()
    (growing,) = (tmp_path / "lost").glob("*.part")
    growing.unlink()
    again = open_desk(tmp_path / "lost", store)
    assert settled(again, made.id).rows == ROWS
    assert again.data("t", made.id).path.read_bytes() == expected
    again.close()


def test_a_death_before_the_end_was_told_measures_the_file_again(tmp_path: Path) -> None:
    store = Store()
    with pytest.MonkeyPatch.context() as patch:
        desk = open_desk(tmp_path, store)
        patch.setattr(making.Making, "measure", _die)
        made = desk.make(ExportBody.model_validate(BODY | {"format": "csv"}), "t")
        settled(desk, made.id)
        desk.close()
    reads = store.reads
    again = open_desk(tmp_path, store)
    export = settled(again, made.id)
    assert (export.status, export.rows, store.reads) == (Status.DONE, ROWS, reads)
    assert export.sha256
    again.close()


def _die(_: making.Making) -> None:
    raise Death


def test_a_store_that_is_away_for_a_while_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store()
    desk = open_desk(tmp_path, store)
    waits: list[float] = []
    monkeypatch.setattr(desk, "wait", lambda seconds: waits.append(seconds))
    store.away = 2
    made = desk.make(ExportBody.model_validate(BODY | {"format": "csv"}), "t")
    assert settled(desk, made.id).status is Status.DONE
    assert waits == [1.0, 2.0]
    store.away = 5
    made = desk.make(ExportBody.model_validate(BODY | {"format": "csv"}), "t")
    export = settled(desk, made.id)
    assert export.error is not None
    assert (export.status, export.error.code) == (Status.FAILED, "unavailable")
    desk.close()


def test_an_export_that_is_dropped_while_it_is_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store()
    desk = open_desk(tmp_path, store)
    reached, dropped = threading.Event(), threading.Event()
    keep = making.Making._keep

    def held(self: making.Making, *given: Any) -> None:
        keep(self, *given)
        reached.set()
        dropped.wait(30)

    monkeypatch.setattr(making.Making, "_keep", held)
    made = desk.make(ExportBody.model_validate(BODY | {"format": "csv"}), "t")
    reached.wait(30)
    desk.drop("t", made.id)
    dropped.set()
    assert desk._workers is not None
    desk._workers.submit(int).result()
    assert list(tmp_path.iterdir()) == []
    assert desk.all("t") == []
    desk.close()


def test_an_event_that_is_seen_twice_while_it_is_revised_is_written_once(tmp_path: Path) -> None:
    store = Store()
    copy = store._rows[Table.EVENTS][7]
    store._rows[Table.EVENTS].append(dict(copy))
    undisturbed(tmp_path, store, Format.JSONL)


def test_a_manifest_that_makes_no_sense_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / f"{'a' * 32}.json").write_text("{")
    (tmp_path / f"{'b' * 32}.csv.part").write_text("left behind")
    desk = open_desk(tmp_path, Store())
    assert desk.all("t") == []
    assert [path.name for path in tmp_path.iterdir()] == [f"{'a' * 32}.json"]
    desk.close()


def test_what_was_written_behind_the_last_manifest_is_cut_off(tmp_path: Path) -> None:
    store = Store()
    expected = undisturbed(tmp_path / "whole", store, Format.CSV)
    with pytest.MonkeyPatch.context() as patch:
        desk = open_desk(tmp_path / "cut", store)
        dying(patch, 4, after=True)
        made = desk.make(ExportBody.model_validate(BODY | {"format": "csv"}), "t")
        settled(desk, made.id)
        desk.close()
    (growing,) = (tmp_path / "cut").glob("*.part")
    with growing.open("ab") as file:
        file.write(b"half a chunk" * 10_000)
    again = open_desk(tmp_path / "cut", store)
    settled(again, made.id)
    assert again.data("t", made.id).path.read_bytes() == expected
    again.close()
