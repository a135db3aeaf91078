"""The body of a question, as JSON, to a checked `Question`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from llm_analytics_hub.errors import InvalidQueryError, about
from llm_analytics_hub.model.buckets import GRANULARITIES
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.measures import Measure
from llm_analytics_hub.model.query import All, Order, Query
from llm_analytics_hub.model.question import Question, Top
from llm_analytics_hub.query.body import OrderBody, QueryBody, TopBody, body_of
from llm_analytics_hub.query.compare import compared_names
from llm_analytics_hub.query.filters import check_dimension, to_filter, to_having
from llm_analytics_hub.query.ranges import before, to_range, to_time_zone


def parse_question(body: Mapping[str, Any], *, tenant: str, now: datetime) -> Question:
    """The question in a JSON body, checked against the catalogue.

    Raises: InvalidQueryError; its message says what to change.
    """
    asked = body_of(body)
    query = to_query(asked, tenant=tenant, now=now)
    earlier = None
    if asked.compare:
        period = asked.time_range.period
        earlier = before(query.time_range, asked.compare, query.time_zone, period)
    with about("fill_gaps"):
        if asked.fill_gaps and not query.granularity:
            raise InvalidQueryError("fill_gaps needs a granularity: without one there are no gaps")
    with about("having"):
        if asked.fill_gaps and query.having != All():
            text = "having leaves rows out, fill_gaps would put them back as nothing: ask for one"
            raise InvalidQueryError(text)
    question = Question(query, _top(asked.top, query), earlier, asked.fill_gaps)
    with about("order_by"):
        return replace(question, query=_ordered(question, asked.order_by))


def to_query(body: QueryBody, *, tenant: str, now: datetime) -> Query:
    """A checked `Query` of a body that has the right shape, not ordered yet."""
    with about("measures"):
        measures = tuple(_measure(name) for name in dict.fromkeys(body.measures))
    dimensions = tuple(dict.fromkeys(body.dimensions))
    with about("dimensions"):
        for name in dimensions:
            check_dimension(name)
    with about("filters"):
        where = to_filter(body.filters)
    with about("having"):
        having = to_having(body.having, tuple(measure.name for measure in measures))
    with about("time_zone"):
        zone = to_time_zone(body.time_zone)
    with about("time_range"):
        time_range = to_range(body.time_range, zone, now)
    with about("granularity"):
        granularity = _granularity(body.granularity)
    query = Query(
        tenant=tenant,
        measures=measures,
        dimensions=dimensions,
        where=where,
        time_range=time_range,
        granularity=granularity,
        time_zone=zone,
        order_by=(),
        limit=body.limit,
        having=having,
    )
    with about("measures"):
        _check_currency(query)
    return query


def _check_currency(query: Query) -> None:
    """Amounts of two currencies have no sum."""
    is_cut = "cost_currency" in query.dimensions
    if not is_cut and any(measure.name == "cost_amount" for measure in query.measures):
        text = "cost_amount is in the currency it was sent in: add the dimension cost_currency"
        raise InvalidQueryError(text)


def _measure(name: str) -> Measure:
    if name not in MEASURES:
        raise InvalidQueryError(f"no measure {name[:80]!r}; there are {', '.join(MEASURES)}")
    return MEASURES[name]


def _granularity(name: str | None) -> str | None:
    if name is not None and name not in GRANULARITIES:
        raise InvalidQueryError(
            f"no granularity {name[:40]!r}; there are {', '.join(GRANULARITIES)}"
        )
    return name


def _top(body: TopBody | None, query: Query) -> Top | None:
    if body is None:
        return None
    names = tuple(measure.name for measure in query.measures)
    by = body.by or names[0]
    with about("top.dimension"):
        _check_asked(body.dimension, query.dimensions)
    with about("top.by"):
        _check_asked(by, names)
    return Top(body.dimension, by, body.limit, body.other)


def _check_asked(name: str, known: tuple[str, ...]) -> None:
    """A part of a question names what the question has. Raises: InvalidQueryError."""
    if name not in known:
        raise InvalidQueryError(f"{name[:80]!r} is not asked for: it is none of {list(known)}")


def _ordered(question: Question, orders: list[OrderBody]) -> Query:
    """The query sorted as asked; else by time, else by its first measure, largest first."""
    query = question.query
    if not orders:
        default = Order("time", False) if query.granularity else Order(query.measures[0].name, True)
        rest = tuple(Order(name, False) for name in query.dimensions)
        return replace(query, order_by=(default, *rest))
    known = (*query.groups, *compared_names(question))
    for order in orders:
        if order.field not in known:
            raise InvalidQueryError(
                f"order_by {order.field[:80]!r}: it is none of {', '.join(known)}"
            )
    return replace(query, order_by=tuple(Order(o.field, o.direction == "desc") for o in orders))
