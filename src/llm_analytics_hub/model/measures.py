"""Every measure: its unit, what it means, and how it is made of events."""

from dataclasses import dataclass

from llm_analytics_hub.model.aggregate import (
    Aggregate,
    Count,
    Distinct,
    PerSecond,
    Quantile,
    Ratio,
    Reduce,
    Where,
)
from llm_analytics_hub.model.event import INFERENCE


@dataclass(frozen=True)
class Measure:
    """A number that can be asked for; `type` is integer, number or decimal."""

    name: str
    type: str
    unit: str | None
    means: str
    aggregate: Aggregate

    @property
    def is_additive(self) -> bool:
        """Whether nothing happened means 0: counts and rates of them."""
        return isinstance(self.aggregate, Count | Distinct) or (
            isinstance(self.aggregate, PerSecond) and isinstance(self.aggregate.of, Count)
        )


REQUEST = Where("event_type", (INFERENCE,))
DECISION = Where("stream", ("policy",))
DECIDED = Where("status", ("ok", "denied"))
ALLOWED = Where("status", ("ok",))
DENIED = Where("status", ("denied",))
ERROR = Where("status", ("error",))
SECURITY = Where("stream", ("security",))
GRAVE = Where("severity", ("high", "critical"))
BUDGET = Where("event_type", (
    "budget.evaluated", "budget.alerted", "budget.threshold.warning", "budget.threshold.exceeded",
    "budget.threshold.projected", "budget.exceeded", "budget.spending.unusual",
))  # fmt: skip
SOLD = (Where("source", ("marketplace",)), REQUEST, Where("cost_currency", ("USD",)))


def _count(name: str, means: str, *where: Where) -> Measure:
    return Measure(name, "integer", None, means, Count(where))


def _share(name: str, means: str, part: Count, whole: Count) -> Measure:
    return Measure(name, "number", "ratio", means, Ratio(part, whole))


def _ratio(name: str, unit: str, means: str, wanted: Ratio) -> Measure:
    return Measure(name, "number", unit, means, wanted)


def _rate(name: str, unit: str, means: str, of: Count | Reduce) -> Measure:
    return Measure(name, "number", unit, means, PerSecond(of))


def _distinct(name: str, column: str) -> Measure:
    return Measure(name, "integer", None, f"different values of {column}", Distinct(column))


def _sum(column: str, kind: str, unit: str, means: str) -> Measure:
    return Measure(column, kind, unit, means, Reduce("sum", column))


def _quantiles(column: str, what: str, levels: tuple[int, ...]) -> list[Measure]:
    return [
        Measure(f"{column}_p{level}", "number", "ms", f"{level} % of {what} take at most this long",
                Quantile(column, level / 100))
        for level in levels
    ]  # fmt: skip


def _times(column: str, what: str) -> list[Measure]:
    """Mean and longest of a column of milliseconds."""
    return [
        Measure(f"{column}_avg", "number", "ms", f"mean {what}", Reduce("avg", column)),
        Measure(f"{column}_max", "number", "ms", f"longest {what}", Reduce("max", column)),
    ]


def _reduced(column: str, hows: tuple[str, ...]) -> list[Measure]:
    return [
        Measure(f"{column}_{how}", "number", None, f"{how} of {column}", Reduce(how, column))
        for how in hows
    ]


def _mean(column: str) -> Ratio:
    """The mean of a column over the model calls of which it is known."""
    return Ratio(Reduce("sum", column, (REQUEST,)), Count((REQUEST,), (column,)))


ALL_MEASURES = (
    _count("events", "events of any kind"),
    _rate("events_per_s", "1/s", "events of any kind, each second", Count()),
    _count("requests", "model calls, each counted once", REQUEST),
    _rate("requests_per_s", "1/s", "model calls, each second", Count((REQUEST,))),
    _count("errors", "events that ended in an error", ERROR),
    _share("error_rate", "model calls that failed, of all model calls",
           Count((REQUEST, ERROR)), Count((REQUEST,))),
    _count("denied", "events a policy denied", DENIED),
    _share("denial_rate", "policy decisions that denied, of all policy decisions",
           Count((DECISION, DENIED)), Count((DECISION, DECIDED))),
    _count("decisions", "policy decisions that allowed or denied", DECISION, DECIDED),
    _share("compliance_rate", "policy decisions that allowed, of all policy decisions",
           Count((DECISION, ALLOWED)), Count((DECISION, DECIDED))),
    _count("violations", "policy violations detected", Where("event_type", ("violation.detected",))),
    _count("violations_grave", "policy violations of high or critical severity",
           Where("event_type", ("violation.detected",)), GRAVE),
    _sum("input_tokens", "integer", "tokens", "tokens sent to models, cache reads included"),
    _sum("output_tokens", "integer", "tokens", "tokens models wrote, reasoning included"),
    _sum("cached_tokens", "integer", "tokens", "input tokens read from a provider's cache"),
    _sum("cache_write_tokens", "integer", "tokens", "input tokens written to a provider's cache"),
    _sum("reasoning_tokens", "integer", "tokens", "output tokens spent on reasoning"),
    _sum("total_tokens", "integer", "tokens", "input and output tokens"),
    _rate("tokens_per_s", "tokens/s", "input and output tokens, each second",
          Reduce("sum", "total_tokens")),
    _ratio("tokens_per_request", "tokens", "mean input and output tokens of a model call",
           _mean("total_tokens")),
    _ratio("output_tokens_per_s", "tokens/s", "tokens models wrote in each second of their calls",
           Ratio(Reduce("sum", "output_tokens", (REQUEST,), ("latency_ms",)),
                 Reduce("sum", "latency_ms", (REQUEST,), ("output_tokens",)), 1000)),
    _ratio("cache_hit_rate", "ratio", "input tokens read from a provider's cache, of all",
           Ratio(Reduce("sum", "cached_tokens"), Reduce("sum", "input_tokens"))),
    _sum("cost_usd", "decimal", "USD", "known cost; calls whose price is unknown add nothing"),
    _ratio("cost_usd_per_request", "USD", "mean cost of a model call whose cost is known",
           _mean("cost_usd")),
    _ratio("cost_usd_per_1k_tokens", "USD", "cost of 1,000 tokens of calls whose cost is known",
           Ratio(Reduce("sum", "cost_usd", (REQUEST,), ("total_tokens",)),
                 Reduce("sum", "total_tokens", (REQUEST,), ("cost_usd",)), 1000)),
    _share("priced_rate", "model calls whose cost is known, of all model calls",
           Count((REQUEST,), ("cost_usd",)), Count((REQUEST,))),
    Measure("cost_amount", "decimal", None, "cost as sent, in the currency `cost_currency` says",
            Reduce("sum", "cost_amount")),
    Measure("revenue_usd", "decimal", "USD", "what consumers paid for the marketplace's services",
            Reduce("sum", "cost_amount", SOLD)),
    Measure("budget_used_max", "number", "ratio", "the most of any budget that was used",
            Reduce("max", "value", (BUDGET, Where("unit", ("ratio",))))),
    _count("budgets_exceeded", "messages that a budget was exceeded",
           Where("event_type", ("budget.threshold.exceeded", "budget.exceeded"))),
    *_quantiles("latency_ms", "calls", (50, 90, 95, 99)),
    *_times("latency_ms", "duration"),
    *_quantiles("ttft_ms", "first tokens", (50, 90, 95, 99)),
    *_times("ttft_ms", "time to the first token"),
    _distinct("users", "user_id"),
    _distinct("sessions", "session_id"),
    _distinct("assets", "asset_id"),
    _distinct("traces", "trace_id"),
    _distinct("models", "model"),
    _distinct("providers", "provider"),
    _distinct("services", "service"),
    _distinct("accounts", "account_id"),
    _distinct("policies", "policy_id"),
    _count("security_events", "events of the security stream", SECURITY),
    _count("security_events_grave", "security events of high or critical severity", SECURITY, GRAVE),
    _count("anomalies", "anomalies detected", Where("event_type", ("anomaly.detected",))),
    Measure("threat_score_avg", "number", None, "mean score of security events",
            Reduce("avg", "score", (SECURITY,))),
    Measure("threat_score_max", "number", None, "highest score of security events",
            Reduce("max", "score", (SECURITY,))),
    *_quantiles("ingest_lag_ms", "events", (50, 95, 99)),
    *_times("ingest_lag_ms", "time from occurring to arriving"),
    *_reduced("score", ("avg", "max")),
    *_reduced("value", ("sum", "avg", "min", "max", "last")),
)  # fmt: skip
