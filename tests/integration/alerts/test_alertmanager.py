"""Alerts in a real Alertmanager: they appear, stay while they go on, and end."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.alerts.alert import Phase
from llm_analytics_hub.model.alerts.labels import labels_of
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Outcome
from tests.services.process import Service

from .notices import NOW, alert, desk, notice
from .receiver import Receiver, receiver

MINUTE = timedelta(minutes=1)


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def out(*urls: str, **more: Any) -> dict[str, Any]:
    return {"kind": "alertmanager", "urls": urls, "tries": 3, **more}


def active(service: Service, model: str) -> list[dict[str, Any]]:
    """What it has of a model, and calls active."""
    query = f"{service.url}/api/v2/alerts?filter=model%3D%22{model}%22"
    with urllib.request.urlopen(query, timeout=20) as answer:  # noqa: S310 - http on loopback
        found = json.loads(answer.read())
    return [one for one in found if one["status"]["state"] == "active"]


@pytest.mark.integration
def test_an_alert_appears_and_ends(alertmanager: Service) -> None:
    model, now = uuid4().hex, datetime.now(UTC)
    with desk(ManualClock(now), am=out(alertmanager.url)) as at:
        told = alert(model, began=now - MINUTE, detail=(("limit", "0.05"),))
        odd = replace(told, labels=labels_of({**dict(told.labels), "attributes.team": "x"}))
        assert at.sent("am", notice(odd)).outcome is Outcome.SENT
        (found,) = active(alertmanager, model)
        assert found["labels"]["attributes_team"] == "x"
        assert found["labels"]["severity"] == "critical"
        assert found["annotations"]["summary"] == told.annotations["summary"]
        assert found["generatorURL"] == told.url
        ends = datetime.fromisoformat(found["endsAt"])
        assert timedelta(0) < ends - now <= 4 * MINUTE
        over = replace(odd, alert=replace(odd.alert, phase=Phase.RESOLVED, resolved=now))
        assert at.sent("am", notice(resolved=(over,))).outcome is Outcome.SENT
    assert active(alertmanager, model) == []


@pytest.mark.integration
def test_a_graver_one_takes_the_place_of_the_one_before(alertmanager: Service) -> None:
    model, now = uuid4().hex, datetime.now(UTC)
    mild = alert(model, began=now - MINUTE, level=Level.WARNING)
    grave = alert(model, began=now - MINUTE, level=Level.CRITICAL)
    with desk(ManualClock(now), am=out(alertmanager.url)) as at:
        at.sent("am", notice(mild, at=now))
        at.sent("am", notice(grave, at=now))
    assert [one["labels"]["severity"] for one in active(alertmanager, model)] == ["critical"]


def posted(server: Receiver) -> list[dict[str, Any]]:
    got = server.next()
    assert got.path == "/prefix/api/v2/alerts"
    found: list[dict[str, Any]] = json.loads(got.body)
    return found


def test_what_goes_on_is_told_again_until_it_is_over(server: Receiver) -> None:
    clock = ManualClock(NOW)
    with desk(clock, am=out(f"{server.url}/prefix/", refresh="PT1S")) as at:
        at.worker("am").channel.refresh_seconds = 0.01  # type: ignore[attr-defined]
        at.sent("am", notice(alert("a"), alert("b")))
        first = posted(server)
        again = posted(server)
        assert [one["labels"] for one in again] == [one["labels"] for one in first]
        over = alert("a", Phase.RESOLVED)
        at.sent("am", notice(alert("b"), resolved=(over,)))
        models = {one["labels"]["model"] for one in again}
        while models != {"b"}:
            models = {one["labels"]["model"] for one in posted(server)}
        at.sent("am", notice(resolved=(alert("b", Phase.RESOLVED),)))
        # All the channel does now is look whether something goes on, and say nothing.
        assert at.worker("am").channel._going_on == {}  # type: ignore[attr-defined]


def test_the_end_of_what_goes_on_moves_with_the_clock(server: Receiver) -> None:
    clock = ManualClock(NOW)
    with desk(clock, am=out(f"{server.url}/prefix")) as at:
        at.sent("am")
        channel: Any = at.worker("am").channel
        clock.set(NOW + timedelta(hours=3))
        channel.refresh()
    first, later = posted(server)[0], posted(server)[0]
    assert first["startsAt"] == later["startsAt"] == "2026-11-22T11:55:00Z"
    assert first["endsAt"] == "2026-11-22T12:04:00Z"
    assert later["endsAt"] == "2026-11-22T15:04:00Z"


def test_after_a_restart_it_tells_again_what_it_is_reminded_of(server: Receiver) -> None:
    with desk(am=out(f"{server.url}/prefix", refresh="PT1S")) as at:
        at.worker("am").channel.refresh_seconds = 0.01  # type: ignore[attr-defined]
        at.channels.remember("am", notice(alert("a")))
        at.channels.remember("none", notice(alert("a")))
        assert posted(server)[0]["labels"]["model"] == "a"


def test_one_of_a_cluster_that_took_it_is_enough(server: Receiver) -> None:
    with desk(am=out("http://127.0.0.1:1", f"{server.url}/prefix")) as at:
        assert at.sent("am").outcome is Outcome.SENT
        assert posted(server)
        server.answer(400)
        failed = at.sent("am")
        # The one that is down may be up soon, so it is tried again; by then the other takes it.
        assert (failed.outcome, failed.tries) == (Outcome.SENT, 2)


def test_a_failed_one_sent_again_is_not_over_by_then(server: Receiver) -> None:
    clock = ManualClock(NOW)
    server.answer(400)
    with desk(clock, am=out(f"{server.url}/prefix")) as at:
        failed = at.sent("am")
        posted(server)
        clock.set(NOW + timedelta(hours=1))
        at.channels.resend(failed, at.became.put)
        assert at.next().outcome is Outcome.SENT
    assert posted(server)[0]["endsAt"] == "2026-11-22T13:04:00Z"
