"""The live stream, the memory store and the database mean the same by a filter."""

from typing import Any

import pytest
from hypothesis import given

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.live.matching import LiveBatch, check_live
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
    assert batch.passing(where).tolist() == expected
    assert batch.passing(Not(where)).tolist() == [not one for one in expected]
    assert batch.passing(where).tolist() == expected  # and again: what is kept was not changed


def test_what_the_registry_knows_is_not_in_the_stream() -> None:
    owner = Condition("asset.owner", Op.EQ, ("team-a",))
    with pytest.raises(InvalidQueryError, match=r"asset\.owner: what the registry knows"):
        check_live(All((Not(owner),)))
