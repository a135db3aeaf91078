from collections.abc import Callable
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.services.process import Service

from llm_analytics_hub.clock import ManualClock, SystemClock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.query.cache.answer import decode_answer, encode_answer
from llm_analytics_hub.query.cache.layers import AnswerLayer, MemoryLayer, RedisLayer
from llm_analytics_hub.query.cache.redis_link import RedisLink, connect
from llm_analytics_hub.telemetry.metrics import Metrics

from .parts import NOW, kept

LATER = timedelta(minutes=1)
Open = Callable[[ManualClock], AnswerLayer]


@pytest.fixture(params=["memory", "redis"])
def open_layer(request: pytest.FixtureRequest) -> Open:
    if request.param == "memory":
        return lambda clock: MemoryLayer(10_000, clock, Metrics())
    service: Service = request.getfixturevalue("redis")
    return lambda clock: RedisLayer(RedisLink(connect(service.url, 5), clock), clock)


def test_a_layer_gives_what_was_put(open_layer: Open, tenant: str) -> None:
    layer = open_layer(ManualClock(NOW))
    layer.put(tenant, kept(5), NOW + LATER)
    found = layer.get(tenant)
    assert found is not None
    assert found.rows.equals(kept(5).rows)
    wanted = kept(5)
    for name in ("columns", "meta", "made_at", "version", "places", "etag"):
        assert getattr(found, name) == getattr(wanted, name)


def test_a_layer_has_nothing_under_another_key(open_layer: Open, tenant: str) -> None:
    layer = open_layer(ManualClock(NOW))
    layer.put(tenant, kept(), NOW + LATER)
    assert layer.get(f"{tenant}-other") is None


def test_what_is_put_again_replaces_what_was(open_layer: Open, tenant: str) -> None:
    layer = open_layer(ManualClock(NOW))
    layer.put(tenant, kept(1), NOW + LATER)
    layer.put(tenant, kept(2), NOW + LATER)
    found = layer.get(tenant)
    assert found is not None
    assert found.rows["events"].to_pylist() == [2]


def test_what_is_over_already_is_not_kept(open_layer: Open, tenant: str) -> None:
    layer = open_layer(ManualClock(NOW))
    layer.put(tenant, kept(), NOW)
    assert layer.get(tenant) is None


def test_memory_forgets_when_the_time_is_over() -> None:
    clock = ManualClock(NOW)
    layer = MemoryLayer(10_000, clock, Metrics())
    layer.put("k", kept(), NOW + LATER)
    clock.set(NOW + LATER)
    assert layer.get("k") is None
    assert layer.bytes_held == 0


def test_redis_is_told_when_the_time_is_over(redis: Service, tenant: str) -> None:
    clock, client = SystemClock(), connect(redis.url, 5)
    RedisLayer(RedisLink(client, clock), clock).put(tenant, kept(), clock.now() + LATER)
    assert 55_000 < client.pttl(tenant) <= 60_000


def test_memory_forgets_the_least_used_first() -> None:
    metrics = Metrics()
    layer = MemoryLayer(3_100, ManualClock(NOW), metrics)
    for key in "abc":
        layer.put(key, kept(), NOW + LATER)
    layer.get("a")
    layer.put("d", kept(), NOW + LATER)
    assert [key for key in "abcd" if layer.get(key)] == ["a", "c", "d"]
    assert metrics.registry.get_sample_value("hub_cache_evictions_total") == 1
    assert metrics.registry.get_sample_value("hub_cache_entries") == 3
    assert metrics.registry.get_sample_value("hub_cache_bytes") == layer.bytes_held


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 3_000), st.integers(0, 5_000))))
def test_memory_never_holds_more_than_it_may(puts: list[tuple[int, int, int]]) -> None:
    layer = MemoryLayer(20_000, ManualClock(NOW), Metrics())
    for number, size, text in puts:
        one = kept(size=size)
        layer.put(str(number), one, NOW + LATER)
        layer.encoded(str(number), one, "json", lambda _, text=text: bytes(text))
        held = [found for key in range(21) if (found := layer.get(str(key)))]
        assert sum(one.size for one in held) == layer.bytes_held <= 20_000


def test_a_slice_counts_as_much_as_the_whole_it_holds() -> None:
    whole = kept(size=100_000)
    sliced = kept(size=1).__class__(
        whole.columns, whole.rows.slice(0, 1), {}, NOW, whole.version, whole.places
    )
    assert sliced.size > 800_000


def test_the_bytes_of_an_answer_are_made_once() -> None:
    layer, one = MemoryLayer(10_000, ManualClock(NOW), Metrics()), kept()
    layer.put("k", one, NOW + LATER)
    before = layer.bytes_held
    texts = iter([b"first", b"second"])
    assert [layer.encoded("k", one, "json", lambda _: next(texts)) for _ in range(2)] == [
        b"first"
    ] * 2
    assert layer.encoded("k", one, "csv", lambda _: next(texts)) == b"second"
    assert layer.bytes_held == before + len(b"firstsecond")


def test_foreign_bytes_in_redis_are_an_error_and_no_answer(redis: Service, tenant: str) -> None:
    clock, client = ManualClock(NOW), connect(redis.url, 5)
    client.set(tenant, b"\x80\x04pickle")
    with pytest.raises(UnavailableError):
        RedisLayer(RedisLink(client, clock), clock).get(tenant)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="not an answer"):
        decode_answer(body)


def test_a_cut_answer_is_no_answer() -> None:
    body = encode_answer(kept())
    for cut in range(len(body) - 8):  # the mark of a stream's end may be missing
        with pytest.raises(ValueError, match="not an answer"):
            decode_answer(body[:cut])


def test_the_etag_is_of_what_was_answered_not_of_how_long_it_took() -> None:
    one = kept(1)
    slow = type(one)(
        one.columns,
        pa.concat_tables([one.rows]),
        {"elapsed_ms": 9},
        NOW + LATER,
        one.version,
        one.places,
    )
    assert one.etag == slow.etag
    assert one.etag != kept(2).etag
    assert one.etag != type(one)([{"name": "x"}], one.rows, {}, NOW, one.version, one.places).etag
