"""What a tenant's questions may use, and how many run at once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from llm_analytics_hub.errors import InvalidQueryError, SaturatedError
from llm_analytics_hub.query.limits import LimitSettings, QuestionSettings, Turnstile

from .questions import Asked


def test_a_tenant_may_have_other_limits() -> None:
    settings = QuestionSettings(rows_read=10, tenants={"big": LimitSettings(rows_read=100)})
    assert settings.of("small").limits.rows_read == 10
    assert settings.of("big").limits.rows_read == 100


def test_beyond_its_places_a_tenant_waits_and_others_do_not() -> None:
    turnstile = Turnstile(QuestionSettings(at_once=1, wait_seconds=0))
    with (
        turnstile.turn("a"),
        turnstile.turn("b"),
        pytest.raises(SaturatedError, match="1 questions of this tenant"),
        turnstile.turn("a"),
    ):
        pass
    with turnstile.turn("a"):
        pass


def test_who_waits_goes_on_when_a_place_is_free() -> None:
    turnstile = Turnstile(QuestionSettings(at_once=1, wait_seconds=60))
    is_in, may_leave = threading.Event(), threading.Event()

    def stay() -> None:
        with turnstile.turn("a"):
            is_in.set()
            may_leave.wait(60)

    def come() -> str:
        with turnstile.turn("a"):
            return "in"

    with ThreadPoolExecutor(2) as people:
        first = people.submit(stay)
        assert is_in.wait(60)
        second = people.submit(come)
        assert not second.done()
        may_leave.set()
        assert second.result(60) == "in"
        first.result(60)


def test_tenants_that_ask_nothing_are_forgotten() -> None:
    turnstile = Turnstile(QuestionSettings())
    for number in range(100):
        with turnstile.turn(f"t{number}"):
            pass
    assert len(turnstile._running) == 0


def test_a_question_that_failed_gives_its_place_back() -> None:
    hub = Asked(settings=QuestionSettings(at_once=1, wait_seconds=0))
    for _ in range(2):
        with pytest.raises(InvalidQueryError):
            hub.rows(measures=["events"], granularity="minute", fill_gaps=True,
                     time_range={"from": "2024-01-01", "to": "2025-01-01"})  # fmt: skip
    assert hub.rows(measures=["events"], time_range={"last": "1h"}) == [{"events": 0}]
