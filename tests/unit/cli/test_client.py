"""The client: patient with a busy hub, plain about everything else."""

from collections.abc import Callable

import httpx
import pytest

from llm_analytics_hub.cli.client import HubClient
from llm_analytics_hub.client.call import ATTEMPTS
from llm_analytics_hub.errors import (
    ConflictError,
    DeniedError,
    HubError,
    InvalidInputError,
    NotFoundError,
    SaturatedError,
    TooLargeError,
    UnavailableError,
)

Answer = Callable[[httpx.Request], httpx.Response]


def problem(status: int, code: str = "some_code", **headers: str) -> httpx.Response:
    return httpx.Response(
        status, json={"code": code, "detail": "why", "title": "t"}, headers=headers
    )


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
        return answer

    def client(self, url: str = "http://hub.test", tenant: str = "acme") -> HubClient:
        return HubClient(url, tenant, transport=httpx.MockTransport(self), pause=self.pauses.append)


OK = httpx.Response(
    200,
    json={"accepted": 1, "duplicates": 2, "rejected": [{"index": 3, "code": "c", "message": "m"}]},
)


def test_events_are_sent_as_lines_of_an_import() -> None:
    script = Script(OK)
    receipt = script.client().send(b"{}")
    (request,) = script.requests
    assert (receipt.accepted, receipt.duplicates, receipt.rejected[0].index) == (1, 2, 3)
    assert str(request.url) == "http://hub.test/api/v1/events?deduplicate=always"
    assert request.headers["content-type"] == "application/x-ndjson"
    assert request.headers["x-tenant"] == "acme"


def test_a_busy_hub_is_asked_again_as_it_wishes() -> None:
    script = Script(
        problem(429, **{"Retry-After": "7"}), problem(503, **{"Retry-After": "9999"}), OK
    )
    assert script.client().send(b"{}").accepted == 1
    assert script.pauses == [7.0, 30.0]


def test_a_hub_that_stays_full_is_given_up() -> None:
    script = Script(problem(429, "saturated"))
    with pytest.raises(SaturatedError, match="why"):
        script.client().send(b"{}")
    assert len(script.requests) == ATTEMPTS


def test_a_hub_that_never_answered_is_not_waited_for() -> None:
    script = Script(httpx.ConnectError("refused"))
    with pytest.raises(
        UnavailableError,
        match=r"no hub answers at http://hub\.test: start one with `analytics-hub serve`",
    ):
        script.client().catalog()
    assert script.pauses == []


def test_a_hub_that_went_away_is_waited_for() -> None:
    script = Script(OK, httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), OK)
    client = script.client()
    client.send(b"{}")
    client.send(b"{}")
    assert script.pauses == [0.25, 0.5]


def test_a_hub_that_stays_away_is_told_so() -> None:
    script = Script(OK, httpx.ConnectError("refused"))
    client = script.client()
    client.send(b"{}")
    with pytest.raises(UnavailableError, match="went away"):
        client.send(b"{}")


def test_giving_up_ends_the_waiting() -> None:
    script = Script(problem(429))
    client = script.client()
    client.give_up()
    with pytest.raises(SaturatedError):
        client.send(b"{}")
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidInputError), (401, DeniedError), (403, DeniedError), (404, NotFoundError),
        (409, ConflictError), (413, TooLargeError), (500, UnavailableError),
    ],
)  # fmt: skip
def test_a_problem_is_the_error_it_tells(status: int, kind: type[HubError]) -> None:
    with pytest.raises(kind) as caught:
        Script(problem(status)).client().ask({})
    assert (caught.value.code, caught.value.message) == ("some_code", "why")


@pytest.mark.parametrize(
    "answer", [httpx.Response(404, text="nginx"), httpx.Response(200, text="<html>")]
)
def test_another_server_is_found_out(answer: httpx.Response) -> None:
    with pytest.raises(UnavailableError, match="is no hub") as caught:
        Script(answer).client().send(b"{}")
    assert caught.value.code == "not_a_hub"


@pytest.mark.parametrize("url", ["localhost:8080", "hub", "ftp://hub"])
def test_an_address_needs_its_scheme(url: str) -> None:
    with pytest.raises(InvalidInputError, match="http://host:port"):
        HubClient(url, "acme")


def test_ids_stay_inside_their_place_in_the_path() -> None:
    script = Script(httpx.Response(200, json={}))
    script.client().dead_letter("../query?x")
    assert script.requests[0].url.raw_path == b"/api/v1/dead-letters/..%2Fquery%3Fx"


def test_no_ids_means_all_letters() -> None:
    script = Script(httpx.Response(200, json={"purged": 3}))
    client = script.client()
    assert client.purge([]) == 3
    client.purge(["a"])
    assert [request.content for request in script.requests] == [b'{"all":true}', b'{"ids":["a"]}']
