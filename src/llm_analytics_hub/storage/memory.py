"""An event store in memory: nothing to install, nothing survives. For tests, plugins' too."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.event import DEAD_LETTER_SCHEMA, EVENT_SCHEMA, INFERENCE, OBSERVED
from llm_analytics_hub.model.query import EventFilter, Query, TimeRange
from llm_analytics_hub.storage.interface import Answer, KnownKeys, MetricState, Table, WriteSet
from llm_analytics_hub.storage.memory_answer import answer
from llm_analytics_hub.storage.memory_filter import Row, holds
from llm_analytics_hub.storage.memory_metrics import histograms, points, state
from llm_analytics_hub.storage.memory_revision import revise
from llm_analytics_hub.storage.quantile import quantile


class MemoryStore:
    """An `EventStore` of plain rows; all methods may be called from any thread.

    It keeps every promise of the interface but durability: it passes the same tests as ClickHouse.
    Quantiles are exact. Slow by design, fine for some ten thousand events.
    """

    def __init__(self) -> None:
        tables = [table for table in Table if table is not Table.REVISIONS]
        self._rows: dict[Table, list[dict[str, Any]]] = {table: [] for table in tables}
        self._lock = threading.Lock()
        self._closed = False

    def write(self, rows: WriteSet, /) -> None:
        """See `EventWriter.write`."""
        with self._open():
            for table, batch in rows.items():
                if table is not Table.REVISIONS:
                    self._rows[table] += batch.to_pylist()
            if Table.REVISIONS in rows:
                revise(self._rows[Table.EVENTS], rows[Table.REVISIONS].to_pylist())

    def known_keys(self, now: datetime, /) -> KnownKeys:
        """See `EventWriter.known_keys`."""
        live = [row for row in self._all(Table.EVENTS) if row["key_until"] > now]
        until = {row["event_key"]: int(row["key_until"].timestamp()) for row in live}
        keys = np.fromiter(until.keys(), np.uint64, len(until))
        return KnownKeys(keys, np.fromiter(until.values(), np.int64, len(until)))

    def recent_spans(self, since: datetime, limit: int, /) -> tuple[pa.RecordBatch, Sequence[int]]:
        """See `EventWriter.recent_spans`."""
        found = [row for row in self._all(Table.EVENTS) if _is_span(row, since)]
        found.sort(key=lambda row: row["received_at"])
        newest = found[-limit:]
        batch = pa.RecordBatch.from_pylist(newest, EVENT_SCHEMA)
        return batch, [row.get("revision", 0) for row in newest]

    def answer(self, query: Query, /) -> Answer:
        """See `EventReader.answer`."""
        rows = self._all(Table.EVENTS)
        return Answer(answer(query, rows), "memory", len(rows), 0.0)

    def events(self, wanted: EventFilter, /) -> pa.Table:
        """See `EventReader.events`."""
        found = [row for row in self._all(Table.EVENTS) if _is_wanted(row, wanted)]
        found.sort(key=_place, reverse=True)
        return pa.Table.from_pylist(found[: wanted.limit], EVENT_SCHEMA)

    def contents(self, tenant: str, ids: Sequence[str], /) -> Mapping[str, str]:
        """See `EventReader.contents`."""
        wanted = set(ids)
        return {
            row["content_id"]: row["body"]
            for row in self._all(Table.CONTENTS)
            if row["tenant"] == tenant and row["content_id"] in wanted
        }

    def dead_letters(self, tenant: str, ids: Sequence[str], limit: int, /) -> pa.Table:
        """See `EventReader.dead_letters`."""
        found = [row for row in self._all(Table.DEAD_LETTERS) if _is_among(row, tenant, ids)]
        found.sort(key=lambda row: row["letter_id"])
        found.sort(key=lambda row: row["received_at"], reverse=True)
        return pa.Table.from_pylist(found[:limit], DEAD_LETTER_SCHEMA)

    def purge_dead_letters(self, tenant: str, ids: Sequence[str], /) -> int:
        """See `EventReader.purge_dead_letters`."""
        with self._open():
            letters = self._rows[Table.DEAD_LETTERS]
            kept = [row for row in letters if not _is_among(row, tenant, ids)]
            self._rows[Table.DEAD_LETTERS] = kept
            return len(letters) - len(kept)

    def metric_points(
        self, tenant: str, metric: str, time_range: TimeRange, limit: int, /
    ) -> pa.Table:
        """See `MetricReader.metric_points`."""
        return points(self._all(Table.METRICS), tenant, metric, time_range, limit)

    def metric_quantile(
        self, tenant: str, metric: str, time_range: TimeRange, level: float, /
    ) -> float | None:
        """See `MetricReader.metric_quantile`."""
        return quantile(level, histograms(self._all(Table.METRICS), tenant, metric, time_range))

    def metric_state(self, since: datetime, limit: int, /) -> MetricState:
        """See `MetricReader.metric_state`."""
        return state(self._all(Table.METRICS), since, limit)

    def drop_expired(self, now: datetime) -> list[str]:
        """Forget rows in the week after the week they expire in; `table/monday` of each week."""
        last = now.date() - timedelta(days=7)
        with self._open():
            weeks = {
                table: {monday for monday in _mondays(rows) if monday <= last}
                for table, rows in self._rows.items()
            }
            for table, gone in weeks.items():
                rows = self._rows[table]
                self._rows[table] = [row for row in rows if _monday(row) not in gone]
        return sorted(f"{table}/{monday}" for table, gone in weeks.items() for monday in gone)

    def health(self) -> Mapping[str, Any]:
        """See `EventReader.health`; nothing waits and nothing is on disk."""
        with self._open():
            tables = {str(table): {"rows": len(rows)} for table, rows in self._rows.items()}
        return {"waiting_rows": 0, "tables": tables}

    def close(self) -> None:
        """See `EventWriter.close`."""
        self._closed = True

    def _open(self) -> AbstractContextManager[bool]:
        """The lock of the rows. Raises: UnavailableError after `close`."""
        if self._closed:
            raise UnavailableError("the store is closed")
        return self._lock

    def _all(self, table: Table) -> list[Row]:
        with self._open():
            return list(self._rows[table])


def _is_wanted(row: Row, wanted: EventFilter) -> bool:
    time = wanted.time_range
    return (
        row["tenant"] == wanted.tenant
        and (time is None or time.start <= row["occurred_at"] < time.end)
        and (wanted.before is None or _place(row) < wanted.before)
        and holds(wanted.where, row)
    )


def _is_span(row: Row, since: datetime) -> bool:
    is_linked = row["event_type"] in {INFERENCE, OBSERVED} and '"scope":' in (
        row["attributes"] or ""
    )
    return bool(row["occurred_at"] >= since and (row["trace_id"] or is_linked))


def _place(row: Row) -> tuple[datetime, str, int]:
    return row["occurred_at"], row["event_id"], row["event_key"]


def _is_among(row: Row, tenant: str, ids: Sequence[str]) -> bool:
    return row["tenant"] == tenant and (not ids or row["letter_id"] in ids)


def _mondays(rows: Iterable[Row]) -> set[date]:
    return {_monday(row) for row in rows}


def _monday(row: Row) -> date:
    expires: date = row["expires_on"]
    return expires - timedelta(days=expires.weekday())
