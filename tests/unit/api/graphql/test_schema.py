"""The schema is published as it is, and nobody pays for it who does not ask."""

import subprocess
import sys
from pathlib import Path

import httpx
from graphql import GraphQLObjectType, build_schema

from llm_analytics_hub.api.graphql.limits import ASKING, PAGED
from llm_analytics_hub.api.graphql.schema import HubSchema

ROOT = Path(__file__).parents[4]
PUBLISHED = ROOT / "docs" / "reference" / "graphql.graphql"
SCHEMA = HubSchema()


async def test_the_published_schema_is_the_one_that_is_served(client: httpx.AsyncClient) -> None:
    text = PUBLISHED.read_text("utf-8")
    assert text == SCHEMA.text, "run `make reference`"
    assert (await client.get("/api/v1/graphql/schema")).text == text


def test_everything_that_can_be_written_is_described() -> None:
    query = build_schema(SCHEMA.text).query_type
    assert query is not None
    assert [name for name, field in query.fields.items() if not field.description] == []
    assert {"asset", "assets", "complianceStatus", "violations", "extensions", "extensionUsage",
            "metrics", "costData", "budgets", "query", "events", "trace", "catalog"} == set(query.fields)  # fmt: skip
    live = build_schema(SCHEMA.text).subscription_type
    assert live is not None
    assert [name for name, field in live.fields.items() if not field.description] == []
    assert set(live.fields) == {"events", "registryEvents", "policyViolations", "securityEvents"}


def test_what_costs_more_than_it_looks_is_known() -> None:
    shapes = build_schema(SCHEMA.text).type_map.values()
    objects = [one for one in shapes if isinstance(one, GraphQLObjectType)]
    own = {one.name: one.fields for one in objects if not one.name.startswith("__")}
    paged = {n for fields in own.values() for n, field in fields.items() if "first" in field.args}
    assert paged == PAGED
    # A subscription asks the store for nothing but what its cursor is behind.
    del own["Query"], own["Subscription"]
    below = {name for fields in own.values() for name, field in fields.items() if field.args}
    assert below | set(own["CostData"]) == ASKING


def test_a_hub_that_nobody_asks_imports_no_graphql() -> None:
    code = "import sys, llm_analytics_hub.bootstrap as b; sys.exit('strawberry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_schema_is_written_by_a_command() -> None:
    command = [sys.executable, "-m", "llm_analytics_hub.api.graphql"]
    assert subprocess.check_output(command, text=True) == SCHEMA.text
