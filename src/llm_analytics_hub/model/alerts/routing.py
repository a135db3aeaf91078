"""Where alerts go: a tree of routes, what keeps quiet about what, and who is told what."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from llm_analytics_hub.model.alerts.alert import Told
from llm_analytics_hub.model.alerts.labels import Labels


class MatchOp(StrEnum):
    """How a label is compared, in the words of Alertmanager."""

    IS = "="
    IS_NOT = "!="
    LIKE = "=~"
    UNLIKE = "!~"


@dataclass(frozen=True)
class Matcher:
    """A comparison of one label; one that is not there compares as ''. Patterns match all of it."""

    label: str
    op: MatchOp
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it holds of `labels`."""
        value = labels.get(self.label, "")
        if self.op in (MatchOp.IS, MatchOp.IS_NOT):
            return (value == self.value) == (self.op is MatchOp.IS)
        return bool(re.fullmatch(self.value, value)) == (self.op is MatchOp.LIKE)


Matchers = tuple[Matcher, ...]


@dataclass(frozen=True)
class Escalation:
    """Others are told, too, when nobody acknowledged within `after`."""

    after: timedelta
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """Alerts that match go to `channels`, unless one of `routes` takes them.

    They are told together by `group_by` (`...` = each alone): the first after `group_wait`, changes
    at most every `group_interval`, what goes on every `repeat_interval`. With `goes_on` later
    siblings are tried, too.
    """

    name: str
    match: Matchers
    channels: tuple[str, ...]
    group_by: tuple[str, ...]
    group_wait: timedelta = timedelta(0)
    group_interval: timedelta = timedelta(minutes=5)
    repeat_interval: timedelta = timedelta(hours=4)
    goes_on: bool = False
    routes: "tuple[Route, ...]" = ()
    escalations: tuple[Escalation, ...] = ()


@dataclass(frozen=True)
class Inhibition:
    """While an alert matches `source`, those that match `target` and equal it in `equal` are quiet."""

    source: Matchers
    target: Matchers
    equal: tuple[str, ...]


@dataclass(frozen=True)
class Routing:
    """All of a tenant's routing."""

    root: Route
    inhibitions: tuple[Inhibition, ...] = ()


@dataclass(frozen=True)
class Silence:
    """Nobody is told of alerts that match, for a time. `kind`: silence, or maintenance."""

    tenant: str
    id: str
    kind: str
    match: Matchers
    starts: datetime
    ends: datetime
    by: str
    reason: str


class Cause(StrEnum):
    """Why something is sent."""

    NEW = "new"
    CHANGED = "changed"
    RESOLVED = "resolved"
    REPEATED = "repeated"
    ESCALATED = "escalated"
    TEST = "test"


@dataclass(frozen=True)
class Notice:
    """What one channel is told of one group of alerts.

    `firing` and `resolved` in order of their beginning. `left_out` more of them are not listed.
    """

    tenant: str
    group_key: str
    route: str
    group_labels: Labels
    cause: Cause
    at: datetime
    firing: Sequence[Told]
    resolved: Sequence[Told] = ()
    left_out: int = 0


@dataclass(frozen=True)
class Sent:
    """What a channel was last told of a group: fingerprints with their level, and when."""

    tenant: str
    group_key: str
    channel: str
    firing: frozenset[tuple[str, str]]
    at: datetime
    cause: Cause


class Outcome(StrEnum):
    """What became of a notice."""

    SENT = "sent"
    FAILED = "failed"
    SILENCED = "silenced"
    INHIBITED = "inhibited"


@dataclass(frozen=True)
class Delivery:
    """A notice and what became of it; `payload` is what was sent, kept where that failed."""

    tenant: str
    id: str
    group_key: str
    channel: str
    cause: Cause
    at: datetime
    outcome: Outcome
    alerts: tuple[str, ...]
    tries: int = 1
    error: str = ""
    payload: str = ""
