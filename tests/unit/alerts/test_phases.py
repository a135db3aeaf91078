"""Phases: examples of each way, and what holds of all of them."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.alerts.making import DAY, HOUR, MINUTE, NOW, finding, group, match_rule, rule

from llm_analytics_hub.alerts.phases import advance, begin, ended, happened, transition
from llm_analytics_hub.model.alerts.alert import Alert, Finding, Phase
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import AbsenceCondition, NoData, Rule
from llm_analytics_hub.model.query import All

BAD, GRAVE = finding(), finding(level=Level.CRITICAL, value=21.0)
Step = tuple[timedelta, Finding | None, bool]
WELL: tuple[None, bool] = (None, True)
GONE: tuple[None, bool] = (None, False)


def played(of: Rule, *steps: tuple[Finding | None, bool], every: timedelta = MINUTE) -> list[Alert]:
    """The alert after each judgement, a minute apart."""
    alert, alerts = begin(of, group("a"), NOW), []
    for number, (found, is_known) in enumerate(steps):
        alert = advance(of, alert, found, is_known, NOW + number * every)
        alerts.append(alert)
    return alerts


def phases(of: Rule, *steps: tuple[Finding | None, bool]) -> list[str]:
    return [alert.phase.value for alert in played(of, *steps)]


def test_what_is_bad_fires_at_once_where_it_need_not_last() -> None:
    fired = played(rule(), (BAD, True))[-1]
    assert (fired.phase, fired.level, fired.value) == (Phase.FIRING, Level.WARNING, 11.0)
    assert fired.began == fired.fired == fired.since == fired.seen == NOW


def test_what_must_last_is_pending_for_so_long() -> None:
    found = phases(rule(lasting=2 * MINUTE), (BAD, True), (BAD, True), (BAD, True))
    assert found == ["pending", "pending", "firing"]


def test_what_does_not_last_never_fires() -> None:
    found = phases(
        rule(lasting=2 * MINUTE), (BAD, True), (BAD, True), WELL, (BAD, True), (BAD, True)
    )
    assert found == ["pending", "pending", "ok", "pending", "pending"]


def test_it_is_resolved_once_it_was_calm_for_so_long() -> None:
    found = phases(
        rule(calm=3 * MINUTE), (BAD, True), WELL, WELL, (BAD, True), WELL, WELL, WELL, WELL
    )
    assert found == ["firing"] * 6 + ["resolved"] * 2


def test_another_level_is_told_in_both_directions() -> None:
    alerts = played(rule(), (BAD, True), (GRAVE, True), (GRAVE, True), (BAD, True))
    told = [transition(*pair) for pair in pairwise(alerts)]
    levels = [one and (one.before, one.alert.level) for one in told]
    assert levels == [(Phase.FIRING, Level.CRITICAL), None, (Phase.FIRING, Level.WARNING)]
    assert {alert.since for alert in alerts} == {NOW}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (NoData.OK, ["firing", "resolved", "resolved", "firing"]),
        (NoData.KEEP, ["firing", "firing", "firing", "firing"]),
        (NoData.ALERT, ["firing", "no_data", "no_data", "firing"]),
    ],
)
def test_no_data_means_what_the_rule_says(policy: NoData, expected: list[str]) -> None:
    assert phases(rule(no_data=policy), (BAD, True), GONE, GONE, (BAD, True)) == expected


def test_what_was_well_and_is_gone_is_an_alert_where_it_is_missed() -> None:
    of = rule(no_data=NoData.ALERT, lasting=MINUTE)
    assert phases(of, GONE, WELL, GONE, GONE, WELL) == [
        "unknown",
        "ok",
        "pending",
        "no_data",
        "resolved",
    ]


def test_no_data_does_not_count_towards_lasting_where_all_is_kept() -> None:
    of = rule(no_data=NoData.KEEP, lasting=2 * MINUTE)
    found = phases(of, (BAD, True), GONE, GONE, GONE, (BAD, True), (BAD, True))
    assert found == ["pending"] * 5 + ["firing"]


def test_silence_that_is_forgotten_is_over_whatever_no_data_means() -> None:
    condition = AbsenceCondition(All(), "[]", ("service",), Level.WARNING, HOUR)
    of = rule(condition, no_data=NoData.KEEP)
    assert phases(of, (BAD, True), (BAD, True), (BAD, True), GONE)[2:] == ["firing", "resolved"]


def test_a_paused_rule_neither_fires_nor_resolves() -> None:
    fired = played(rule(), (BAD, True))[-1]
    paused = advance(rule(is_paused=True), fired, BAD, True, NOW + MINUTE)
    assert paused.phase is Phase.PAUSED
    again = advance(rule(lasting=MINUTE), paused, BAD, True, NOW + 2 * MINUTE)
    assert (again.phase, again.began) == (Phase.PENDING, NOW + 2 * MINUTE)


@pytest.mark.parametrize("jump", [-3 * HOUR, 3 * HOUR, 40 * DAY])
def test_a_clock_that_jumps_fires_nothing_by_itself(jump: timedelta) -> None:
    pending = played(rule(lasting=10 * MINUTE), (BAD, True), (BAD, True))[-1]
    after = advance(rule(lasting=10 * MINUTE), pending, BAD, True, NOW + MINUTE + jump)
    assert after.phase is Phase.PENDING
    fresh = begin(rule(), group("a"), NOW, judged=NOW)
    assert advance(rule(), fresh, BAD, True, NOW + jump).phase is Phase.PENDING


@pytest.mark.parametrize("found", [WELL, GONE])
@pytest.mark.parametrize("jump", [-3 * HOUR, 3 * HOUR, 40 * DAY])
def test_a_clock_that_jumps_resolves_nothing_by_itself(
    jump: timedelta, found: tuple[None, bool]
) -> None:
    fired = played(rule(calm=0 * MINUTE), (BAD, True))[-1]
    after = advance(rule(), fired, *found, NOW + jump)
    assert after.phase is Phase.FIRING
    assert advance(rule(), after, *found, NOW + jump + MINUTE).phase is Phase.RESOLVED


def test_time_that_was_watched_counts_across_a_jump() -> None:
    of = rule(lasting=5 * MINUTE)
    pending = played(of, *[(BAD, True)] * 4)[-1]
    back = advance(of, pending, BAD, True, NOW - DAY)
    found = [advance(of, back, BAD, True, NOW - DAY + number * MINUTE) for number in (1, 2)]
    assert [alert.phase for alert in found] == [Phase.PENDING, Phase.FIRING]


def test_an_evaluator_that_is_always_late_still_fires_and_resolves() -> None:
    late = [(BAD, True)] * 4 + [WELL] * 3
    found = [alert.phase.value for alert in played(rule(lasting=2 * MINUTE), *late, every=HOUR)]
    assert found == ["pending", "pending", "firing", "firing", "firing", "resolved", "resolved"]


def test_events_that_match_fire_count_and_are_over_after_quiet() -> None:
    of = match_rule()
    one = happened(of, None, GRAVE, 2, NOW)
    two = happened(of, one, GRAVE, 3, NOW + MINUTE)
    assert (two.phase, two.count, two.fired, two.seen) == (Phase.FIRING, 5, NOW, NOW + MINUTE)
    for minute in range(2, 11):
        two = advance(of, two, None, True, NOW + minute * MINUTE)
        assert two.phase is Phase.FIRING
    over = advance(of, two, None, True, NOW + 11 * MINUTE)
    assert over.phase is Phase.RESOLVED
    assert happened(of, over, GRAVE, 1, NOW + 12 * MINUTE).count == 1


def test_a_rule_that_is_gone_resolves_what_people_were_told() -> None:
    fired = played(rule(), (BAD, True))[-1]
    assert ended(fired, NOW + MINUTE).phase is Phase.RESOLVED
    pending = played(rule(lasting=MINUTE), (BAD, True))[-1]
    assert ended(pending, NOW + MINUTE) is pending


SPANS = st.one_of(
    st.integers(1, 120).map(lambda seconds: timedelta(seconds=seconds)),
    st.sampled_from([timedelta(0), -DAY, -MINUTE, HOUR, 30 * DAY]),
)
STEPS = st.lists(
    st.tuples(SPANS, st.sampled_from([None, BAD, GRAVE]), st.booleans()), min_size=1, max_size=40
)
RULES = st.builds(
    rule,
    lasting=st.integers(0, 5).map(lambda minutes: minutes * MINUTE),
    calm=st.integers(0, 5).map(lambda minutes: minutes * MINUTE),
    no_data=st.sampled_from(NoData),
    is_paused=st.sampled_from([False, False, False, True]),
)


@given(RULES, STEPS)
def test_whatever_happens_the_phases_make_sense(of: Rule, steps: list[Step]) -> None:
    alert, at = begin(of, group("a"), NOW), NOW
    was_bad = was_missed = False
    for step, found, is_known in steps:
        at += step
        before, alert = alert, advance(of, alert, found, is_known, at)
        was_bad, was_missed = was_bad or found is not None, was_missed or not is_known
        assert alert.since >= before.since
        assert alert.judged == at
        assert was_bad or alert.phase is not Phase.FIRING
        assert was_missed or alert.phase is not Phase.NO_DATA
        assert not alert.is_active or alert.level is not None
        assert not of.is_paused or alert.phase is Phase.PAUSED
        if before.phase is alert.phase and before.level is alert.level:
            assert transition(before, alert) is None
        if found is None and is_known:
            assert alert.phase in (Phase.OK, Phase.RESOLVED, Phase.PAUSED) or before.is_active
        if alert.phase is Phase.FIRING and before.phase is not Phase.FIRING:
            assert found is not None
            assert alert.fired == at


@given(RULES, STEPS)
def test_only_what_was_watched_for_long_enough_fires(of: Rule, steps: list[Step]) -> None:
    alert, at, watched = begin(of, group("a"), NOW), NOW, timedelta(0)
    for step, found, _ in steps:
        at += step
        watched += (
            min(max(step, timedelta(0)), 2 * of.every)
            if alert.phase is Phase.PENDING
            else watched * 0
        )
        alert = advance(of, alert, found, True, at)
        if alert.phase is Phase.FIRING:
            assert watched >= of.lasting
            return


@given(RULES, STEPS)
def test_judging_the_same_again_at_once_changes_nothing(of: Rule, steps: list[Step]) -> None:
    alert, at = begin(of, group("a"), NOW), NOW
    for step, found, is_known in steps:
        at += step
        alert = advance(of, alert, found, is_known, at)
    again = advance(of, alert, steps[-1][1], steps[-1][2], at)
    if (
        again.phase is alert.phase
    ):  # right after a jump the second judgement may be the one that counts
        assert replace(again, judged=None) == replace(alert, judged=None)
