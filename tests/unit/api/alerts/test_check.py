"""`POST /rules/check`: every fault with its place, when rules would have fired, and nothing kept."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.storage.cancellation import Cancellation

from .conftest import BUDGET, NOW, RULE, Site

RANGE = {"from": "2025-11-19T06:00:00Z", "to": "2025-11-19T10:00:00Z"}
GRAVE = {
    "name": "grave", "kind": "match", "where": [{"field": "status", "value": "error"}],
    "by": ["model"], "severity": "critical", "resolve_after": "30m",
}  # fmt: skip
BOTH = {"name": "both", "kind": "compound", "when": {"all": ["errors", "grave"]}, "on": ["model"]}


@pytest.fixture
async def past(site: Site) -> Site:
    """Four hours of calls, one a minute, of which those between 8:00 and 8:10 fail."""
    await site.send(*(call(minutes) for minutes in range(240)))
    return site


def call(minutes: int) -> dict[str, Any]:
    at = NOW - timedelta(hours=4) + timedelta(minutes=minutes, seconds=30)
    return {
        "source": "observatory", "event_type": "inference.completed", "event_id": f"e{minutes}",
        "occurred_at": at.isoformat(), "model": "m1",
        "status": "error" if 120 <= minutes < 130 else "ok", "cost_usd": "0.5",
    }  # fmt: skip


def errors(**changed: Any) -> dict[str, Any]:
    return {"name": "errors", **RULE, "measure": "errors", "warning": {"above": 1},
            "critical": {"above": 4}, **changed}  # fmt: skip


async def check(site: Site, *rules: dict[str, Any], **more: Any) -> Any:
    return await site.ask("POST", "rules/check", json={"rules": list(rules), **more})


async def test_it_says_when_rules_would_have_fired(past: Site) -> None:
    asked = {"time_range": RANGE, "step": "1m", "budgets": [{"name": "team", **BUDGET, "amount": 50}]}  # fmt: skip
    told = await check(past, errors(), GRAVE, BOTH, **asked)
    assert (told["valid"], told["faults"]) == (True, [])
    report = told["report"]
    assert (report["step"], report["moments"]) == ("1m", 240)
    found = {one["name"]: one["firings"] for one in report["rules"]}
    (first,) = found["errors"]
    assert (first["labels"], first["severity"], first["state"]) == (
        {"model": "m1"}, "critical", "firing",
    )  # fmt: skip
    assert first["fired"].startswith("2025-11-19T08:02")
    assert first["resolved"].startswith("2025-11-19T08:14")
    assert [(one["fired"][:16], one["count"]) for one in found["grave"]] == [("2025-11-19T08:00", 10)]  # fmt: skip
    assert len(found["both"]) == 1
    assert {one["labels"]["threshold"] for one in found["team"]} == {"80%", "95%", "100%"}
    assert found["team"][0]["resolved"] is None


async def test_nothing_is_kept_and_nobody_is_told(past: Site) -> None:
    await check(past, errors(), time_range=RANGE)
    assert (await past.ask("GET", "changes"))["changes"] == []
    assert (await past.ask("GET", "history"))["history"] == []
    await past.ask("GET", "rules/errors", 404)


async def test_a_compound_is_tried_with_the_rules_that_there_are(past: Site) -> None:
    await past.ask("PUT", "rules/errors", json=errors())
    await past.ask("PUT", "rules/grave", json=GRAVE)
    (both,) = (await check(past, BOTH, time_range=RANGE, step="1m"))["report"]["rules"]
    assert (both["name"], len(both["firings"])) == ("both", 1)


async def test_every_fault_is_told_with_its_place(site: Site) -> None:
    told = await check(
        site, errors(), errors(name="slow", window="soon", warning={"over": 1}), [],
        budgets=[{"name": "team", **BUDGET, "amount": -1}],
    )  # fmt: skip
    places = [(one["list"], one["index"], one["field"]) for one in told["faults"]]
    assert places == [
        ("budgets", 0, "amount"), ("rules", 1, "window"), ("rules", 1, "warning"), ("rules", 2, ""),
    ]  # fmt: skip
    assert (told["valid"], told["report"]) == (False, None)


async def test_faults_that_rules_have_beside_others_are_told(site: Site) -> None:
    await site.ask("PUT", "budgets/team", json=BUDGET)
    circle = {"name": "a", "kind": "compound", "when": {"all": ["b"]}}
    told = await check(
        site, circle, circle | {"name": "b", "when": {"all": ["a"]}},
        circle | {"name": "c", "when": {"all": ["nobody"]}}, errors(name="team"),
        {"name": "nothing", "kind": "default", "off": True}, errors(), errors(),
    )  # fmt: skip
    assert [one["message"] for one in told["faults"]] == ["errors is there twice"]
    told = await check(
        site, circle, circle | {"name": "b", "when": {"all": ["a"]}},
        circle | {"name": "c", "when": {"all": ["nobody"]}}, errors(name="team"),
        {"name": "nothing", "kind": "default", "off": True}, errors(),
    )  # fmt: skip
    faults = {one["name"]: (one["field"], one["message"]) for one in told["faults"]}
    assert faults.keys() == {"a", "b", "c", "team", "nothing"}
    assert faults["c"] == ("when", "there is no rule 'nobody'")
    assert "made of itself" in faults["a"][1]
    assert faults["team"][0] == faults["nothing"][0] == "name"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "rules"),
        ({"rules": [errors()], "time_range": "7d"}, "time_range"),
        ({"rules": [errors()], "time_range": {"last": "7 days"}}, "time_range"),
        ({"rules": [errors()], "time_range": {"last": "1d"}, "step": "30s"}, "step"),
        ({"rules": [errors()], "since": "1d"}, "since"),
        ({"rules": [errors()], "time_range": {"last": "90d"}, "step": "1m"}, None),
        ({"rules": [errors()], "time_range": {"last": "5m"}, "step": "1h"}, None),
    ],
)
async def test_a_check_that_is_none_is_refused(
    site: Site, body: dict[str, Any], field: str | None
) -> None:
    assert (await site.ask("POST", "rules/check", 400, json=body)).get("field") == field


async def test_a_check_ends_when_its_client_goes(
    past: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, went = threading.Event(), threading.Event()
    ask = RuleQuestions.ask

    def held(self: RuleQuestions, *args: Any) -> Any:
        asked.set()
        assert went.wait(30)
        return ask(self, *args)

    monkeypatch.setattr(RuleQuestions, "ask", held)
    gone = Cancellation()
    desk, body = past_desk(past), {"rules": [errors()], "time_range": RANGE}
    working = asyncio.create_task(asyncio.to_thread(desk, past.tenant, body, gone))
    await asyncio.to_thread(asked.wait, 30)
    leaving = asyncio.create_task(asyncio.to_thread(gone.cancel))
    while not gone.is_cancelled:  # noqa: ASYNC110 - looked at from outside
        await asyncio.sleep(0)
    went.set()
    (end,) = await asyncio.gather(working, return_exceptions=True)
    await leaving
    assert getattr(end, "code", None) == "cancelled", end


def past_desk(site: Site) -> Callable[..., Any]:
    from llm_analytics_hub.api.alerts.work.desks import Desks

    return Desks(site.alerting, site.hub.queries, site.hub.lists, site.clock).checks.check
