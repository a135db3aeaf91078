"""What one tenant got hold of, a cursor, an id, a validator, is of no use to another."""

from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.json_format import ParseDict

from llm_analytics_hub.api.rpc.answers import NAMED
from llm_analytics_hub.client import Hub as HubClient

from .planted import KEPT, TRACE, plant
from .questions import WEEK, ask
from .rpc_doors import SERVICE
from .serving import Served

ALPHA, BETA = {"x-tenant": "alpha"}, {"x-tenant": "beta"}
LISTS = (
    "events?limit=2", "traces?from=2025-11-01&to=2025-11-20&limit=2", "assets?limit=1",
    "integrations/sentinel/security-events?from=2025-11-01&to=2025-11-20&limit=2",
)  # fmt: skip


@pytest.fixture(scope="module")
def two(http: httpx.Client) -> httpx.Client:
    """The hub with two tenants in it."""
    for tenant in ("alpha", "beta"):
        plant(http, tenant)
    return http


def is_of(tenant: str, text: str) -> None:
    other = {"alpha": "beta", "beta": "alpha"}[tenant]
    assert KEPT.format(other) not in text
    assert other not in text


@pytest.mark.parametrize("path", LISTS)
def test_a_cursor_of_another_tenant_shows_the_own_list(two: httpx.Client, path: str) -> None:
    first = two.get(f"/api/v1/{path}", headers=BETA)
    cursor = first.json()["next_cursor"]
    answer = two.get(
        f"/api/v1/{path}",
        params={**dict(httpx.QueryParams(path.partition("?")[2])), "cursor": cursor},
        headers=ALPHA,
    )
    assert answer.status_code == 200, answer.text
    assert "alpha" in answer.text
    is_of("alpha", answer.text)
    is_of("beta", first.text)


def test_a_cursor_of_graphql_shows_the_own_list(two: httpx.Client) -> None:
    document = "query ($after: String) { events(first: 6, after: $after) { nodes { model errorType } pageInfo { endCursor } } }"
    first = two.post("/api/v1/graphql", json={"query": document}, headers=BETA).json()
    after = first["data"]["events"]["pageInfo"]["endCursor"]
    asked = {"query": document, "variables": {"after": after}}
    answer = two.post("/api/v1/graphql", json=asked, headers=ALPHA)
    assert "alpha" in answer.text
    is_of("alpha", answer.text)


def test_a_cursor_of_grpc_shows_the_own_list(two: httpx.Client, at: Served) -> None:
    with grpc.insecure_channel(at.rpc) as channel:
        (first,) = _listed(channel, "beta", {"limit": 2})
        (answer,) = _listed(channel, "alpha", {"limit": 2, "cursor": first.next_cursor})
    assert len(answer.events) == 2
    is_of("alpha", str(answer))
    is_of("beta", str(first))


def _listed(channel: grpc.Channel, tenant: str, said: Any) -> list[Any]:
    request = NAMED("ListEventsRequest")
    call = channel.unary_stream(
        f"{SERVICE}/ListEvents", request.SerializeToString, NAMED("EventsPage").FromString
    )
    return list(call(ParseDict(said, request()), metadata=(("x-tenant", tenant),), timeout=60))


@pytest.mark.slow
def test_an_export_is_its_tenants_only(two: httpx.Client, at: Served, tmp_path: Path) -> None:
    with HubClient(at.url, tenant="beta") as hub:
        made = hub.export("events", format="jsonl", last="30d", to=tmp_path / "events")
    path = f"/api/v1/exports/{made['id']}"
    for stolen in (two.get(path, headers=ALPHA), two.get(f"{path}/data", headers=ALPHA),
                   two.head(f"{path}/data", headers=ALPHA), two.delete(path, headers=ALPHA)):  # fmt: skip
        assert stolen.status_code == 404
    tag = f'"{made["sha256"]}"'
    again = two.get(f"{path}/data", headers={**ALPHA, "if-none-match": tag, "range": "bytes=0-9"})
    assert again.status_code == 404
    assert two.get("/api/v1/exports", headers=ALPHA).json() == {"exports": []}
    kept = two.get(f"{path}/data", headers=BETA)
    assert kept.content == (tmp_path / "events").read_bytes()
    is_of("beta", kept.text)


def test_a_dead_letter_is_its_tenants_only(two: httpx.Client) -> None:
    (letter,) = two.get("/api/v1/dead-letters", headers=BETA).json()["dead_letters"]
    chosen = {"ids": [letter["letter_id"]]}
    path = f"/api/v1/dead-letters/{letter['letter_id']}"
    assert two.get(path, headers=ALPHA).status_code == 404
    tried = two.post("/api/v1/dead-letters/replay", json=chosen, headers=ALPHA).json()
    assert (tried["tried"], tried["stored"]) == (0, 0)
    assert two.post("/api/v1/dead-letters/purge", json=chosen, headers=ALPHA).json() == {
        "purged": 0
    }
    assert two.get(path, headers=BETA).json() == letter


def test_a_validator_of_another_tenant_is_none_of_the_own(two: httpx.Client) -> None:
    path = "/api/v1/query?measures=cost_usd&dimensions=model&from=2025-11-11&to=2025-11-20"
    tag = two.get(path, headers=BETA).headers["etag"]
    answer = two.get(path, headers={**ALPHA, "if-none-match": tag})
    assert answer.status_code == 200
    is_of("alpha", answer.text)
    assert answer.headers["etag"] != tag
    assert "x-tenant" in answer.headers["vary"].lower()
    assert two.get(path, headers={**BETA, "if-none-match": tag}).status_code == 304


@pytest.mark.parametrize("name", ["X-Tenant", "x-tenant", "X-TENANT"])
def test_the_header_has_any_case(two: httpx.Client, name: str) -> None:
    answer = two.post("/api/v1/query", json=ask("events", by=("service",)), headers={name: "alpha"})
    assert "alpha-svc1" in answer.text
    is_of("alpha", answer.text)


@pytest.mark.parametrize(
    "value",
    ["Alpha", "ALPHA", "", "alpha,beta", "alpha beta", "alpha;", "*", "%", "al%70ha", "alpha/../beta", "-alpha", "a" * 64, "beta'--", "älpha", "\u0430lpha"],
)  # fmt: skip
def test_a_name_that_is_none_is_refused(two: httpx.Client, value: str) -> None:
    answer = two.get("/api/v1/events", headers=[(b"x-tenant", value.encode())])
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_tenant")


def test_without_a_name_nothing_of_any_tenant_is_told(two: httpx.Client) -> None:
    for path in (*LISTS, f"traces/{TRACE.format(1)}", "assets/shared/asset0", "exports"):
        text = two.get(f"/api/v1/{path}").text
        is_of("alpha", text)
        is_of("beta", text)
    found = two.post("/api/v1/query", json=ask("events", by=("tenant", "service"), time_range=WEEK))
    assert found.json()["rows"] == []


@pytest.mark.parametrize("names", [("alpha", "beta"), ("beta", "alpha")])
def test_two_names_are_no_name(two: httpx.Client, names: tuple[str, str]) -> None:
    headers = [(b"x-tenant", name.encode()) for name in names]
    answer = two.post("/api/v1/query", json=ask("events", by=("service",)), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_tenant")


def test_of_two_names_grpc_takes_none(at: Served) -> None:
    request = NAMED("ListEventsRequest")
    metadata = (("x-tenant", "alpha"), ("x-tenant", "beta"))
    with grpc.insecure_channel(at.rpc) as channel:
        call = channel.unary_stream(f"{SERVICE}/ListEvents", request.SerializeToString)
        with pytest.raises(grpc.RpcError) as caught:
            list(call(request(), metadata=metadata, timeout=60))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
