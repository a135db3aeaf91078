"""What the marketplace answers when it is asked: aggregates, none of which is a call or a cost.

The calls behind them are counted where they are told one by one: sums and averages stay attributes.
"""

from collections.abc import Iterable

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.marketplace.quota import utilization
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.metric_names import unit_of
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    percent,
    read,
)
from llm_analytics_hub.normalize.timestamps import parse_timestamp

_RATIO = constant("ratio")
_MICROSECONDS = 1_000_000


def quota(message: Message) -> Iterable[Row]:
    """The state of a quota now; `remaining_tokens` may be negative."""
    reading = Reading(message.document)
    row = {"event_type": "quota.reported", **read(reading, PARTIES), **utilization(reading)}
    return [with_rest(row, reading.rest)]


PARTIES: Columns = {"service": "service_id", "account_id": "consumer_id"}
USAGE_COLUMNS: Columns = {
    **PARTIES,
    "event_type": constant("usage.reported"),
    "value": "error_rate",
    "unit": _RATIO,
}


def usage(message: Message) -> Iterable[Row]:
    """Usage of a service over a period, told at its end; `total_cost` has no currency."""
    reading = Reading(message.document)
    row = read(reading, USAGE_COLUMNS)
    if _is_over(reading.see("period_end"), message):
        row["occurred_at"] = reading.see("period_end")
    return [with_rest(row, reading.rest)]


def _is_over(moment: object, message: Message) -> bool:
    """Whether a moment lies before the message came."""
    try:
        return parse_timestamp(moment) <= message.received_at.timestamp() * _MICROSECONDS
    except InvalidInputError:
        return False


STATISTICS_COLUMNS: Columns = {
    "event_type": constant("statistics.reported"),
    "service": "service_name",
    "value": "error_rate",
    "unit": _RATIO,
}

statistics = by_table(STATISTICS_COLUMNS, names={"uptime_ratio": percent("uptime_percentage")})
"""Statistics of one of the marketplace's own services."""


DASHBOARD_COLUMNS: Columns = {
    "event_type": constant("dashboard.reported"),
    "value": "error_rate_24h",
    "unit": _RATIO,
}
METRIC_COLUMNS: Columns = {
    "event_type": constant("metric.aggregated"),
    "event_id": "id",
    "occurred_at": "window_end",
    "service": ("service_name", "service_id"),
    "value": "value",
    "unit": lambda reading: unit_of(reading.see("metric_name")),
}

QUOTA = Shape("quota status", has("used_tokens", "total_tokens"), quota)
USAGE = Shape("usage statistics", has("period_start", "period_end", "total_requests"), usage)
STATISTICS = Shape(
    "service statistics", has("service_name", "total_requests", "error_rate"), statistics
)
DASHBOARD = Shape(
    "dashboard metrics", has("total_services", "total_requests_24h"), by_table(DASHBOARD_COLUMNS)
)
METRIC = Shape("aggregated metric", has("metric_name", "value"), by_table(METRIC_COLUMNS))
