"""The six charts of the page, drawn from a snapshot."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from llm_analytics_hub.ui.drawing import Series, Values, course, lines, minus, stacked_bars
from llm_analytics_hub.ui.period import Period
from llm_analytics_hub.ui.questions import Rows, drawn
from llm_analytics_hub.ui.snapshot import Snapshot
from llm_analytics_hub.ui.theme import BLUE, ORANGE, OTHER, RED, SKY, TEAL, VIOLET, Figure


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


def events_by_source(shot: Snapshot) -> Figure:
    """Events of any kind, stacked by source."""
    names = drawn(shot.answers["sources"], "source")
    totals = course(shot.answers["events"], shot.period, "events")
    layers = _layers(shot, shot.answers["events_by_source"], "source", names, "events", totals)
    return stacked_bars(
        shot.period, _coloured(layers, shot.source_colours, ",.0f", "events"), "events"
    )


def requests_and_errors(shot: Snapshot) -> Figure:
    """Model calls, those that failed on top."""
    requests, errors = (
        course(shot.answers["calls"], shot.period, name) for name in ("requests", "errors")
    )
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
    Chart("latency", "Latency", "Model call duration in ms", latency),
)


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
    if any(
        value and total and value > total * 1e-9 for value, total in zip(rest, totals, strict=True)
    ):
        layers.append((OTHER, rest))
    return layers


def _coloured(
    layers: Iterable[tuple[str, Values]], colours: Mapping[str, str], form: str, unit: str
) -> list[Series]:
    hover = f"%{{y:{form}}} {unit}"
    return [Series(name, values, colours[name], hover) for name, values in layers]
