"""The control store in the data folder: kill -9, damage, other writers, and what it costs to open."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.control.connect import writing
from llm_analytics_hub.storage.control.opening import FILE, open_control, open_control_url

KEEPS = """
import sys
from pathlib import Path
from llm_analytics_hub.storage.control.opening import open_control
store = open_control(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    store.connectors.keep_cursor("c", str(number))
    print(number, flush=True)
"""
OPENS = """
import sys
from pathlib import Path
from llm_analytics_hub.storage.control.opening import open_control
before = "sqlalchemy" in sys.modules
open_control(Path(sys.argv[1])).close()
print(before, "alembic" in sys.modules, "sqlalchemy.dialects.postgresql" in sys.modules)
"""


@pytest.mark.slow
def test_a_kept_cursor_survives_kill_9(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", KEEPS, tmp_path], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child:
        told = [int(child.stdout.readline()) for _ in range(25)]
        child.kill()
        told += [int(line) for line in child.stdout.read().split(b"\n")[:-1]]
    with closing(open_control(tmp_path)) as store:
        kept = int(store.connectors.cursor("c") or 0)
    assert kept in {told[-1], told[-1] + 1}


@pytest.mark.slow
def test_a_store_at_head_is_opened_without_alembic(tmp_path: Path) -> None:
    def opened() -> str:
        command = [sys.executable, "-c", OPENS, tmp_path]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert opened().split()[:2] == ["False", "True"]
    assert opened().split() == ["False", "False", "False"]


def test_the_file_is_set_up_for_readers_beside_a_writer(tmp_path: Path) -> None:
    for sync, level in ((False, 1), (True, 2)):
        with closing(open_control(tmp_path, sync=sync)) as store:
            with store.connectors._engine.connect() as connection:
                found = {
                    name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                    for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
                }
            assert found == {
                "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000, "synchronous": level,
            }  # fmt: skip


def test_while_another_writes_reads_go_on_and_writes_are_unavailable(tmp_path: Path) -> None:
    open_control(tmp_path).close()
    file = tmp_path / FILE
    with (
        closing(open_control_url(f"sqlite:///{file}?timeout=0")) as store,
        closing(sqlite3.connect(file)) as other,
    ):
        store.connectors.keep_cursor("c", "1")
        other.execute("BEGIN IMMEDIATE")
        assert store.connectors.cursor("c") == "1"
        with pytest.raises(UnavailableError, match="locked"):
            store.connectors.keep_cursor("c", "2")
        other.rollback()
        store.connectors.keep_cursor("c", "2")
        assert store.connectors.cursor("c") == "2"


def test_who_will_write_waits_for_its_turn_before_it_reads(tmp_path: Path) -> None:
    with (
        closing(open_control(tmp_path)) as store,
        closing(sqlite3.connect(tmp_path / FILE, timeout=0)) as other,
        writing(store.connectors._engine) as connection,
    ):
        connection.exec_driver_sql("SELECT count(*) FROM connectors")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


def test_a_file_that_is_no_database_is_named_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"something else " * 100)
    with pytest.raises(UnavailableError, match=r"damaged.*move it away") as caught:
        open_control(tmp_path)
    assert str(tmp_path / FILE) in caught.value.message
    assert (tmp_path / FILE).read_bytes() == b"something else " * 100


def test_a_damaged_page_is_noticed_at_open(tmp_path: Path) -> None:
    with closing(open_control(tmp_path)) as store:
        for number in range(200):
            store.connectors.keep_cursor(str(number), "x" * 200)
    content = bytearray((tmp_path / FILE).read_bytes())
    content[-8192:-4096] = b"\xff" * 4096
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(UnavailableError, match=r"damaged.*put back a copy"):
        open_control(tmp_path)


def test_damage_while_it_is_open_is_told_alike(tmp_path: Path) -> None:
    with closing(open_control(tmp_path)) as store:
        store.connectors.keep_cursor("c", "1")
        store.connectors._engine.dispose()  # or its pages would be read from memory
        (tmp_path / FILE).write_bytes(b"something else " * 100)
        with pytest.raises(UnavailableError, match="damaged"):
            store.connectors.cursor("c")
        with pytest.raises(UnavailableError, match="damaged"):
            store.connectors.keep_cursor("c", "2")


def test_a_place_that_takes_no_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "folder" / FILE).mkdir(parents=True)
    with pytest.raises(UnavailableError, match="unable to open"):
        open_control(tmp_path / "folder")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnavailableError, match="file"):
        open_control(tmp_path / "file")


def test_errors_do_not_show_what_a_cursor_holds(tmp_path: Path) -> None:
    with closing(open_control(tmp_path)) as store:
        with closing(sqlite3.connect(tmp_path / FILE)) as other:
            other.execute("DROP TABLE connectors")
        with pytest.raises(UnavailableError) as caught:
            store.connectors.keep_cursor("c", "a-secret-token")
        assert "no such table" in caught.value.message
        assert "a-secret-token" not in repr(caught.value) + str(caught.value.__cause__)


@pytest.mark.parametrize("folder", ["100%25", "a b?c#d", "ä=ö"])
def test_any_folder_will_do(tmp_path: Path, folder: str) -> None:
    with closing(open_control(tmp_path / "new" / folder)) as store:
        store.connectors.keep_cursor("c", "1")
    assert (tmp_path / "new" / folder / FILE).exists()
