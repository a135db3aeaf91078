"""When rows leave, and what a closed store says."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pytest

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.event import CONTENT_SCHEMA
from llm_analytics_hub.model.query import All, EventFilter, Query
from llm_analytics_hub.storage.interface import EventStore, Table

from .strategies import NOON, RANGE, event, event_batch, letter_batch

pytestmark = pytest.mark.slow

MONDAY = date(2025, 11, 17)
SUNDAY = MONDAY + timedelta(days=6)


def at(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), UTC)


def letter(expires_on: date) -> pa.RecordBatch:
    names = ("letter_id", "source", "door", "code", "message", "payload", "subject")
    texts = dict.fromkeys(names, "x")
    return letter_batch([texts | {"tenant": "t", "received_at": NOON, "expires_on": expires_on}])


def content(expires_on: date) -> pa.RecordBatch:
    row = {"tenant": "t", "content_id": "c", "body": "{}", "expires_on": expires_on}
    return pa.RecordBatch.from_pylist([row], CONTENT_SCHEMA)


def test_rows_leave_in_the_week_after_the_week_they_expire_in(own_store: EventStore) -> None:
    days = {
        "monday": MONDAY, "sunday": SUNDAY, "next": SUNDAY + timedelta(days=1),
        "before": MONDAY - timedelta(days=1),
    }  # fmt: skip
    rows = [event("t", name, expires_on=day) for name, day in days.items()]
    own_store.write({
        Table.EVENTS: event_batch(rows),
        Table.CONTENTS: content(MONDAY),
        Table.DEAD_LETTERS: letter(SUNDAY),
    })  # fmt: skip

    def left() -> set[str]:
        return set(own_store.events(EventFilter("t"))["event_id"].to_pylist())

    assert own_store.drop_expired(at(SUNDAY)) == ["events/2025-11-10"]
    assert left() == {"monday", "sunday", "next"}
    assert own_store.drop_expired(at(SUNDAY)) == []
    assert own_store.dead_letters("t", (), 10).num_rows == 1
    assert own_store.drop_expired(at(SUNDAY + timedelta(days=1))) == [
        "contents/2025-11-17", "dead_letters/2025-11-17", "events/2025-11-17",
    ]  # fmt: skip
    assert left() == {"next"}
    assert own_store.dead_letters("t", (), 10).num_rows == 0


def test_what_was_dropped_is_no_known_key_any_more(own_store: EventStore) -> None:
    own_store.write({Table.EVENTS: event_batch([event("t", "1", expires_on=MONDAY)])})
    assert len(own_store.known_keys(NOON).keys) == 1
    own_store.drop_expired(at(SUNDAY + timedelta(days=1)))
    assert len(own_store.known_keys(NOON).keys) == 0


QUERY = Query("t", (MEASURES["events"],), (), All(), RANGE, None, "UTC", (), 1)

CALLS: dict[str, Callable[[EventStore], object]] = {
    "write": lambda store: store.write({Table.EVENTS: event_batch([event("t", "1")])}),
    "known_keys": lambda store: store.known_keys(NOON),
    "answer": lambda store: store.answer(QUERY),
    "events": lambda store: store.events(EventFilter("t")),
    "dead_letters": lambda store: store.dead_letters("t", (), 1),
    "count_dead_letters": lambda store: store.count_dead_letters(),
    "stored_keys": lambda store: store.stored_keys("t", np.array([1], np.uint64)),
    "purge_dead_letters": lambda store: store.purge_dead_letters("t", ()),
    "metric_points": lambda store: store.metric_points("t", "m", RANGE, 1),
    "metric_quantile": lambda store: store.metric_quantile("t", "m", RANGE, 0.5),
    "metric_state": lambda store: store.metric_state(NOON, 1),
    "drop_expired": lambda store: store.drop_expired(NOON),
    "health": lambda store: store.health(),
}


def test_a_closed_store_is_unavailable_and_may_be_closed_again(own_store: EventStore) -> None:
    own_store.close()
    own_store.close()
    for call in CALLS.values():
        with pytest.raises(UnavailableError):
            call(own_store)
