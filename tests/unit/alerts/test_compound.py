"""Compound rules: which rules are active together, group by group."""

from datetime import timedelta

import pytest

from llm_analytics_hub.alerts.detect.compound import CompoundDetector, holds, rules_in
from llm_analytics_hub.alerts.detect.health import HealthDetector
from llm_analytics_hub.alerts.health import Health
from llm_analytics_hub.alerts.plan import Planned, plan_of, planned
from llm_analytics_hub.model.alerts.alert import Alert, Phase
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.rule import CompoundCondition, Expression, HealthCondition, Rule

from .evaluating import MINUTE, NOW

A, B = Expression("rule", "a"), Expression("rule", "b")
BOTH = Expression("all", parts=(A, B))
EITHER = Expression("any", parts=(A, B))
NOT_A = Expression("not", parts=(A,))
ONLY_B = Expression("all", parts=(NOT_A, B))


@pytest.mark.parametrize(
    ("expression", "true_of"),
    [(A, ["a", "ab"]), (BOTH, ["ab"]), (EITHER, ["a", "b", "ab"]), (NOT_A, ["", "b"]), (ONLY_B, ["b"])],
)  # fmt: skip
def test_an_expression_is_true_of_these_active_rules(
    expression: Expression, true_of: list[str]
) -> None:
    assert [rules for rules in ("", "a", "b", "ab") if holds(expression, set(rules))] == true_of


def test_the_rules_of_an_expression_are_those_at_any_depth() -> None:
    assert rules_in(Expression("any", parts=(ONLY_B, Expression("rule", "c")))) == {"a", "b", "c"}


def alert(name: str, phase: Phase, **labels: str) -> Alert:
    return Alert("t", name, tuple(sorted(labels.items())), phase, NOW)


def rule_of(expression: Expression, *on: str, name: str = "c", every: timedelta = MINUTE) -> Rule:
    condition = CompoundCondition(expression, on, Level.CRITICAL)
    return Rule("t", name, 1, "compound", condition, every=every)


def judged(expression: Expression, on: tuple[str, ...], *alerts: Alert) -> dict[str, set[str]]:
    """The values of the groups that are bad, and of those that are known."""
    rule = rule_of(expression, *on)
    assert isinstance(rule.condition, CompoundCondition)
    detector = CompoundDetector(rule, rule.condition, lambda tenant: alerts)
    judgement = detector.judge(NOW, ())
    named = {"bad": judgement.bad.keys(), "known": judgement.known}
    return {
        name: {" ".join(v for _, v in group) for group in found} for name, found in named.items()
    }


def test_alerts_of_equal_labels_belong_together() -> None:
    found = judged(
        BOTH, ("model",),
        alert("a", Phase.FIRING, model="x", service="s1"), alert("b", Phase.FIRING, model="x"),
        alert("a", Phase.FIRING, model="y"), alert("b", Phase.FIRING, model="z"),
        alert("other", Phase.FIRING, model="w"),
    )  # fmt: skip
    assert found == {"bad": {"x"}, "known": {"x", "y", "z"}}


def test_only_alerts_that_people_are_told_of_are_active() -> None:
    phases = [Phase.PENDING, Phase.OK, Phase.RESOLVED, Phase.PAUSED, Phase.UNKNOWN]
    alerts = [alert("a", phase, model=phase.value) for phase in phases]
    active = [alert("a", phase, model=phase.value) for phase in (Phase.FIRING, Phase.NO_DATA)]
    found = judged(EITHER, ("model",), *alerts, *active)
    assert found["bad"] == {"firing", "no_data"}
    assert len(found["known"]) == 7


def test_without_labels_there_is_one_group_known_also_without_alerts() -> None:
    assert judged(NOT_A, ()) == {"bad": {""}, "known": {""}}
    assert judged(BOTH, (), alert("a", Phase.FIRING, model="x"))["bad"] == set()
    both = (alert("a", Phase.FIRING, model="x"), alert("b", Phase.FIRING, service="y"))
    assert judged(BOTH, (), *both)["bad"] == {""}


def test_its_own_groups_are_known_when_all_others_are_gone() -> None:
    assert judged(BOTH, ("model",), alert("c", Phase.FIRING, model="x")) == {
        "bad": set(),
        "known": {"x"},
    }


def test_a_label_that_an_alert_has_not_is_nothing() -> None:
    found = judged(BOTH, ("model",), alert("a", Phase.FIRING), alert("b", Phase.FIRING, model="x"))
    assert found == {"bad": set(), "known": {"", "x"}}


def test_a_finding_names_the_rules_that_are_active() -> None:
    rule = rule_of(EITHER, "model", "account_id")
    assert isinstance(rule.condition, CompoundCondition)
    alerts = [alert("b", Phase.FIRING, model="x"), alert("a", Phase.FIRING, model="x")]
    detector = CompoundDetector(rule, rule.condition, lambda tenant: alerts)
    (finding,) = detector.judge(NOW, ()).bad.values()
    assert finding.labels == (("account_id", ""), ("model", "x"))
    assert (finding.level, finding.detail) == (Level.CRITICAL, (("rules", "a, b"),))


def of_health(name: str) -> Planned:
    condition = HealthCondition("cpu_percent", (Threshold(Level.WARNING, Side.ABOVE, 80),))
    rule = Rule("t", name, 1, "health", condition)
    return planned(rule, HealthDetector(condition, Health.__new__(Health)))


def of_rules(name: str, *about: str) -> Planned:
    rule = rule_of(
        Expression("any", parts=tuple(Expression("rule", one) for one in about)), name=name
    )
    assert isinstance(rule.condition, CompoundCondition)
    return planned(rule, CompoundDetector(rule, rule.condition, lambda tenant: ()))


def ranks(*rules: Planned) -> dict[str, int]:
    return {name: one.rank for (_, name), one in plan_of(rules).rules.items()}


def test_a_compound_ranks_above_all_it_is_about() -> None:
    found = ranks(of_rules("top", "mid", "a"), of_rules("mid", "a", "gone"), of_health("a"))
    assert found == {"a": 0, "mid": 1, "top": 2}


def test_a_circle_has_no_ranks_and_a_long_chain_has() -> None:
    assert ranks(of_rules("a", "b"), of_rules("b", "a")) == {"a": 0, "b": 0}
    chain = [of_rules(f"{number}", f"{number - 1}") for number in range(1, 3000)]
    assert ranks(*chain)["2999"] == 2999


def test_rules_without_questions_have_slots_of_their_own() -> None:
    assert len({of_health(f"rule {number}").slot for number in range(100)}) > 30
