"""The views that a reader by SQL sees: the tables of its tenant, without what is the hub's own.

A view takes the tenant from a setting of the connection that asks, `log_comment`: no other setting
of the engine is a free text without effect. The connection has it set, and is made read-only, before
the first word of a reader's statement is run on it.
"""

from llm_analytics_hub.model.asset import ASSET_MEMBERS, CURRENT
from llm_analytics_hub.model.event import EVENT_SCHEMA
from llm_analytics_hub.model.metric import METRIC_SCHEMA
from llm_analytics_hub.storage.clickhouse.access import VIEWS
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine

_TENANT = "tenant = getSetting('log_comment')"
_HIDDEN = {
    "tenant", "event_key", "key_until", "expires_on",
    "series", "point_key", "total", "total_count", "total_buckets",
}  # fmt: skip

_SUMS = (
    "events", "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens",
    "reasoning_tokens", "total_tokens", "cost_usd",
)  # fmt: skip
_FIVE_MINUTES = (
    "bucket", "source", "stream", "event_type", "environment", "provider", "model", "status",
    "severity", *_SUMS,
)  # fmt: skip
_DAY = (
    "bucket", "source", "stream", "event_type", "environment", "service", "provider", "model",
    "operation", "account_id", "status", "severity", *_SUMS,
    "latency_ms", "ttft_ms", "user_id", "session_id", "asset_id",
)  # fmt: skip


def _plain(table: str, columns: tuple[str, ...]) -> str:
    return f"SELECT {', '.join(columns)} FROM default.{table} WHERE {_TENANT}"


def _assets() -> str:
    texts = [name for name in ASSET_MEMBERS if name != "tags"]
    members = ", ".join(f"max(a.{name}).value AS {name}" for name in texts)
    return (
        f"SELECT a.asset_id AS asset_id, max(a.{CURRENT}).value AS version, {members}, "
        "JSONExtract(max(a.tags).value, 'Array(String)') AS tags, "
        "min(a.first_seen) AS first_seen, max(a.last_seen) AS last_seen "
        f"FROM default.assets AS a WHERE a.{_TENANT} AND a.version = '' GROUP BY a.asset_id"
    )


SHOWN = {
    "events": _plain("events", tuple(n for n in EVENT_SCHEMA.names if n not in _HIDDEN)),
    "assets": _assets(),
    "metrics": _plain("metrics", tuple(n for n in METRIC_SCHEMA.names if n not in _HIDDEN)),
    "rollup_5m": _plain("rollup_5m", _FIVE_MINUTES),
    "rollup_day": _plain("rollup_day", _DAY),
}
"""The views by name: the SELECT that makes each."""


def create_views(engine: EmbeddedEngine) -> None:
    """Make the views, and forget those of an earlier version. They hold no data."""
    engine.command(f"DROP DATABASE IF EXISTS {VIEWS} SYNC")
    engine.command(f"CREATE DATABASE {VIEWS}")
    for name, select in SHOWN.items():
        # The reader has no right to the tables: the view reads them with those of the hub.
        engine.command(f"CREATE VIEW {VIEWS}.{name} SQL SECURITY DEFINER AS {select}")
