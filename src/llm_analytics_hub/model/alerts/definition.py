"""What people define (rules, routing, budgets, silences), with every version of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DefinitionKind(StrEnum):
    """What is defined."""

    RULE = "rule"
    ROUTING = "routing"
    BUDGET = "budget"
    SILENCE = "silence"


@dataclass(frozen=True)
class Definition:
    """One version of something of a tenant's; `body` is its JSON, None that it was removed."""

    tenant: str
    kind: DefinitionKind
    name: str
    version: int
    body: str | None
    by: str
    at: datetime
