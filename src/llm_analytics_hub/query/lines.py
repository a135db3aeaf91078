"""Rows of an answer as Python values: what is made of whole answers, once the store has given them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from llm_analytics_hub.model.buckets import bucket_starts
from llm_analytics_hub.model.measures import Measure
from llm_analytics_hub.model.query import Order, Query, TimeRange

Key = tuple[Any, ...]
"""What tells a line from others: the number of its bucket, then its dimensions."""

Lines = dict[Key, tuple[Any, ...]]
"""The measures of every line, by key."""


def starts_of(query: Query, span: TimeRange) -> list[datetime]:
    """The buckets of a range, in order; none where the question has no granularity."""
    if not query.granularity:
        return []
    return list(bucket_starts(span, query.granularity, query.time_zone))


def lines_of(query: Query, table: pa.Table, starts: Sequence[datetime]) -> Lines:
    """The lines of an answer about the range that has these buckets."""
    places = {start: number for number, start in enumerate(starts)}
    width = len(query.groups)
    found: Lines = {}
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        key = row[:width]
        found[(places[key[0]], *key[1:]) if places else key] = row[width:]
    return found


def nothing(measures: Iterable[Measure]) -> tuple[Any, ...]:
    """What measures are where there was no event: counts are 0, all else is unknown."""
    return tuple(0 if measure.is_additive else None for measure in measures)


def to_table(
    keys_and_values: Iterable[tuple[Any, ...]], fields: Mapping[str, pa.DataType]
) -> pa.Table:
    """Rows of values as columns of these names and types."""
    rows = list(keys_and_values)
    columns = zip(*rows, strict=True) if rows else ((),) * len(fields)
    arrays = [pa.array(c, kind) for c, kind in zip(columns, fields.values(), strict=True)]
    return pa.table(dict(zip(fields, arrays, strict=True)))


def ordered(table: pa.Table, orders: Sequence[Order]) -> pa.Table:
    """Rows sorted as asked; unknown last in both directions, ties as they were."""
    places = list(range(table.num_rows))
    for order in reversed(orders):
        values = table[order.column].to_pylist()
        known = [place for place in places if values[place] is not None]
        unknown = [place for place in places if values[place] is None]
        known.sort(key=values.__getitem__, reverse=order.descending)
        places = known + unknown
    return table.take(pa.array(places, pa.int64()))
