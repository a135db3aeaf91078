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
from llm_analytics_hub.ui.layout import caption_id, graph_id
from llm_analytics_hub.ui.period import zone_of
from llm_analytics_hub.ui.questions import Rows
from llm_analytics_hub.ui.snapshot import Overview, Snapshot
from llm_analytics_hub.ui.state import from_search, to_search
from llm_analytics_hub.ui.tables import health_list, incidents_table, models_table
from llm_analytics_hub.ui.theme import TEMPLATES
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
    **{graph_id(chart): Output(graph_id(chart), "figure") for chart in CHARTS},
    **{caption_id(chart): Output(caption_id(chart), "children") for chart in CHARTS},
}

log = structlog.get_logger(__name__)


def register_callbacks(app: Dash, overview: Overview, clock: Clock) -> None:
    """Make the page live."""
    _register_browser_side(app)
    _register_controls(app, clock)
    _register_refresh(app, overview)


def _register_browser_side(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("overview", "zone"), Output("zone", "data"), Input("url", "pathname")
    )
    app.clientside_callback(
        ClientsideFunction("overview", "viewer"), Output("viewer", "data"), Input("url", "search")
    )
    app.clientside_callback(
        ClientsideFunction("overview", "recolour"),
        *(Output(graph_id(chart), "figure", allow_duplicate=True) for chart in CHARTS),
        Input("scheme", "computedColorScheme"),
        State("templates", "data"),
        *(State(graph_id(chart), "figure") for chart in CHARTS),
        prevent_initial_call=True,
    )


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
            "scheme": State("scheme", "computedColorScheme"),
        },
        running=[(Output("busy", "className"), "busy on", "busy")],
        prevent_initial_call=True,
    )
    async def refresh(
        viewer: Mapping[str, str] | None, tick: int | None, scheme: str | None
    ) -> dict[str, Any]:
        del tick
        seen = viewer or {}
        try:
            shot = await overview.snapshot(from_search(seen.get("search")), zone_of(seen.get("zone")))
            return shown(shot, scheme or seen.get("scheme") or "light")
        except HubError as error:
            return not_shown(error.message, error.code)
        except Exception as error:
            log.exception("refresh failed")
            return not_shown(f"internal error: {type(error).__name__}", "internal")


def shown(shot: Snapshot, scheme: str) -> dict[str, Any]:
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
    for chart in CHARTS:
        figure = chart.draw(shot)
        figure["layout"]["template"] = TEMPLATES[scheme]
        parts[graph_id(chart)] = figure
        parts[caption_id(chart)] = chart.caption(shot.period)
    return parts


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
    return dmc.Alert(words, title=title, color="blue", variant="light", className="alert")


def _told(shot: Snapshot) -> str:
    period = shot.period
    zone = period.zone.key
    return (
        f"{period.words[0].upper()}{period.words[1:]}, as of {period.local(period.end):%d %b %Y %H:%M:%S}. "
        f"Times in {zone}. Changes are against the time of equal length before."
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
