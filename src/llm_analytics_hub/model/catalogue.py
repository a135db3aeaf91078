"""The catalogue: every measure and dimension, with its unit and how it aggregates."""

from collections.abc import Mapping
from dataclasses import dataclass

from llm_analytics_hub.model.event import (
    INFERENCE,
    MEASURE_FIELDS,
    MONEY_FIELDS,
    TEXT_FIELDS,
    TOKEN_FIELDS,
)


@dataclass(frozen=True)
class Where:
    """Events that count: `field` has one of `values` (or none of them where `negated`)."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Count:
    """The number of events for which every condition holds."""

    where: tuple[Where, ...] = ()


@dataclass(frozen=True)
class Reduce:
    """One number from a column: sum, avg, min, max or last (by time); null if all are null."""

    how: str
    column: str


@dataclass(frozen=True)
class Quantile:
    """A quantile of a column by t-digest: within 1 % of rank for 10,000 values and more."""

    column: str
    level: float


@dataclass(frozen=True)
class Distinct:
    """How many different values: exact for small sets, within 1 % for large ones."""

    column: str


@dataclass(frozen=True)
class Ratio:
    """One count by another, 0 to 1; null where the second is 0."""

    part: Count
    whole: Count


Aggregate = Count | Reduce | Quantile | Distinct | Ratio


@dataclass(frozen=True)
class Measure:
    """A number that can be asked for."""

    name: str
    type: str
    unit: str | None
    means: str
    aggregate: Aggregate


REQUEST = Where("event_type", (INFERENCE,))
DECISION = Where("stream", ("policy",))
DECIDED = Where("status", ("ok", "denied"))
DENIED = Where("status", ("denied",))
ERROR = Where("status", ("error",))


def _count(name: str, means: str, *where: Where) -> Measure:
    return Measure(name, "integer", None, means, Count(where))


def _ratio(name: str, means: str, part: Count, whole: Count) -> Measure:
    return Measure(name, "number", "ratio", means, Ratio(part, whole))


def _distinct(name: str, column: str) -> Measure:
    return Measure(name, "integer", None, f"different values of {column}", Distinct(column))


def _sum(column: str, kind: str, unit: str, means: str) -> Measure:
    return Measure(column, kind, unit, means, Reduce("sum", column))


def _latency() -> list[Measure]:
    quantiles = [
        Measure(f"{column}_p{level}", "number", "ms", f"{level} % of {what} take at most this long",
                Quantile(column, level / 100))
        for column, what, levels in (
            ("latency_ms", "calls", (50, 90, 95, 99)),
            ("ttft_ms", "first tokens", (50, 95, 99)),
        )
        for level in levels
    ]  # fmt: skip
    return [
        *quantiles,
        Measure("latency_ms_avg", "number", "ms", "mean duration", Reduce("avg", "latency_ms")),
        Measure("latency_ms_max", "number", "ms", "longest duration", Reduce("max", "latency_ms")),
    ]


def _reduced(column: str, hows: tuple[str, ...]) -> list[Measure]:
    return [
        Measure(f"{column}_{how}", "number", None, f"{how} of {column}", Reduce(how, column))
        for how in hows
    ]


_ALL = (
    _count("events", "events of any kind"),
    _count("requests", "model calls, each counted once", REQUEST),
    _count("errors", "events that ended in an error", ERROR),
    _ratio("error_rate", "model calls that failed, of all model calls",
           Count((REQUEST, ERROR)), Count((REQUEST,))),
    _count("denied", "events a policy denied", DENIED),
    _ratio("denial_rate", "policy decisions that denied, of all policy decisions",
           Count((DECISION, DENIED)), Count((DECISION, DECIDED))),
    _ratio("compliance_rate", "policy decisions that allowed, of all policy decisions",
           Count((DECISION, Where("status", ("ok",)))), Count((DECISION, DECIDED))),
    _count("violations", "policy violations detected", Where("event_type", ("violation.detected",))),
    _sum("input_tokens", "integer", "tokens", "tokens sent to models, cache reads included"),
    _sum("output_tokens", "integer", "tokens", "tokens models wrote, reasoning included"),
    _sum("cached_tokens", "integer", "tokens", "input tokens read from a provider's cache"),
    _sum("cache_write_tokens", "integer", "tokens", "input tokens written to a provider's cache"),
    _sum("reasoning_tokens", "integer", "tokens", "output tokens spent on reasoning"),
    _sum("total_tokens", "integer", "tokens", "input and output tokens"),
    _sum("cost_usd", "decimal", "USD", "known cost; calls whose price is unknown add nothing"),
    Measure("cost_amount", "decimal", None, "cost as sent, in the currency `cost_currency` says",
            Reduce("sum", "cost_amount")),
    *_latency(),
    _distinct("users", "user_id"),
    _distinct("sessions", "session_id"),
    _distinct("assets", "asset_id"),
    _distinct("traces", "trace_id"),
    *_reduced("score", ("avg", "max")),
    *_reduced("value", ("sum", "avg", "min", "max", "last")),
)  # fmt: skip

MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _ALL}

TEXT_DIMENSIONS = frozenset(TEXT_FIELDS) | {"cost_currency", "price_id", "unit", "tenant"}
NUMBER_FIELDS = frozenset((*MEASURE_FIELDS, *TOKEN_FIELDS, *MONEY_FIELDS))
ATTRIBUTE_PREFIX = "attributes."
ASSET_PREFIX = "asset."
ASSET_DIMENSIONS: Mapping[str, str] = {
    "asset.name": "name",
    "asset.type": "asset_type",
    "asset.category": "category",
    "asset.status": "status",
    "asset.owner": "owner",
    "asset.version": "version",
    "asset.license": "license",
    "asset.tags": "tags",
    "asset.content_type": "content_type",
    "asset.storage_backend": "storage_backend",
}
"""What the registry knows of an event's asset now, by the member of the whole asset that says it."""

METADATA_PREFIX = "asset.metadata."
"""The start of a path into what people noted beside an asset: its annotations."""

PATH_DIMENSIONS = ("asset.metadata.<path>", "attributes.<path>")
"""Dimensions that are places in JSON, as people are told of them."""

GRANULARITIES: Mapping[str, str] = {
    "minute": "toStartOfMinute",
    "5m": "toStartOfFiveMinutes",
    "15m": "toStartOfFifteenMinutes",
    "hour": "toStartOfHour",
    "day": "toStartOfDay",
    "week": "toMonday",
    "month": "toStartOfMonth",
}
"""Calendar buckets in the asker's time zone, by name."""
