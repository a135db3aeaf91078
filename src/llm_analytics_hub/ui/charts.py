"""Snapshots drawn: plotly figures as plain dictionaries, without a theme, which comes last."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import escape

from llm_analytics_hub.ui.numbers import Number
from llm_analytics_hub.ui.period import Period
from llm_analytics_hub.ui.questions import Rows, drawn
from llm_analytics_hub.ui.snapshot import Snapshot
from llm_analytics_hub.ui.theme import BLUE, GREEN, ORANGE, OTHER, RED, SKY, TEAL, VIOLET, Figure

Values = Sequence[float | None]

BAR_SHARE = 0.86
"""How much of its bucket a bar fills."""


@dataclass(frozen=True)
class Chart:
    """A chart of the page; `shows` is its unit in words, before the size of the bucket."""

    name: str
    title: str
    shows: str
    draw: Callable[[Snapshot], Figure]

    def caption(self, period: Period) -> str:
        """Unit, bucket and range in words."""
        return f"{self.shows} per {period.step_words}, {period.words}"


@dataclass(frozen=True)
class Series:
    """A line or a layer of bars; `hover` formats its exact value (d3-format, then the unit)."""

    name: str
    values: Values
    colour: str
    hover: str
    dash: str = "solid"


def events_by_source(shot: Snapshot) -> Figure:
    """Events of any kind, stacked by source."""
    names = drawn(shot.answers["sources"], "source")
    totals = course(shot.answers["events"], shot.period, "events")
    layers = _layers(shot, shot.answers["events_by_source"], "source", names, "events", totals)
    return stacked_bars(shot.period, _coloured(layers, shot.source_colours, ",.0f", "events"), "events")


def requests_and_errors(shot: Snapshot) -> Figure:
    """Model calls, those that failed on top."""
    requests, errors = (course(shot.answers["calls"], shot.period, name) for name in ("requests", "errors"))
    layers = [
        Series("succeeded", minus(requests, errors), BLUE, "%{y:,.0f} requests"),
        Series("failed", errors, RED, "%{y:,.0f} requests"),
    ]
    return stacked_bars(shot.period, layers, "model calls")


def tokens(shot: Snapshot) -> Figure:
    """Tokens of model calls; the three layers add up to all tokens."""
    sent, cached, written = (
        course(shot.answers["calls"], shot.period, f"{name}_tokens")
        for name in ("input", "cached", "output")
    )
    layers = [
        Series("input, not cached", minus(sent, cached), BLUE, "%{y:,.0f} tokens"),
        Series("input, cached", cached, SKY, "%{y:,.0f} tokens"),
        Series("output", written, ORANGE, "%{y:,.0f} tokens"),
    ]
    return stacked_bars(shot.period, layers, "tokens")


def cost(shot: Snapshot) -> Figure:
    """Known cost of model calls, stacked by model or provider."""
    field = shot.scope.state.cost_by
    names = drawn(shot.answers["spenders"], field)
    totals = course(shot.answers["calls"], shot.period, "cost_usd")
    layers = _layers(shot, shot.answers["cost_by_name"], field, names, "cost_usd", totals)
    figure = stacked_bars(
        shot.period, _coloured(layers, shot.spender_colours, ",.4f", "USD"), "calls of known cost"
    )
    figure["layout"]["yaxis"] |= {"tickprefix": "$"}
    return figure


def error_rate(shot: Snapshot) -> Figure:
    """Failed model calls of all model calls, in per cent."""
    ratios = course(shot.answers["calls"], shot.period, "error_rate")
    values = [None if ratio is None else ratio * 100 for ratio in ratios]
    line = Series("error rate", values, RED, "%{y:.2f} %")
    figure = lines(shot.period, [line], "model calls")
    figure["layout"]["yaxis"] |= {"ticksuffix": " %"}
    for trace in figure["data"]:
        trace |= {"fill": "tozeroy", "fillcolor": f"{RED}22"}
    return figure


def latency(shot: Snapshot) -> Figure:
    """How long model calls take, in milliseconds."""
    styles = (("p50", TEAL, "solid"), ("p95", VIOLET, "solid"), ("p99", ORANGE, "dot"))
    found = [
        Series(level, course(shot.answers["calls"], shot.period, f"latency_ms_{level}"), colour,
               "%{y:,.0f} ms", dash)
        for level, colour, dash in styles
    ]  # fmt: skip
    figure = lines(shot.period, found, "model calls")
    figure["layout"]["yaxis"] |= {"ticksuffix": " ms", "tickformat": ",.0f"}
    return figure


CHARTS = (
    Chart("events", "Events by source", "Events", events_by_source),
    Chart("requests", "Requests and errors", "Model calls", requests_and_errors),
    Chart("tokens", "Tokens", "Tokens of model calls", tokens),
    Chart("cost", "Known cost", "USD of model calls", cost),
    Chart("error-rate", "Error rate", "Failed model calls in %", error_rate),
    Chart("latency", "Latency", "Milliseconds a model call takes: p50, p95, p99", latency),
)


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
    note = {"text": message, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    hidden = {"visible": False}
    return {"data": [], "layout": {"xaxis": hidden, "yaxis": hidden, "annotations": [note]}}


def label(name: str) -> str:
    """A name from the data as text: plotly would read markup in it."""
    return escape(name, quote=False) or "unknown"


def _layers(
    shot: Snapshot, rows: Rows, field: str, names: Iterable[str], measure: str, totals: Values
) -> list[tuple[str, Values]]:
    """A course for each name, and one for all others: what is missing from the totals."""
    layers: list[tuple[str, Values]] = []
    rest = totals
    for name in names:
        values = course([row for row in rows if row[field] == name], shot.period, measure)
        layers.append((name, values))
        rest = minus(rest, values)
    # Sums of money and their parts come as decimals: what is left of rounding is no series.
    if any(value and total and value > total * 1e-9 for value, total in zip(rest, totals, strict=True)):
        layers.append((OTHER, rest))
    return layers


def _coloured(
    layers: Iterable[tuple[str, Values]], colours: Mapping[str, str], form: str, unit: str
) -> list[Series]:
    hover = f"%{{y:{form}}} {unit}"
    return [Series(name, values, colours[name], hover) for name, values in layers]


def _trace(period: Period, series: Series) -> Figure:
    return {
        "name": label(series.name),
        "x": [period.local(bucket).isoformat() for bucket in period.buckets()],
        "y": list(series.values),
        "hovertemplate": f"{series.hover}",
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
            "nticks": 8,
        },
        "yaxis": {"rangemode": "tozero", "fixedrange": True, "exponentformat": "B", "nticks": 5},
        "legend": {"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "traceorder": "normal"},
        "showlegend": True,
        "uirevision": "same",
    }


def _has_values(found: Sequence[Series]) -> bool:
    return any(value for series in found for value in series.values) or any(
        value is not None for series in found for value in series.values
    )


def _has_lone_values(values: Values) -> bool:
    padded = [None, *values, None]
    around = zip(padded, padded[1:], padded[2:], strict=False)
    return any(b is not None and a is None and c is None for a, b, c in around)


def _plain(value: Number | None) -> float | None:
    return None if value is None else float(value)
