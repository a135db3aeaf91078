"""`analytics-hub query` and `analytics-hub catalog`: ask a hub, and what can be asked."""

import json
import sys
from decimal import Decimal
from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import (
    ListForm,
    TextForm,
    answer_csv,
    answer_table,
    console,
    table_of,
)
from llm_analytics_hub.cli.question import to_time_range
from llm_analytics_hub.cli.target import (
    DEFAULT_URL,
    StoreConfig,
    StoreDir,
    Target,
    Tenant,
    Url,
    connected,
)
from llm_analytics_hub.query.words import to_condition, to_having, to_order, to_top

Measures = Annotated[
    list[str],
    typer.Option("--measure", "-m", help="What to measure; several may be given. See `catalog`."),
]
Dimensions = Annotated[
    list[str] | None,
    typer.Option("--by", "-b", help="One row per value of this field; several may be given."),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        "-w",
        help="Only events with field=value, or != > >= < <= ~ (contains) ^= (prefix), 'field in a,b', 'field exists'. All must hold.",
    ),
]
Last = Annotated[str | None, typer.Option(help="Time range up to now: 15m, 24h, 7d, 4w.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from", help="Start of the time range, included: 2025-11-01, 2025-11-01T10:00Z."
    ),
]
To = Annotated[str | None, typer.Option("--to", help="End of the time range, excluded.")]
Granularity = Annotated[
    str | None, typer.Option(help="One row per minute, 5m, 15m, hour, day, week or month.")
]
TimeZone = Annotated[str, typer.Option(help="Whose days and hours, such as Europe/Berlin.")]
OrderBy = Annotated[
    list[str] | None, typer.Option(help="Column to sort by; column:desc for the largest first.")
]
Period = Annotated[
    str | None,
    typer.Option(help="Time range of the calendar: today, yesterday, this_month, last_month …"),
]
Having = Annotated[
    list[str] | None, typer.Option(help="Only rows with 'measure>number' and the like.")
]
Top = Annotated[
    str | None,
    typer.Option(help="Keep 5 values of a field apart, all others in one row: model:5:cost_usd."),
]
Compare = Annotated[
    str | None,
    typer.Option(help="Beside it the previous_period, _day, _week, _month or _year."),
]
FillGaps = Annotated[bool, typer.Option("--fill-gaps", help="A row for every bucket of time.")]
Explain = Annotated[
    bool, typer.Option("--explain", help="Do not ask: show what would be read, and how.")
]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="Most rows.")]


def query(
    measure: Measures,
    by: Dimensions = None,
    where: Where = None,
    last: Last = None,
    start: From = None,
    end: To = None,
    period: Period = None,
    granularity: Granularity = None,
    time_zone: TimeZone = "UTC",
    order_by: OrderBy = None,
    limit: Limit = 1000,
    having: Having = None,
    top: Top = None,
    compare: Compare = None,
    fill_gaps: FillGaps = False,
    explain: Explain = False,
    form: Annotated[
        TextForm, typer.Option("--format", help="json: as the hub answered; csv: exact values.")
    ] = TextForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Ask a question about events: measures in a time range, by dimensions.

    Unknown is shown as - (json: null), never as 0.

    **Examples**

        analytics-hub query --measure requests --measure cost_usd --by model --last 7d
        analytics-hub query -m latency_ms_p95 -b provider --where status=ok --last 24h --granularity hour
        analytics-hub query -m events -b source --where 'latency_ms>=500' --from 2025-11-01 --to 2025-12-01
        analytics-hub query -m cost_usd -b model --top model:5 --compare previous_month --period last_month
        analytics-hub query -m cost_usd -b attributes.team --order-by cost_usd:desc --limit 10 --last 4w --format csv
    """
    with told(), connected(Target(url, tenant, data_dir, config)) as hub:
        question = {
            "measures": measure,
            "dimensions": by or [],
            "filters": [to_condition(text) for text in where or []],
            "time_range": to_time_range(last, start, end, period),
            "granularity": granularity,
            "time_zone": time_zone,
            "order_by": [to_order(text) for text in order_by or []],
            "limit": limit,
            "having": [to_having(text) for text in having or []],
            "top": to_top(top) if top else None,
            "compare": compare,
            "fill_gaps": fill_gaps,
        }
        if explain:
            sys.stdout.write(hub.explain(question).decode() + "\n")
            return
        show(hub.ask(question), form, time_zone)


def show(text: bytes, form: TextForm, time_zone: str) -> None:
    """Write an answer to stdout."""
    if form is TextForm.JSON:
        sys.stdout.write(text.decode() + "\n")
        return
    answer: dict[str, Any] = json.loads(text, parse_float=Decimal)
    if form is TextForm.CSV:
        sys.stdout.write(answer_csv(answer))
        return
    if not answer["rows"]:
        console().print("no events match: none in this time range pass the filters")
        return
    console().print(answer_table(answer, time_zone))
    if answer["meta"].get("has_more"):
        console(stderr=True).print(
            f"the first {len(answer['rows']):,} rows; there are more: --limit", style="dim"
        )


def catalog(
    form: Annotated[ListForm, typer.Option("--format")] = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List what can be asked: measures with unit and meaning, dimensions, granularities.

    **Examples**

        analytics-hub catalog
        analytics-hub catalog --format json
    """
    with told(), connected(Target(url, tenant, data_dir, config)) as hub:
        text = hub.catalog()
    if form is ListForm.JSON:
        sys.stdout.write(text.decode() + "\n")
        return
    found = json.loads(text)
    rows = [[m["name"], m["unit"] or "", m["means"]] for m in found["measures"]]
    out = console()
    out.print(table_of(["measure", "unit", "meaning"], rows))
    out.print()
    out.print("dimensions: ", ", ".join(found["dimensions"]), sep="", markup=False)
    out.print("granularities: ", ", ".join(found["granularities"]), sep="", markup=False)
