"""The event store on ClickHouse in process: commit log in front, tables behind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from llm_analytics_hub.model.asset import ASSET_SCHEMA, AssetFilter, VersionFilter
from llm_analytics_hub.model.event import DEAD_LETTER_SCHEMA, EVENT_SCHEMA
from llm_analytics_hub.model.letter import ANY_LETTER, LetterFilter
from llm_analytics_hub.model.metric import METRIC_SCHEMA, TOTALS_SCHEMA
from llm_analytics_hub.model.query import (
    Arrivals,
    EventFilter,
    Query,
    QueryLimits,
    TimeRange,
    TraceFilter,
)
from llm_analytics_hub.model.rollup import (
    DAY,
    FIVE_MINUTES,
    HOUR_TABLE,
    ROLLUPS,
    Rollup,
    may_have_expired,
    rollup_for,
)
from llm_analytics_hub.model.trace import TRACE_SCHEMA
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.clickhouse.applier import Applier, ApplyLimits
from llm_analytics_hub.storage.clickhouse.assets import render_assets, render_versions
from llm_analytics_hub.storage.clickhouse.commit_log import CommitLog
from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.letters import (
    COUNT_LETTERS,
    render_letters,
    which_letters,
)
from llm_analytics_hub.storage.clickhouse.lists import (
    may_be_recent,
    render_arrivals,
    render_contents,
    render_events,
    render_recent_spans,
    render_stored_keys,
)
from llm_analytics_hub.storage.clickhouse.memory import give_back_memory
from llm_analytics_hub.storage.clickhouse.metrics import (
    render_histograms,
    render_point_keys,
    render_points,
    render_totals,
)
from llm_analytics_hub.storage.clickhouse.migrate import migrate
from llm_analytics_hub.storage.clickhouse.render import render
from llm_analytics_hub.storage.clickhouse.retention import EXPIRING, drop_expired
from llm_analytics_hub.storage.clickhouse.rollup import render_rollup
from llm_analytics_hub.storage.clickhouse.sql_reader import ClickHouseSql, SqlLimits
from llm_analytics_hub.storage.clickhouse.statement import Arguments, Statement
from llm_analytics_hub.storage.clickhouse.traces import render_traces
from llm_analytics_hub.storage.interface import Answer, KnownKeys, MetricState, Plan, WriteSet
from llm_analytics_hub.storage.quantile import quantile
from llm_analytics_hub.storage.sql_interface import SqlAnswer, SqlQuestion

RECENT_SPAN_SCHEMA = EVENT_SCHEMA.append(pa.field("revision", pa.uint8()))
_NOT_SHORTER = "it is not much shorter than the events, and they are complete in this range"
_SHORTER_EDGES = "the five-minute rollup answers, and reads fewer events at the edges of the range"

_SHORTER = 8
"""How many times shorter than the events a rollup must be to be quicker to read (measured)."""

_RECOUNT_AFTER = 20
"""Segments applied before the tables are counted again."""


class ClickHouseStore:
    """An `EventStore` in one folder; the folder belongs to one process."""

    def __init__(
        self,
        folder: Path,
        *,
        limits: ApplyLimits | None = None,
        sync: bool = False,
        readers: int = 2,
        query_seconds: int = 30,
        memory_bytes: int = 4 * 1024**3,
    ) -> None:
        self._engine = EmbeddedEngine(folder / "store", readers=readers)
        migrate(self._engine)
        journal = CommitLog(folder / "log", sync=sync)
        self._applier = Applier(self._engine, journal, limits or ApplyLimits())
        self._counted = -_RECOUNT_AFTER
        self._rows: dict[str, int | None] = {}
        if sync:
            _flush_parts(self._engine)
        self._budget = within(QueryLimits(query_seconds, memory_bytes))
        self._sql = ClickHouseSql(self._engine, SqlLimits(query_seconds, memory_bytes // 4))

    def write(self, rows: WriteSet, /) -> None:
        """See `EventWriter.write`."""
        self._applier.append(rows)

    def known_keys(self, now: datetime, /) -> KnownKeys:
        """See `EventWriter.known_keys`."""
        self._applier.settle()
        sql = "SELECT event_key, toInt64(key_until) AS until FROM events WHERE key_until > {now:DateTime('UTC')}"
        table, _, _ = self._engine.query(sql, {"now": int(now.timestamp())})
        keys, until = (table[name].to_numpy() for name in ("event_key", "until"))
        return KnownKeys(keys.astype(np.uint64), until.astype(np.int64))

    def stored_keys(self, tenant: str, keys: NDArray[np.uint64], /) -> NDArray[np.uint64]:
        """See `EventReader.stored_keys`."""
        table, _, _ = self._read(render_stored_keys(tenant, tuple(keys.tolist())))
        return np.asarray(table["event_key"].to_numpy(), np.uint64)

    def recent_spans(self, since: datetime, limit: int, /) -> tuple[pa.RecordBatch, Sequence[int]]:
        """See `EventWriter.recent_spans`."""
        table = typed(self._read(render_recent_spans(since, limit))[0], RECENT_SPAN_SCHEMA)
        columns = [table[name].combine_chunks() for name in EVENT_SCHEMA.names]
        revisions: list[int] = table["revision"].to_pylist()
        return pa.RecordBatch.from_arrays(columns, schema=EVENT_SCHEMA), revisions

    def answer(self, query: Query, cancellation: Cancellation | None = None, /) -> Answer:
        """See `EventReader.answer`."""
        rollup = self._rollup(query)
        statement = _rendered(query, rollup)
        budget = within(query.limits)
        table, rows_read, engine_ms = self._read(statement, query.is_fresh, budget, cancellation)
        return Answer(table, rollup.table if rollup else "events", rows_read, engine_ms)

    def explain(self, query: Query, /) -> Plan:
        """See `EventReader.explain`."""
        rollup = self._rollup(query)
        statement = _rendered(query, rollup)
        estimate, _, _ = self._engine.query(f"EXPLAIN ESTIMATE {statement.sql}", statement.args)
        why_not = {
            other.table: list(other.faults(query)) or [_NOT_SHORTER]
            for other in ROLLUPS
            if other is not rollup
        }
        if rollup is FIVE_MINUTES:
            why_not[DAY.table] = why_not[DAY.table] if any(DAY.faults(query)) else [_SHORTER_EDGES]
        rows = sum(estimate["rows"].to_pylist())
        table = rollup.table if rollup else "events"
        return Plan(table, statement.sql, statement.args, rows, why_not)

    def events(self, wanted: EventFilter, /) -> pa.Table:
        """See `EventReader.events`."""
        if may_be_recent(wanted):
            # Half the work: where the newest are need not be looked for first.
            found, _, _ = self._read(render_events(wanted, is_recent=True), wanted.is_fresh)
            if found.num_rows == wanted.limit:
                return typed(found, EVENT_SCHEMA)
        return typed(self._read(render_events(wanted), wanted.is_fresh)[0], EVENT_SCHEMA)

    def traces(self, wanted: TraceFilter, /) -> pa.Table:
        """See `EventReader.traces`."""
        return typed(self._read(render_traces(wanted))[0], TRACE_SCHEMA)

    def arrivals(self, wanted: Arrivals, /) -> pa.Table:
        """See `EventReader.arrivals`."""
        return typed(self._read(render_arrivals(wanted))[0], EVENT_SCHEMA)

    def contents(self, tenant: str, ids: Sequence[str], /) -> Mapping[str, str]:
        """See `EventReader.contents`."""
        table, _, _ = self._read(render_contents(tenant, tuple(ids)))
        return dict(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def dead_letters(
        self, tenant: str, ids: Sequence[str], limit: int, where: LetterFilter = ANY_LETTER, /
    ) -> pa.Table:
        """See `EventReader.dead_letters`."""
        statement = render_letters(tenant, tuple(ids), limit, where)
        return typed(self._read(statement)[0], DEAD_LETTER_SCHEMA)

    def count_dead_letters(self) -> Mapping[str, int]:
        """See `EventReader.count_dead_letters`."""
        table, _, _ = self._read(COUNT_LETTERS)
        return dict(zip(*(column.to_pylist() for column in table.columns), strict=True))

    def purge_dead_letters(
        self, tenant: str, ids: Sequence[str], where: LetterFilter = ANY_LETTER, /
    ) -> int:
        """See `EventReader.purge_dead_letters`."""
        args = Arguments()
        chosen = which_letters(tenant, tuple(ids), where, args)
        found = self._read(
            Statement(f"SELECT count() FROM dead_letters WHERE {chosen}", args.values)
        )
        self._engine.command(f"DELETE FROM dead_letters WHERE {chosen}", args.values)
        return int(found[0].column(0)[0].as_py())

    def metric_points(
        self, tenant: str, metric: str, time_range: TimeRange, limit: int, /
    ) -> pa.Table:
        """See `MetricReader.metric_points`."""
        statement = render_points(tenant, metric, time_range, limit)
        return typed(self._read(statement)[0], METRIC_SCHEMA)

    def metric_quantile(
        self, tenant: str, metric: str, time_range: TimeRange, level: float, /
    ) -> float | None:
        """See `MetricReader.metric_quantile`."""
        table = self._read(render_histograms(tenant, metric, time_range))[0]
        return quantile(level, zip(*(column.to_pylist() for column in table.columns), strict=True))

    def metric_state(self, since: datetime, limit: int, /) -> MetricState:
        """See `MetricReader.metric_state`."""
        keys = self._read(render_point_keys(since))[0]["point_key"].to_numpy()
        totals = typed(self._read(render_totals(limit))[0], TOTALS_SCHEMA)
        return MetricState(keys.astype(np.uint64), totals)

    def assets(self, wanted: AssetFilter, /) -> pa.Table:
        """See `AssetReader.assets`."""
        return typed(self._read(render_assets(wanted))[0], ASSET_SCHEMA)

    def asset_versions(self, wanted: VersionFilter, /) -> pa.Table:
        """See `AssetReader.asset_versions`."""
        return typed(self._read(render_versions(wanted))[0], ASSET_SCHEMA)

    def answer_sql(
        self, question: SqlQuestion, cancellation: Cancellation | None = None, /
    ) -> SqlAnswer:
        """See `SqlReader.answer_sql`."""
        self._applier.settle()
        return self._sql.answer_sql(question, cancellation)

    def drop_expired(self, now: datetime) -> list[str]:
        """Forget events whose time is over, by dropping partitions; what was dropped."""
        self._applier.settle()
        return drop_expired(self._engine, now.date())

    def release_memory(self) -> None:
        """Give back what is held for work that is done: a loaded hub shrinks when idle."""
        self._engine.command("SYSTEM JEMALLOC PURGE")
        give_back_memory()

    @property
    def waiting_rows(self) -> int:
        """Rows that are acknowledged and not in the tables yet."""
        return self._applier.waiting_rows

    def health(self) -> Mapping[str, Any]:
        """See `EventReader.health`."""
        sql = (
            "SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS size_bytes, count() AS parts "
            "FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table"
        )
        tables = {row.pop("table"): row for row in self._engine.query(sql)[0].to_pylist()}
        return {"waiting_rows": self._applier.waiting_rows, "tables": tables}

    def close(self) -> None:
        """See `EventWriter.close`."""
        self._applier.close()
        self._engine.close()

    def _rollup(self, query: Query) -> Rollup | None:
        """The rollup to read: one that serves, and is far shorter than the events or outlives them."""
        rollup = rollup_for(query)
        if rollup is None or may_have_expired(query) or self._is_short(rollup):
            return rollup
        return None

    def _is_short(self, rollup: Rollup) -> bool:
        if self._applier.applied >= self._counted + _RECOUNT_AFTER:
            self._counted = self._applier.applied
            sql = "SELECT name, total_rows FROM system.tables WHERE database = currentDatabase()"
            table, _, _ = self._engine.query(sql)
            self._rows = dict(zip(*(column.to_pylist() for column in table.columns), strict=True))
        return (self._rows.get("events") or 0) > _SHORTER * (self._rows.get(rollup.table) or 0)

    def _read(
        self,
        statement: Statement,
        is_fresh: bool = True,
        budget: str = "",
        cancellation: Cancellation | None = None,
    ) -> tuple[pa.Table, int, float]:
        if is_fresh:
            self._applier.settle()
        sql = statement.sql + (budget or self._budget)
        return self._engine.query(sql, statement.args, cancellation)


def _rendered(query: Query, rollup: Rollup | None) -> Statement:
    return render_rollup(query, rollup) if rollup else render(query)


def within(limits: QueryLimits) -> str:
    """Settings of the engine that hold a question to its limits."""
    return (
        f" SETTINGS max_execution_time={int(limits.seconds)}, "
        f"max_memory_usage={int(limits.memory_bytes)}, "
        f"max_rows_to_read={int(limits.rows_read)}, max_bytes_to_read={int(limits.bytes_read)}"
    )


def _flush_parts(engine: EmbeddedEngine) -> None:
    """Make every part reach the disk before its segment leaves the log: for loss of power."""
    for table in (*EXPIRING, "assets", FIVE_MINUTES.table, HOUR_TABLE, DAY.table):
        change = "MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1"
        engine.command(f"ALTER TABLE {table} {change}")


def typed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """`table` with the columns and types of `schema`; '' becomes null: the store has no unknown text."""
    columns = []
    for column in schema:
        values = table[column.name].cast(column.type)
        if column.type == pa.string():
            values = pc.if_else(pc.equal(values, ""), None, values)
        columns.append(values)
    return pa.Table.from_arrays(columns, schema=schema)
