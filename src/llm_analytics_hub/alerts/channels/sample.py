"""A notice that looks like a real one, for tests of a channel."""

from datetime import datetime, timedelta

from llm_analytics_hub.model.alerts.alert import Alert, Phase, Told
from llm_analytics_hub.model.alerts.labels import labels_of
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Cause, Notice

RULE = "test-of-the-channel"


def sample_notice(tenant: str, at: datetime) -> Notice:
    """One alert that says it is a test."""
    labels = labels_of({"channel_test": "true"})
    alert = Alert(
        tenant, RULE, labels, Phase.FIRING, at, Level.INFO, 0.125, (("limit", "0.05"),),
        began=at - timedelta(minutes=5), fired=at, seen=at,
    )  # fmt: skip
    shown = labels_of({**dict(labels), "alertname": RULE, "severity": Level.INFO.value})
    summary = "This is a test: the channel works. Nothing is wrong."
    told = Told(alert, shown, {"summary": summary}, "ratio", limit="5 %")
    return Notice(tenant, f"test/{tenant}", "test", labels, Cause.TEST, at, (told,))
