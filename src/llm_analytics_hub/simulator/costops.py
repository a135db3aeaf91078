"""CostOps: what each team spent on each model, and warnings when a daily budget is passed."""

from collections.abc import Iterable
from datetime import date

import numpy as np

from llm_analytics_hub.simulator.calls import Calls
from llm_analytics_hub.simulator.catalogue import ACCOUNTS, MODELS
from llm_analytics_hub.simulator.event import Event
from llm_analytics_hub.simulator.scene import Floats, Scene, iso_times

THRESHOLDS = ((0.8, "medium"), (1.0, "high"))


def cost_events(scene: Scene, calls: Iterable[Calls]) -> list[Event]:
    """One `cost.recorded` per account and model that spent something, at the stretch's end.

    Tokens and requests are attributes: the calls themselves are counted by the observatory.
    """
    parts = list(calls)
    bins = len(ACCOUNTS) * len(MODELS)
    key = np.concatenate([part.account * len(MODELS) + part.model for part in parts])

    def total(column: str) -> Floats:
        weights = np.concatenate([getattr(part, column) for part in parts])
        return np.bincount(key, weights, bins).astype(np.float64)

    cost, requests = total("cost_usd"), np.bincount(key, minlength=bins)
    tokens_in, tokens_out = total("input_tokens"), total("output_tokens")
    spent = np.flatnonzero(cost > 0)
    ids = scene.uuids("costs", bins)
    return [
        _record(
            ids[at], moment, ACCOUNTS[at // len(MODELS)].name, at % len(MODELS),
            float(cost[at].round(6)), int(requests[at]), int(tokens_in[at]), int(tokens_out[at]),
        )
        for at, moment in zip(spent.tolist(), _closing_moments(scene, len(spent)), strict=True)
    ]  # fmt: skip


def _closing_moments(scene: Scene, count: int) -> list[str]:
    """The last hundredth of the stretch, evenly."""
    last = scene.span.ends_us - 1
    first = last - (scene.span.ends_us - scene.span.begins_us) // 100
    return iso_times(np.linspace(first, last, count).astype(np.int64))


def _record(
    event_id: str, at: str, account: str, model_index: int, cost: float, *counts: int
) -> Event:
    model = MODELS[model_index]
    return Event(
        event_id=event_id,
        event_type="cost.recorded",
        source="costops",
        occurred_at=at,
        severity="info",
        environment="production",
        model=model.name,
        provider=model.provider,
        account_id=account,
        cost_usd=cost,
        attributes=dict(zip(("requests", "input_tokens", "output_tokens"), counts, strict=True)),
    )


class Budgets:
    """The daily budget of each account; remembers what the day has cost so far."""

    def __init__(self, events_per_day: float) -> None:
        self._limits = {
            account.name: round(account.budget_usd_per_event * events_per_day, 2)
            for account in ACCOUNTS
        }
        self._day: date | None = None
        self._spent: dict[str, float] = {}

    def charge(self, scene: Scene, costs: Iterable[Event]) -> list[Event]:
        """A `budget.threshold.warning` for each account and threshold that the costs pass."""
        warnings = []
        for cost in costs:
            self._begin(cost.moment.date())
            account = cost.account_id or ""
            before = self._spent.get(account, 0.0)
            self._spent[account] = before + (cost.cost_usd or 0.0)
            for share, severity in THRESHOLDS:
                if before < share * self._limits[account] <= self._spent[account]:
                    name = f"budget of {account} at {share}"
                    warnings.append(self._warn(scene.uuids(name, 1)[0], cost, share, severity))
        return warnings

    def _begin(self, day: date) -> None:
        if day != self._day:
            self._day, self._spent = day, {}

    def _warn(self, event_id: str, cost: Event, share: float, severity: str) -> Event:
        account = cost.account_id or ""
        return Event(
            event_id=event_id,
            event_type="budget.threshold.warning",
            source="costops",
            occurred_at=cost.occurred_at,
            severity=severity,
            environment="production",
            account_id=account,
            value=round(self._spent[account], 6),
            unit="USD",
            attributes={
                "budget_limit_usd": self._limits[account],
                "threshold_percent": share * 100,
                "period": "daily",
            },
        )
