"""The questions the page asks: bodies of `POST /api/v1/query`, nothing that API users cannot ask."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from llm_analytics_hub.model.event import INFERENCE
from llm_analytics_hub.ui.period import Period
from llm_analytics_hub.ui.state import State

Body = dict[str, Any]
Row = Mapping[str, Any]
Rows = list[Row]
Answers = Mapping[str, Rows]

DRAWN = 8
"""Series of their own in a stacked chart; the rest is one more."""
LISTED = 10
INCIDENTS = 12
MAX_OPTIONS = 500
MAX_ROWS = 10_000

MODEL_CALL: Body = {"field": "event_type", "op": "eq", "value": INFERENCE}
"""What calls cost and use is read from the calls alone: CostOps books the same money again."""

UNPRICED: Body = {"not": {"field": "cost_usd", "op": "exists"}}

INCIDENT: Body = {
    "or": [
        {"field": "stream", "op": "eq", "value": "security"},
        {"field": "event_type", "op": "eq", "value": "violation.detected"},
        {"and": [
            {"field": "stream", "op": "eq", "value": "policy"},
            {"field": "status", "op": "eq", "value": "denied"},
        ]},
    ]
}  # fmt: skip
"""Security events, and the decisions of policies that stopped something."""

CALL_MEASURES = [
    "requests", "errors", "error_rate", "input_tokens", "cached_tokens", "output_tokens",
    "cost_usd", "latency_ms_p50", "latency_ms_p95", "latency_ms_p99",
]  # fmt: skip
MODEL_MEASURES = [
    "requests", "input_tokens", "output_tokens", "cost_usd", "latency_ms_p95", "error_rate",
]  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """Which events the page is about."""

    state: State
    period: Period

    @property
    def filters(self) -> list[Body]:
        """The viewer's picks as conditions."""
        return [_one_of(field, values) for field, values in self.state.picked.items()]


def first_questions(scope: Scope) -> dict[str, Body]:
    """What can be asked at once, by the name of the answer."""
    before = replace(scope, period=scope.period.previous)
    everything = replace(scope, state=replace(scope.state, sources=(), models=(), environments=()))
    return {
        "events": _over_time(scope, ["events"]),
        "events_before": _ask(before, ["events"]),
        "sources": _top(scope, "source", ["events"]),
        "calls": _over_time(scope, CALL_MEASURES, MODEL_CALL),
        "calls_now": _ask(scope, CALL_MEASURES, MODEL_CALL),
        "calls_before": _ask(before, CALL_MEASURES, MODEL_CALL),
        "unpriced": _ask(scope, ["requests", "errors"], MODEL_CALL, UNPRICED),
        "models": top_by_cost(scope, "model"),
        "spenders": top_by_cost(scope, scope.state.cost_by),
        "source_options": _top(everything, "source", ["events"]),
        "model_options": _top(everything, "model", ["events"]),
        "environment_options": _top(everything, "environment", ["events"]),
        "last_minute": _ask(replace(everything, period=_last_minute(scope.period)), ["events"]),
    }


def second_questions(scope: Scope, answers: Answers) -> dict[str, Body]:
    """The courses over time of those that the first answers found to be the largest."""
    sources, spenders = drawn(answers["sources"], "source"), drawn(
        answers["spenders"], scope.state.cost_by
    )  # fmt: skip
    bodies = {}
    if sources:
        bodies["events_by_source"] = _courses(scope, "source", sources, "events")
    if spenders:
        bodies["cost_by_name"] = _courses(
            scope, scope.state.cost_by, spenders, "cost_usd", MODEL_CALL
        )
    return bodies


def drawn(rows: Rows, field: str) -> tuple[str, ...]:
    """The values of `field` that get a series of their own, largest first."""
    return tuple(row[field] for row in rows[:DRAWN])


def top_by_cost(scope: Scope, field: str) -> Body:
    """Models or providers, the most expensive first; those of unknown cost last, by requests."""
    body = _ask(scope, MODEL_MEASURES, MODEL_CALL)
    order = [{"field": name, "direction": "desc"} for name in ("cost_usd", "requests")]
    return body | {"dimensions": [field], "order_by": order, "limit": LISTED}


def _ask(scope: Scope, measures: list[str], *conditions: Body) -> Body:
    filters = [*scope.filters, *conditions]
    return {"measures": measures, "filters": filters, "time_range": scope.period.json_range}


def _over_time(scope: Scope, measures: list[str], *conditions: Body) -> Body:
    return _ask(scope, measures, *conditions) | {
        "granularity": scope.period.granularity,
        "time_zone": scope.period.zone.key,
        "limit": MAX_ROWS,
    }


def _top(scope: Scope, field: str, measures: list[str]) -> Body:
    return _ask(scope, measures) | {"dimensions": [field], "limit": MAX_OPTIONS}


def _courses(
    scope: Scope, field: str, names: tuple[str, ...], measure: str, *conditions: Body
) -> Body:
    body = _over_time(scope, [measure], *conditions, _one_of(field, names))
    return body | {"dimensions": [field]}


def _one_of(field: str, values: tuple[str, ...]) -> Body:
    return {"field": field, "op": "in", "value": list(values)}


def _last_minute(period: Period) -> Period:
    return replace(period, start=period.end - timedelta(minutes=1))
