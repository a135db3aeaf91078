"""What is saved of alerts survives kill -9 whole, in the file in the data folder."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from llm_analytics_hub.storage.control.opening import open_control

SAVES = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from llm_analytics_hub.model.alerts.alert import Alert, Phase, Transition
from llm_analytics_hub.storage.control.opening import open_control
store, now = open_control(Path(sys.argv[1])).alerts, datetime(2025, 11, 18, tzinfo=UTC)
number = 0
while True:
    number += 1
    alerts = [Alert("t", "r", (("n", str(n)),), Phase.OK, now, count=number) for n in range(100)]
    store.save(alerts, [Transition(one, Phase.OK, now) for one in alerts], {"t": (now, number)})
    print(number, flush=True)
"""


@pytest.mark.slow
def test_what_was_saved_survives_kill_9_whole(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", SAVES, tmp_path], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child:
        told = [int(child.stdout.readline()) for _ in range(25)]
        child.kill()
        told += [int(line) for line in child.stdout.read().split(b"\n")[:-1]]
    with closing(open_control(tmp_path)) as store:
        _, number = store.alerts.places()["t"]
        assert number in {told[-1], told[-1] + 1}
        assert [one.count for one in store.alerts.alerts()] == [number] * 100
        history = store.alerts.history("t", None, None, None, 10_000)
    assert len(history) == 100 * number
    assert {one.alert.count for _, one in history[:100]} == {number}
