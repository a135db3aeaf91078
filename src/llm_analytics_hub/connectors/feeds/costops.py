"""What CostOps is told: usage reports, and what it forecasts from.

Baselines, curves and clusters are of the last 30 days, so that of those missed only the last is told.
"""

from datetime import timedelta

from llm_analytics_hub.connectors.feeds.channel import Channel, Feed, FeedKind
from llm_analytics_hub.connectors.feeds.outbox import Json
from llm_analytics_hub.connectors.feeds.periods import NOTHING_TO_TELL, PeriodFeed
from llm_analytics_hub.errors import InvalidInputError, NotFoundError
from llm_analytics_hub.feedback.costs import WINDOW, CostFeedback, Wanted
from llm_analytics_hub.feedback.usage_periods import POINTS
from llm_analytics_hub.model.query import TimeRange

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GRANULARITIES = {HOUR: "hourly", DAY: "daily"}


def usage_reports(channel: Channel) -> Feed:
    """The usage report of each period."""
    link, costs = channel.link, _costs(channel)
    return PeriodFeed(channel, lambda span: [costs.report(link.tenant, span)])


def baselines(channel: Channel) -> Feed:
    """The UsageBaseline up to the end of the last period."""
    tenant, costs = channel.link.tenant, _costs(channel)
    return PeriodFeed(
        channel, lambda span: [costs.baseline(tenant, _wanted(channel, span))], most=1
    )


def curves(channel: Channel) -> Feed:
    """A HistoricalCurve of each metric that something is known of."""
    tenant, costs = channel.link.tenant, _costs(channel)

    def make(span: TimeRange) -> list[Json]:
        wanted = _wanted(channel, span)
        found = (_curve(costs, tenant, metric, wanted) for metric in POINTS)
        return [curve for curve in found if curve is not None]

    return PeriodFeed(channel, make, most=1)


def clusters(channel: Channel) -> Feed:
    """A ForecastingCluster for each group of accounts."""
    tenant, costs = channel.link.tenant, _costs(channel)

    def make(span: TimeRange) -> list[Json]:
        return costs.clusters(tenant, Wanted(period=TimeRange(span.end - WINDOW, span.end)))

    return PeriodFeed(channel, make, most=1)


FEEDS = {
    "usage-report": FeedKind(HOUR, usage_reports, (HOUR, DAY)),
    "usage-baseline": FeedKind(DAY, baselines, (HOUR, DAY), is_scoped=True),
    "historical-curve": FeedKind(DAY, curves, (HOUR, DAY), is_scoped=True),
    "forecasting-clusters": FeedKind(DAY, clusters, (DAY,)),
}


def _costs(channel: Channel) -> CostFeedback:
    return CostFeedback(channel.link.sources.queries, channel.link.clock)


def _wanted(channel: Channel, span: TimeRange) -> Wanted:
    period = TimeRange(span.end - WINDOW, span.end)
    return Wanted(GRANULARITIES[channel.every], channel.scope, period)


def _curve(costs: CostFeedback, tenant: str, metric: str, wanted: Wanted) -> Json | None:
    try:
        return costs.curve(tenant, metric, wanted)
    except (NotFoundError, InvalidInputError) as error:
        if error.code not in NOTHING_TO_TELL:
            raise
        return None
