"""Both clients are patient with a busy hub, plain about everything else, and never send too often."""

import httpx
import pytest

from llm_analytics_hub.client import Receipt
from llm_analytics_hub.client.call import ATTEMPTS
from llm_analytics_hub.errors import (
    ConflictError,
    DeniedError,
    HubError,
    InvalidInputError,
    InvalidQueryError,
    NotFoundError,
    QueryTimeoutError,
    SaturatedError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnsupportedError,
)

from .clients import Both
from .conftest import Connect

RECEIPT = httpx.Response(200, json={"accepted": 1, "duplicates": 0, "rejected": []})
SILENCE = httpx.ReadTimeout("slow")
REFUSED = httpx.ConnectError("refused")


def problem(status: int, code: str = "some_code", **headers: str) -> httpx.Response:
    told = {"code": code, "detail": "why", "title": "t", "field": "limit"}
    return httpx.Response(status, json=told, headers=headers)


class Script:
    """Gives answers in turn, the last one for ever; keeps the requests and the pauses."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        # A response is read once: each request gets one of its own.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def client(self, connect: Connect, **members: object) -> Both:
        return connect(self, pauses=self.pauses, **members)


def test_who_asks_is_said_with_every_request(connect: Connect) -> None:
    script = Script(RECEIPT)
    script.client(connect, tenant="acme", token="secret").send({"a": 1})  # noqa: S106 - no secret
    (request,) = script.requests
    assert request.headers["x-tenant"] == "acme"
    assert request.headers["authorization"] == "Bearer secret"
    assert request.headers["user-agent"].startswith("llm-analytics-hub/")
    assert "authorization" not in _asked(connect, Script(RECEIPT)).headers


def _asked(connect: Connect, script: Script) -> httpx.Request:
    script.client(connect).send({"a": 1})
    return script.requests[0]


def test_a_busy_hub_is_asked_again_as_it_wishes(connect: Connect) -> None:
    busy = [problem(429, **{"Retry-After": "7"}), problem(503, **{"Retry-After": "9999"})]
    script = Script(*busy, problem(503), RECEIPT)
    assert script.client(connect).send({"a": 1}) == Receipt(accepted=1, duplicates=0)
    assert script.pauses == [7.0, 30.0, 1.0]


def test_a_hub_that_stays_full_is_given_up(connect: Connect) -> None:
    script = Script(problem(429, "saturated", **{"Retry-After": "9"}))
    with pytest.raises(SaturatedError, match="why") as caught:
        script.client(connect).catalog()
    assert caught.value.retry_after_seconds == 9
    assert (len(script.requests), len(script.pauses)) == (ATTEMPTS, ATTEMPTS - 1)


@pytest.mark.parametrize("failure", [REFUSED, SILENCE])
def test_a_hub_that_never_answered_is_not_waited_for(connect: Connect, failure: Exception) -> None:
    script = Script(failure)
    with pytest.raises(UnavailableError, match=r"no hub answers at http://hub\.test: start one"):
        script.client(connect, url="http://hub.test/").catalog()
    assert script.pauses == []


def test_a_hub_that_went_away_is_waited_for(connect: Connect) -> None:
    script = Script(RECEIPT, REFUSED, SILENCE, RECEIPT)
    client = script.client(connect)
    client.send({"a": 1})
    client.send({"a": 1})
    assert script.pauses == [0.25, 0.5]


@pytest.mark.parametrize(
    ("failure", "deduplicate", "tries"),
    [(SILENCE, "window", 3), (SILENCE, "always", ATTEMPTS), (REFUSED, "window", ATTEMPTS)],
)
def test_events_are_sent_again_only_while_repeats_are_known(
    connect: Connect, failure: Exception, deduplicate: str, tries: int
) -> None:
    script = Script(RECEIPT, failure)
    client = script.client(connect)
    client.send({"a": 1})
    with pytest.raises(UnavailableError, match=f"went away \\({type(failure).__name__}"):
        client.send({"a": 1}, deduplicate=deduplicate)
    assert len(script.requests) == 1 + tries


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "some_code", InvalidInputError), (400, "invalid_query", InvalidQueryError),
        (401, "some_code", UnauthenticatedError), (403, "some_code", DeniedError),
        (404, "some_code", NotFoundError), (409, "some_code", ConflictError),
        (413, "some_code", TooLargeError), (500, "some_code", UnavailableError),
        (501, "some_code", UnsupportedError), (504, "query_timeout", QueryTimeoutError),
    ],
)  # fmt: skip
def test_a_problem_is_the_error_it_tells(
    connect: Connect, status: int, code: str, kind: type[HubError]
) -> None:
    script = Script(problem(status, code))
    with pytest.raises(kind) as caught:
        script.client(connect).query(measures="events", last="1d")
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.message) == (code, "why")
    assert vars(caught.value)["detail"] == "why"
    assert vars(caught.value)["field"] == "limit"
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(404, text="nginx"), httpx.Response(200, text="<html>"),
     httpx.Response(200, json={"accepted": "many"}), httpx.Response(200, content=b"\xff")],
)  # fmt: skip
def test_another_server_is_found_out(connect: Connect, answer: httpx.Response) -> None:
    with pytest.raises(UnavailableError, match="is no hub") as caught:
        Script(answer).client(connect).send({"a": 1})
    assert caught.value.code == "not_a_hub"


@pytest.mark.parametrize("url", ["localhost:8080", "hub", "ftp://hub"])
def test_an_address_needs_its_scheme(connect: Connect, url: str) -> None:
    with pytest.raises(InvalidInputError, match="http://host:port"):
        connect(url=url)


def test_a_hub_that_is_not_ready_says_so_at_once(connect: Connect) -> None:
    script = Script(httpx.Response(503, json={"status": "NOT_READY", "checks": {}}))
    assert script.client(connect).health()["status"] == "NOT_READY"
    assert script.pauses == []


def test_ids_stay_inside_their_place_in_the_path(connect: Connect) -> None:
    script = Script(httpx.Response(200, json={"roots": []}))
    script.client(connect).trace("../query?x")
    assert script.requests[0].url.raw_path == b"/api/v1/traces/..%2Fquery%3Fx"
