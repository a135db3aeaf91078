"""What of a group is to be told whom, now or later: a pure function of what is known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from llm_analytics_hub.alerts.routing.group import Group, Line, Member, rank
from llm_analytics_hub.alerts.routing.inhibition import Inhibitor
from llm_analytics_hub.alerts.routing.silencing import Silencer
from llm_analytics_hub.model.alerts.routing import Cause, Escalation, Outcome


@dataclass(frozen=True)
class Circumstances:
    """What holds for all groups of a tenant at a moment."""

    now: datetime
    silencer: Silencer
    inhibitor: Inhibitor
    is_acknowledged: Callable[[str], bool]
    is_active: Callable[[str], bool]

    def muted(self, member: Member) -> Outcome | None:
        """Why nobody is told of a member."""
        if self.silencer.silence(member.labels, self.now):
            return Outcome.SILENCED
        return Outcome.INHIBITED if self.inhibitor.is_inhibited(dict(member.labels)) else None

    def was_freed(self, member: Member, after: datetime | None) -> bool:
        """Whether a silence of it ended since."""
        freed = self.silencer.freed(member.labels, self.now)
        return after is not None and freed is not None and freed > after


@dataclass(frozen=True)
class Draft:
    """What a line is to be told. `known` is what it knows then."""

    line: Line
    cause: Cause
    firing: Mapping[str, Member]
    resolved: Mapping[str, Member]
    known: Mapping[str, str]


@dataclass
class Plan:
    """What is due of a group, what was left out, and when to look again."""

    drafts: list[Draft] = field(default_factory=list)
    muted: dict[str, Outcome] = field(default_factory=dict)
    again: datetime | None = None

    def look(self, at: datetime | None) -> None:
        """Look again then, if not sooner."""
        if at is not None and (self.again is None or at < self.again):
            self.again = at


def plan(group: Group, at: Circumstances) -> Plan:
    """What is due of a group; nothing is changed but what is over for good."""
    found = Plan()
    group.forget_gone()
    route = group.place.route
    causes = ((key, at.muted(member)) for key, member in group.members.items())
    found.muted = {key: cause for key, cause in causes if cause}
    heard = {key: one for key, one in group.members.items() if key not in found.muted}
    over = {
        key: one for key, one in group.gone.items() if not at.silencer.silence(one.labels, at.now)
    }
    for line, step in group.steps():
        if line.in_flight:
            continue
        firing = _firing(line, step, group, heard, at, found)
        resolved = {key: over[key] for key in line.told if key in over}
        cause, due = _due(line, step, group, firing, resolved, at)
        if cause and due and due <= at.now:
            known = _known(line, group, firing, resolved, at)
            found.drafts.append(Draft(line, cause, firing, resolved, known))
        else:
            found.look(due)
    if found.muted or len(over) < len(group.gone):
        found.look(at.now + route.group_interval)
    return found


def may_be_due(group: Group, member: Member, at: Circumstances) -> datetime:
    """When something may be due of a group because of one member, at the soonest."""
    route = group.place.route
    if at.muted(member):
        return group.looked_at + route.group_interval if group.looked_at else at.now
    moments = []
    for line, step in group.steps():
        if line.in_flight:
            continue
        first = escalates_at(member, step, at) if step else group.opened + route.group_wait
        may = line.may_tell(first, rank(member.mark), route.group_interval)
        moments.append(max(first, may))
    return min(moments, default=at.now)


def escalates_at(member: Member, step: Escalation, at: Circumstances) -> datetime:
    """When others are told of it: nobody could be told before a silence ended."""
    freed = at.silencer.freed(member.labels, at.now)
    return max(member.fired, freed or member.fired) + step.after


def _firing(
    line: Line, step: Escalation | None, group: Group, heard: Mapping[str, Member],
    at: Circumstances, found: Plan,
) -> Mapping[str, Member]:  # fmt: skip
    """The members that a line is told of."""
    if step is None:
        return heard if line.channel in group.place.route.channels else {}
    firing = {}
    for key, member in heard.items():
        due = escalates_at(member, step, at)
        if key in line.told or (due <= at.now and not at.is_acknowledged(key)):
            firing[key] = member
        elif not at.is_acknowledged(key):
            found.look(due)
    return firing


def _due(
    line: Line, step: Escalation | None, group: Group, firing: Mapping[str, Member],
    resolved: Mapping[str, Member], at: Circumstances,
) -> tuple[Cause | None, datetime | None]:  # fmt: skip
    """Why a line is to be told, and from when on it may be."""
    route = group.place.route
    news = list(_news(line, firing, at))
    if news or resolved:
        first = group.opened + (timedelta(0) if step else route.group_wait)
        gravity = max((rank(one.mark) for one in news), default=0)
        moment = line.may_tell(first, gravity, route.group_interval)
        return _cause(line, step, firing, news, resolved), moment
    if line.last is None or all(map(at.is_acknowledged, firing)):
        return None, None
    sent = line.sent_at or line.last
    return Cause.REPEATED, max(sent + route.repeat_interval, line.last + route.group_interval)


def _news(line: Line, firing: Mapping[str, Member], at: Circumstances) -> Iterator[Member]:
    """What a line does not know yet, or is to hear again."""
    for key, member in firing.items():
        if line.told.get(key) != member.mark or at.was_freed(member, line.sent_at):
            yield member


def _cause(
    line: Line, step: Escalation | None, firing: Mapping[str, Member], news: Sequence[Member],
    resolved: Mapping[str, Member],
) -> Cause:  # fmt: skip
    if not firing:
        return Cause.RESOLVED
    if not resolved and all(line.told.get(one.fingerprint) == one.mark for one in news):
        return Cause.REPEATED  # what a silence left out meanwhile: the same state once more
    if step and news:
        return Cause.ESCALATED
    return Cause.CHANGED if line.told else Cause.NEW


def _known(
    line: Line, group: Group, firing: Mapping[str, Member], resolved: Mapping[str, Member],
    at: Circumstances,
) -> Mapping[str, str]:  # fmt: skip
    """What a line knows after it was told: also what it heard before and is quiet now."""
    rest = {
        key: mark
        for key, mark in line.told.items()
        if key not in resolved and (at.is_active(key) or key in group.gone)
    }
    return {**rest, **{key: member.mark for key, member in firing.items()}}
