"""What the hub asks of an event store: short code, long promises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from llm_analytics_hub.model.asset import AssetFilter, VersionFilter
from llm_analytics_hub.model.letter import ANY_LETTER, LetterFilter
from llm_analytics_hub.model.query import Arrivals, EventFilter, Query, TimeRange, TraceFilter
from llm_analytics_hub.storage.cancellation import Cancellation


class Table(StrEnum):
    """The tables a write may touch."""

    EVENTS = "events"
    CONTENTS = "contents"
    DEAD_LETTERS = "dead_letters"
    REVISIONS = "revisions"
    METRICS = "metrics"
    ASSETS = "asset_facts"


WriteSet = Mapping[Table, pa.RecordBatch]
"""Rows that belong together: what one group of requests leaves behind.

REVISIONS (of REVISION_SCHEMA) is no table of its own: its rows change events stored before. A row
whose event has another revision by now, or is gone, changes nothing. ASSETS (of ASSET_FACT_SCHEMA)
may come again and in any order: what is known of an asset is the same.
"""


@dataclass(frozen=True)
class KnownKeys:
    """Keys of stored events that still count as repeats, one entry per key.

    Shapes: keys (n,) uint64, until (n,) int64 = unix seconds until which the key is a repeat.
    """

    keys: NDArray[np.uint64]
    until: NDArray[np.int64]


@dataclass(frozen=True)
class MetricState:
    """What is known of metric points stored before, so that none is counted twice.

    `keys` (n,) uint64: the point keys of what came lately. `totals`: rows of TOTALS_SCHEMA, what
    each cumulative series stood at when last seen, one row per series, oldest first.
    """

    keys: NDArray[np.uint64]
    totals: pa.Table


@dataclass(frozen=True)
class Answer:
    """Rows that answer a question, and what it cost."""

    rows: pa.Table
    table: str
    rows_read: int
    engine_ms: float


@dataclass(frozen=True)
class Plan:
    """How a question would be answered.

    `why_not` gives for every rollup that is not read the reasons; `rows_to_read` is None where the
    store cannot tell before.
    """

    table: str
    sql: str
    args: Mapping[str, str]
    rows_to_read: int | None
    why_not: Mapping[str, Sequence[str]]


class EventWriter(Protocol):
    """Takes events for good."""

    def write(self, rows: WriteSet, /) -> None:
        """Store `rows` durably, then return: what was written survives kill -9.

        All or nothing for a killed process; visible to every read that starts afterwards. Not
        idempotent: repeats are dropped before, by key. Owned by one thread at a time.
        Raises: UnavailableError (nothing was written, retry); SaturatedError (wait).
        """
        ...

    def known_keys(self, now: datetime, /) -> KnownKeys:
        """The keys that were stored and still count as repeats at `now`."""
        ...

    def recent_spans(self, since: datetime, limit: int, /) -> tuple[pa.RecordBatch, Sequence[int]]:
        """What occurred from `since` on in a trace, and model calls that name a scope.

        The newest `limit`, oldest first, of EVENT_SCHEMA; and the revision of each.
        """
        ...

    def drop_expired(self, now: datetime, /) -> Sequence[str]:
        """Forget the rows whose week of expiry was over before `now`; names of what went."""
        ...

    def close(self) -> None:
        """Finish what was accepted and release the store; further calls raise UnavailableError."""
        ...


class EventReader(Protocol):
    """Answers questions about what was written; every write that returned is seen."""

    def answer(self, query: Query, cancellation: Cancellation | None = None, /) -> Answer:
        """Rows for `query`, in its order, columns named as in `Query.columns`.

        Raises: UnavailableError, code `cancelled` once `cancellation` ended it; InvalidQueryError
        when the budget of the query is used up.
        """
        ...

    def explain(self, query: Query, /) -> Plan:
        """How `answer` would answer; nothing is read of the events. Raises: UnavailableError."""
        ...

    def events(self, wanted: EventFilter, /) -> pa.Table:
        """Events newest first, by `wanted`; columns of EVENT_SCHEMA."""
        ...

    def traces(self, wanted: TraceFilter, /) -> pa.Table:
        """Traces newest first, those of one moment by id downwards; columns of TRACE_SCHEMA."""
        ...

    def arrivals(self, wanted: Arrivals, /) -> pa.Table:
        """Events by `wanted`, ordered by `received_at` and key; columns of EVENT_SCHEMA.

        Who goes on from the last of them misses none and sees none twice, as long as what is
        written later was received later, too: the intake sees to that.
        """
        ...

    def contents(self, tenant: str, ids: Sequence[str], /) -> Mapping[str, str]:
        """What `tenant` has stored under these ids of contents; what is not there is left out."""
        ...

    def stored_keys(self, tenant: str, keys: NDArray[np.uint64], /) -> NDArray[np.uint64]:
        """Those of `keys` that events of `tenant` have, whether they count as repeats or not."""
        ...

    def dead_letters(
        self, tenant: str, ids: Sequence[str], limit: int, where: LetterFilter = ANY_LETTER, /
    ) -> pa.Table:
        """Dead letters of `tenant` that meet `where`, newest first, those of one moment by id.

        Of `ids`, or of all where `ids` is empty.
        """
        ...

    def count_dead_letters(self) -> Mapping[str, int]:
        """How many dead letters each tenant has; one that has none is left out."""
        ...

    def purge_dead_letters(
        self, tenant: str, ids: Sequence[str], where: LetterFilter = ANY_LETTER, /
    ) -> int:
        """Forget letters that meet `where`, of `ids` or of all where it is empty; how many."""
        ...

    def health(self) -> Mapping[str, Any]:
        """Facts about the store for operators: rows, bytes on disk, lag of the commit log."""
        ...


class MetricReader(Protocol):
    """Answers questions about metric points; every write that returned is seen."""

    def metric_points(
        self, tenant: str, metric: str, time_range: TimeRange, limit: int, /
    ) -> pa.Table:
        """Points of `metric` that occurred in `time_range`, newest first; columns of METRIC_SCHEMA.

        Raises: UnavailableError.
        """
        ...

    def metric_quantile(
        self, tenant: str, metric: str, time_range: TimeRange, level: float, /
    ) -> float | None:
        """The quantile `level` (0 to 1) of all that the buckets of `metric` counted in that time.

        In the metric's unit; None where no bucket counted anything. Rule: `storage/quantile.py`.
        """
        ...

    def metric_state(self, since: datetime, limit: int, /) -> MetricState:
        """The keys of points received from `since` on, and the newest `limit` series' totals."""
        ...


class AssetReader(Protocol):
    """Shows the assets of the registry; every write that returned is seen."""

    def assets(self, wanted: AssetFilter, /) -> pa.Table:
        """Whole assets by `wanted`, in the order of their ids; columns of ASSET_SCHEMA.

        Raises: UnavailableError.
        """
        ...

    def asset_versions(self, wanted: VersionFilter, /) -> pa.Table:
        """Versions of an asset by `wanted`, the newest first; columns of ASSET_SCHEMA.

        What was told of the asset without a version is its newest version's.
        """
        ...


class EventStore(EventWriter, EventReader, MetricReader, AssetReader, Protocol):
    """All parts in one."""
