"""Random events, letters and questions, as awkward as senders and askers can be."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import xxhash
from hypothesis import strategies as st

from llm_analytics_hub.model.aggregate import Quantile
from llm_analytics_hub.model.buckets import GRANULARITIES
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.event import (
    DEAD_LETTER_SCHEMA,
    EVENT_SCHEMA,
    INFERENCE,
    MEASURE_FIELDS,
    MONEY_FIELDS,
    OBSERVED,
    REVISED_FIELDS,
    REVISION_SCHEMA,
    TEXT_FIELDS,
    TOKEN_FIELDS,
)
from llm_analytics_hub.model.query import (
    All,
    Condition,
    Filter,
    Kept,
    Not,
    Op,
    Order,
    Query,
    TimeRange,
)
from llm_analytics_hub.model.query import (
    Any as AnyOf,
)

Row = dict[str, Any]

NOON = datetime(2025, 11, 19, 12, tzinfo=UTC)
"""A Wednesday; random events occur within ten days of it."""

RANGE = TimeRange(NOON - timedelta(days=10), NOON + timedelta(days=10))

LOOKS_LIKE_SQL = (
    "' OR 1=1 --", "'; DROP TABLE events; --", "{p0:String}", "{tenant:String}", "\\", "\\'", "a\\",
    "\\N", "%", "_", "`", '"', "''", "\n", "\t", "\0", "\b", "NULL", "1) OR (1=1", "/*", "é", "😀",
)  # fmt: skip

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Adelaide")
PATHS = ("attributes.a", "attributes.b", "attributes.a.b", "attributes.with space", "attributes.é")
SHARED_TEXTS = ("source", "event_type", "status", "model", "stream", "severity", "user_id")


def awkward_texts() -> st.SearchStrategy[str]:
    """Texts a database might stumble over; never '', which stands for unknown."""
    return st.sampled_from(LOOKS_LIKE_SQL) | st.text(
        st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20
    )


def few_texts() -> st.SearchStrategy[str]:
    """Texts that often repeat, so that groups have several members and filters find some."""
    return st.sampled_from(("a", "b", "ok", "error", "denied", "policy", INFERENCE, "' OR 1=1 --"))


def eighths(most: int = 10**6) -> st.SearchStrategy[float]:
    """Numbers whose sums have no rounding: stores can be compared exactly."""
    return st.integers(-8 * most, 8 * most).map(lambda number: number / 8)


def money() -> st.SearchStrategy[Decimal]:
    """Amounts with up to twelve decimals."""
    return st.integers(-(10**24), 10**24).map(lambda units: Decimal(units).scaleb(-12))


def attributes() -> st.SearchStrategy[str]:
    """JSON objects as text, with members of every kind.

    What is deep inside is plain: stores may escape and space the text of an object differently.
    """
    keys = st.sampled_from(("a", "b", "with space", "é"))
    plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | few_texts()
    deep = st.dictionaries(keys, plain, max_size=2) | st.lists(plain, max_size=2)
    members = plain | eighths() | awkward_texts() | deep
    return st.dictionaries(keys, members, min_size=1).map(msgspec.json.encode).map(bytes.decode)


def moments() -> st.SearchStrategy[datetime]:
    """Moments within the range, often on the edge of a bucket."""
    span = int(timedelta(days=9).total_seconds() * 1_000_000)
    random = st.integers(-span, span).map(lambda us: NOON + timedelta(microseconds=us))
    edges = st.integers(-200, 200).map(lambda hours: NOON + timedelta(hours=hours))
    return random | edges


@st.composite
def rows(draw: st.DrawFn, tenant: str = "t") -> Row:
    """One event of `tenant`, most of it unknown."""
    some = few_texts() | awkward_texts()
    row: Row = dict.fromkeys(EVENT_SCHEMA.names)
    row |= draw(st.dictionaries(st.sampled_from(TEXT_FIELDS), some, max_size=6))
    row |= draw(st.dictionaries(st.sampled_from(MEASURE_FIELDS), eighths()))
    row |= draw(st.dictionaries(st.sampled_from(TOKEN_FIELDS), st.integers(0, 10**10)))
    row |= draw(st.dictionaries(st.sampled_from(MONEY_FIELDS), money()))
    occurred = draw(moments())
    return row | {
        "tenant": tenant,
        "source": row["source"] or draw(some),
        "stream": row["stream"] or "observatory",
        "event_id": draw(some),
        "event_type": row["event_type"] or draw(few_texts()),
        "occurred_at": occurred,
        "received_at": occurred + timedelta(microseconds=draw(st.integers(0, 10**9))),
        "attributes": draw(st.none() | attributes()),
        "event_key": 0,
        "key_until": (occurred + timedelta(hours=1)).replace(microsecond=0),
        "expires_on": occurred.date() + timedelta(days=8),
    }


def row_lists(tenant: str = "t", *, most: int = 8) -> st.SearchStrategy[list[Row]]:
    """Events that differ in id and time."""
    different = (lambda row: row["event_id"], lambda row: row["occurred_at"])
    return st.lists(rows(tenant), max_size=most, unique_by=different).map(
        lambda found: owned_by(tenant, found)
    )


@st.composite
def revisions(draw: st.DrawFn, of: Row, revision: int = 0) -> Row:
    """A change to a stored event."""
    values: Row = dict.fromkeys(REVISION_SCHEMA.names)
    changed = draw(rows())
    return values | {
        **{name: changed[name] for name in (*REVISED_FIELDS, "cost_usd")},
        **{name: of[name] for name in ("tenant", "event_key", "occurred_at")},
        "revision": revision,
        "event_type": draw(st.sampled_from((INFERENCE, OBSERVED))),
        "price_id": draw(st.none() | few_texts()),
        "notes": draw(st.sampled_from(("{}", '{"same_call_as":"é\'","n":{"x":1}}'))),
    }


def revised(row: Row, revision: Row) -> Row:
    """What `row` is after `revision`, its attributes decoded."""
    names = ("event_type", *REVISED_FIELDS, "cost_usd", "price_id")
    notes = msgspec.json.decode(revision["notes"])
    attributes = msgspec.json.decode(row["attributes"] or "{}") | notes
    return row | {name: revision[name] for name in names} | {"attributes": attributes}


def revision_batch(of: Sequence[Row]) -> pa.RecordBatch:
    """Revisions as a store takes them."""
    return pa.RecordBatch.from_pylist(list(of), REVISION_SCHEMA)


@st.composite
def letters(draw: st.DrawFn, tenant: str = "t") -> Row:
    """One refused event."""
    received = draw(moments())
    texts = ("letter_id", "source", "door", "code", "message", "payload", "subject")
    return {name: draw(awkward_texts()) for name in texts} | {
        "tenant": tenant,
        "received_at": received,
        "expires_on": received.date() + timedelta(days=7),
    }


def filters() -> st.SearchStrategy[Filter]:
    """Filters of every form, two levels deep."""
    conditions = _text_conditions() | _attribute_conditions() | _number_conditions()
    return st.recursive(
        conditions,
        lambda inner: (
            inner.map(Not)
            | st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts)))
            | st.lists(inner, max_size=3).map(lambda parts: AnyOf(tuple(parts)))
        ),
        max_leaves=4,
    )


def _values(op: Op, values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    if op is Op.EXISTS:
        return st.just(())
    size = {"min_size": 1, "max_size": 3 if op in (Op.IN, Op.NOT_IN) else 1}
    return st.lists(values, **size).map(tuple)


def _conditions(
    names: Sequence[str], ops: Sequence[Op], values: st.SearchStrategy[Any]
) -> st.SearchStrategy[Condition]:
    return st.sampled_from(ops).flatmap(
        lambda op: st.builds(Condition, st.sampled_from(names), st.just(op), _values(op, values))
    )


def _text_conditions() -> st.SearchStrategy[Condition]:
    texts = few_texts() | awkward_texts() | st.just("")
    return _conditions((*TEXT_FIELDS, "tenant", "unit"), tuple(Op), texts)


def _attribute_conditions() -> st.SearchStrategy[Condition]:
    texts = _conditions(PATHS, tuple(Op), few_texts() | awkward_texts())
    ops = tuple(op for op in Op if op not in (Op.PREFIX, Op.CONTAINS))
    return texts | _conditions(PATHS, ops, eighths() | st.booleans())


def _number_conditions() -> st.SearchStrategy[Condition]:
    ops = tuple(op for op in Op if op not in (Op.PREFIX, Op.CONTAINS))
    names = (*MEASURE_FIELDS, *TOKEN_FIELDS, *MONEY_FIELDS)
    return _conditions(names, ops, eighths() | st.integers(0, 10**10).map(float))


@st.composite
def queries(draw: st.DrawFn, tenant: str = "t") -> Query:
    """Questions whose answer is exact and in one possible order only."""
    exact = [m for m in MEASURES.values() if not isinstance(m.aggregate, Quantile)]
    fields = st.sampled_from((*SHARED_TEXTS, *PATHS, "region", "tenant", "event_id"))
    measures = draw(st.lists(st.sampled_from(exact), min_size=1, max_size=6, unique=True))
    dimensions = draw(st.lists(fields, max_size=3, unique=True))
    query = Query(
        tenant=tenant,
        measures=tuple(measures),
        dimensions=tuple(dimensions),
        where=draw(filters() | st.just(All())),
        time_range=draw(time_ranges()),
        granularity=draw(st.none() | st.sampled_from(sorted(GRANULARITIES))),
        time_zone=draw(st.sampled_from(ZONES)),
        order_by=(),
        limit=draw(st.integers(1, 8) | st.just(10_000)),
        # Set, it makes a store answer from its rollups whenever they can.
        complete_since=draw(st.sampled_from((None, RANGE.end))),
        having=draw(st.just(All()) | havings([measure.name for measure in measures])),
        kept=tuple(draw(st.lists(kept(dimensions), max_size=1))) if dimensions else (),
    )
    return ordered(query, draw(st.sampled_from(query.columns)), descending=draw(st.booleans()))


def havings(names: Sequence[str]) -> st.SearchStrategy[Filter]:
    """Conditions on whole numbers, which counts and sums often are."""
    ops = tuple(op for op in Op if op not in (Op.PREFIX, Op.CONTAINS))
    one = _conditions(names, ops, st.integers(0, 3).map(float))
    return one | one.map(Not) | st.lists(one, max_size=2).map(lambda parts: AnyOf(tuple(parts)))


def kept(dimensions: Sequence[str]) -> st.SearchStrategy[Kept]:
    """Some values of a dimension kept apart."""
    values = st.lists(few_texts() | awkward_texts(), max_size=3).map(tuple)
    return st.builds(Kept, st.sampled_from(dimensions), values)


@st.composite
def rollup_queries(draw: st.DrawFn) -> Query:
    """Questions that sums by the common keys answer, over events that may have expired."""
    names = (
        "events", "requests", "error_rate", "compliance_rate", "output_tokens", "cost_usd",
        "cache_hit_rate", "events_per_s", "tokens_per_s", "violations_grave",
    )  # fmt: skip
    measures = st.sampled_from([MEASURES[name] for name in names])
    keys = ("source", "stream", "event_type", "model", "status", "severity")
    conditions = _conditions(keys, tuple(Op), few_texts() | awkward_texts())
    query = Query(
        tenant="t",
        measures=tuple(draw(st.lists(measures, min_size=1, max_size=3, unique=True))),
        dimensions=tuple(draw(st.lists(st.sampled_from(keys), max_size=2, unique=True))),
        where=draw(st.just(All()) | conditions | conditions.map(Not)),
        time_range=draw(time_ranges()),
        granularity=draw(st.none() | st.sampled_from(sorted(GRANULARITIES))),
        time_zone=draw(st.sampled_from(ZONES)),
        order_by=(),
        limit=10_000,
        complete_since=RANGE.end,
        having=draw(st.just(All()) | havings(["events"])) if draw(st.booleans()) else All(),
    )
    if query.having != All() and "events" not in query.columns:
        query = replace(query, measures=(MEASURES["events"], *query.measures))
    return ordered(query, query.columns[0], descending=False)


def ordered(query: Query, column: str, *, descending: bool) -> Query:
    """`query` sorted by `column`, then by its groups, which leaves no ties."""
    groups = query.columns[: len(query.columns) - len(query.measures)]
    orders = (Order(column, descending), *(Order(name, False) for name in groups))
    return replace(query, order_by=orders)


@st.composite
def time_ranges(draw: st.DrawFn) -> TimeRange:
    """All events, or those between two moments."""
    if draw(st.booleans()):
        return RANGE
    start, end = sorted((draw(moments()), draw(moments())))
    return TimeRange(start, end)


def event_batch(events: Sequence[Row]) -> pa.RecordBatch:
    """`events` as a store takes them."""
    return pa.RecordBatch.from_pylist(list(events), EVENT_SCHEMA)


def letter_batch(refused: Sequence[Row]) -> pa.RecordBatch:
    """`refused` as a store takes them."""
    return pa.RecordBatch.from_pylist(list(refused), DEAD_LETTER_SCHEMA)


def owned_by(tenant: str, rows: Sequence[Row]) -> list[Row]:
    """`rows` as events of `tenant`, with keys no other tenant has."""
    return [
        row | {"tenant": tenant, "event_key": event_key(tenant, row["event_id"])} for row in rows
    ]


def event_key(tenant: str, event_id: str) -> int:
    """Any 64-bit hash will do."""
    return xxhash.xxh3_64_intdigest(f"{tenant}/{event_id}".encode())


def event(tenant: str, event_id: str, **known: object) -> Row:
    """An event by hand: what is not named in `known` is unknown."""
    row: Row = dict.fromkeys(EVENT_SCHEMA.names)
    return row | {
        "tenant": tenant,
        "source": "observatory",
        "stream": "observatory",
        "event_id": event_id,
        "event_type": INFERENCE,
        "occurred_at": NOON,
        "received_at": NOON,
        "event_key": event_key(tenant, event_id),
        "key_until": NOON + timedelta(hours=1),
        "expires_on": date(2025, 12, 1),
        **known,
    }
