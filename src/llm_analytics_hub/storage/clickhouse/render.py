"""Renders a `Query` to SQL with bound arguments; user text is never part of the SQL."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from llm_analytics_hub.model.catalogue import (
    ASSET_PREFIX,
    ATTRIBUTE_PREFIX,
    GRANULARITIES,
    METADATA_PREFIX,
    NUMBER_FIELDS,
    Aggregate,
    Count,
    Distinct,
    Quantile,
    Ratio,
    Reduce,
    Where,
)
from llm_analytics_hub.model.query import (
    All,
    Any,
    Condition,
    Filter,
    Not,
    Op,
    Query,
    Scalar,
    fields_of,
)
from llm_analytics_hub.storage.clickhouse.asset_join import asset_column, with_assets
from llm_analytics_hub.storage.clickhouse.connect import array_literal, escape
from llm_analytics_hub.storage.scalar import text_of_scalar

_COMPARE = {Op.EQ: "=", Op.NE: "!=", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}


@dataclass
class Arguments:
    """Bound values of one statement, named in order: p0, p1 and so on."""

    values: dict[str, str] = field(default_factory=dict)

    def text(self, value: str) -> str:
        """Placeholder of a text."""
        return self._bind("String", escape(value))

    def texts(self, values: tuple[str, ...]) -> str:
        """Placeholder of a list of texts."""
        return self._bind("Array(String)", array_literal(values))

    def number(self, value: float) -> str:
        """Placeholder of a number."""
        return self._bind("Float64", repr(float(value)))

    def key(self, value: int) -> str:
        """Placeholder of an event key."""
        return self._bind("UInt64", str(value))

    def keys(self, values: tuple[int, ...]) -> str:
        """Placeholder of a list of event keys."""
        return self._bind("Array(UInt64)", f"[{','.join(map(str, values))}]")

    def moment(self, value: datetime) -> str:
        """Placeholder of a moment, microseconds kept."""
        text = value.strftime("%Y-%m-%d %H:%M:%S.%f")
        return self._bind("DateTime64(6, 'UTC')", text)

    def _bind(self, kind: str, value: str) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{kind}}}"


@dataclass(frozen=True)
class Statement:
    """SQL and its arguments."""

    sql: str
    args: dict[str, str]


def render(query: Query) -> Statement:
    """One SELECT on the events that answers `query`."""
    args = Arguments()
    columns = _columns(query, args)
    fields = {*query.dimensions, *fields_of(query.where)}
    table = with_assets(fields, query.tenant, args.text)
    sql = f"SELECT {', '.join(columns)} FROM {table} WHERE {scope(query, args)}"
    return Statement(sql + tail(query), args.values)


def tail(query: Query, having: str = "") -> str:
    """How the rows of an answer are grouped, ordered and limited; `having` keeps some groups."""
    groups = [f"`{name}`" for name in query.columns[: len(query.columns) - len(query.measures)]]
    orders = [f"`{o.column}` {'DESC' if o.descending else 'ASC'}" for o in query.order_by]
    parts = [f" GROUP BY {', '.join(groups)}" if groups else ""]
    parts += [f" HAVING {having}" if groups and having else ""]
    parts += [f" ORDER BY {', '.join(orders)}" if orders else ""]
    return f"{''.join(parts)} LIMIT {int(query.limit)}"


def scope(query: Query, args: Arguments) -> str:
    """Which events `query` is about: its tenant, its time, its filter."""
    start, end = args.moment(query.time_range.start), args.moment(query.time_range.end)
    return (
        f"tenant = {args.text(query.tenant)} AND occurred_at >= {start} AND occurred_at < {end} "
        f"AND {condition(query.where, args)}"
    )


def _columns(query: Query, args: Arguments) -> list[str]:
    columns = time_columns(query, "occurred_at", args)
    columns += [f"{text_of(name, args)} AS `{name}`" for name in query.dimensions]
    columns += [f"{aggregate(m.aggregate, args)} AS `{m.name}`" for m in query.measures]
    return columns


def time_columns(query: Query, moment: str, args: Arguments) -> list[str]:
    """The column `time`: the start of the calendar bucket of `moment`; none without buckets."""
    if not query.granularity:
        return []
    zone = args.text(query.time_zone)
    start = f"{GRANULARITIES[query.granularity]}({moment}, {zone})"
    return [f"toDateTime64(toDateTime({start}, {zone}), 6, 'UTC') AS `time`"]


def aggregate(wanted: Aggregate, args: Arguments) -> str:
    """The SQL of one measure over events; null where nothing is known."""
    match wanted:
        case Count(where):
            return _count(where, args)
        case Reduce("last", column):
            return f"argMax(events.{column}, events.occurred_at)"
        case Reduce(how, column):
            return f"{how}(events.{column})"
        case Quantile(column, level):
            return f"round(toFloat64(quantileTDigest({level})(events.{column})), 3)"
        case Distinct(column):
            return f"ifNull(uniqCombined(nullIf(events.{column}, '')), 0)"
        case Ratio(part, whole):
            return f"{_count(part.where, args)} / nullIf({_count(whole.where, args)}, 0)"
        case _:
            assert_never(wanted)


def _count(where: tuple[Where, ...], args: Arguments) -> str:
    return f"countIf({counted(where, args)})" if where else "count()"


def counted(where: tuple[Where, ...], args: Arguments) -> str:
    """The condition under which an event counts."""
    return " AND ".join(f"events.{part.field} IN {args.texts(part.values)}" for part in where)


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


def condition(wanted: Filter, args: Arguments) -> str:
    """The SQL of a filter."""
    match wanted:
        case All(parts):
            return _joined(parts, " AND ", "1", args)
        case Any(parts):
            return _joined(parts, " OR ", "0", args)
        case Not(part):
            return f"NOT ({condition(part, args)})"
        case Condition():
            return _comparison(wanted, args)
        case _:
            assert_never(wanted)


def _joined(parts: tuple[Filter, ...], word: str, empty: str, args: Arguments) -> str:
    return "(" + word.join(condition(part, args) for part in parts) + ")" if parts else empty


def _comparison(wanted: Condition, args: Arguments) -> str:
    if wanted.field in NUMBER_FIELDS:
        return _of_number(f"toFloat64(events.{wanted.field})", wanted, args)
    if wanted.field.startswith(ATTRIBUTE_PREFIX) and _all_numbers(wanted.values):
        text = text_of(wanted.field, args)
        return _of_number(f"toFloat64OrNull({text})", wanted, args)
    return _of_text(text_of(wanted.field, args), wanted, args)


def _all_numbers(values: tuple[Scalar, ...]) -> bool:
    numbers = (isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return bool(values) and all(numbers)


def _of_number(number: str, wanted: Condition, args: Arguments) -> str:
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
