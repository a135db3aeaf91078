"""What the policy engine is told: the compliance report of each hour, or day."""

from datetime import timedelta

from llm_analytics_hub.connectors.feeds.channel import Channel, Feed, FeedKind
from llm_analytics_hub.connectors.feeds.periods import PeriodFeed
from llm_analytics_hub.feedback.compliance import ComplianceReports

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def compliance(channel: Channel) -> Feed:
    """Reports in the documents' shape, to whoever takes them."""
    link = channel.link
    reports = ComplianceReports(link.sources.queries, link.clock)
    return PeriodFeed(channel, lambda span: [reports.report(link.tenant, span)])


FEEDS = {"compliance-report": FeedKind(HOUR, compliance, (HOUR, DAY))}
