"""Which events tell of usage: a call may be told by its trace, by CostOps' record, by its cost.

Adding them up would count it twice. So one kind of event is read, for tokens and for costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from llm_analytics_hub.errors import InvalidInputError, NotFoundError
from llm_analytics_hub.feedback.questions import Filter, Questions, Row, one_of, same
from llm_analytics_hub.integrations.costops.costs import RECORDED as COST
from llm_analytics_hub.integrations.costops.usage import RECORDED as USAGE
from llm_analytics_hub.integrations.providers import named
from llm_analytics_hub.integrations.usage import Scope
from llm_analytics_hub.model.event import INFERENCE

KINDS = {"calls": (INFERENCE,), "records": (COST, USAGE)}
"""What may be asked for: the calls themselves, or what CostOps recorded of them."""

COUNTS = {INFERENCE: "requests", USAGE: "events", COST: "events"}
"""How many calls an event type tells of."""


@dataclass(frozen=True)
class Told:
    """The event types that tell of calls, of tokens and of costs; None where nothing is known."""

    calls: str | None
    tokens: str | None
    costs: str | None


def in_scope(scope: Scope) -> list[Filter]:
    """The conditions of a scope; an account of the documents is an organization of CostOps."""
    asked = {
        "account_id": scope.organization_id,
        "provider": named(scope.provider) if scope.provider else None,
        "model": scope.model,
    }
    return [same(field, value) for field, value in asked.items() if value]


def told(questions: Questions, where: Sequence[Filter], counted: str | None = None) -> Told:
    """What tells of usage: model calls where their numbers are known, else CostOps' records.

    `counted` asks for one of them, `calls` or `records`. Costs are those of calls, else of cost
    records, else of usage that the hub priced.
    Raises: InvalidInputError, code `invalid_parameter`, for another `counted`.
    """
    types = [one for kind in _kinds(counted) for one in KINDS[kind]]
    asked = [*where, one_of("event_type", types)]
    rows = questions.rows(["events", "total_tokens", "cost_usd"], asked, by=["event_type"])
    found = {row["event_type"]: row for row in rows}
    usage = [one for one in types if one != COST]
    return Told(
        calls=_first(found, usage, "events"),
        tokens=_first(found, usage, "total_tokens"),
        costs=_first(found, types, "cost_usd"),
    )


def tokens_told(told_by: Told) -> str:
    """The event type that tells of tokens. Raises: NotFoundError, code `no_usage`."""
    if told_by.tokens is None:
        raise NotFoundError("no usage is known of this time and scope", code="no_usage")
    return told_by.tokens


def costs_told(told_by: Told) -> str:
    """The event type that tells of costs. Raises: NotFoundError, code `unknown_cost`."""
    if told_by.costs is None:
        text = "no cost is known of this time and scope; unknown is not 0"
        raise NotFoundError(text, code="unknown_cost")
    return told_by.costs


def _kinds(counted: str | None) -> Sequence[str]:
    if counted is None:
        return tuple(KINDS)
    if counted not in KINDS:
        text = f"counted is one of {', '.join(KINDS)}"
        raise InvalidInputError(text, code="invalid_parameter")
    return (counted,)


def _first(found: dict[str, Row], types: Sequence[str], measure: str) -> str | None:
    known = (one for one in types if one in found and found[one][measure] is not None)
    return next(known, None)
