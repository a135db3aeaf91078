import os
from typing import Any

import httpx
import pytest

LETTERS = "/api/v1/dead-letters"


@pytest.fixture
async def letters(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The letters of a tenant of its own that sent two bad events."""
    client.headers["x-tenant"] = f"t{os.urandom(8).hex()}"
    bad = {"source": "costops", "event_type": "a.b", "occurred_at": "2025-11-19T09:00:00Z"}
    rows = [bad | {"latency_ms": -1}, bad | {"input_tokens": "many"}]
    assert len((await client.post("/api/v1/events", json=rows)).json()["rejected"]) == 2
    found: list[dict[str, Any]] = (await client.get(LETTERS)).json()["dead_letters"]
    return found


async def test_letters_say_what_was_refused_and_why(letters: list[dict[str, Any]]) -> None:
    assert sorted(one["code"] for one in letters) == ["negative_value", "not_a_number"]
    assert {one["received_at"] for one in letters} == {"2025-11-19T10:00:00.000000Z"}
    assert {one["door"] for one in letters} == {"events"}
    assert all('"source": "costops"' in one["payload"] for one in letters)


async def test_a_letter_has_an_address(
    client: httpx.AsyncClient, letters: list[dict[str, Any]]
) -> None:
    answer = await client.get(f"{LETTERS}/{letters[0]['letter_id']}")
    assert answer.json() == letters[0]
    other = await client.get(f"{LETTERS}/{letters[0]['letter_id']}", headers={"x-tenant": "other"})
    assert (other.status_code, other.json()["code"]) == (404, "not_found")


async def test_the_newest_come_first_and_no_more_than_asked(
    client: httpx.AsyncClient, letters: list[dict[str, Any]]
) -> None:
    found = (await client.get(LETTERS, params={"limit": 1})).json()["dead_letters"]
    assert found == letters[:1]
    assert (await client.get(LETTERS, params={"limit": 0})).status_code == 400


async def test_letters_offered_again_stay_while_their_fault_does(
    client: httpx.AsyncClient, letters: list[dict[str, Any]]
) -> None:
    answer = await client.post(f"{LETTERS}/replay", json={"all": True})
    assert answer.json() == {
        "tried": 2, "stored": 0, "remaining": 2,
        "reasons": {"negative_value": 1, "not_a_number": 1},
    }  # fmt: skip
    assert len((await client.get(LETTERS)).json()["dead_letters"]) == len(letters)


async def test_letters_are_forgotten_by_name_or_all(
    client: httpx.AsyncClient, letters: list[dict[str, Any]]
) -> None:
    answer = await client.post(f"{LETTERS}/purge", json={"ids": [letters[0]["letter_id"], "none"]})
    assert answer.json() == {"purged": 1}
    answer = await client.post(f"{LETTERS}/purge", json={"all": True})
    assert answer.json() == {"purged": 1}
    assert (await client.get(LETTERS)).json() == {"dead_letters": []}


@pytest.mark.parametrize("verb", ["replay", "purge"])
@pytest.mark.parametrize(
    ("body", "status"), [({}, 404), ({"ids": []}, 404), ({"every": True}, 400), ([], 400)], ids=str
)
async def test_all_must_be_said(
    client: httpx.AsyncClient, verb: str, body: object, status: int
) -> None:
    answer = await client.post(f"{LETTERS}/{verb}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
