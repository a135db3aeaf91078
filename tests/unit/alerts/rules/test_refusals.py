"""What is refused, at which field, and what people are told to do."""

from typing import Any

import pytest
from tests.unit.alerts.rules.bodies import BUDGET, rule

from llm_analytics_hub.alerts.rules.faults import InvalidRuleError
from llm_analytics_hub.alerts.rules.parse import parse_budget, parse_rule

DEEP: Any = "a"
for _ in range(40):
    DEEP = {"not": DEEP}

CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("slow", {"warning": {"above": "5%"}}, "warning", "must be a time"),
    ("slow", {"warning": {"above": "5 USD"}}, "warning", "must be a time"),
    ("error-rate", {"warning": {"above": "10ms"}}, "warning", "must be a ratio"),
    ("error-rate", {"critical": {"above": 5}}, "critical", "write 5% or 0.05"),
    ("disk-full-soon", {"warning": {"above": "5 EUR"}}, "warning", "must be US dollars"),
    ("cpu", {"metric": "queue_waiting_requests", "critical": {"above": "9 s"}}, "critical", "plain"),
    ("cpu", {"warning": {"above": "70 ms"}}, "warning", "must be percent"),
    ("cpu", {"critical": {"above": "170%"}}, "critical", "from 0% to 100%"),
    ("cpu", {"metric": "ram"}, "metric", "there are cpu_percent"),
    ("cpu", {"for": "2h"}, "for", "55m at most"),
    ("slow", {"critical": {"above": "100ms"}}, "critical", "must be higher than warning"),
    ("slow", {"critical": {"above": "500ms"}}, "critical", "must be higher than warning"),
    ("slow", {"warning": {"below": 5}, "critical": {"below": 9}}, "critical", "must be lower"),
    ("slow", {"critical": {"below": "100ms"}}, "critical", "another side"),
    ("slow", {"warning": {"above": float("nan")}}, "warning.above", "finite"),
    ("slow", {"warning": {"above": "nan"}}, "warning", "is no amount"),
    ("slow", {"warning": {"above": "1e999"}}, "warning", "no finite number"),
    ("slow", {"warning": {"above": True}}, "warning", "is no amount"),
    ("slow", {"warning": {"over": 1}}, "warning", "there are above"),
    ("slow", {"warning": {"above": 1, "below": 3}}, "warning", "is one limit"),
    ("slow", {"warning": None, "critical": None}, "critical", "needs a limit"),
    ("slow", {"window": "90s"}, "window", "not whole minutes"),
    ("slow", {"window": 5}, "window", "write 30s, 5m"),
    ("slow", {"window": "91d"}, "window", "too long"),
    ("slow", {"measure": "latency"}, "measure", "there are events"),
    ("slow", {"by": ["latency_ms"]}, "by", "no dimension"),
    ("slow", {"by": ["model"] * 7}, "by", "6 dimensions"),
    ("slow", {"by": "model"}, "by", "write [a, b]"),
    ("slow", {"by": ["model"], "labels": {"model": "x"}}, "by", "leave it out"),
    ("slow", {"labels": {"severity": "x"}}, "labels", "the hub's own"),
    ("slow", {"labels": {"a": 1}}, "labels", "in quotes"),
    ("slow", {"labels": {f"l{at}": "x" for at in range(21)}}, "labels", "20 labels"),
    ("slow", {"where": [{"field": "modle", "value": "x"}]}, "where", "no dimension"),
    ("slow", {"where": [{"field": "model", "value": "x"}] * 101}, "where", "100 parts"),
    ("slow", {"where": [{"field": "model", "value": "x" * 4000}] * 6}, "where", "longer than"),
    ("slow", {"summary": "{{ value"}, "summary", "template is wrong"),
    ("slow", {"summary": "{{ colour }}"}, "summary", "there are alert"),
    ("slow", {"summary": "x" * 2001}, "summary", "2,000 characters"),
    ("slow", {"at_least": {"latency_ms_p95": 3}}, "at_least", "counts no events"),
    ("slow", {"at_least": {"requests": 0}}, "at_least", "more than 0"),
    ("slow", {"at_least": {"users": 3}}, "at_least", "counts no events"),
    ("slow", {"every": "2d"}, "every", "a day at most"),
    ("slow", {"measure": "cost_amount", "warning": {"above": 1}, "critical": None}, "by", "add cost_currency"),
    ("slow", {"paused": "no"}, "paused", "boolean"),
    ("slow", {"name": "a\n"}, "name", "is no name"),
    ("slow", {"name": "Ä"}, "name", "is no name"),
    ("slow", {"name": "a" * 64}, "name", "is no name"),
    ("slow", {"kind": "tresholds"}, "kind", "there are match"),
    ("slow", {"kind": None}, "kind", "is needed"),
    ("slow", {"description": "\ud800"}, "description", "no text can hold"),
    ("slow", {"where": {"field": "x" * 300_000, "value": "x"}}, "where.field", "200,000"),
    ("cost-jump-2", {"warning": {"above": 50}}, "warning", "5000%"),
    ("cost-jump-2", {"warning": {"below": "-120%"}}, "warning", "more than 100%"),
    ("odd-traffic", {"warning": {"above": 4}}, "warning", "is a score"),
    ("odd-traffic", {"critical": {"score": 3}}, "critical", "must be higher"),
    ("odd-traffic", {"window": "7m"}, "window", "no bucket"),
    ("odd-traffic", {"history": "1h"}, "history", "at least 3h"),
    ("odd-traffic", {"history": "80d"}, "history", "5,000 windows"),
    ("odd-traffic", {"calm_score": 5.0}, "calm_score", "at most 4"),
    ("disk-full-soon", {"horizon": "60d"}, "horizon", "1,000 windows"),
    ("slo", {"measure": "users"}, "measure", "error_rate, denial_rate"),
    ("slo", {"objective": "100%"}, "objective", "less than 100%"),
    ("slo", {"objective": "90%"}, "windows", "all failing is a factor of 10"),
    ("slo", {"windows": []}, "windows", "1 to 6"),
    ("prompt-injection", {"where": [{"field": "asset.owner", "value": "x"}]}, "where", "asset_id"),
    ("prompt-injection", {"where": []}, "where", "every event"),
    ("prompt-injection", {"by": ["asset.owner"]}, "by", "not in the stream"),
    ("prompt-injection", {"severity": "high"}, "severity", "info"),
    ("sentinel-silent", {"known": "5m"}, "known", "longer than"),
    ("sentinel-silent", {"for": None}, "for", "is needed"),
    ("bad-deploy", {"when": {"all": ["bad-deploy"]}}, "when", "made of itself"),
    ("bad-deploy", {"when": {"all": []}}, "when", "name of a rule"),
    ("bad-deploy", {"when": ["slow", "slo"]}, "when", "name of a rule"),
    ("bad-deploy", {"when": {"any": ["slow"] * 100}}, "when", "100 parts"),
    ("bad-deploy", {"when": DEEP}, "when" + ".not" * 31, "too deep"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changed", "field", "text"), CASES)
def test_a_fault_is_told_with_its_field(
    name: str, changed: dict[str, Any], field: str, text: str
) -> None:
    with pytest.raises(InvalidRuleError) as caught:
        parse_rule(rule(name, **changed), tenant="t")
    assert caught.value.field == field
    assert [one.field for one in caught.value.faults] == [field]
    assert text in caught.value.message


BUDGETS: list[tuple[dict[str, Any], str, str]] = [
    ({"amount": "500 EUR"}, "amount", "US dollars"),
    ({"amount": 0}, "amount", "more than 0"),
    ({"period": "decade"}, "period", "month"),
    ({"time_zone": "Berlin"}, "time_zone", "Europe/Berlin"),
    ({"thresholds": []}, "thresholds", "1 to 10"),
    ({"thresholds": [80]}, "thresholds", "write 80%"),
    ({"thresholds": ["80%", "80%"]}, "thresholds", "twice"),
    ({"thresholds": [{"at": "80%", "severity": "critical"}, {"at": "90%"}]}, "thresholds", "graver"),
    ({"projected": "maybe"}, "projected", "there are info"),
    ({"every": "2h"}, "every", "an hour"),
    ({"by": ["colour"]}, "by", "no dimension"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "field", "text"), BUDGETS)
def test_a_fault_of_a_budget_is_told(changed: dict[str, Any], field: str, text: str) -> None:
    with pytest.raises(InvalidRuleError) as caught:
        parse_budget(BUDGET | changed, tenant="t")
    assert caught.value.field == field
    assert text in caught.value.message
