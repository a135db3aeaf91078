"""The overview in a real browser, on a real store."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec
import pytest
import uvicorn
from fastapi import FastAPI

from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.ingest.codecs.hub_json import decode_events
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.submission import Submission
from llm_analytics_hub.normalize.money import RateTable
from llm_analytics_hub.normalize.normalizer import Rules
from llm_analytics_hub.normalize.pricing import GenaiPriceBook
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.telemetry.metrics import Metrics
from llm_analytics_hub.ui.app import build_ui

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = pytest.mark.integration

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
CALL = {
    "source": "observatory", "event_type": "inference.completed", "model": "gpt-4o",
    "provider": "openai", "status": "ok", "input_tokens": 1000, "output_tokens": 250,
    "latency_ms": 800, "cost_usd": "0.25", "environment": "production",
}  # fmt: skip
MINUTES = timedelta(minutes=1)


@dataclass
class Seen:
    """What a page said and asked for while it was open."""

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the hub's pages are, on a store with two hours of a small platform."""
    store, clock, metrics = (
        ClickHouseStore(tmp_path_factory.mktemp("hub")),
        SystemClock(),
        Metrics(),
    )
    fill(store, clock, metrics)
    app = FastAPI()
    app.mount("/", build_ui(QueryService(store, clock, metrics), store, metrics, clock))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
    store.close()


def fill(store: ClickHouseStore, clock: SystemClock, metrics: Metrics) -> None:
    now = clock.now()

    def event(number: int, age: timedelta, **members: object) -> dict[str, object]:
        return {"event_id": f"e{number}", "occurred_at": (now - age).isoformat(), **members}

    events = [
        event(1, 10 * MINUTES, **CALL),
        event(2, 20 * MINUTES, **CALL),
        event(3, 30 * MINUTES, **CALL | {"model": "<b>bold</b>", "cost_usd": "0.10"}),
        event(
            4, 40 * MINUTES, source="observatory", event_type="inference.completed", status="error"
        ),
        # What a call cost, booked again: it must not be added to the call's own cost.
        event(5, 40 * MINUTES, source="costops", event_type="cost.recorded", cost_usd="100"),
        event(6, 5 * MINUTES, source="sentinel", event_type="threat.detected", severity="critical"),
        event(7, 90 * MINUTES, **CALL),
        event(1, 10 * MINUTES, **CALL),
    ]
    rules = Rules(GenaiPriceBook(), RateTable([]))
    committer = Committer(store, DedupWindow(), rules, metrics)
    decoded = decode_events(msgspec.json.encode(events), "application/json", now)
    (receipt,) = committer.commit([Submission("default", "events", decoded)], now)
    assert (receipt.accepted, receipt.duplicates, receipt.rejected) == (7, 1, [])


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    if CHROMIUM is None:
        wanted = os.environ.get("HUB_TEST_SERVICES", "").split(",")
        if {"all", "browser"} & set(wanted):
            pytest.fail("chromium is not installed, and HUB_TEST_SERVICES wants a browser")
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def page(browser: "sync_api.Browser", seen: Seen) -> Iterator["sync_api.Page"]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", timezone_id="Asia/Tokyo"
    )
    page = context.new_page()
    page.on(
        "console",
        lambda said: said.type in ("error", "warning") and seen.complaints.append(said.text),
    )
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda request: seen.hosts.add(urlsplit(request.url).netloc))
    yield page
    context.close()


def open_page(page: "sync_api.Page", address: str, search: str) -> None:
    page.goto(f"{address}/{search}")
    page.wait_for_selector("#page:not(.loading)")
    page.wait_for_selector("#events-chart .ytick")


def tile(page: "sync_api.Page", name: str) -> str:
    return str(page.inner_text(f"#tile-{name}"))


def test_tiles_show_the_last_hour_and_costs_once(page: "sync_api.Page", address: str) -> None:
    open_page(page, address, "?range=1h")
    names = ("events", "requests", "tokens", "cost", "error-rate", "latency")
    assert [tile(page, name) for name in names] == ["6", "4", "3,750", "$0.60", "25.00 %", "800"]
    assert "1 of unknown price, all failed" in page.inner_text("#tiles")
    assert "Asia/Tokyo" in page.inner_text("#told")
    assert "threat.detected" in page.inner_text("#incidents")
    assert "<b>bold</b>" in page.inner_text("#models")


def test_the_page_is_whole_and_asks_no_other_host(
    page: "sync_api.Page", address: str, seen: Seen
) -> None:
    open_page(page, address, "?range=24h")
    page.wait_for_selector("#latency-chart .scatterlayer path", state="attached")
    assert seen.complaints == []
    assert seen.hosts <= {urlsplit(address).netloc, ""}


def test_the_address_follows_the_controls_and_back_goes_back(
    page: "sync_api.Page", address: str
) -> None:
    open_page(page, address, "?range=1h&source=sentinel")
    assert tile(page, "events") == "1"
    page.click("#range >> text=6h")
    page.wait_for_url("**/?range=6h&source=sentinel")
    page.go_back()
    page.wait_for_url("**/?range=1h&source=sentinel")
    page.wait_for_selector("#events-caption:has-text('last hour')")
    assert tile(page, "events") == "1"


def test_the_theme_is_remembered_and_reaches_the_charts(
    page: "sync_api.Page", address: str
) -> None:
    ink = "document.querySelector('#events-chart .ytick text').style.fill"
    open_page(page, address, "?range=1h")
    light = page.evaluate(ink)
    page.click("#scheme")
    page.wait_for_function(f"{ink} !== {light!r}")
    dark = page.evaluate(ink)
    page.reload()
    page.wait_for_selector("#events-chart .ytick text")
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"
    assert page.evaluate(ink) == dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_scrolling_sideways(
    page: "sync_api.Page", address: str, scheme: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=scheme)
    open_page(page, address, "?range=1h")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_error_is_told_and_the_page_stays(page: "sync_api.Page", address: str) -> None:
    page.goto(f"{address}/?from=2015-01-01T00:00Z&to=2025-01-01T00:00Z")
    page.wait_for_selector("#page.failed")
    assert "invalid_query" in page.inner_text("#banner")
    page.click("#range >> text=1h")
    page.wait_for_selector("#page:not(.failed):not(.loading)")
    assert tile(page, "events") == "6"
