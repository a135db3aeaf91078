"""No route of alerts tells a tenant of another one, or lets it change what is not its own."""

import pytest

from llm_analytics_hub.model.alerts.routing import Cause, Delivery, Outcome

from .conftest import BUDGET, NOW, ROOT, RULE, Site

MINE = "only-mine-8c1f"
SHARED = {"/channels", "/channels/{name}/test", "/rules/check", "/routes/test"}
"""What is the hub's, or of nothing that is stored."""


@pytest.fixture
async def mine(site: Site) -> dict[str, str]:
    """Everything a tenant can have, with a text that only it knows; the names of it by path."""
    rule = RULE | {"labels": {"team": MINE}, "summary": MINE}
    await site.ask("PUT", f"rules/{MINE}", json=rule)
    await site.ask("PUT", f"budgets/{MINE}-b", json=BUDGET)
    route = {"route": {"channels": ["log"], "routes": [{"name": MINE, "match": ["a=b"]}]}}
    await site.ask("PUT", "routes", json=route)
    silence = {"match": [f"team={MINE}"], "lasts": "1h", "reason": MINE}
    made = await site.ask("POST", "silences", 201, json=silence)
    alert = site.fire(MINE, model=MINE)
    await site.ask("POST", f"active/{alert}/acknowledge", json={"note": MINE})
    site.alerting.store.keep_delivery(
        Delivery(site.tenant, f"{MINE}-d", MINE, "log", Cause.NEW, NOW, Outcome.FAILED, (alert,),
                 error=MINE, payload='{"grave": false, "firing": []}')
    )  # fmt: skip
    return {
        "/rules/": MINE, "/budgets/": f"{MINE}-b", "/silences/": made["id"],
        "/active/": alert, "/deliveries/": f"{MINE}-d",
    }  # fmt: skip


async def operations(site: Site) -> list[tuple[str, str]]:
    """Method and path of every route of alerts."""
    paths = (await site.http.get("/api/openapi.json")).json()["paths"]
    found = [
        (method.upper(), path.removeprefix(ROOT))
        for path, item in paths.items()
        if path.startswith(f"{ROOT}/")
        for method in item
    ]
    assert len(found) > 35
    return found


def filled(path: str, names: dict[str, str]) -> str:
    """The path with what the tenant has; SHARED ones have no name of a tenant's."""
    for start, name in names.items():
        if path.startswith(start):
            head, _, tail = path.partition("{")
            return f"{head}{name}{tail.partition('}')[2]}" if tail else path
    return path


async def test_the_owner_sees_it_all(site: Site, mine: dict[str, str]) -> None:
    for method, path in await operations(site):
        if method == "GET" and path not in SHARED | {"/active/{fingerprint}"}:
            answer = await site.http.get(
                ROOT + filled(path, mine), headers={"x-tenant": site.tenant}
            )
            assert answer.status_code == 200, answer.text
            wanted = MINE if path != "/routes/versions" else "channels"
            assert wanted in answer.text, path


async def test_nobody_else_sees_or_changes_anything(site: Site, mine: dict[str, str]) -> None:
    other = {"x-tenant": f"{site.tenant}-other"}
    before = [await site.ask("GET", path) for path in ("changes", "active", "deliveries")]
    for method, path in await operations(site):
        if path in SHARED:
            continue
        url = ROOT + filled(path, mine)
        answer = await site.http.request(method, url, headers=other, json={})
        assert answer.status_code < 500, answer.text
        told = answer.text.replace(url.rsplit("/", 1)[-1], "").replace(MINE, "", url.count(MINE))  # fmt: skip
        assert MINE not in told, (method, path)
        if "{" in path and method != "PUT":
            assert answer.status_code == 404, (method, path, answer.text)
    after = [await site.ask("GET", path) for path in ("changes", "active", "deliveries")]
    assert after == before


async def test_a_name_that_two_have_is_two_things(site: Site, mine: dict[str, str]) -> None:
    other = site.of(f"{site.tenant}-other")
    theirs = await other.ask("PUT", f"rules/{MINE}", json=RULE)
    assert theirs["version"] == 1
    alert = other.fire(MINE, model=MINE)
    assert alert != mine["/active/"]
    assert (await other.ask("GET", f"active/{alert}"))["acknowledged"] is None
    assert (await other.ask("GET", f"active/{alert}"))["silenced_by"] is None
    await other.ask("DELETE", f"rules/{MINE}")
    assert (await site.ask("GET", f"rules/{MINE}"))["version"] == 1
    assert (await site.ask("GET", f"active/{mine['/active/']}"))["state"] == "firing"


async def test_a_tenant_that_is_none_is_refused_everywhere(site: Site) -> None:
    for method, path in await operations(site):
        url = ROOT + filled(path, {}).replace("{", "").replace("}", "")
        answer = await site.http.request(method, url, headers={"x-tenant": "No One"}, json={})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_tenant"), path
