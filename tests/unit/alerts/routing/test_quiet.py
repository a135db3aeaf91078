"""Silences, inhibition, acknowledgement and escalation."""

from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Cause

from .world import MINUTE, TENANT, World


def outcomes(world: World) -> list[tuple[str, int]]:
    kept = world.store.deliveries(TENANT, "ops", None, None, 100)
    return [(one.outcome, len(one.alerts)) for one in reversed(kept)]


def escalating(*steps: tuple[str, str]) -> dict[str, object]:
    escalate = [{"after": after, "channels": [name]} for after, name in steps]
    return {"route": {"channels": ["ops"], "escalate": escalate}}


def test_a_silence_leaves_out_and_is_told_after_it_ended() -> None:
    world = World()
    world.silence("service=a", lasts="1h")
    world.fire("a")
    world.fire("b")
    (one,) = world.heard()
    assert one.firing == ["b"]
    world.wait(30)
    assert sorted(outcomes(world)) == [("sent", 1), ("silenced", 1)]
    world.wait(31)
    (one,) = world.heard()
    assert (sorted(one.firing), one.notice.cause) == (["a", "b"], Cause.CHANGED)
    assert one.notice.at == world.now - MINUTE


def test_what_was_told_before_a_silence_is_told_once_more_after_it_also_after_a_restart() -> None:
    world = World()
    world.fire("a")
    world.wait(10)
    made = world.silence("service=a", lasts="10h")
    world.wait(5 * 60)
    assert world.causes() == ["new"]
    world.desk.silences.expire(TENANT, made, "bob")
    world.restart()
    assert world.causes() == ["repeated"]
    world.restart()
    world.wait(60)
    assert world.causes() == []


def test_the_end_of_what_is_silenced_is_told_when_the_silence_ends() -> None:
    world = World()
    world.fire("a")
    world.silence("service=a", lasts="1h")
    world.resolve("a")
    world.wait(59)
    assert world.causes() == ["new"]
    world.wait(1)
    assert world.causes() == ["resolved"]


def test_a_window_of_maintenance_begins_later_and_an_edit_moves_its_end() -> None:
    world = World()
    starts = (world.now + 30 * MINUTE).isoformat()
    made = world.silence("service=~.*", starts=starts, lasts="1h", kind="maintenance")
    world.fire("a")
    world.wait(31)
    world.fire("b", rule="other")
    assert world.causes() == ["new"]
    body = {"match": ["service=~.*"], "lasts": "5m", "reason": "done", "kind": "maintenance"}
    world.desk.silences.edit(TENANT, made, body, "bob")
    world.wait(6)
    assert sorted(world.causes()) == ["new", "repeated"]
    assert [one.by for one in world.desk.silences.versions(TENANT, made)] == ["bob", "ada"]


def test_while_the_source_fires_its_targets_are_quiet() -> None:
    inhibit = {"source": ["alertname=down"], "target": ["severity=warning"], "equal": ["service"]}
    world = World(routing={"route": {"channels": ["ops"]}, "inhibit": [inhibit]})
    both = world.firing("a", Level.CRITICAL, "down"), world.firing("a"), world.firing("b")
    world.change(*both)
    assert sorted(one.firing for one in world.heard()) == [["a"], ["b"]]
    assert ("inhibited", 1) in outcomes(world)
    world.wait(10)
    world.resolve("a", rule="down")
    firing = [one.firing for one in world.heard() if one.firing]
    assert [sorted(names) for names in firing] == [["a", "b"]]


def test_two_that_inhibit_each_other_are_both_told() -> None:
    inhibit = {"source": ["service=~.+"], "target": ["service=~.+"]}
    world = World(routing={"route": {"channels": ["ops"]}, "inhibit": [inhibit]})
    world.change(world.firing("a"), world.firing("b"))
    assert sorted(world.heard()[0].firing) == ["a", "b"]


def test_an_acknowledgement_stops_repeats_until_it_is_graver() -> None:
    world = World()
    world.fire("a")
    alert = world.alerts.copy().popitem()[0]
    world.desk.acknowledge(TENANT, alert, "ada", "on it")
    world.wait(5 * 60)
    assert world.causes() == ["new"]
    world.fire("a", level=Level.CRITICAL)
    world.wait(5 * 60)
    assert world.causes() == ["changed", "repeated"]
    assert world.store.acknowledgements() == []


def test_an_acknowledgement_is_over_with_the_alert() -> None:
    world = World()
    world.fire("a")
    alert = next(iter(world.alerts))
    world.desk.acknowledge(TENANT, alert, "ada", "on it")
    world.note(world.resolved("a"))
    world.restart()
    assert world.desk.acknowledgement(alert) is None


def test_a_withdrawn_acknowledgement_lets_repeats_go_on() -> None:
    world = World()
    world.fire("a")
    alert = next(iter(world.alerts))
    world.desk.acknowledge(TENANT, alert, "ada", "on it")
    world.wait(5 * 60)
    world.desk.withdraw([alert])
    world.run()
    assert world.causes() == ["new", "repeated"]


def test_others_are_told_when_nobody_acknowledged() -> None:
    world = World("ops", "boss", "ceo", routing=escalating(("15m", "boss"), ("1h", "ceo")))
    world.fire("a")
    world.fire("b")
    world.desk.acknowledge(TENANT, world.firing("b").fingerprint, "ada", "on it")
    world.wait(14)
    assert world.heard("boss") == []
    world.wait(1)
    (one,) = world.heard("boss")
    assert (one.firing, one.notice.cause) == (["a"], Cause.ESCALATED)
    world.desk.acknowledge(TENANT, world.firing("a").fingerprint, "boss", "mine")
    world.wait(300)
    assert (world.heard("boss"), world.heard("ceo")) == ([], [])
    world.resolve("a", "b")
    assert [one.resolved for one in world.heard("boss")] == [["a"]]
    assert world.heard("ceo") == []


def test_escalation_survives_a_restart_and_waits_for_a_silence() -> None:
    world = World("ops", "boss", routing=escalating(("15m", "boss")))
    world.silence("service=quiet", lasts="30m")
    world.fire("a", "quiet")
    world.wait(10)
    world.restart()
    world.wait(5)
    assert [one.firing for one in world.heard("boss")] == [["a"]]
    world.wait(29)
    assert world.heard("boss") == []
    world.wait(1)
    assert [sorted(one.firing) for one in world.heard("boss")] == [["a", "quiet"]]


def test_what_is_silenced_is_kept_once_also_after_a_restart() -> None:
    world = World()
    world.silence("service=a", lasts="10h")
    world.fire("a")
    world.wait(60)
    world.restart()
    assert outcomes(world) == [("silenced", 1)]


def test_news_of_others_does_not_forget_who_was_told_before_a_silence() -> None:
    world = World()
    world.fire("a", "b")
    world.silence("service=a", lasts="1h")
    world.wait(10)
    world.fire("c")
    world.resolve("a")
    world.wait(10)
    assert [sorted(one.firing) for one in world.heard()] == [["a", "b"], ["b", "c"]]
    world.wait(60)
    assert [one.resolved for one in world.heard()] == [["a"]]
