"""The evaluator: who is judged when, with how many questions, and what a fault does."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from llm_analytics_hub.alerts.detect.asking import Found
from llm_analytics_hub.alerts.evaluation import RuleState
from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.alerts.alert import Judgement
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import CompoundCondition, Expression, MatchCondition
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.query import All
from llm_analytics_hub.query.answered import Answered
from llm_analytics_hub.storage.memory import MemoryStore

from .evaluating import DELAY, MINUTE, NOW, Desk, Questions, calls, rule

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
WRONG = '[{"field": "nothing", "value": "x"}]'


def test_each_rule_is_judged_once_a_minute_a_little_in_the_past() -> None:
    desk = Desk(rule("a"), rule("b", "errors", where='[{"field": "model", "value": "x"}]'))
    desk.pass_time(3 * MINUTE)
    assert sorted(desk.book.names()) == ["a"] * 3 + ["b"] * 3
    first, second, third = desk.book.moments("a")
    assert second - first == third - second == MINUTE
    assert desk.evaluator.state(desk.rules.all[0]).at == third + DELAY


def test_one_question_serves_all_rules_that_ask_alike() -> None:
    desk = Desk(*(rule(f"{measure} {limit}", measure, limit)
                  for measure in ("events", "errors", "denied") for limit in range(100)))  # fmt: skip
    desk.pass_time(MINUTE)
    assert len(desk.book.told) == 300
    (asked,) = desk.queries.asked
    assert sorted(asked["measures"]) == ["denied", "errors", "events"]


def test_a_question_has_no_more_measures_than_it_may() -> None:
    names = [name for name in MEASURES if name != "cost_amount"][:45]
    desk = Desk(*(rule(name, name) for name in names))
    desk.pass_time(MINUTE)
    assert sorted(len(asked["measures"]) for asked in desk.queries.asked) == [5, 20, 20]
    assert sorted(desk.book.names()) == sorted(names)


def test_rules_of_two_tenants_are_never_asked_together() -> None:
    desk = Desk(rule("a"), rule("a", tenant="u"))
    desk.pass_time(MINUTE)
    assert len(desk.queries.asked) == 2


def test_what_is_found_has_the_labels_of_its_group() -> None:
    desk = Desk(rule("a", by=("service", "model")), store=calls("m", None, "m"))
    desk.pass_time(MINUTE)
    (_, judgement) = desk.book.told[0]
    values = {labels: finding.value for labels, finding in judgement.bad.items()}
    assert values == {(("model", "m"), ("service", "")): 2.0, (("model", ""), ("service", "")): 1.0}


def test_a_question_that_fails_fails_its_rules_and_no_others() -> None:
    wrong, well = rule("wrong", where=WRONG), rule("well")
    desk = Desk(wrong, rule("wrong too", where=WRONG), well)
    desk.pass_time(2 * MINUTE)
    assert desk.book.names() == ["well"] * 2
    state = desk.evaluator.state(wrong)
    assert "no dimension 'nothing'" in state.error
    assert state.failures == 2
    assert desk.evaluator.state(well).error == ""
    labels = {"kind": "threshold", "outcome": "invalid_query"}
    assert desk.counted("hub_alert_evaluations_total", **labels) == 4


def test_a_defect_of_a_detector_or_of_the_book_is_told_as_the_state_of_its_rule() -> None:
    broken, unsaved, well = rule("broken"), rule("unsaved"), rule("well")
    desk = Desk(broken, unsaved, well)
    desk.judging["broken"].judge = lambda at, found: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    desk.book.faults["unsaved"] = UnavailableError("the store is away")
    desk.pass_time(MINUTE)
    assert desk.evaluator.state(broken).error == "internal error: ZeroDivisionError"
    assert desk.evaluator.state(unsaved).error == "the store is away"
    assert desk.book.names() == ["well"]


def test_after_a_failure_that_is_over_a_rule_is_well_again() -> None:
    one = rule("a")
    desk = Desk(one)
    desk.book.faults["a"] = UnavailableError("the store is away")
    desk.pass_time(MINUTE)
    desk.book.faults.clear()
    desk.pass_time(MINUTE)
    state = desk.evaluator.state(one)
    assert (state.error, state.failures) == ("", 0)


def test_after_a_jump_of_the_clock_a_rule_is_judged_once_and_the_rest_counted() -> None:
    desk = Desk(rule("a"))
    desk.jump(HOUR)
    assert desk.book.names() == ["a"]
    assert desk.counted("hub_alert_skipped_slots_total") == 59


def test_a_clock_set_back_judges_no_moment_twice() -> None:
    desk = Desk(rule("a"))
    desk.pass_time(MINUTE)
    desk.jump(-MINUTE)
    desk.pass_time(MINUTE)
    assert desk.book.names() == ["a"]


def test_a_clock_set_back_far_does_not_stop_rules() -> None:
    desk = Desk(rule("a"))
    desk.pass_time(MINUTE)
    desk.jump(-DAY)
    desk.pass_time(2 * MINUTE)
    assert len(desk.book.names()) == 3


def test_a_new_rule_that_is_judged_daily_is_judged_soon_and_then_daily() -> None:
    desk = Desk(rule("a", every=DAY))
    desk.pass_time(MINUTE)
    assert desk.book.names() == ["a"]
    desk.pass_time(2 * DAY, step=MINUTE)
    first, second = desk.book.moments("a")[1:]
    assert second - first == DAY


def test_changed_rules_are_taken_up_and_others_keep_their_moments() -> None:
    a, b, c = rule("a", every=HOUR), rule("b"), rule("c")
    desk = Desk(a, b, c)
    desk.pass_time(MINUTE)
    desk.book.told.clear()
    changed = rule("b", "errors", version=2)
    desk.rules.replace(a, changed, replace(c, is_paused=True), rule("d"))
    desk.pass_time(MINUTE)
    assert sorted(desk.book.names()) == ["b", "d"]
    assert desk.judging["b"].condition == changed.condition
    assert desk.counted("hub_alert_rules", kind="threshold") == 3


def test_a_rule_that_is_gone_is_judged_no_more_and_has_no_state() -> None:
    one = rule("a")
    desk = Desk(one)
    desk.pass_time(MINUTE)
    desk.rules.replace()
    desk.pass_time(MINUTE)
    assert desk.book.names() == ["a"]
    assert desk.evaluator.state(one) == RuleState()


def test_a_rule_that_goes_while_it_is_judged_gets_no_new_alerts() -> None:
    gone, stays = rule("gone"), rule("stays")
    desk = Desk(gone, stays)
    judge = desk.judging["gone"].judge

    def judge_and_go(at: datetime, found: Sequence[Found]) -> Judgement:
        desk.rules.replace(stays)
        return judge(at, found)

    desk.judging["gone"].judge = judge_and_go  # type: ignore[method-assign]
    desk.pass_time(MINUTE)
    assert desk.book.names() == ["stays"]


def test_rules_that_cannot_be_read_are_tried_again() -> None:
    desk = Desk()
    desk.rules.fault = UnavailableError("the store is away")
    desk.rules.replace(rule("a"))
    with pytest.raises(UnavailableError):
        desk.jump(timedelta(0))
    desk.rules.fault = None
    desk.pass_time(2 * MINUTE)
    assert desk.book.names() == ["a"] * 2


def test_the_hub_is_measured_every_15_seconds_also_without_rules() -> None:
    desk = Desk()
    desk.pass_time(MINUTE)
    assert [one.at - NOW for one in desk.health._samples] == [
        timedelta(seconds=15 * number) for number in range(5)
    ]


def test_rules_on_single_events_are_left_to_the_stream() -> None:
    on_events = replace(rule("a"), condition=MatchCondition(All(), "[]", (), Level.INFO))
    desk = Desk(on_events)
    desk.pass_time(MINUTE)
    assert desk.book.told == []
    assert desk.counted("hub_alert_rules", kind="threshold") == 0


def compound(name: str, *about: str, every: timedelta = MINUTE, word: str = "all") -> Any:
    parts = tuple(Expression("rule", one) for one in about)
    condition = CompoundCondition(Expression(word, parts=parts), (), Level.CRITICAL)
    return replace(rule(name), condition=condition, kind="compound", every=every)


def test_compounds_are_judged_after_what_they_are_about_as_soon_as_it_changes() -> None:
    both, all_three = compound("both", "a", "b", every=DAY), compound("all", "both", every=DAY)
    desk = Desk(all_three, both, rule("b"), rule("a"), store=calls("m"))
    desk.pass_time(MINUTE)
    judged = desk.book.moments("a")[0]
    at_once = [name for name, judgement in desk.book.told if judgement.at == judged]
    assert at_once[-4:-2] in (["a", "b"], ["b", "a"])
    assert at_once[-2:] == ["both", "all"]
    assert desk.book.firing["t", "all"].bad.keys() == {()}


def test_compounds_of_the_same_moment_are_judged_after_what_they_are_about() -> None:
    both, all_three = (
        compound("both", "a", "b", every=SECOND),
        compound("all", "both", every=SECOND),
    )
    desk = Desk(all_three, both, rule("a", every=SECOND), rule("b", every=SECOND))
    desk.pass_time(SECOND)
    assert desk.book.names() == ["a", "b", "both", "all"]


def test_a_circle_of_compounds_ends() -> None:
    desk = Desk(compound("a", "b", word="not"), compound("b", "a"))
    desk.pass_time(MINUTE)
    assert set(desk.book.names()) == {"a", "b"}


def test_the_book_is_told_after_each_question() -> None:
    others = '[{"field": "model", "value": "x"}]'
    desk = Desk(*(rule(f"{n}", where=others if n % 2 else "[]", every=SECOND) for n in range(4)))
    desk.pass_time(SECOND)
    assert desk.book.batches == [["0", "2"], ["1", "3"]]


def test_its_thread_wakes_when_rules_change_and_ends_when_told() -> None:
    desk = Desk(rule("a"))
    desk.evaluator.start()
    for _ in range(5):
        desk.book.is_told.clear()
        desk.clock.set(desk.clock.now() + HOUR)
        desk.rules.changed()
        # By itself it would look at the clock again when the hub is to be measured, after 15 s.
        assert desk.book.is_told.wait(10)
    desk.evaluator.close()
    desk.evaluator.close()
    assert not desk.evaluator._thread.is_alive()


class Stuck(Questions):
    """Answers no question before it is cancelled."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.asked, self.is_asked, self.is_ended = [], threading.Event(), threading.Event()

    def answer(self, body: Mapping[str, Any], **more: Any) -> Answered:
        with more["cancellation"].ends_by(self.is_ended.set):
            self.is_asked.set()
            assert self.is_ended.wait(60)
        raise UnavailableError("cancelled", code="cancelled")


def test_it_ends_in_the_middle_of_a_question() -> None:
    desk = Desk(rule("a"), rule("b", by=("model",)))
    stuck = Stuck(MemoryStore(), desk.clock, desk.metrics)
    desk.evaluator._questions = RuleQuestions(stuck)
    desk.clock.set(NOW + HOUR)
    desk.evaluator.start()
    assert stuck.is_asked.wait(60)
    desk.evaluator.close()
    assert not desk.evaluator._thread.is_alive()
    assert desk.book.told == []
