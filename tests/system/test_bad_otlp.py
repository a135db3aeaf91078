"""Everything an OTLP sender can get wrong, of every signal, by every transport: told item by item."""

import zlib
from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any

import grpc
import pytest
import zstandard

from .conftest import SECONDS, HubProcess, StartHub, free_port
from .otlp_requests import (
    JSON,
    LOGS,
    METRICS,
    NOT_UTF8,
    NOW_NS,
    PROTOBUF,
    SIGNALS,
    TRACES,
    Item,
    Signal,
    attribute,
    deep_request,
    field,
    metric,
)

pytestmark = [pytest.mark.system, pytest.mark.slow]

GRPC = "grpc"
TRANSPORTS = (JSON, PROTOBUF, GRPC)
MEGABYTE = 1 << 20
LATER, AGES_AHEAD = str(NOW_NS + 10**9), str(NOW_NS + 7 * 86_400 * 10**9)
every_way = pytest.mark.parametrize("way", TRANSPORTS, ids=["json", "protobuf", "grpc"])
every_signal = pytest.mark.parametrize("signal", SIGNALS.values(), ids=SIGNALS)
_tenants = (f"tenant-{number}" for number in count())


@pytest.fixture(scope="module")
def hub(start_hub: StartHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    running = start_hub(tmp_path_factory.mktemp("bad-otlp") / "data", free_port())
    yield running
    assert running.stop() == 0


class Sender:
    """Sends requests of one tenant, and knows what became of them."""

    def __init__(self, hub: HubProcess, channel: grpc.Channel) -> None:
        self._hub, self._channel, self._tenant = hub, channel, next(_tenants)
        self.headers = {"x-tenant": self._tenant}

    def send(self, signal: Signal, body: bytes, way: str) -> tuple[int, str]:
        """How many items were rejected, and what was said about them."""
        if way == GRPC:
            call = self._channel.unary_unary(signal.method)
            raw = call(body, timeout=SECONDS, metadata=list(self.headers.items()))
            return _partial(signal, raw)
        answer = self._hub.client.post(
            f"/v1/{signal.name}", content=body, headers={"content-type": way, **self.headers}
        )
        assert (answer.status_code, answer.headers["content-type"]) == (200, way), answer.text
        if way == PROTOBUF:
            return _partial(signal, answer.content)
        partial = answer.json()["partialSuccess"]
        return int(partial.get(signal.rejected, 0)), partial.get("errorMessage", "")

    def stored(self, signal: Signal) -> list[Item]:
        """The events or points of the tenant."""
        if signal is METRICS:
            asked = {"metric": "m", "from": "2020-01-01", "to": "2100-01-01"}
            answer = self._hub.client.get(
                "/api/v1/metrics/points", params=asked, headers=self.headers
            )
            return list(answer.json()["points"])
        answer = self._hub.client.get("/api/v1/events", headers=self.headers)
        return list(answer.json()["events"])

    def letters(self) -> list[Item]:
        answer = self._hub.client.get("/api/v1/dead-letters", headers=self.headers)
        return list(answer.json()["dead_letters"])

    def counted(self, signal: Signal, outcome: str) -> float:
        """The tenant's own counter of that outcome."""
        name = "hub_metric_points_total" if signal is METRICS else "hub_events_total"
        labels = (f'outcome="{outcome}"', f'tenant="{self._tenant}"')
        samples = self._hub.metrics().items()
        return sum(v for (n, text), v in samples if n == name and all(x in text for x in labels))


def _partial(signal: Signal, raw: bytes) -> tuple[int, str]:
    partial = signal.response.FromString(raw).partial_success
    return getattr(partial, signal.column), partial.error_message


def form(way: str) -> str:
    return PROTOBUF if way == GRPC else way


@pytest.fixture(scope="module")
def channel(hub: HubProcess) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(hub.grpc) as opened:
        yield opened


@pytest.fixture
def sender(hub: HubProcess, channel: grpc.Channel) -> Sender:
    return Sender(hub, channel)


LARGE = [attribute("app.large", "x" * 10 * MEGABYTE)]
MANY = [attribute(f"app.attribute-{number}", "x" * 80) for number in range(1_000)]
BUCKETS: Item = {"count": "3", "bucketCounts": ["1", "2"], "explicitBounds": [1.0]}


def histogram(**members: Any) -> Item:
    return metric("histogram", **{**BUCKETS, **members})


def exponential(**members: Any) -> Item:
    return metric("exponentialHistogram", **{"count": "3", "scale": 0, **members})


REFUSED: list[tuple[Signal, str, Item]] = [
    (TRACES, "invalid_trace_id", TRACES.item(traceId="ab" * 8)),
    (TRACES, "invalid_trace_id", TRACES.item(traceId="00" * 16)),
    (TRACES, "invalid_trace_id", TRACES.item(traceId="")),
    (TRACES, "invalid_span_id", TRACES.item(spanId="ab" * 9)),
    (TRACES, "invalid_span_id", TRACES.item(spanId="00" * 8)),
    (TRACES, "missing_start_time", TRACES.item(startTimeUnixNano="0")),
    (TRACES, "timestamp_out_of_range", TRACES.item(startTimeUnixNano=str(2**64 - 1))),
    (TRACES, "timestamp_in_future", TRACES.item(startTimeUnixNano=AGES_AHEAD)),
    (TRACES, "attributes_too_large", TRACES.item(attributes=LARGE)),
    (TRACES, "attributes_too_large", TRACES.item(attributes=MANY)),
    (TRACES, "text_too_long", TRACES.item(name="x" * 10 * MEGABYTE)),
    (LOGS, "missing_time", LOGS.item(timeUnixNano="0")),
    (LOGS, "missing_time", LOGS.item(timeUnixNano="0", observedTimeUnixNano="0")),
    (LOGS, "timestamp_in_future", LOGS.item(timeUnixNano=AGES_AHEAD)),
    (LOGS, "attributes_too_large", LOGS.item(attributes=LARGE)),
    (LOGS, "attributes_too_large", LOGS.item(attributes=MANY)),
    (METRICS, "missing_time", METRICS.item(timeUnixNano="0")),
    (METRICS, "timestamp_out_of_range", METRICS.item(timeUnixNano=str(2**64 - 1))),
    (METRICS, "timestamp_out_of_range", METRICS.item(startTimeUnixNano=LATER)),
    (METRICS, "timestamp_in_future", METRICS.item(timeUnixNano=AGES_AHEAD)),
    (METRICS, "attributes_too_large", METRICS.item(attributes=LARGE)),
    (METRICS, "attributes_too_large", METRICS.item(attributes=MANY)),
    (METRICS, "not_finite", METRICS.item(asDouble="NaN")),
    (METRICS, "not_finite", METRICS.item(asDouble="-Infinity")),
    (METRICS, "missing_value", metric("gauge")),
    (METRICS, "missing_name", metric("gauge", name="", asInt="1")),
    (METRICS, "text_too_long", metric("gauge", name="x" * 2_000, asInt="1")),
    (METRICS, "missing_temporality", metric("sum", data={"aggregationTemporality": 0}, asInt="1")),
    (METRICS, "negative_value", metric("sum", data={"isMonotonic": True}, asInt="-1")),
    (METRICS, "invalid_buckets", histogram(bucketCounts=["3"])),
    (METRICS, "invalid_buckets", histogram(explicitBounds=[2.0, 1.0], bucketCounts=["1", "1", "1"])),
    (METRICS, "invalid_buckets", histogram(explicitBounds=["NaN"])),
    (METRICS, "invalid_buckets", histogram(count="4")),
    (METRICS, "not_finite", histogram(sum="NaN")),
    (METRICS, "invalid_buckets", exponential(scale=-(2**31), positive={"bucketCounts": ["3"]})),
    (METRICS, "invalid_buckets", exponential(scale=2**31 - 1, positive={"bucketCounts": ["3"]})),
    (METRICS, "invalid_buckets", exponential(zeroThreshold=-1.0, zeroCount="3")),
    (METRICS, "invalid_buckets", exponential(scale=10, positive={"bucketCounts": ["1"] * 20_000}, count="20000")),
    (METRICS, "invalid_quantile", metric("summary", count="1", quantileValues=[{"quantile": 1.5, "value": 1.0}])),
    (METRICS, "not_finite", metric("summary", count="1", quantileValues=[{"quantile": "NaN", "value": 1.0}])),
]  # fmt: skip
refused_ids = [f"{signal.name}-{code}-{n}" for n, (signal, code, _) in enumerate(REFUSED)]


@every_way
@pytest.mark.parametrize(("signal", "code", "bad"), REFUSED, ids=refused_ids)
def test_a_bad_item_is_refused_alone_told_kept_and_counted(
    sender: Sender, signal: Signal, code: str, bad: Item, way: str
) -> None:
    body = signal.encoded([signal.item(), bad, signal.item()], form(way))
    rejected, said = sender.send(signal, body, way)
    assert rejected == 1, said
    assert said.startswith(f"{signal.noun} 1: {code}: ")
    assert len(sender.stored(signal)) == 2
    (letter,) = sender.letters()
    told = (letter["source"], letter["door"], letter["code"])
    assert told == ("observatory", signal.door, code)
    assert said == f"{signal.noun} 1: {code}: {letter['message']}"
    assert letter["payload"].startswith("{")
    assert (sender.counted(signal, "accepted"), sender.counted(signal, "refused")) == (2, 1)


SPAN_ID = "b7ad6b7169203331"
REPAIRED: list[tuple[Signal, str, Item]] = [
    (TRACES, "end_before_start", TRACES.item(endTimeUnixNano=str(NOW_NS - 1))),
    (TRACES, "missing_end_time", TRACES.item(endTimeUnixNano="0")),
    (TRACES, "invalid_parent_id", TRACES.item(parentSpanId="abcd")),
    (TRACES, "invalid_parent_id", TRACES.item(parentSpanId="00" * 8)),
    (TRACES, "invalid_parent_id", TRACES.item(spanId=SPAN_ID, parentSpanId=SPAN_ID)),
    (TRACES, "invalid_utf8", TRACES.item(name=NOT_UTF8)),
    (TRACES, "invalid_utf8", TRACES.item(events=[{"name": "e", "attributes": [attribute("a", NOT_UTF8)]}])),
    (LOGS, "invalid_utf8", LOGS.item(eventName=NOT_UTF8)),
    (LOGS, "invalid_utf8", LOGS.item(body={"stringValue": NOT_UTF8})),
    (LOGS, "invalid_trace_id", LOGS.item(traceId="abcd")),
    (LOGS, "invalid_trace_id", LOGS.item(traceId="00" * 16)),
    (LOGS, "invalid_span_id", LOGS.item(traceId="ab" * 16, spanId="abcd")),
]  # fmt: skip
for _signal in SIGNALS.values():
    in_list = {"arrayValue": {"values": [{"stringValue": NOT_UTF8}]}}
    in_map = {"kvlistValue": {"values": [attribute(NOT_UTF8, "x")]}}
    REPAIRED += [
        (_signal, "invalid_utf8", _signal.item(attributes=[attribute("app.a", NOT_UTF8)])),
        (_signal, "invalid_utf8", _signal.item(attributes=[attribute(f"app.{NOT_UTF8}", "x")])),
        (_signal, "invalid_utf8", _signal.item(attributes=[attribute("app.a", in_list)])),
        (_signal, "invalid_utf8", _signal.item(attributes=[attribute("app.a", in_map)])),
    ]
repaired_ids = [f"{signal.name}-{code}-{n}" for n, (signal, code, _) in enumerate(REPAIRED)]


@every_way
@pytest.mark.parametrize(("signal", "code", "bad"), REPAIRED, ids=repaired_ids)
def test_what_can_be_repaired_is_stored_told_and_counted(
    hub: HubProcess, sender: Sender, signal: Signal, code: str, bad: Item, way: str
) -> None:
    sample = ("hub_repaired_events_total", f'code="{code}",door="otlp"')
    before = hub.metrics().get(sample, 0)
    body = signal.encoded([signal.item(), bad, signal.item()], form(way))
    rejected, said = sender.send(signal, body, way)
    assert rejected == 0
    assert said.startswith(f"{signal.noun} 1 repaired: {code}: ")
    stored = sender.stored(signal)
    assert len(stored) == 3
    if signal is not METRICS:
        marks = [event["attributes"].get("hub.repaired") for event in stored]
        assert sorted(marks, key=bool) == [None, None, [code]]
    if signal is not METRICS and code == "invalid_utf8" and "attributes" in bad:
        assert "\ufffd" in str(stored)
    assert sender.letters() == []
    assert hub.metrics()[sample] == before + 1


@every_way
@every_signal
def test_text_of_a_resource_is_repaired_for_all_its_items(
    sender: Sender, signal: Signal, way: str
) -> None:
    resource = [attribute("host.name", NOT_UTF8), attribute("service.name", "shop")]
    body = signal.encoded([signal.item(), signal.item()], form(way), resource=resource)
    rejected, said = sender.send(signal, body, way)
    assert (rejected, said.count("repaired: invalid_utf8: ")) == (0, 2)
    assert len(sender.stored(signal)) == 2


@every_way
@every_signal
@pytest.mark.parametrize("levels", [200, 1_000, 20_000])
def test_a_deeply_nested_attribute_costs_only_its_item(
    sender: Sender, signal: Signal, way: str, levels: int
) -> None:
    rejected, said = sender.send(signal, deep_request(signal, levels, form(way)), way)
    assert (rejected, said.partition(": ")[0]) == (1, f"{signal.noun} 1")
    assert "attributes_too_deep: " in said
    assert len(sender.stored(signal)) == 2
    assert [letter["code"] for letter in sender.letters()] == ["attributes_too_deep"]


@pytest.mark.parametrize("way", [PROTOBUF, GRPC])
@every_signal
def test_a_damaged_list_in_an_attribute_costs_only_its_item(
    sender: Sender, signal: Signal, way: str
) -> None:
    damaged = attribute("app.a", {"arrayValue": {"values": [{"stringValue": "damage me"}]}})
    bad = signal.item(attributes=[damaged])
    body = signal.encoded([signal.item(), bad, signal.item()], PROTOBUF)
    sound, broken = field(1, field(1, b"damage me")), field(1, b"\xff" * 11)
    assert len(sound) == len(broken)
    rejected, said = sender.send(signal, body.replace(sound, broken), way)
    assert (rejected, said.startswith(f"{signal.noun} 1: undecodable: ")) == (1, True), said
    assert len(sender.stored(signal)) == 2


@every_signal
@pytest.mark.parametrize(
    "members",
    [{"attributes": [attribute("a", {"intValue": "much"})]},
     {"startTimeUnixNano": "soon", "timeUnixNano": "soon"}],
    ids=["value", "time"],
)  # fmt: skip
def test_a_number_that_is_none_in_json_costs_only_its_item(
    sender: Sender, signal: Signal, members: Item
) -> None:
    items = [signal.item(), signal.item(**members), signal.item()]
    rejected, said = sender.send(signal, signal.encoded(items, JSON), JSON)
    assert (rejected, said.startswith(f"{signal.noun} 1: undecodable: ")) == (1, True), said
    assert len(sender.stored(signal)) == 2


@every_signal
def test_half_a_surrogate_pair_in_json_is_repaired(sender: Sender, signal: Signal) -> None:
    items = [signal.item(), signal.item(attributes=[attribute("app.a", "cut \ud83d")])]
    items.append(signal.item(attributes=[attribute("app.a", "whole \U0001f600 \\ud83d")]))
    rejected, said = sender.send(signal, signal.encoded(items, JSON), JSON)
    assert rejected == 0
    assert said.startswith(f"{signal.noun} 1 repaired: invalid_utf8: ")
    assert "2 repaired" not in said
    assert len(sender.stored(signal)) == 3


@every_way
def test_a_record_without_a_time_has_that_of_its_observation(sender: Sender, way: str) -> None:
    item = LOGS.item(timeUnixNano="0", observedTimeUnixNano=str(NOW_NS))
    assert sender.send(LOGS, LOGS.encoded([item], form(way)), way) == (0, "")
    assert len(sender.stored(LOGS)) == 1


@every_way
def test_a_log_body_of_10_mb_is_no_fault(sender: Sender, way: str) -> None:
    item = LOGS.item(body={"stringValue": "x" * 10 * MEGABYTE})
    assert sender.send(LOGS, LOGS.encoded([item, LOGS.item()], form(way)), way) == (0, "")
    assert len(sender.stored(LOGS)) == 2


@every_way
def test_parents_in_a_circle_are_stored_and_can_be_read(
    hub: HubProcess, sender: Sender, way: str
) -> None:
    trace, ids = "ab" * 16, [f"{number:016x}" for number in range(1, 4)]
    spans = [TRACES.item(traceId=trace, spanId=one, parentSpanId=ids[number - 1])
             for number, one in enumerate(ids)]  # fmt: skip
    assert sender.send(TRACES, TRACES.encoded(spans, form(way)), way) == (0, "")
    assert len(sender.stored(TRACES)) == 3
    answer = hub.client.get(f"/api/v1/traces/{trace}", headers=sender.headers)
    assert answer.status_code == 200
    assert answer.text.count('"span_id"') >= 3


@every_way
@pytest.mark.parametrize("is_one_request", [True, False], ids=["one request", "two requests"])
def test_a_metric_whose_type_changes_is_kept_apart_and_told(
    sender: Sender, way: str, is_one_request: bool
) -> None:
    kinds = [metric("gauge", asInt="1"), metric("sum", asInt="2")]
    requests = [kinds] if is_one_request else [[kind] for kind in kinds]
    told = [sender.send(METRICS, METRICS.encoded(one, form(way)), way) for one in requests]
    place = 1 if is_one_request else 0
    said = "metric_type_changed: m was a gauge before and is a sum now: kept apart"
    assert told[-1] == (0, f"data point {place} repaired: {said}")
    assert sorted(point["kind"] for point in sender.stored(METRICS)) == ["gauge", "sum"]


@every_way
@every_signal
def test_what_is_sent_again_is_counted_as_repeats(sender: Sender, signal: Signal, way: str) -> None:
    body = signal.encoded([signal.item(), signal.item()], form(way))
    for _ in range(2):
        assert sender.send(signal, body, way) == (0, "")
    outcomes = [sender.counted(signal, one) for one in ("accepted", "duplicate", "refused")]
    assert outcomes == [2, 2, 0]


def no_request(signal: Signal, way: str) -> dict[str, bytes]:
    """Bodies that are not what they are said to be."""
    sound = {one: signal.encoded([signal.item()], one) for one in (JSON, PROTOBUF)}
    other = JSON if form(way) == PROTOBUF else PROTOBUF
    return {
        "truncated": sound[form(way)][:-3],
        "the other form": sound[other],
        "garbage": b"\xff" * 100,
        "a length past the end": b"\x0a\xff\xff\xff\xff\x0f",
    }


@every_way
@every_signal
@pytest.mark.parametrize(
    "kind", ["truncated", "the other form", "garbage", "a length past the end"]
)
def test_a_body_that_is_no_request_is_refused_whole(
    hub: HubProcess, sender: Sender, signal: Signal, way: str, kind: str
) -> None:
    sample = ("hub_refused_requests_total", 'code="undecodable",door="otlp"')
    before = hub.metrics().get(sample, 0)
    body = no_request(signal, way)[kind]
    if way == GRPC:
        with pytest.raises(grpc.RpcError) as caught:
            sender.send(signal, body, way)
        assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT
        assert caught.value.details().startswith("undecodable: ")
    else:
        answer = hub.client.post(
            f"/v1/{signal.name}", content=body, headers={"content-type": way, **sender.headers}
        )
        assert (answer.status_code, answer.headers["content-type"]) == (400, way)
        assert b"undecodable: " in answer.content
    assert hub.metrics()[sample] == before + 1
    assert sender.stored(signal) == []


@cache
def bomb(encoding: str) -> bytes:
    """A quarter of a gigabyte of nothing, packed."""
    pack = {
        "gzip": lambda raw: zlib.compress(raw, wbits=31),
        "deflate": zlib.compress,
        "zstd": zstandard.compress,
    }
    return pack[encoding](bytes(256 * MEGABYTE))


@every_signal
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_bomb_is_refused(hub: HubProcess, signal: Signal, encoding: str) -> None:
    headers = {"content-type": PROTOBUF, "content-encoding": encoding}
    answer = hub.client.post(f"/v1/{signal.name}", content=bomb(encoding), headers=headers)
    assert answer.status_code == 413


@every_way
@every_signal
def test_more_items_than_a_request_may_hold_are_refused_whole(
    hub: HubProcess, sender: Sender, signal: Signal, way: str
) -> None:
    many = signal.encoded([{}], JSON).replace(b"{}", b",".join([b"{}"] * 200_001))
    if form(way) == PROTOBUF:
        item = field(2, b"") if signal is not METRICS else field(2, field(5, b"\x0a\x00"))
        many = field(1, field(2, item * 200_001))
    with pytest.raises((grpc.RpcError, AssertionError), match="too_large: "):
        sender.send(signal, many, way)
    assert sender.stored(signal) == []


@pytest.mark.parametrize("way", [PROTOBUF, GRPC])
@every_signal
def test_resources_that_hold_nothing_hold_nobody_up(
    hub: HubProcess, sender: Sender, signal: Signal, way: str
) -> None:
    body = b"\x0a\x00" * 150_000 + signal.encoded([signal.item()], PROTOBUF)
    assert sender.send(signal, body, way) == (0, "")
    assert len(sender.stored(signal)) == 1


@every_way
@every_signal
def test_a_resource_of_10_mb_is_not_stored_with_each_item(
    hub: HubProcess, sender: Sender, signal: Signal, way: str
) -> None:
    items = [signal.item() for _ in range(200)]
    body = signal.encoded(items, form(way), resource=LARGE)
    rejected, said = sender.send(signal, body, way)
    assert (rejected, f"{signal.noun} 0: attributes_too_large: " in said) == (200, True)
    answer = hub.client.get("/health/ready")
    assert answer.status_code == 200
