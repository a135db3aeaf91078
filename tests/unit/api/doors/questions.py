"""Questions of every kind to the events of `planted`, and some of them in SQL."""

from typing import Any

Body = dict[str, Any]

WEEK = {"from": "2025-11-11T00:00:00Z", "to": "2025-11-20T00:00:00Z"}
ALL = {"from": "2025-10-01", "to": "2025-11-20"}
AUTUMN = {"from": "2025-10-25T22:00:00Z", "to": "2025-10-27T00:00:00Z"}


def ask(*measures: str, by: tuple[str, ...] = (), where: Any = (), **more: Any) -> Body:
    """A question, of the planted week unless said otherwise."""
    body = {"measures": list(measures), "dimensions": list(by), "time_range": WEEK, **more}
    filters = list(where) if isinstance(where, tuple) else where
    return body | ({"filters": filters} if filters else {})


def has(field: str, op: str = "eq", value: Any = None) -> Body:
    """A condition."""
    return {"field": field, "op": op} | ({} if op == "exists" else {"value": value})


def down(field: str) -> Body:
    """The largest first."""
    return {"field": field, "direction": "desc"}


QUESTIONS: dict[str, Body] = {
    "one number": ask("requests"),
    "money by model": ask("cost_usd", "cost_usd_per_request", by=("model",)),
    "many measures": ask("events", "error_rate", "input_tokens", "tokens_per_s", "users", "denial_rate",
                         "cache_hit_rate", "latency_ms_avg", "threat_score_max", by=("provider",)),
    "quantiles": ask("latency_ms_p50", "latency_ms_p95", "latency_ms_p99", by=("status",)),
    "eq": ask("events", "cost_usd", where=(has("status", "eq", "error"),)),
    "ne": ask("events", "cost_usd", where=(has("model", "ne", "alpha-m1"),)),
    "in": ask("events", by=("model",), where=(has("model", "in", ["alpha-m1", "alpha-m2", "a,b"]),)),
    "not in": ask("events", by=("status",), where=(has("status", "not_in", ["ok", "denied"]),)),
    "lt and ge": ask("cost_usd", where=(has("latency_ms", "lt", 400.5), has("latency_ms", "ge", 10.25))),
    "le and gt": ask("cost_usd", where=(has("cost_usd", "le", 3.5), has("output_tokens", "gt", 20))),
    "prefix": ask("events", by=("service",), where=(has("service", "prefix", "alpha-svc"),)),
    "contains": ask("events", by=("user_id",), where=(has("user_id", "contains", "-u1"),)),
    "exists": ask("events", by=("event_type",), where=(has("latency_ms", "exists"),)),
    "or and not": ask("events", "cost_usd", by=("status",), where={"or": [
        has("status", "eq", "error"),
        {"and": [has("status", "eq", "ok"), {"not": has("model", "prefix", "alpha-m1")}]}]}),
    "an attribute": ask("events", "cost_usd", by=("attributes.team.name",)),
    "odd attribute": ask("events", by=("attributes.gen_ai:odd/key",)),
    "numbers in attributes": ask("events", by=("attributes.size",), where=(
        has("attributes.size", "ge", 8), has("attributes.size", "lt", 12)), order_by=[{"field": "attributes.size"}]),
    "truth in attributes": ask("events", where=(has("attributes.on", "eq", True),)),
    "owners of assets": ask("cost_usd", "requests", by=("asset.owner", "asset.name")),
    "notes of assets": ask("cost_usd", by=("asset.metadata.cost.center",), where=(has("asset.tags", "contains", "eu"),)),
    "by day": ask("requests", "cost_usd", granularity="day"),
    "by hour in Berlin": ask("requests", "cost_usd", granularity="hour", time_zone="Europe/Berlin", time_range=AUTUMN),
    "by day in Kathmandu": ask("requests", granularity="day", time_zone="Asia/Kathmandu"),
    "by week": ask("cost_usd", granularity="week", time_zone="America/New_York", time_range=ALL, by=("provider",)),
    "by month": ask("cost_usd", "events", granularity="month", time_range=ALL),
    "gaps filled": ask("requests", "cost_usd", "latency_ms_avg", granularity="day", fill_gaps=True, time_range=ALL),
    "gaps of groups": ask("requests", granularity="day", by=("status",), fill_gaps=True),
    "having": ask("requests", "cost_usd", by=("model",), having=[has("requests", "gt", 6), has("cost_usd", "ge", 1.5)]),
    "having or": ask("requests", by=("model",), having={"or": [has("requests", "lt", 7), has("requests", "eq", 9)]}),
    "top and other": ask("cost_usd", "requests", by=("model",), top={"dimension": "model", "limit": 2, "by": "requests"}),
    "top of days": ask("cost_usd", by=("model",), granularity="day", top={"dimension": "model", "limit": 2}),
    "top alone": ask("cost_usd", by=("user_id",), top={"dimension": "user_id", "limit": 3, "other": False}),
    "compared": ask("requests", "cost_usd", by=("provider",), compare="previous_day",
                    time_range={"from": "2025-11-18", "to": "2025-11-19"}),
    "compared by hour": ask("requests", granularity="hour", compare="previous_period", fill_gaps=True,
                            time_range={"from": "2025-11-18T12:00:00Z", "to": "2025-11-19"}),
    "ordered and cut": ask("cost_usd", "latency_ms_max", by=("user_id", "status"), limit=7,
                           order_by=[down("latency_ms_max"), {"field": "user_id"}]),
    "last": ask("requests", "cost_usd", by=("provider",), time_range={"last": "3d"}),
    "a period": ask("requests", time_range={"period": "last_week"}, granularity="day", time_zone="Asia/Tokyo"),
    "security": ask("security_events", "threat_score_avg", "anomalies", by=("severity",)),
}  # fmt: skip

_IN_SQL = {
    "one number": "SELECT count() AS requests FROM events WHERE SPAN AND event_type = 'inference.completed'",
    "money by model": """
        SELECT model, sum(cost_usd) AS cost, toFloat64(cost) / nullIf(countIf(isNotNull(cost_usd)), 0)
        FROM events WHERE SPAN GROUP BY model ORDER BY cost DESC, model""",
    "or and not": """
        SELECT status, count() AS events, sum(cost_usd) FROM events
        WHERE SPAN AND (status = 'error' OR (status = 'ok' AND NOT startsWith(model, 'alpha-m1')))
        GROUP BY status ORDER BY events DESC, status""",
    "an attribute": """
        SELECT JSONExtractString(attributes, 'team', 'name') AS team, count() AS events, sum(cost_usd)
        FROM events WHERE SPAN GROUP BY team ORDER BY events DESC, team""",
    "owners of assets": """
        SELECT a.owner AS owner, a.name AS name, sum(e.cost_usd) AS cost,
            countIf(e.event_type = 'inference.completed')
        FROM events AS e LEFT JOIN assets AS a USING (asset_id) WHERE SPAN
        GROUP BY owner, name ORDER BY cost DESC, owner, name""",
    "by hour in Berlin": """
        SELECT toDateTime(toStartOfHour(occurred_at, 'Europe/Berlin'), 'UTC') AS time,
            countIf(event_type = 'inference.completed'), sum(cost_usd)
        FROM events WHERE occurred_at >= '2025-10-25 22:00:00' AND occurred_at < '2025-10-27'
        GROUP BY time ORDER BY time""",
    "having": """
        SELECT model, countIf(event_type = 'inference.completed') AS requests, sum(cost_usd) AS cost
        FROM events WHERE SPAN GROUP BY model HAVING requests > 6 AND cost >= 1.5
        ORDER BY requests DESC, model""",
    "ordered and cut": """
        SELECT user_id, status, sum(cost_usd), max(latency_ms) AS most FROM events WHERE SPAN
        GROUP BY user_id, status ORDER BY most DESC NULLS LAST, user_id LIMIT 7""",
    "last": """
        SELECT provider, countIf(event_type = 'inference.completed') AS requests, sum(cost_usd)
        FROM events WHERE occurred_at >= '2025-11-16 10:00:01' AND occurred_at < '2025-11-19 10:00:01'
        GROUP BY provider ORDER BY requests DESC, provider""",
    "security": """
        SELECT severity, countIf(stream = 'security') AS n, avgIf(score, stream = 'security'),
            countIf(event_type = 'anomaly.detected')
        FROM events WHERE SPAN GROUP BY severity ORDER BY n DESC, severity""",
}
_SPAN = "occurred_at >= '2025-11-11' AND occurred_at < '2025-11-20'"

IN_SQL = {name: text.replace("SPAN", _SPAN) for name, text in _IN_SQL.items()}
"""The same questions to the views of the tenant; '' is unknown text there."""
