"""Alerts over HTTP: filtered, paged, quiet or not, acknowledged, and what they were."""

from typing import Any

import pytest

from llm_analytics_hub.model.alerts.levels import Level

from .conftest import RULE, Site


@pytest.fixture
async def fired(site: Site) -> dict[str, str]:
    """Three alerts of one rule, and a rule that is well; fingerprints by model."""
    await site.ask("PUT", "rules/error-rate", json=RULE)
    await site.ask("PUT", "rules/calm", json=RULE)
    levels = {"m1": Level.CRITICAL, "m2": Level.WARNING, "m3": Level.WARNING}
    return {model: site.fire("error-rate", level, model=model) for model, level in levels.items()}


async def models(site: Site, **params: Any) -> list[str]:
    found = await site.ask("GET", "active", params=params)
    assert found["total"] >= len(found["alerts"])
    return [one["labels"]["model"] for one in found["alerts"]]


async def test_an_alert_is_told_with_labels_and_texts(site: Site, fired: dict[str, str]) -> None:
    one = await site.ask("GET", f"active/{fired['m1']}")
    assert one["labels"] == {
        "alertname": "error-rate", "model": "m1", "severity": "critical", "team": "ml",
    }  # fmt: skip
    assert one["annotations"]["summary"] == "m1 fails in 25 % of its calls"
    assert (one["value"], one["unit"], one["limit"]) == (0.25, "ratio", "5 %")
    assert (one["state"], one["fired"]) == ("firing", one["since"])
    assert [told["channels"] for told in one["routes"]] == [["away", "log"]]
    assert (await site.ask("GET", "rules/error-rate"))["active"] == 3


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({}, ["m3", "m2", "m1"]),
        ({"severity": "critical"}, ["m1"]),
        ({"severity": ["critical", "warning"]}, ["m3", "m2", "m1"]),
        ({"rule": "calm"}, []),
        ({"state": "pending"}, []),
        ({"state": ["pending", "firing"], "match": 'model=~"m[12]"'}, ["m2", "m1"]),
        ({"match": ["team=ml", "model!=m2"]}, ["m3", "m1"]),
        ({"silenced": True}, []),
        ({"acknowledged": False, "inhibited": False}, ["m3", "m2", "m1"]),
    ],
)
async def test_alerts_are_cut_by_filters(
    site: Site, fired: dict[str, str], params: dict[str, Any], wanted: list[str]
) -> None:
    assert await models(site, **params) == wanted


async def test_alerts_come_in_pages(site: Site, fired: dict[str, str]) -> None:
    first = await site.ask("GET", "active", params={"limit": 2})
    assert (len(first["alerts"]), first["total"]) == (2, 3)
    rest = await site.ask("GET", "active", params={"limit": 2, "cursor": first["next_cursor"]})
    assert [one["labels"]["model"] for one in rest["alerts"]] == ["m1"]
    assert (rest["next_cursor"], rest["total"]) == (None, 3)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"match": "model"}, "match"),
        ({"match": 'model=~"(a+)+"'}, "match"),
        ({"state": "broken"}, "query.state.0"),
        ({"cursor": "x"}, None),
        ({"limit": 0}, "query.limit"),
    ],
)
async def test_filters_that_are_none_are_refused(
    site: Site, params: dict[str, str], field: str | None
) -> None:
    assert (await site.ask("GET", "active", 400, params=params)).get("field") == field


async def test_what_keeps_an_alert_quiet_is_told(site: Site, fired: dict[str, str]) -> None:
    silence = {"match": ["model=m1"], "lasts": "1h", "reason": "known"}
    made = await site.ask("POST", "silences", 201, json=silence)
    inhibit = {"source": ["severity=critical"], "target": ["severity=warning"], "equal": ["team"]}
    routing = {"route": {"channels": ["log"]}, "inhibit": [inhibit]}
    await site.ask("PUT", "routes", json=routing)
    assert await models(site, silenced=True) == ["m1"]
    assert await models(site, inhibited=True) == ["m3", "m2"]
    assert (await site.ask("GET", f"active/{fired['m1']}"))["silenced_by"] == made["id"]
    await site.ask("DELETE", f"silences/{made['id']}")
    assert await models(site, silenced=True) == []


async def test_somebody_takes_care_of_an_alert(site: Site, fired: dict[str, str]) -> None:
    path = f"active/{fired['m2']}"
    given = await site.ask(
        "POST", f"{path}/acknowledge", json={"note": "on it"}, headers={"x-user": "Zoë".encode()}
    )
    assert given["acknowledged"].items() >= {"by": "Zoë", "note": "on it"}.items()
    assert await models(site, acknowledged=True) == ["m2"]
    assert (await site.ask("POST", f"{path}/unacknowledge"))["acknowledged"] is None
    told = await site.ask("POST", f"{path}/unacknowledge", 409)
    assert "nobody" in told["detail"]
    await site.ask("POST", f"{path}/acknowledge")  # a note is not needed


async def test_only_what_is_active_can_be_taken_care_of(site: Site, fired: dict[str, str]) -> None:
    await site.ask("DELETE", "rules/error-rate")
    told = await site.ask("POST", f"active/{fired['m1']}/acknowledge", 409)
    assert "is over" in told["detail"]
    await site.ask("POST", "active/0000000000000000/acknowledge", 404)
    # Of a rule that is gone its alerts are told all the same.
    (gone,) = (await site.ask("GET", "active", params={"state": "resolved", "match": "model=m1"}))["alerts"]  # fmt: skip
    assert (gone["rule"], gone["resolved"]) == ("error-rate", gone["since"])


async def test_the_history_comes_in_pages_and_is_cut(site: Site, fired: dict[str, str]) -> None:
    await site.ask("DELETE", "rules/error-rate")
    seen: list[tuple[str, str]] = []
    cursor = None
    while True:
        params = {"limit": 2, "rule": "error-rate"} | ({"cursor": cursor} if cursor else {})
        page = await site.ask("GET", "history", params=params)
        seen += [(one["labels"]["model"], one["state"]) for one in page["history"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert sorted(seen[:3]) == [("m1", "resolved"), ("m2", "resolved"), ("m3", "resolved")]
    assert seen[3:] == [("m3", "firing"), ("m2", "firing"), ("m1", "firing")]
    only = await site.ask("GET", "history", params={"state": "firing"})
    assert len(only["history"]) == 3
    assert (await site.ask("GET", "history", params={"rule": "calm"}))["history"] == []
