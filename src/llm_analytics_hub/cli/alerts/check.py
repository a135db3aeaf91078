"""`analytics-hub alerts check`: what is wrong with rules, and when they would have fired."""

from typing import Annotated, Any

import typer

from llm_analytics_hub.cli.alerts.file import File, RuleFile
from llm_analytics_hub.cli.alerts.hub import Form, Json, asking, text_of, time_of, write_json
from llm_analytics_hub.cli.faults import told
from llm_analytics_hub.cli.output import ListForm, console, table_of
from llm_analytics_hub.cli.question import to_time_range
from llm_analytics_hub.cli.target import DEFAULT_URL, StoreConfig, StoreDir, Target, Tenant, Url

_FIRINGS = ("rule", "fired", "resolved", "state", "severity", "labels", "value", "count")
_RULES = ("rule", "kind", "fired", "notices", "told")


def check(
    file: File,
    last: Annotated[
        str | None, typer.Option(help="Try the rules on what was stored lately: 24h, 7d.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="Try them from then on.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Up to then.")] = None,
    step: Annotated[
        str | None, typer.Option(help="Judge so often: 1m; else as often as is quick.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="Most firings that are listed.")] = 50,
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Check a file of rules: each fault with its line, or when the rules would have fired.

    Nothing is kept, nobody is told. Exit code 2 when something is wrong.

    **Examples**

        analytics-hub alerts check rules.yaml
        analytics-hub alerts check rules.yaml --last 7d
        analytics-hub alerts check rules/ --from 2025-11-01 --to 2025-11-08 --step 1m
        analytics-hub alerts check rules.yaml --last 30d --data-dir hub-data --format json
    """
    with told():
        rules = RuleFile(file, tenant)
        span = to_time_range(last, start, end) if last or start or end else None
        body: dict[str, Any] = {**rules.body, "time_range": span, "step": step}
        with asking(Target(url, tenant, data_dir, config)) as hub:
            said = {name: value for name, value in body.items() if value is not None}
            found = hub.ask("POST", "rules/check", said)
        if not found["valid"]:
            raise rules.faults(found["faults"])
    if form is ListForm.JSON:
        write_json(found)
    elif found["report"] is None:
        console().print(f"{sum(map(len, rules.body.values()))} checked, nothing wrong")
    else:
        _show(found["report"], limit)


def _show(report: Json, limit: int) -> None:
    rules = report["rules"]
    console().print(table_of(_RULES, [_rule(one) for one in rules]))
    firings = [_firing(rule, one) for rule in rules for one in rule["firings"]]
    if firings:
        console().print()
        console().print(table_of(_FIRINGS, sorted(firings, key=lambda row: row[1])[:limit]))
    span = report["time_range"]
    text = f"{time_of(span['from'])} to {time_of(span['to'])} UTC, judged every {report['step']}"
    console(stderr=True).print(text, style="dim", markup=False)


def _rule(one: Json) -> list[str]:
    fired = len(one["firings"]) + one["left_out"]
    return [one["name"], one["kind"], f"{fired:,}", f"{one['notices']:,}", text_of(one["error"])]


def _firing(rule: Json, one: Json) -> list[str]:
    resolved = time_of(one["resolved"]) if one["resolved"] else "goes on"
    rest = [text_of(one[name]) for name in _FIRINGS[3:]]
    return [rule["name"], time_of(one["fired"]), resolved, *rest]
