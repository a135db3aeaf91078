from collections.abc import Callable
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.process import Service

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.cache.places import ASSETS, EVENTS, MOST_DAYS, days_of, touched_by
from llm_analytics_hub.query.cache.redis_link import PAUSE, RedisLink, connect
from llm_analytics_hub.query.cache.redis_versions import SharedVersions
from llm_analytics_hub.query.cache.versions import OwnVersions, RangeVersions, Version
from llm_analytics_hub.storage.interface import Table

from .parts import DAY, NOW, written

TODAY = (NOW - NOW.replace(year=1970, month=1, day=1)).days  # both at ten in the morning


@pytest.fixture(params=["own", "shared"])
def open_versions(request: pytest.FixtureRequest) -> Callable[..., RangeVersions]:
    if request.param == "own":
        return OwnVersions
    service: Service = request.getfixturevalue("redis")
    return lambda *most: SharedVersions(RedisLink(connect(service.url, 5), ManualClock(NOW)), *most)


def known(versions: RangeVersions, tenant: str, *places: str) -> Version:
    found = versions.of(tenant, places)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("place", "is_touched"),
    [(f"e{TODAY}", True), (f"e{TODAY - 1}", False), (EVENTS, True), (ASSETS, False)],
)
def test_a_write_touches_its_day_and_no_other(
    open_versions: Callable[..., RangeVersions], tenant: str, place: str, is_touched: bool
) -> None:
    versions = open_versions()
    before = known(versions, tenant, place)
    versions.touched(written(tenant, NOW))
    assert before.covers(known(versions, tenant, place)) is not is_touched
    assert known(versions, tenant, place).covers(before)


def test_a_write_does_not_touch_other_tenants(
    open_versions: Callable[..., RangeVersions], tenant: str
) -> None:
    versions = open_versions()
    before = known(versions, f"{tenant}-b", EVENTS)
    versions.touched(written(tenant, NOW))
    assert before.covers(known(versions, f"{tenant}-b", EVENTS))


def test_after_a_change_anywhere_nothing_holds(
    open_versions: Callable[..., RangeVersions], tenant: str
) -> None:
    versions = open_versions()
    versions.touched(written(tenant, NOW))
    before = known(versions, tenant, "e3")
    versions.touched_all()
    assert not before.covers(known(versions, tenant, "e3"))


def test_a_place_that_was_forgotten_does_not_look_untouched(
    open_versions: Callable[..., RangeVersions], tenant: str
) -> None:
    versions = open_versions(4)
    before = known(versions, tenant, f"e{TODAY}")
    versions.touched(written(tenant, NOW))
    for number in range(1, 9):
        versions.touched(written(tenant, NOW - number * DAY))
    assert not before.covers(known(versions, tenant, f"e{TODAY}"))


def test_memory_of_places_is_bounded() -> None:
    versions = OwnVersions(100)
    for number in range(300):
        versions.touched(written(f"tenant-{number}", NOW - number * DAY))
    assert len(versions) == 100


def test_redis_that_lost_everything_makes_all_old(redis: Service, tenant: str) -> None:
    client = connect(redis.url, 5)
    versions = SharedVersions(RedisLink(client, ManualClock(NOW)))
    versions.touched(written(tenant, NOW))
    before = known(versions, tenant, "e3")
    client.delete(f"analytics:versions:v1:{tenant}")
    assert not before.covers(known(versions, tenant, "e3"))


def test_no_one_can_tell_while_redis_is_away_and_what_was_written_is_told_later(
    redis: Service, tenant: str
) -> None:
    clock = ManualClock(NOW)
    versions = SharedVersions(RedisLink(connect(redis.url, 5), clock))
    other = SharedVersions(RedisLink(connect(redis.url, 5), ManualClock(NOW)))
    before = known(other, tenant, f"e{TODAY}")
    with redis.outage():
        versions.touched(written(tenant, NOW))
        assert versions.of(tenant, [EVENTS]) is None
    assert versions.of(tenant, [EVENTS]) is None  # left alone for a while
    clock.set(NOW + PAUSE)
    known(versions, tenant, EVENTS)
    assert not before.covers(known(other, tenant, f"e{TODAY}"))


def test_a_change_anywhere_is_told_later_too(redis: Service, tenant: str) -> None:
    clock = ManualClock(NOW)
    versions = SharedVersions(RedisLink(connect(redis.url, 5), clock))
    before = known(versions, tenant, "e3")
    with redis.outage():
        versions.touched_all()
    clock.set(NOW + PAUSE)
    assert not before.covers(known(versions, tenant, "e3"))


days = st.integers(-40_000, 40_000)
rows_of_tenants = st.lists(
    st.tuples(st.sampled_from("abc"), days, st.integers(0, 86_399)), min_size=1
)


@given(rows_of_tenants)
def test_every_day_of_every_tenant_is_found(rows: list[tuple[str, int, int]]) -> None:
    epoch = NOW.replace(year=1970, month=1, day=1, hour=0)
    times = [epoch + timedelta(days=day, seconds=second) for _, day, second in rows]
    batch = pa.record_batch(
        {
            "tenant": [tenant for tenant, _, _ in rows],
            "occurred_at": pa.array(times, pa.timestamp("us", "UTC")),
        }
    )
    wanted: dict[str, set[str]] = {}
    for tenant, day, _ in rows:
        wanted.setdefault(tenant, {EVENTS}).add(f"e{day}")
    assert touched_by({Table.EVENTS: batch}) == wanted


@given(rows=st.lists(st.integers(0, 86_400 * 30), min_size=1, max_size=5), start=st.integers(0, 86_400 * 30), width=st.integers(1, 86_400 * 9))  # fmt: skip
def test_a_range_has_the_days_of_all_events_in_it(rows: list[int], start: int, width: int) -> None:
    begin = NOW + timedelta(seconds=start)
    span = TimeRange(begin, begin + timedelta(seconds=width))
    moments = [NOW + timedelta(seconds=row) for row in rows]
    for moment in moments:
        touched = touched_by(written("t", moment))["t"]
        if span.start <= moment < span.end:
            assert touched & set(days_of(span))


def test_a_day_that_only_begins_where_a_range_ends_is_not_in_it() -> None:
    midnight = NOW.replace(hour=0)
    assert list(days_of(TimeRange(midnight - DAY, midnight))) == [f"e{TODAY - 1}"]


def test_a_long_range_is_touched_by_any_event() -> None:
    assert list(days_of(TimeRange(NOW - (MOST_DAYS + 1) * DAY, NOW))) == [EVENTS]


def test_revisions_and_facts_touch_and_letters_do_not() -> None:
    assert touched_by(written("t", NOW, table=Table.REVISIONS)) == {"t": {EVENTS, f"e{TODAY}"}}
    assert touched_by(written("t", NOW, table=Table.ASSETS)) == {"t": {ASSETS}}
    assert touched_by(written("t", NOW, table=Table.DEAD_LETTERS)) == {}
