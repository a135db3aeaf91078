"""What the description of the routes allows, and what it does not, never makes a defect."""

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

from .conftest import BUDGET, ROOT, RULE

CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance,
]  # fmt: skip
FORMS = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
BOUNDED = hypothesis.settings(
    max_examples=8, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck), phases=[hypothesis.Phase.generate],
)  # fmt: skip
KNOWN = {"name": "error-rate", "fingerprint": "no", "silence_id": "no", "delivery_id": "no"}


@pytest.fixture(scope="module")
def described(hub: Hub, settings: Settings) -> Any:
    """The description of a hub with a rule and a budget."""
    app = open_doors(hub, settings).main
    with TestClient(app) as client:
        for path, body in (("rules/error-rate", RULE), ("budgets/team", BUDGET)):
            assert client.put(f"{ROOT}/{path}", json=body).status_code == 200
        whole = client.get("/api/openapi.json").json()
    found = schemathesis.openapi.from_dict(whole)
    found.app = app
    return found.include(path_regex=f"^{ROOT}/")


@pytest.mark.slow
def test_no_request_makes_a_defect(described: Any) -> None:
    seen = 0
    for found in described.get_all_operations():
        _check(found.ok())
        seen += 1
    assert seen > 35


def _check(operation: Any) -> None:
    @given(
        case=st.one_of([operation.as_strategy(generation_mode=form) for form in FORMS]),
        is_known=st.booleans(),
    )
    @BOUNDED
    def conforms(case: Any, is_known: bool) -> None:
        case.headers["X-Tenant"] = "default"
        if is_known:
            case.path_parameters |= {n: v for n, v in KNOWN.items() if n in case.path_parameters}
        if isinstance(case.body, dict) and isinstance(case.body.get("time_range"), dict):
            case.body["time_range"] = {"last": "1h"}  # a week takes longer than it waits
        case.call_and_validate(checks=CHECKS)

    conforms()
