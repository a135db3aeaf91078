"""An event store in memory: nothing to install, nothing survives. For tests, plugins' too."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.asset import AssetFilter, VersionFilter
from llm_analytics_hub.model.event import DEAD_LETTER_SCHEMA, EVENT_SCHEMA, INFERENCE, OBSERVED
from llm_analytics_hub.model.letter import ANY_LETTER, LetterFilter
from llm_analytics_hub.model.passing import Row, holds
from llm_analytics_hub.model.query import (
    Arrivals,
    EventFilter,
    Place,
    Query,
    TimeRange,
    TraceFilter,
)
from llm_analytics_hub.model.rollup import ROLLUPS
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.interface import (
    Answer,
    KnownKeys,
    MetricState,
    Plan,
    Table,
    WriteSet,
)
from llm_analytics_hub.storage.memory_answer import answer
from llm_analytics_hub.storage.memory_assets import asset_list, by_id, version_list
from llm_analytics_hub.storage.memory_letters import is_among
from llm_analytics_hub.storage.memory_metrics import histograms, points, state
from llm_analytics_hub.storage.memory_revision import revise
from llm_analytics_hub.storage.memory_traces import trace_list
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

    def stored_keys(self, tenant: str, keys: NDArray[np.uint64], /) -> NDArray[np.uint64]:
        """See `EventReader.stored_keys`."""
        wanted = set(keys.tolist())
        known = {r["event_key"] for r in self._all(Table.EVENTS) if r["tenant"] == tenant} & wanted
        return np.fromiter(known, np.uint64, len(known))

    def recent_spans(self, since: datetime, limit: int, /) -> tuple[pa.RecordBatch, Sequence[int]]:
        """See `EventWriter.recent_spans`."""
        found = [row for row in self._all(Table.EVENTS) if _is_span(row, since)]
        found.sort(key=lambda row: row["received_at"])
        newest = found[-limit:]
        batch = pa.RecordBatch.from_pylist(newest, EVENT_SCHEMA)
        return batch, [row.get("revision", 0) for row in newest]

    def answer(self, query: Query, _: Cancellation | None = None, /) -> Answer:
        """See `EventReader.answer`."""
        rows = self._all(Table.EVENTS)
        return Answer(answer(query, self._enriched(rows, query.tenant)), "memory", len(rows), 0.0)

    def explain(self, query: Query, /) -> Plan:
        """See `EventReader.explain`."""
        why_not = {rollup.table: ["the memory store has none"] for rollup in ROLLUPS}
        return Plan("memory", "", {}, len(self._all(Table.EVENTS)), why_not)

    def events(self, wanted: EventFilter, /) -> pa.Table:
        """See `EventReader.events`."""
        rows = self._enriched(self._all(Table.EVENTS), wanted.tenant)
        found = [row for row in rows if _is_wanted(row, wanted)]
        found.sort(key=_place, reverse=True)
        return pa.Table.from_pylist(found[: wanted.limit], EVENT_SCHEMA)

    def traces(self, wanted: TraceFilter, /) -> pa.Table:
        """See `EventReader.traces`."""
        return trace_list(self._enriched(self._all(Table.EVENTS), wanted.tenant), wanted)

    def arrivals(self, wanted: Arrivals, /) -> pa.Table:
        """See `EventReader.arrivals`."""
        rows = self._enriched(self._all(Table.EVENTS), wanted.tenant)
        found = [row for row in rows if _has_arrived(row, wanted)]
        found.sort(key=_arrival)
        return pa.Table.from_pylist(found[: wanted.limit], EVENT_SCHEMA)

    def contents(self, tenant: str, ids: Sequence[str], /) -> Mapping[str, str]:
        """See `EventReader.contents`."""
        wanted = set(ids)
        return {
            row["content_id"]: row["body"]
            for row in self._all(Table.CONTENTS)
            if row["tenant"] == tenant and row["content_id"] in wanted
        }

    def dead_letters(
        self, tenant: str, ids: Sequence[str], limit: int, where: LetterFilter = ANY_LETTER, /
    ) -> pa.Table:
        """See `EventReader.dead_letters`."""
        letters = self._all(Table.DEAD_LETTERS)
        found = [row for row in letters if is_among(row, tenant, ids, where)]
        found.sort(key=lambda row: row["letter_id"])
        found.sort(key=lambda row: row["received_at"], reverse=True)
        return pa.Table.from_pylist(found[:limit], DEAD_LETTER_SCHEMA)

    def count_dead_letters(self) -> Mapping[str, int]:
        """See `EventReader.count_dead_letters`."""
        return Counter(row["tenant"] for row in self._all(Table.DEAD_LETTERS))

    def purge_dead_letters(
        self, tenant: str, ids: Sequence[str], where: LetterFilter = ANY_LETTER, /
    ) -> int:
        """See `EventReader.purge_dead_letters`."""
        with self._open():
            letters = self._rows[Table.DEAD_LETTERS]
            kept = [row for row in letters if not is_among(row, tenant, ids, where)]
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

    def assets(self, wanted: AssetFilter, /) -> pa.Table:
        """See `AssetReader.assets`."""
        return asset_list(self._all(Table.ASSETS), wanted)

    def asset_versions(self, wanted: VersionFilter, /) -> pa.Table:
        """See `AssetReader.asset_versions`."""
        return version_list(self._all(Table.ASSETS), wanted)

    def drop_expired(self, now: datetime) -> list[str]:
        """Forget rows in the week after the week they expire in; `table/monday` of each week."""
        last = now.date() - timedelta(days=7)
        with self._open():
            weeks = {
                table: {monday for monday in _mondays(rows) if monday <= last}
                for table, rows in self._rows.items()
                if table is not Table.ASSETS
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

    def _enriched(self, events: Iterable[Row], tenant: str) -> Iterable[Row]:
        """Events of `tenant`, and in each what is known now of its asset."""
        known = by_id(self._all(Table.ASSETS), tenant)
        return ({**row, "asset": known.get(row["asset_id"] or "", {})} for row in events)

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


def _has_arrived(row: Row, wanted: Arrivals) -> bool:
    is_later = _arrival(row) > wanted.after
    return row["tenant"] == wanted.tenant and is_later and holds(wanted.where, row)


def _arrival(row: Row) -> Place:
    return row["received_at"], row["event_key"]


def _is_span(row: Row, since: datetime) -> bool:
    is_linked = row["event_type"] in {INFERENCE, OBSERVED} and '"scope":' in (
        row["attributes"] or ""
    )
    return bool(row["occurred_at"] >= since and (row["trace_id"] or is_linked))


def _place(row: Row) -> tuple[datetime, str, int]:
    return row["occurred_at"], row["event_id"], row["event_key"]


def _mondays(rows: Iterable[Row]) -> set[date]:
    return {_monday(row) for row in rows}


def _monday(row: Row) -> date:
    expires: date = row["expires_on"]
    return expires - timedelta(days=expires.weekday())
