from datetime import timedelta

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from llm_analytics_hub.errors import (
    DeniedError,
    InvalidInputError,
    SaturatedError,
    UnavailableError,
)
from llm_analytics_hub.simulator.platform import Platform, history
from llm_analytics_hub.simulator.sender import ATTEMPTS, send

URL = "http://hub.test"


@pytest.fixture
def hour(monday):
    return list(history(Platform(7), monday, monday + timedelta(hours=1), 2_000))


class Pauses(list):
    """Stands in for sleeping: remembers for how long."""

    async def __call__(self, seconds):
        self.append(seconds)


def full(seconds="3"):
    return Response(status_code=429, headers={"Retry-After": seconds})


async def test_the_counts_add_up(hub, hour):
    heard = []
    sent = await send(hour, URL, heard.append, transport=hub.transport)
    assert sent.accepted == sum(request.event_count for request in hour) == sent.total
    assert sent.duplicates == sent.rejected == 0
    assert sent.total == len(hub.events) + len(hub.spans)
    assert heard[-1] == sent.total
    assert heard == sorted(heard)
    assert set(hub.tenants) == {"default"}


async def test_sending_twice_gives_duplicates_only(hub, hour):
    await send(hour, URL, transport=hub.transport)
    before = dict(hub.events), dict(hub.spans)
    again = await send(hour, URL, transport=hub.transport)
    spans = sum(request.event_count for request in hour if request.path == "/v1/traces")
    assert again.duplicates == again.total - spans
    assert before == (hub.events, hub.spans)


async def test_refused_events_are_counted_with_their_reason(hub, hour):
    hub.refused_types = {"audit.logged", "span"}
    sent = await send(hour, URL, transport=hub.transport)
    posts = [request for request in hour if request.path == "/v1/traces"]
    assert sent.reasons["partial_success"] == len(posts)
    assert sent.reasons["unwanted"] > 0
    assert sent.rejected == sum(sent.reasons.values())
    assert sent.total == sum(request.event_count for request in hour)


async def test_a_full_hub_is_asked_again_after_the_time_it_wants(hub, hour):
    hub.first_answers = [full("3"), Response(status_code=503, headers={"Retry-After": "5"})]
    pauses = Pauses()
    sent = await send(hour, URL, concurrency=1, pause=pauses, transport=hub.transport)
    assert pauses == [3.0, 5.0]
    assert sent.accepted == sum(request.event_count for request in hour)


@pytest.mark.parametrize(("wished", "paused"), [("3600", 30.0), ("soon", 0.25), ("", 0.25)])
async def test_a_wait_is_bounded_and_known(hub, hour, wished, paused):
    hub.first_answers = [full(wished)]
    pauses = Pauses()
    await send(hour[:1], URL, pause=pauses, transport=hub.transport)
    assert pauses == [paused]


@pytest.mark.parametrize(("status", "error"), [(429, SaturatedError), (503, UnavailableError)])
async def test_a_hub_that_stays_busy_is_given_up(hub, hour, status, error):
    hub.first_answers = [Response(status_code=status) for _ in range(ATTEMPTS)]
    pauses = Pauses()
    with pytest.raises(error):
        await send(hour[:1], URL, pause=pauses, transport=hub.transport)
    assert len(pauses) == ATTEMPTS - 1
    assert hub.events == {}


async def test_where_nobody_is_the_message_says_so_at_once(hour):
    def nobody(request):
        raise httpx.ConnectError("refused")

    pauses = Pauses()
    with pytest.raises(UnavailableError, match=r"no hub answers at http://hub\.test"):
        await send(hour, URL, pause=pauses, transport=httpx.MockTransport(nobody))
    assert pauses == []


async def test_a_hub_that_went_away_is_waited_for(hub, hour):
    attempts = 0

    async def restarting(request):
        nonlocal attempts
        attempts += 1
        if attempts in (2, 3):
            raise httpx.ReadError("gone")
        return await hub.transport.handle_async_request(request)

    class Restarting(httpx.AsyncBaseTransport):
        handle_async_request = staticmethod(restarting)

    pauses = Pauses()
    sent = await send(hour, URL, concurrency=1, pause=pauses, transport=Restarting())
    assert pauses == [0.25, 0.5]
    assert sent.accepted == sum(request.event_count for request in hour)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (JSONResponse({"code": "denied"}, 401), DeniedError),
        (JSONResponse({"code": "undecodable"}, 400), InvalidInputError),
        (JSONResponse({"hello": "world"}), UnavailableError),
        (Response("<html>", 200), UnavailableError),
        (Response(status_code=404), UnavailableError),
        (Response(status_code=500), UnavailableError),
    ],
)
async def test_answers_that_are_no_hubs_are_errors(hub, hour, answer, error):
    hub.first_answers = [answer]
    pauses = Pauses()
    with pytest.raises(error):
        await send(hour[:1], URL, pause=pauses, transport=hub.transport)
    assert pauses == []
