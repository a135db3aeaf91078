"""Groups as they were before a restart: from the alerts, and from what channels were told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.group import Group, Member, rank
from llm_analytics_hub.alerts.routing.membership import Membership
from llm_analytics_hub.alerts.routing.tree import Place
from llm_analytics_hub.model.alerts.alert import Alert
from llm_analytics_hub.model.alerts.routing import Sent


def restore(
    members: Membership, desk: RoutingDesk, alerts: Sequence[Alert], sent: Sequence[Sent], now: datetime
) -> set[str]:  # fmt: skip
    """Fill `members`; the alerts whose acknowledgement was over meanwhile."""
    for alert in alerts:
        if alert.is_active:
            member, groups = members.put(alert, now)
            for group in groups:
                group.opened = min(group.opened, member.fired)
    known = {alert.fingerprint: alert for alert in alerts}
    told: dict[str, int] = {}
    for one in sent:
        group = _group(members, one, known, now)
        _take(members, group, one, known, now)
        for fingerprint, mark in one.firing:
            told[fingerprint] = max(told.get(fingerprint, 0), rank(mark))
    return {one.fingerprint for one in desk.acknowledgements() if _is_over(one.fingerprint, members, told)}  # fmt: skip


def _group(members: Membership, sent: Sent, known: Mapping[str, Alert], now: datetime) -> Group:
    """The group that a channel was told of."""
    group = members.group((sent.tenant, sent.group_key))
    if group is not None:
        return group
    tree = members.tenant(sent.tenant).tree
    for fingerprint, _ in sent.firing:
        if fingerprint not in known:
            continue
        for place in tree.places(members.labels_of(known[fingerprint])):
            if place.key == sent.group_key:
                return members.open(sent.tenant, place, now)
    # Its route is no more: it is told the end at the pace of the root.
    return members.open(sent.tenant, Place(sent.group_key, tree.root, ()), now)


def _take(
    members: Membership, group: Group, sent: Sent, known: Mapping[str, Alert], now: datetime
) -> None:
    """What one channel knows; of alerts that are forgotten there is nothing more to tell."""
    firing = frozenset((key, mark) for key, mark in sent.firing if key in known)
    group.line(sent.channel).take(replace(sent, firing=firing), min(sent.at, now))
    for key, mark in firing:
        if not known[key].is_active:
            labels = members.labels_of(known[key])
            group.gone[key] = Member(known[key], key, labels, mark)
    members.was_told(group, (), dict(firing))


def _is_over(fingerprint: str, members: Membership, told: Mapping[str, int]) -> bool:
    """Whether an alert is no more, or graver than all that anybody was told of it."""
    member = members.active.get(fingerprint)
    return member is None or (fingerprint in told and rank(member.mark) > told[fingerprint])
