"""A row for every bucket of every group, whether there were events in it or not."""

from itertools import product

import pyarrow as pa

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.query import Query, TimeRange
from llm_analytics_hub.query.lines import lines_of, nothing, starts_of, to_table

MAX_FILLED = 50_000


def filled(query: Query, table: pa.Table, span: TimeRange) -> pa.Table:
    """The answer about `span` without gaps. Raises: InvalidQueryError if that is too long."""
    starts = starts_of(query, span)
    lines = lines_of(query, table, starts)
    # Without dimensions there is one group, even if it has no events.
    groups = dict.fromkeys(key[1:] for key in lines) if query.dimensions else {(): None}
    if len(starts) * len(groups) > MAX_FILLED:
        text = f"fill_gaps would give {len(starts) * len(groups):,} rows, over {MAX_FILLED:,}"
        raise InvalidQueryError(f"{text}: take a longer granularity, a shorter range or `top`")
    empty = nothing(query.measures)
    rows = (
        (start, *group, *lines.get((number, *group), empty))
        for (number, start), group in product(enumerate(starts), groups)
    )
    return to_table(rows, {field.name: field.type for field in table.schema})
