"""Retention: rows leave by partition drop, in the week after the week they expire in."""

from datetime import date, timedelta

from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine

EXPIRING = ("events", "contents", "dead_letters", "metrics")
"""Tables partitioned by the Monday of the week in which their rows expire."""


def drop_expired(engine: EmbeddedEngine, today: date) -> list[str]:
    """Drop every partition whose last row expired before `today`; `table/monday` of each.

    Rollups are left alone: they outlive the events they came from.
    """
    last = today - timedelta(days=7)
    sql = (
        "SELECT DISTINCT table, partition, partition_id FROM system.parts "
        "WHERE active AND database = currentDatabase() AND has({tables:Array(String)}, table) "
        "AND toDate(partition) <= {last:Date} ORDER BY table, partition"
    )
    names = "[" + ",".join(f"'{name}'" for name in EXPIRING) + "]"
    rows = engine.query(sql, {"tables": names, "last": last.isoformat()})[0].to_pylist()
    for row in rows:
        engine.command(f"ALTER TABLE {row['table']} DROP PARTITION ID '{row['partition_id']}'")
    return [f"{row['table']}/{row['partition']}" for row in rows]
