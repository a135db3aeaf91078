"""What people defined by the API, as it is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import structlog

from llm_analytics_hub.alerts.rules.entry import DEFINED, Entry
from llm_analytics_hub.alerts.rules.given import Given, parse_given
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.model.alerts.rule import Rule
from llm_analytics_hub.storage.alert_store import AlertStore

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Defined:
    """A definition and what it gives."""

    given: Given
    definition: Definition

    @cached_property
    def entry(self) -> Entry | None:
        """The rule as it is listed, made once; None for a switch, which depends on its default."""
        one = self.definition
        return (
            Entry(self.given, one.kind, DEFINED, one.version)
            if isinstance(self.given, Rule)
            else None
        )


Key = tuple[DefinitionKind, str]
OfTenant = Mapping[Key, Defined]


def read_defined(store: AlertStore) -> dict[str, OfTenant]:
    """What every tenant defined. What cannot be read is logged and left out.

    A later version of the hub may have written it. Raises: UnavailableError.
    """
    found: dict[str, dict[Key, Defined]] = {}
    for kind in (DefinitionKind.RULE, DefinitionKind.BUDGET):
        for one in store.definitions(kind):
            given = _given(one)
            if given is not None:
                found.setdefault(one.tenant, {})[kind, one.name] = Defined(given, one)
    return dict(found)


def _given(one: Definition) -> Given | None:
    try:
        body = json.loads(one.body or "")
        return parse_given(body, one.kind, tenant=one.tenant, version=one.version)
    except (InvalidInputError, ValueError, RecursionError) as error:
        log.warning("definition unreadable", tenant=one.tenant, name=one.name, reason=str(error))
        return None


def with_new(
    old: OfTenant, given: Mapping[str, Given | None], new: Mapping[str, Definition]
) -> OfTenant:
    """Definitions with new ones in place of the old; None takes one away."""
    found = dict(old)
    for name, definition in new.items():
        one, key = given[name], (definition.kind, name)
        if one is None:
            found.pop(key, None)
        else:
            numbered = replace(one, version=definition.version) if isinstance(one, Rule) else one
            found[key] = Defined(numbered, definition)
    return found
