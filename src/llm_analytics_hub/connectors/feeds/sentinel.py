"""What Sentinel is told: what became of its alerts."""

from datetime import timedelta

from llm_analytics_hub.connectors.feeds.arrivals import ArrivalFeed
from llm_analytics_hub.connectors.feeds.channel import Channel, Feed, FeedKind
from llm_analytics_hub.feedback.threats import FEEDBACK, FROM_HUB, to_feedback


def feedback(channel: Channel) -> Feed:
    """Feedback as it was told to the hub, with its id."""
    return ArrivalFeed(channel, (FEEDBACK, FROM_HUB), to_body=to_feedback)


FEEDS = {"threat-feedback": FeedKind(timedelta(seconds=1), feedback)}
