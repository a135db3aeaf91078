"""What is read line by line: models by cost, incidents, and how ingest is doing."""

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from llm_analytics_hub.ui.numbers import UNKNOWN, exact, milliseconds, percent, short, short_usd
from llm_analytics_hub.ui.period import Period, to_iso
from llm_analytics_hub.ui.questions import Row
from llm_analytics_hub.ui.snapshot import Snapshot

Cell = Component | str


def models_table(shot: Snapshot) -> Component:
    """Models with what they did, the most expensive first."""
    rows = shot.answers["models"]
    if not rows:
        return nothing("No model calls in this time")
    most = max(float(row["cost_usd"] or 0) for row in rows)
    heads = ["Model", "Cost, USD", "Requests", "Tokens in", "Tokens out", "p95, ms", "Error rate"]
    return _table(
        "Top models by cost", heads, [_model_cells(shot, row, most) for row in rows], numbers_from=1
    )


def incidents_table(shot: Snapshot) -> Component:
    """The newest security events and stopped decisions, newest first."""
    if not shot.incidents:
        return nothing("No security or policy events in this time: all quiet")
    heads = ["Time", "Severity", "Source", "Type", "Outcome", "Model or service", "Policy"]
    rows = [_incident_cells(shot.period, row) for row in shot.incidents]
    return _table("Latest security and policy events", heads, rows)


def health_list(shot: Snapshot) -> Component:
    """Rate, repeats, refusals, lags and waiting rows of ingest."""
    health = shot.health
    rate = (shot.only("last_minute").get("events") or 0) / 60
    facts = [
        _fact(
            "Rate now", f"{rate:,.1f}", "events/s", "events of the last minute, by their own time"
        ),
        _fact(
            "Accepted",
            short(health.accepted),
            "events",
            exact(health.accepted, "events since start"),
        ),
        _fact(
            "Duplicates",
            short(health.duplicates),
            "dropped",
            exact(health.duplicates, "events since start"),
        ),
        _fact(
            "Waiting",
            short(health.waiting_rows),
            "rows",
            "in the commit log, safe, not in the tables yet",
        ),
    ]
    refused = [(code, short(count)) for code, count in sorted(health.refused.items()) if count]
    lags = [
        (source or "unknown", _seconds(lag)) for source, lag in sorted(health.lag_seconds.items())
    ]
    lists = [
        _pairs("Lag of the newest event, by source", lags, "Nothing received since the start"),
        _pairs("Refused, by reason", refused, "Nothing refused since the start"),
    ]
    return html.Div([html.Dl(facts, className="facts"), html.Div(lists, className="health-lists")])


def nothing(words: str) -> Component:
    """What stands where there is nothing to list."""
    return html.P(words, className="nothing")


def severity_badge(severity: str | None) -> Component:
    """The severity as a word on its colour."""
    name = severity or "unknown"
    return html.Span(name, className=f"severity severity-{name}")


def _model_cells(shot: Snapshot, row: Row, most: float) -> list[Cell]:
    colour = shot.spender_colours[row["model"]]
    cost = row["cost_usd"]
    share = float(cost) / most * 100 if cost and most else 0
    bar = {"background": f"linear-gradient(to left, {colour}38 {share:.1f}%, transparent 0)"}
    return [
        html.Span(
            [html.Span(className="dot", style={"background": colour}), row["model"] or "unknown"],
            className="named",
        ),
        html.Span(short_usd(cost), title=exact(cost, "USD"), className="bar-cell", style=bar),
        html.Span(short(row["requests"]), title=exact(row["requests"], "model calls")),
        html.Span(short(row["input_tokens"]), title=exact(row["input_tokens"], "tokens")),
        html.Span(short(row["output_tokens"]), title=exact(row["output_tokens"], "tokens")),
        html.Span(milliseconds(row["latency_ms_p95"]), title=exact(row["latency_ms_p95"], "ms")),
        html.Span(percent(row["error_rate"])),
    ]


def _incident_cells(period: Period, row: Row) -> list[Cell]:
    at = row["occurred_at"]
    return [
        html.Time(f"{period.local(at):%d %b %H:%M:%S}", dateTime=to_iso(at), title=to_iso(at)),
        severity_badge(row["severity"]),
        row["source"] or UNKNOWN,
        html.Code(row["event_type"]),
        row["status"] or UNKNOWN,
        row["model"] or row["service"] or UNKNOWN,
        row["policy_id"] or UNKNOWN,
    ]


def _table(
    name: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]], numbers_from: int | None = None
) -> Component:
    def align(column: int) -> str:
        return "number" if numbers_from is not None and column >= numbers_from else "text"

    head = [html.Th(text, scope="col", className=align(at)) for at, text in enumerate(heads)]
    body = [
        html.Tr([html.Td(cell, className=align(at)) for at, cell in enumerate(cells)])
        for cells in rows
    ]
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(body)])
    # It scrolls sideways on a phone, so it must be reachable by keyboard.
    reachable: dict[str, Any] = {"tabIndex": 0, "role": "region", "aria-label": name}
    return html.Div(table, className="scroll", **reachable)


def _fact(name: str, value: str, unit: str, title: str) -> Component:
    number = [html.Span(value, className="fact-value"), html.Span(unit, className="fact-unit")]
    return html.Div([html.Dt(name), html.Dd(number)], title=title)


def _pairs(title: str, rows: Sequence[tuple[str, str]], otherwise: str) -> Component:
    items = [html.Li([html.Span(name), html.Span(value)]) for name, value in rows]
    inside = html.Ul(items, className="pairs") if items else nothing(otherwise)
    return html.Div([html.H3(title), inside])


def _seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:,.0f} h"
