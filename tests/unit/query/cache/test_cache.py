from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from llm_analytics_hub.errors import SettingsError, UnavailableError
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.cache.question_key import Kind, QuestionKey
from llm_analytics_hub.storage.interface import Table

from .parts import DAY, NOW, SPAN, CacheHub, Counted, Said, asked, written


class Wide(Said):
    """An answer of eight kilobytes."""

    @property
    def rows(self) -> pa.Table:
        return pa.table({"events": [self.value] * 1000})


def test_the_same_question_is_asked_once_and_says_so(url: str | None, tenant: str) -> None:
    hub, store = CacheHub(url), Counted()
    assert [hub.ask(store, asked(tenant)) for _ in range(3)] == [(1, False), (1, True), (1, True)]
    assert hub.count("memory", "hit") == 2
    assert hub.count("memory", "miss") == 1


def test_a_write_to_a_day_of_the_range_makes_the_answer_old(url: str | None, tenant: str) -> None:
    hub, store = CacheHub(url), Counted()
    hub.ask(store, asked(tenant))
    hub.cache.touched(written(tenant, NOW - DAY))
    assert hub.ask(store, asked(tenant)) == (2, False)
    assert hub.count("memory", "stale") == 1


def test_writes_elsewhere_leave_the_answer(url: str | None, tenant: str) -> None:
    hub, store = CacheHub(url), Counted()
    hub.ask(store, asked(tenant))
    hub.cache.touched(written(tenant, NOW - 9 * DAY))
    hub.cache.touched(written(f"{tenant}-other", NOW - DAY))
    hub.cache.touched(written(tenant, NOW, table=Table.ASSETS))
    assert hub.ask(store, asked(tenant)) == (1, True)


def test_facts_of_assets_make_answers_old_that_join_them(url: str | None, tenant: str) -> None:
    hub, store = CacheHub(url), Counted()
    hub.ask(store, asked(tenant, reads_assets=True))
    hub.cache.touched(written(tenant, NOW, table=Table.ASSETS))
    assert hub.ask(store, asked(tenant, reads_assets=True)) == (2, False)


def test_what_was_forgotten_is_not_answered_any_more(url: str | None, tenant: str) -> None:
    hub, store = CacheHub(url), Counted()
    hub.ask(store, asked(tenant))
    hub.cache.touched_all()
    assert hub.ask(store, asked(tenant)) == (2, False)


def test_a_write_during_the_question_makes_its_answer_old(url: str | None, tenant: str) -> None:
    hub, store = CacheHub(url), Counted()

    def interrupted() -> Said:
        said = store()
        hub.cache.touched(written(tenant, NOW - DAY))
        return said

    assert hub.ask(interrupted, asked(tenant)) == (1, False)
    assert hub.ask(store, asked(tenant)) == (2, False)


@pytest.mark.parametrize(("hours", "longest"), [(24, 288), (1, 12), (24 * 30, 300)])
def test_an_answer_of_a_relative_range_is_at_most_so_old(hours: int, longest: int) -> None:
    hub, store = CacheHub(), Counted()

    def ask() -> tuple[int, bool]:
        now = hub.clock.now()
        span = TimeRange(now - timedelta(hours=hours), now)
        return hub.ask(store, asked(span=span, is_relative=True))

    ask()
    hub.clock.set(NOW + timedelta(seconds=longest - 1))
    assert ask() == (1, True)
    hub.clock.set(NOW + timedelta(seconds=longest))
    assert ask() == (2, False)


def test_a_relative_range_slides_past_midnight_unless_its_new_day_was_touched() -> None:
    hub, store = CacheHub(), Counted()

    def ask(now: datetime) -> tuple[int, bool]:
        hub.clock.set(now)
        return hub.ask(store, asked(span=TimeRange(now - DAY, now), is_relative=True))

    midnight = NOW.replace(hour=0)
    hub.cache.touched(written("t", NOW - 5 * DAY))
    ask(midnight - timedelta(seconds=9))
    assert ask(midnight + timedelta(seconds=9)) == (1, True)
    hub.cache.touched(written("t", midnight + timedelta(seconds=5)))
    assert ask(midnight + timedelta(seconds=19)) == (2, False)


def test_the_age_is_told() -> None:
    hub, store = CacheHub(), Counted()
    hub.ask(store, asked())
    hub.clock.set(NOW + timedelta(seconds=7))
    assert hub.cache.answer(asked(), store).meta == {"cached": True, "age_s": 7.0}


def test_a_question_that_may_miss_the_newest_may_be_answered_but_not_kept(tenant: str) -> None:
    hub, store = CacheHub(), Counted()
    lax, strict = asked(tenant, is_fresh=False), asked(tenant)
    assert [hub.ask(store, lax), hub.ask(store, strict)] == [(1, False), (2, False)]
    assert hub.ask(store, lax) == (2, True)


def test_what_is_too_large_is_not_kept(url: str | None, tenant: str) -> None:
    hub, store = CacheHub(url, answer_bytes=2000), Counted()
    assert [hub.ask(lambda: Wide(store().value), asked(tenant)) for _ in range(2)] == [
        (1, False),
        (2, False),
    ]


def test_an_error_is_not_kept(url: str | None, tenant: str) -> None:
    hub, store = CacheHub(url), Counted()

    def away() -> Said:
        raise UnavailableError("away")

    with pytest.raises(UnavailableError):
        hub.ask(away, asked(tenant))
    assert hub.ask(store, asked(tenant)) == (1, False)


@pytest.mark.parametrize(
    "other",
    [
        asked("u"),
        asked(span=TimeRange(SPAN.start, SPAN.end + DAY)),
        asked(about="asset-1"),
        asked(kind=Kind.REPORT),
        QuestionKey("t", {"measures": ["errors"]}, (SPAN,)),
    ],
)
def test_other_questions_have_other_answers(other: QuestionKey) -> None:
    hub, store = CacheHub(), Counted()
    hub.ask(store, asked())
    assert hub.ask(store, other) == (2, False)


@pytest.mark.parametrize(
    ("question", "start", "seconds"),
    [
        (asked(kind=Kind.METADATA, about="a-1"), "analytics:asset:a-1:metadata:t:v1:", 3600),
        (asked(about="a-1"), "analytics:metrics:a-1:20251117T100000Z-20251119T100000Z:t:v1:", 300),
        (asked(is_relative=True), "analytics:metrics:all:last-172800s:t:v1:", 300),
        (
            asked(kind=Kind.COMPLIANCE, about="a:*\n1"),
            "analytics:compliance:a%3A%2A%0A1:t:v1:",
            900,
        ),
        (asked(kind=Kind.REPORT, about="r"), "analytics:report:r:t:v1:", 3600),
    ],
)
def test_keys_and_times_to_live_are_the_documents(
    question: QuestionKey, start: str, seconds: int
) -> None:
    assert question.text.startswith(start)
    assert len(question.text) == len(start) + 32
    assert question.ttl == timedelta(seconds=seconds)


def test_the_order_of_members_does_not_matter() -> None:
    one = QuestionKey("t", {"a": 1, "b": {"c": 1, "d": 2}})
    other = QuestionKey("t", {"b": {"d": 2, "c": 1}, "a": 1})
    assert one.text == other.text


def test_a_redis_url_that_is_none_is_a_fault_of_the_settings() -> None:
    with pytest.raises(SettingsError, match="redis_url"):
        CacheHub("http://127.0.0.1")
