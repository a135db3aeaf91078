"""`analytics-hub alerts budgets`: what may be spent, and what was."""

from collections.abc import Iterator

from llm_analytics_hub.cli.alerts.hub import Form, Json, Limit, asking, show, text_of
from llm_analytics_hub.cli.output import UNKNOWN, ListForm
from llm_analytics_hub.cli.target import DEFAULT_URL, StoreConfig, StoreDir, Target, Tenant, Url

_LISTED = ("budget", "period", "group", "amount", "spent", "remaining", "used", "projected")
_PAGE = 100


def budgets(
    limit: Limit = 100,
    form: Form = ListForm.TABLE,
    url: Url = DEFAULT_URL,
    tenant: Tenant = "default",
    data_dir: StoreDir = None,
    config: StoreConfig = None,
) -> None:
    """List budgets: what each group spent in the period that runs, and where that will end.

    Budgets are defined as rules are: `alerts rules apply`.

    **Examples**

        analytics-hub alerts budgets
        analytics-hub alerts budgets --format json
    """
    with asking(Target(url, tenant, data_dir, config)) as hub:
        found = hub.pages("budgets", "budgets", limit, page=_PAGE)
    rows = found if form is ListForm.JSON else [row for one in found for row in _rows(one)]
    show(rows, _LISTED, form, "no budgets")


def _rows(budget: Json) -> Iterator[Json]:
    spending = budget["spending"]
    if "error" in spending:
        yield {"budget": budget["name"], "group": spending["error"]}
        return
    head = {"budget": budget["name"], "period": spending["period"]}
    head["amount"] = _usd(spending["amount_usd"])
    if not spending["groups"]:
        yield head
    for one in spending["groups"]:
        yield {
            **head,
            "group": text_of(one["labels"]),
            "spent": _usd(one["spent_usd"]),
            "remaining": _usd(one["remaining_usd"]),
            "used": f"{one['percent']:,.1f} %",
            "projected": _usd(one["projected_usd"]),
        }


def _usd(amount: float | None) -> str:
    return UNKNOWN if amount is None else f"{amount:,.2f} USD"
