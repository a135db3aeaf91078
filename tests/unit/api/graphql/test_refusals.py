"""What cannot be asked is refused with a code, and what is too much before it costs anything."""

import json
from typing import Any

import httpx
import pytest

from llm_analytics_hub.api.graphql.limits import (
    MAX_CHARACTERS,
    MAX_QUESTIONS,
    MAX_TOKENS,
    Cost,
    check_text,
)
from llm_analytics_hub.bootstrap import Doors
from llm_analytics_hub.errors import SaturatedError
from llm_analytics_hub.query.service import QueryService

from .conftest import Graphql

PATH = "/api/v1/graphql"
SPECIFIC = "application/graphql-response+json"
TYPED = {"content-type": "application/json"}
EVENTS = "{ events { nodes { eventId } } }"
BOMB = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(40))
QUESTION = 'measures: ["events"], timeRange: { last: "1h" }'

REFUSED = {
    "unknown field": ("{ nope }", "invalid_request"),
    "unknown argument": ("{ events(nope: 1) { nodes { eventId } } }", "invalid_request"),
    "unknown type": ("query ($x: Nope) { catalog { dimensions } }", "invalid_request"),
    "no selection": ("{ events }", "invalid_request"),
    "wrong type": ('{ events(first: "x") { nodes { eventId } } }', "invalid_request"),
    "null for what must be": ("{ events(first: null) { nodes { eventId } } }", "invalid_request"),
    "none at all": ("{ events(first: 0) { nodes { eventId } } }", "invalid_request"),
    "too many": ("{ assets(first: 1001) { nodes { version } } }", "invalid_request"),
    "no cursor": ('{ events(after: "%") { nodes { eventId } } }', "invalid_cursor"),
    "no time": ('{ events(from: "soon") { nodes { eventId } } }', "invalid_query"),
    "half a time": ('{ violations(from: "2025-11-19") { nodes { source } } }', "invalid_query"),
    "a time that is none": ("{ budgets(from: true) { isComplete } }", "invalid_request"),
    "two times": (
        '{ complianceStatus(period: DAY, from: "2025-11-18", to: "2025-11-19") { reportId } }',
        "invalid_query",
    ),
    "no measure": (
        '{ query(question: { measures: ["nope"], timeRange: { last: "1h" } }) { rows } }',
        "invalid_query",
    ),
    "no operator": (
        f'{{ query(question: {{ {QUESTION}, filters: [{{ field: "model", op: "is" }}] }}) {{ rows }} }}',
        "invalid_query",
    ),
    "an empty filter": (
        f"{{ query(question: {{ {QUESTION}, filters: [{{}}] }}) {{ rows }} }}",
        "invalid_query",
    ),
    "no granularity": ('{ metrics(granularity: "eon") { rows } }', "invalid_query"),
    "no dimension": ('{ metrics(by: ["nope"]) { rows } }', "invalid_parameter"),
    "no window": ('{ costData(window: "soon") { clusters } }', "invalid_query"),
    "mutation": ("mutation { x }", "invalid_request"),
    "subscription": ("subscription { x }", "invalid_request"),
    "two without a name": ("query A { catalog { dimensions } } query B { nope }", "invalid_request"),
    "fragments in a circle": (
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "invalid_request",
    ),
    "no document": ("{", "invalid_document"),
    "half a character": ('{ asset(id: "\\uD800") { version } }', "invalid_document"),
    "a long id": (f'{{ asset(id: "{"x" * 2000}") {{ version }} }}', "invalid_query"),
    "deep nesting": ("{a" * 10_000 + "}" * 10_000, "too_complex"),
    "deep lists": (f"{{ metrics(by: {'[' * 10_000}", "too_complex"),
    "lists in lists": (f"{{ metrics(by: {'[' * 60}{']' * 60}) {{ rows }} }}", "too_complex"),
    "a long document": (f"{{ catalog }} #{'x' * MAX_CHARACTERS}", "too_complex"),
    "many tokens": ("{" + " catalog" * MAX_TOKENS, "too_complex"),
    "a long number": (f"{{ events(first: {'9' * 5000}) {{ nodes {{ eventId }} }} }}", "too_complex"),
    "many aliases": (
        "{" + "".join(f"a{n}: {EVENTS[1:-1]}" for n in range(MAX_QUESTIONS + 1)) + "}",
        "too_complex",
    ),
    "questions in a list": (
        "{ assets(first: 50) { nodes { versions { nodes { version } } } } }",
        "too_complex",
    ),
    "many fields": (f"{{ catalog {{ {'dimensions ' * 600} }} }}", "too_complex"),
    "many values": (
        "{" + " ".join(f"a{n}: events(first: 1000) {{ nodes {{ {'eventId ' * 24} }} }}"
                       for n in range(10)) + "}",
        "too_complex",
    ),
    "a fragment nobody uses": (
        f"{{ catalog {{ dimensions }} }} fragment A on Catalog {{ {'dimensions ' * 600} }}",
        "too_complex",
    ),
    "a bomb of fragments": (f"{{ ...F0 }} {BOMB} fragment F40 on Query {{ nope }}", "too_complex"),
}  # fmt: skip


@pytest.mark.parametrize("document", REFUSED, ids=lambda name: name.replace(" ", "-"))
async def test_a_wrong_document_is_refused(graphql: Graphql, document: str) -> None:
    asked, code = REFUSED[document]
    found = await graphql.raw(asked)
    assert {error["extensions"]["code"] for error in found["errors"]} == {code}
    assert all(len(error["message"]) <= 501 for error in found["errors"])


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({}, "invalid_request"),
        ({"first": None}, "invalid_request"),
        ({"first": "x"}, "invalid_request"),
        ({"first": 2**40}, "too_complex"),
        ({"first": 1001}, "invalid_request"),
        ({"first": 1, "deep": json.loads("[" * 200 + "]" * 200)}, "too_complex"),
    ],
)
async def test_wrong_variables_are_refused(graphql: Graphql, variables: Any, code: str) -> None:
    document = "query ($first: Int!) { events(first: $first) { nodes { eventId } } }"
    assert await graphql.codes(document, **variables) == [code]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"", TYPED, 400, "undecodable"),
        (b"{", TYPED, 400, "undecodable"),
        (b"\xff", TYPED, 400, "undecodable"),
        (b'{"query": "\\ud800"}', TYPED, 400, "undecodable"),
        (b"[" * 100_000, TYPED, 400, "undecodable"),
        (b"[]", TYPED, 400, "invalid_request"),
        (b"5", TYPED, 400, "invalid_request"),
        (b"{}", TYPED, 400, "invalid_request"),
        (b'{"query": 5}', TYPED, 400, "invalid_request"),
        (b'{"query": "{a}", "variables": []}', TYPED, 400, "invalid_request"),
        (b'{"query": "{a}", "operationName": 5}', TYPED, 400, "invalid_request"),
        (b'{"query": "{a}", "extensions": 5}', TYPED, 400, "invalid_request"),
        (b" " * 100_001, TYPED, 413, "too_large"),
        (b'{"query": "{a}"}', {}, 415, "unsupported_media_type"),
        (b'{"query": "{a}"}', {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        (b"query=%7Ba%7D", {"content-type": "application/x-www-form-urlencoded"}, 415,
         "unsupported_media_type"),
        (b'{"query": "{a}"}', TYPED | {"content-encoding": "zip"}, 415, "unsupported_media_type"),
        (b'{"query": "{a}"}', TYPED | {"x-tenant": "No"}, 400, "invalid_tenant"),
    ],
)  # fmt: skip
async def test_a_wrong_request_has_the_status_of_the_other_doors(
    client: httpx.AsyncClient, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await client.post(PATH, content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]


async def test_who_asks_for_it_sees_that_nothing_was_executed(client: httpx.AsyncClient) -> None:
    for document, status in (("{", 400), ("{ nope }", 400), ("{ extensions { name } }", 200)):
        answer = await client.post(PATH, json={"query": document}, headers={"accept": SPECIFIC})
        assert (answer.status_code, answer.headers["content-type"]) == (status, SPECIFIC)
        assert ("data" in answer.json()) is (status == 200)


async def test_a_get_asks_as_well(client: httpx.AsyncClient) -> None:
    params = {
        "query": "query A($x: String) { budgets(organizationId: $x) { isComplete } } query B { nope }",
        "variables": '{"x": "acme"}', "operationName": "A",
    }  # fmt: skip
    answer = await client.get(PATH, params=params)
    assert answer.json()["errors"][0]["message"].startswith("Cannot query field 'nope'")
    params["query"] = params["query"].replace("nope", "catalog { dimensions }")
    assert (await client.get(PATH, params=params)).json() == {
        "data": {"budgets": {"isComplete": True}}
    }
    for wrong in ({}, {"query": "{a}", "variables": "{"}, {"query": "{a}", "variables": "[]"}):
        assert (await client.get(PATH, params=wrong)).status_code == 400


async def test_a_batch_has_ten_operations_and_one_budget(client: httpx.AsyncClient) -> None:
    one = {"query": "{ extensions { name } }"}
    answer = await client.post(PATH, json=[one] * 10)
    assert answer.json() == [{"data": {"extensions": []}}] * 10
    assert (await client.post(PATH, json=[one] * 11)).status_code == 400
    three = {"query": "{" + " ".join(f"a{n}: {EVENTS[1:-1]}" for n in range(3)) + "}"}
    answers = (await client.post(PATH, json=[three] * 7)).json()
    assert ["data" in one for one in answers] == [True] * 6 + [False]


async def test_a_full_hub_says_when_to_come_again(
    graphql: Graphql, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise SaturatedError("full", retry_after_seconds=3)

    monkeypatch.setattr(QueryService, "answer", full)
    found = await graphql.raw(f"{{ query(question: {{ {QUESTION} }}) {{ rows }} }}")
    (error,) = found["errors"]
    assert error["extensions"] == {"code": "saturated", "retryable": True, "retryAfterSeconds": 3}


async def test_a_defect_is_masked(
    graphql: Graphql, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("secret of the house")

    monkeypatch.setattr(QueryService, "answer", broken)
    found = await graphql.raw(f"{{ query(question: {{ {QUESTION} }}) {{ rows }} }}")
    (error,) = found["errors"]
    assert error["extensions"] == {"code": "internal_error"}
    assert "secret" not in json.dumps(found)
    assert "secret of the house" in capsys.readouterr().out


def test_a_fragment_costs_as_often_as_it_is_used() -> None:
    from graphql import parse

    cost = Cost()
    document = "{ a: x { ...F } b: x { ...F } } fragment F on X { one two }"
    cost.add(parse(document), {})
    assert (cost.fields, cost.values, cost.questions) == (8, 6, 2)


def test_what_is_read_before_parsing_is_bounded() -> None:
    check_text("{ catalog { dimensions } } # [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")


async def test_the_description_names_the_door(doors: Doors, client: httpx.AsyncClient) -> None:
    paths = (await client.get("/api/openapi.json")).json()["paths"]
    assert paths[PATH].keys() == {"get", "post"}
    assert (await client.get(f"{PATH}/schema")).text.startswith('"""The answer of')
