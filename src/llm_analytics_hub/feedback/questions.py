"""Questions of one tenant about one period: every number told to a module is the query engine's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.body import MAX_ROWS
from llm_analytics_hub.query.service import QueryService

Row = dict[str, Any]
Filter = dict[str, Any]


def same(field: str, value: str) -> Filter:
    """The condition that a field has this value."""
    return {"field": field, "op": "eq", "value": value}


def one_of(field: str, values: Sequence[str]) -> Filter:
    """The condition that a field has one of these values, of which there is at least one."""
    return {"field": field, "op": "in", "value": list(values)}


@dataclass(frozen=True)
class Questions:
    """Asks the query engine."""

    queries: QueryService
    tenant: str
    period: TimeRange

    def rows(
        self, measures: Sequence[str], where: Sequence[Filter], *, by: Sequence[str] = (),
        granularity: str | None = None,
    ) -> list[Row]:  # fmt: skip
        """The rows of the answer by name, in UTC; `time` is the start of a bucket, as text.

        Raises: InvalidQueryError, code `too_many_rows`, rather than answer a part; UnavailableError.
        """
        rows = self.top(measures, where, by=by, granularity=granularity, limit=MAX_ROWS)
        if len(rows) >= MAX_ROWS:
            text = f"over {MAX_ROWS} rows; ask for a shorter time, or for fewer of its kind"
            raise InvalidQueryError(text, code="too_many_rows")
        return rows

    def top(
        self, measures: Sequence[str], where: Sequence[Filter], *, limit: int,
        by: Sequence[str] = (), granularity: str | None = None,
    ) -> list[Row]:  # fmt: skip
        """The first `limit` rows: those with most of the first measure, or the earliest."""
        body = {
            "measures": list(measures),
            "dimensions": list(by),
            "filters": list(where),
            "time_range": {
                "from": self.period.start.isoformat(),
                "to": self.period.end.isoformat(),
            },
            "granularity": granularity,
            "limit": limit,
        }
        answer = self.queries.ask(body, tenant=self.tenant, door="feedback")
        names = [column["name"] for column in answer["columns"]]
        return [dict(zip(names, row, strict=True)) for row in answer["rows"]]

    def total(self, measures: Sequence[str], where: Sequence[Filter]) -> Row:
        """The one row of an answer that is not cut."""
        return self.rows(measures, where)[0]
