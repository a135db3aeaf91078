"""Start, stop and crash: what was acknowledged is there, once, whatever happens to the process."""

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import OFF, SECONDS, HubProcess, StartHub

pytestmark = [pytest.mark.system, pytest.mark.slow]

SENDERS, BATCH = 3, 20
NOW = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
SOURCES = ("costops", "sentinel", "registry")  # a window of an hour, no window, five minutes
RESTLESS = {"HUB_STORAGE__BLOCK_ROWS": "60"}
"""Rows go to the tables all the time, so that some are on their way whenever the process dies."""


class Load:
    """Senders that post batches of new events until the hub is gone, and what they were told."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.acknowledged: set[str] = set()
        self.unsure: list[list[str]] = []
        self.acks = threading.Semaphore(0)
        self._threads: list[threading.Thread] = []

    def start(self, hub: HubProcess) -> None:
        self._threads = [
            threading.Thread(target=self._run, args=(hub.url,)) for _ in range(SENDERS)
        ]
        for thread in self._threads:
            thread.start()

    def wait_for_acks(self, count: int) -> None:
        for _ in range(count):
            assert self.acks.acquire(timeout=SECONDS)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive()

    def send_unsure_again(self, hub: HubProcess) -> None:
        again, self.unsure = self.unsure, []
        for ids in again:
            assert self._post(hub.client, ids)

    def _run(self, url: str) -> None:
        with httpx.Client(base_url=url, timeout=SECONDS) as client:
            while self._post(client, [os.urandom(8).hex() for _ in range(BATCH)]):
                self.acks.release()

    def _post(self, client: httpx.Client, ids: list[str]) -> bool:
        try:
            answer = client.post("/api/v1/events", json=[event(one) for one in ids])
        except httpx.TransportError:
            self.unsure.append(ids)
            return False
        if answer.status_code != 200:
            self.unsure.append(ids)
            return False
        receipt = answer.json()
        assert receipt["accepted"] + receipt["duplicates"] == len(ids), receipt
        self.acknowledged.update(ids)
        return True


def event(event_id: str) -> dict[str, Any]:
    source = SOURCES[int(event_id[0], 16) % len(SOURCES)]
    known = {"source": source, "event_type": "test.sent", "occurred_at": NOW}
    return known | {"event_id": event_id, "input_tokens": 7}


def rows(hub: HubProcess, **question: Any) -> tuple[list[list[Any]], str]:
    body = {"measures": ["events", "input_tokens"], "time_range": {"last": "7d"}} | question
    answer = hub.client.post("/api/v1/query", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["rows"], answer.json()["meta"]["table"]


def stored(hub: HubProcess) -> Counter[str]:
    """How often each event is in the store."""
    found, _ = rows(hub, dimensions=["event_id"], limit=10_000)
    return Counter({event_id: count for event_id, count, _ in found})


def check_rollups(hub: HubProcess, events: int) -> None:
    """Tables that sum up say what the events themselves say."""
    for dimensions, granularity in ((["source"], None), (["source"], "day"), (["stream"], "hour")):
        found, _ = rows(hub, dimensions=dimensions, granularity=granularity)
        assert sum(row[-2] for row in found) == events
        assert sum(row[-1] for row in found) == events * 7


def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(
    start_hub: StartHub, tmp_path: Path
) -> None:
    dice, load = random.Random(9), Load()
    hub = start_hub(tmp_path / "data", **RESTLESS)
    for _ in range(3):
        load.start(hub)
        load.wait_for_acks(dice.randint(5, 60))
        hub.kill()
        load.join()
        assert len(load.unsure) == SENDERS
        hub = start_hub(tmp_path / "data", **RESTLESS)
        assert load.acknowledged <= stored(hub).keys()
        load.send_unsure_again(hub)
        assert stored(hub) == Counter(load.acknowledged)
    check_rollups(hub, len(load.acknowledged))
    assert hub.stop() == 0


def test_sigterm_finishes_what_it_took_and_ends_well(start_hub: StartHub, tmp_path: Path) -> None:
    load = Load()
    hub = start_hub(tmp_path / "data")
    load.start(hub)
    load.wait_for_acks(20)
    assert hub.stop() == 0
    load.join()
    hub = start_hub(tmp_path / "data")
    assert load.acknowledged <= stored(hub).keys()
    load.send_unsure_again(hub)
    assert stored(hub) == Counter(load.acknowledged)
    check_rollups(hub, len(load.acknowledged))
    assert hub.stop() == 0


def refusal(folder: Path, *flags: str, **environment: str) -> tuple[int, str]:
    """The exit code and the words of a hub that does not start."""
    clean = {name: text for name, text in os.environ.items() if not name.startswith("HUB_")}
    done = subprocess.run(
        [sys.executable, "-m", "llm_analytics_hub", "serve", "--data-dir", str(folder),
         "--port", "0", *OFF, *flags],
        env={**clean, **environment}, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_folder_belongs_to_one_process(start_hub: StartHub, tmp_path: Path) -> None:
    hub = start_hub(tmp_path / "data")
    code, said = refusal(tmp_path / "data")
    assert (code, "data_folder_in_use" in said, str(tmp_path / "data") in said) == (1, True, True)
    assert hub.client.get("/health/live").status_code == 200
    assert hub.stop() == 0


def test_every_fault_of_the_settings_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "hub.yaml"
    file.write_text("colour: red\nstorage: {readers: 99}\n")
    environment = {"HUB_INGEST__GROUP_ROWS": "none", "HUB_PROT": "1"}
    code, said = refusal(
        tmp_path / "data", "--metrics-port", "70000", "--config", str(file), **environment
    )
    assert code == 2
    for name in ("HUB_PROT", "colour", "storage.readers", "ingest.group_rows", "metrics_port"):
        assert name in said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"HUB_STORAGE": "fast"}, "storage"),
        ({"HUB_NORMALIZE__PRICE_FILE": "no/such/file.yaml"}, "no/such/file.yaml"),
        ({"HUB_NORMALIZE__RATE_FILE": "no/such/file.yaml"}, "no/such/file.yaml"),
        ({"HUB_NORMALIZE__STREAMS": '{"policy": {"dedup_window": "PT5M"}}'}, "policy"),
    ],
)
def test_a_wrong_setting_is_named_and_stops_the_start(
    tmp_path: Path, environment: dict[str, str], named: str
) -> None:
    code, said = refusal(tmp_path / "data", **environment)
    assert (code, named in said) == (2, True)


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    code, said = refusal(tmp_path / "data")
    assert (code, str(tmp_path / "data") in said) == (2, True)


def test_a_port_that_is_taken_is_named(start_hub: StartHub, tmp_path: Path) -> None:
    port = start_hub(tmp_path / "data").url.rpartition(":")[2]
    code, said = refusal(tmp_path / "other", "--port", port)
    assert (code, port in said) == (2, True)
