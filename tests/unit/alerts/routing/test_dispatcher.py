"""Who is told what, when."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from llm_analytics_hub.alerts.routing.planning import Plan, plan
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.alerts.alert import Phase
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Cause, Outcome

from .world import MINUTE, START, TENANT, World


def route(**more: object) -> dict[str, object]:
    return {"route": {"channels": ["ops"], "group_by": ["alertname"], **more}}


def test_the_first_alert_is_told_at_once_and_the_rest_together_after_the_interval() -> None:
    world = World()
    world.fire("a")
    world.fire("b")
    world.wait(4)
    world.fire("c")
    (first,) = world.heard()
    assert (first.firing, first.notice.cause) == (["a"], Cause.NEW)
    world.wait(2)
    (second,) = world.heard()
    assert (second.firing, second.notice.cause) == (["a", "b", "c"], Cause.CHANGED)
    assert second.notice.at == START + 5 * MINUTE


def test_a_group_waits_for_others_of_its_kind() -> None:
    world = World(routing=route(group_wait="30s"))
    world.fire("a")
    world.wait(0.4)
    world.fire("b")
    assert world.heard() == []
    world.wait(0.1)
    (one,) = world.heard()
    assert (one.firing, one.notice.at) == (["a", "b"], START + 0.5 * MINUTE)


def test_what_gets_graver_is_told_at_once() -> None:
    world = World()
    world.fire("a", level=Level.WARNING)
    world.wait(1)
    world.fire("b", level=Level.WARNING)
    assert world.causes() == ["new"]
    world.fire("a", level=Level.CRITICAL)
    assert world.causes() == ["changed"]
    world.fire("c", level=Level.CRITICAL)
    assert world.causes() == []


def test_what_comes_back_soon_is_not_told_at_once_again() -> None:
    world = World()
    world.fire("a")
    world.resolve("a")
    world.wait(5)
    assert world.causes() == ["new", "resolved"]
    world.fire("a")
    assert world.causes() == []
    world.wait(5)
    assert world.causes() == ["new"]
    assert len(world.store.sent()) == 1


def test_what_goes_on_is_repeated_and_what_is_over_is_told_once() -> None:
    world = World()
    world.fire("a", "b")
    world.wait(4 * 60)
    assert world.causes() == ["new", "repeated"]
    world.resolve("a")
    world.wait(6)
    (one,) = world.heard()
    assert (one.firing, one.resolved, one.notice.cause) == (["b"], ["a"], Cause.CHANGED)
    world.resolve("b")
    world.wait(24 * 60)
    (last,) = world.heard()
    assert (last.firing, last.resolved, last.notice.cause) == ([], ["b"], Cause.RESOLVED)
    assert world.store.sent() == []


def test_who_was_not_told_of_it_is_not_told_that_it_is_over() -> None:
    world = World(routing=route(group_wait="1m"))
    world.fire("a")
    world.resolve("a")
    world.wait(60)
    assert world.heard() == []
    assert world.dispatcher._groups.count == 0


@pytest.mark.parametrize("level", [None, Level.WARNING])
def test_an_alert_in_another_phase_of_badness_is_a_change(level: Level | None) -> None:
    world = World()
    world.fire("a")
    world.wait(10)
    world.change(replace(world.firing("a"), phase=Phase.NO_DATA, level=level))
    assert world.causes() == ["new", "changed"]


def test_a_restart_neither_loses_nor_repeats() -> None:
    world = World()
    world.fire("a", "b")
    world.restart()
    assert world.causes() == ["new"]
    assert [notice.cause for notice in world.channels.remembered] == [Cause.REPEATED]
    world.note(world.resolved("a"), world.firing("c"))
    world.restart()
    world.wait(6)
    (one,) = world.heard()
    assert (sorted(one.firing), one.resolved) == (["b", "c"], ["a"])
    world.restart()
    world.wait(60)
    assert world.heard() == []


def test_killed_between_sending_and_keeping_repeats_once() -> None:
    world = World()
    world.channels.slow.add("ops")
    world.fire("a")
    world.restart()
    assert world.causes() == ["new", "new"]
    world.channels.answer()
    world.restart()
    assert world.causes() == []


def test_a_channel_that_fails_is_tried_again_and_delays_nobody() -> None:
    world = World("ops", "pager", "slow")
    world.channels.broken.add("ops")
    world.channels.slow.add("slow")
    world.fire("a")
    world.wait(6)
    assert [one.outcome for one in world.heard()] == [Outcome.FAILED, Outcome.FAILED]
    assert world.causes("pager") == ["new"]
    world.channels.broken.clear()
    world.fire("b")
    world.wait(5)
    assert (world.heard()[-1].firing, world.heard("pager")[-1].firing) == (["a", "b"], ["a", "b"])
    assert world.causes("slow") == ["new"]
    world.channels.slow.clear()
    world.channels.answer()
    world.wait(5)
    assert world.heard("slow")[-1].firing == ["a", "b"]


def test_a_channel_that_is_gone_is_a_failure_that_can_be_seen() -> None:
    world = World("ops", "old", routing={"route": {"channels": ["old", "ops"]}})
    world.channels.names = frozenset({"ops"})
    world.fire("a")
    (failed,) = world.store.deliveries(TENANT, "old", None, None, 10)
    assert (failed.outcome, failed.error) == (Outcome.FAILED, "there is no channel 'old'")
    assert world.causes() == ["new"]


def test_a_store_that_is_away_delays_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.run()

    def away(*_: object) -> None:
        raise UnavailableError("away")

    with monkeypatch.context() as patch:
        patch.setattr(world.store, "keep_sent", away)
        world.fire("a")
        world.fire("a", rule="other")
    assert world.causes() == ["new", "new"]
    assert world.store.sent() == []
    world.run()
    assert len(world.store.sent()) == 2


def test_a_text_that_breaks_stops_only_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    good = world.dispatcher._groups._told_of

    def broken(alert):
        if alert.rule == "bad":
            raise RuntimeError("template")
        return good(alert)

    world.dispatcher._groups._told_of = broken
    world.change(world.firing("a", rule="bad"), world.firing("a"))
    assert [one.notice.group_labels for one in world.heard()] == [(("alertname", "errors"),)]
    world.dispatcher._groups._told_of = good
    world.wait(5)
    assert [one.notice.group_labels for one in world.heard()] == [(("alertname", "bad"),)]


def test_routes_by_level_tell_the_end_to_all_who_were_told() -> None:
    critical = {"match": ['severity="critical"'], "channels": ["pager"]}
    world = World("ops", "pager", routing=route(routes=[critical]))
    world.fire("a", level=Level.WARNING)
    world.wait(10)
    world.fire("a", level=Level.CRITICAL)
    assert (world.causes(), world.causes("pager")) == (["new"], ["new"])
    world.restart()
    world.wait(10)
    world.resolve("a")
    assert (world.causes(), world.causes("pager")) == (["resolved"], ["resolved"])


def test_another_routing_moves_only_what_it_is_about() -> None:
    world = World("ops", "pager", routing=route())
    world.fire("a", rule="cost")
    world.fire("a")
    world.heard()
    other = {"match": ["alertname=cost"], "channels": ["pager"]}
    world.desk.put(TENANT, route(routes=[other]), "ada")
    world.run()
    assert (world.heard(), world.causes("pager")) == ([], ["new"])
    world.wait(10)
    world.resolve("a", rule="cost")
    assert (world.causes(), world.causes("pager")) == (["resolved"], ["resolved"])


@pytest.mark.slow
def test_a_flood_becomes_few_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    looks = count(1)

    def counted(*of: Any) -> Plan:
        next(looks)
        return plan(*of)

    monkeypatch.setattr("llm_analytics_hub.alerts.routing.groups.plan", counted)
    for batch in range(1000):
        world.clock.set(START + batch * timedelta(milliseconds=60))
        world.change(*(world.firing(f"s{batch}-{number}") for number in range(10)))
    world.wait(6)
    first, second = world.heard()
    assert len(first.firing) == 10
    assert (len(second.firing), second.notice.left_out) == (100, 9_900)
    assert not set(first.firing) & set(second.firing)  # what is new comes first
    assert next(looks) < 10  # a look goes through all 10,000


def test_a_clock_set_back_delays_nothing() -> None:
    world = World()
    world.fire("a")
    world.clock.set(START - timedelta(days=1))
    world.fire("b")
    world.wait(6)
    assert world.heard()[-1].firing[-1] == "a"
    assert world.alerts


def test_alerts_of_all_labels_are_told_alone() -> None:
    world = World(routing=route(group_by=["..."]))
    world.fire("a", "b")
    assert sorted(one.firing for one in world.heard()) == [["a"], ["b"]]
    world.fire("a", level=Level.CRITICAL)
    (one,) = world.heard()
    assert (one.firing, one.notice.cause) == (["a"], Cause.CHANGED)
