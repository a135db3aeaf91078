"""Budgets with what was spent of them."""

from collections.abc import Sequence

from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.alerts.rules.entry import Entry
from llm_analytics_hub.alerts.spending import Spending, spending
from llm_analytics_hub.api.alerts.work.definitions import DefinitionDesk
from llm_analytics_hub.api.alerts.work.shown import Json, moment
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import CANCELLED, HubError
from llm_analytics_hub.model.alerts.rule import BudgetCondition
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.cancellation import Cancellation

MOST_GROUPS = 100
"""Of a budget that are listed."""


class BudgetDesk:
    """The budgets of each tenant, as they stand now."""

    def __init__(self, definitions: DefinitionDesk, queries: QueryService, clock: Clock) -> None:
        self._definitions = definitions
        self._queries = queries
        self._clock = clock

    def shown(self, entries: Sequence[Entry], gone: Cancellation) -> list[Json]:
        """Budgets of one tenant with what was spent; one that cannot be told has an `error`."""
        questions = RuleQuestions(self._queries, is_fresh=True)
        active = self._definitions.active(entries[0].rule.tenant) if entries else None
        with gone.ends_by(questions.cancel):
            return [
                self._definitions.shown(one, active) | {"spending": self._spending(one, questions)}
                for one in entries
            ]

    def _spending(self, one: Entry, questions: RuleQuestions) -> Json | None:
        condition, now = one.rule.condition, self._clock.now()
        if not isinstance(condition, BudgetCondition):
            return None
        try:
            found = spending(one.rule.tenant, condition, now, questions.ask)
        except HubError as error:
            if error.code == CANCELLED:
                raise
            return {"error": error.message}
        return _shown(found, condition.amount_usd)


def _shown(found: Spending, amount: float) -> Json:
    groups = [
        {
            "labels": dict(one.labels),
            "spent_usd": one.usd,
            "remaining_usd": amount - one.usd,
            "percent": 100 * one.usd / amount,
            "projected_usd": one.projected,
        }
        for one in found.groups[:MOST_GROUPS]
    ]
    return {
        "period": found.period.name,
        "from": moment(found.period.start),
        "to": moment(found.period.end),
        "amount_usd": amount,
        "groups": groups,
        "left_out": len(found.groups) - len(groups),
    }
