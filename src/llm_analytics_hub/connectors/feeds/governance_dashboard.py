"""What the governance dashboard is told: compliance, violations, the audit trail, metrics.

What came from the dashboard itself is not told to it again, but for sums over everything.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from llm_analytics_hub.connectors.feeds.arrivals import ArrivalFeed, Event
from llm_analytics_hub.connectors.feeds.channel import Channel, Feed, FeedKind
from llm_analytics_hub.connectors.feeds.outbox import Json
from llm_analytics_hub.connectors.feeds.policy_engine import compliance
from llm_analytics_hub.feedback.audit import TRAIL
from llm_analytics_hub.feedback.dashboard import CALLS, FROM_OTHERS, to_audit_log
from llm_analytics_hub.feedback.violations import DETECTED, OF_POLICY, to_violation
from llm_analytics_hub.integrations.governance_dashboard.outgoing import metric_rows

log = structlog.get_logger(__name__)

FIVE_MINUTES, HOUR, DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def violations(channel: Channel) -> Feed:
    """Violations one by one, in the words of the documents."""
    return ArrivalFeed(channel, (DETECTED, OF_POLICY, FROM_OTHERS), to_body=to_violation)


def audit(channel: Channel) -> Feed:
    """Bodies for `POST /audit/logs`."""
    return ArrivalFeed(channel, (TRAIL, FROM_OTHERS), to_body=to_audit_log)


def metrics(channel: Channel) -> Feed:
    """Arrays for `POST /metrics/ingest/batch`; calls that it has no way to take are logged."""

    def to_rows(events: Sequence[Event]) -> Sequence[Json]:
        made = metric_rows(events)
        if made.left_out or made.clipped:
            told = {"left_out": made.left_out, "clipped": made.clipped}
            log.info("metrics not told whole", connector=channel.link.state.name, **told)
        return made.rows

    return ArrivalFeed(channel, (CALLS, FROM_OTHERS), to_rows=to_rows)


FEEDS = {
    "compliance": FeedKind(FIVE_MINUTES, compliance, (FIVE_MINUTES, HOUR, DAY)),
    "violations": FeedKind(SECOND, violations),
    "audit": FeedKind(MINUTE, audit),
    "metrics": FeedKind(MINUTE, metrics),
}
