"""The live stream as server-sent events, and where modules learn of it."""

import pytest

from llm_analytics_hub.bootstrap import Hub

from .conftest import QUIET, Serving, serving
from .frames import ids, server_sent

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_events_come_with_the_cursor_as_their_id(at: Serving, tenant: str) -> None:
    with server_sent(at.http, tenant, "source=app") as events:
        assert int(next(events)["retry"]) > 0
        first = next(events)
        assert (first["event"], first["data"]["events"]) == ("events", [])
        at.post(f"x{tenant}", {})
        sent = at.post(tenant, {"attributes": {"text": "a\nb\r\u2028c"}}, {"source": "registry"})
        told = next(events)
        assert (ids(told["data"]), told["id"]) == (sent[:1], told["data"]["cursor"])
        assert told["data"]["events"][0]["attributes"]["text"] == "a\nb\r\u2028c"
    later = at.post(tenant, {})
    # Where both are said, the header is the newer one.
    query = f"cursor={first['id']}&source=app"
    with server_sent(at.http, tenant, query, **{"Last-Event-ID": told["id"]}) as events:
        next(events)
        assert ids(next(events)["data"]) == later


def test_nothing_keeps_small_events_back(at: Serving) -> None:
    with at.http.stream("GET", "/api/v1/stream") as answer:
        assert answer.headers["x-accel-buffering"] == "no"
        assert "no-transform" in answer.headers["cache-control"]
        assert "content-length" not in answer.headers


def test_heartbeats_move_the_cursor_and_the_end_is_an_end(hub: Hub, tenant: str) -> None:
    with serving(hub, heartbeat=QUIET) as at:
        with server_sent(at.http, tenant) as events:
            next(events), next(events)
            beat = next(events)
            assert (beat["event"], beat["data"]["heartbeat"]) == ("heartbeat", True)
            at.stop()
            assert {event["event"] for event in events} <= {"heartbeat"}
        answer = at.http.get("/api/v1/stream")
        assert (answer.status_code, answer.json()["code"]) == (503, "stopping")


def test_other_forms_and_other_sites_are_refused(at: Serving) -> None:
    answer = at.http.get("/api/v1/stream", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (406, "accept")
    answer = at.http.get("/api/v1/stream", headers={"origin": "http://evil.test"})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


@pytest.mark.parametrize("path", ["registry/events/subscribe", "observatory/subscribe"])
def test_modules_are_told_where_to_read(at: Serving, tenant: str, path: str) -> None:
    source = path.partition("/")[0]
    wanted = {"event_types": ["asset.registered", "asset.updated"], "asset_ids": ["a&b"]}
    answer = at.http.post(
        f"/api/v1/integrations/{path}", json=wanted, headers={"x-tenant": tenant}
    ).json()
    one = {"source": source, "asset_id": "a&b", "event_type": "asset.updated"}
    sent = at.post(tenant, one, {**one, "asset_id": "c"}, {**one, "source": "app"})
    with at.http.stream("GET", answer["stream"], headers={"x-tenant": tenant}) as stream:
        text = ""
        for line in stream.iter_lines():
            text += line
            if sent[0] in line:
                break
    assert sent[1] not in text
    assert sent[2] not in text


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"callback_url": "http://here.test"}, 501, "callback_url"),
        ({"event_types": ["a,b"]}, 400, "event_types"),
        ({"severities": [""]}, 400, "severities"),
        ({"colour": 1}, 400, "body.colour"),
        ({"asset_ids": ["x"] * 51}, 400, "body.asset_ids"),
    ],
)
def test_bad_subscriptions_are_refused(at: Serving, body: object, status: int, field: str) -> None:
    answer = at.http.post("/api/v1/integrations/registry/events/subscribe", json=body)
    assert (answer.status_code, answer.json()["field"]) == (status, field)
