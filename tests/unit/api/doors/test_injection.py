"""Texts of users are values, at every door and in every place: they find what equals them, and do nothing."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from llm_analytics_hub.bootstrap import Hub

from .all_doors import NAMES, all_doors
from .door import Body, Door
from .hostile import TEXTS
from .planted import KEPT, NOW, plant
from .questions import WEEK, ask, has
from .serving import Served

HEADERS = {"x-tenant": "alpha"}
ODD = "odd"
QUOTED = "SELECT model FROM events WHERE model = 'TEXT'"
QUICK = tuple(name for name in NAMES if name != "SQL" and not name.startswith("CLI"))
SUMS = (
    "SELECT name FROM system.tables WHERE database = 'default' ORDER BY name",
    "SELECT tenant, count(), sum(cost_usd) FROM default.events GROUP BY tenant ORDER BY tenant",
    "SELECT tenant, sum(events) FROM default.rollup_day GROUP BY tenant ORDER BY tenant",
    "SELECT tenant, uniqExact(asset_id) FROM default.assets GROUP BY tenant ORDER BY tenant",
)  # fmt: skip


def kept(hub: Hub) -> list[Any]:
    """What is in the engine: its tables, and sums of each tenant."""
    hub.queries.ask(ask("events", by=("asset.owner",)), tenant="alpha")  # what waits is applied
    return [hub.store._engine.query(sql)[0].to_pylist() for sql in SUMS]


def storable(text: str) -> bool:
    """Whether an event keeps the text as it is, and words of a condition have it as it is."""
    return (
        bool(text)
        and text == text.strip(" \t\r\n\ufeff")
        and "\x00" not in text
        and len(text) < 300
    )


STORED = tuple(filter(storable, TEXTS))


@pytest.fixture(scope="module")
def house(hub: Hub, http: httpx.Client) -> Iterator[httpx.Client]:
    """Three tenants; what is kept of them is the same after all tests."""
    for tenant in ("alpha", "beta"):
        plant(http, tenant)
    events = [
        {"source": "observatory", "event_type": "inference.completed", "event_id": f"o{n}",
         "occurred_at": NOW.isoformat(), "user_id": text, "attributes": {"k": text}}
        for n, text in enumerate(STORED)
    ]  # fmt: skip
    sent = http.post("/api/v1/events", json=events, headers={"x-tenant": ODD})
    assert sent.json()["accepted"] == len(STORED) > 80
    before = kept(hub)
    yield http
    assert kept(hub) == before


@pytest.fixture(scope="module")
def ways(at: Served, house: httpx.Client) -> Iterator[Mapping[str, Door]]:
    with all_doors(at) as made:
        yield made


def values(text: str) -> Iterator[Body]:
    """Questions that hand the text to the engine."""
    yield ask("events", where=(has("asset.owner", "eq", text), has("tenant", "in", [text, "'"])))
    yield ask(
        "events", where=(has("attributes.k", "contains", text), has("service", "prefix", text))
    )
    yield ask(
        "events", by=(f"attributes.{text}",), where=(has(f"asset.metadata.{text}", "exists"),)
    )
    yield ask("events", granularity="day", time_zone=text)


def names(text: str) -> list[Body]:
    """Questions with the text where a name of the catalogue, a number or a time belongs."""
    return [
        ask(text),
        ask("events", by=(text,)),
        ask("events", where=(has(text, "eq", text),)),
        ask("events", where=(has("model", text, text),)),
        ask("events", where=(has("latency_ms", "gt", text),)),
        ask("events", granularity=text),
        ask("events", order_by=[{"field": text, "direction": "desc"}]),
        ask("events", order_by=[{"field": "events", "direction": text}]),
        ask("events", by=("model",), top={"dimension": text, "by": text}),
        ask("events", having=[has(text, "gt", 1)]),
        ask("events", having=[has("events", "gt", text)]),
        ask("events", compare=text),
        ask("events", time_range={"from": text, "to": text}),
        ask("events", time_range={"last": text}),
        ask("events", time_range={"period": text}),
        ask("events", limit=text),
        ask("events", **({text: text} if text not in WEEK else {})),
    ]


def harmless(answer: httpx.Response) -> None:
    """An answer without others' rows, or a refusal that says why."""
    assert answer.status_code < 500, (answer.request.url, answer.text)
    assert KEPT.format("beta") not in answer.text
    assert answer.status_code < 400 or "json" in answer.headers["content-type"], answer.text


@pytest.mark.slow
def test_no_place_of_a_question_runs_a_text(house: httpx.Client) -> None:
    for n, text in enumerate(TEXTS):
        asked = names(text)
        some = [asked[(n + 3 * step) % len(asked)] for step in range(6)]
        for body in (*values(text), *some):
            harmless(house.post("/api/v1/query", json=body, headers=HEADERS))


@pytest.mark.slow
def test_no_path_or_parameter_runs_a_text(house: httpx.Client) -> None:
    for n, text in enumerate(TEXTS):
        part = text[:1000]
        kinds = ("traces", "assets", "events", "exports", "dead-letters", "metrics")
        harmless(house.get(f"/api/v1/{kinds[n % 6]}/{quote(part, safe='')}", headers=HEADERS))
        listed = {"cursor": part} if n % 2 else {"where": f"model in {part}", "source": part}
        harmless(
            house.get(f"/api/v1/{('events', 'traces')[n % 2]}", params=listed, headers=HEADERS)
        )
        words = {
            "measures": "events",
            "last": "7d",
            "where": f"model={part}",
            ("format", "top")[n % 2]: part,
        }
        harmless(house.get("/api/v1/query", params=words, headers=HEADERS))


@pytest.mark.slow
def test_a_text_finds_what_equals_it_at_every_door(
    house: httpx.Client, ways: Mapping[str, Door]
) -> None:
    for n, text in enumerate(STORED):
        ops = (
            has("user_id", "eq", text),
            has("user_id", "in", [text, "'"]),
            has("attributes.k", "contains", text),
        )
        body = ask("events", by=("user_id", "attributes.k"), where=ops)
        others = ask("events", where=(has("user_id", "ne", text), has("user_id", "not_in", [text])))
        for name in (QUICK[n % len(QUICK)], QUICK[(n + 5) % len(QUICK)]):
            told = ways[name].ask(ODD, body)
            assert list(told.rows) == [(text, text, 1)], (name, text)
            assert list(ways[name].ask(ODD, others).rows) == [(len(STORED) - 1,)], (name, text)


@pytest.mark.slow
def test_an_argument_of_sql_is_a_value(house: httpx.Client) -> None:
    sql = "SELECT count() FROM events WHERE user_id = {text:String} AND has({texts:Array(String)}, user_id)"
    for text in STORED[::2]:
        body = {"sql": sql, "args": {"text": text, "texts": [text, "'"]}}
        answer = house.post("/api/v1/sql", json=body, headers={"x-tenant": ODD})
        assert answer.json().get("rows") == [[1]], (text, answer.text)


@pytest.mark.slow
def test_no_text_as_sql_reads_another_tenant(house: httpx.Client) -> None:
    for text in TEXTS:
        for sql in (text, QUOTED.replace("TEXT", text)):
            if sql:
                harmless(house.post("/api/v1/sql", json={"sql": sql}, headers=HEADERS))
