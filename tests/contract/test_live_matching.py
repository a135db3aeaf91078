"""The live stream, the memory store and the database mean the same by a filter."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.live.matching import LiveBatch, check_live, compiled
from llm_analytics_hub.live.narrowing import Narrowed
from llm_analytics_hub.model.catalogue import ASSET_PREFIX
from llm_analytics_hub.model.passing import holds
from llm_analytics_hub.model.query import All, Condition, Filter, Not, Op, fields_of

from . import strategies as some


@given(some.row_lists(), some.filters())
def test_the_same_events_pass_as_in_a_store(rows: list[dict[str, Any]], where: Filter) -> None:
    if any(field.startswith(ASSET_PREFIX) for field in fields_of(where)):
        return  # refused, see below
    batch = LiveBatch(some.event_batch(rows))
    expected = [holds(where, row) for row in rows]
    passing = [row for row, passes in enumerate(expected) if passes]
    assert list(compiled(where)(batch, batch.every)) == passing
    rest = [row for row, passes in enumerate(expected) if not passes]
    assert list(compiled(Not(where))(batch, batch.every)) == rest
    half = list(batch.every)[::2]
    assert list(compiled(where)(batch, half)) == [row for row in half if expected[row]]


@given(some.row_lists(), st.lists(some.filters(), max_size=4))
def test_filters_that_are_narrowed_let_the_same_events_pass(
    rows: list[dict[str, Any]], wanted: list[Filter]
) -> None:
    filters = [one for one in wanted if not any(f.startswith(ASSET_PREFIX) for f in fields_of(one))]
    ours = [All((Condition("tenant", Op.EQ, ("t",)), one)) for one in filters]
    batch = LiveBatch(some.event_batch(rows))
    found = {number: list(rows) for number, rows in Narrowed(zip(ours, count())).passing(batch)}
    for number, one in enumerate(filters):
        passing = [place for place, row in enumerate(rows) if holds(one, row)]
        assert found.get(number, []) == passing


def test_what_the_registry_knows_is_not_in_the_stream() -> None:
    owner = Condition("asset.owner", Op.EQ, ("team-a",))
    with pytest.raises(InvalidQueryError, match=r"asset\.owner: what the registry knows"):
        check_live(All((Not(owner),)))
