"""Questions of rules put to the query service, their answers as columns that detectors read."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.alerts.detect.asking import Found, Shape
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.buckets import bucket_start
from llm_analytics_hub.query.body import MAX_ROWS
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.cancellation import Cancellation

DOOR = "alerts"
MOST_ROWS = 200_000
"""Groups times buckets that one question of rules may have."""


class RuleQuestions:
    """Asks for rules. Safe for many threads; `cancel` ends what is asked, and all that would be."""

    def __init__(self, queries: QueryService, *, is_fresh: bool = False) -> None:
        """`is_fresh`: what was stored a moment ago counts, too."""
        self._queries = queries
        self._is_fresh = is_fresh
        self._cancellation = Cancellation()

    def ask(self, tenant: str, shape: Shape, measures: Sequence[str]) -> Found:
        """The answer, whole.

        Raises: InvalidQueryError, code `too_many_rows` where there are more rows than may be;
        UnavailableError, SaturatedError.
        """
        rows = self._rows(tenant, shape, measures, MOST_ROWS)
        return found_of(rows, shape.by, measures, has_times=shape.granularity is not None)

    def cancel(self) -> None:
        """End the question that is being answered, and return once it has ended."""
        self._cancellation.cancel()

    def _rows(self, tenant: str, shape: Shape, measures: Sequence[str], room: int) -> pa.Table:
        answer = self._queries.answer(
            _body(shape, measures),
            tenant=tenant,
            door=DOOR,
            # For rules not worth a write ahead of its time: what is judged lies seconds back. Nor
            # are its answers kept, for nobody asks for these ranges again.
            is_fresh=self._is_fresh,
            cancellation=self._cancellation,
        )
        if not answer.meta["has_more"]:
            return answer.rows
        middle = _middle(shape)
        if middle is None or room <= MAX_ROWS:
            raise _too_many(shape)
        # One page holds fewer rows than groups times buckets may be: half of the time at a time.
        halves = ((shape.start, middle), (middle, shape.end))
        tables = [
            self._rows(tenant, _between(shape, start, end), measures, room // 2)
            for start, end in halves
        ]
        return pa.concat_tables(tables)


def found_of(
    rows: pa.Table, by: Sequence[str], measures: Sequence[str], *, has_times: bool
) -> Found:
    """The rows of an answer as detectors read them; unknown text is ''."""
    times = rows["time"].to_pylist() if has_times else None
    return Found(_groups(rows, sorted(set(by))), times, {m: _floats(rows[m]) for m in measures})


def _groups(rows: pa.Table, names: Sequence[str]) -> list[Labels]:
    """The labels of each row; rows of one group share them."""
    if not names or not rows.num_rows:
        return [()] * rows.num_rows
    codes = np.zeros(rows.num_rows, dtype=np.int64)
    for name in names:
        encoded = rows[name].combine_chunks().dictionary_encode("encode")
        # Renumbered each time: the product of six long dictionaries would overflow.
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy()
        codes = np.unique(codes, return_inverse=True)[1]
    firsts = np.unique(codes, return_index=True)[1]
    labels = _labels_at(rows, names, firsts)
    return [labels[code] for code in codes.tolist()]


def _labels_at(rows: pa.Table, names: Sequence[str], places: Any) -> list[Labels]:
    few = rows.select(names).take(pa.array(places))
    columns = [[(name, text or "") for text in few[name].to_pylist()] for name in names]
    return list(zip(*columns, strict=True))


def _floats(column: pa.ChunkedArray) -> list[float | None]:
    """As floats; what is no number (0/0) is unknown."""
    values = column.cast(pa.float64())
    nothing = pa.scalar(None, pa.float64())
    floats: list[float | None] = pc.if_else(pc.is_nan(values), nothing, values).to_pylist()
    return floats


def _body(shape: Shape, measures: Sequence[str]) -> Mapping[str, Any]:
    body: dict[str, Any] = {
        "measures": list(measures),
        "dimensions": list(shape.by),
        "filters": json.loads(shape.where),
        "time_range": {"from": shape.start.isoformat(), "to": shape.end.isoformat()},
        "time_zone": shape.time_zone,
        "limit": MAX_ROWS,
    }
    return body | ({"granularity": shape.granularity} if shape.granularity else {})


def _middle(shape: Shape) -> datetime | None:
    """Where its time can be cut in two; None where it cannot: a bucket is asked for whole."""
    if shape.granularity is None:
        return None
    middle = shape.start + (shape.end - shape.start) / 2
    start = bucket_start(middle, shape.granularity, shape.time_zone)
    return start if start > shape.start else None


def _between(shape: Shape, start: datetime, end: datetime) -> Shape:
    return Shape(shape.by, shape.where, start, end, shape.granularity, shape.time_zone)


def _too_many(shape: Shape) -> InvalidQueryError:
    what = "groups" if shape.granularity is None else "values"
    most = MAX_ROWS if shape.granularity is None else MOST_ROWS
    message = f"by {', '.join(shape.by)} there are more than {most:,} {what}, too many for a rule"
    text = f"{message}: filter, or watch fewer groups"
    return InvalidQueryError(text, code="too_many_rows")
