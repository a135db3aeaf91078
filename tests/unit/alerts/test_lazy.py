"""Alerting that is opened late: what is away when the hub starts is waited for."""

import threading
from typing import cast

import pytest

from llm_analytics_hub.alerts import lazy
from llm_analytics_hub.alerts.alerting import Alerting
from llm_analytics_hub.alerts.lazy import LazyAlerting
from llm_analytics_hub.bootstrap.alerts import open_alerting
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.live.stream import LiveStream
from llm_analytics_hub.settings import Settings
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .making import NOW

PATIENCE = 30


class Begun:
    """Alerting that says that it began."""

    def __init__(self) -> None:
        self.began = threading.Event()

    def start(self) -> None:
        self.began.set()

    def close(self) -> None: ...


def test_a_store_that_is_away_at_the_start_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy, "RETRY_SECONDS", 0.0)
    begun, failures = Begun(), [UnavailableError("away"), UnavailableError("away")]

    def opened() -> Alerting:
        if failures:
            raise failures.pop()
        return cast(Alerting, begun)

    alerting = LazyAlerting(opened)
    alerting.start()
    assert begun.began.wait(PATIENCE)
    alerting.close()


def test_alerting_that_could_not_read_its_store_is_opened_later(tmp_path: object) -> None:
    class Away(MemoryAlertStore):
        is_away = True

        def alerts(self):  # type: ignore[no-untyped-def]
            if self.is_away:
                raise UnavailableError("away")
            return super().alerts()

    clock, metrics, store = ManualClock(NOW), Metrics(), Away()
    stream = LiveStream(clock, metrics)
    settings = Settings(data_dir=tmp_path)

    def opened() -> Alerting:
        return open_alerting(settings, store, stream, MemoryStore(), None, clock, metrics)  # type: ignore[arg-type]

    with pytest.raises(UnavailableError):
        opened()
    store.is_away = False
    opened().close()
    stream.close()
