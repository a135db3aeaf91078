"""Silences, routes, channels, deliveries and the audit over HTTP."""

from dataclasses import replace
from typing import Any

import pytest

from llm_analytics_hub.model.alerts.routing import Cause, Delivery, Outcome

from .conftest import BUDGET, NOW, RULE, Site

SILENCE = {"match": ['model=~"m.*"'], "lasts": "2h", "reason": "moving house"}
ROUTING = {
    "route": {
        "channels": ["log"], "group_wait": "30s",
        "routes": [{"name": "grave", "match": ["severity=critical"], "channels": ["away"],
                    "group_by": ["team"], "escalate": [{"after": "15m", "channels": ["log"]}]}],
    },
}  # fmt: skip


async def test_a_silence_is_made_changed_and_ended(site: Site) -> None:
    made = await site.ask("POST", "silences", 201, json=SILENCE, headers={"x-user": "ada"})
    assert (made["state"], made["by"], made["match"]) == ("active", "ada", ['model=~"m.*"'])
    assert made["ends"] == "2025-11-19T12:00:00.000000Z"
    path = f"silences/{made['id']}"
    later = await site.ask("PUT", path, json=SILENCE | {"lasts": "3h"}, headers={"x-user": "bo"})
    assert later["ends"] == "2025-11-19T13:00:00.000000Z"
    assert (await site.ask("GET", path)) == later
    assert (await site.ask("DELETE", path))["state"] == "expired"
    await site.ask("DELETE", path, 409)
    await site.ask("PUT", path, 409, json=SILENCE)
    every = (await site.ask("GET", f"{path}/versions"))["versions"]
    assert [one["by"] for one in every] == ["api", "bo", "ada"]


async def test_silences_are_listed_by_state(site: Site) -> None:
    await site.ask("POST", "silences", 201, json=SILENCE)
    to_come = SILENCE | {"starts": "2025-11-20T00:00:00Z", "kind": "maintenance"}
    await site.ask("POST", "silences", 201, json=to_come)
    for state, kinds in (("active", ["silence"]), ("pending", ["maintenance"]), ("expired", [])):
        found = (await site.ask("GET", "silences", params={"state": state}))["silences"]
        assert [one["kind"] for one in found] == kinds


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"match": []}, "match"), ({"match": ["model"]}, "match[0]"), ({"reason": " "}, "reason"),
        ({"lasts": "soon"}, "lasts"), ({"lasts": None}, "ends"), ({"starts": 5}, "starts"),
        ({"starts": "2199-12-31T23:59:59Z"}, "starts"), ({"who": "me"}, "who"),
    ],
)  # fmt: skip
async def test_a_silence_that_is_none_is_refused(
    site: Site, changed: dict[str, Any], field: str
) -> None:
    told = await site.ask("POST", "silences", 400, json=SILENCE | changed)
    assert (told["code"], told["field"]) == ("invalid_silence", field)


async def test_routes_are_put_under_a_version_and_given_up(site: Site) -> None:
    default = await site.ask("GET", "routes")
    assert (default["version"], default["source"]) == (0, "default")
    assert default["definition"]["route"]["channels"] == ["away", "log"]
    assert await site.tag("PUT", "routes", json=default["definition"]) == '"1"'
    put = await site.ask("PUT", "routes", json=ROUTING, headers={"if-match": '"1"'})
    assert (put["version"], put["definition"]) == (2, ROUTING)
    await site.ask("PUT", "routes", 409, json=ROUTING, headers={"if-match": '"1"'})
    await site.ask("DELETE", "routes", 409, params={"expected": 1})
    assert (await site.ask("DELETE", "routes"))["version"] == 0
    await site.ask("DELETE", "routes", 404)
    every = (await site.ask("GET", "routes/versions"))["versions"]
    assert [one["action"] for one in every] == ["removed", "changed", "created"]


async def test_a_fault_of_routes_names_its_place(site: Site) -> None:
    wrong = {"route": {"channels": ["log"], "routes": [{"channels": ["nobody"]}]}}
    told = await site.ask("PUT", "routes", 400, json=wrong)
    assert told["field"].startswith("route.routes[0].channels")
    assert "there are away, log" in told["detail"]


async def test_routes_are_tried_out(site: Site) -> None:
    labels = {"severity": "critical", "team": "ml", "model": "m1"}
    (told,) = (await site.ask("POST", "routes/test", json={"labels": labels}))["routes"]
    assert (told["route"], told["channels"]) == ("root", ["away", "log"])
    tried = {"labels": labels, "routing": ROUTING}
    (told,) = (await site.ask("POST", "routes/test", json=tried))["routes"]
    assert told["channels"] == ["away"]
    assert (told["group_labels"], told["group_wait"]) == ({"team": "ml"}, "30s")
    assert told["escalations"] == [{"after": "15m", "channels": ["log"]}]
    assert (await site.ask("GET", "routes"))["version"] == 0
    made = await site.ask("POST", "silences", 201, json=SILENCE)
    assert (await site.ask("POST", "routes/test", json=tried))["silenced_by"] == made["id"]
    for body, field in (({}, "labels"), ({"labels": {"a": 1}}, "labels"), ({"labels": {}, "routing": []}, "routing")):  # fmt: skip
        assert (await site.ask("POST", "routes/test", 400, json=body))["field"] == field


async def test_channels_are_told_without_their_secrets(site: Site) -> None:
    found = await site.ask("GET", "channels")
    assert found == {
        "channels": [{"name": "away", "kind": "webhook"}, {"name": "log", "kind": "log"}]
    }


async def test_a_test_says_what_came_of_it(site: Site) -> None:
    good = await site.ask("POST", "channels/log/test")
    assert (good["outcome"], good["cause"], good["error"]) == ("sent", "test", "")
    bad = await site.ask("POST", "channels/away/test")
    assert bad["outcome"] == "failed"
    assert "did not answer" in bad["error"]
    assert "T0KEN" not in str(bad)
    assert (await site.ask("POST", "channels/nobody/test", 404))["code"] == "unknown_channel"


def failed(site: Site, number: int, channel: str = "log", **known: Any) -> Delivery:
    """A delivery that failed, with what the log would have been sent."""
    payload = '{"grave": false, "firing": [], "tenant": "t"}'
    made = Delivery(
        site.tenant, f"d{number}", "root:{}", channel, Cause.NEW, NOW, Outcome.FAILED, ("f1", "f2"),
        tries=8, error="503", payload=payload,
    )  # fmt: skip
    made = replace(made, **known)
    site.alerting.store.keep_delivery(made)
    return made


async def test_deliveries_are_listed_with_what_failed(site: Site) -> None:
    for number in range(3):
        failed(site, number)
    failed(site, 3, "away", outcome=Outcome.SENT, payload="")
    page = await site.ask("GET", "deliveries", params={"limit": 2, "outcome": "failed"})
    assert [one["id"] for one in page["deliveries"]] == ["d2", "d1"]
    assert (page["deliveries"][0]["alerts"], page["deliveries"][0]["payload"][:8]) == (2, '{"grave"')  # fmt: skip
    rest = await site.ask(
        "GET", "deliveries", params={"outcome": "failed", "cursor": page["next_cursor"]}
    )
    assert ([one["id"] for one in rest["deliveries"]], rest["next_cursor"]) == (["d0"], None)
    found = await site.ask("GET", "deliveries", params={"channel": "away"})
    assert [one["outcome"] for one in found["deliveries"]] == ["sent"]


async def test_what_failed_is_sent_again_and_kept_as_sent(site: Site) -> None:
    failed(site, 1)
    done = await site.ask("POST", "deliveries/d1/resend")
    assert (done["outcome"], done["tries"], done["payload"]) == ("sent", 9, "")
    assert (await site.ask("GET", "deliveries/d1"))["outcome"] == "sent"
    told = await site.ask("POST", "deliveries/d1/resend", 409)
    assert "only a delivery that failed" in told["detail"]
    failed(site, 2, "away")
    assert (await site.ask("POST", "deliveries/d2/resend"))["outcome"] == "failed"
    failed(site, 3, "gone")
    assert (await site.ask("POST", "deliveries/d3/resend", 404))["code"] == "unknown_channel"
    await site.ask("POST", "deliveries/d3/resend", 404)  # it is not taken for one under way
    await site.ask("POST", "deliveries/nothing/resend", 404)


async def test_every_change_is_in_the_audit(site: Site) -> None:
    ada = {"x-user": "ada"}
    await site.ask("PUT", "rules/error-rate", json=RULE, headers=ada)
    await site.ask("PUT", "budgets/team", json=BUDGET)
    await site.ask("PUT", "routes", json=ROUTING)
    silence = (await site.ask("POST", "silences", 201, json=SILENCE))["id"]
    await site.ask("DELETE", "rules/error-rate", headers=ada)
    seen: list[tuple[str, ...]] = []
    cursor = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = await site.ask("GET", "changes", params=params)
        seen += [(one["kind"], one["name"], one["by"], one["action"]) for one in page["changes"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [
        ("rule", "error-rate", "ada", "removed"), ("silence", silence, "api", "created"),
        ("routing", "routing", "api", "created"), ("budget", "team", "api", "created"),
        ("rule", "error-rate", "ada", "created"),
    ]  # fmt: skip
