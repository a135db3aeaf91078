"""The six numbers on top: value, unit, change against the time before, and a small course."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component

from llm_analytics_hub.ui.drawing import course
from llm_analytics_hub.ui.numbers import (
    Change,
    Number,
    exact,
    milliseconds,
    percent,
    point_change,
    relative_change,
    short,
    short_usd,
)
from llm_analytics_hub.ui.snapshot import Snapshot
from llm_analytics_hub.ui.theme import BLUE, GREEN, ORANGE, RED, SKY, VIOLET

WIDTH, HEIGHT = 120, 32
MORE_IS_WORSE, MORE_IS_MORE = -1, 0
ARROWS = {1: "▲", -1: "▼", 0: "●"}


@dataclass(frozen=True)
class Tile:
    """A number; `exact` has all its digits, `judged` tells what a rise means."""

    name: str
    label: str
    value: str
    unit: str
    exact: str
    change: Change | None
    points: Sequence[float | None]
    colour: str
    note: str = ""
    judged: int = MORE_IS_MORE


def tiles_of(shot: Snapshot) -> list[Tile]:
    """The tiles of a snapshot, in order."""
    return [
        _events(shot),
        _requests(shot),
        _tokens(shot),
        _cost(shot),
        _error_rate(shot),
        _latency(shot),
    ]


def to_component(tile: Tile, before_words: str) -> Component:
    """The tile as it stands on the page."""
    return html.Section(
        [
            html.H2(tile.label, className="tile-label"),
            html.P(
                [html.Span(tile.value, className="tile-value", id=f"tile-{tile.name}"),
                 html.Span(tile.unit, className="tile-unit")],
                className="tile-number", title=tile.exact,
            ),
            html.Img(src=sparkline(tile.points, tile.colour), alt="", className="tile-course"),
            html.P(
                [_change(tile, before_words), html.Span(tile.note, className="tile-note")],
                className="tile-foot",
            ),
        ],
        className="tile panel",
    )  # fmt: skip


def counts(points: Sequence[float | None]) -> list[float | None]:
    """Counts by bucket: none is 0, for once, since a bucket without a row had nothing to count."""
    return [point or 0.0 for point in points]


def sparkline(points: Sequence[float | None], colour: str) -> str:
    """A course as an SVG image (data URI), from 0 at the bottom; gaps where nothing is known."""
    highest = max((point for point in points if point is not None), default=0) or 1
    step = WIDTH / max(len(points) - 1, 1)
    runs: list[list[str]] = [[]]
    for number, point in enumerate(points):
        if point is None:
            runs.append([])
        else:
            y = HEIGHT - 2 - point / highest * (HEIGHT - 4)
            runs[-1].append(f"{number * step:.1f},{y:.1f}")
    paths = "".join(_path(run, colour) for run in runs if run)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'preserveAspectRatio="none">{paths}</svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"


def _path(run: list[str], colour: str) -> str:
    first, last = run[0].partition(",")[0], run[-1].partition(",")[0]
    line = f"M{' L'.join(run)}" + (" h0.1" if len(run) == 1 else "")
    return (
        f'<path d="{line} L{last},{HEIGHT} L{first},{HEIGHT} Z" fill="{colour}" opacity="0.14"/>'
        f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="1.5" '
        'stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
    )


def _change(tile: Tile, before_words: str) -> Component:
    if tile.change is None:
        return html.Span("nothing to compare with")
    direction = tile.change.direction
    mood = {0: "", 1: "good", -1: "bad"}[direction * tile.judged]
    words = {1: "up", -1: "down", 0: "unchanged"}[direction]
    return html.Span(
        f"{ARROWS[direction]} {tile.change.words}",
        className=f"change {mood}",
        title=f"{words} {tile.change.words} against {before_words}",
    )


def _events(shot: Snapshot) -> Tile:
    points = counts(course(shot.answers["events"], shot.period, "events"))
    total = sum(row["events"] for row in shot.answers["events"])
    before = shot.only("events_before").get("events")
    return Tile("events", "Events", short(total), "events", exact(total, "events"),
                relative_change(total, before), points, VIOLET)  # fmt: skip


def _requests(shot: Snapshot) -> Tile:
    now, before = _calls(shot, "requests")
    failed = shot.only("calls_now").get("errors")
    return Tile("requests", "Requests", short(now), "model calls", exact(now, "model calls"),
                relative_change(now, before), counts(_course(shot, "requests")), BLUE,
                f"{short(failed)} failed" if failed else "")  # fmt: skip


def _tokens(shot: Snapshot) -> Tile:
    (sent, sent_before), (written, written_before) = (
        _calls(shot, f"{name}_tokens") for name in ("input", "output")
    )
    total, before = _sum(sent, written), _sum(sent_before, written_before)
    points = [
        _sum(a, b)
        for a, b in zip(_course(shot, "input_tokens"), _course(shot, "output_tokens"), strict=True)
    ]
    words = f"{exact(sent, 'tokens')} in, {exact(written, 'tokens')} out"
    return Tile("tokens", "Tokens", short(total), "tokens", words, relative_change(total, before),
                [None if point is None else float(point) for point in points], SKY,
                "" if total is None else f"{short(sent)} in, {short(written)} out")  # fmt: skip


def _cost(shot: Snapshot) -> Tile:
    now, before = _calls(shot, "cost_usd")
    return Tile("cost", "Known cost", short_usd(now), "USD", exact(now, "USD"),
                relative_change(now, before), _course(shot, "cost_usd"), GREEN,
                unpriced_words(shot.only("unpriced")))  # fmt: skip


def unpriced_words(row: object) -> str:
    """How many requests have no known price, and how many of these failed; "" if all have one."""
    found = row if isinstance(row, dict) else {}
    requests, failed = found.get("requests") or 0, found.get("errors") or 0
    if not requests:
        return ""
    words = f"{short(requests)} of unknown price"
    return f"{words}, all failed" if failed == requests else words


def _error_rate(shot: Snapshot) -> Tile:
    now, before = _calls(shot, "error_rate")
    calls = shot.only("calls_now")
    words = f"{exact(calls.get('errors'))} of {exact(calls.get('requests'))} model calls failed"
    return Tile("error-rate", "Error rate", percent(now), "of calls", words,
                point_change(now, before), _course(shot, "error_rate"), RED,
                judged=MORE_IS_WORSE)  # fmt: skip


def _latency(shot: Snapshot) -> Tile:
    now, before = _calls(shot, "latency_ms_p95")
    half = shot.only("calls_now").get("latency_ms_p50")
    return Tile("latency", "Latency p95", milliseconds(now), "ms", exact(now, "ms"),
                relative_change(now, before), _course(shot, "latency_ms_p95"), ORANGE,
                "" if half is None else f"p50 {milliseconds(half)} ms", MORE_IS_WORSE)  # fmt: skip


def _calls(shot: Snapshot, measure: str) -> tuple[Number | None, Number | None]:
    return shot.only("calls_now").get(measure), shot.only("calls_before").get(measure)


def _course(shot: Snapshot, measure: str) -> list[float | None]:
    return course(shot.answers["calls"], shot.period, measure)


def _sum(one: Number | None, other: Number | None) -> Number | None:
    """The sum of what is known; unknown if nothing is."""
    known = [value for value in (one, other) if value is not None]
    return sum(known) if known else None
