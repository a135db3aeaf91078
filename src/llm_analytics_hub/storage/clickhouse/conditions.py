"""Filters as SQL: conditions on the columns of an event, and on paths into its JSON."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import assert_never

from llm_analytics_hub.model.catalogue import (
    ASSET_PREFIX,
    ATTRIBUTE_PREFIX,
    INGEST_LAG,
    METADATA_PREFIX,
    NUMBER_FIELDS,
)
from llm_analytics_hub.model.query import All, Any, Condition, Filter, Not, Op, Scalar, TimeRange
from llm_analytics_hub.model.scalar import text_of_scalar
from llm_analytics_hub.storage.clickhouse.asset_join import asset_column
from llm_analytics_hub.storage.clickhouse.statement import Arguments

_LAG = "toNullable(dateDiff('microsecond', events.occurred_at, events.received_at) / 1000)"
_LAST_HOUR = datetime(2106, 2, 7, 6, tzinfo=UTC)
"""Nothing occurs later: the hour of an event is counted in 32 bits of seconds."""

_COMPARE = {Op.EQ: "=", Op.NE: "!=", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}


def number_of(column: str) -> str:
    """A column of numbers; what an event's lag is follows from its moments."""
    return _LAG if column == INGEST_LAG else f"events.{column}"


def text_of(name: str, args: Arguments) -> str:
    """A field as text: a column, one of its asset, or a path into JSON; unknown is ''."""
    if name.startswith(METADATA_PREFIX):
        return _inside(asset_column(name), name.removeprefix(METADATA_PREFIX), args)
    if name.startswith(ASSET_PREFIX):
        return asset_column(name)
    if not name.startswith(ATTRIBUTE_PREFIX):
        return f"events.{name}"
    return _inside("events.attributes", name.removeprefix(ATTRIBUTE_PREFIX), args)


def _inside(column: str, dotted: str, args: Arguments) -> str:
    """What lies in a column of JSON, as text."""
    path = ", ".join(args.text(part) for part in dotted.split("."))
    whole = f"JSONExtractString({column}, {path})"
    raw = f"JSONExtractRaw({column}, {path})"
    return f"multiIf({whole} != '', {whole}, {raw} IN ('null', '\"\"'), '', {raw})"


def occurred_in(span: TimeRange, args: Arguments, table: str = "") -> str:
    """The condition that an event of `table` occurred in a range.

    The hours stand there, too: the sort key has them, and the engine does not conclude from a
    moment to its hour.
    """
    column = f"{table}occurred_at"
    start, end = args.moment(span.start), args.moment(min(span.end, _LAST_HOUR))
    return (
        f"toStartOfHour({column}) >= toStartOfHour({start}) "
        f"AND toStartOfHour({column}) <= toStartOfHour({end}) "
        f"AND {column} >= {start} AND {column} < {end}"
    )


Comparison = Callable[[Condition, Arguments], str]


def of_event(wanted: Condition, args: Arguments) -> str:
    """The SQL of a condition on a field of an event."""
    if wanted.field in NUMBER_FIELDS:
        return of_number(f"toFloat64({number_of(wanted.field)})", wanted, args)
    if wanted.field.startswith(ATTRIBUTE_PREFIX) and _all_numbers(wanted.values):
        text = text_of(wanted.field, args)
        return of_number(f"toFloat64OrNull({text})", wanted, args)
    return _of_text(text_of(wanted.field, args), wanted, args)


def condition(wanted: Filter, args: Arguments, comparison: Comparison = of_event) -> str:
    """The SQL of a filter."""
    match wanted:
        case All(parts):
            return _joined(parts, " AND ", "1", args, comparison)
        case Any(parts):
            return _joined(parts, " OR ", "0", args, comparison)
        case Not(part):
            return f"NOT ({condition(part, args, comparison)})"
        case Condition():
            return comparison(wanted, args)
        case _:
            assert_never(wanted)


def _joined(
    parts: tuple[Filter, ...], word: str, empty: str, args: Arguments, comparison: Comparison
) -> str:
    joined = word.join(condition(part, args, comparison) for part in parts)
    return f"({joined})" if parts else empty


def _all_numbers(values: tuple[Scalar, ...]) -> bool:
    numbers = (isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return bool(values) and all(numbers)


def of_number(number: str, wanted: Condition, args: Arguments) -> str:
    """The SQL of a condition on a number."""
    values = [args.number(float(value)) for value in wanted.values]
    match wanted.op:
        case Op.EXISTS:
            return f"isNotNull({number})"
        case Op.IN:
            return f"ifNull({number} IN ({', '.join(values)}), 0)"
        case Op.NOT_IN:
            return f"ifNull({number} NOT IN ({', '.join(values)}), 1)"
        case Op.NE:
            return f"ifNull({number} != {values[0]}, 1)"
        case _:
            return f"ifNull({number} {_COMPARE[wanted.op]} {values[0]}, 0)"


def _of_text(text: str, wanted: Condition, args: Arguments) -> str:
    texts = tuple(text_of_scalar(value) for value in wanted.values)
    match wanted.op:
        case Op.EXISTS:
            return f"{text} != ''"
        case Op.IN:
            return f"{text} IN {args.texts(texts)}"
        case Op.NOT_IN:
            return f"{text} NOT IN {args.texts(texts)}"
        case Op.PREFIX:
            return f"startsWith({text}, {args.text(texts[0])})"
        case Op.CONTAINS:
            return f"position({text}, {args.text(texts[0])}) > 0"
        case _:
            return f"{text} {_COMPARE[wanted.op]} {args.text(texts[0])}"
