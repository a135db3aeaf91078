"""What people give, and what it is stored as: a rule, a budget, or a switch of a default."""

from collections.abc import Mapping
from typing import Any

from llm_analytics_hub.alerts.rules.body import rule_text
from llm_analytics_hub.alerts.rules.json_form import canonical
from llm_analytics_hub.alerts.rules.parse import SWITCH, parse_budget, parse_rule, parse_switch
from llm_analytics_hub.alerts.rules.switch import Switch, switch_body
from llm_analytics_hub.model.alerts.definition import DefinitionKind
from llm_analytics_hub.model.alerts.rule import Rule

Given = Rule | Switch


def parse_given(body: object, kind: DefinitionKind, *, tenant: str, version: int = 0) -> Given:
    """What a body gives. Raises: InvalidRuleError that names every fault."""
    found: Any = body
    if kind is DefinitionKind.BUDGET:
        return parse_budget(found, tenant=tenant, version=version)
    if isinstance(body, Mapping) and body.get("kind") == SWITCH:
        return parse_switch(found)
    return parse_rule(found, tenant=tenant, version=version)


def given_text(given: Given) -> str:
    """The body as canonical JSON."""
    return canonical(switch_body(given)) if isinstance(given, Switch) else rule_text(given)
