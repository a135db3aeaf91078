"""Alerts that are told of together, and what each channel knows of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from llm_analytics_hub.alerts.routing.tree import Place
from llm_analytics_hub.model.alerts.alert import Alert, Phase
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import GRAVEST_FIRST, Level
from llm_analytics_hub.model.alerts.routing import Escalation, Outcome, Sent

GroupId = tuple[str, str]
"""Tenant and key of a group."""

_RANKS = {level.value: rank for rank, level in enumerate(reversed(GRAVEST_FIRST), 1)}
_RANKS[Phase.NO_DATA.value] = _RANKS[Level.WARNING.value]


def rank(mark: str) -> int:
    """How grave a mark is; 0 if that is not known."""
    return _RANKS.get(mark, 0)


@dataclass(frozen=True)
class Member:
    """An alert with all its labels. `mark`: what people are told it is; another is worth telling."""

    alert: Alert
    fingerprint: str
    labels: Labels
    mark: str
    keys: tuple[str, ...] = ()

    @property
    def began(self) -> datetime:
        """What members are sorted by."""
        return self.alert.began or self.alert.fired or self.alert.since

    @property
    def fired(self) -> datetime:
        """Since when it is worth telling."""
        return self.alert.fired or self.alert.since


def mark_of(alert: Alert) -> str:
    """The level, or that there is no data."""
    return alert.phase.value if alert.phase is Phase.NO_DATA else (alert.level or "")


@dataclass
class Line:
    """What one channel was told of a group, and when it was last tried to tell it."""

    channel: str
    told: dict[str, str] = field(default_factory=dict)
    sent_at: datetime | None = None
    tried_at: datetime | None = None
    gravest: int = 0
    in_flight: bool = False

    @property
    def last(self) -> datetime | None:
        """When it was last told or tried."""
        moments = [moment for moment in (self.sent_at, self.tried_at) if moment]
        return max(moments, default=None)

    def take(self, sent: Sent, at: datetime) -> None:
        """It was told."""
        self.told, self.sent_at = dict(sent.firing), at
        self.gravest = self.gravest or max(map(rank, self.told.values()), default=0)

    def begin(self, gravity: int, now: datetime) -> None:
        """It is being told."""
        self.in_flight, self.tried_at = True, now
        self.gravest = gravity or self.gravest

    def may_tell(self, first: datetime, gravity: int, interval: timedelta) -> datetime:
        """From when on it may be told of a change; what is graver than all it knows goes at once."""
        last = self.last
        if last is None:
            return first
        return last if gravity > self.gravest else last + interval

    def turn_back(self, now: datetime) -> None:
        """The clock was set back: nothing was told after now."""
        self.sent_at = min(self.sent_at, now) if self.sent_at else None
        self.tried_at = min(self.tried_at, now) if self.tried_at else None


@dataclass
class Group:
    """The active `members` of a place; `gone` are over, and some channel was told they were not."""

    tenant: str
    place: Place
    opened: datetime
    members: dict[str, Member] = field(default_factory=dict)
    gone: dict[str, Member] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    muted: dict[str, Outcome] = field(default_factory=dict)
    looked_at: datetime | None = None

    def line(self, channel: str) -> Line:
        """What a channel knows."""
        return self.lines.setdefault(channel, Line(channel))

    def join(self, member: Member, place: Place, now: datetime) -> None:
        """A member is new, or other than it was."""
        if not self.members and not self.is_told:
            self.opened = now
        self.place = place
        self.members[member.fingerprint] = member
        self.gone.pop(member.fingerprint, None)

    @property
    def id(self) -> GroupId:
        """What it is called among the groups of all tenants."""
        return self.tenant, self.place.key

    @property
    def is_told(self) -> bool:
        """Whether a channel knows of something active, or is being told."""
        return any(line.told or line.in_flight for line in self.lines.values())

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to tell."""
        return not self.members and not self.is_told

    def steps(self) -> Iterator[tuple[Line, Escalation | None]]:
        """The lines, and by which step of escalation they come in; those of the route first."""
        route = self.place.route
        named = set(route.channels).union(*(step.channels for step in route.escalations))
        yield from ((self.line(name), None) for name in route.channels)
        for step in route.escalations:
            yield from ((self.line(name), step) for name in step.channels)
        # Told before the route was another: they are told the end.
        yield from ((line, None) for name, line in tuple(self.lines.items()) if name not in named)

    def turn_back(self, now: datetime) -> None:
        """The clock was set back: nothing was after now."""
        self.opened = min(self.opened, now)
        self.looked_at = min(self.looked_at, now) if self.looked_at else None
        for line in self.lines.values():
            line.turn_back(now)

    def forget_gone(self) -> None:
        """Keep only what some channel must still be told is over."""
        if any(line.in_flight for line in self.lines.values()):
            return
        told = set[str]().union(*(line.told for line in self.lines.values()))
        self.gone = {key: one for key, one in self.gone.items() if key in told}
