"""Feeds: in order, once, over restarts and outages, and never stopped by one refusal."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import stamina
from pydantic import ValidationError

from llm_analytics_hub.bootstrap import Hub, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.connectors.feed import FeedSettings
from llm_analytics_hub.connectors.feeds.arrivals import BATCH
from llm_analytics_hub.connectors.feeds.outbox import NotTakenError
from llm_analytics_hub.connectors.state import Phase
from llm_analytics_hub.settings import Settings

from .feed_target import Fed, Sent, Target, in_turn, listening, receive

NOW = datetime(2025, 11, 19, 10, 30, tzinfo=UTC)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    hub = open_hub(Settings(data_dir=tmp_path_factory.mktemp("hub")), ManualClock(NOW))
    yield hub
    hub.close()


@pytest.fixture
def hub(shared_hub: Hub) -> Iterator[Hub]:
    """The engine at `NOW`; nobody waits between two tries."""
    go_to(shared_hub, NOW)
    with stamina.set_testing(True, attempts=3, cap=True):
        yield shared_hub


@pytest.fixture
def tenant() -> str:
    return f"t{os.urandom(8).hex()}"


def go_to(hub: Hub, now: datetime) -> None:
    assert isinstance(hub.clock, ManualClock)
    hub.clock.set(now)


def violation(number: int, **more: Any) -> dict[str, Any]:
    return {
        "source": "policy-engine", "stream": "policy", "event_type": "violation.detected",
        "event_id": f"v{number:04}", "occurred_at": "2025-11-19T10:00:00Z", "severity": "high",
        "policy_id": "pii-guard", "attributes": {"description": f"reason {number}"}, **more,
    }  # fmt: skip


def violations(hub: Hub, tenant: str, target: Target, **more: Any) -> Fed:
    return Fed(hub, FeedSettings(
        module="governance-dashboard", what="violations", tenant=tenant,
        url=f"{target.url}/violations", **more,
    ))  # fmt: skip


def reports(hub: Hub, tenant: str, target: Target, **more: Any) -> Fed:
    return Fed(hub, FeedSettings(
        module="policy-engine", what="compliance-report", tenant=tenant,
        url=f"{target.url}/compliance/reports", **more,
    ))  # fmt: skip


def ids(target: Target) -> list[str]:
    return [body["violationId"] for body in target.bodies]


def report_ids(target: Target) -> list[str]:
    return [body["reportId"] for body in target.bodies]


async def test_events_are_told_once_as_they_arrive_also_after_a_restart(
    hub: Hub, tenant: str
) -> None:
    async with listening() as target:
        fed = violations(hub, tenant, target)
        receive(hub, tenant, violation(0))  # before the feed first ran
        go_to(hub, NOW + timedelta(seconds=1))
        await fed.look()
        assert target.taken == []
        receive(hub, tenant, violation(3), violation(1, occurred_at="2025-11-12T10:00:00Z"))
        receive(hub, tenant, violation(2), violation(4, source="governance-dashboard"))
        receive(hub, f"{tenant}x", violation(5))
        await fed.look()
        assert sorted(ids(target)[:2]) == ["v0001", "v0003"]
        assert ids(target)[2:] == ["v0002"]
        assert (fed.state.sent, fed.state.refused, fed.state.phase) == (3, 0, Phase.RUNNING)
        await fed.look(3)
        receive(hub, tenant, violation(6))
        await fed.look()
        assert ids(target)[3:] == ["v0006"]
        assert set(fed.slept) == {1.0}


async def test_more_events_than_a_batch_are_all_told(hub: Hub, tenant: str) -> None:
    async with listening() as target:
        fed = violations(hub, tenant, target)
        await fed.look()
        receive(hub, tenant, *map(violation, range(BATCH + 20)))
        await fed.look()
        assert sorted(ids(target)) == [f"v{number:04}" for number in range(BATCH + 20)]


async def test_a_failure_in_the_middle_goes_on_behind_what_was_taken(hub: Hub, tenant: str) -> None:
    async with listening(in_turn(201, 201, 500, 500, 500)) as target:
        fed = violations(hub, tenant, target)
        await fed.look()
        for number in range(4):
            receive(hub, tenant, violation(number))
        with pytest.raises(NotTakenError, match="status 500"):
            await fed.look()
        assert (ids(target), len(target.refused)) == (["v0000", "v0001"], 3)
        assert fed.state.phase is not Phase.STOPPED
        await fed.look()
        assert ids(target) == ["v0000", "v0001", "v0002", "v0003"]


async def test_a_refused_event_is_counted_and_keeps_none_from_its_way(
    hub: Hub, tenant: str
) -> None:
    def answer(sent: Sent) -> tuple[int, dict[str, str]]:
        return (422 if sent.body["violationId"] == "v0001" else 201), {}

    async with listening(answer) as target:
        fed = violations(hub, tenant, target)
        await fed.look()
        for number in range(3):
            receive(hub, tenant, violation(number))
        await fed.look()
        assert (ids(target), len(target.refused)) == (["v0000", "v0002"], 1)
        assert (fed.state.sent, fed.state.refused) == (2, 1)
        assert fed.state.last_error == ("NotTakenError: what was sent was answered with status 422")
        await fed.look()
        assert len(target.refused) == 1


@pytest.mark.parametrize("status", [302, 401, 403, 404, 405])
async def test_what_is_wrong_with_every_event_loses_none(
    hub: Hub, tenant: str, status: int
) -> None:
    async with listening(in_turn(status)) as target:
        fed = violations(hub, tenant, target)
        await fed.look()
        receive(hub, tenant, violation(1))
        with pytest.raises(NotTakenError, match=str(status)):
            await fed.look()
        assert fed.state.refused == 0
        await fed.look()
        assert ids(target) == ["v0001"]


async def test_a_target_that_says_when_to_come_again_is_taken_at_its_word(
    hub: Hub, tenant: str
) -> None:
    answers = [(429, {"Retry-After": "7"}), (503, {"Retry-After": "Wed, 19 Nov 2025 10:31:00 GMT"})]
    async with listening(lambda _: answers.pop(0) if answers else (201, {})) as target:
        fed = violations(hub, tenant, target)
        await fed.look()
        receive(hub, tenant, violation(1))
        fed.slept.clear()
        await fed.look(times=3)
        assert (fed.slept, ids(target)) == ([7.0, 60.0, 1.0], ["v0001"])


async def test_a_token_and_headers_are_sent(hub: Hub, tenant: str) -> None:
    more = {"token": "t-1", "header": "X-Key", "secret": "s-1", "headers": {"X-User-Id": "u-1"}}
    async with listening() as target:
        fed = violations(hub, tenant, target, **more)
        await fed.look()
        receive(hub, tenant, violation(1))
        await fed.look()
        (sent,) = target.taken
        assert (sent.method, sent.path) == ("POST", "/violations")
        told = {name: sent.headers[name] for name in ("authorization", "x-key", "x-user-id")}
        assert told == {"authorization": "Bearer t-1", "x-key": "s-1", "x-user-id": "u-1"}
        assert sent.headers["content-type"] == "application/json"
        assert "t-1" not in repr(fed.settings)
        assert "s-1" not in repr(fed.settings)


async def test_a_report_of_each_period_is_sent_once_also_after_a_restart(
    hub: Hub, tenant: str
) -> None:
    async with listening() as target:
        fed = reports(hub, tenant, target)
        receive(hub, tenant, violation(1, occurred_at="2025-11-19T09:59:59Z"))
        await fed.look(3)
        assert report_ids(target) == ["rep-2025-11-19T10"]
        go_to(hub, NOW + timedelta(minutes=29, seconds=50))
        fed.slept.clear()
        await fed.look()
        assert fed.slept == [10.0]
        go_to(hub, NOW + timedelta(minutes=30))
        await fed.look(2)
        assert report_ids(target) == ["rep-2025-11-19T10", "rep-2025-11-19T11"]
        found = [body["metrics"]["violations"] for body in target.bodies]
        assert found == [1, 0]


async def test_a_delayed_report_is_made_when_late_events_are_here(hub: Hub, tenant: str) -> None:
    async with listening() as target:
        fed = reports(hub, tenant, target, delay=60)
        await fed.look()
        go_to(hub, NOW + timedelta(minutes=30, seconds=59))
        await fed.look()
        assert len(target.taken) == 1
        go_to(hub, NOW + timedelta(minutes=31))
        await fed.look()
        assert report_ids(target)[1:] == ["rep-2025-11-19T11"]


async def test_after_an_outage_all_reports_come_in_order_and_none_twice(
    hub: Hub, tenant: str
) -> None:
    async with listening() as target:
        fed = reports(hub, tenant, target)
        await fed.look()
        await target.stop()
        go_to(hub, NOW + timedelta(hours=4))
        for _ in range(2):
            with pytest.raises(httpx.ConnectError):
                await fed.look()
        target.answer = in_turn(201, 500, 500, 500)
        await target.start()
        with pytest.raises(NotTakenError):
            await fed.look()
        await fed.look()
        assert report_ids(target) == [f"rep-2025-11-19T{hour}" for hour in range(10, 15)]


async def test_of_many_missed_periods_the_last_48_are_caught_up(hub: Hub, tenant: str) -> None:
    async with listening() as target:
        fed = reports(hub, tenant, target)
        await fed.look()
        go_to(hub, NOW + timedelta(hours=60))
        await fed.look()
        ends = [datetime.fromisoformat(body["timeRange"]["end"]) for body in target.bodies[1:]]
        last = datetime(2025, 11, 21, 22, tzinfo=UTC)
        assert ends == [last - timedelta(hours=47 - number) for number in range(48)]


async def test_a_refused_report_is_not_sent_again(hub: Hub, tenant: str) -> None:
    async with listening(in_turn(400)) as target:
        fed = reports(hub, tenant, target)
        await fed.look(2)
        assert (len(target.refused), fed.state.refused, target.taken) == (1, 1, [])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"what": "weather"}, "the feeds of policy-engine are compliance-report"),
        ({"module": "observatory"}, "the feeds of observatory are none"),
        ({"every": 300}, "periods of compliance-report have 3600, 86400 seconds"),
        ({"url": "http://u:p@host/x"}, "no place for a password"),
        ({"url": "ftp://host/x"}, "must be http://"),
        ({"url": "http://host/{asset_id}"}, "of annotations, and of nothing else"),
        ({"header": "X-Key"}, "secret: it and its header"),
        ({"headers": {"X-A": "b\r\nX-C: d"}}, "should match pattern"),
        ({"scope": {"model": "gpt-4o"}}, "compliance-report is of everything"),
        ({"timeout": 0}, "greater than 0"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_told(wrong: dict[str, Any], said: str) -> None:
    right = {"module": "policy-engine", "what": "compliance-report", "url": "http://host/x"}
    assert FeedSettings(**right).remote == "host"
    with pytest.raises(ValidationError, match=said):
        FeedSettings(**{**right, **wrong})
