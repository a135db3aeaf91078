"""What every event store promises about writing, lists, keys and tenants."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.event import DEAD_LETTER_SCHEMA, EVENT_SCHEMA
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op, Query
from llm_analytics_hub.storage.interface import EventStore, Table

from .strategies import (
    LOOKS_LIKE_SQL,
    NOON,
    RANGE,
    Row,
    event,
    event_batch,
    event_key,
    letter_batch,
    letters,
    owned_by,
    revised,
    revision_batch,
    revisions,
    row_lists,
    time_ranges,
)

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]
EVERYTHING = 10_000


def write_events(store: EventStore, tenant: str, rows: list[Row]) -> list[Row]:
    mine = owned_by(tenant, rows)
    store.write({Table.EVENTS: event_batch(mine)})
    return mine


def newest_first(rows: list[Row]) -> list[Row]:
    return sorted(
        rows, key=lambda row: (row["occurred_at"], row["event_id"], row["event_key"]), reverse=True
    )


def ids(store: EventStore, wanted: EventFilter) -> list[str]:
    return store.events(wanted)["event_id"].to_pylist()


def count_of(store: EventStore, tenant: str) -> int:
    query = Query(tenant, (MEASURES["events"],), (), All(), RANGE, None, "UTC", (), 1)
    return store.answer(query).rows["events"][0].as_py()


@given(rows=row_lists())
@settings(max_examples=15)
def test_what_was_written_is_read_back_equal(
    store: EventStore, new_tenant: NewTenant, rows: list[Row]
) -> None:
    tenant = new_tenant()
    written = write_events(store, tenant, rows)
    found = store.events(EventFilter(tenant, limit=EVERYTHING))
    assert found.schema.equals(EVENT_SCHEMA)
    assert found.to_pylist() == newest_first(written)


@given(data=st.data(), rows=row_lists(most=4))
@settings(max_examples=15)
def test_a_revised_event_has_its_new_values_once(
    store: EventStore, new_tenant: NewTenant, data: st.DataObject, rows: list[Row]
) -> None:
    tenant = new_tenant()
    written = write_events(store, tenant, rows)
    changes = [data.draw(revisions(row)) for row in written[1:]]
    again = [data.draw(revisions(row, 1)) for row in written[2:]]
    for batch in (changes, again):
        if batch:
            store.write({Table.REVISIONS: revision_batch(batch)})
    expected = written[:1] + [
        revised(row, change) for row, change in zip(written[1:2], changes, strict=False)
    ]
    for row, first, second in zip(written[2:], changes[1:], again, strict=True):
        once = revised(row, first)
        expected.append(revised(once | {"attributes": json.dumps(once["attributes"])}, second))
    found = store.events(EventFilter(tenant, limit=EVERYTHING)).to_pylist()
    assert as_objects(found) == as_objects(newest_first(expected))


def as_objects(rows: list[Row]) -> list[Row]:
    def decoded(value: object) -> object:
        return json.loads(value or "{}") if isinstance(value, str | None) else value

    return [row | {"attributes": decoded(row["attributes"])} for row in rows]


def test_a_revision_of_what_is_not_there_changes_nothing(
    store: EventStore, new_tenant: NewTenant
) -> None:
    tenant = new_tenant()
    rows = [event(tenant, "a", model="m")]
    store.write({Table.EVENTS: event_batch(rows)})
    later = {**dict.fromkeys(("model", "notes")), "revision": 3, "event_type": "x"}
    known = {name: rows[0][name] for name in ("tenant", "event_key", "occurred_at")}
    stranger = {**known, **later, "revision": 0, "tenant": "somebody-else"}
    store.write({Table.REVISIONS: revision_batch([{**known, **later}, stranger])})
    assert store.events(EventFilter(tenant, limit=EVERYTHING)).to_pylist() == rows


def test_recent_spans_are_of_a_trace_or_name_a_scope(
    store: EventStore, new_tenant: NewTenant
) -> None:
    tenant = new_tenant()
    seen = {"event_type": "inference.completed", "attributes": '{"scope":"s"}'}
    late = NOON + timedelta(days=300)  # after what other tests of this module wrote
    moments = {"occurred_at": late, "received_at": late}
    rows = [
        event(tenant, "a", **seen, **moments),
        event(tenant, "b", **{**seen, "attributes": '{"other":"s"}'}, **moments),
        event(tenant, "c", **{**seen, "event_type": "span.completed"}, **moments),
        event(tenant, "d", **seen),
        event(tenant, "e", trace_id="t", **{**moments, "received_at": late + timedelta(seconds=1)}),
        event(tenant, "f", trace_id="t"),
    ]
    store.write({Table.EVENTS: event_batch(rows)})
    found, numbers = store.recent_spans(late, 10)
    assert (found["event_id"].to_pylist(), numbers) == (["a", "e"], [0, 0])
    change = {name: rows[0][name] for name in ("tenant", "event_key", "occurred_at")}
    change |= {"revision": 0, "event_type": "inference.observed", "notes": "{}"}
    store.write({Table.REVISIONS: revision_batch([change])})
    assert store.recent_spans(late, 10)[1] == [1, 0]


def test_the_largest_and_smallest_numbers_are_read_back_equal(
    store: EventStore, new_tenant: NewTenant
) -> None:
    tenant = new_tenant()
    numbers = [5e-324, 1.7976931348623157e308, -0.1, 1 / 3, 0.0]
    largest = {"input_tokens": 2**64 - 1, "event_key": 2**64 - 1, "key_until": NOON}
    rows = [event(tenant, str(n), latency_ms=number, **largest) for n, number in enumerate(numbers)]
    store.write({Table.EVENTS: event_batch(rows)})
    found = store.events(EventFilter(tenant, limit=EVERYTHING)).to_pylist()
    assert found == newest_first(rows)


def test_every_write_is_seen_by_the_next_read(store: EventStore, new_tenant: NewTenant) -> None:
    tenant = new_tenant()
    for number in range(5):
        write_events(store, tenant, [event(tenant, str(number))])
        assert count_of(store, tenant) == number + 1


def test_a_write_of_several_tables_fills_them_all(store: EventStore, new_tenant: NewTenant) -> None:
    tenant = new_tenant()
    refused = {name: name for name in DEAD_LETTER_SCHEMA.names} | {
        "tenant": tenant, "received_at": NOON, "expires_on": NOON.date(),
    }  # fmt: skip
    batch = event_batch([event(tenant, "1")])
    store.write({Table.EVENTS: batch, Table.DEAD_LETTERS: letter_batch([refused])})
    assert count_of(store, tenant) == 1
    assert store.dead_letters(tenant, (), 10).to_pylist() == [refused]


@given(rows=row_lists(), wanted=time_ranges(), limit=st.integers(1, 14))
@settings(max_examples=15)
def test_a_list_has_the_newest_events_of_its_range(
    store: EventStore, new_tenant: NewTenant, rows: list[Row], wanted, limit: int
) -> None:
    tenant = new_tenant()
    written = write_events(store, tenant, rows)
    inside = [row for row in written if wanted.start <= row["occurred_at"] < wanted.end]
    expected = [row["event_id"] for row in newest_first(inside)][:limit]
    assert ids(store, EventFilter(tenant, time_range=wanted, limit=limit)) == expected


@given(
    moments=st.lists(st.integers(0, 3), min_size=1, max_size=20),
    page_size=st.integers(1, 7),
)
@settings(max_examples=15)
def test_paging_walks_all_events_once_even_with_equal_times(
    store: EventStore, new_tenant: NewTenant, moments: list[int], page_size: int
) -> None:
    tenant = new_tenant()
    rows = [
        # Two sources may use the same id: only the keys differ.
        event(tenant, f"id-{place // 2}", event_key=event_key(tenant, str(place)),
              occurred_at=NOON + timedelta(microseconds=moment))
        for place, moment in enumerate(moments)
    ]  # fmt: skip
    store.write({Table.EVENTS: event_batch(rows)})
    page = EventFilter(tenant, limit=page_size)
    seen: list[int] = []
    while (found := store.events(page)).num_rows:
        seen += found["event_key"].to_pylist()
        last = found.to_pylist()[-1]
        page = replace(page, before=(last["occurred_at"], last["event_id"], last["event_key"]))
    assert seen == [row["event_key"] for row in newest_first(rows)]


@given(rows=row_lists(), seconds=st.integers(-864_000, 864_000))
@settings(max_examples=15)
def test_the_known_keys_are_those_whose_time_is_not_over(
    store: EventStore, new_tenant: NewTenant, rows: list[Row], seconds: int
) -> None:
    written = write_events(store, new_tenant(), rows)
    now = NOON + timedelta(seconds=seconds)
    known = store.known_keys(now)
    assert (known.keys.dtype, known.until.dtype) == (np.uint64, np.int64)
    until = dict(zip(known.keys.tolist(), known.until.tolist(), strict=True))
    for row in written:
        seconds_left = int(row["key_until"].timestamp()) if row["key_until"] > now else None
        assert until.get(row["event_key"]) == seconds_left


def test_a_key_is_no_repeat_any_more_at_the_very_moment(
    store: EventStore, new_tenant: NewTenant
) -> None:
    tenant = new_tenant()
    (row,) = write_events(store, tenant, [event(tenant, "edge")])
    just_before = row["key_until"] - timedelta(seconds=1)
    assert row["event_key"] in store.known_keys(just_before).keys
    assert row["event_key"] not in store.known_keys(row["key_until"]).keys


@pytest.mark.parametrize("text", LOOKS_LIKE_SQL)
def test_text_that_looks_like_sql_is_only_text(
    store: EventStore, new_tenant: NewTenant, text: str
) -> None:
    tenant = new_tenant()
    rows = [
        event(tenant, "hit", user_id=text, attributes=None),
        event(tenant, "miss", user_id="somebody"),
    ]
    write_events(store, tenant, rows)
    write_events(store, text + tenant, [event(text + tenant, "other")])
    for op in (Op.EQ, Op.IN, Op.PREFIX, Op.CONTAINS):
        assert ids(store, EventFilter(tenant, Condition("user_id", op, (text,)))) == ["hit"]
    for op in (Op.NE, Op.NOT_IN):
        assert ids(store, EventFilter(tenant, Condition("user_id", op, (text,)))) == ["miss"]
    assert ids(store, EventFilter(text + tenant)) == ["other"]
    attribute = Condition(f"attributes.{text.replace('.', '')}", Op.EXISTS, ())
    assert ids(store, EventFilter(tenant, attribute)) == []


@given(rows=row_lists(most=5), other_rows=row_lists(most=5), letter=letters())
@settings(max_examples=10)
def test_tenants_never_see_each_other(
    store: EventStore, new_tenant: NewTenant, rows: list[Row], other_rows: list[Row], letter: Row
) -> None:
    mine, other = new_tenant(), new_tenant()
    write_events(store, mine, rows)
    write_events(store, other, other_rows)
    store.write({Table.DEAD_LETTERS: letter_batch([letter | {"tenant": other}])})
    assert (count_of(store, mine), count_of(store, other)) == (len(rows), len(other_rows))
    assert set(store.events(EventFilter(mine))["tenant"].to_pylist()) <= {mine}
    assert store.dead_letters(mine, (), 10).num_rows == 0
    assert store.dead_letters(mine, (letter["letter_id"],), 10).num_rows == 0
    assert store.purge_dead_letters(mine, (letter["letter_id"],)) == 0
    assert store.purge_dead_letters(mine, ()) == 0
    assert store.dead_letters(other, (), 10).num_rows == 1


@given(refused=st.lists(letters(), max_size=6, unique_by=lambda row: row["letter_id"]),
       limit=st.integers(1, 8), data=st.data())  # fmt: skip
@settings(max_examples=6)
def test_dead_letters_are_kept_until_they_are_purged(
    store: EventStore, new_tenant: NewTenant, refused: list[Row], limit: int, data: st.DataObject
) -> None:
    tenant = new_tenant()
    mine = [row | {"tenant": tenant} for row in refused]
    store.write({Table.DEAD_LETTERS: letter_batch(mine)})
    mine.sort(key=lambda row: row["letter_id"])
    mine.sort(key=lambda row: row["received_at"], reverse=True)
    found = store.dead_letters(tenant, (), limit)
    assert found.schema.equals(DEAD_LETTER_SCHEMA)
    assert found.to_pylist() == mine[:limit]
    chosen = [row for row in mine if data.draw(st.booleans())]
    rest = [row for row in mine if row not in chosen]
    names = tuple(row["letter_id"] for row in chosen)
    if chosen:
        assert store.dead_letters(tenant, names, EVERYTHING).to_pylist() == chosen
        assert store.purge_dead_letters(tenant, (*names, "no such letter")) == len(chosen)
    assert store.dead_letters(tenant, (), EVERYTHING).to_pylist() == rest
    assert store.purge_dead_letters(tenant, ()) == len(rest)
    assert store.dead_letters(tenant, (), EVERYTHING).num_rows == 0


def test_health_counts_the_rows_of_every_table(store: EventStore, new_tenant: NewTenant) -> None:
    write_events(store, new_tenant(), [event("t", "1")])
    store.known_keys(NOON)
    facts = store.health()
    assert facts["waiting_rows"] == 0
    assert facts["tables"]["events"]["rows"] >= 1
