"""Rules as people write them: what is stored, and what forms to change them start from."""

import json
from datetime import timedelta
from typing import assert_never

from llm_analytics_hub.alerts.rules.amounts import COUNT, RATIO, amount_text, unit_of
from llm_analytics_hub.alerts.rules.budget import budget_body
from llm_analytics_hub.alerts.rules.combining import expression_body
from llm_analytics_hub.alerts.rules.form import pace
from llm_analytics_hub.alerts.rules.json_form import canonical
from llm_analytics_hub.alerts.rules.limits import limit_bodies, score_bodies
from llm_analytics_hub.alerts.rules.own_health import health_unit
from llm_analytics_hub.alerts.rules.spans import ZERO, span_text
from llm_analytics_hub.model.alerts.rule import (
    AbsenceCondition,
    AnomalyCondition,
    BudgetCondition,
    BurnRateCondition,
    ChangeCondition,
    CompoundCondition,
    Condition,
    ForecastCondition,
    HealthCondition,
    MatchCondition,
    NoData,
    Rule,
    ThresholdCondition,
    Watched,
)
from llm_analytics_hub.model.catalogue import MEASURES

Body = dict[str, object]


def rule_body(rule: Rule) -> Body:
    """The body that `parse_rule` or `parse_budget` makes the same rule of.

    What goes without saying is left out.
    """
    body: Body = {"name": rule.name, "kind": rule.kind, **_condition(rule.condition), **_rest(rule)}
    return {name: value for name, value in body.items() if value not in ([], {}, None)}


def rule_text(rule: Rule) -> str:
    """The body as canonical JSON: equal rules are equal texts."""
    return canonical(rule_body(rule))


def _rest(rule: Rule) -> Body:
    looks_back = isinstance(rule.condition, HealthCondition | AbsenceCondition)
    return {
        **({"every": span_text(rule.every)} if rule.every != _usual_pace(rule) else {}),
        **({"for": span_text(rule.lasting)} if rule.lasting and not looks_back else {}),
        **({"resolve_after": span_text(rule.calm)} if rule.calm else {}),
        **({"no_data": rule.no_data.value} if rule.no_data is not NoData.OK else {}),
        **({"paused": True} if rule.is_paused else {}),
        "labels": dict(rule.labels),
        **dict(rule.annotations),
    }


def _condition(condition: Condition) -> Body:
    match condition:
        case MatchCondition():
            return {**_events(condition), "resolve_after": span_text(condition.quiet)}
        case AbsenceCondition():
            times = {"for": span_text(condition.silence), "known": span_text(condition.known)}
            return {**_events(condition), **times}
        case ThresholdCondition() | ChangeCondition() | AnomalyCondition() | ForecastCondition():
            return {**_watched(condition.watched), **_watching(condition)}
        case BurnRateCondition():
            return _burning(condition)
        case HealthCondition(metric, thresholds, window):
            held = {"for": span_text(window)} if window else {}
            return {"metric": metric, **limit_bodies(thresholds, health_unit(metric)), **held}
        case CompoundCondition(expression, on, level):
            return {"when": expression_body(expression), "on": list(on), "severity": level.value}
        case BudgetCondition():
            return {**_groups(condition), **budget_body(condition)}
        case _:
            assert_never(condition)


def _groups(condition: MatchCondition | AbsenceCondition | BudgetCondition | Watched) -> Body:
    return {"where": json.loads(condition.where), "by": list(condition.by)}


def _events(condition: MatchCondition | AbsenceCondition) -> Body:
    return {**_groups(condition), "severity": condition.level.value}


def _measured(watched: Watched) -> Body:
    least = {watched.minimum_of: amount_text(watched.minimum, COUNT)} if watched.minimum else {}
    return {"measure": watched.measure, **_groups(watched), "at_least": least}


def _watched(watched: Watched) -> Body:
    return {**_measured(watched), "window": span_text(watched.window)}


def _watching(
    condition: ThresholdCondition | ChangeCondition | AnomalyCondition | ForecastCondition,
) -> Body:
    unit = unit_of(MEASURES[condition.watched.measure])
    match condition:
        case ThresholdCondition(_, thresholds):
            return limit_bodies(thresholds, unit)
        case ChangeCondition(_, against, thresholds, is_absolute):
            limits = limit_bodies(thresholds, unit if is_absolute else RATIO)
            return {"against": against.value, "absolute": is_absolute, **limits}
        case ForecastCondition(_, thresholds, history, horizon):
            times = {"history": span_text(history), "horizon": span_text(horizon)}
            return {**limit_bodies(thresholds, unit), **times}
        case AnomalyCondition(_, thresholds, direction, history):
            return {
                **score_bodies(thresholds),
                "direction": direction.value,
                "history": span_text(history),
                "calm_score": condition.calm,
                "least_change": amount_text(condition.least_change, RATIO),
            }
        case _:
            assert_never(condition)


def _burning(condition: BurnRateCondition) -> Body:
    windows = [
        {"long": span_text(one.long), "short": span_text(one.short), "factor": one.factor,
         "severity": one.level.value}
        for one in condition.windows
    ]  # fmt: skip
    objective = amount_text(condition.objective, RATIO)
    return {**_measured(condition.watched), "objective": objective, "windows": windows}


def _usual_pace(rule: Rule) -> timedelta:
    watched = getattr(rule.condition, "watched", None)
    is_series = isinstance(rule.condition, AnomalyCondition | ForecastCondition)
    return pace(watched.window if watched else ZERO, is_series=is_series)
