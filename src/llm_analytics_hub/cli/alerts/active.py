"""`analytics-hub alerts active`, `ack`, `history`, `changes`."""

from typing import Annotated

import typer

from llm_analytics_hub.cli.alerts.hub import By, Form, Json, Limit, asking, part, show, time_of
from llm_analytics_hub.cli.output import ListForm, console
from llm_analytics_hub.cli.target import DEFAULT_URL, StoreConfig, StoreDir, Target, Tenant, Url

_ACTIVE = ("fingerprint", "state", "severity", "since", "quiet", "summary")
_HISTORY = ("at", "before", "state", "severity", "labels", "value")
_CHANGES = ("at", "by", "action", "kind", "name", "version")

Several = Annotated[list[str] | None, typer.Option(help="Only this; several may be given.")]
OfRule = Annotated[str | None, typer.Option("--rule", help="Only of this rule.")]
Fingerprint = Annotated[
    str, typer.Argument(help="An alert, as `active` names it.", show_default=False)
]


def active(
    state: Annotated[
        list[str] | None,
        typer.Option(help="firing, no_data, pending, resolved, paused; firing and no_data."),
    ] = None,
    severity: Several = None,
    rule: OfRule = None,
    match: Annotated[
        list[str] | None, typer.Option("--match", "-m", help="Labels: model=gpt-4o, team=~sec.*")
    ] = None,
    limit: Limit = 1_000,
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List alerts that fire, the newest change first; quiet: silenced, inhibited, acknowledged.

    **Examples**

        analytics-hub alerts active
        analytics-hub alerts active --severity critical --match 'team=~"sec.*"'
        analytics-hub alerts active --state pending --format json
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        found = hub.pages(
            "active", "alerts", limit, state=state, severity=severity, rule=rule, match=match
        )
    rows = found if form is ListForm.JSON else [_alert(one) for one in found]
    show(rows, _ACTIVE, form, "no alerts")


def ack(
    fingerprint: Fingerprint,
    note: Annotated[str, typer.Option(help="What you want to say beside it.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take care of it no more.")] = False,
    by: By = None,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """Take care of an alert: repeats and escalation stop until it is over or graver.

    **Examples**

        analytics-hub alerts ack 2f1c9a0b7d3e4f58 --note 'I look into it'
        analytics-hub alerts ack 2f1c9a0b7d3e4f58 --undo
    """
    with asking(Target(url, tenant, data_dir, config), by) as hub:
        action, body = ("unacknowledge", {}) if undo else ("acknowledge", {"note": note})
        done = hub.ask("POST", f"active/{part(fingerprint)}/{action}", body)
    given = done["acknowledged"]
    said = f"acknowledged by {given['by']}" if given else "acknowledged by nobody"
    console().print(f"{done['rule']} is {said}", markup=False)


def history(
    rule: OfRule = None,
    state: Annotated[str | None, typer.Option(help="Only what came to this state.")] = None,
    limit: Limit = 50,
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List how alerts came to be so, the newest first.

    **Examples**

        analytics-hub alerts history
        analytics-hub alerts history --rule error-rate --state firing
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        found = hub.pages("history", "history", limit, rule=rule, state=state)
    rows = found if form is ListForm.JSON else [{**one, "at": time_of(one["at"])} for one in found]
    show(rows, _HISTORY, form, "nothing happened")


def changes(
    limit: Limit = 50,
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List who defined, changed and removed rules, budgets, routes and silences.

    **Examples**

        analytics-hub alerts changes --limit 10
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        found = hub.pages("changes", "changes", limit)
    rows = found if form is ListForm.JSON else [{**one, "at": time_of(one["at"])} for one in found]
    show(rows, _CHANGES, form, "nothing was changed")


def _alert(one: Json) -> Json:
    given = one["acknowledged"]
    quiet = [
        *(["silenced"] if one["silenced_by"] else []),
        *(["inhibited"] if one["inhibited"] else []),
        *([f"acknowledged by {given['by']}"] if given else []),
    ]
    return {
        **one,
        "since": time_of(one["since"]),
        "quiet": quiet,
        "summary": one["annotations"]["summary"],
    }
