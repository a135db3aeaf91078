"""What the description of the API allows is answered as it says, and nothing else is a defect."""

from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from starlette.testclient import TestClient

from llm_analytics_hub.bootstrap import Hub, open_doors
from llm_analytics_hub.settings import Settings

from .known_words import in_known_words
from .planted import plant

POSTS = "^/api/v1/(query|query/explain|events/search|sql|analyze|exports)$"
BOUNDED = hypothesis.settings(
    max_examples=12, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck), phases=[hypothesis.Phase.generate],
    report_multiple_bugs=False,
)  # fmt: skip
# Not `positive_data_acceptance`: what names there are is more than a schema can say.
CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance,
]  # fmt: skip
FORMS = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
NO_PLUGINS = "/api/v1/integrations/marketplace/extensions"
"""It says 501 to every question, as the documents want."""

ENDLESS = "/api/v1/stream"
"""Its answers do not end; tests/unit/api/stream looks at them."""

SURELY = (
    "GET /api/v1/query", "POST /api/v1/query", "POST /api/v1/query/explain", "POST /api/v1/sql",
    "POST /api/v1/events/search", "GET /api/v1/events", "GET /api/v1/events/{event_id}/content",
    "GET /api/v1/traces", "GET /api/v1/traces/{trace_id}", "GET /api/v1/assets", "GET /api/v1/exports",
    "GET /api/v1/assets/{asset_id}", "GET /api/v1/assets/{asset_id}/versions", "POST /api/v1/exports",
    "GET /api/v1/metrics/points", "GET /api/v1/metrics/quantile", "GET /api/v1/dead-letters",
)  # fmt: skip
"""Operations of which some requests must succeed, or their shapes were not looked at."""


@pytest.fixture(scope="module")
def described(hub: Hub, settings: Settings) -> Any:
    """The description of a hub that has something to tell."""
    app = open_doors(hub, settings).main
    with TestClient(app) as client:
        plant(client, "default")
        whole = client.get("/api/openapi.json").json()
    found = schemathesis.openapi.from_dict(in_known_words(whole))
    found.app = app
    return found


def faults_of(schema: Any, answered: set[str]) -> list[str]:
    """What is wrong with the answers of each operation; which of them were `answered` at all."""
    faults = []
    for found in schema.get_all_operations():
        try:
            _check(found.ok(), answered)
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - any fault is told
            told = "\n".join([str(error), *getattr(error, "__notes__", ())])
            faults.append(f"{found.ok().label}: {told}")
    return faults


def _check(operation: Any, answered: set[str]) -> None:
    @given(case=st.one_of([operation.as_strategy(generation_mode=form) for form in FORMS]))
    @BOUNDED
    def conforms(case: Any) -> None:
        case.headers["X-Tenant"] = "default"  # else hardly any would get further than that
        if case.call_and_validate(checks=CHECKS).status_code < 300:
            answered.add(operation.label)

    conforms()


def test_answers_to_questions_are_as_described(described: Any) -> None:
    gets = described.include(method="GET", path_regex="^/api/v1/").exclude(
        path=[NO_PLUGINS, ENDLESS]
    )
    posts = described.include(method="POST", path_regex=POSTS)
    answered: set[str] = set()
    faults = faults_of(gets, answered) + faults_of(posts, answered)
    assert not faults, "\n\n".join(faults)
    assert {path for path in SURELY if path not in answered} == set()


def test_every_operation_tells_of_tenants_and_of_errors(described: Any) -> None:
    for path, item in described.raw_schema["paths"].items():
        for operation in item.values():
            assert "X-Tenant" in {one["name"] for one in operation["parameters"]}
            answers = operation["responses"]
            assert "422" not in answers  # such a fault is a 400 here
            if not path.startswith(("/v1/", "/api/v1/graphql")):
                for status in ("400", "429", "default", *(["404"] if "{" in path else [])):
                    assert answers[status]["content"].keys() == {"application/problem+json"}
    assert "field" in described.raw_schema["components"]["schemas"]["Problem"]["properties"]


@pytest.mark.parametrize("path", ["/api/v1/query", "/api/v1/assets/a/b", "/api/v1/exports/x/data"])
def test_a_method_that_a_path_has_not_is_told_with_those_it_has(described: Any, path: str) -> None:
    with TestClient(described.app) as client:
        answer = client.patch(path)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]
    assert answer.headers["allow"] in answer.json()["detail"]
