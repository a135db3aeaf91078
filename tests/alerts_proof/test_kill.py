"""kill -9 between telling and recording: one notice may come again, none is lost."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from queue import Empty
from threading import Event

import pytest

from tests.integration.alerts import receiver as web
from tests.integration.alerts.receiver import Answer, Receiver
from tests.system.conftest import HubProcess

pytestmark = [pytest.mark.system, pytest.mark.slow]
TYPES = ("threat.detected", "attack.detected", "leak.detected")
NUMBERS = count()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with web.receiver() as opened:
        yield opened


class Places:
    """A hub's folder and settings; it is started there again and again."""

    def __init__(self, folder: Path, url: str) -> None:
        rules = [
            {"name": name.replace(".", "-"), "kind": "match", "severity": "critical",
             "where": [{"field": "event_type", "op": "eq", "value": name}], "resolve_after": "1h"}
            for name in TYPES
        ]  # fmt: skip
        file = folder / "rules.yaml"
        file.write_text(json.dumps({"rules": rules}))
        hook = {"hook": {"kind": "webhook", "url": url}}
        self.folder = folder / "data"
        self.settings = {
            "HUB_ALERTS__RULES": json.dumps([str(file)]),
            "HUB_ALERTS__CHANNELS": json.dumps(hook),
        }
        self.hubs: list[HubProcess] = []

    def start(self) -> HubProcess:
        self.hubs.append(HubProcess(self.folder, 0, 0, **self.settings))
        return self.hubs[-1]


@pytest.fixture
def places(tmp_path: Path, receiver: Receiver) -> Iterator[Places]:
    found = Places(tmp_path, receiver.url)
    yield found
    for hub in found.hubs:
        hub.close()


def send(hub: HubProcess, event_type: str) -> None:
    event = {
        "event_id": f"e{next(NUMBERS)}", "event_type": event_type, "source": "observatory",
        "occurred_at": datetime.now(UTC).isoformat(), "severity": "info",
    }  # fmt: skip
    answer = hub.client.post("/api/v1/events", json=[event])
    assert answer.json()["accepted"] == 1, answer.text


def send_until_told(hub: HubProcess, event_type: str, receiver: Receiver) -> list[str]:
    """The rules that were told of until the one of these events was: a hub opens its alerts late."""
    wanted, seen = event_type.replace(".", "-"), list[str]()
    while wanted not in seen:
        send(hub, event_type)
        try:
            body = json.loads(receiver.received.get(timeout=1).body)
        except Empty:
            continue
        seen += [one["labels"]["alertname"] for one in body["alerts"]]
    return seen


def test_a_hub_that_is_killed_while_it_tells_loses_nothing(
    places: Places, receiver: Receiver
) -> None:
    first, second, third = TYPES
    hold = Event()
    receiver.answers.append(Answer(waits=hold))
    hub = places.start()
    told = send_until_told(hub, first, receiver)
    send(hub, second)  # its notice waits behind the one that is not answered
    hub.kill()
    hold.set()
    told += send_until_told(places.start(), third, receiver)
    counts = Counter(told)
    assert counts[first.replace(".", "-")] <= 2, "what was told comes again once at most"
    assert counts[second.replace(".", "-")] == 1, "what was not told is told"
    assert counts[third.replace(".", "-")] == 1
