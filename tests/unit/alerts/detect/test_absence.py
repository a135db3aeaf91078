"""Silence where there were events."""

from tests.unit.alerts.making import DAY, MINUTE, NOW, found, group

from llm_analytics_hub.alerts.detect.absence import AbsenceDetector
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import AbsenceCondition
from llm_analytics_hub.model.query import All

AT = NOW.replace(second=30)
BY = AbsenceDetector(AbsenceCondition(All(), "[]", ("service",), Level.CRITICAL, 10 * MINUTE))
ONE = AbsenceDetector(AbsenceCondition(All(), "[]", (), Level.CRITICAL, 10 * MINUTE))


def test_what_is_known_is_asked_up_to_a_whole_minute_before_the_silence() -> None:
    recent, known = (one.shape for one in BY.wants(AT))
    assert (recent.start, recent.end) == (AT - 10 * MINUTE, AT)
    assert known.end == NOW - 10 * MINUTE
    assert AT - 7 * DAY - 60 * MINUTE < known.start <= AT - 7 * DAY
    assert known.start.minute == 0


def test_who_was_seen_and_is_silent_is_absent() -> None:
    recent = found(groups=[group("a"), group("new")], events=[3.0, 1.0])
    known = found(groups=[group("a"), group("b")], events=[9.0, 9.0])
    judged = BY.judge(AT, [recent, known])
    assert list(judged.bad) == [group("b")]
    assert judged.known == {group("a"), group("b"), group("new")}
    assert dict(judged.bad[group("b")].detail)["silence"] == "10 min"


def test_without_groups_one_is_known_from_the_start() -> None:
    assert len(ONE.wants(AT)) == 1
    for nothing in (found(events=[]), found(events=[0.0])):
        assert list(ONE.judge(AT, [nothing]).bad) == [()]
    assert not ONE.judge(AT, [found(events=[1.0])]).bad
