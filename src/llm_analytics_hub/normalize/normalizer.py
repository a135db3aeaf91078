"""Raw events in, one batch of canonical events out; what is refused is named, row by row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.model.event import (
    CANONICAL_FIELDS,
    CONTENT_SCHEMA,
    EVENT_SCHEMA,
    MEASURE_FIELDS,
    MOMENT,
    TEXT,
    TEXT_FIELDS,
    TOKEN_FIELDS,
)
from llm_analytics_hub.model.stream import POLICIES, DeliveryPolicy
from llm_analytics_hub.normalize import texts
from llm_analytics_hub.normalize.attributes import to_attributes
from llm_analytics_hub.normalize.capture import Capture, CaptureRules
from llm_analytics_hub.normalize.column import Fault
from llm_analytics_hub.normalize.content_facts import ATTRIBUTE, content_facts
from llm_analytics_hub.normalize.contents import Contents, to_contents
from llm_analytics_hub.normalize.cost import priced
from llm_analytics_hub.normalize.identity import derived_ids, event_keys, lifetimes
from llm_analytics_hub.normalize.leftovers import Notes, others_of, unread_words
from llm_analytics_hub.normalize.measures import to_measures, to_token_counts
from llm_analytics_hub.normalize.money import RateTable, costs_to_usd
from llm_analytics_hub.normalize.pricing import PriceBook
from llm_analytics_hub.normalize.raw_columns import Column, RawColumns, raw_columns
from llm_analytics_hub.normalize.severity import to_severities
from llm_analytics_hub.normalize.timestamps import shift, to_utc_microseconds
from llm_analytics_hub.normalize.units import convert_units

CANONICAL = frozenset(CANONICAL_FIELDS)
"""Members of a raw event that have a column; the others join its attributes."""

RawEvent = Mapping[str, object]
"""What codecs give: canonical field names, values as they stood on the wire."""

USAGE = "usage."
"""Begins the types of events that tell again of tokens which calls and bookings tell of."""

MAX_AHEAD = timedelta(days=1)
"""How far in the future an event may lie: further is a broken clock."""


@dataclass(frozen=True)
class Arrival:
    """What the hub knows about a request beside its bytes."""

    tenant: str
    received_at: datetime
    remember_always: bool = False


@dataclass(frozen=True)
class Normalized:
    """Canonical events and contents, and the rows refused.

    `rows` gives for each event of the batch the index of the raw event it came from; `withheld`
    how many rows brought contents whose text their tenant does not allow to keep.
    """

    events: pa.RecordBatch
    contents: pa.RecordBatch
    rows: pa.Array
    faults: list[Fault]
    withheld: int = 0


@dataclass(frozen=True)
class Rules:
    """What the user may set about normalisation."""

    prices: PriceBook
    rates: RateTable
    policies: Mapping[str, DeliveryPolicy] = field(default_factory=lambda: POLICIES)
    clock_skew: Mapping[str, timedelta] = field(default_factory=dict)
    document_sizes: frozenset[str] = frozenset()
    capture: CaptureRules = field(default_factory=CaptureRules)


def normalize(
    rows: Sequence[RawEvent], arrival: Arrival, rules: Rules, columns: RawColumns | None = None
) -> Normalized:
    """`rows` as canonical events; every row ends up in the batch or among the faults.

    `columns` are the columns of `rows` where they were made before: then rows are hardly read.
    """
    if not rows:
        nothing = pa.RecordBatch.from_pylist
        return Normalized(
            nothing([], EVENT_SCHEMA), nothing([], CONTENT_SCHEMA), pa.array([], pa.int64()), []
        )
    draft = _Draft(rows, columns or raw_columns(rows, CANONICAL), arrival, rules)
    for step in _STEPS:
        step(draft)
    return draft.finished()


class _Draft:
    """A batch being normalised: columns so far, faults so far (the first of a row counts)."""

    def __init__(
        self, rows: Sequence[RawEvent], raw: RawColumns, arrival: Arrival, rules: Rules
    ) -> None:
        self.rows = rows
        self.arrival = arrival
        self.rules = rules
        self._raw = raw.columns
        self.names = raw.columns.keys()
        self.has_others = raw.has_others
        self.columns: dict[str, pa.Array] = {}
        self.faults: dict[int, Fault] = {}
        self.contents: Contents | None = None
        self.withheld = 0

    def raw(self, name: str) -> Column:
        """The raw values of one member, row by row."""
        return self._raw[name] if name in self._raw else [None] * len(self.rows)

    def take(self, name: str, result: tuple[pa.Array, list[Fault]]) -> None:
        """Keep a column and note its faults under its name."""
        column, faults = result
        self.columns[name] = column
        for fault in faults:
            self.refuse(fault.row, fault.code, f"{name}: {fault.message}")

    def refuse(self, row: int, code: str, message: str) -> None:
        """Refuse one row, for the first reason found."""
        self.faults.setdefault(row, Fault(row, code, message))

    def null(self, kind: pa.DataType) -> pa.Array:
        """A column of unknowns."""
        return pa.nulls(len(self.rows), kind)

    def require(self, *names: str) -> None:
        """Refuse the rows where one of these is unknown."""
        for name in names:
            if self.columns[name].null_count:
                for row in pc.indices_nonzero(self.columns[name].is_null()).to_pylist():
                    self.refuse(row, "missing_field", f"{name} is missing")

    def finished(self) -> Normalized:
        """The accepted rows as batches."""
        size = len(self.rows)
        arrays = [self.columns.get(column.name) for column in EVENT_SCHEMA]
        batch = pa.RecordBatch.from_arrays(
            [pa.nulls(size, column.type) if array is None else array
             for array, column in zip(arrays, EVENT_SCHEMA, strict=True)],
            schema=EVENT_SCHEMA,
        )  # fmt: skip
        rows = pa.array(np.arange(size))
        if self.faults:
            kept = pa.array([row not in self.faults for row in range(size)])
            batch, rows = batch.filter(kept), rows.filter(kept)
        faults = [self.faults[row] for row in sorted(self.faults)]
        if self.contents is None:
            contents = pa.RecordBatch.from_pylist([], schema=CONTENT_SCHEMA)
        else:
            contents = self.contents.rows(batch, rows.to_pylist())
        return Normalized(batch, contents, rows, faults, self.withheld)


def _identify(draft: _Draft) -> None:
    """Texts, names and vocabularies."""
    for name in TEXT_FIELDS:
        if name in draft.names:
            draft.take(name, texts.to_texts(draft.raw(name)))
        else:
            draft.columns[name] = draft.null(TEXT)
    _grade(draft)
    for name, step in _VOCABULARIES.items():
        if draft.columns[name].null_count < len(draft.rows):
            draft.take(name, texts.mapped(draft.columns[name], step))
    if draft.columns["stream"].null_count:
        streams, _ = texts.mapped(draft.columns["source"], texts.stream_of)
        draft.columns["stream"] = pc.coalesce(draft.columns["stream"], streams)


def _grade(draft: _Draft) -> None:
    """Severities: words by a total map; numbers, which are OpenTelemetry's, by another."""
    if "severity" in draft.names:
        known = draft.columns["severity"].is_valid()
        severities = to_severities(draft.raw("severity"))
        draft.columns["severity"] = pc.if_else(known, severities, pa.scalar(None, TEXT))


def _date(draft: _Draft) -> None:
    """Moments: UTC, corrected by the source's known clock skew, not from a broken clock."""
    draft.take("occurred_at", to_utc_microseconds(draft.raw("occurred_at")))
    received = pa.scalar(draft.arrival.received_at, MOMENT)
    draft.columns["received_at"] = pa.repeat(received, len(draft.rows))
    for source, skew in draft.rules.clock_skew.items():
        _correct(draft, source, skew)
    latest = pa.scalar(draft.arrival.received_at + MAX_AHEAD, MOMENT)
    if (
        newest := pc.max(draft.columns["occurred_at"])
    ).is_valid and newest.as_py() > latest.as_py():
        for row in pc.indices_nonzero(pc.greater(draft.columns["occurred_at"], latest)).to_pylist():
            draft.refuse(row, "timestamp_in_future", "occurred_at is over a day ahead of the hub")


def _correct(draft: _Draft, source: str, skew: timedelta) -> None:
    moments = draft.columns["occurred_at"]
    concerned = pc.fill_null(pc.equal(draft.columns["source"], source), fill_value=False)
    if pc.any(concerned).as_py():
        draft.columns["occurred_at"] = pc.if_else(concerned, shift(moments, skew), moments)
        sent = pc.strftime(moments, "%Y-%m-%dT%H:%M:%SZ")
        earlier = draft.columns.get("sent_at", draft.null(TEXT))
        draft.columns["sent_at"] = pc.if_else(concerned, sent, earlier)


def _measure(draft: _Draft) -> None:
    """Numbers with their units."""
    for name in MEASURE_FIELDS:
        if name in draft.names:
            signed = name in {"score", "value"}
            draft.take(name, to_measures(draft.raw(name), may_be_negative=signed))
    for name in TOKEN_FIELDS:
        if name in draft.names:
            draft.take(name, to_token_counts(draft.raw(name)))
        else:
            draft.columns[name] = draft.null(pa.uint64())
    parts = pc.add(draft.columns["input_tokens"], draft.columns["output_tokens"])
    draft.columns["total_tokens"] = pc.coalesce(draft.columns["total_tokens"], parts)
    if "unit" in draft.names:
        _convert(draft)


def _convert(draft: _Draft) -> None:
    sizes = bool(draft.rules.document_sizes & set(draft.columns["source"].unique().to_pylist()))
    values = draft.columns.get("value", draft.null(pa.float64())).to_pylist()
    value, unit, faults = convert_units(values, draft.raw("unit"), document_sizes=sizes)
    draft.take("value", (value, faults))
    draft.columns["unit"] = unit


def _cost(draft: _Draft) -> None:
    """Money: as sent, in USD where the rate is known, and by the price table where none came."""
    usd = draft.null(EVENT_SCHEMA.field("cost_usd").type)
    if draft.names & {"cost_amount", "cost_currency"}:
        dates = draft.columns["occurred_at"].cast(pa.date32()).to_pylist()
        costs = costs_to_usd(
            draft.raw("cost_amount"), draft.raw("cost_currency"), dates, draft.rules.rates
        )
        draft.take("cost_amount", (costs.amounts, costs.faults))
        draft.columns["cost_currency"] = costs.currencies
        usd = costs.usd
    if "cost_usd" in draft.names:
        given = costs_to_usd(
            draft.raw("cost_usd"),
            ["USD"] * len(draft.rows),
            [None] * len(draft.rows),
            draft.rules.rates,
        )
        draft.take("cost_usd", (given.usd, given.faults))
        usd = pc.coalesce(given.usd, usd)
    computed = priced(draft.columns, _unpriced(draft, usd), draft.rules.prices)
    draft.columns["cost_usd"] = pc.coalesce(usd, computed["cost_usd"])
    draft.columns["price_id"] = computed["price_id"]


def _unpriced(draft: _Draft, usd: pa.Array) -> pa.Array:
    """What is priced by the table: not usage records, whose cost comes as a record of its own."""
    is_usage = pc.starts_with(draft.columns["event_type"], USAGE).fill_null(fill_value=False)
    return pc.and_not(usd.is_null(), is_usage)


def _attach(draft: _Draft) -> None:
    """Leftovers, and of contents what the tenant allows to keep."""
    facts: Notes = {}
    if "content" in draft.names:
        allowed = draft.rules.capture.of(draft.arrival.tenant)
        if allowed is Capture.FULL:
            draft.contents, faults = to_contents(draft.raw("content"))
            draft.take("content_id", (draft.contents.ids, faults))
        else:
            facts = _withhold(draft, allowed)
    draft.take("attributes", to_attributes(draft.raw("attributes"), _others(draft, facts)))


def _withhold(draft: _Draft, allowed: Capture) -> Notes:
    """Count the contents that are not kept; their facts by row, where these are allowed."""
    brought = {row: content for row, content in enumerate(draft.raw("content")) if content}
    draft.withheld = len(brought)
    if allowed is Capture.OFF:
        return {}
    key = draft.rules.capture.key(draft.arrival.tenant)
    return {row: {ATTRIBUTE: content_facts(content, key)} for row, content in brought.items()}


def _others(draft: _Draft, facts: Notes) -> list[dict[str, object]] | None:
    words = unread_words(draft.names, draft.raw, draft.columns)
    if not draft.has_others and not words and not facts:
        return None
    rows = draft.rows if draft.has_others else [{}] * len(draft.rows)
    return others_of(rows, CANONICAL, (words, facts))


def _sign(draft: _Draft) -> None:
    """Identity, and how long to remember it."""
    draft.require("source", "event_type", "occurred_at")
    columns, tenant = draft.columns, draft.arrival.tenant
    columns["tenant"] = pa.repeat(pa.scalar(tenant), len(draft.rows))
    draft.take("event_id", derived_ids(draft.rows, columns["event_id"]))
    columns["event_key"] = event_keys(
        tenant, columns["source"], columns["stream"], columns["event_id"]
    )
    lives = lifetimes(
        columns["stream"], columns["occurred_at"], draft.arrival.received_at,
        draft.rules.policies, remember_always=draft.arrival.remember_always,
    )  # fmt: skip
    columns["key_until"], columns["expires_on"] = lives.key_until, lives.expires_on


_VOCABULARIES: Mapping[str, Callable[[str], str | None]] = {
    "source": texts.to_source,
    "event_type": texts.to_event_type,
    "stream": texts.to_stream,
    "status": texts.to_status,
}

_STEPS: tuple[Callable[[_Draft], None], ...] = (_identify, _date, _measure, _cost, _attach, _sign)
