import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.telemetry.metrics import Metrics
from llm_analytics_hub.ui.app import ASSETS, build_ui

from .conftest import EmptyStore


@pytest.fixture(scope="module")
def hub() -> Iterator[TestClient]:
    store, clock, metrics = EmptyStore(), SystemClock(), Metrics()
    app = FastAPI()
    app.mount("/", build_ui(QueryService(store, clock, metrics), store, metrics, clock))
    with TestClient(app) as client:
        yield client


def test_the_page_is_at_the_root(hub: TestClient) -> None:
    answer = hub.get("/?range=7d")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<html lang="en">' in answer.text


@pytest.mark.parametrize("path", ["/api/v1/nope", "/nope", "/_mcp", "/_reload-hash"])
def test_other_paths_stay_json(hub: TestClient, path: str) -> None:
    answer = hub.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")


def test_the_page_names_no_script_or_style_of_another_host(hub: TestClient) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]+)"', hub.get("/").text)
    assert addresses
    assert [a for a in addresses if not a.startswith(("/", "data:"))] == []


def test_own_files_are_served_and_name_no_other_host(hub: TestClient) -> None:
    for file in sorted(ASSETS.iterdir()):
        answer = hub.get(f"/assets/{file.name}")
        assert answer.status_code == 200
        text = answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text


def test_every_callback_is_known_to_the_browser(hub: TestClient) -> None:
    functions = {
        found["clientside_function"]["function_name"]
        for found in hub.get("/_dash-dependencies").json()
        if found.get("clientside_function")
    }
    script = (ASSETS / "overview.js").read_text()
    assert functions == {"zone", "viewer", "draw"}
    assert all(f"  {name}: (" in script for name in functions)


def test_no_tick_comes_while_an_answer_is_awaited(hub: TestClient) -> None:
    (refresh,) = (
        found
        for found in hub.get("/_dash-dependencies").json()
        if "tick.n_intervals" in {f"{wire['id']}.{wire['property']}" for wire in found["inputs"]}
    )
    assert refresh["running"]["running"]["tick.max_intervals"] == 0
    assert refresh["running"]["runningOff"]["tick.max_intervals"] == -1
