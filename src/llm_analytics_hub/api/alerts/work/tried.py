"""Rules and budgets that somebody might define: what is wrong with each, and with all together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_analytics_hub.alerts.rules.checking import check_change
from llm_analytics_hub.alerts.rules.entry import Entries
from llm_analytics_hub.alerts.rules.faults import Fault, InvalidRuleError
from llm_analytics_hub.alerts.rules.given import Given, parse_given
from llm_analytics_hub.alerts.rules.layers import faulty_compounds
from llm_analytics_hub.api.alerts.work.definitions import LISTS, lists_of
from llm_analytics_hub.api.alerts.work.shown import Json
from llm_analytics_hub.errors import ConflictError
from llm_analytics_hub.model.alerts.definition import DefinitionKind


@dataclass(frozen=True)
class Tried:
    """A rule or budget of a request: in which list, and where in it."""

    list: str
    index: int
    body: Any

    @property
    def name(self) -> str:
        """What it says it is called."""
        said = self.body.get("name") if isinstance(self.body, Mapping) else None
        return said[:80] if isinstance(said, str) else "?"

    def fault(self, fault: Fault) -> Json:
        """A fault with its place."""
        place = {"list": self.list, "index": self.index, "name": self.name}
        return {**place, "field": fault.field, "message": fault.message}


def name_faults(
    before: Entries, one: Tried, given: Mapping[str, Given], kinds: Mapping[str, DefinitionKind]
) -> list[Json]:
    """Whether its name is free, and of a default where it must be."""
    try:
        # Nothing but the name: compounds are looked at once for all.
        check_change(before, before, {one.name: given[one.name]}, kinds[one.name])
    except InvalidRuleError as error:
        return [one.fault(fault) for fault in error.faults]
    except ConflictError as error:
        return [one.fault(Fault("name", error.message))]
    return []


def compound_faults(before: Entries, after: Entries, asked: Sequence[Tried]) -> list[Json]:
    """Compounds that are wrong then, and were not; of those not asked for, the first tells."""
    by_name = {one.name: one for one in asked}
    faults = []
    for name, text in sorted(faulty_compounds(after).items() - faulty_compounds(before).items()):
        if name in by_name:
            faults.append(by_name[name].fault(Fault("when", text)))
        else:
            why = f"the rule {name} is there, and {text} then: change {name} first"
            faults.append(asked[0].fault(Fault("", why)))
    return faults


def asked_of(body: Mapping[str, Any]) -> list[Tried]:
    """Everything a body asks to try. Raises: InvalidInputError."""
    lists = lists_of(body).items()
    return [Tried(name, at, one) for name, bodies in lists for at, one in enumerate(bodies)]


def parsed(tenant: str, asked: Sequence[Tried]) -> tuple[dict[str, Given], list[Json]]:
    """What they give, each by itself, and what is wrong with them."""
    given: dict[str, Given] = {}
    faults: list[Json] = []
    for one in asked:
        try:
            found = parse_given(one.body, LISTS[one.list], tenant=tenant)
        except InvalidRuleError as error:
            faults += [one.fault(fault) for fault in error.faults]
            continue
        if found.name in given:
            faults.append(one.fault(Fault("name", f"{found.name} is there twice")))
        given[found.name] = found
    return given, faults
