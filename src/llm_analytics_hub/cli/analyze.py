"""`analytics-hub analyze`: anomalies, trends, forecasts and correlations of a measure over time."""

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import TextForm, answer_csv, answer_table, console
from llm_analytics_hub.cli.query import Dimensions, From, Last, Measures, TimeZone, To, Where
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
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.words import to_condition


class Method(StrEnum):
    """How a series is looked at."""

    ANOMALIES = "anomalies"
    TREND = "trend"
    FORECAST = "forecast"
    CORRELATION = "correlation"


class Side(StrEnum):
    """Which anomalies are looked for."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


def analyze(
    method: Annotated[Method, typer.Argument(help="How the series is looked at.")],
    measure: Measures,
    by: Dimensions = None,
    where: Where = None,
    last: Last = None,
    start: From = None,
    end: To = None,
    granularity: Annotated[
        str, typer.Option(help="One point per minute, 5m, 15m, hour, day, week or month.")
    ] = "day",
    time_zone: TimeZone = "UTC",
    threshold: Annotated[
        float | None, typer.Option(help="anomalies: robust standard deviations; 3.5.")
    ] = None,
    direction: Annotated[Side | None, typer.Option(help="anomalies: to which side.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="anomalies: the points that are as usual, too.")
    ] = False,
    confidence: Annotated[
        float | None, typer.Option(help="trend, forecast: of the interval; 0.95.")
    ] = None,
    horizon: Annotated[
        int | None, typer.Option(help="forecast: buckets ahead; a season, or 24.")
    ] = None,
    until_total: Annotated[
        float | None, typer.Option(help="forecast: when does the sum of the range reach this?")
    ] = None,
    until_level: Annotated[
        float | None, typer.Option(help="forecast: when does a bucket reach this?")
    ] = None,
    lags: Annotated[int | None, typer.Option(help="correlation: buckets either way; 12.")] = None,
    against: Annotated[
        list[str] | None,
        typer.Option(help="correlation of one measure: what the second series is filtered by."),
    ] = None,
    form: Annotated[
        TextForm, typer.Option("--format", help="json: as the hub answered; csv: exact values.")
    ] = TextForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Find anomalies, trends, what comes next, or what moves together. See docs/analysis.md.

    **Examples**

        analytics-hub analyze anomalies --measure cost_usd --last 30d --by model
        analytics-hub analyze trend -m latency_ms_p95 --last 14d --granularity hour --where status=ok
        analytics-hub analyze forecast -m cost_usd --from 2025-11-01 --to 2025-12-01 --until-total 5000
        analytics-hub analyze correlation -m requests -m latency_ms_p95 --last 7d --granularity hour
    """
    with told(), connected(Target(url, tenant, data_dir, config)) as hub:
        sure = "interval" if method is Method.FORECAST else "confidence"
        options = {
            "threshold": threshold,
            "direction": direction,
            "only_anomalies": True if method is Method.ANOMALIES and not every else None,
            sure: confidence,
            "horizon": horizon,
            "until": _until(until_total, until_level),
            "lags": lags,
            "against": [to_condition(text) for text in against] if against else None,
        }
        question = {
            "measures": measure,
            "dimensions": by or [],
            "filters": [to_condition(text) for text in where or []],
            "time_range": to_time_range(last, start, end),
            "granularity": granularity,
            "time_zone": time_zone,
        }
        given = {name: value for name, value in options.items() if value is not None}
        _show(hub.analyze({"method": method, "query": question, "options": given}), form, time_zone)


def _until(total: float | None, level: float | None) -> dict[str, float] | None:
    if total is not None and level is not None:
        raise InvalidQueryError("either --until-total or --until-level")
    if total is None and level is None:
        return None
    return {"total": total} if total is not None else {"level": level or 0.0}


def _show(text: bytes, form: TextForm, time_zone: str) -> None:
    if form is TextForm.JSON:
        sys.stdout.write(text.decode() + "\n")
        return
    answer: dict[str, Any] = json.loads(text, parse_float=Decimal)
    if form is TextForm.CSV:
        sys.stdout.write(answer_csv(answer))
    elif answer["rows"]:
        console().print(answer_table(answer, time_zone))
    else:
        console().print(f"no anomalies among {_points(answer['meta']):,} points")
    _tell(answer["meta"])


def _points(meta: Mapping[str, Any]) -> int:
    return sum(series["points"] for series in meta["method"]["series"])


def _tell(meta: Mapping[str, Any]) -> None:
    """Write beside the answer when a target is reached, the method, and what to know."""
    out = console(stderr=True)
    for target in meta.get("until", []):
        out.print("; ".join(f"{name}: {value}" for name, value in target.items()), markup=False)
    for line in (meta["method"]["name"], *meta["notes"]):
        out.print(line, style="dim", markup=False)
