from datetime import timedelta

import pytest
from starlette.requests import Request
from starlette.responses import Response

from llm_analytics_hub.api.http_cache import conditional

MINUTE = timedelta(minutes=1)


def request(*if_none_match: str) -> Request:
    headers = [(b"if-none-match", value.encode()) for value in if_none_match]
    return Request({"type": "http", "method": "GET", "headers": headers})


def test_an_answer_has_its_validator_and_whose_it_is() -> None:
    found = conditional(request(), 'W/"a"', MINUTE, lambda: Response(b"{}"))
    assert (found.status_code, found.body) == (200, b"{}")
    assert found.headers["etag"] == 'W/"a"'
    assert found.headers["cache-control"] == "private, max-age=60"
    assert "x-tenant" in found.headers["vary"]


def test_what_may_not_be_old_is_asked_for_each_time() -> None:
    found = conditional(request(), '"a"', timedelta(), lambda: Response(b"{}"))
    assert found.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "sent", [['"a"'], ['W/"a"'], ['"b", W/"a"'], ['"b"', '"a"'], ["*"], ['"b","a"']]
)
@pytest.mark.parametrize("etag", ['"a"', 'W/"a"'])
def test_who_has_the_answer_gets_none(sent: list[str], etag: str) -> None:
    def never() -> Response:
        raise AssertionError("made though known")

    found = conditional(request(*sent), etag, MINUTE, never)
    assert (found.status_code, found.body) == (304, b"")
    assert found.headers["etag"] == etag
    assert found.headers["cache-control"] == "private, max-age=60"


@pytest.mark.parametrize("sent", ['"b"', "a", '""', "", 'w/"a"', '"ab"'])
def test_who_has_another_gets_it(sent: str) -> None:
    assert conditional(request(sent), '"a"', MINUTE, Response).status_code == 200
