"""Whether rules go together: names, and what rules on other rules are made of."""

from collections.abc import Mapping, Sequence

from llm_analytics_hub.alerts.rules.entry import Entries, Entry
from llm_analytics_hub.alerts.rules.faults import Fault, InvalidRuleError
from llm_analytics_hub.alerts.rules.files import Filed
from llm_analytics_hub.alerts.rules.given import Given
from llm_analytics_hub.alerts.rules.layers import faulty_compounds
from llm_analytics_hub.alerts.rules.shipped import shipped_rules
from llm_analytics_hub.alerts.rules.switch import Switch
from llm_analytics_hub.errors import ConflictError
from llm_analytics_hub.model.alerts.definition import DefinitionKind

MOST_RULES = 20_000
"""Of a tenant."""


def check_change(
    before: Entries, after: Entries, given: Mapping[str, Given | None], kind: DefinitionKind
) -> None:
    """Pass a change. Raises: InvalidRuleError, ConflictError."""
    for name, one in given.items():
        _check_name(name, one, before.get(name), kind)
    if len(after) > max(MOST_RULES, len(before)):
        text = f"a tenant has at most {MOST_RULES:,} rules: remove some first"
        raise InvalidRuleError([Fault("", text)])
    _check_compounds(before, after, given)


def check_files(filed: Mapping[str, Sequence[Filed]], entries: Mapping[str, Entries]) -> None:
    """Pass the rules of files. Raises: InvalidRuleError that tells all faults with their lines."""
    faults = [fault for tenant, own in filed.items() for fault in _faults(own, entries[tenant])]
    if faults:
        raise InvalidRuleError(faults, between="\n")


def _check_name(name: str, given: Given | None, before: Entry | None, kind: DefinitionKind) -> None:
    if before is not None and before.is_fixed:
        raise ConflictError(f"{name} stands in {before.source}: change it there")
    if before is not None and before.kind is not kind:
        raise ConflictError(f"{name} is the name of a {before.kind}: take another one")
    is_shipped = before is not None and before.rule.is_default
    # Over a rule that took a default's place a switch is refused, too: it would be that rule's end.
    if isinstance(given, Switch) and not is_shipped:
        text = f"there is no default {name!r} in use: GET /api/v1/alerts/rules lists what there is"
        raise InvalidRuleError([Fault("name", text)])


def _check_compounds(before: Entries, after: Entries, given: Mapping[str, Given | None]) -> None:
    # What was wrong before is not this change's fault.
    faults = faulty_compounds(after).items() - faulty_compounds(before).items()
    own = [Fault("when", text) for name, text in sorted(faults) if given.get(name) is not None]
    if own:
        raise InvalidRuleError(own)
    for name, text in sorted(faults):
        raise ConflictError(f"the rule {name} is made of it, and {text} then: change {name} first")


def _faults(filed: Sequence[Filed], entries: Entries) -> list[Fault]:
    compounds, shipped = faulty_compounds(entries), shipped_rules(filed[0].tenant)
    found = []
    for one in filed:
        name = one.given.name
        if isinstance(one.given, Switch) and name not in shipped:
            found.append(one.document.told(Fault("name", "there is no default of this name")))
        elif one.kind is DefinitionKind.BUDGET and name in shipped:
            found.append(one.document.told(Fault("name", "is the name of a default rule")))
        elif name in compounds:
            found.append(one.document.told(Fault("when", compounds[name])))
    return found
