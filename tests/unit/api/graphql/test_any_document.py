"""Whatever the schema allows to be asked is answered, and what is no document is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from llm_analytics_hub.api.graphql.schema import HubSchema
from llm_analytics_hub.bootstrap import Hub, open_doors
from llm_analytics_hub.settings import Settings

from .conftest import CALLS

PATH = "/api/v1/graphql"
SCHEMA = schemathesis.graphql.from_file(HubSchema().text)
DOCUMENTS = st.one_of([one.ok().as_strategy() for one in SCHEMA.get_all_operations()])
CODES = {
    "invalid_request", "invalid_query", "invalid_cursor", "invalid_parameter", "too_complex",
    "too_many_rows", "invalid_document", "no_usage", "unknown_cost", "too_few_periods",
    "unknown_metric", "invalid_input",
}  # fmt: skip
"""What a caller may be told is wrong; `internal_error` and `query_timeout` are not among it."""

QUICK = settings(suppress_health_check=list(HealthCheck), deadline=None)


@pytest.fixture(scope="module")
def door(hub: Hub) -> Iterator[TestClient]:
    with TestClient(open_doors(hub, Settings(ui=False)).main) as client:
        assert client.post("/api/v1/events", json=CALLS).json()["accepted"] == len(CALLS)
        yield client


def told(door: TestClient, document: str, **more: Any) -> dict[str, Any]:
    """The response, if it is well-formed and says of every error what the caller did wrong."""
    answer = door.post(PATH, json={"query": document, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert found.keys() <= {"data", "errors"}
    codes = {error["extensions"]["code"] for error in found.get("errors", ())}
    assert codes <= CODES, found["errors"]
    return found


@given(case=DOCUMENTS)
@settings(QUICK, max_examples=80)
def test_every_document_of_the_schema_is_answered(door: TestClient, case: Any) -> None:
    found = told(door, case.body)
    rules = {error["message"] for error in found.get("errors", ()) if "path" not in error}
    assert "data" in found or rules


@given(document=st.text(max_size=200))
@settings(QUICK, max_examples=60)
def test_no_text_is_a_defect(door: TestClient, document: str) -> None:
    if document:
        assert "data" not in told(door, document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(value=JSON)
@settings(QUICK, max_examples=60)
def test_no_variable_is_a_defect(door: TestClient, value: Any) -> None:
    document = """query ($question: QueryInput!, $where: [Filter!], $at: DateTime, $any: JSON) {
        query(question: $question) { rows }
        events(filter: { where: $where }, from: $at) { nodes { eventId } } }"""
    base = {"measures": ["events"], "timeRange": {"last": "7d"}}
    filters = [
        {"field": "model", "value": value},
        {"field": "latency_ms", "op": "gt", "value": value},
    ]
    told(door, document, variables={"question": base | {"filters": filters}})
    told(door, document, variables={"question": base, "where": filters, "at": value})
    told(door, document, variables={"question": value, "where": value})
