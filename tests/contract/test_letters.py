"""Which dead letters a store finds, counts and forgets, and which keys it knows for good."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.model.letter import LetterFilter
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.storage.interface import EventStore, Table

from .strategies import NOON, event, event_batch, letter_batch, letters

Row = dict[str, Any]
NewTenant = Callable[[], str]


def letter(number: int, **members: Any) -> Row:
    """A letter that differs from the others in its id and in `members`."""
    texts = {"source": "costops", "door": "events", "code": "late", "message": "too late: 100%_"}
    known = texts | {"payload": "{}", "subject": "a.b", "letter_id": f"id{number}"}
    return known | {"received_at": NOON, "expires_on": NOON.date()} | members


LETTERS = (
    letter(0),
    letter(1, source="sentinel"),
    letter(2, door="ingest/costops"),
    letter(3, code="negative"),
    letter(4, message="latency_ms: '-1' is \\ negative"),
    letter(5, received_at=NOON + timedelta(microseconds=1)),
    letter(6, source=None),
)
FILTERS = {
    "all": (LetterFilter(), "0123456"),
    "a source": (LetterFilter(source="sentinel"), "1"),
    "no source": (LetterFilter(source=""), "6"),
    "a door": (LetterFilter(door="ingest/costops"), "2"),
    "a code": (LetterFilter(code="negative"), "3"),
    "a text": (LetterFilter(contains="'-1' is \\ n"), "4"),
    "no pattern": (LetterFilter(contains="%late%"), ""),
    "upper case": (LetterFilter(contains="Too"), ""),
    "a time": (LetterFilter(received=TimeRange(NOON, NOON + timedelta(microseconds=1))), "012346"),
    "a later time": (LetterFilter(received=TimeRange(NOON + timedelta(0, 0, 1), NOON.replace(year=2100))), "5"),
    "several": (LetterFilter("costops", "events", "late", "100%"), "05"),
    "none": (LetterFilter("sentinel", code="negative"), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_and_forgets_the_letters_that_meet_it(
    store: EventStore, new_tenant: NewTenant, name: str
) -> None:
    where, expected = FILTERS[name]
    mine, other = new_tenant(), new_tenant()
    for tenant in (mine, other):
        store.write(
            {Table.DEAD_LETTERS: letter_batch([row | {"tenant": tenant} for row in LETTERS])}
        )
    found = store.dead_letters(mine, (), 10, where)
    assert sorted(found["letter_id"].to_pylist()) == [f"id{number}" for number in expected]
    assert store.dead_letters(mine, ("id0",), 10, where).num_rows == ("0" in expected)
    assert store.purge_dead_letters(mine, (), where) == len(expected)
    counts = store.count_dead_letters()
    assert counts.get(mine, 0) == len(LETTERS) - len(expected)
    assert counts[other] == len(LETTERS)


@given(refused=st.lists(letters(), max_size=8, unique_by=lambda row: row["letter_id"]),
       size=st.integers(1, 3), at_once=st.booleans())  # fmt: skip
@settings(max_examples=8)
def test_pages_one_after_the_other_show_every_letter_once(
    store: EventStore, new_tenant: NewTenant, refused: list[Row], size: int, at_once: bool
) -> None:
    tenant = new_tenant()
    same = {"received_at": NOON} if at_once else {}
    store.write(
        {Table.DEAD_LETTERS: letter_batch([row | same | {"tenant": tenant} for row in refused])}
    )
    shown: list[Row] = []
    where = LetterFilter()
    while page := store.dead_letters(tenant, (), size, where).to_pylist():
        shown += page
        where = replace(where, before=(page[-1]["received_at"], page[-1]["letter_id"]))
    assert shown == store.dead_letters(tenant, (), 100).to_pylist()
    assert len(shown) == len(refused)


def test_the_keys_of_stored_events_are_known_when_they_count_as_repeats_no_longer(
    store: EventStore, new_tenant: NewTenant
) -> None:
    mine, other = new_tenant(), new_tenant()
    past = NOON - timedelta(days=1)
    rows = [event(mine, str(key), event_key=key, key_until=past) for key in (2, 2**64 - 1)]
    store.write({Table.EVENTS: event_batch(rows)})
    wanted = np.array([2**64 - 1, 2, 5, *range(10**6, 10**6 + 20_000)], np.uint64)
    assert sorted(store.stored_keys(mine, wanted).tolist()) == [2, 2**64 - 1]
    assert store.stored_keys(other, wanted).tolist() == []
    assert store.stored_keys(mine, np.array([], np.uint64)).tolist() == []
