"""What happens on the page: the URL holds the state, one callback refreshes everything."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
import structlog
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import HubError
from llm_analytics_hub.ui.charts import CHARTS
from llm_analytics_hub.ui.controls import controls_of, state_of
from llm_analytics_hub.ui.drawing import legend
from llm_analytics_hub.ui.layout import caption_id, graph_id, legend_id
from llm_analytics_hub.ui.period import zone_of
from llm_analytics_hub.ui.questions import Rows
from llm_analytics_hub.ui.snapshot import Overview, Snapshot
from llm_analytics_hub.ui.state import from_search, to_search
from llm_analytics_hub.ui.tables import health_list, incidents_table, models_table
from llm_analytics_hub.ui.tiles import tiles_of, to_component

CONTROLS = ("range", "from", "to", "refresh", "tenant", "source", "model", "environment", "cost-by")
OPTIONS = ("tenant", "source", "model", "environment")
SHOWN = {
    "page": Output("page", "className"),
    "banner": Output("banner", "children"),
    "told": Output("told", "children"),
    "tiles": Output("tiles", "children"),
    "models": Output("models", "children"),
    "incidents": Output("incidents", "children"),
    "health": Output("health", "children"),
    **{f"{name}-options": Output(name, "data") for name in OPTIONS},
    "figures": Output("figures", "data"),
    **{legend_id(chart): Output(legend_id(chart), "children") for chart in CHARTS},
    **{caption_id(chart): Output(caption_id(chart), "children") for chart in CHARTS},
}

log = structlog.get_logger(__name__)


def register_callbacks(app: Dash, overview: Overview, clock: Clock) -> None:
    """Make the page live."""
    _register_browser_side(app)
    _register_controls(app, clock)
    _register_refresh(app, overview)


def _register_browser_side(app: Dash) -> None:
    _in_browser(app, "zone", Output("zone", "data"), Input("url", "pathname"))
    _in_browser(app, "viewer", Output("viewer", "data"), Input("url", "search"))
    _in_browser(
        app,
        "draw",
        *(Output(graph_id(chart), "figure") for chart in CHARTS),
        Input("figures", "data"),
        Input("scheme", "computedColorScheme"),
        State("templates", "data"),
    )


def _in_browser(app: Dash, function: str, *wires: Output | Input | State) -> None:
    """Let a function of assets/overview.js make the outputs of the inputs."""
    app.clientside_callback(ClientsideFunction("overview", function), *wires)  # type: ignore[no-untyped-call]


def _register_controls(app: Dash, clock: Clock) -> None:
    @app.callback(
        output={
            "search": Output("url", "search"),
            "values": {name: Output(name, "value") for name in CONTROLS},
            "hidden": Output("custom", "hidden"),
            "tick": [Output("tick", "interval"), Output("tick", "disabled")],
        },
        inputs={
            "search": Input("url", "search"),
            "zone": Input("zone", "data"),
            "values": {name: Input(name, "value") for name in CONTROLS},
        },
    )
    def follow(search: str | None, zone: str | None, values: Mapping[str, Any]) -> dict[str, Any]:
        state = from_search(search)
        written: Any = no_update
        if ctx.triggered_id in CONTROLS:
            state = state_of(values, state, clock.now(), zone_of(zone))
            written = to_search(state)
        return {
            "search": no_update if written == (search or "") else written,
            "values": controls_of(state, zone_of(zone)),
            "hidden": state.between is None,
            # An interval of 0 would never rest, even where it is disabled.
            "tick": [max(state.refresh_seconds, 1) * 1000, state.refresh_seconds == 0],
        }


def _register_refresh(app: Dash, overview: Overview) -> None:
    @app.callback(
        output=SHOWN,
        inputs={
            "viewer": Input("viewer", "data"),
            "tick": Input("tick", "n_intervals"),
        },
        running=[
            (Output("busy", "className"), "busy on", "busy"),
            # No tick while an answer is awaited: the browser drops an answer that a newer question
            # overtakes, and a hub slower than the ticks would never show anything.
            (Output("tick", "max_intervals"), 0, -1),
        ],
        prevent_initial_call=True,
    )
    async def refresh(viewer: Mapping[str, str] | None, tick: int | None) -> dict[str, Any]:
        del tick
        seen = viewer or {}
        try:
            shot = await overview.snapshot(
                from_search(seen.get("search")), zone_of(seen.get("zone"))
            )
            return shown(shot)
        except HubError as error:
            return not_shown(error.message, error.code)
        except Exception as error:
            log.exception("refresh failed")
            return not_shown(f"internal error: {type(error).__name__}", "internal")


def shown(shot: Snapshot) -> dict[str, Any]:
    """Everything the page shows of a snapshot, by the names of `SHOWN`."""
    before = f"the time of equal length before ({shot.period.words})"
    parts: dict[str, Any] = {
        "page": "page",
        "banner": _welcome(shot),
        "told": _told(shot),
        "tiles": [to_component(tile, before) for tile in tiles_of(shot)],
        "models": models_table(shot),
        "incidents": incidents_table(shot),
        "health": health_list(shot),
        **_options(shot),
    }
    figures = [chart.draw(shot) for chart in CHARTS]
    for chart, figure in zip(CHARTS, figures, strict=True):
        parts[caption_id(chart)] = chart.caption(shot.period)
        parts[legend_id(chart)] = [_key(name, colour) for name, colour in legend(figure)]
    return parts | {"figures": figures}


def not_shown(message: str, code: str) -> dict[str, Any]:
    """An error instead of new numbers; those that were shown stay, marked as old."""
    alert = dmc.Alert(
        [html.Span(message), html.Code(code)], title="The numbers could not be read",
        color="red", variant="light", className="alert",
    )  # fmt: skip
    return {**dict.fromkeys(SHOWN, no_update), "page": "page failed", "banner": alert}


def _welcome(shot: Snapshot) -> Component | None:
    if any(row["events"] for row in shot.answers["events"]):
        return None
    if shot.scope.state.picked:
        words: list[Any] = ["No event passes these filters in this time."]
    else:
        words = ["Send some to ", html.Code("POST /api/v1/events"), ", play a week with ",
                 html.Code("analytics-hub demo"), ", or choose a longer time."]  # fmt: skip
    title = f"No events of tenant {shot.scope.state.tenant}: {shot.period.words}"
    alert: Component = dmc.Alert(
        words, title=title, color="blue", variant="light", className="alert hint"
    )
    return alert


def _key(name: str, colour: str) -> Component:
    return html.Li([html.Span(className="dot", style={"background": colour}), name])


def _told(shot: Snapshot) -> str:
    period = shot.period
    start, end = (f"{period.local(at):%d %b %Y %H:%M:%S}" for at in (period.start, period.end))
    return (
        f"{start} to {end}. Times in {period.zone.key}. "
        "Changes are against the time of equal length before."
    )


def _options(shot: Snapshot) -> dict[str, list[str]]:
    state = shot.scope.state
    return {
        "tenant-options": list(shot.tenants),
        "source-options": _choices(shot.answers["source_options"], "source", state.sources),
        "model-options": _choices(shot.answers["model_options"], "model", state.models),
        "environment-options": _choices(
            shot.answers["environment_options"], "environment", state.environments
        ),
    }


def _choices(rows: Rows, field: str, picked: tuple[str, ...]) -> list[str]:
    """What can be picked: what the data has, and what is picked already."""
    return sorted({row[field] for row in rows if row[field]} | set(picked))
