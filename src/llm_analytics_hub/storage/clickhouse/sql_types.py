"""The columns of a reader's answer: the engine's moments, which Arrow gets as plain numbers."""

import re
from collections.abc import Sequence

import pyarrow as pa

from llm_analytics_hub.errors import InvalidQueryError

_WRAPPED = re.compile(r"(?:LowCardinality|Nullable)\((.*)\)")
_DATE_TIME = re.compile(r"DateTime(?:\('(?P<zone>[^']+)'\))?")
_STATE = "AggregateFunction("


def is_ambiguous(table: pa.Table) -> bool:
    """Whether a column may be a DateTime or an aggregate state: Arrow has numbers and bytes of both."""
    kinds = table.schema.types
    return any(pa.types.is_uint32(kind) or pa.types.is_binary(kind) for kind in kinds)


def with_moments(table: pa.Table, types: Sequence[str]) -> pa.Table:
    """`table` with DateTime columns as timestamps of seconds, by the engine's `types`.

    Raises: InvalidQueryError for a column of aggregate states, which are bytes of the engine's own.
    """
    names, columns = table.column_names, []
    for name, column, kind in zip(names, table.columns, types, strict=True):
        if _STATE in kind and "Simple" + _STATE not in kind:
            raise InvalidQueryError(
                f"sql: {name} is an aggregate state: finish it with -Merge or finalizeAggregation",
                code="invalid_sql",
            )
        columns.append(_moments(column, kind))
    return pa.Table.from_arrays(columns, names=names)


def _moments(column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    while found := _WRAPPED.fullmatch(kind):
        kind = found[1]
    date_time = _DATE_TIME.fullmatch(kind)
    if date_time is None or not pa.types.is_uint32(column.type):
        return column
    zone = date_time["zone"] or "UTC"
    return column.cast(pa.int64()).cast(pa.timestamp("s", "UTC")).cast(pa.timestamp("s", zone))
