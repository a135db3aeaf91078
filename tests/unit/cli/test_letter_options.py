"""Which dead letters a command means, and how it goes through many of them."""

from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner

from llm_analytics_hub.cli import target
from llm_analytics_hub.cli.client import HubClient
from llm_analytics_hub.cli.dead_letters import dead_letters
from llm_analytics_hub.cli.letter_options import chosen, letters_of
from llm_analytics_hub.errors import InvalidInputError

app = typer.Typer()
app.add_typer(dead_letters, name="dead-letters")


class Letters:
    """A hub of some letters, three to a page; keeps what it was asked."""

    def __init__(self, count: int, *, is_full: bool = False) -> None:
        self._ids = [f"id{number}" for number in range(count)]
        self._is_full = is_full
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.method == "POST":
            return httpx.Response(200, json=self._replayed(len(self.asked)))
        start = int(request.url.params.get("cursor", "0"))
        end = start + min(int(request.url.params["limit"]), 3)
        page = [{"letter_id": name} for name in self._ids[start:end]]
        after = str(end) if end < len(self._ids) else None
        return httpx.Response(
            200,
            json={"dead_letters": page, "next_cursor": after, "limit_reached": self._is_full},
        )

    def _replayed(self, call: int) -> dict[str, Any]:
        counts = {"tried": 10, "stored": 7, "repeats": 1, "remaining": 2}
        return counts | {"reasons": {"late": 2}, "next_cursor": "a" if call == 1 else None}

    def client(self, *_: object, **__: object) -> HubClient:
        return HubClient("http://hub.test", "t", transport=httpx.MockTransport(self))


@pytest.mark.parametrize("limit", [1, 3, 5, 7, 9])
def test_a_list_goes_through_as_many_pages_as_it_must(limit: int) -> None:
    hub = Letters(7, is_full=True)
    found, is_full = letters_of(hub.client(), {"code": "late"}, limit)
    assert [one["letter_id"] for one in found] == [f"id{n}" for n in range(min(limit, 7))]
    assert is_full
    assert len(hub.asked) == -(-min(limit, 7) // 3)
    assert all(one.url.params["code"] == "late" for one in hub.asked)


def test_a_full_list_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "HubClient", Letters(1, is_full=True).client)
    done = CliRunner().invoke(app, ["dead-letters", "list"])
    assert "raise ingest.dead_letters.per_tenant_rows" in done.stderr
    monkeypatch.setattr(target, "HubClient", Letters(1).client)
    assert CliRunner().invoke(app, ["dead-letters", "list"]).stderr == ""


@pytest.mark.parametrize(
    ("words", "told", "asked"),
    [
        ("--all", "20 tried, 14 stored, 2 stored before, 4 stay (4 late)",
         [{"all": True}, {"all": True, "cursor": "a"}]),
        ("--code late --from 2025-11-19 --dry-run",
         "20 tried, 14 would be stored, 2 stored before, 4 would stay (4 late)",
         [{"code": "late", "from": "2025-11-19", "dry_run": True},
          {"code": "late", "from": "2025-11-19", "dry_run": True, "cursor": "a"}]),
    ],
)  # fmt: skip
def test_a_replay_goes_on_to_the_end_and_sums_up(
    monkeypatch: pytest.MonkeyPatch, words: str, told: str, asked: list[dict[str, Any]]
) -> None:
    hub = Letters(0)
    monkeypatch.setattr(target, "HubClient", hub.client)
    done = CliRunner().invoke(app, ["dead-letters", "replay", *words.split()])
    assert (done.exit_code, done.stdout.strip()) == (0, told)
    assert [httpx.Response(200, content=one.content).json() for one in hub.asked] == asked


def test_a_purge_by_filter_asks_first(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Letters(0)
    monkeypatch.setattr(target, "HubClient", hub.client)
    words = ["dead-letters", "purge", "--code", "late"]
    done = CliRunner().invoke(app, words, input="n\n")
    assert "code late?" in done.output
    assert (done.exit_code, hub.asked) == (1, [])


@pytest.mark.parametrize(
    ("ids", "where", "everything"),
    [([], {}, False), (["a"], {}, True), (["a"], {"code": "b"}, False), ([], {"code": "b"}, True)],
)
def test_letters_are_named_in_one_way(
    ids: list[str], where: dict[str, str], everything: bool
) -> None:
    with pytest.raises(InvalidInputError, match="one of them"):
        chosen(ids, where, everything=everything)
