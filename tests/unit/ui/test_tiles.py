from datetime import timedelta
from decimal import Decimal
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.ui.numbers import UNKNOWN
from llm_analytics_hub.ui.theme import BLUE
from llm_analytics_hub.ui.tiles import sparkline, tiles_of, to_component, unpriced_words

from .conftest import NOW, MakeSnapshot

CALLS = {
    "requests": 200, "errors": 3, "error_rate": 0.015, "input_tokens": 1_000_000,
    "output_tokens": 250_000, "cached_tokens": 0, "cost_usd": Decimal("12.3456"),
    "latency_ms_p50": 800.0, "latency_ms_p95": 2400.5, "latency_ms_p99": 9000.0,
}  # fmt: skip


def test_tiles_show_value_unit_and_change(make_snapshot: MakeSnapshot) -> None:
    start = f"{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    shot = make_snapshot(
        events=[{"time": start, "events": 12_345}],
        events_before=[{"events": 10_000}],
        calls_now=[CALLS],
        calls_before=[CALLS | {"cost_usd": Decimal(10), "error_rate": 0.01}],
        unpriced=[{"requests": 3, "errors": 3}],
    )
    tiles = {tile.name: tile for tile in tiles_of(shot)}
    assert (tiles["events"].value, tiles["events"].exact) == ("12.3k", "12,345 events")
    assert tiles["tokens"].value == "1.25M"
    assert tiles["cost"].exact == "12.3456 USD"
    assert tiles["cost"].note == "3 of unknown price, all failed"
    words = {name: tile.change.words for name, tile in tiles.items() if tile.change}
    assert (words["events"], words["cost"], words["error-rate"]) == (
        "23.4 %",
        "23.5 %",
        "0.50 points",
    )


def test_a_rise_is_bad_only_where_more_is_worse(make_snapshot: MakeSnapshot) -> None:
    before = {name: value / 2 if value else value for name, value in CALLS.items()}
    shot = make_snapshot(calls_now=[CALLS], calls_before=[before])
    bad = {
        tile.name for tile in tiles_of(shot) if "change bad" in str(to_component(tile, "before"))
    }
    assert bad == {"error-rate", "latency"}


def test_what_is_unknown_is_not_zero(make_snapshot: MakeSnapshot) -> None:
    unknown = dict.fromkeys(CALLS, None) | {"requests": 0, "errors": 0}
    tiles = {tile.name: tile for tile in tiles_of(make_snapshot(calls_now=[unknown]))}
    assert {tiles[name].value for name in ("tokens", "cost", "error-rate", "latency")} == {UNKNOWN}
    assert tiles["requests"].value == "0"
    assert all(tile.change is None for tile in tiles.values())


def test_unknown_prices_are_told() -> None:
    assert unpriced_words({"requests": 0, "errors": 0}) == ""
    assert unpriced_words({"requests": 12, "errors": 2}) == "12 of unknown price"


@given(st.lists(st.none() | st.floats(0, 1e12), max_size=100))
def test_a_sparkline_is_an_image_with_a_path_for_every_run(points: list[float | None]) -> None:
    prefix, _, svg = sparkline(points, BLUE).partition(",")
    known = "".join("." if point is None else "x" for point in points).split(".")
    assert prefix == "data:image/svg+xml"
    assert len(ET.fromstring(unquote(svg))) == 2 * len([run for run in known if run])  # noqa: S314
