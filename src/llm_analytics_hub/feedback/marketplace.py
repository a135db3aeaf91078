"""What the hub answers to the marketplace: metrics, a service's analytics, usage and revenue.

The admin client writes and reads times without a zone, which mean UTC; elsewhere times end in `Z`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.feedback.questions import Filter, Questions, same
from llm_analytics_hub.feedback.service_usage import (
    CALLS,
    US_DOLLARS,
    ServiceUsage,
    usage_by_service,
    usage_of,
)
from llm_analytics_hub.integrations.writing import in_utc
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.service import QueryService

Json = dict[str, object]

SPELLINGS: Mapping[str, str] = {
    **dict.fromkeys(("total_requests", "request_count", "consumption", "usage"), "requests"),
    **dict.fromkeys(("total_errors", "error_count"), "errors"),
    **dict.fromkeys(("latency", "response_time", "avg_latency_ms"), "latency_ms_avg"),
    **dict.fromkeys(("avg_response_time_ms", "latency_ms"), "latency_ms_avg"),
    **dict.fromkeys(("p95_response_time_ms", "latency_p95_ms"), "latency_ms_p95"),
    **dict.fromkeys(("p99_response_time_ms", "latency_p99_ms"), "latency_ms_p99"),
    **dict.fromkeys(("tokens", "token_usage"), "total_tokens"),
    **dict.fromkeys(("cost", "total_cost"), "cost_usd"),
    **dict.fromkeys(("active_users", "unique_users"), "users"),
}
"""The marketplace's names of measures; the catalogue's own names are known as well."""

OF_ALL_EVENTS = frozenset({"events", "violations", "denied"})
"""Measures of everything the marketplace tells; all others are of calls."""

DEFAULT_WINDOW = timedelta(hours=24)
_WIDTHS = ((timedelta(hours=6), "5m"), (timedelta(days=7), "hour"))


def naive(moment: datetime) -> str:
    """A moment as the admin client reads it: ISO 8601 in UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


class MarketplaceFeedback:
    """Answers of one hub, for every tenant. Safe for many threads; each call asks the store."""

    def __init__(self, queries: QueryService, clock: Clock) -> None:
        self._queries = queries
        self._clock = clock

    def window(self, span: timedelta = DEFAULT_WINDOW, end: datetime | None = None) -> TimeRange:
        """The `span` before `end`, which is now unless it is said."""
        last = end or self._clock.now().replace(microsecond=0) + timedelta(seconds=1)
        return TimeRange(last - span, last)

    def metric(self, tenant: str, name: str, period: TimeRange, service_id: str | None) -> Json:
        """One measure of a service, or of all: over the period, and by bucket where any is.

        Raises: InvalidInputError, code `unknown_metric`.
        """
        measure = _measure(name)
        questions, where = Questions(self._queries, tenant, period), _events_of(measure)
        where += [same("service", service_id)] if service_id else []
        rows = questions.rows([measure], where, granularity=_width(period))
        return {
            "metric": name,
            "measure": measure,
            "unit": MEASURES[measure].unit,
            "service_id": service_id,
            "start_time": naive(period.start),
            "end_time": naive(period.end),
            "value": questions.total([measure], where)[measure],
            "data_points": [
                {"timestamp": naive(datetime.fromisoformat(row["time"])), "value": row[measure]}
                for row in rows
            ],
        }

    def service(self, tenant: str, service_id: str, period: TimeRange, window: str) -> Json:
        """A service's analytics, in the words of the admin service's own statistics."""
        found = usage_of(Questions(self._queries, tenant, period), service_id)
        return {
            "service_id": service_id,
            "window": window,
            "start_time": naive(period.start),
            "end_time": naive(period.end),
            **statistics(found),
        }

    def analytics(self, tenant: str, period: TimeRange, service_id: str | None = None) -> Json:
        """Usage and revenue of every service that was called, or of one."""
        where = [same("service", service_id)] if service_id else []
        found = usage_by_service(Questions(self._queries, tenant, period), where)
        return {
            "from": in_utc(period.start),
            "to": in_utc(period.end),
            "services": [usage(one) for one in found],
        }


def usage(found: ServiceUsage) -> Json:
    """Usage and revenue of a service, in the words of the hub."""
    numbers = found.numbers
    return {
        "service_id": found.service_id,
        "requests": numbers["requests"],
        "errors": numbers["errors"],
        "error_rate": numbers["error_rate"],
        "input_tokens": numbers["input_tokens"],
        "output_tokens": numbers["output_tokens"],
        "total_tokens": numbers["total_tokens"],
        "latency_ms_p95": numbers["latency_ms_p95"],
        "consumers": found.consumers,
        **_revenue(found),
    }


def statistics(found: ServiceUsage) -> Json:
    """The same in the words of the admin service."""
    numbers = found.numbers
    return {
        "total_requests": numbers["requests"],
        "total_errors": numbers["errors"],
        "error_rate": numbers["error_rate"],
        "avg_response_time_ms": numbers["latency_ms_avg"],
        "p50_response_time_ms": numbers["latency_ms_p50"],
        "p95_response_time_ms": numbers["latency_ms_p95"],
        "p99_response_time_ms": numbers["latency_ms_p99"],
        "total_tokens": numbers["total_tokens"],
        "active_users": numbers["users"],
        "active_consumers": found.consumers,
        **_revenue(found),
    }


def _revenue(found: ServiceUsage) -> Json:
    amounts = dict(found.revenue.amounts)
    return {
        "revenue_usd": amounts.pop(US_DOLLARS, None),
        "revenue_by_other_currency": amounts,
        "requests_of_unknown_revenue": found.numbers["requests"] - found.revenue.calls,
    }


def _measure(name: str) -> str:
    measure = SPELLINGS.get(name, name)
    if measure not in MEASURES or measure == "cost_amount":
        known = ", ".join(sorted({*SPELLINGS, *MEASURES} - {"cost_amount"}))
        raise InvalidInputError(
            f"no metric {name[:80]!r}; there are {known}", code="unknown_metric"
        )
    return measure


def _events_of(measure: str) -> list[Filter]:
    return CALLS[:1] if measure in OF_ALL_EVENTS else list(CALLS)


def _width(period: TimeRange) -> str:
    """The buckets of a period: under a hundred or so, a few hundred at most."""
    span = period.end - period.start
    return next((name for most, name in _WIDTHS if span <= most), "day")
