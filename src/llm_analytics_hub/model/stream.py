"""Streams and their delivery policies, as data (DESIGN §4, "Delivery policies")."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Guarantee(StrEnum):
    """What a sender may rely on."""

    AT_MOST_ONCE = "at_most_once"
    AT_LEAST_ONCE = "at_least_once"
    EXACTLY_ONCE = "exactly_once"


@dataclass(frozen=True)
class DeliveryPolicy:
    """How one stream is delivered, deduplicated, ordered and kept.

    `dedup_window` None means that a key is remembered as long as its event is kept.
    """

    guarantee: Guarantee
    dedup_window: timedelta | None
    order_key: str
    retention: timedelta


def _policy(
    guarantee: Guarantee, window: timedelta | None, order: str, days: int
) -> DeliveryPolicy:
    return DeliveryPolicy(guarantee, window, order, timedelta(days=days))


POLICIES: Mapping[str, DeliveryPolicy] = {
    "registry": _policy(Guarantee.AT_LEAST_ONCE, timedelta(minutes=5), "asset_id", 30),
    "policy": _policy(Guarantee.EXACTLY_ONCE, None, "policy_id", 90),
    "observatory": _policy(Guarantee.AT_MOST_ONCE, timedelta(minutes=10), "", 7),
    "security": _policy(Guarantee.EXACTLY_ONCE, None, "occurred_at", 365),
    "cost": _policy(Guarantee.AT_LEAST_ONCE, timedelta(hours=1), "account_id", 90),
    "marketplace": _policy(Guarantee.AT_LEAST_ONCE, timedelta(minutes=5), "service", 90),
    "governance": _policy(Guarantee.EXACTLY_ONCE, None, "occurred_at", 365),
}

STREAM_OF_SOURCE: Mapping[str, str] = {
    "registry": "registry",
    "policy-engine": "policy",
    "marketplace": "marketplace",
    "observatory": "observatory",
    "sentinel": "security",
    "costops": "cost",
    "governance-dashboard": "governance",
    "analytics-hub": "governance",
}
"""The stream an event of this source belongs to when it names none."""

SOURCE_SPELLINGS: Mapping[str, str] = {
    **{name: name for name in STREAM_OF_SOURCE},
    **{f"llm-{name}": name for name in STREAM_OF_SOURCE},
    "llm-cost-ops": "costops",
    "cost-ops": "costops",
    "policy_engine": "policy-engine",
    "governance": "governance-dashboard",
    "governance_dashboard": "governance-dashboard",
    "llm-analytics-hub": "analytics-hub",
}
"""Every spelling of a module's name seen on wires (WIRE_FORMATS §11.2) to the hub's own."""

DEFAULT_STREAM = "observatory"
"""The stream of a source the hub does not know: kept briefly, shed first."""
