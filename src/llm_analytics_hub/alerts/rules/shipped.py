"""The rules that are shipped with the hub."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import resources

from llm_analytics_hub.alerts.rules.files import DEFAULT_TENANT, RuleDocument, read_text
from llm_analytics_hub.alerts.rules.parse import parse_rule
from llm_analytics_hub.model.alerts.rule import HealthCondition, Rule


def shipped_documents() -> list[RuleDocument]:
    """The shipped rules as they are written."""
    folder = resources.files("llm_analytics_hub.alerts.rules") / "defaults"
    files = sorted((file for file in folder.iterdir()), key=lambda file: file.name)
    return [
        document
        for file in files
        if file.name.endswith(".yaml")
        for document in read_text(file.read_text("utf-8"), file.name)
    ]


@cache
def _shipped() -> Mapping[str, Rule]:
    rules = [parse_rule(one.body, tenant="", is_default=True) for one in shipped_documents()]
    return {rule.name: rule for rule in rules}


def shipped_rules(tenant: str) -> dict[str, Rule]:
    """The defaults of a tenant by name; those on the hub itself are the tenant `default`'s alone."""
    return {
        name: replace(rule, tenant=tenant)
        for name, rule in _shipped().items()
        if tenant == DEFAULT_TENANT or not isinstance(rule.condition, HealthCondition)
    }
