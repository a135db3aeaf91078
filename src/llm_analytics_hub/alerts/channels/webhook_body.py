"""The JSON body of webhooks: near to Alertmanager's, so that what reads those reads this."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from llm_analytics_hub.alerts.channels.keys import idempotency_key
from llm_analytics_hub.alerts.channels.messages import gravest
from llm_analytics_hub.model.alerts.alert import Told
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.routing import Notice

VERSION = "1"
ENDLESS = "0001-01-01T00:00:00Z"
"""`endsAt` of what goes on, as Alertmanager's webhooks have it."""


def webhook_body(channel: str, notice: Notice) -> bytes:
    """The body, as docs/alert-channels.md describes it; `id` is the idempotency key."""
    told = (*notice.firing, *notice.resolved)
    return msgspec.json.encode({
        "version": VERSION, "id": idempotency_key(notice), "receiver": channel,
        "tenant": notice.tenant, "route": notice.route, "groupKey": notice.group_key,
        "cause": notice.cause.value, "sentAt": written(notice.at),
        "status": "firing" if notice.firing else "resolved",
        "level": gravest(notice.firing or notice.resolved),
        "groupLabels": dict(notice.group_labels),
        "commonLabels": _common([one.labels for one in told]),
        "truncatedAlerts": notice.left_out,
        "alerts": [
            *(_alert(one, "firing") for one in notice.firing),
            *(_alert(one, "resolved") for one in notice.resolved),
        ],
    })  # fmt: skip


def _alert(told: Told, status: str) -> Mapping[str, object]:
    alert = told.alert
    ended = alert.resolved if status == "resolved" else None
    return {
        "status": status, "phase": alert.phase.value, "labels": dict(told.labels),
        "annotations": dict(told.annotations), "startsAt": written(starts(told)),
        "endsAt": written(ended) if ended else ENDLESS, "generatorURL": told.url,
        "fingerprint": alert.fingerprint, "value": alert.value, "unit": told.unit, "limit": told.limit,
        "count": alert.count, "detail": dict(alert.detail),
    }  # fmt: skip


def starts(told: Told) -> datetime:
    """When the alert's condition began to hold."""
    alert = told.alert
    return alert.began or alert.fired or alert.since


def written(moment: datetime) -> str:
    """As RFC 3339 has it, in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _common(all_labels: list[Labels]) -> Mapping[str, str]:
    common = set(all_labels[0]) if all_labels else set()
    for labels in all_labels[1:]:
        common.intersection_update(labels)
    return dict(sorted(common))
