"""Lists of traces, as JSON."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from llm_analytics_hub.model.query import TraceFilter
from llm_analytics_hub.query.answered import json_value
from llm_analytics_hub.query.cursor import from_cursor, to_cursor
from llm_analytics_hub.storage.interface import EventReader

MAX_TRACES = 500


class TraceLists:
    """Shows traces in one row each. Safe for many threads."""

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader

    def page(self, wanted: TraceFilter, cursor: str | None) -> dict[str, Any]:
        """Traces newest first and the cursor of the next page, null on the last.

        Raises: InvalidQueryError for a cursor that is none.
        """
        before = from_cursor(cursor) if cursor else None
        found = self._reader.traces(replace(wanted, before=before, limit=wanted.limit + 1))
        rows = found.slice(0, wanted.limit).to_pylist()
        has_more = found.num_rows > wanted.limit
        next_cursor = to_cursor(rows[-1]["started_at"], rows[-1]["trace_id"]) if has_more else None
        return {"traces": [_shown(row) for row in rows], "next_cursor": next_cursor}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A trace as JSON, with its duration; what is unknown is left out."""
    long = (row["ended_at"] - row["started_at"]) / timedelta(milliseconds=1)
    values = {"trace_id": row["trace_id"], "started_at": row["started_at"], "duration_ms": long}
    rest = {name: row[name] for name in row if name not in ("ended_at", *values)}
    return {name: json_value(value) for name, value in (values | rest).items() if value is not None}
