"""The page as it stands before the first answer: header, tiles, charts, tables."""

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from llm_analytics_hub.ui.charts import CHARTS, Chart
from llm_analytics_hub.ui.controls import controls_of
from llm_analytics_hub.ui.period import zone_of
from llm_analytics_hub.ui.state import COST_CUTS, CUSTOM, DEFAULT, RANGES, REFRESH_SECONDS
from llm_analytics_hub.ui.theme import TEMPLATES

TILES = 6
REFRESH_WORDS = {0: "off", 5: "5 s", 30: "30 s", 60: "1 min"}
START = controls_of(DEFAULT, zone_of("UTC"))
DARK = ("#cfd6e1", "#a3aebe", "#8b97a8", "#5d6878", "#3a4452",
        "#2c3440", "#232a34", "#1a1f27", "#14181f", "#0f1318")  # fmt: skip
THEME = {"defaultRadius": "md", "fontFamily": "var(--page-font)", "colors": {"dark": list(DARK)}}


def page() -> Component:
    """The whole page."""
    whole: Component = dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="zone"),
            dcc.Store(id="viewer"),
            dcc.Store(id="figures"),
            dcc.Store(id="templates", data=TEMPLATES),
            dcc.Interval(id="tick", interval=DEFAULT.refresh_seconds * 1000),
            html.Div(id="busy", className="busy"),
            html.A("Skip to the numbers", href="#numbers", className="skip"),
            html.Div([_header(), _main()], id="page", className="page loading"),
        ],
        theme=THEME,
        defaultColorScheme="auto",
    )
    return whole


def graph_id(chart: Chart) -> str:
    """The id of a chart's graph."""
    return f"{chart.name}-chart"


def caption_id(chart: Chart) -> str:
    """The id of the line under a chart's title."""
    return f"{chart.name}-caption"


def legend_id(chart: Chart) -> str:
    """The id of the list of a chart's series."""
    return f"{chart.name}-legend"


def _header() -> Component:
    return html.Header(
        [
            html.Div(
                [
                    html.H1([html.Span(className="mark"), "LLM Analytics Hub"], className="brand"),
                    _range_control(),
                    _refresh_control(),
                    _scheme_control(),
                ],
                className="bar",
            ),
            html.Div(
                [_tenant_control(), *map(_filter_control, ("source", "model", "environment"))],
                className="filters",
            ),
            html.Div([_moment_control("from"), _moment_control("to")], id="custom", hidden=True),
        ],
        className="top",
    )


def _main() -> Component:
    return html.Main(
        [
            html.Div(id="banner", role="status"),
            html.P(id="told", className="told"),
            html.Div([_waiting_tile() for _ in range(TILES)], id="tiles", className="tiles"),
            html.Div([_chart_panel(chart) for chart in CHARTS], className="charts"),
            html.Div(
                [
                    _panel("Top models by cost", "models", "wide"),
                    _panel("Ingest health", "health"),
                ],
                className="charts",
            ),
            _panel("Latest security and policy events", "incidents"),
        ],
        id="numbers",
        tabIndex=-1,
    )


def _range_control() -> Component:
    names = {**{name: name for name in RANGES}, CUSTOM: "custom"}
    options = [{"value": value, "label": label} for value, label in names.items()]
    control = dmc.SegmentedControl(id="range", data=options, value=START["range"], size="xs")
    return html.Div(control, role="group", **_named("Time range"), className="range")


def _refresh_control() -> Component:
    options = [
        {"value": str(seconds), "label": f"Refresh {REFRESH_WORDS[seconds]}"}
        for seconds in REFRESH_SECONDS
    ]
    control: Component = dmc.Select(
        id="refresh", data=options, value=START["refresh"], size="xs", allowDeselect=False,
        className="refresh", **_named("Refresh interval"),
    )  # fmt: skip
    return control


def _scheme_control() -> Component:
    control: Component = dmc.ColorSchemeToggle(
        id="scheme", lightIcon=html.Span(className="icon moon"),
        darkIcon=html.Span(className="icon sun"), variant="default", size="30px",
        **_named("Switch between light and dark"),
    )  # fmt: skip
    return control


def _tenant_control() -> Component:
    # Free text: a tenant that has sent nothing since the start is not among the options.
    control: Component = dmc.Autocomplete(
        id="tenant", label="Tenant", value=START["tenant"], data=[START["tenant"]], size="xs",
        debounce=True,
    )  # fmt: skip
    return control


def _filter_control(field: str) -> Component:
    control: Component = dmc.MultiSelect(
        id=field, label=field.capitalize(), data=[], value=[], size="xs", searchable=True,
        clearable=True, placeholder="all", nothingFoundMessage="none in this time",
    )  # fmt: skip
    return control


def _moment_control(which: str) -> Component:
    control: Component = dmc.DateTimePicker(
        id=which, label=which.capitalize(), size="xs", valueFormat="DD MMM YYYY HH:mm",
    )  # fmt: skip
    return control


def _chart_panel(chart: Chart) -> Component:
    graph = dcc.Graph(
        id=graph_id(chart),
        figure={"data": [], "layout": {"xaxis": {"visible": False}, "yaxis": {"visible": False}}},
        config={"displayModeBar": False, "displaylogo": False, "responsive": True},
        className="graph",
        style={"height": "210px"},
    )
    title = html.H2(chart.title, className="panel-title")
    head = html.Div([title, *_cost_control(chart)], className="panel-head")
    caption = html.P(id=caption_id(chart), className="caption")
    legend = html.Ul(id=legend_id(chart), className="legend")
    return html.Section(
        [head, caption, graph, legend], className="panel chart", **_named(chart.title)
    )


def _cost_control(chart: Chart) -> list[Component]:
    if chart.name != "cost":
        return []
    options = [{"value": cut, "label": f"by {cut}"} for cut in COST_CUTS]
    control = dmc.SegmentedControl(id="cost-by", data=options, value=START["cost-by"], size="xs")
    return [html.Div(control, role="group", **_named("Cost by"))]


def _panel(title: str, name: str, extra: str = "") -> Component:
    body = html.Div(id=name, className="body")
    heading = html.H2(title, className="panel-title")
    return html.Section([heading, body], className=f"panel {extra}", **_named(title))


def _waiting_tile() -> Component:
    return html.Div(
        [html.Span(className="bone"), html.Span(className="bone big")], className="tile panel"
    )


def _named(name: str) -> dict[str, Any]:
    """The name a screen reader says."""
    return {"aria-label": name}
