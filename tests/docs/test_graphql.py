"""The examples of `docs/graphql.md` are answered, and its table and limits are true."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import build_schema
from starlette.testclient import TestClient

from llm_analytics_hub.api.graphql import door, limits
from llm_analytics_hub.api.graphql.schema import HubSchema
from llm_analytics_hub.bootstrap import open_doors, open_hub
from llm_analytics_hub.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "graphql.md").read_text("utf-8")
_EXAMPLE = re.compile(
    r"^```graphql\n(.*?)^```(?:\n\n```json\n(.*?)^```)?", re.MULTILINE | re.DOTALL
)
EXAMPLES = _EXAMPLE.findall(PAGE)
CALL = {
    "source": "observatory", "event_type": "inference.completed", "event_id": "e",
    "occurred_at": "2025-11-19T09:00:00Z", "provider": "openai", "model": "gpt-4o",
    "trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "s", "input_tokens": 10,
    "status": "error",
}  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("graphql") / "data", ui=False)
    hub = open_hub(settings)
    with TestClient(open_doors(hub, settings).main) as made:
        call = CALL | {"occurred_at": hub.clock.now().isoformat()}
        assert made.post("/api/v1/events", json=[call]).json()["accepted"] == 1
        yield made
    hub.close()


@pytest.mark.parametrize(("document", "variables"), EXAMPLES)
def test_an_example_is_answered(client: TestClient, document: str, variables: str) -> None:
    body = {"query": document, "variables": json.loads(variables or "{}")}
    found = client.post("/api/v1/graphql", json=body).json()
    codes = {error["extensions"]["code"] for error in found.get("errors", ())}
    assert codes <= {"no_usage"}, found
    assert found["data"]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == PAGE.count("```graphql") == 5
    assert sum(bool(variables) for _, variables in EXAMPLES) == 1


def test_the_example_of_curl_is_answered(client: TestClient) -> None:
    (body,) = re.findall(r"-d '(.*)'", PAGE)
    headers = {"content-type": "application/json"}
    found = client.post("/api/v1/graphql", content=body, headers=headers).json()
    assert found["data"]["catalog"]["measures"][0]["name"] == "events"


def test_the_table_has_every_query_with_its_arguments() -> None:
    query = build_schema(HubSchema().text).query_type
    assert query is not None
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    told = dict(re.findall(r"`(\w+)(?:\(([^)]*)\))?`", rows))
    for name, field in query.fields.items():
        assert told[name] == ", ".join(field.args), name


def test_the_limits_are_those_of_the_code() -> None:
    for limit in (
        limits.MAX_CHARACTERS, limits.MAX_TOKENS, limits.MAX_BRACKETS, limits.MAX_DEPTH,
        limits.MAX_FIELDS, limits.MAX_QUESTIONS, limits.MAX_VALUES, int(door.SECONDS),
    ):  # fmt: skip
        assert f"{limit:,} " in PAGE.partition("## Limits")[2]
    assert (door.MAX_BODY, door.MAX_BATCH) == (4 * 2**20, 10)
