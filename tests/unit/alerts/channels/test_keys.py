"""A repeat after a crash has the key of what it repeats; news has another."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from llm_analytics_hub.alerts.channels.keys import idempotency_key
from llm_analytics_hub.model.alerts.alert import Alert, Phase, Told
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Cause, Notice

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=4)
ALERT = Alert("acme", "r", (), Phase.FIRING, NOW, Level.WARNING, 1.0, fired=NOW)
NOTICE = Notice("acme", "k", "root", (), Cause.NEW, NOW, (Told(ALERT, ()),))


def told(**changes: object) -> tuple[Told, ...]:
    return (Told(replace(ALERT, **changes), ()),)  # type: ignore[arg-type]


@pytest.mark.parametrize("cause", [Cause.NEW, Cause.CHANGED, Cause.RESOLVED])
def test_the_same_news_has_the_same_key_whenever_it_is_sent(cause: Cause) -> None:
    one = replace(NOTICE, cause=cause)
    # What is measured and counted moves on between the two.
    other = replace(one, at=LATER, firing=told(value=2.0, seen=LATER, count=5))
    assert idempotency_key(one) == idempotency_key(other)


@pytest.mark.parametrize(
    "other",
    [
        replace(NOTICE, tenant="other"),
        replace(NOTICE, group_key="other"),
        replace(NOTICE, route="other"),
        replace(NOTICE, cause=Cause.CHANGED),
        replace(NOTICE, firing=told(level=Level.CRITICAL)),
        replace(NOTICE, firing=told(fired=LATER)),
        replace(NOTICE, firing=told(rule="other")),
        replace(NOTICE, firing=told() + told(rule="other")),
        replace(NOTICE, firing=(), resolved=told(phase=Phase.RESOLVED, resolved=LATER)),
    ],
)
def test_other_news_has_another(other: Notice) -> None:
    assert idempotency_key(NOTICE) != idempotency_key(other)


@pytest.mark.parametrize("cause", [Cause.REPEATED, Cause.ESCALATED, Cause.TEST])
def test_what_is_told_again_on_purpose_has_another(cause: Cause) -> None:
    one = replace(NOTICE, cause=cause)
    assert idempotency_key(one) == idempotency_key(replace(one))
    assert idempotency_key(one) != idempotency_key(replace(one, at=LATER))
