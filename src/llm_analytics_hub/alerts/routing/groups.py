"""Who is told what, and when: the state of all groups, driven by alerts, answers and the time.

Not for several threads at once. A change costs the groups of one alert; a group is looked at as a whole
only when something of it may be due, so that a flood costs no more than its alerts.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import structlog

from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.group import Group, rank
from llm_analytics_hub.alerts.routing.membership import LabelsOf, Membership, Tenant
from llm_analytics_hub.alerts.routing.notices import Planned, ToldOf, planned
from llm_analytics_hub.alerts.routing.planning import Circumstances, Draft, may_be_due, plan
from llm_analytics_hub.alerts.routing.restoring import restore
from llm_analytics_hub.alerts.routing.round import Round
from llm_analytics_hub.alerts.routing.schedule import Schedule
from llm_analytics_hub.model.alerts.alert import Alert
from llm_analytics_hub.model.alerts.routing import Cause, Sent

_log = structlog.get_logger(__name__)
_MOMENT = timedelta(milliseconds=1)


class Groups:
    """All groups of all tenants."""

    def __init__(self, desk: RoutingDesk, told_of: ToldOf, labels_of: LabelsOf) -> None:
        self._desk = desk
        self._told_of = told_of
        self._members = Membership(desk, labels_of)
        self._schedule = Schedule()
        self._cared: set[str] = set()
        self._latest: datetime | None = None

    def load(self, alerts: Sequence[Alert], sent: Sequence[Sent], now: datetime) -> None:
        """Begin with what was stored; what was told already is not told again."""
        self._cared |= restore(self._members, self._desk, alerts, sent, now)
        for name in self._members.tenants:
            self.refresh(name, now)

    def known(self, now: datetime) -> Iterator[Planned]:
        """What channels were told of that goes on."""
        for tenant in self._members.tenants.values():
            for group in tenant.groups.values():
                for line in group.lines.values():
                    firing = {key: group.members[key] for key in line.told if key in group.members}
                    if firing:
                        draft = Draft(line, Cause.REPEATED, firing, {}, line.told)
                        yield planned(group, draft, self._told_of, now)

    def update(self, alerts: Iterable[Alert], now: datetime) -> None:
        """These alerts are other than they were."""
        for alert in alerts:
            try:
                self._change(alert, now)
            except Exception:  # noqa: BLE001 - it is one alert's; of the others people are told
                _log.exception("alert not routed", tenant=alert.tenant, rule=alert.rule)

    def refresh(self, name: str, now: datetime) -> None:
        """The routing or the silences of a tenant are other than they were."""
        tenant = self._members.tenant(name)
        if tenant.tree is not self._desk.tree(name):
            self._members.reroute(name, now)
            tenant = self._members.tenant(name)
        tenant.boundary = self._desk.silences.silencer(name).boundary(now)
        for id_ in tenant.groups:
            self._schedule.wake(id_, now)

    def next(self) -> datetime | None:
        """When something may be due without anything happening before."""
        boundaries = (one.boundary for one in self._members.tenants.values() if one.groups)
        moments = [moment for moment in (self._schedule.next(), *boundaries) if moment]
        return min(moments, default=None)

    def due(self, now: datetime) -> Round:
        """What is to be done now; the lines of its notices wait until they are settled."""
        self._notice_turned_clock(now)
        for name, tenant in tuple(self._members.tenants.items()):
            self._pass_boundaries(name, tenant, now)
        found = Round()
        for id_ in self._schedule.due(now):
            group = self._members.group(id_)
            if group is not None:
                self._look(group, now, found)
        found.cared = set(self._cared)
        return found

    def lifted(self, fingerprints: Iterable[str]) -> None:
        """These acknowledgements were withdrawn."""
        self._cared.difference_update(fingerprints)

    def settle(self, done: Planned, is_sent: bool, now: datetime) -> None:
        """What became of a notice."""
        group = self._members.group((done.notice.tenant, done.notice.group_key))
        if group is None:
            return
        line = group.line(done.channel)
        line.in_flight = False
        if is_sent:
            before = tuple(line.told)
            line.take(done.sent, done.notice.at)
            self._members.was_told(group, before, line.told)
        self._schedule.wake(group.id, now)

    @property
    def count(self) -> int:
        """How many groups there are."""
        return sum(len(tenant.groups) for tenant in self._members.tenants.values())

    def _change(self, alert: Alert, now: datetime) -> None:
        if alert.is_active:
            self._put(alert, now)
        else:
            self._remove(alert, now)

    def _put(self, alert: Alert, now: datetime) -> None:
        before = self._members.active.get(alert.fingerprint)
        member, groups = self._members.put(alert, now)
        if before and rank(member.mark) > rank(before.mark):
            self._care_no_more(member.fingerprint)
        at = self._circumstances(alert.tenant, now)
        for group in groups:
            self._schedule.wake(group.id, may_be_due(group, member, at))

    def _remove(self, alert: Alert, now: datetime) -> None:
        self._care_no_more(alert.fingerprint)
        for group in self._members.remove(alert):
            if group.is_over:
                self._schedule.wake(group.id, now)
            for line in group.lines.values():
                if alert.fingerprint in line.told and not line.in_flight:
                    moment = line.may_tell(now, 0, group.place.route.group_interval)
                    self._schedule.wake(group.id, moment)

    def _care_no_more(self, fingerprint: str) -> None:
        if self._desk.acknowledgement(fingerprint):
            self._cared.add(fingerprint)

    def _circumstances(self, name: str, now: datetime) -> Circumstances:
        return Circumstances(
            now=now,
            silencer=self._desk.silences.silencer(name),
            inhibitor=self._members.tenant(name).inhibitor,
            is_acknowledged=self._is_acknowledged,
            is_active=self._members.active.__contains__,
        )

    def _is_acknowledged(self, fingerprint: str) -> bool:
        is_over = fingerprint in self._cared
        return not is_over and self._desk.acknowledgement(fingerprint) is not None

    def _pass_boundaries(self, name: str, tenant: Tenant, now: datetime) -> None:
        """A silence started or ended, or what kept others quiet is over: look at all it may be about."""
        is_passed = tenant.boundary is not None and tenant.boundary <= now
        if is_passed:
            tenant.boundary = self._desk.silences.silencer(name).boundary(now)
        if is_passed or tenant.is_freed:
            for id_, group in tenant.groups.items():
                if is_passed or group.muted:
                    self._schedule.wake(id_, now)
        tenant.is_freed = False

    def _look(self, group: Group, now: datetime, found: Round) -> None:
        """Do what is due of a group, and say when to look again."""
        try:
            wanted = plan(group, self._circumstances(group.tenant, now))
            notices = [planned(group, draft, self._told_of, now) for draft in wanted.drafts]
        except Exception:  # noqa: BLE001 - it is one group's; the others are told
            _log.exception("group not planned", group=group.place.key)
            self._schedule.wake(group.id, now + group.place.route.group_interval)
            return
        for draft in wanted.drafts:
            draft.line.begin(max((rank(one.mark) for one in draft.firing.values()), default=0), now)
        group.looked_at = now
        found.planned += notices
        found.leave_out(group, wanted.muted, now)
        self._schedule.wake(group.id, wanted.again and max(wanted.again, now + _MOMENT))
        if group.is_over:
            self._end(group, now, found)

    def _end(self, group: Group, now: datetime, found: Round) -> None:
        """Forget a group, once what comes back would not be told too soon."""
        moments = [line.last for line in group.lines.values() if line.last]
        end = max(moments) + group.place.route.group_interval if moments else now
        if end > now:
            self._schedule.wake(group.id, end)
            return
        self._members.drop(group)
        if moments:
            found.forgotten.append(group.id)

    def _notice_turned_clock(self, now: datetime) -> None:
        """After the clock was set back nothing waits for the time that it showed."""
        if self._latest and now < self._latest - timedelta(seconds=1):
            for tenant in self._members.tenants.values():
                for id_, group in tenant.groups.items():
                    group.turn_back(now)
                    self._schedule.wake(id_, now)
        self._latest = now
