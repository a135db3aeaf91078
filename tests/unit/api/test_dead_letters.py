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
        "dry_run": False, "tried": 2, "stored": 0, "repeats": 0, "remaining": 2,
        "reasons": {"negative_value": 1, "not_a_number": 1}, "next_cursor": None,
    }  # fmt: skip
    assert len((await client.get(LETTERS)).json()["dead_letters"]) == len(letters)


async def test_letters_are_forgotten_by_name_or_all(
    client: httpx.AsyncClient, letters: list[dict[str, Any]]
) -> None:
    answer = await client.post(f"{LETTERS}/purge", json={"ids": [letters[0]["letter_id"], "none"]})
    assert answer.json() == {"purged": 1}
    answer = await client.post(f"{LETTERS}/purge", json={"all": True})
    assert answer.json() == {"purged": 1}
    assert (await client.get(LETTERS)).json() == {
        "dead_letters": [], "next_cursor": None, "limit_reached": False,
    }  # fmt: skip


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


async def test_pages_go_on_where_the_one_before_ended(
    client: httpx.AsyncClient, letters: list[dict[str, Any]]
) -> None:
    first = (await client.get(LETTERS, params={"limit": 1})).json()
    cursor = first["next_cursor"]
    rest = (await client.get(LETTERS, params={"limit": 1, "cursor": cursor})).json()
    assert [*first["dead_letters"], *rest["dead_letters"]] == letters
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"code": "negative_value"}, ["negative_value"]),
        ({"contains": "is negative"}, ["negative_value"]),
        ({"source": "costops", "door": "events", "code": "not_a_number"}, ["not_a_number"]),
        ({"source": "sentinel"}, []),
        ({"from": "2025-11-19T10:00:00Z", "to": "2025-11-19T11:00:00Z", "code": "not_a_number"}, ["not_a_number"]),
        ({"from": "2025-11-19T10:00:01Z"}, []),
        ({"to": "2025-11-19 10:00"}, []),
        ({"contains": "' OR 1=1 --"}, []),
    ],
    ids=str,
)  # fmt: skip
async def test_letters_are_listed_replayed_and_forgotten_by_what_they_have_in_common(
    client: httpx.AsyncClient,
    letters: list[dict[str, Any]],
    wanted: dict[str, str],
    expected: list[str],
) -> None:
    found = (await client.get(LETTERS, params=wanted)).json()["dead_letters"]
    assert [one["code"] for one in found] == expected
    told = (await client.post(f"{LETTERS}/replay", json=wanted | {"dry_run": True})).json()
    assert (told["dry_run"], told["tried"], list(told["reasons"])) == (
        True, len(expected), expected,
    )  # fmt: skip
    purged = (await client.post(f"{LETTERS}/purge", json=wanted)).json()["purged"]
    left = (await client.get(LETTERS)).json()["dead_letters"]
    assert (purged, len(left)) == (len(expected), len(letters) - len(expected))


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"from": "yesterday"}, "is no time"),
        ({"from": "2025-11-20", "to": "2025-11-19"}, "from is not before to"),
        ({"cursor": "x", "code": "a"}, "take next_cursor of the answer before"),
        ({"code": ""}, "at least 1 character"),
        ({"contains": "x" * 201}, "at most 200 characters"),
    ],
    ids=str,
)
async def test_a_filter_that_is_none_is_told(
    client: httpx.AsyncClient, wanted: dict[str, str], told: str
) -> None:
    for answer in (
        await client.get(LETTERS, params=wanted),
        await client.post(f"{LETTERS}/replay", json=wanted),
    ):
        assert answer.status_code == 400
        assert told in answer.json()["detail"]


async def test_nothing_named_is_told_with_what_can_be(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{LETTERS}/replay", json={"dry_run": True})
    assert '{"code": "…"}' in answer.json()["detail"]
