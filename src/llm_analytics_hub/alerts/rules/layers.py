"""The rules of one tenant: what is shipped, over it what was defined, over it what files say."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from llm_analytics_hub.alerts.detect.compound import rules_in
from llm_analytics_hub.alerts.rules.defined import Defined
from llm_analytics_hub.alerts.rules.entry import DEFINED, SHIPPED, Entries, Entry, switched
from llm_analytics_hub.alerts.rules.files import Filed
from llm_analytics_hub.alerts.rules.shipped import shipped_rules
from llm_analytics_hub.alerts.rules.switch import Switch
from llm_analytics_hub.model.alerts.definition import DefinitionKind
from llm_analytics_hub.model.alerts.rule import CompoundCondition

MOST_CIRCLES = 20
"""That are told at once."""


def merged(tenant: str, defined: Iterable[Defined], filed: Iterable[Filed]) -> Entries:
    """Everything a tenant has, by name."""
    shipped = _shipped(tenant)
    found = dict(shipped)
    for one in defined:
        if one.entry is not None:
            found[one.given.name] = one.entry
        elif isinstance(one.given, Switch) and one.given.name in shipped:
            below = shipped[one.given.name]
            found[one.given.name] = switched(below, one.given, DEFINED, one.definition.version)
    for filed_one in filed:
        found |= _filed(filed_one, shipped)
    return dict(sorted(found.items()))


@lru_cache(maxsize=1000)
def _shipped(tenant: str) -> Entries:
    rules = shipped_rules(tenant).items()
    return {name: Entry(rule, DefinitionKind.RULE, SHIPPED) for name, rule in rules}


def _filed(one: Filed, shipped: Entries) -> Entries:
    """What a file gives, by its name; nothing for a switch of what is shipped no more."""
    given, source = one.given, one.document.source
    if not isinstance(given, Switch):
        return {given.name: Entry(given, one.kind, source)}
    if given.name not in shipped:
        return {}
    return {given.name: switched(shipped[given.name], given, source)}


def faulty_compounds(entries: Entries) -> dict[str, str]:
    """What is wrong with rules made of others, by name: of rules that are not there, or of itself."""
    made_of = {
        name: sorted(rules_in(entry.rule.condition.expression))
        for name, entry in entries.items()
        if isinstance(entry.rule.condition, CompoundCondition)
    }
    known = {name for name, entry in entries.items() if not entry.is_off}
    faults = {
        name: f"there is no rule {missing[0]!r}"
        for name, parts in made_of.items()
        if (missing := [part for part in parts if part not in known])
    }
    return faults | _circles({name: made_of[name] for name in made_of if name not in faults})


def _circles(made_of: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The rules that are made of themselves, and on which way."""
    faults: dict[str, str] = {}
    for _ in range(MOST_CIRCLES):
        left = {name: parts for name, parts in made_of.items() if name not in faults}
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            way = error.args[1][::-1]
            faults |= dict.fromkeys(way, f"it is made of itself: {' of '.join(way)}")
        else:
            break
    return faults
