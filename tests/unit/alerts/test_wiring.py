"""Alerting as a hub puts it together."""

from datetime import timedelta
from pathlib import Path

from llm_analytics_hub.bootstrap.alerts import open_alerting
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.live.stream import LAST_KEY, LiveStream, Published
from llm_analytics_hub.model.alerts.rule import Rule
from llm_analytics_hub.settings import Settings
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .making import NOW
from .test_matching import THREATS, commit


def test_a_commit_under_way_brings_no_alert_of_a_rule_back_that_is_gone(tmp_path: Path) -> None:
    clock, metrics = ManualClock(NOW), Metrics()
    stream = LiveStream(clock, metrics)
    alerting = open_alerting(
        Settings(data_dir=tmp_path), MemoryAlertStore(), stream, MemoryStore(), None, clock, metrics  # type: ignore[arg-type]
    )  # fmt: skip
    alerting.rules.put("default", THREATS, "me")
    alerting.matching.start()
    at = NOW + timedelta(seconds=1)
    published = Published(commit(at, {}), stream.place, (at, LAST_KEY))

    def commit_comes(_: Rule) -> None:
        alerting.matching.published(published)

    alerting.rules.on_gone(commit_comes)  # behind those of the hub
    alerting.rules.remove("default", "threats", "me")
    assert [one for one in alerting.book.alerts() if one.rule == "threats"] == []
    alerting.close()
    stream.close()
