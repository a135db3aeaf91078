"""A question answered: ranked, asked, filled, compared, sorted and cut."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pyarrow as pa

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.query import All, Condition, Kept, Op, Order, Query, TimeRange
from llm_analytics_hub.model.question import Question, Top
from llm_analytics_hub.query.compare import compared
from llm_analytics_hub.query.gaps import filled
from llm_analytics_hub.query.lines import ordered
from llm_analytics_hub.storage.interface import Answer

MAX_WHOLE = 50_000
"""Rows of an answer that is taken whole, to be filled or compared."""

Ask = Callable[[Query], Answer]


@dataclass(frozen=True)
class Composed:
    """The rows of an answer, and whether there are more than were asked for."""

    rows: pa.Table
    has_more: bool


def compose(question: Question, ask: Ask) -> Composed:
    """The answer to a whole question, from a store that answers its parts.

    Raises: InvalidQueryError where a part has too many rows; what `ask` raises.
    """
    query = ranked(question.query, question.top, ask)
    if question.compared_with is None and not question.fills_gaps:
        return _cut(ask(replace(query, limit=query.limit + 1)).rows, query.limit)
    rows = _whole(replace(question, query=query), query.time_range, ask)
    if question.compared_with is not None:
        before = replace(query, having=All())
        earlier = _whole(replace(question, query=before), question.compared_with, ask)
        rows = compared(replace(question, query=query), rows, earlier)
    return _cut(ordered(rows, query.order_by), query.limit)


def ranked(query: Query, top: Top | None, ask: Ask) -> Query:
    """`query` with the values of a dimension that come first kept apart, or alone."""
    if top is None:
        return query
    by = tuple(measure for measure in query.measures if measure.name == top.by)
    order = (Order(top.by, True), Order(top.dimension, False))
    ranking = replace(query, measures=by, dimensions=(top.dimension,), granularity=None,
                      order_by=order, limit=top.number, having=All())  # fmt: skip
    values = tuple(text or "" for text in ask(ranking).rows[top.dimension].to_pylist())
    if top.with_other or not values:
        return replace(query, kept=(Kept(top.dimension, values),))
    return replace(query, where=All((query.where, Condition(top.dimension, Op.IN, values))))


def _whole(question: Question, span: TimeRange, ask: Ask) -> pa.Table:
    query = replace(question.query, time_range=span, order_by=(), limit=MAX_WHOLE + 1)
    rows = ask(query).rows
    if rows.num_rows > MAX_WHOLE:
        text = f"the answer has over {MAX_WHOLE:,} rows, too many to compare or to fill"
        raise InvalidQueryError(f"{text}: ask for fewer groups with `top`, or a shorter range")
    return filled(query, rows, span) if question.fills_gaps else rows


def _cut(rows: pa.Table, limit: int) -> Composed:
    return Composed(rows.slice(0, limit), rows.num_rows > limit)
