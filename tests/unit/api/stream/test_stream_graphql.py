"""Subscriptions of GraphQL, by graphql-transport-ws."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from llm_analytics_hub.api.graphql import socket as graphql_socket
from llm_analytics_hub.bootstrap import Hub

from .conftest import SECONDS, Serving, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PATH = "/api/v1/graphql"
PROTOCOL: Any = ["graphql-transport-ws"]
EVENTS = "{ events { eventId costUsd } cursor missed missedIsAtMost }"


class Graphql:
    """One side of a connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, kind: str, **members: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **members}))

    def ask(self, name: str, document: str) -> None:
        self.say("subscribe", id=name, payload={"query": document})

    def hear(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.socket.recv(timeout=SECONDS))
        return found

    def frame(self) -> Any:
        """The only field of the next response."""
        told = self.hear()
        assert told["type"] == "next", told
        (value,) = told["payload"]["data"].values()
        return value

    def closed(self) -> int | None:
        with pytest.raises(ConnectionClosed):
            self.socket.recv(timeout=SECONDS)
        return self.socket.close_code


@contextmanager
def begun(at: Serving, tenant: str) -> Iterator[Graphql]:
    with at.socket(tenant, path=PATH, subprotocols=PROTOCOL) as socket:
        one = Graphql(socket)
        one.say("connection_init")
        assert one.hear() == {"type": "connection_ack"}
        yield one


@pytest.mark.parametrize(
    ("field", "passes", "fails"),
    [
        ("registryEvents", {"source": "registry"}, {"source": "costops"}),
        ("securityEvents", {"source": "sentinel"}, {"source": "registry"}),
        ("events", {"source": "app"}, None),
    ],
)
def test_each_root_has_its_own_events(
    at: Serving, tenant: str, field: str, passes: dict[str, Any], fails: dict[str, Any] | None
) -> None:
    with begun(at, tenant) as one:
        one.ask("1", f"subscription {{ {field} {EVENTS} }}")
        first = one.frame()
        assert (first["events"], first["missed"], first["missedIsAtMost"]) == ([], None, False)
        at.post(f"x{tenant}", passes)
        sent = at.post(tenant, passes, fails or passes)
        wanted = sent if fails is None else sent[:1]
        assert [event["eventId"] for event in one.frame()["events"]] == wanted
        one.ask("2", f'subscription {{ {field}(cursor: "{first["cursor"]}") {EVENTS} }}')
        assert sorted(event["eventId"] for event in one.frame()["events"]) == sorted(wanted)


def test_violations_are_told_in_the_words_of_the_documents(at: Serving, tenant: str) -> None:
    with begun(at, tenant) as one:
        one.ask("1", "subscription { policyViolations { violations { policyId severity } } }")
        assert one.frame() == {"violations": []}
        known = {"source": "policy-engine", "policy_id": "p", "severity": "high"}
        at.post(tenant, {**known, "event_type": "decision.made"})
        at.post(tenant, {**known, "event_type": "violation.detected"})
        assert one.frame() == {"violations": [{"policyId": "p", "severity": "high"}]}


def test_questions_are_answered_here_too_and_operations_end(at: Serving, tenant: str) -> None:
    with begun(at, tenant) as one:
        one.ask("1", f"subscription {{ events {EVENTS} }}")
        one.frame()
        one.ask("q", "{ catalog { granularities } }")
        assert (one.hear()["id"], one.hear()) == ("q", {"type": "complete", "id": "q"})
        one.say("complete", id="1")
        one.say("ping")
        assert one.hear() == {"type": "pong"}
        at.post(tenant, {})
        one.ask("1", f"subscription {{ events {EVENTS} }}")
        assert one.frame()["events"] == []


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("subscription {", "invalid_document"),
        ("subscription { events { nope } }", "invalid_request"),
        ('subscription { events(cursor: "x") { cursor } }', "invalid_cursor"),
        ('subscription { events(filter: {where: [{field: "asset.owner", value: "x"}]}) { cursor } }', "invalid_query"),
        ("subscription { events { " + "events { " * 25 + "}" * 27, "too_complex"),
        ("", "invalid_request"),
    ],
)  # fmt: skip
def test_bad_operations_are_refused_and_the_connection_stays(
    at: Serving, tenant: str, document: str, code: str
) -> None:
    with begun(at, tenant) as one:
        one.ask("1", document)
        told = one.hear()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", code)
        one.ask("1", f"subscription {{ events {EVENTS} }}")
        assert one.frame()["events"] == []


def test_too_many_operations_are_refused(at: Serving, tenant: str) -> None:
    with begun(at, tenant) as one:
        for number in range(graphql_socket.MAX_OPERATIONS):
            one.ask(str(number), f"subscription {{ events {EVENTS} }}")
            one.frame()
        one.ask("more", f"subscription {{ events {EVENTS} }}")
        assert one.hear()["payload"][0]["extensions"]["code"] == "saturated"


def test_who_breaks_the_protocol_is_closed(at: Serving, tenant: str) -> None:
    for said, code in (
        ([{"type": "connection_init"}], 4429),
        ([{"type": "nope"}], 4400),
        ([{"type": "subscribe", "id": 5}], 4400),
        ([{"type": "subscribe", "id": "1", "payload": {"query": "subscription { events { cursor } }"}}] * 2, 4409),
    ):  # fmt: skip
        with begun(at, tenant) as one:
            for message in said:
                one.socket.send(json.dumps(message))
            while one.socket.close_code is None:
                try:
                    one.hear()
                except ConnectionClosed:
                    break
            assert one.socket.close_code == code
    with at.socket(tenant, path=PATH, subprotocols=PROTOCOL) as socket:
        Graphql(socket).ask("1", "{ catalog { dimensions } }")
        assert Graphql(socket).closed() == 4401
    with at.socket(tenant, path=PATH) as socket:
        assert Graphql(socket).closed() == 4406


def test_who_says_nothing_is_closed(
    at: Serving, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphql_socket, "INIT_SECONDS", 0.05)
    with at.socket(tenant, path=PATH, subprotocols=PROTOCOL) as socket:
        assert Graphql(socket).closed() == 4408


def test_pages_of_other_sites_are_refused(at: Serving, tenant: str) -> None:
    with (
        pytest.raises(InvalidStatus) as caught,
        at.socket(tenant, path=PATH, subprotocols=PROTOCOL, origin="http://evil.test"),
    ):
        pass
    assert caught.value.response.status_code == 403


def test_over_http_a_subscription_is_refused(at: Serving) -> None:
    answer = at.http.post(PATH, json={"query": "subscription { events { cursor } }"}).json()
    assert "WebSocket" in answer["errors"][0]["message"]


def test_a_hub_that_stops_says_so(hub: Hub, tenant: str) -> None:
    with serving(hub) as at, begun(at, tenant) as one:
        for name in ("1", "2"):
            one.ask(name, f"subscription {{ events {EVENTS} }}")
            one.frame()
        at.stop()
        assert one.closed() == 1001
