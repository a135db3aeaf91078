"""Rules over stored history: the same as if they had been judged then, with fewer questions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from tests.unit.alerts.making import HOUR, MINUTE, rule
from tests.unit.query.questions import Asked, call

from llm_analytics_hub.alerts.backtest import Report, backtest
from llm_analytics_hub.alerts.detect.asking import Found, Shape
from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.alerts.replay_sums import is_summable
from llm_analytics_hub.alerts.stored_events import StoredEvents
from llm_analytics_hub.errors import InvalidInputError, InvalidQueryError
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import (
    AbsenceCondition,
    Against,
    AnomalyCondition,
    BudgetCondition,
    ChangeCondition,
    CompoundCondition,
    Direction,
    Expression,
    HealthCondition,
    MatchCondition,
    Rule,
    ThresholdCondition,
    Watched,
)
from llm_analytics_hub.model.query import Condition, Op, TimeRange
from llm_analytics_hub.query.events import EventLists

START = datetime(2025, 11, 19, 6, tzinfo=UTC)
END = START + 3 * HOUR
BURST = (START + 90 * MINUTE, START + 100 * MINUTE)
KEYS = count(1)


def event(at: datetime, service: str, status: str, cost: str = "0.5") -> dict[str, Any]:
    """A model call."""
    key = next(KEYS)
    known = {"service": service, "status": status, "event_id": f"e{key}", "event_key": key}
    return call(at.replace(tzinfo=None).isoformat(), cost, latency_ms=100.0, **known)


def day() -> list[dict[str, Any]]:
    """Two services call every two minutes; a fails for ten, b is silent for the last forty."""
    events = []
    for number in range(-60, 90):
        at = START + number * 2 * MINUTE + timedelta(seconds=7)
        is_bad = BURST[0] <= at < BURST[1]
        events += [event(at, "a", "error" if is_bad else "ok") for _ in range(8 if is_bad else 1)]
        if at < END - 40 * MINUTE:
            events.append(event(at, "b", "ok"))
    return events


class Past:
    """A stored past, and how often it was asked."""

    def __init__(self, is_whole: bool = True) -> None:
        asked = Asked(*day())
        self.questions = RuleQuestions(asked.service)
        self.events = StoredEvents(EventLists(asked.store))
        self.asked: list[Shape] = []
        self.is_whole = is_whole

    def ask(self, tenant: str, shape: Shape, measures: Sequence[str]) -> Found:
        self.asked.append(shape)
        if (
            not self.is_whole
            and shape.end - shape.start >= 3 * HOUR
            and shape.granularity == "minute"
        ):
            raise InvalidQueryError("too many rows")
        return self.questions.ask(tenant, shape, measures)

    def report(self, *rules: Rule, step: timedelta = 2 * MINUTE) -> Report:
        return backtest(rules, self.ask, self.events, TimeRange(START, END), step)


ERRORS = rule(
    ThresholdCondition(
        Watched("errors", ("service",)),
        (Threshold(Level.CRITICAL, Side.ABOVE, 12), Threshold(Level.WARNING, Side.ABOVE, 5)),
    ),
    name="errors", lasting=2 * MINUTE,
)  # fmt: skip
RATE = rule(
    ThresholdCondition(Watched("error_rate"), (Threshold(Level.WARNING, Side.ABOVE, 0.5),)),
    name="rate",
)
CHANGE = rule(
    ChangeCondition(
        Watched("requests", ("service",), window=10 * MINUTE, minimum=10), Against.PREVIOUS_PERIOD,
        (Threshold(Level.WARNING, Side.ABOVE, 2.0),),
    ),
    name="change",
)  # fmt: skip
SILENT = rule(
    AbsenceCondition(Condition("service", Op.EXISTS, ()), '[{"field":"service","op":"exists"}]',
                     ("service",), Level.WARNING, 10 * MINUTE, 2 * HOUR),
    name="silent",
)  # fmt: skip
BUDGET = rule(
    BudgetCondition(100.0, "day", "Europe/Berlin", (), "[]",
                    (Threshold(Level.WARNING, Side.AT_LEAST, 0.8),), Level.INFO),
    name="budget",
)  # fmt: skip
ODD = rule(
    AnomalyCondition(Watched("requests", ("service",), window=5 * MINUTE),
                     (Threshold(Level.WARNING, Side.ABOVE, 5.0),), Direction.UP, 4 * HOUR, 3.0),
    name="odd",
)  # fmt: skip
MATCH = rule(
    MatchCondition(Condition("status", Op.EQ, ("error",)), "[]", ("service",), Level.CRITICAL),
    name="match",
)
BOTH = rule(
    CompoundCondition(
        Expression("all", parts=(Expression("rule", "errors"), Expression("rule", "rate"))),
        (), Level.CRITICAL,
    ),
    name="both",
)  # fmt: skip
ALL = (BOTH, ERRORS, RATE, CHANGE, SILENT, BUDGET, ODD, MATCH)


def test_a_burst_fires_once_with_its_gravest_level_and_is_resolved() -> None:
    [found] = Past().report(ERRORS).rules
    [firing] = found.firings
    assert firing.labels == (("service", "a"),)
    assert BURST[0] < firing.fired <= BURST[0] + 6 * MINUTE
    assert firing.resolved is not None
    assert BURST[1] < firing.resolved <= BURST[1] + 8 * MINUTE
    assert firing.level is Level.CRITICAL
    assert found.notices == firing.notices == 3  # fired, less grave, resolved


def test_each_kind_of_rule_finds_what_happened() -> None:
    report = Past().report(*ALL)
    firings = {one.rule.name: [dict(f.labels) for f in one.firings] for one in report.rules}
    assert list(firings) == [one.name for one in ALL]
    assert firings["both"] == [{}]
    by_name = {one.rule.name: one.firings for one in report.rules}
    later = max(by_name["errors"][0].fired, by_name["rate"][0].fired)
    assert by_name["both"][0].fired == later  # judged after those it is about
    assert firings["rate"] == [{}]
    assert firings["change"] == [{"service": "a"}]
    assert firings["silent"] == [{"service": "b"}]
    assert {"service": "a"} in firings["odd"]
    assert firings["match"] == [{"service": "a"}]
    assert {"threshold": "80%", "period": "2025-11-19"} in firings["budget"]
    assert not any(one.error for one in report.rules)


def test_what_adds_up_is_asked_for_as_a_whole() -> None:
    past = Past()
    report = past.report(ERRORS, CHANGE, SILENT)
    assert report.moments == 90
    assert report.questions == len(past.asked) < 10
    assert {shape.granularity for shape in past.asked} == {"minute"}


@pytest.mark.slow
def test_the_whole_and_the_parts_are_answered_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    past = Past()
    whole = past.report(*ALL, step=6 * MINUTE)
    monkeypatch.setattr("llm_analytics_hub.alerts.replay_answers.is_summable", lambda _: False)
    parts = past.report(*ALL, step=6 * MINUTE)
    assert [one.firings for one in parts.rules] == [one.firings for one in whole.rules]
    assert parts.questions > 4 * 30 > whole.questions


@pytest.mark.parametrize("by", [("service",), ()])
@pytest.mark.parametrize("measure", ["error_rate", "latency_ms_p95", "users"])
def test_windows_that_are_buckets_are_asked_for_at_once_and_answered_alike(
    measure: str, by: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = Threshold(Level.CRITICAL, Side.AT_LEAST, 0.5 if measure == "error_rate" else 0.0)
    shares = rule(ThresholdCondition(Watched(measure, by), (at,)), name="shares", every=5 * MINUTE)
    past = Past()
    at_once = past.report(shares, step=5 * MINUTE)
    assert len(past.asked) < 5
    monkeypatch.setattr("llm_analytics_hub.alerts.replay_answers.bucket_of", lambda *_: None)
    each = Past()
    assert each.report(shares, step=5 * MINUTE).rules == at_once.rules
    assert len(each.asked) > 30


def test_where_the_whole_is_too_much_each_moment_is_asked() -> None:
    past = Past(is_whole=False)
    assert past.report(ERRORS).rules == Past().report(ERRORS).rules
    assert len(past.asked) > 90


def test_events_that_match_are_counted_and_quiet_afterwards() -> None:
    [found] = Past().report(MATCH).rules
    [firing] = found.firings
    assert (firing.count, firing.notices) == (40, 2)
    assert firing.fired == BURST[0] + timedelta(seconds=7)
    assert firing.resolved is not None
    quiet = firing.resolved - (BURST[1] - 2 * MINUTE + timedelta(seconds=7))
    assert 10 * MINUTE <= quiet <= 12 * MINUTE


def test_a_quiet_past_fires_nothing() -> None:
    quiet = TimeRange(START, START + HOUR)
    past = Past()
    report = backtest((ERRORS, RATE, SILENT, MATCH, BOTH), past.ask, past.events, quiet, MINUTE)
    assert not any(one.firings or one.error for one in report.rules)


def test_what_cannot_be_asked_is_told_and_others_go_on() -> None:
    past = Past()

    def ask(tenant: str, shape: Shape, measures: Sequence[str]) -> Found:
        if "error_rate" in measures:
            raise InvalidQueryError("too many groups")
        return past.ask(tenant, shape, measures)

    health = rule(HealthCondition("disk", ()), name="health")
    report = backtest((RATE, ERRORS, health), ask, past.events, TimeRange(START, END), MINUTE)
    assert [one.error[:8] for one in report.rules] == ["too many", "", "the hub'"]
    assert [len(one.firings) for one in report.rules] == [0, 1, 0]


def test_progress_is_told_and_bad_steps_are_refused() -> None:
    past, told = Past(), []
    span = TimeRange(START, START + 10 * MINUTE)
    backtest((ERRORS,), past.ask, past.events, span, MINUTE, lambda *one: told.append(one))
    assert told == [(number, 10) for number in range(1, 11)]
    for step in (timedelta(0), HOUR, timedelta(milliseconds=1)):
        with pytest.raises(InvalidInputError):
            backtest((ERRORS,), past.ask, past.events, span, step)


def test_different_values_and_means_are_no_sums() -> None:
    names = (
        "errors",
        "cost_usd",
        "users",
        "error_rate",
        "latency_ms_p95",
        "events_per_s",
        "score_max",
    )
    assert [name for name in names if is_summable(name)] == ["errors", "cost_usd"]
