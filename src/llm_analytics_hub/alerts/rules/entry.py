"""A rule or budget of a tenant as it is now, and where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from llm_analytics_hub.alerts.rules.switch import Switch
from llm_analytics_hub.model.alerts.definition import DefinitionKind
from llm_analytics_hub.model.alerts.rule import Rule

SHIPPED = "default"
DEFINED = "api"


@dataclass(frozen=True)
class Entry:
    """A rule or budget of a tenant as it is now; one that `is_off` is a default that does nothing.

    `source`: `default`, `api`, or the file and line. `version` is that of its definition, 0 without.
    """

    rule: Rule
    kind: DefinitionKind
    source: str
    version: int = 0
    is_off: bool = False

    @property
    def is_shipped(self) -> bool:
        """Whether it is a default as it came."""
        return self.source == SHIPPED

    @property
    def is_fixed(self) -> bool:
        """Whether a file gives it, where alone it can be changed."""
        return self.source not in (SHIPPED, DEFINED)


Entries = Mapping[str, Entry]


def switched(below: Entry, switch: Switch, source: str, version: int = 0) -> Entry:
    """A default as a switch has it."""
    rule = replace(below.rule, is_paused=switch.is_paused, version=version)
    return Entry(rule, below.kind, source, version, switch.is_off)
