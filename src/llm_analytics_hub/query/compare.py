"""An answer beside that of an earlier range: each measure, what it was, and the change."""

from itertools import chain
from typing import Any

import pyarrow as pa

from llm_analytics_hub.model.query import All
from llm_analytics_hub.model.question import Question
from llm_analytics_hub.query.lines import Lines, lines_of, nothing, starts_of, to_table

PREVIOUS = "_previous"
CHANGE = "_change"


def compared_names(question: Question) -> tuple[str, ...]:
    """Names of an answer's columns of measures, in order."""
    names = (measure.name for measure in question.query.measures)
    if question.compared_with is None:
        return tuple(names)
    return tuple(chain.from_iterable((name, name + PREVIOUS, name + CHANGE) for name in names))


def compared(question: Question, now: pa.Table, earlier: pa.Table) -> pa.Table:
    """Both answers side by side, the n-th bucket of one beside the n-th of the other.

    A group of the earlier range that is gone is a row, too, unless `having` chose the groups.
    """
    query, span = question.query, question.compared_with
    assert span is not None  # noqa: S101 - asked for comparisons only
    starts = starts_of(query, query.time_range)
    new, old = lines_of(query, now, starts), lines_of(query, earlier, starts_of(query, span))
    keys = list(new)
    if query.having == All():
        keys += [key for key in old if key not in new and (not starts or key[0] < len(starts))]
    rows = [
        (*((starts[key[0]], *key[1:]) if starts else key), *_beside(query.measures, key, new, old))
        for key in keys
    ]
    kinds = {name: now.schema.field(name).type for name in query.groups}
    for measure in query.measures:
        kind = now.schema.field(measure.name).type
        kinds |= {measure.name: kind, measure.name + PREVIOUS: kind}
        kinds[measure.name + CHANGE] = pa.float64()
    return to_table(rows, kinds)


def _beside(measures: Any, key: Any, new: Lines, old: Lines) -> list[Any]:
    empty = nothing(measures)
    pairs = zip(new.get(key, empty), old.get(key, empty), strict=True)
    return list(chain.from_iterable((now, then, _change(now, then)) for now, then in pairs))


def _change(now: Any, then: Any) -> float | None:
    """By how much of itself a value grew; null where it was nothing or one is unknown."""
    if now is None or not then:
        return None
    return float(now - then) / abs(float(then))
