"""Where writes happen, as the cache tells them apart: days of events, and the registry's assets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.storage.interface import Table, WriteSet

Place = str
"""`e` and a UTC day of `occurred_at`, counted from 1970, or one of the names below."""

EVENTS = "e"
"""Any event at all."""

ASSETS = "a"
"""What the registry told of assets."""

MOST_DAYS = 400
"""A range of more days is made old by any event of the tenant: looking at each day costs too much."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_DAY_MICROSECONDS = 86_400_000_000
_DENSE = 10_000
_TELLING = (Table.EVENTS, Table.REVISIONS)


def days_of(span: TimeRange) -> Iterator[Place]:
    """The days that `span` has a part of; `EVENTS` for more than MOST_DAYS of them."""
    first, last = (span.start - _EPOCH) // _DAY, -((_EPOCH - span.end) // _DAY)
    if last - first > MOST_DAYS:
        yield EVENTS
    else:
        yield from (f"e{day}" for day in range(first, last))


def touched_by(rows: WriteSet) -> dict[str, set[Place]]:
    """By tenant, where `rows` made a difference. Revisions change events of their own days."""
    found: dict[str, set[Place]] = {}
    for table in _TELLING:
        if table in rows:
            for tenant, day in _days(rows[table]) if rows[table].num_rows else ():
                found.setdefault(tenant, {EVENTS}).add(f"e{day}")
    if Table.ASSETS in rows:
        for tenant in rows[Table.ASSETS]["tenant"].unique().to_pylist():
            found.setdefault(tenant, set()).add(ASSETS)
    return found


def _days(batch: pa.RecordBatch) -> Iterator[tuple[str, int]]:
    """Each tenant and day of `occurred_at` that `batch` has, once."""
    days = batch["occurred_at"].view(pa.int64()).to_numpy() // _DAY_MICROSECONDS
    first, tenants = int(days.min()), batch["tenant"]
    if tenants.equals(pa.repeat(tenants[0], len(tenants))):  # what a commit nearly always is
        name = tenants[0].as_py()
        yield from ((name, first + day) for day in _distinct(days - first))
        return
    encoded, width = tenants.dictionary_encode(), int(days.max()) - first + 1
    names, codes = encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)
    for place in _distinct(codes * width + days - first):
        yield names[place // width], first + place % width


def _distinct(numbers: NDArray[np.int64]) -> list[int]:
    """Each of `numbers`, none below zero, once."""
    is_dense = int(numbers.max()) < _DENSE  # then counting is faster than sorting
    found = np.flatnonzero(np.bincount(numbers)) if is_dense else np.unique(numbers)
    return [int(number) for number in found]
