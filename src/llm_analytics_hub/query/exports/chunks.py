"""The rows of an export, a chunk at a time, each with the spot from which to go on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import numpy as np
import pyarrow as pa

from llm_analytics_hub.model.asset import ASSET_SCHEMA, AssetFilter
from llm_analytics_hub.model.event import EVENT_SCHEMA
from llm_analytics_hub.model.query import EventFilter, TimeRange
from llm_analytics_hub.query.exports.export import Export, Spot, What
from llm_analytics_hub.query.exports.request import chosen_events, shown_columns
from llm_analytics_hub.query.formats.answer import answer_rows
from llm_analytics_hub.query.formats.format import Layout
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.interface import AssetReader, EventReader

_TICK = timedelta(microseconds=1)
_JSON = {
    What.EVENTS: frozenset({"attributes"}),
    What.ASSETS: frozenset({"tags", "annotations", "provenance", "dependencies"}),
}


class Reader(EventReader, AssetReader, Protocol):
    """What exports read."""


@dataclass(frozen=True)
class Chunk:
    """Rows, and the last of those that were looked at for them."""

    rows: pa.Table
    last: Spot


@dataclass(frozen=True)
class Source:
    """A layout, and chunks of rows of it."""

    layout: Layout
    chunks: Iterator[Chunk]


def open_source(export: Export, reader: Reader, queries: QueryService, rows: int) -> Source:
    """The rows of `export` that are not written yet, read when they are asked for."""
    if export.what is What.QUERY:
        return _answer(export, queries)
    whole = EVENT_SCHEMA if export.what is What.EVENTS else ASSET_SCHEMA
    names = shown_columns(export)
    schema = pa.schema([whole.field(name) for name in names])
    layout = Layout(schema, _JSON[export.what], is_sparse=True)
    read = _events if export.what is What.EVENTS else _assets
    chunks = read(export, reader, rows)
    return Source(layout, (replace(chunk, rows=chunk.rows.select(names)) for chunk in chunks))


def _events(export: Export, reader: EventReader, rows: int) -> Iterator[Chunk]:
    """Events newest first, each once: all that were acknowledged before, and of later ones any."""
    chosen = chosen_events(export)
    wanted = EventFilter(export.tenant, chosen.where, chosen.time_range, rows)
    wanted = _behind(wanted, export.after) if export.after else wanted
    while True:
        page = reader.events(wanted)
        if not page.num_rows:
            return
        last = _event_spot(page)
        yield Chunk(_once(page), last)
        if page.num_rows < rows:
            return
        # The first page has seen to it that all written before is in the tables.
        wanted = replace(_behind(wanted, last), is_fresh=False)


def _behind(wanted: EventFilter, spot: Spot) -> EventFilter:
    assert spot.moment is not None  # noqa: S101 - an event has one
    assert wanted.time_range is not None  # noqa: S101 - the request is refused without
    # The shorter range spares the engine the hours that were read.
    span = TimeRange(wanted.time_range.start, min(wanted.time_range.end, spot.moment + _TICK))
    return replace(wanted, time_range=span, before=(spot.moment, spot.id, spot.key))


def _event_spot(page: pa.Table) -> Spot:
    last = page.slice(page.num_rows - 1).select(["occurred_at", "event_id", "event_key"])
    row = last.to_pylist()[0]
    return Spot(row["event_id"], row["occurred_at"], row["event_key"])


def _once(page: pa.Table) -> pa.Table:
    """While an event is revised it may be seen twice, one copy behind the other."""
    keys = page["event_key"].to_numpy()
    return page.filter(pa.array(np.concatenate([[True], keys[1:] != keys[:-1]])))


def _assets(export: Export, reader: AssetReader, rows: int) -> Iterator[Chunk]:
    after = export.after.id if export.after else ""
    while True:
        page = reader.assets(AssetFilter(export.tenant, after=after, limit=rows))
        if not page.num_rows:
            return
        after = page["asset_id"][-1].as_py()
        yield Chunk(page, Spot(after))
        if page.num_rows < rows:
            return


def _answer(export: Export, queries: QueryService) -> Source:
    answered = queries.answer(export.question, tenant=export.tenant, door="export")
    rows = answer_rows(answered)
    chunks = iter(()) if export.after else iter([Chunk(rows, Spot("answered"))])
    return Source(Layout(rows.schema), chunks)
