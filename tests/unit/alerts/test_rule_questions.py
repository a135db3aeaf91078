"""Questions of rules: their answers as detectors read them, whole or refused."""

from typing import Any

import pytest
from tests.unit.query.questions import call

from llm_analytics_hub.alerts import questions
from llm_analytics_hub.alerts.detect.asking import Shape
from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.errors import InvalidQueryError

from .evaluating import MINUTE, NOW, Desk, calls, rule, store_of


def shape(**more: Any) -> Shape:
    start = (NOW - 4 * MINUTE, NOW)
    return Shape(("model",), "[]", *start, **more)


def test_more_groups_than_an_answer_holds_are_a_fault_that_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(questions, "MAX_ROWS", 2)
    one = rule("a", by=("model",))
    desk = Desk(one, store=calls("x", "y", "z"))
    desk.pass_time(MINUTE)
    assert desk.book.told == []
    assert "by model there are more than 2 groups" in desk.evaluator.state(one).error


def test_more_buckets_than_an_answer_holds_are_asked_for_in_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [call((NOW - n * MINUTE).replace(tzinfo=None).isoformat(), model=str(n % 2))
            for n in range(1, 5)]  # fmt: skip
    asked = RuleQuestions(Desk(store=store_of(*rows)).queries)
    whole = asked.ask("t", shape(granularity="minute"), ("events",))
    monkeypatch.setattr(questions, "MAX_ROWS", 2)
    assert asked.ask("t", shape(granularity="minute"), ("events",)) == whole
    assert whole.times is not None
    assert len(whole.times) == 4
    monkeypatch.setattr(questions, "MOST_ROWS", 2)
    with pytest.raises(InvalidQueryError, match="more than 2 values"):
        asked.ask("t", shape(granularity="minute"), ("events",))


def test_what_is_no_number_is_unknown() -> None:
    desk = Desk(store=calls("m"))
    found = RuleQuestions(desk.queries).ask("t", shape(), ("latency_ms_p95", "cost_usd", "events"))
    assert [found.values[name][0] for name in ("latency_ms_p95", "events")] == [None, 1.0]
