"""The rules that are shipped are right, and say what the specification says."""

from pathlib import Path

import pytest

from llm_analytics_hub.alerts.health import HEALTH_METRICS
from llm_analytics_hub.alerts.rules.files import parse_documents
from llm_analytics_hub.alerts.rules.shipped import shipped_documents, shipped_rules
from llm_analytics_hub.alerts.rules.shipped_page import page
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import HealthCondition

ROOT = Path(__file__).parents[4]

SPECIFIED = {
    "hub-cpu": ("cpu_percent", 70, 85), "hub-memory": ("memory_percent", 75, 90),
    "hub-error-rate": ("http_error_ratio", 0.01, 0.05),
    "hub-latency": ("http_latency_ms_p95", 500, 1000), "hub-disk": ("disk_percent", 70, 85),
    "hub-control-connections": ("control_connections_percent", 70, 90),
}  # fmt: skip


def test_every_shipped_rule_passes_the_checks_of_a_file() -> None:
    filed = parse_documents(shipped_documents())
    assert [one.given.name for one in filed] == [one.name for one in shipped_documents()]
    assert {one.given.name for one in filed} == shipped_rules("default").keys()


@pytest.mark.parametrize("name", SPECIFIED)
def test_the_thresholds_of_the_specification_are_shipped(name: str) -> None:
    condition = shipped_rules("default")[name].condition
    assert isinstance(condition, HealthCondition)
    metric, warning, critical = SPECIFIED[name]
    assert condition.metric == metric
    assert {one.level: one.limit for one in condition.thresholds} == {
        Level.WARNING: warning, Level.CRITICAL: critical,
    }  # fmt: skip


def test_a_quiet_hub_asks_for_no_fewer_machines() -> None:
    rules = shipped_rules("default").values()
    down = {rule.name for rule in rules if dict(rule.labels).get("action") == "scale_down"}
    assert len(down) == 4
    assert {rule.name for rule in rules if rule.is_paused} == down


def test_rules_on_the_hub_itself_are_of_one_tenant() -> None:
    other = shipped_rules("acme")
    assert not any(isinstance(rule.condition, HealthCondition) for rule in other.values())
    assert {rule.tenant for rule in other.values()} == {"acme"}
    assert "security-critical" in other


def test_every_measurement_of_the_hub_has_a_rule() -> None:
    rules = shipped_rules("default").values()
    watched = {r.condition.metric for r in rules if isinstance(r.condition, HealthCondition)}
    assert watched == HEALTH_METRICS.keys()


def test_the_page_of_shipped_rules_is_up_to_date() -> None:
    written = (ROOT / "docs/reference/alert-rules.md").read_text("utf-8")
    assert written == page(), "run `make reference`"
