"""Notices to send, channels to send them with, and what became of them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from queue import Queue
from typing import Any

import pydantic
from prometheus_client import CollectorRegistry

from llm_analytics_hub.alerts.channels.channels import Channels, open_channels
from llm_analytics_hub.alerts.channels.kinds import ChannelSettings
from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics
from llm_analytics_hub.alerts.channels.worker import Worker
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.alerts.alert import Alert, Phase, Told
from llm_analytics_hub.model.alerts.labels import labels_of
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Cause, Delivery, Notice

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
SECONDS = 20.0
SECRET = "a-secret-of-16-and-more"  # noqa: S105 - of this test
SETTINGS: "pydantic.TypeAdapter[Any]" = pydantic.TypeAdapter(ChannelSettings)
QUICK = 0.001
"""First wait between tries here, in seconds."""


def alert(model: str = "gpt-4o", phase: Phase = Phase.FIRING, **changes: Any) -> Told:
    began = NOW - timedelta(minutes=5)
    one = Alert(
        "acme", "error-rate", labels_of({"model": model}), phase, NOW, Level.CRITICAL, 0.123,
        (("limit", "0.05"),), began=began, fired=began,
        resolved=NOW if phase is Phase.RESOLVED else None,
    )  # fmt: skip
    one = replace(one, **changes)
    severity = {"severity": one.level.value} if one.level else {}
    labels = labels_of({"model": model, "alertname": "error-rate", **severity})
    texts = {
        "summary": f"{model} fails in 12.3 % of its calls",
        "description": "More than 5 % failed for 5 minutes.",
        "runbook_url": "https://runbooks.example/errors",
    }
    return Told(one, labels, texts, "ratio", f"https://hub.example/alerts/{one.fingerprint}", "5 %")


def notice(*firing: Told, resolved: tuple[Told, ...] = (), **changes: Any) -> Notice:
    group = labels_of({"alertname": "error-rate"})
    all_firing = firing or (() if resolved else (alert(),))
    made = Notice("acme", "errors", "on-call", group, Cause.NEW, NOW, all_firing, resolved)
    return replace(made, **changes)


class Desk:
    """Channels, and what became of what they were given."""

    def __init__(self, channels: Channels, metrics: ChannelMetrics) -> None:
        self.channels = channels
        self.metrics = metrics
        self.became: Queue[Delivery] = Queue()

    def send(self, name: str, what: Notice | None = None) -> None:
        self.channels.send(name, what or notice(), self.became.put)

    def sent(self, name: str, what: Notice | None = None) -> Delivery:
        """Send one, and wait for what becomes of it."""
        self.send(name, what)
        return self.next()

    def next(self) -> Delivery:
        return self.became.get(timeout=SECONDS)

    def counted(self, name: str, outcome: str) -> float:
        return self.metrics.deliveries.labels(name, outcome)._value.get()

    def worker(self, name: str) -> Worker:
        return self.channels._workers[name]


@contextmanager
def desk(clock: ManualClock | None = None, **settings: dict[str, Any]) -> Iterator[Desk]:
    """Channels of these settings, by name, which try again at once."""
    read = {name: SETTINGS.validate_python(one) for name, one in settings.items()}
    metrics = ChannelMetrics(CollectorRegistry())
    channels = open_channels(read, clock or ManualClock(NOW), metrics)
    with closing(channels):
        made = Desk(channels, metrics)
        for name in settings:
            made.worker(name)._first_seconds = QUICK
        yield made
