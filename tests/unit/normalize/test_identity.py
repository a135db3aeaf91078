from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.stream import POLICIES
from llm_analytics_hub.normalize.identity import derived_id, derived_ids, event_keys, lifetimes

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=9,
)
ROW = st.dictionaries(st.text(max_size=9), JSON, max_size=5)


@given(ROW)
def test_a_derived_id_does_not_depend_on_the_order_of_members(row: dict[str, Any]) -> None:
    again = dict(reversed(row.items()))
    assert derived_id(row) == derived_id(again)
    assert derived_id(row) != derived_id({**row, "one more": 1})


def test_a_derived_id_is_the_same_in_every_process() -> None:
    row = {"source": "registry", "event_type": "asset.registered", "attributes": {"b": 1, "a": [2]}}
    assert derived_id(row) == "x-dab2211be0575219028eec99225349ed"


def test_only_gaps_are_filled_and_what_is_no_json_is_refused_alone() -> None:
    rows = [{"n": 1}, {"n": 2}, {"n": "\ud800"}, {"n": 1}]
    ids, faults = derived_ids(rows, pa.array([None, "given", None, None]))
    assert ids.to_pylist() == [derived_id(rows[0]), "given", None, derived_id(rows[0])]
    assert [(fault.row, fault.code) for fault in faults] == [(2, "underivable_id")]


def test_no_id_can_be_derived_from_a_bottomless_event() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    with pytest.raises(InvalidInputError):
        derived_id({"a": deep})


def test_the_same_id_elsewhere_is_another_event() -> None:
    tenants, sources, streams, ids = ("t1", "t2"), ("a", "b", "ab"), ("policy", "cost"), ("1", "b1")
    keys = [
        event_keys(tenant, *(pa.array([text]) for text in (source, stream, event_id)))[0].as_py()
        for tenant, source, stream, event_id in product(tenants, sources, streams, ids)
    ]
    assert len(set(keys)) == 2 * 3 * 2 * 2


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(sorted(POLICIES)), st.text(min_size=1)),
        min_size=1,
    )
)
def test_keys_of_a_column_are_keys_one_by_one(rows: list[tuple[str, str, str]]) -> None:
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    alone = [event_keys("t", *(pa.array([text], pa.string()) for text in row)) for row in rows]
    assert event_keys("t", *columns).to_pylist() == [key[0].as_py() for key in alone]


def lifetime(stream: str, occurred_at: datetime, *, always: bool = False) -> tuple[datetime, date]:
    moments = pa.array([occurred_at], pa.timestamp("us", "UTC"))
    lives = lifetimes(pa.array([stream]), moments, NOW, POLICIES, remember_always=always)
    return lives.key_until[0].as_py(), lives.expires_on[0].as_py()


def test_a_repeat_is_noticed_for_the_window_of_its_stream() -> None:
    assert lifetime("cost", NOW)[0] == NOW + timedelta(hours=1)
    assert lifetime("observatory", NOW - timedelta(days=900))[0] == NOW + timedelta(minutes=10)


@pytest.mark.parametrize("stream", ["policy", "security", "governance"])
def test_without_a_window_a_key_lives_as_long_as_its_event(stream: str) -> None:
    assert lifetime(stream, NOW)[0] == NOW + POLICIES[stream].retention


def test_a_key_of_an_import_lives_as_long_as_its_event() -> None:
    assert lifetime("cost", NOW, always=True)[0] == NOW + timedelta(days=90)


@given(st.sampled_from(sorted(POLICIES)), st.integers(-(10**6), 24), st.booleans())
def test_an_event_is_kept_for_its_full_time_and_its_key_no_longer(
    stream: str, hours: int, always: bool
) -> None:
    occurred_at = NOW + timedelta(hours=max(hours, -300_000))
    key_until, expires_on = lifetime(stream, occurred_at, always=always)
    full = max(occurred_at, NOW) + POLICIES[stream].retention
    assert datetime.combine(expires_on, datetime.min.time(), UTC) >= max(full, key_until)
    assert expires_on <= (full + timedelta(days=1)).date()
