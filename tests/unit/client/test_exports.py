"""Exports arrive whole or not at all, in both clients."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from llm_analytics_hub.errors import InvalidInputError, InvalidQueryError, UnavailableError

from .clients import Both
from .conftest import NOW, Connect

WHOLE = bytes(range(256)) * 4
SUM = hashlib.sha256(WHOLE).hexdigest()
DAY: dict[str, Any] = {"start": NOW - timedelta(days=1), "end": NOW + timedelta(hours=1)}


@pytest.fixture
def acme(connect: Connect) -> Both:
    one = connect(tenant="exports")
    known = {"source": "observatory", "event_type": "inference.completed", "occurred_at": NOW}
    one.send([known | {"event_id": str(n), "model": f"m{n}"} for n in range(3)])
    return one


def test_an_export_is_made_and_fetched(acme: Both, tmp_path: Path) -> None:
    to = tmp_path / "calls.parquet"
    told = acme.export("events", to=to, where=("model", "ne", "m0"), columns=["model"], **DAY)
    assert (told["status"], told["rows"]) == ("done", 2)
    assert sorted(pq.read_table(to)["model"].to_pylist()) == ["m1", "m2"]
    assert hashlib.sha256(to.read_bytes()).hexdigest() == told["sha256"]
    assert list(tmp_path.iterdir()) == [to]


def test_the_answer_to_a_question_is_exported(acme: Both, tmp_path: Path) -> None:
    question = {"measures": "requests", "dimensions": "model", "order_by": "model", **DAY}
    acme.export("query", format="csv", to=str(tmp_path / "a.csv"), question=question)
    assert (tmp_path / "a.csv").read_text() == "model,requests\nm0,1\nm1,1\nm2,1\n"


def test_an_export_that_cannot_be_is_refused(acme: Both) -> None:
    with pytest.raises(InvalidQueryError, match="time_range"):
        acme.export("events")
    with pytest.raises(InvalidInputError, match="not both"):
        acme.export("assets", to="a", destination="lake")


class Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Bytes whose connection breaks after them."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content
        raise httpx.ReadError("cut")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content
        raise httpx.ReadError("cut")


class Desk:
    """A hub whose export takes a while; its file comes as the answers say."""

    def __init__(self, *answers: httpx.Response, states: str = "queued running done") -> None:
        self._answers = list(answers)
        self._states = states.split()
        self.asked: list[str | None] = []
        self.orders = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/data"):
            self.asked.append(request.headers.get("range"))
            return self._answers.pop(0)
        self.orders += request.method == "POST"
        told = {"id": "e", "status": self._states.pop(0), "sha256": SUM}
        return httpx.Response(200, json=told | {"error": {"code": "late", "message": "too much"}})


def test_a_file_that_is_cut_goes_on_where_it_was(connect: Connect, tmp_path: Path) -> None:
    pauses: list[float] = []
    desk = Desk(
        httpx.Response(200, stream=Cut(WHOLE[:100])),
        httpx.Response(206, stream=Cut(WHOLE[100:300])),
        httpx.Response(206, content=WHOLE[300:]),
    )
    connect(desk, pauses=pauses).export("assets", to=tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == WHOLE
    assert desk.asked == [None, "bytes=100-", "bytes=300-"]
    assert pauses == [0.1, 0.2, 0.25, 0.5]


def test_a_file_that_begins_again_is_not_added_to(connect: Connect, tmp_path: Path) -> None:
    desk = Desk(httpx.Response(200, stream=Cut(b"old")), httpx.Response(200, content=WHOLE))
    connect(desk, pauses=[]).export("assets", to=tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == WHOLE


def test_a_file_that_is_another_is_not_kept(connect: Connect, tmp_path: Path) -> None:
    desk = Desk(httpx.Response(200, content=WHOLE[1:]))
    with pytest.raises(UnavailableError, match="did not arrive whole") as caught:
        connect(desk, pauses=[]).export("assets", to=tmp_path / "a")
    assert caught.value.code == "checksum_mismatch"
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_failed_says_why(connect: Connect) -> None:
    with pytest.raises(UnavailableError, match="too much") as caught:
        connect(Desk(states="running failed"), pauses=[]).export("assets")
    assert caught.value.code == "late"


def test_an_export_is_ordered_once(connect: Connect) -> None:
    asked: list[str] = []

    def silent(request: httpx.Request) -> httpx.Response:
        asked.append(request.method)
        if request.method == "POST":
            raise httpx.ReadTimeout("slow")
        return httpx.Response(200, json={})

    client = connect(silent, pauses=[])
    client.catalog()
    with pytest.raises(UnavailableError, match="went away"):
        client.export("assets")
    assert asked == ["GET", "POST"]
