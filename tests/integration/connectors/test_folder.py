"""A watched folder: exports taken once, whole, and moved out of the way."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

from llm_analytics_hub.connectors import file_slices

from .conftest import OpenHub, until

HEADER = "id,usage_id,provider,model,total_cost,currency,timestamp\n"


def row(number: int) -> str:
    record = f"7d0c8a4e-0000-4000-8000-{number:012}"
    return f"{record},{record},openai,gpt-4o,0.25,USD,2025-11-19 10:00:{number % 60:02} UTC\n"


def watched(folder: Path) -> dict[str, Any]:
    return {"kind": "folder", "module": "costops", "path": str(folder), "every": 0.05, "settled": 0}


def taken(folder: Path) -> set[str]:
    return {path.name for path in (folder / "done").glob("*")}


async def test_exports_are_stored_and_moved(tmp_path: Path, open_connected: OpenHub) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "costs.csv").write_text(HEADER + row(1) + row(2))
    async with open_connected(tmp_path / "data", exports=watched(inbox)) as hub:
        events = await hub.stored(2)
        assert [event["cost_usd"] for event in events] == [Decimal("0.25")] * 2
        assert {event["event_type"] for event in events} == {"cost.recorded"}
        await until(lambda: taken(inbox) == {"costs.csv"})
        assert hub.state("exports").accepted == 2


async def test_a_file_again_under_another_name_counts_nothing_twice(
    tmp_path: Path, open_connected: OpenHub
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for start in range(2):
        async with open_connected(tmp_path / "data", exports=watched(inbox)) as hub:
            (inbox / "costs.csv.part").write_text(HEADER + row(1) + row(2))
            (inbox / "costs.csv.part").rename(inbox / "costs.csv")
            await until(lambda count=start + 1: len(taken(inbox)) == count)
            assert len(hub.events()) == 2
    assert taken(inbox) == {"costs.csv", "costs.2.csv"}


async def test_a_large_file_is_read_in_slices(
    tmp_path: Path, open_connected: OpenHub, monkeypatch: Any
) -> None:
    monkeypatch.setattr(file_slices.slices, "__defaults__", (1000,))
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "costs.csv").write_text(HEADER + "".join(map(row, range(200))))
    async with open_connected(tmp_path / "data", exports=watched(inbox)) as hub:
        await until(lambda: taken(inbox) == {"costs.csv"})
        assert len(hub.ids()) == len(set(hub.ids())) == 200


async def test_what_is_no_export_is_set_aside_and_said(
    tmp_path: Path, open_connected: OpenHub
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "readme.txt").write_text("hello")
    (inbox / "broken.json").write_text('{"id": ')
    async with open_connected(tmp_path / "data", exports=watched(inbox)) as hub:
        await until(lambda: taken(inbox) == {"broken.json"})
        assert [path.name for path in (inbox / "refused").iterdir()] == ["readme.txt"]
        state = hub.state("exports")
        assert "readme.txt: a file's name ends in one of .json" in state.last_error
        assert (state.accepted, state.rejected) == (0, 1)
        (letter,) = hub.hub.store.dead_letters("default", (), 10).to_pylist()
        assert (letter["code"], letter["source"]) == ("undecodable", "costops")


async def test_a_file_being_written_is_left_alone(tmp_path: Path, open_connected: OpenHub) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    settled = {**watched(inbox), "settled": 3600}
    (inbox / "now.json").write_text("[]")
    (inbox / "old.json").write_text(json.dumps([]))
    os.utime(inbox / "old.json", (1, 1))
    async with open_connected(tmp_path / "data", exports=settled):
        await until(lambda: taken(inbox) == {"old.json"})
        assert (inbox / "now.json").exists()


async def test_a_folder_that_cannot_be_used_is_tried_again(
    tmp_path: Path, open_connected: OpenHub
) -> None:
    inbox = tmp_path / "inbox"
    inbox.write_text("a file in its place")
    async with open_connected(tmp_path / "data", exports=watched(inbox)) as hub:
        await until(lambda: hub.state("exports").failures == 1)
        inbox.unlink()
        inbox.mkdir()
        (inbox / "costs.csv").write_text(HEADER + row(1))
        await hub.stored(1)
