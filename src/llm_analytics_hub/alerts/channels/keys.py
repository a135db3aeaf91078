"""What a notice is called by: equal for every try, and for one that repeats after a crash."""

from collections.abc import Iterator
from hashlib import blake2b

from llm_analytics_hub.model.alerts.alert import Told
from llm_analytics_hub.model.alerts.routing import Cause, Notice

_OF_ONE_STATE = frozenset({Cause.NEW, Cause.CHANGED, Cause.RESOLVED})
"""Sent once for one state of the alerts; the others are sent of the same state again and again."""


def idempotency_key(notice: Notice) -> str:
    """32 hex digits: the same for the same news of the same group.

    A hub that was killed after it sent and before it remembered sends once more, with this key: a
    receiver that keeps keys sees nothing twice.
    """
    parts = [notice.tenant, notice.group_key, notice.route, notice.cause.value]
    if notice.cause not in _OF_ONE_STATE:
        parts.append(notice.at.isoformat())
    for told in (*notice.firing, *notice.resolved):
        parts += _state(told)
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _state(told: Told) -> Iterator[str]:
    alert = told.alert
    yield alert.fingerprint
    yield alert.phase.value
    yield alert.level.value if alert.level else ""
    yield str(alert.fired)
    yield str(alert.resolved)
