"""Which alerts are active, in which groups they are, and which groups were told of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.group import Group, GroupId, Member, mark_of
from llm_analytics_hub.alerts.routing.inhibition import Inhibitor
from llm_analytics_hub.alerts.routing.tree import Place, RouteTree
from llm_analytics_hub.model.alerts.alert import Alert
from llm_analytics_hub.model.alerts.labels import Labels

LabelsOf = Callable[[Alert], Labels]


@dataclass
class Tenant:
    """A tenant's routing, its groups, and when a silence starts or ends next.

    `is_freed`: something stopped keeping others quiet.
    """

    tree: RouteTree
    inhibitor: Inhibitor
    groups: dict[GroupId, Group] = field(default_factory=dict)
    boundary: datetime | None = None
    is_freed: bool = False


class Membership:
    """All active alerts, by what they are called, and the groups of all tenants."""

    def __init__(self, desk: RoutingDesk, labels_of: LabelsOf) -> None:
        self._desk = desk
        self.labels_of = labels_of
        self.active: dict[str, Member] = {}
        self.tenants: dict[str, Tenant] = {}
        self._told_in: dict[str, set[GroupId]] = {}

    def tenant(self, name: str) -> Tenant:
        """What is known of a tenant."""
        if name not in self.tenants:
            inhibitor = Inhibitor(self._desk.routing(name).inhibitions)
            self.tenants[name] = Tenant(self._desk.tree(name), inhibitor)
        return self.tenants[name]

    def group(self, id: GroupId) -> Group | None:  # noqa: A002 - what groups call it
        """One that there is."""
        tenant = self.tenants.get(id[0])
        return tenant.groups.get(id) if tenant else None

    def open(self, tenant: str, place: Place, now: datetime) -> Group:
        """The group of a place."""
        groups = self.tenant(tenant).groups
        return groups.setdefault((tenant, place.key), Group(tenant, place, now))

    def put(self, alert: Alert, now: datetime) -> tuple[Member, Iterable[Group]]:
        """An alert is active; the groups in which it is new, or other than it was."""
        tenant, labels = self.tenant(alert.tenant), self.labels_of(alert)
        places = tenant.tree.places(labels)
        keys = tuple(place.key for place in places)
        member = Member(alert, alert.fingerprint, labels, mark_of(alert), keys)
        before = self.active.get(member.fingerprint)
        self._move(tenant, before, member)
        self.active[member.fingerprint] = member
        groups = [self.open(alert.tenant, place, now) for place in places]
        for group, place in zip(groups, places, strict=True):
            group.join(member, place, now)
        is_same = before and (before.labels, before.mark, before.keys) == (
            labels,
            member.mark,
            keys,
        )
        return member, () if is_same else groups

    def remove(self, alert: Alert) -> Iterable[Group]:
        """An alert is active no more; the groups that may have to tell so."""
        fingerprint = alert.fingerprint
        before = self.active.pop(fingerprint, None)
        if before is None:
            return ()
        tenant = self.tenant(alert.tenant)
        tenant.is_freed |= tenant.inhibitor.remove(fingerprint, before.labels)
        over = replace(before, alert=alert)
        ids = {(alert.tenant, key) for key in before.keys} | self._told_in.get(fingerprint, set())
        groups = [group for id_ in ids if (group := tenant.groups.get(id_))]
        for group in groups:
            group.members.pop(fingerprint, None)
            group.muted.pop(fingerprint, None)
            group.gone[fingerprint] = over
        return groups

    def reroute(self, name: str, now: datetime) -> None:
        """The routing of a tenant is another: its alerts find their places anew."""
        groups = self.tenants.pop(name).groups
        tenant = self.tenant(name)
        tenant.groups = groups
        for group in groups.values():
            route = tenant.tree.route(group.place.route.name)
            group.place = replace(group.place, route=route)
            group.members.clear()
        for member in [one for one in self.active.values() if one.alert.tenant == name]:
            del self.active[member.fingerprint]
            self.put(member.alert, now)

    def was_told(self, group: Group, before: Iterable[str], after: Iterable[str]) -> None:
        """A group was told of `after` instead of `before`."""
        for fingerprint in before:
            self._told_in.get(fingerprint, set()).discard(group.id)
            if not self._told_in.get(fingerprint):
                self._told_in.pop(fingerprint, None)
        for fingerprint in set[str]().union(*(line.told for line in group.lines.values()), after):
            self._told_in.setdefault(fingerprint, set()).add(group.id)

    def drop(self, group: Group) -> None:
        """A group is over."""
        self.tenant(group.tenant).groups.pop(group.id, None)

    def _move(self, tenant: Tenant, before: Member | None, member: Member) -> None:
        """Take what an alert was out of where it does not belong now."""
        fingerprint, name = member.fingerprint, member.alert.tenant
        for id_ in self._told_in.get(fingerprint, ()):
            if group := tenant.groups.get(id_):
                group.gone.pop(fingerprint, None)
        if before is None or before.labels != member.labels:
            if before:
                tenant.is_freed |= tenant.inhibitor.remove(fingerprint, before.labels)
            tenant.inhibitor.add(fingerprint, member.labels)
        for key in set(before.keys if before else ()).difference(member.keys):
            if group := tenant.groups.get((name, key)):
                group.members.pop(fingerprint, None)
                group.muted.pop(fingerprint, None)
