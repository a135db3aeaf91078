"""`analytics-hub sql`: ask a hub in SQL."""

import json
import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import TextForm, answer_csv, answer_table, console
from llm_analytics_hub.cli.target import (
    DEFAULT_URL,
    StoreConfig,
    StoreDir,
    Target,
    Tenant,
    Url,
    connected,
)
from llm_analytics_hub.errors import InvalidQueryError

Statement = Annotated[str, typer.Argument(help="A SELECT; - reads it from standard input.")]
Arg = Annotated[
    list[str] | None,
    typer.Option("--arg", "-a", help="name=value of a {name:Type}; several may be given."),
]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="Most rows.")]


def sql(
    statement: Statement,
    arg: Arg = None,
    limit: Limit = 1000,
    form: Annotated[
        TextForm, typer.Option("--format", help="json: as the hub answered; csv: exact values.")
    ] = TextForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Ask in SQL: SELECT on events, assets, metrics, rollup_5m and rollup_day of your tenant.

    It is ClickHouse's SQL, read-only. Unknown text is '', unknown numbers are NULL.

    **Examples**

        analytics-hub sql "SELECT model, count() AS calls FROM events WHERE occurred_at >= now() - INTERVAL 7 DAY GROUP BY model"
        analytics-hub sql "SELECT count() FROM events WHERE model = {model:String}" --arg model=gpt-4o
        analytics-hub sql "SELECT bucket, sum(cost_usd) AS cost FROM rollup_day GROUP BY bucket ORDER BY bucket" --format csv
        analytics-hub sql - --data-dir hub-data < report.sql
    """
    with told(), connected(Target(url, tenant, data_dir, config)) as hub:
        text = sys.stdin.read() if statement == "-" else statement
        show(hub.sql(text, to_args(arg or []), limit), form)


def to_args(texts: Sequence[str]) -> dict[str, str]:
    """`name=value` texts as values by name. Raises: InvalidQueryError."""
    pairs = [text.partition("=") for text in texts]
    if any(not (name and sign) for name, sign, _ in pairs):
        raise InvalidQueryError("--arg: write name=value")
    return {name: value for name, _, value in pairs}


def show(text: bytes, form: TextForm) -> None:
    """Write an answer to stdout."""
    if form is TextForm.JSON:
        sys.stdout.write(text.decode() + "\n")
        return
    answer: dict[str, Any] = json.loads(text, parse_float=Decimal)
    if form is TextForm.CSV:
        sys.stdout.write(answer_csv(answer))
    elif answer["rows"]:
        console().print(answer_table(answer, "UTC"))
    else:
        console().print("no rows")
    if answer["meta"]["truncated"]:
        count = len(answer["rows"])
        console(stderr=True).print(
            f"the first {count:,} rows; there are more: --limit", style="dim"
        )
