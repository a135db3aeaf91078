"""What the analytics API adds up: one event for each summary, its number a value.

None of them is a call, and no cost of theirs is a cost: the calls behind them are told one by one.
"""

from collections.abc import Iterator

from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.providers import provider
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    percent,
    read,
    renamed,
)

SUMMARIZED = "cost.summarized"
_COST = constant("cost")
_USD = constant("USD")

PERIOD: Columns = {
    "period_start": "metadata.start_time",
    "period_end": "metadata.end_time",
    "day_over_day_change_ratio": percent("overview.day_over_day_change"),
    "week_over_week_change_ratio": percent("overview.week_over_week_change"),
}
COSTS: Columns = {
    "event_type": constant(SUMMARIZED),
    "stream": _COST,
    "occurred_at": "metadata.generated_at",
    "value": "overview.total_cost",
    "unit": _USD,
}


costs = by_table(COSTS, names=PERIOD, opened=("metadata", "overview"))
"""The costs of a period in US dollars, which the API implies; changes become ratios."""


ATTRIBUTION: Columns = {
    "event_type": constant(SUMMARIZED),
    "stream": _COST,
    "value": "summary.total_cost",
    "unit": _USD,
}
ITEM: Columns = {
    "event_type": constant("cost.attributed"),
    "stream": _COST,
    "value": "total_cost",
    "unit": _USD,
}
DIMENSIONS = {
    "user": "user_id", "provider": "provider", "model": "model", "environment": "environment",
}  # fmt: skip


def attribution(message: Message) -> Iterator[Row]:
    """The sum, and what each user, model, … has of it."""
    reading = Reading(message.document)
    items, row = reading.take("items"), read(reading, ATTRIBUTION)
    renamed(reading, {"period_start": "metadata.start_time", "period_end": "metadata.end_time"})
    reading.open("metadata", "summary")
    yield with_rest(row, reading.rest)
    period = {name: reading.see(name) for name in ("dimension", "period_start", "period_end")}
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield _item(Reading(item), period)


def _item(reading: Reading, period: Row) -> Row:
    row = read(reading, ITEM)
    field = DIMENSIONS.get(str(period["dimension"]).lower())
    if field is not None:
        column = provider("dimension_value") if field == "provider" else "dimension_value"
        row |= read(reading, {field: column})
    renamed(reading, {"cost_ratio": percent("cost_percentage")})
    return with_rest(row, {**period, **reading.rest})


FORECAST: Columns = {
    "event_type": constant("cost.forecast"),
    "stream": _COST,
    "occurred_at": "metadata.generated_at",
    "value": "summary.total_forecasted_cost",
    "unit": _USD,
}
METRICS: Columns = {
    "event_type": constant("metrics.summarized"),
    "value": "current_period.error_rate",
    "unit": constant("ratio"),
}
PERFORMANCE: Columns = {
    "event_type": constant("performance.summarized"),
    "value": "avg_latency_ms",
    "unit": constant("ms"),
}
QUALITY: Columns = {
    "event_type": constant("quality.summarized"),
    "value": "error_rate",
    "unit": constant("ratio"),
}
COMPARISON: Columns = {"event_type": constant("models.compared")}

COST_SUMMARY = Shape("cost summary", has("metadata", "overview"), costs)
COST_ATTRIBUTION = Shape("cost attribution", has("metadata", "items", "summary"), attribution)
COST_FORECAST = Shape(
    "cost forecast",
    has("metadata", "historical", "forecast", "summary"),
    by_table(FORECAST, opened=("metadata", "summary")),
)
METRICS_SUMMARY = Shape(
    "metrics summary",
    has("current_period", "quality"),
    by_table(METRICS, opened=("current_period",)),
)
PERFORMANCE_SUMMARY = Shape(
    "performance", has("avg_latency_ms", "request_count"), by_table(PERFORMANCE)
)
QUALITY_SUMMARY = Shape("quality", has("total_requests", "error_rate"), by_table(QUALITY))
MODELS_COMPARED = Shape("comparison of models", has("models", "summary"), by_table(COMPARISON))

SUMMARIES = (
    COST_SUMMARY,
    COST_ATTRIBUTION,
    COST_FORECAST,
    METRICS_SUMMARY,
    PERFORMANCE_SUMMARY,
    QUALITY_SUMMARY,
    MODELS_COMPARED,
)
