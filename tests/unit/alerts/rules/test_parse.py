"""Bodies become rules, rules bodies; what is wrong is told with its place."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from tests.unit.alerts.rules.bodies import (
    BUDGET,
    RULES,
    Body,
    broken,
    json_values,
    right_budgets,
    right_rules,
    rule,
)

from llm_analytics_hub.alerts.rules.body import rule_body, rule_text
from llm_analytics_hub.alerts.rules.faults import InvalidRuleError
from llm_analytics_hub.alerts.rules.given import given_text, parse_given
from llm_analytics_hub.alerts.rules.parse import FORMS, parse_budget, parse_rule
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.definition import DefinitionKind
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import (
    AnomalyCondition,
    BudgetCondition,
    ChangeCondition,
    HealthCondition,
    MatchCondition,
    NoData,
    ThresholdCondition,
)


def test_every_kind_has_an_example() -> None:
    assert {one["kind"] for one in RULES} == set(FORMS)


@pytest.mark.parametrize("body", RULES, ids=lambda body: body["name"])
def test_a_rule_becomes_its_body_and_back(body: Body) -> None:
    parsed = parse_rule(body, tenant="t")
    assert parse_rule(rule_body(parsed), tenant="t") == parsed


@given(right_rules)
def test_any_rule_becomes_its_body_and_back(body: Body) -> None:
    parsed = parse_rule(body, tenant="t")
    again = parse_rule(rule_body(parsed), tenant="t")
    assert again == parsed
    assert rule_text(again) == rule_text(parsed)


@given(right_budgets)
def test_any_budget_becomes_its_body_and_back(body: Body) -> None:
    parsed = parse_budget(body, tenant="t")
    assert parse_budget(rule_body(parsed), tenant="t") == parsed


@given(json_values)
def test_no_value_whatever_raises_anything_else(value: Any) -> None:
    for kind in DefinitionKind:
        with pytest.raises(InvalidInputError):
            parse_given(value, kind, tenant="t")


@given(broken())
def test_no_body_whatever_raises_anything_else(body: Body) -> None:
    for kind in DefinitionKind:
        try:
            given_text(parse_given(body, kind, tenant="t"))
        except InvalidRuleError as error:
            found = error
        else:
            continue
        assert found.code == "invalid_rule"
        assert found.faults
        assert len(found.message) < 100_000


def test_units_become_those_of_the_measure() -> None:
    condition = parse_rule(rule("slow"), tenant="t").condition
    assert isinstance(condition, ThresholdCondition)
    assert condition.thresholds == (
        Threshold(Level.CRITICAL, Side.ABOVE, 1000.0),
        Threshold(Level.WARNING, Side.ABOVE, 500.0),
    )
    assert rule_body(parse_rule(rule("slow"), tenant="t"))["critical"] == {"above": "1000 ms"}


def test_a_threshold_says_what_it_watches() -> None:
    parsed = parse_rule(rule("error-rate"), tenant="t")
    condition = parsed.condition
    assert isinstance(condition, ThresholdCondition)
    watched = condition.watched
    assert (watched.by, watched.window) == (("model",), timedelta(minutes=5))
    assert (watched.minimum, watched.minimum_of) == (20.0, "requests")
    assert (parsed.lasting, parsed.no_data) == (timedelta(minutes=5), NoData.KEEP)
    assert [one.limit for one in condition.thresholds] == [0.05, 0.01]


def test_a_match_is_quiet_after_the_time_it_resolves() -> None:
    parsed = parse_rule(rule("prompt-injection", resolve_after="3m"), tenant="t")
    assert isinstance(parsed.condition, MatchCondition)
    assert parsed.condition.quiet == timedelta(minutes=3)
    assert parsed.calm == timedelta(0)


def test_health_looks_back_over_the_time_it_must_last() -> None:
    parsed = parse_rule(rule("cpu"), tenant="t")
    assert isinstance(parsed.condition, HealthCondition)
    assert (parsed.condition.window, parsed.lasting) == (timedelta(minutes=5), timedelta(0))


def test_a_change_is_relative_or_in_the_unit_of_its_measure() -> None:
    body = rule("cost-jump-2", absolute=True, warning={"below": "-3.5 USD"})
    condition = parse_rule(body, tenant="t").condition
    assert isinstance(condition, ChangeCondition)
    assert condition.is_absolute
    assert condition.thresholds == (Threshold(Level.WARNING, Side.BELOW, -3.5),)


def test_an_anomaly_is_over_somewhat_below_its_least_score() -> None:
    condition = parse_rule(rule("odd-traffic"), tenant="t").condition
    assert isinstance(condition, AnomalyCondition)
    assert condition.calm == 3.0


def test_a_series_is_judged_several_times_in_a_window() -> None:
    assert parse_rule(rule("odd-traffic"), tenant="t").every == timedelta(minutes=3)
    assert parse_rule(rule("slow", window="7d"), tenant="t").every == timedelta(minutes=15)
    assert parse_rule(rule("slow"), tenant="t").every == timedelta(minutes=1)


def test_what_was_spent_is_critical_and_what_is_nearly_a_warning() -> None:
    condition = parse_budget(BUDGET, tenant="t").condition
    assert isinstance(condition, BudgetCondition)
    found = [(one.level, one.limit) for one in condition.thresholds]
    assert found == [(Level.CRITICAL, 1.0), (Level.WARNING, 0.95), (Level.WARNING, 0.8)]
    assert condition.projected is Level.WARNING


def test_all_faults_of_a_rule_are_told_at_once() -> None:
    body = rule("slow", measure="speed", by=["colour"], window="90s", name="No slug", typo=1)
    with pytest.raises(InvalidRuleError) as caught:
        parse_rule(body, tenant="t")
    assert {one.field for one in caught.value.faults} == {"measure", "by", "window", "name", "typo"}
    assert "latency_ms_p95" in caught.value.message
    assert "account_id" in caught.value.message


def test_a_template_that_was_stored_is_not_read_again() -> None:
    body = rule("slow", summary="{{ nothing")
    assert parse_rule(body, tenant="t", version=3).version == 3
    with pytest.raises(InvalidRuleError):
        parse_rule(body, tenant="t")
