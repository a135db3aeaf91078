"""Rules and budgets over HTTP: defined, read back, changed under a version, removed, paused."""

from typing import Any

import pytest

from .conftest import BUDGET, NOW, RULE, Site

WRONG = {"rules": [{"name": "a", **RULE}, {"name": "b", **RULE, "window": "soon"}]}


async def test_a_rule_is_put_read_and_shown_as_it_was_written(site: Site) -> None:
    made = await site.ask("PUT", "rules/error-rate", json=RULE, headers={"x-user": "ada"})
    assert made["definition"] == {"name": "error-rate", **RULE}
    assert (made["version"], made["source"], made["kind"]) == (1, "api", "threshold")
    assert await site.ask("GET", "rules/error-rate") == made
    assert made["evaluation"] == {
        "moment": None, "at": None, "took_ms": 0.0, "error": "", "failures": 0,
    }  # fmt: skip


async def test_the_list_comes_in_pages_and_is_cut_by_kind_and_name(site: Site) -> None:
    await site.ask("PUT", "rules/error-rate", json=RULE)
    await site.ask("PUT", "budgets/errors-of-money", json=BUDGET)
    whole = [one["name"] for one in (await site.ask("GET", "rules"))["rules"]]
    assert whole == sorted(whole)
    assert {"error-rate", "cost-jump"} <= set(whole)
    assert "errors-of-money" not in whole
    found: list[str] = []
    cursor = None
    while True:
        page = await site.ask("GET", "rules", params={"limit": 7} | ({"cursor": cursor} if cursor else {}))  # fmt: skip
        found += [one["name"] for one in page["rules"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert found == whole
    some = await site.ask("GET", "rules", params={"kind": "threshold", "contains": "error"})
    assert [one["name"] for one in some["rules"]] == ["error-rate"]


async def test_a_version_that_is_not_the_newest_is_a_conflict(site: Site) -> None:
    first = await site.tag("PUT", "rules/error-rate", json=RULE, headers={"if-none-match": "*"})
    assert first == '"1"'
    second = await site.tag(
        "PUT", "rules/error-rate", json=RULE | {"for": "5m"}, headers={"if-match": first}
    )
    assert (second, await site.tag("GET", "rules/error-rate")) == ('"2"', '"2"')
    stale: list[dict[str, Any]] = [
        {"headers": {"if-match": first}}, {"params": {"expected": 1}},
        {"headers": {"if-none-match": "*"}},
    ]  # fmt: skip
    for said in stale:
        for method, path in (("PUT", ""), ("DELETE", ""), ("POST", "/pause")):
            body = {"json": RULE} if method == "PUT" else {}
            told = await site.ask(method, f"rules/error-rate{path}", 409, **said, **body)
            assert told["code"] == "version_conflict"
    assert (await site.ask("GET", "rules/error-rate"))["version"] == 2
    await site.ask("DELETE", "rules/error-rate", params={"expected": 2})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"headers": {"if-match": "three"}}, "If-Match"),
        ({"headers": {"if-match": '"1"'}, "params": {"expected": 2}}, "expected"),
        ({"headers": {"x-user": " "}}, "X-User"),
        ({"headers": {"x-user": "x" * 101}}, "X-User"),
        ({"params": {"expected": -1}}, "query.expected"),
    ],
)
async def test_what_is_said_of_version_and_user_is_checked(
    site: Site, said: dict[str, Any], field: str
) -> None:
    told = await site.ask("PUT", "rules/error-rate", 400, json=RULE, **said)
    assert told["field"] == field


async def test_a_fault_names_its_field(site: Site) -> None:
    told = await site.ask("PUT", "rules/error-rate", 400, json=RULE | {"window": "soon"})
    assert (told["code"], told["field"]) == ("invalid_rule", "window")
    told = await site.ask("PUT", "rules/error-rate", 400, json=RULE | {"name": "other"})
    assert told["field"] == "name"
    told = await site.ask("PUT", "budgets/team", 400, json=BUDGET | {"amount": "much"})
    assert told["field"] == "amount"
    for body, code in ((b"[]", "undecodable"), (b"{", "undecodable"), (b"[" * 9000, "undecodable")):
        told = await site.ask("PUT", "rules/error-rate", 400, content=body)
        assert told["code"] == code
    told = await site.ask("PUT", "rules/error-rate", 413, content=b" " * (4 * 1024**2 + 1))
    assert told["code"] == "too_large"


async def test_several_are_defined_all_or_none(site: Site) -> None:
    told = await site.ask("POST", "rules", 400, json=WRONG)
    assert told["field"] == "rules.1.window"
    await site.ask("GET", "rules/a", 404)
    both = {"rules": [{"name": "a", **RULE}], "budgets": [{"name": "m", **BUDGET}]}
    done = await site.ask("POST", "rules", json=both)
    assert [one["name"] for one in (*done["rules"], *done["budgets"])] == ["a", "m"]
    assert (await site.ask("GET", "budgets/m"))["version"] == 1
    for body in ({}, {"rules": []}, {"rules": {}}, {"rules": [{}] * 1001}):
        assert (await site.ask("POST", "rules", 400, json=body))["field"] == "rules"


async def test_a_default_is_switched_off_replaced_and_comes_back(site: Site) -> None:
    off = await site.ask("PUT", "rules/cost-jump", json={"kind": "default", "off": True})
    assert (off["is_off"], off["is_default"], off["source"]) == (True, True, "api")
    done = await site.ask("DELETE", "rules/cost-jump")
    assert (done["now"]["is_off"], done["now"]["source"]) == (False, "default")
    told = await site.ask("DELETE", "rules/cost-jump", 409)
    assert "off: true" in told["detail"]
    await site.ask("PUT", "rules/error-rate", json=RULE)
    assert (await site.ask("DELETE", "rules/error-rate"))["now"] is None
    await site.ask("DELETE", "rules/error-rate", 404)


async def test_a_rule_is_paused_and_resumed(site: Site) -> None:
    await site.ask("PUT", "rules/error-rate", json=RULE)
    paused = await site.ask("POST", "rules/error-rate/pause", headers={"x-user": "bo"})
    assert (paused["is_paused"], paused["version"]) == (True, 2)
    assert (await site.ask("POST", "rules/error-rate/resume"))["is_paused"] is False
    every = (await site.ask("GET", "rules/error-rate/versions"))["versions"]
    assert [(one["version"], one["by"], one["action"]) for one in every] == [
        (3, "api", "changed"), (2, "bo", "changed"), (1, "api", "created"),
    ]  # fmt: skip


async def test_budgets_and_rules_are_not_each_other(site: Site) -> None:
    await site.ask("PUT", "budgets/team", json=BUDGET)
    await site.ask("PUT", "rules/error-rate", json=RULE)
    for path in ("rules/team", "rules/team/versions", "budgets/error-rate", "budgets/cost-jump"):
        await site.ask("GET", path, 404)
    for path in ("rules/team/pause", "budgets/error-rate/resume"):
        await site.ask("POST", path, 404)
    await site.ask("DELETE", "budgets/error-rate", 404)
    await site.ask("PUT", "rules/team", 409, json=RULE)


async def test_a_budget_says_what_is_spent_and_left_and_where_it_ends(site: Site) -> None:
    await site.ask("PUT", "budgets/team", json=BUDGET)
    assert (await site.ask("GET", "budgets/team"))["spending"]["groups"] == []
    await site.send(*(cost(day, "m1", 5) for day in range(1, 19)), cost(18, "m2", 2))
    (budget,) = (await site.ask("GET", "budgets"))["budgets"]
    spending = budget["spending"]
    assert (spending["period"], spending["amount_usd"]) == ("2025-11", 100)
    assert (spending["from"][:10], spending["to"][:10]) == ("2025-11-01", "2025-12-01")
    first, second = spending["groups"]
    assert (first["labels"], first["spent_usd"], first["remaining_usd"], first["percent"]) == (
        {"model": "m1"}, 90, 10, 90,
    )  # fmt: skip
    assert 130 < first["projected_usd"] < 150  # 5 USD a day, eleven and a half days left
    assert second["projected_usd"] == 2  # spent once is no pace


def cost(day: int, model: str, usd: float) -> dict[str, Any]:
    return {
        "source": "costops", "event_type": "cost.recorded", "event_id": f"{model}-{day}",
        "occurred_at": NOW.replace(day=day, hour=6).isoformat(), "model": model, "cost_usd": usd,
    }  # fmt: skip


async def test_how_the_last_evaluation_went_is_told(site: Site) -> None:
    await site.ask("PUT", "rules/error-rate", json=RULE)
    evaluator = site.alerting.evaluator
    evaluator.run_due(site.clock.now())
    for _ in range(20):
        site.clock.set(site.clock.now() + (NOW.replace(second=5) - NOW))
        evaluator.run_due(site.clock.now())
    state = (await site.ask("GET", "rules/error-rate"))["evaluation"]
    assert (state["error"], state["failures"]) == ("", 0)
    assert state["at"] >= state["moment"] > "2025-11-19T10:00"
    assert state["took_ms"] > 0
