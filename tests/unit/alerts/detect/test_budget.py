"""Budgets: thresholds of a calendar period, and where it will end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.alerts.making import DAY, NOW, rule

from llm_analytics_hub.alerts.detect.asking import Found
from llm_analytics_hub.alerts.detect.budget import BudgetDetector
from llm_analytics_hub.alerts.detect.periods import period_of
from llm_analytics_hub.alerts.rule_alerts import RuleAlerts
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.alert import Judgement, Phase
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import BudgetCondition, Rule

from .answering import answered

STEPS = (
    Threshold(Level.CRITICAL, Side.AT_LEAST, 1.0),
    Threshold(Level.WARNING, Side.AT_LEAST, 0.8),
)
MONTH = BudgetCondition(100.0, "month", "Europe/Berlin", (), "[]", STEPS, None)
PROJECTED = replace(MONTH, projected=Level.INFO, time_zone="UTC")


def labels(threshold: str, period: str = "2026-11") -> tuple[tuple[str, str], ...]:
    return (("period", period), ("threshold", threshold))


def spent(
    amount: float | None, condition: BudgetCondition = MONTH, at: datetime = NOW
) -> Judgement:
    return BudgetDetector(condition).judge(at, [Found([()], None, {"cost_usd": [amount]})])


def projected(at: datetime, daily: Callable[[datetime], float | None]) -> set[str]:
    """The thresholds that are met with such costs a day."""
    detector = BudgetDetector(PROJECTED)
    whole, buckets = detector.wants(at)
    found = answered(buckets, {(): daily})
    total = Found([()], None, {"cost_usd": [sum(v or 0 for v in found.values["cost_usd"])]})
    assert whole.shape.granularity is None
    return {dict(group)["threshold"] for group in detector.judge(at, [total, found]).bad}


@pytest.mark.parametrize(
    ("unit", "zone", "at", "name", "start", "end"),
    [
        ("day", "Europe/Berlin", "2026-10-24T23:30", "2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("week", "UTC", "2027-01-02T12:00", "2026-W53", "2026-12-28T00:00", "2027-01-04T00:00"),
        ("month", "America/New_York", "2026-12-01T04:59", "2026-11", "2026-11-01T04:00", "2026-12-01T05:00"),
        ("quarter", "UTC", "2026-12-31T23:59", "2026-Q4", "2026-10-01T00:00", "2027-01-01T00:00"),
        ("year", "Asia/Tokyo", "2026-12-31T15:00", "2027", "2026-12-31T15:00", "2027-12-31T15:00"),
    ],
)  # fmt: skip
def test_periods_are_those_of_the_calendar_there(
    unit: str, zone: str, at: str, name: str, start: str, end: str
) -> None:
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (at, start, end)]
    found = period_of(moments[0], unit, zone)
    assert (found.name, found.start, found.end) == (name, moments[1], moments[2])


def test_a_period_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="quarter"):
        period_of(NOW, "fortnight", "UTC")


def test_it_asks_for_the_period_up_to_now() -> None:
    [wanted] = BudgetDetector(MONTH).wants(NOW)
    assert (wanted.shape.start, wanted.shape.end) == (datetime(2026, 10, 31, 23, tzinfo=UTC), NOW)
    first = BudgetDetector(MONTH).wants(wanted.shape.start)[0].shape
    assert first.start < first.end


def test_each_threshold_is_a_group_of_its_own() -> None:
    assert not spent(79.9).bad
    assert set(spent(80.0).bad) == {labels("80%")}
    assert set(spent(130.0).bad) == {labels("80%"), labels("100%")}
    about = dict(spent(130.0).bad[labels("100%")].detail)
    assert (about["limit"], about["spent"], about["used"]) == ("100", "130", "130%")
    assert set(spent(None).held) == {labels("80%"), labels("100%")}


def played(of: Rule, *amounts: tuple[float, datetime]) -> list[tuple[str, str]]:
    """The transitions of what was spent at each moment."""
    alerts = RuleAlerts()
    found = [
        alerts.judged(of, spent(amount, of.condition, at)).transitions  # type: ignore[arg-type]
        for amount, at in amounts
    ]
    told = [one.alert for transitions in found for one in transitions]
    return [(dict(alert.labels)["period"], alert.phase.value) for alert in told]


def test_each_fires_once_in_a_period_and_is_over_with_it() -> None:
    of = rule(replace(MONTH, time_zone="UTC", thresholds=STEPS[1:]), every=DAY)
    days = [datetime(2026, 11, 28, tzinfo=UTC) + number * DAY for number in range(6)]
    told = played(of, *zip((70.0, 85.0, 75.0, 5.0, 90.0, 80.0), days, strict=True))
    assert told == [("2026-11", "firing"), ("2026-11", "resolved"), ("2026-12", "firing")]


def test_a_budget_that_is_raised_begins_anew() -> None:
    of = rule(replace(MONTH, thresholds=STEPS[1:]))
    minute = timedelta(minutes=1)
    alerts = RuleAlerts()
    assert alerts.judged(of, spent(85.0)).transitions
    more = replace(of, version=2, condition=replace(MONTH, thresholds=STEPS[1:], amount_usd=200.0))
    told = [
        alerts.judged(more, spent(amount, more.condition, NOW + number * minute)).transitions  # type: ignore[arg-type]
        for number, amount in enumerate((86.0, 165.0, 166.0), 1)
    ]
    assert [[one.alert.phase for one in found] for found in told] == [
        [Phase.RESOLVED], [Phase.FIRING], [],
    ]  # fmt: skip


def test_what_will_be_too_much_at_this_pace_is_projected() -> None:
    assert projected(NOW, lambda _: 4.0) == {"projected"}
    assert projected(NOW, lambda _: 3.0) == set()


def test_it_is_too_early_to_tell_at_first() -> None:
    assert projected(datetime(2026, 11, 4, tzinfo=UTC), lambda _: 9.0) == set()
    assert projected(datetime(2026, 11, 6, tzinfo=UTC), lambda _: 9.0) == {"projected"}


def test_a_single_bill_is_no_pace() -> None:
    def bill(day: datetime) -> float | None:
        return 70.0 if day.day == 2 else 0.5

    assert projected(datetime(2026, 11, 7, tzinfo=UTC), bill) == set()
    assert projected(NOW, lambda day: 70.0 if day.day == 17 else None) == set()
