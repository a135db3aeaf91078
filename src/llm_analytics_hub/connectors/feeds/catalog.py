"""All feeds, by the module they are for and their name."""

from collections.abc import Mapping

from llm_analytics_hub.connectors.feeds import (
    costops,
    governance_dashboard,
    policy_engine,
    registry,
    sentinel,
)
from llm_analytics_hub.connectors.feeds.channel import FeedKind

FEEDS: Mapping[str, Mapping[str, FeedKind]] = {
    "policy-engine": policy_engine.FEEDS,
    "costops": costops.FEEDS,
    "governance-dashboard": governance_dashboard.FEEDS,
    "sentinel": sentinel.FEEDS,
    "registry": registry.FEEDS,
}
