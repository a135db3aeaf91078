"""Alerts: what a rule says of one group, how it came to be so, and what people did about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from llm_analytics_hub.model.alerts.labels import Labels, fingerprint
from llm_analytics_hub.model.alerts.levels import Level


class Phase(StrEnum):
    """Where an alert is between well and not."""

    UNKNOWN = "unknown"
    OK = "ok"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    NO_DATA = "no_data"
    PAUSED = "paused"


ACTIVE = frozenset({Phase.FIRING, Phase.NO_DATA})
"""Phases that people are told of."""


@dataclass(frozen=True)
class Finding:
    """What a rule found of one group at one moment; `level` None is that all is well.

    `value` is in the unit of what the rule watches. `detail` is text for people: `limit`,
    `usual`, `unit`, `event_id`, …
    """

    labels: Labels
    level: Level | None
    value: float | None = None
    detail: Labels = ()


@dataclass(frozen=True)
class Judgement:
    """What a rule found at one moment.

    `bad` are the groups whose condition holds; `known` those there is data of, bad or not. A group
    that is in neither has no data. `held` are groups that stay bad if they were: they are at the
    edge.
    """

    at: datetime
    bad: Mapping[Labels, Finding]
    known: frozenset[Labels]
    held: Mapping[Labels, Finding] = field(default_factory=dict)


@dataclass(frozen=True)
class Alert:
    """One group of one rule, and its phase since `since`.

    `labels` are those of the group. `began` is when the condition began to hold, `fired` and
    `resolved` when it last came to that, `seen` when it last held. `count` of a match rule is the
    number of events. `judged` is when its rule was last judged; None if that is not remembered.
    """

    tenant: str
    rule: str
    labels: Labels
    phase: Phase
    since: datetime
    level: Level | None = None
    value: float | None = None
    detail: Labels = ()
    began: datetime | None = None
    fired: datetime | None = None
    resolved: datetime | None = None
    seen: datetime | None = None
    count: int = 0
    judged: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """What it is called by."""
        return fingerprint(self.tenant, self.rule, self.labels)

    @property
    def is_active(self) -> bool:
        """Whether people are told of it."""
        return self.phase in ACTIVE


@dataclass(frozen=True)
class Transition:
    """An alert came from one phase, or level, to another."""

    alert: Alert
    before: Phase
    at: datetime


@dataclass(frozen=True)
class Acknowledgement:
    """Somebody takes care of an alert, until it is resolved."""

    tenant: str
    fingerprint: str
    by: str
    note: str
    at: datetime


@dataclass(frozen=True)
class Told:
    """An alert as people and other programs see it: with all labels and texts filled in.

    `labels` has `alertname` and `severity`, too. `url` leads to the alert in the dashboard. `limit` is
    what the value is held against, with its unit, which need not be the value's.
    """

    alert: Alert
    labels: Labels
    annotations: Mapping[str, str] = field(default_factory=dict)
    unit: str | None = None
    url: str = ""
    limit: str = ""
