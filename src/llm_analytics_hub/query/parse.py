"""The body of a question, as JSON, to a checked `Query`."""

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any as Anything
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llm_analytics_hub.errors import InvalidInputError, InvalidQueryError
from llm_analytics_hub.model.catalogue import (
    ASSET_DIMENSIONS,
    ASSET_PREFIX,
    GRANULARITIES,
    MEASURES,
    NUMBER_FIELDS,
    PATH_DIMENSIONS,
    TEXT_DIMENSIONS,
    Measure,
)
from llm_analytics_hub.model.query import (
    All,
    Any,
    Condition,
    Filter,
    Not,
    Op,
    Order,
    Query,
    Scalar,
    TimeRange,
)
from llm_analytics_hub.normalize.timestamps import parse_timestamp

MAX_DIMENSIONS = 6
MAX_MEASURES = 20
MAX_ROWS = 10_000
MAX_CONDITIONS = 100
MAX_TEXT = 4096
MAX_RANGE = timedelta(days=3 * 366)

_SPAN = re.compile(r"([1-9][0-9]{0,4})(s|m|min|h|d|w)")
_SPANS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PATH = re.compile(r"(attributes|asset\.metadata)(\.[A-Za-z0-9_:/@ -]{1,128}){1,8}")
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a pair: JSON can carry it, UTF-8 cannot
_LISTS = {Op.IN, Op.NOT_IN}
_TEXT_ONLY = {Op.PREFIX, Op.CONTAINS}


class TimeRangeBody(BaseModel):
    """Either `from` and `to`, or `last` (`15m`, `24h`, `7d`, `4w`)."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    start: str | float | None = Field(None, alias="from")
    end: str | float | None = Field(None, alias="to")
    last: str | None = Field(None, examples=["24h"])


class OrderBody(BaseModel):
    """A column of the answer to sort by."""

    model_config = ConfigDict(extra="forbid")
    field: str
    direction: Literal["asc", "desc"] = "asc"


class QueryBody(BaseModel):
    """A question: measures of the events in a time range, by dimensions, filtered."""

    model_config = ConfigDict(extra="forbid")
    measures: list[str] = Field(
        min_length=1, max_length=MAX_MEASURES, examples=[["requests", "cost_usd"]]
    )
    dimensions: list[str] = Field(default=[], max_length=MAX_DIMENSIONS, examples=[["model"]])
    filters: list[dict[str, Anything]] | dict[str, Anything] = Field(default=[])
    time_range: TimeRangeBody
    granularity: str | None = Field(None, examples=["hour"])
    time_zone: str = "UTC"
    order_by: list[OrderBody] = Field(default=[], max_length=10)
    limit: int = Field(1000, ge=1, le=MAX_ROWS)


def parse_query(body: Mapping[str, Anything], *, tenant: str, now: datetime) -> Query:
    """The question in a JSON body, checked against the catalogue.

    Raises: InvalidQueryError; its message says what to change.
    """
    try:
        return to_query(QueryBody.model_validate(body), tenant=tenant, now=now)
    except ValidationError as error:
        raise InvalidQueryError(_first_fault(error)) from error


def to_query(body: QueryBody, *, tenant: str, now: datetime) -> Query:
    """A checked `Query` of a body that has the right shape. Raises: InvalidQueryError."""
    measures = tuple(_measure(name) for name in dict.fromkeys(body.measures))
    dimensions = tuple(dict.fromkeys(body.dimensions))
    for name in dimensions:
        check_dimension(name)
    query = Query(
        tenant=tenant,
        measures=measures,
        dimensions=dimensions,
        where=to_filter(body.filters),
        time_range=_time_range(body.time_range, now),
        granularity=_granularity(body.granularity),
        time_zone=_time_zone(body.time_zone),
        order_by=(),
        limit=body.limit,
    )
    _check_currency(query)
    return _ordered(query, body.order_by)


def _check_currency(query: Query) -> None:
    """Amounts of two currencies have no sum."""
    is_cut = "cost_currency" in query.dimensions
    if not is_cut and any(measure.name == "cost_amount" for measure in query.measures):
        text = "cost_amount is in the currency it was sent in: add the dimension cost_currency"
        raise InvalidQueryError(text)


def to_filter(body: object) -> Filter:
    """A filter of its JSON form: a list (all hold), a condition, or {and|or|not}."""
    budget = [MAX_CONDITIONS]
    return _filter(body, budget)


def _filter(body: object, budget: list[int]) -> Filter:
    budget[0] -= 1
    if budget[0] < 0:
        raise InvalidQueryError(f"a filter has at most {MAX_CONDITIONS} parts")
    if isinstance(body, list):
        return All(tuple(_filter(part, budget) for part in body))
    if not isinstance(body, dict):
        raise InvalidQueryError("a filter is an object {field, op, value}, or and, or, not")
    if len(body) == 1:
        word, inside = next(iter(body.items()))
        if word == "and" and isinstance(inside, list):
            return All(tuple(_filter(part, budget) for part in inside))
        if word == "or" and isinstance(inside, list):
            return Any(tuple(_filter(part, budget) for part in inside))
        if word == "not":
            return Not(_filter(inside, budget))
    return _condition(body)


def _condition(body: Mapping[str, object]) -> Condition:
    unknown = body.keys() - {"field", "op", "value"}
    field = body.get("field")
    if unknown or not isinstance(field, str):
        raise InvalidQueryError(
            f"a condition has field, op and value, not {sorted(unknown) or 'this'}"
        )
    op = _op(body.get("op", "eq"))
    if field not in NUMBER_FIELDS:
        check_dimension(field)
    elif op in _TEXT_ONLY:
        raise InvalidQueryError(f"{field} is a number: {op} is for text")
    return Condition(field, op, _values(field, op, body.get("value")))


def _values(field: str, op: Op, value: object) -> tuple[Scalar, ...]:
    if op is Op.EXISTS:
        return ()
    many = value if op in _LISTS else [value]
    if not isinstance(many, list) or not 1 <= len(many) <= 1000:
        raise InvalidQueryError(f"{field}: {op} takes a list of 1 to 1000 values")
    return tuple(_scalar(field, item) for item in many)


def _scalar(field: str, value: object) -> Scalar:
    """What `field` is compared with; texts are stored as texts, whatever they look like."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if field in NUMBER_FIELDS and not is_number:
        raise InvalidQueryError(f"{field} is compared with a number, not {value!r:.60}")
    if isinstance(value, bool) or (isinstance(value, str) and _is_text(value)):
        return value
    if not isinstance(value, int | float) or not _is_double(value):
        raise InvalidQueryError(f"{field}: a value is a text, a finite number or a boolean")
    is_text = field in TEXT_DIMENSIONS or field.startswith(ASSET_PREFIX)
    return str(value) if is_text else float(value)


def _is_text(value: str) -> bool:
    return len(value) <= MAX_TEXT and not _SURROGATE.search(value)


def _is_double(value: float) -> bool:
    return -sys.float_info.max <= value <= sys.float_info.max


def check_dimension(name: str) -> None:
    """Raises: InvalidQueryError if `name` is no dimension."""
    if name in TEXT_DIMENSIONS or name in ASSET_DIMENSIONS or _PATH.fullmatch(name):
        return
    known = ", ".join((*sorted(TEXT_DIMENSIONS), *ASSET_DIMENSIONS, *PATH_DIMENSIONS))
    raise InvalidQueryError(f"no dimension {name[:80]!r}; there are {known}")


def _op(value: object) -> Op:
    try:
        return Op(value)  # type: ignore[arg-type]
    except ValueError:
        raise InvalidQueryError(f"no operator {value!r:.40}; there are {', '.join(Op)}") from None


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


def _time_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidQueryError(
            f"no time zone {name[:60]!r}; use a name such as Europe/Berlin"
        ) from None


def _time_range(body: TimeRangeBody, now: datetime) -> TimeRange:
    if body.last is not None:
        if body.start is not None or body.end is not None:
            raise InvalidQueryError("time_range has `last`, or `from` and `to`, not both")
        # Up to the next second: what was written just now belongs to the last hour.
        end = now.replace(microsecond=0) + timedelta(seconds=1)
        return TimeRange(end - to_span(body.last), end)
    if body.start is None or body.end is None:
        raise InvalidQueryError("time_range needs `from` and `to`, or `last`, such as 24h")
    found = TimeRange(to_moment(body.start), to_moment(body.end))
    if not found.start < found.end:
        raise InvalidQueryError("time_range ends before it starts")
    if found.end - found.start > MAX_RANGE:
        raise InvalidQueryError(f"time_range is longer than {MAX_RANGE.days} days")
    return found


def to_span(text: str) -> timedelta:
    """A span such as 15m, 24h, 7d. Raises: InvalidQueryError."""
    found = _SPAN.fullmatch(text)
    if not found:
        raise InvalidQueryError(f"{text[:40]!r} is no span; write 15m, 24h, 7d or 4w")
    span = timedelta(seconds=int(found[1]) * _SPANS[found[2]])
    if span > MAX_RANGE:
        raise InvalidQueryError(f"time_range is longer than {MAX_RANGE.days} days")
    return span


def to_moment(value: str | float) -> datetime:
    """A moment of any form the hub reads. Raises: InvalidQueryError."""
    try:
        microseconds = parse_timestamp(value)
    except InvalidInputError as error:
        raise InvalidQueryError(f"{value!r:.60} is no time: {error.message}") from error
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=microseconds)


def _ordered(query: Query, orders: list[OrderBody]) -> Query:
    """`query` sorted as asked; else by time, else by its first measure, largest first."""
    if not orders:
        default = Order("time", False) if query.granularity else Order(query.measures[0].name, True)
        rest = tuple(Order(name, False) for name in query.dimensions)
        return replace(query, order_by=(default, *rest))
    for order in orders:
        if order.field not in query.columns:
            raise InvalidQueryError(
                f"order_by {order.field[:80]!r}: it is none of {', '.join(query.columns)}"
            )
    return replace(query, order_by=tuple(Order(o.field, o.direction == "desc") for o in orders))


def _first_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    place = ".".join(str(part) for part in fault["loc"])
    return f"{place}: {fault['msg']}"
