"""The live stream over WebSocket."""

import json
import socket as sockets

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from llm_analytics_hub.bootstrap import Hub

from .conftest import QUIET, SECONDS, Serving, serving
from .frames import frame, ids

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

BULKY = {"attributes": {"text": "x" * 20_000}}


def test_what_passes_comes_and_nothing_else(at: Serving, tenant: str) -> None:
    query = 'source=app,other&where=latency_ms>5&filters={"not":{"field":"model","value":"o3"}}'
    with at.socket(tenant, query) as one:
        assert frame(one)["events"] == []
        sent = at.post(
            tenant,
            {"latency_ms": 9, "model": "o1", "cost_usd": "0.123456789012"},
            {"latency_ms": 9, "model": "o3"},
            {"latency_ms": 1},
            {"latency_ms": 9, "source": "registry"},
            {"latency_ms": 7, "source": "other"},
        )
        text = one.recv(timeout=SECONDS)
    assert ids(json.loads(text)) == [sent[0], sent[4]]
    assert '"cost_usd":0.123456789012' in text


def test_no_tenant_sees_another(at: Serving, tenant: str) -> None:
    with at.socket(tenant) as one, at.socket(tenant, f"where=tenant=other{tenant}") as greedy:
        frame(one), frame(greedy)
        at.post(f"other{tenant}", {}, {})
        (own,) = at.post(tenant, {})
        assert ids(frame(one)) == [own]
        with pytest.raises(TimeoutError):
            greedy.recv(timeout=0)


def test_a_cursor_goes_on_without_loss_or_repeat(at: Serving, tenant: str) -> None:
    with at.socket(tenant) as one:
        frame(one)
        before = at.post(tenant, {}, {})
        last = frame(one)
        assert ids(last) == before
    missed = [*at.post(tenant, {}, {}), *at.post(tenant, {})]
    with at.socket(tenant, f"cursor={last['cursor']}") as one:
        stored: list[str] = []
        while told := frame(one)["events"]:
            stored += [event["event_id"] for event in told]
        after = at.post(tenant, {})
        assert (sorted(stored), ids(frame(one))) == (sorted(missed), after)


def test_large_commits_come_in_messages_that_clients_take(at: Serving, tenant: str) -> None:
    with at.socket(tenant) as one:
        place = frame(one)["cursor"]
        sent = at.post(tenant, *[BULKY] * 60)
        told = []
        while len(told) < 60:
            text = one.recv(timeout=SECONDS)
            assert len(text) < 300_000
            told += ids(json.loads(text))
            place = place if len(told) > 30 else json.loads(text)["cursor"]
    assert sorted(told) == sorted(sent)
    with at.socket(tenant, f"cursor={place}") as one:
        rest = []
        while events := frame(one)["events"]:
            rest += [event["event_id"] for event in events]
    assert rest == told[-len(rest) :]
    assert 30 <= len(rest) < 60


def test_a_slow_reader_is_told_what_it_missed(hub: Hub, tenant: str) -> None:
    with serving(hub, buffered_events=5) as at:
        with sockets.create_connection(("127.0.0.1", int(at.url.rsplit(":", 1)[1]))) as narrow:
            narrow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
            with at.socket(tenant, sock=narrow, max_queue=1) as one, at.socket(tenant) as quick:
                frame(one), frame(quick)
                sent: list[str] = []
                for _ in range(80):
                    sent += at.post(tenant, BULKY)
                    assert ids(frame(quick)) == sent[-1:]  # a slow one holds up nobody
                seen, missed, cursor = [], 0, ""
                while len(seen) + missed < len(sent):
                    told = frame(one)
                    if "missed" in told:
                        assert told["at_most"] is False
                        missed, cursor = missed + told["missed"], told["cursor"]
                    else:
                        seen += ids(told)
        assert missed > 0
        assert seen == [name for name in sent if name in set(seen)]
        with at.socket(tenant, f"cursor={cursor}") as one:
            assert ids(frame(one))[0] in set(sent) - set(seen)


def test_a_quiet_stream_says_where_it_stands(hub: Hub, tenant: str) -> None:
    with serving(hub, heartbeat=QUIET) as at, at.socket(tenant) as one:
        first = frame(one)
        assert frame(one) == {"heartbeat": True, "cursor": first["cursor"]}
        at.post(f"x{tenant}", {})
        while (told := frame(one))["cursor"] == first["cursor"]:
            assert told["heartbeat"]
        assert set(told) == {"heartbeat", "cursor"}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("colour=red", "colour"),
        ("where=latency_ms", "where"),
        ("where=latency_ms>fast", "where"),
        ("where=asset.owner=ann", "where"),
        ("filters={", "filters"),
        ('filters=[{"field":"nope","value":1}]', "filters"),
        ("cursor=zzz", "cursor"),
        ("source=" + "x" * 5000, "source"),
    ],
)
def test_bad_parameters_are_refused_with_their_name(at: Serving, query: str, field: str) -> None:
    with pytest.raises(InvalidStatus) as caught, at.socket("default", query):
        pass
    answer = caught.value.response
    told = json.loads(answer.body)
    assert (answer.status_code, told["field"]) == (400, field)
    assert answer.headers["content-type"] == "application/problem+json"
    assert at.http.get(f"/api/v1/stream?{query}").json() == told


def test_pages_of_other_sites_are_refused(at: Serving) -> None:
    for origin in ("http://evil.test", "null", "https://127.0.0.1:1"):
        with pytest.raises(InvalidStatus) as caught, at.socket("default", origin=origin):
            pass
        assert caught.value.response.status_code == 403
        assert json.loads(caught.value.response.body)["code"] == "foreign_origin"
    with at.socket("default", origin=at.url) as one:
        assert frame(one)["events"] == []


def test_too_many_subscribers_are_told_to_come_again(hub: Hub, tenant: str) -> None:
    with serving(hub, subscribers=1) as at:
        with at.socket(tenant) as one:
            frame(one)
            with pytest.raises(InvalidStatus) as caught, at.socket(tenant):
                pass
            assert caught.value.response.status_code == 429
            assert caught.value.response.headers["retry-after"] == "10"
        answer = at.http.get("/metrics").text
        while "hub_live_subscribers 0.0" not in answer:
            answer = at.http.get("/metrics").text
        with at.socket(tenant) as one:
            assert frame(one)["events"] == []


def test_a_client_that_talks_is_closed(at: Serving, tenant: str) -> None:
    with at.socket(tenant) as one:
        frame(one)
        one.send("hello")
        with pytest.raises(ConnectionClosed):
            one.recv(timeout=SECONDS)
        assert one.close_code == 1003


def test_a_hub_that_stops_says_so(hub: Hub, tenant: str) -> None:
    with serving(hub) as at, at.socket(tenant) as one:
        frame(one)
        at.stop()
        with pytest.raises(ConnectionClosed):
            one.recv(timeout=SECONDS)
        assert one.close_code == 1001
        with pytest.raises(InvalidStatus) as caught, at.socket(tenant):
            pass
        assert caught.value.response.status_code == 503
