"""Webhooks at a real server: signed, tried again, kept where they fail, and no slower for others."""

import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import ConflictError, NotFoundError
from llm_analytics_hub.model.alerts.alert import Phase
from llm_analytics_hub.model.alerts.routing import Cause, Outcome

from .notices import NOW, SECRET, alert, desk, notice
from .receiver import Answer, Receiver, receiver


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def hook(server: Receiver, **more: Any) -> dict[str, Any]:
    return {"kind": "webhook", "url": f"{server.url}/in?token=T0KEN", "tries": 4, **more}


def test_what_is_sent_is_signed_and_says_it_all(server: Receiver) -> None:
    over = alert("old", Phase.RESOLVED)
    with desk(a=hook(server, secret=SECRET, headers={"Authorization": "Bearer b"})) as at:
        sent = at.sent("a", notice(alert(), resolved=(over,), left_out=3))
    got = server.next()
    body = json.loads(got.body)
    assert (sent.outcome, sent.tries, sent.payload) == (Outcome.SENT, 1, "")
    assert sent.alerts == (alert().alert.fingerprint, over.alert.fingerprint)
    assert got.path == "/in?token=T0KEN"
    assert got.headers["authorization"] == "Bearer b"
    assert got.headers["idempotency-key"] == body["id"]
    parts = dict(part.split("=") for part in got.headers["x-hub-signature"].split(","))
    assert parts["t"] == str(int(NOW.timestamp()))
    digest = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + got.body, "sha256")
    assert parts["v1"] == digest.hexdigest()
    assert body["status"] == "firing"
    assert body["truncatedAlerts"] == 3
    assert body["commonLabels"] == {"alertname": "error-rate", "severity": "critical"}
    firing, resolved = body["alerts"]
    assert firing["startsAt"] == "2026-11-22T11:55:00Z"
    assert firing["endsAt"] == "0001-01-01T00:00:00Z"
    assert (firing["value"], firing["unit"]) == (0.123, "ratio")
    assert firing["generatorURL"].startswith("https://hub.example/alerts/")
    assert (resolved["status"], resolved["endsAt"]) == ("resolved", "2026-11-22T12:00:00Z")


def test_without_a_secret_nothing_is_signed(server: Receiver) -> None:
    with desk(a=hook(server)) as at:
        assert at.sent("a").outcome is Outcome.SENT
    assert "x-hub-signature" not in server.next().headers


@pytest.mark.parametrize("first", [500, 503, 408, 425, 429])
def test_what_passes_is_tried_again_with_the_same_key(server: Receiver, first: int) -> None:
    server.answer(first, first)
    with desk(a=hook(server)) as at:
        sent = at.sent("a")
    keys = {server.next().headers["idempotency-key"] for _ in range(3)}
    assert (sent.outcome, sent.tries, len(keys)) == (Outcome.SENT, 3, 1)


def test_a_dropped_connection_is_tried_again(server: Receiver) -> None:
    server.answers.append(Answer(drops=True))
    with desk(a=hook(server)) as at:
        assert at.sent("a").tries == 2


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410, 422])
def test_what_does_not_pass_is_not_tried_again(server: Receiver, status: int) -> None:
    with receiver() as other:
        server.answers.append(Answer(status, {"Location": other.url}))
        with desk(a=hook(server)) as at:
            failed = at.sent("a")
        assert other.received.empty()
    assert (failed.outcome, failed.tries) == (Outcome.FAILED, 1)
    assert str(status) in failed.error


def test_after_the_last_try_it_is_kept_and_can_be_sent_again(server: Receiver) -> None:
    server.answer(500, 500, 500, 500)
    with desk(a=hook(server)) as at:
        failed = at.sent("a")
        first = server.next()
        assert (failed.outcome, failed.tries) == (Outcome.FAILED, 4)
        assert failed.payload.encode() == first.body
        assert at.counted("a", "failed") == 1
        at.channels.resend(failed, at.became.put)
        again = at.next()
        assert (again.id, again.outcome, again.tries) == (failed.id, Outcome.SENT, 5)
        assert again.payload == ""
        with pytest.raises(ConflictError):
            at.channels.resend(again, at.became.put)
    while not server.received.empty():
        last = server.next()
    assert (last.body, last.headers["idempotency-key"]) == (
        first.body, first.headers["idempotency-key"],
    )  # fmt: skip


def test_who_says_when_to_come_again_is_taken_at_the_word(server: Receiver) -> None:
    server.answers.append(Answer(429, {"Retry-After": "3600"}))
    with desk(a=hook(server)) as at:
        waits: list[float] = []
        worker = at.worker("a")
        worker._ended.wait = lambda seconds: bool(waits.append(seconds))  # type: ignore[assignment, func-returns-value]
        assert at.sent("a").tries == 2
    assert waits == [3600.0]


def test_one_that_is_slow_or_dead_delays_no_other(server: Receiver) -> None:
    gate = threading.Event()
    with receiver() as slow:
        slow.answers.extend(Answer(waits=gate) for _ in range(3))
        dead = {"kind": "webhook", "url": "http://127.0.0.1:1/", "tries": 100}
        with desk(slow=hook(slow), dead=dead, quick=hook(server)) as at:
            at.worker("dead")._first_seconds = 60.0
            at.send("slow")
            at.send("dead")
            assert slow.next()
            for _ in range(20):
                assert at.sent("quick").channel == "quick"
            gate.set()
            assert at.next().channel == "slow"


def test_a_full_queue_fails_aloud_and_keeps_the_payload(server: Receiver) -> None:
    gate = threading.Event()
    server.answers.append(Answer(waits=gate))
    with desk(a=hook(server, queue=2)) as at:
        at.send("a")
        assert server.next()
        at.send("a")
        at.send("a")
        full = at.sent("a")
        assert (full.outcome, full.tries) == (Outcome.FAILED, 0)
        assert "full" in full.error
        assert json.loads(full.payload)["receiver"] == "a"
        gate.set()
        assert [at.next().outcome for _ in range(3)] == [Outcome.SENT] * 3
        assert at.counted("a", "failed") == 1


def test_a_connection_is_kept(server: Receiver) -> None:
    with desk(a=hook(server)) as at:
        for _ in range(5):
            at.sent("a")
    assert len({server.next().port for _ in range(5)}) == 1


def test_an_endless_answer_is_not_read_to_its_end(server: Receiver) -> None:
    server.answers.append(Answer(body=b"x" * 50_000_000))
    with desk(a=hook(server)) as at:
        assert at.sent("a").outcome is Outcome.SENT
        at.sent("a")
    assert server.next().port != server.next().port


def test_a_channel_that_is_not_there_fails_aloud(server: Receiver) -> None:
    with desk(a=hook(server)) as at:
        failed = at.sent("b" * 500)
        assert failed.outcome is Outcome.FAILED
        assert len(failed.error) < 200
        assert at.counted("unknown", "failed") == 1
        with pytest.raises(NotFoundError):
            at.channels.test("b", "acme")


def test_no_secret_is_in_an_error_or_a_payload(server: Receiver) -> None:
    server.answer(404)
    dead = {"kind": "webhook", "url": "http://127.0.0.1:1/T0KEN", "tries": 1, "secret": SECRET}
    with desk(a=hook(server, secret=SECRET, headers={"X-Key": "K3Y"}), dead=dead) as at:
        for name in ("a", "dead"):
            failed = at.sent(name)
            shown = repr((failed, at.channels._settings))
            assert failed.outcome is Outcome.FAILED
            assert not [word for word in ("T0KEN", "K3Y", SECRET) if word in shown]


def test_no_secret_is_logged(server: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    server.answer(500, 404)
    with (
        desk(a=hook(server, secret=SECRET, headers={"X-Key": "K3Y"})) as at,
        capture_logs() as ours,
    ):
        at.sent("a")
    shown = repr([record.getMessage() for record in caplog.records]) + repr(ours)
    assert ours
    assert not [word for word in ("T0KEN", "K3Y", SECRET) if word in shown]


def test_what_is_needed_is_loaded_at_the_start(server: Receiver) -> None:
    with desk(a=hook(server)) as at:
        at.channels.start()
        at.channels.start()
        assert at.sent("a").outcome is Outcome.SENT
    at.channels.start()  # and nothing begins after the end


def test_a_test_is_sent_at_once_and_tells_what_came_of_it(server: Receiver) -> None:
    gate = threading.Event()
    server.answers.extend((Answer(waits=gate), Answer(), Answer(401)))
    with desk(a=hook(server)) as at:
        at.send("a")  # is stuck
        assert server.next()
        good = at.channels.test("a", "acme")
        bad = at.channels.test("a", "acme")
        gate.set()
        at.next()
    assert (good.outcome, good.cause, good.tries) == (Outcome.SENT, Cause.TEST, 1)
    assert json.loads(server.next().body)["tenant"] == "acme"
    assert (bad.outcome, bad.payload != "") == (Outcome.FAILED, True)
    assert "401" in bad.error


def test_closing_ends_a_wait_between_tries_and_tells_nobody(server: Receiver) -> None:
    server.answer(500)
    with desk(a=hook(server)) as at:
        worker = at.worker("a")
        worker._first_seconds = 3600.0
        at.send("a")
        at.send("a")
        assert server.next()
        at.channels.close()
        assert worker._thread is not None
        assert not worker._thread.is_alive()
        assert at.became.empty()
        late = at.sent("a")
    assert (late.outcome, late.error) == (Outcome.FAILED, "the hub ends")


def test_the_signature_is_of_the_moment_it_is_sent(server: Receiver) -> None:
    clock = ManualClock(NOW)
    with desk(clock, a=hook(server, secret=SECRET)) as at:
        at.sent("a")
        clock.set(NOW + timedelta(hours=1))
        at.sent("a")
    first, second = (server.next().headers["x-hub-signature"][2:12] for _ in range(2))
    assert int(second) - int(first) == 3600
