"""Every query gives the numbers that REST gives to the same question."""

from typing import Any

import httpx
import pytest
from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, build_schema

from llm_analytics_hub.api.graphql.schema import HubSchema

from .conftest import TRACE, Graphql, Row

pytestmark = pytest.mark.usefixtures("told")

SCHEMA = build_schema(HubSchema().text)
MODULES = "/api/v1/integrations"
DAY = {"from": "2025-11-17T00:00:00Z", "to": "2025-11-20T00:00:00Z"}
SPAN = 'from: "2025-11-17T00:00:00Z", to: "2025-11-20T00:00:00Z"'


def everything(name: str) -> str:
    """A selection of all fields of a type that need no argument and ask no question."""
    shape = SCHEMA.type_map[name]
    assert isinstance(shape, GraphQLObjectType)
    parts = []
    for field, one in shape.fields.items():
        if one.args:
            continue
        kind = one.type
        while isinstance(kind, GraphQLNonNull | GraphQLList):
            kind = kind.of_type
        inner = everything(kind.name) if isinstance(kind, GraphQLObjectType) else ""
        parts.append(f"{field} {inner}")
    return f"{{ {' '.join(parts)} }}"


def shown(told: Any) -> Any:
    """Without what is unknown: REST leaves it out, or says null."""
    if isinstance(told, list):
        return [shown(one) for one in told]
    if not isinstance(told, dict):
        return told
    return {name: shown(value) for name, value in told.items() if value is not None}


def camel(told: Row) -> Row:
    """A row of REST with the names of GraphQL, without what is unknown."""
    return {_camel(name): shown(value) for name, value in told.items() if value is not None}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


async def rest(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_question_is_the_same_question(client: httpx.AsyncClient, graphql: Graphql) -> None:
    body = {
        "measures": ["requests", "cost_usd", "latency_ms_p95"], "dimensions": ["model"],
        "filters": [{"or": [{"field": "status", "value": "ok"},
                            {"not": {"field": "attributes.size", "op": "lt", "value": 2}}]}],
        "time_range": DAY, "granularity": "day", "time_zone": "Europe/Berlin",
        "order_by": [{"field": "cost_usd", "direction": "desc"}], "limit": 4,
    }  # fmt: skip
    told = (await client.post("/api/v1/query", json=body)).json()
    asked = {_camel(name): value for name, value in body.items()}
    found = await graphql(
        f"query ($question: QueryInput!) {{ query(question: $question) {everything('Answer')} }}",
        question=asked,
    )
    assert found["rows"] == told["rows"]
    assert found["rows"][0][3] > 0
    assert shown(found["columns"]) == told["columns"]
    assert found["meta"]["time_range"] == told["meta"]["time_range"]


async def test_every_member_of_a_question_can_be_asked(graphql: Graphql) -> None:
    found = await graphql(f"""{{ query(question: {{
        measures: ["requests"], dimensions: ["model"], timeRange: {{ {SPAN} }},
        top: {{ dimension: "model", limit: 1 }}, compare: "previous_period",
        having: [{{ field: "requests", op: "gt", value: 0 }}]
    }}) {{ rows columns {{ name }} }} }}""")
    assert [column["name"] for column in found["columns"]][:3] == [
        "model", "requests", "requests_previous",
    ]  # fmt: skip
    assert found["rows"][0][:2] == ["gpt-4o", 5]


async def test_money_is_exact(client: httpx.AsyncClient, graphql: Graphql) -> None:
    document = '{ events(filter: { eventId: "e5" }) { nodes { costUsd occurredAt } } }'
    answer = await client.post("/api/v1/graphql", json={"query": document})
    assert '"costUsd":0.500000000001,"occurredAt":"2025-11-17T09:05:00.123456Z"' in answer.text


async def test_events_are_listed_page_by_page(client: httpx.AsyncClient, graphql: Graphql) -> None:
    document = f"""query ($after: String) {{
        events(filter: {{ source: "observatory" }}, first: 4, after: $after) {{
            nodes {everything("Event")} pageInfo {{ hasNextPage endCursor }} }} }}"""
    first = await graphql(document)
    rest_of = await graphql(document, after=first["pageInfo"]["endCursor"])
    assert (first["pageInfo"]["hasNextPage"], rest_of["pageInfo"]["hasNextPage"]) == (True, False)
    assert rest_of["pageInfo"]["endCursor"] is None
    told = (await rest(client, "/api/v1/events", source="observatory"))["events"]
    assert shown(first["nodes"] + rest_of["nodes"]) == [camel(one) for one in told]
    assert len(told) == 6


async def test_events_are_filtered_by_any_field_and_time(graphql: Graphql) -> None:
    found = await graphql(
        f"""{{ events({SPAN.replace("17T", "19T")}, filter: {{
        where: [{{ field: "attributes.size", op: "ge", value: 1 }}]
    }}) {{ nodes {{ eventId }} }} }}"""
    )
    assert [one["eventId"] for one in found["nodes"]] == ["e3"]


async def test_a_trace_is_a_forest(client: httpx.AsyncClient, graphql: Graphql) -> None:
    found = await graphql(f'{{ trace(id: "{TRACE.upper()}") {{ traceId spans roots }} }}')
    told = await rest(client, f"/api/v1/traces/{TRACE}")
    assert found == {"traceId": TRACE, "spans": told["spans"], "roots": told["roots"]}
    assert await graphql('{ trace(id: "nope") { spans } }') is None


async def test_assets_are_listed_with_their_versions(
    client: httpx.AsyncClient, graphql: Graphql
) -> None:
    shape = everything("Asset")
    document = f"""query ($after: String) {{ assets(first: 1, after: $after,
        filter: {{ assetType: "model", owner: "ann", tag: "eu", namePrefix: "m" }}) {{
        nodes {shape} pageInfo {{ hasNextPage endCursor }} }} }}"""
    first = await graphql(document)
    second = await graphql(document, after=first["pageInfo"]["endCursor"])
    told = (await rest(client, "/api/v1/assets"))["assets"]
    assert shown(first["nodes"] + second["nodes"]) == [camel(one) for one in told]
    assert len(told) == 2
    one = await graphql(
        '{ asset(id: "team/a1") { version versions(first: 1) { nodes { version } '
        "pageInfo { hasNextPage endCursor } } } }"
    )
    versions = await rest(client, "/api/v1/assets/team/a1/versions", limit=1)
    assert one["version"] == one["versions"]["nodes"][0]["version"] == "1.1"
    assert one["versions"]["pageInfo"]["endCursor"] == versions["next_cursor"]
    assert await graphql('{ asset(id: "nobody") { version } }') is None


@pytest.mark.parametrize(
    ("field", "shape", "path", "params"),
    [
        (f"complianceStatus({SPAN})", "ComplianceStatus", "policy-engine/compliance/report", DAY),
        (
            "complianceStatus(period: DAY)", "ComplianceStatus",
            "policy-engine/compliance/report", {"period": "day"},
        ),
        (f"extensionUsage({SPAN})", "ExtensionUsage", "marketplace/analytics", DAY),
        (f"metrics({SPAN})", "Metrics", "observatory/metrics", DAY),
        (
            f'metrics({SPAN}, granularity: "day", by: ["model"], only: {{ provider: "openai" }})',
            "Metrics", "observatory/historical",
            {**DAY, "granularity": "day", "by": "model", "provider": "openai"},
        ),
        (f'metrics({SPAN}, metric: "x")', "Metrics", "observatory/metrics", {**DAY, "metric": "x"}),
        (
            f'metrics({SPAN}, metric: "x", granularity: "hour")', "Metrics",
            "observatory/historical", {**DAY, "metric": "x"},
        ),
    ],
)  # fmt: skip
async def test_modules_are_told_the_same(
    client: httpx.AsyncClient, graphql: Graphql, field: str, shape: str, path: str, params: Row
) -> None:
    found = await graphql(f"{{ {field} {everything(shape)} }}")
    told = camel(await rest(client, f"{MODULES}/{path}", **params))
    told |= {"services": [camel(one) for one in told["services"]]} if "services" in told else {}
    assert shown(found) == told
    assert "null" not in str(told)


async def test_violations_are_listed(client: httpx.AsyncClient, graphql: Graphql) -> None:
    document = f"""query ($after: String) {{ violations(first: 2, after: $after) {{
        nodes {everything("Violation")} pageInfo {{ endCursor }} }} }}"""
    first = await graphql(document)
    second = await graphql(document, after=first["pageInfo"]["endCursor"])
    told = await rest(client, f"{MODULES}/policy-engine/violations")
    assert first["nodes"] + second["nodes"] == told["violations"]
    assert len(told["violations"]) == 3
    alone = await graphql('{ violations(policyId: "limits") { nodes { policyId severity } } }')
    assert [one["policyId"] for one in alone["nodes"]] == ["limits"]
    assert (await graphql('{ violations(severity: "low") { nodes { policyId } } }'))["nodes"] == []


async def test_budgets_stand_as_rest_says(client: httpx.AsyncClient, graphql: Graphql) -> None:
    found = await graphql(f"{{ budgets {everything('BudgetList')} }}")
    told = await rest(client, f"{MODULES}/costops/budgets")
    assert shown(found["nodes"]) == [camel(one) for one in told["budgets"]]
    assert (found["isComplete"], found["nodes"][0]["limitAmount"]) == (True, 1000.0)
    assert (await graphql('{ budgets(organizationId: "beta") { nodes { name } } }'))["nodes"] == []


async def test_cost_data_is_what_costops_is_told(
    client: httpx.AsyncClient, graphql: Graphql
) -> None:
    found = await graphql(f"""{{ costData({SPAN}, scope: {{ organizationId: "acme" }}) {{
        baseline {everything("UsageBaseline")}
        curve(metric: COST) {everything("HistoricalCurve")}
        report {everything("UsageReport")} }} }}""")
    base, scope = f"{MODULES}/costops", {**DAY, "organization_id": "acme"}
    baseline = await rest(client, f"{base}/usage-baseline", **scope)
    curve = await rest(client, f"{base}/historical-curve", metric="cost", **scope)
    report = await rest(client, f"{base}/usage/report", **DAY)
    clusters = await rest(client, f"{base}/forecasting-clusters", **DAY)
    assert shown(found["baseline"]) == camel(baseline)
    assert shown(found["curve"]) == camel(curve)
    assert found["report"] == report
    clustered = await graphql(f"{{ costData({SPAN}) {{ clusters }} }}")
    assert clustered["clusters"] == clusters
    assert baseline["mean_cost_per_period"] > 0


async def test_what_is_unknown_is_an_error_of_its_field_alone(graphql: Graphql) -> None:
    found = await graphql.raw("""{ extensions { name }
        costData(scope: { organizationId: "nobody" }) { curve(metric: LATENCY) { curveId } } }""")
    assert found["data"] == {"extensions": [], "costData": {"curve": None}}
    (error,) = found["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["costData", "curve"], "no_usage")


async def test_the_catalog_is_that_of_rest(client: httpx.AsyncClient, graphql: Graphql) -> None:
    found = await graphql(f"{{ catalog {everything('Catalog')} }}")
    told = await rest(client, "/api/v1/catalog")
    assert {name: told[name] for name in ("dimensions", "granularities", "operators")} == {
        name: found[name] for name in ("dimensions", "granularities", "operators")
    }
    names = ("name", "type", "unit", "means")
    assert found["measures"] == [{name: one[name] for name in names} for one in told["measures"]]


@pytest.mark.parametrize(
    "field",
    [
        "events { nodes { eventId } }", "assets { nodes { assetId } }",
        "violations { nodes { violationId } }", "budgets { nodes { name } }",
    ],
)  # fmt: skip
async def test_tenants_do_not_see_each_other(
    client: httpx.AsyncClient, graphql: Graphql, field: str
) -> None:
    assert (await graphql(f"{{ {field} }}"))["nodes"]
    client.headers["x-tenant"] = "somebody-else"
    assert (await graphql(f"{{ {field} }}"))["nodes"] == []
    assert await graphql(f'{{ trace(id: "{TRACE}") {{ spans }} }}') is None
    assert await graphql('{ asset(id: "team/a0") { version } }') is None
