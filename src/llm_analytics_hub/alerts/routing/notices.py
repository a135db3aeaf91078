"""From what is due to the notices that channels send, and to what is stored of them."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import xxhash

from llm_analytics_hub.alerts.routing.group import Group, Member, rank
from llm_analytics_hub.alerts.routing.planning import Draft
from llm_analytics_hub.model.alerts.alert import Alert, Told
from llm_analytics_hub.model.alerts.routing import Cause, Delivery, Notice, Outcome, Sent

MOST_LISTED = 100

ToldOf = Callable[[Alert], Told]


@dataclass(frozen=True)
class Planned:
    """A notice that a channel is to send, and what is to be kept once it did."""

    channel: str
    notice: Notice
    sent: Sent


def planned(group: Group, draft: Draft, told_of: ToldOf, now: datetime) -> Planned:
    """The notice of a draft, with the alerts that matter most if there are too many."""
    over = _most(draft.resolved, draft, MOST_LISTED // 2 if draft.firing else MOST_LISTED)
    firing = _most(draft.firing, draft, MOST_LISTED - len(over))
    listed = len(firing) + len(over)
    notice = Notice(
        tenant=group.tenant,
        group_key=group.place.key,
        route=group.place.route.name,
        group_labels=group.place.labels,
        cause=draft.cause,
        at=now,
        firing=[told_of(member.alert) for member in firing],
        resolved=[told_of(member.alert) for member in over],
        left_out=len(draft.firing) + len(draft.resolved) - listed,
    )
    known = frozenset(draft.known.items())
    channel = draft.line.channel
    sent = Sent(group.tenant, group.place.key, channel, known, now, draft.cause)
    return Planned(channel, notice, sent)


def muted(
    group: Group, outcome: Outcome, members: Sequence[Member], now: datetime
) -> Iterator[Delivery]:
    """That channels were not told of members; after a restart the same has the same id."""
    fingerprints = tuple(member.fingerprint for member in members)
    times = ",".join(f"{one.fingerprint}@{one.fired.isoformat()}" for one in members)
    for channel in group.place.route.channels:
        text = f"{group.tenant}|{group.place.key}|{channel}|{outcome}|{times}"
        yield Delivery(
            tenant=group.tenant,
            id=xxhash.xxh3_128_hexdigest(text.encode()),
            group_key=group.place.key,
            channel=channel,
            cause=Cause.NEW,
            at=now,
            outcome=outcome,
            alerts=fingerprints,
            tries=0,
        )


def failed(plan: Planned, error: str) -> Delivery:
    """That a notice could not be given to its channel at all."""
    notice = plan.notice
    alerts = tuple(one.alert.fingerprint for one in (*notice.firing, *notice.resolved))
    text = f"{notice.tenant}|{notice.group_key}|{plan.channel}|{notice.at.isoformat()}"
    return Delivery(
        tenant=notice.tenant,
        id=xxhash.xxh3_128_hexdigest(text.encode()),
        group_key=notice.group_key,
        channel=plan.channel,
        cause=notice.cause,
        at=notice.at,
        outcome=Outcome.FAILED,
        alerts=alerts,
        tries=0,
        error=error,
    )


def _most(members: Mapping[str, Member], draft: Draft, count: int) -> list[Member]:
    """What the channel does not know yet first, then the gravest; in order of beginning."""

    def weight(member: Member) -> tuple[bool, int, datetime]:
        is_known = draft.line.told.get(member.fingerprint) == member.mark
        return is_known, -rank(member.mark), member.began

    chosen = heapq.nsmallest(count, members.values(), key=weight)
    return sorted(chosen, key=lambda one: (one.began, one.fingerprint))
