"""Which rules are judged when, and by what."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from graphlib import CycleError, TopologicalSorter

from llm_analytics_hub.alerts.detect.asking import Detector
from llm_analytics_hub.alerts.detect.compound import rules_in
from llm_analytics_hub.alerts.health import MINUTE
from llm_analytics_hub.alerts.slots import EPOCH, Slot, slot_of
from llm_analytics_hub.model.alerts.rule import CompoundCondition, MatchCondition, Rule

Key = tuple[str, str]
"""Tenant and name of a rule."""


@dataclass
class Planned:
    """A rule, what judges it, its slot, and the last moment it was judged at.

    `rank` is 0 for rules on events and the hub, else above that of all rules it is about.
    """

    rule: Rule
    detector: Detector
    slot: Slot
    rank: int = 0
    judged: datetime | None = None

    @property
    def key(self) -> Key:
        """What it is called by."""
        return self.rule.tenant, self.rule.name

    def is_due(self, at: datetime) -> bool:
        """Whether it was not judged at that moment."""
        return self.judged != at


@dataclass
class Plan:
    """Rules by their slots.

    `first` are slots, a minute long at most, of rules that are new: a rule that is judged once a day
    is judged once before, so that people see what it says. `about` gives the compounds on a rule.
    """

    rules: Mapping[Key, Planned] = field(default_factory=dict)
    slots: dict[Slot, list[Planned]] = field(default_factory=dict)
    first: dict[Slot, list[Planned]] = field(default_factory=dict)
    about: dict[Key, list[Planned]] = field(default_factory=dict)

    @property
    def all_slots(self) -> set[Slot]:
        """The slots at which anything is judged."""
        return {*self.slots, *self.first}

    def taken(self, slots: Iterable[Slot]) -> list[Planned]:
        """The rules of these slots, each once; those that are new are so no more."""
        found: dict[Key, Planned] = {}
        for slot in slots:
            both = (*self.slots.get(slot, ()), *self.first.pop(slot, ()))
            found.update((one.key, one) for one in both)
        return list(found.values())


def is_judged(rule: Rule) -> bool:
    """Whether it has slots: rules on single events are matched as these come."""
    return not rule.is_paused and not isinstance(rule.condition, MatchCondition)


def planned(rule: Rule, detector: Detector) -> Planned:
    """A rule with its slot: the same for all rules of the tenant that ask alike."""
    wanted = detector.wants(EPOCH)
    shapes = sorted({repr(one.shape) for one in wanted}) or [rule.name]
    return Planned(rule, detector, slot_of(repr((rule.tenant, shapes)), rule.every))


def plan_of(rules: Sequence[Planned]) -> Plan:
    """The plan of these rules; new are those that were never judged."""
    plan = Plan({one.key: one for one in rules})
    for one in rules:
        plan.slots.setdefault(one.slot, []).append(one)
        if one.judged is None and one.slot.every > MINUTE:
            plan.first.setdefault(one.slot.within(MINUTE), []).append(one)
        for name in _about(one.rule):
            plan.about.setdefault((one.rule.tenant, name), []).append(one)
    _rank(plan)
    return plan


def _about(rule: Rule) -> frozenset[str]:
    condition = rule.condition
    return (
        rules_in(condition.expression) if isinstance(condition, CompoundCondition) else frozenset()
    )


def _rank(plan: Plan) -> None:
    """Give each rule of a tenant one more than the highest rank of the rules it is about."""
    graphs: dict[str, dict[Key, list[Key]]] = {}
    for (tenant, name), compounds in plan.about.items():
        for compound in compounds:
            below = graphs.setdefault(tenant, {}).setdefault(compound.key, [])
            below.append((tenant, name))
    for graph in graphs.values():
        # A circle is refused when a rule is put; there is no order in one that came all the same.
        with suppress(CycleError):
            ranks: dict[Key, int] = {}
            for key in TopologicalSorter(graph).static_order():
                ranks[key] = max((ranks[below] + 1 for below in graph.get(key, ())), default=0)
                if key in plan.rules:
                    plan.rules[key].rank = ranks[key]
