"""Courses over time as plotly figures: plain dictionaries, without a theme, which comes last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from llm_analytics_hub.ui.numbers import Number
from llm_analytics_hub.ui.period import Period
from llm_analytics_hub.ui.questions import Rows
from llm_analytics_hub.ui.theme import Figure

Values = Sequence[float | None]

BAR_SHARE = 0.86
"""How much of its bucket a bar fills."""


@dataclass(frozen=True)
class Series:
    """A line or a layer of bars; `hover` formats its exact value (d3-format, then the unit)."""

    name: str
    values: Values
    colour: str
    hover: str
    dash: str = "solid"


def course(rows: Rows, period: Period, measure: str) -> list[float | None]:
    """A measure bucket by bucket; None where nothing is known."""
    found = {row["time"]: row[measure] for row in rows}
    return [_plain(found.get(f"{bucket:%Y-%m-%dT%H:%M:%SZ}")) for bucket in period.buckets()]


def minus(whole: Values, part: Values) -> list[float | None]:
    """`whole` without `part`, which counts as nothing where it is unknown."""
    pairs = zip(whole, part, strict=True)
    return [None if total is None else max(total - (some or 0), 0) for total, some in pairs]


def stacked_bars(period: Period, layers: Sequence[Series], what: str) -> Figure:
    """Bars over time, one on the other; `what` is missing where there is none."""
    if not _has_values(layers):
        return empty(f"No {what} in this time")
    step_ms = period.step / timedelta(milliseconds=1)
    placed = {"offset": step_ms * (1 - BAR_SHARE) / 2, "width": step_ms * BAR_SHARE}
    bars = [
        {"type": "bar", "marker": {"color": layer.colour, "line": {"width": 0}}, **placed}
        | _trace(period, layer)
        for layer in layers
    ]
    return {"data": bars, "layout": _layout(period) | {"barmode": "stack"}}


def lines(period: Period, found: Sequence[Series], what: str) -> Figure:
    """Lines over time, broken where nothing is known."""
    if not _has_values(found):
        return empty(f"No {what} in this time")
    traces = [
        {
            "type": "scatter",
            # A value between two unknown ones has no line: it needs a mark.
            "mode": "lines+markers" if _has_lone_values(series.values) else "lines",
            "marker": {"size": 4, "color": series.colour},
            "line": {"color": series.colour, "width": 1.75, "dash": series.dash},
            "connectgaps": False,
        }
        | _trace(period, series)
        for series in found
    ]
    return {"data": traces, "layout": _layout(period)}


def empty(message: str) -> Figure:
    """No chart but the reason why there is none."""
    note = {
        "text": message,
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
    }
    hidden = {"visible": False}
    return {"data": [], "layout": {"xaxis": hidden, "yaxis": hidden, "annotations": [note]}}


def legend(figure: Figure) -> list[tuple[str, str]]:
    """The names and colours of a figure's series, in order."""
    return [(trace["meta"]["name"], trace["meta"]["colour"]) for trace in figure["data"]]


def label(name: str) -> str:
    """A name from the data as text: plotly would read markup in it."""
    return escape(name, quote=False) or "unknown"


def _trace(period: Period, series: Series) -> Figure:
    return {
        "name": label(series.name),
        "x": [period.local(bucket).isoformat() for bucket in period.buckets()],
        "y": list(series.values),
        "hovertemplate": series.hover,
        "meta": {"name": series.name or "unknown", "colour": series.colour},
    }


def _layout(period: Period) -> Figure:
    first = next(period.buckets())
    return {
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hovermode": "x unified",
        "dragmode": False,
        "xaxis": {
            "type": "date",
            "range": [period.local(first).isoformat(), period.local(period.end).isoformat()],
            "fixedrange": True,
            "hoverformat": "%a %d %b %H:%M",
            "tickformat": "%d %b" if period.granularity in ("hour", "day") else "%H:%M",
            "nticks": 7,
        },
        "yaxis": {"rangemode": "tozero", "fixedrange": True, "exponentformat": "B", "nticks": 5},
        "showlegend": False,
        "uirevision": "same",
    }


def _has_values(found: Sequence[Series]) -> bool:
    return any(value is not None for series in found for value in series.values)


def _has_lone_values(values: Values) -> bool:
    padded = [None, *values, None]
    around = zip(padded, padded[1:], padded[2:], strict=False)
    return any(b is not None and a is None and c is None for a, b, c in around)


def _plain(value: Number | None) -> float | None:
    return None if value is None else float(value)
