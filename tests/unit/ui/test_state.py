from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.ui.state import (
    COST_CUTS,
    DEFAULT,
    RANGES,
    REFRESH_SECONDS,
    Between,
    State,
    from_search,
    to_search,
)

texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
moments = st.integers(-62_135_510_400, 253_402_214_400).map(
    lambda seconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
betweens = st.lists(moments, min_size=2, max_size=2, unique=True).map(
    lambda two: Between(min(two), max(two))
)
picks = st.lists(texts, unique=True, max_size=4).map(tuple)


@st.composite
def states(draw: st.DrawFn) -> State:
    between = draw(st.none() | betweens)
    return State(
        last=DEFAULT.last if between else draw(st.sampled_from(sorted(RANGES))),
        between=between,
        refresh_seconds=draw(st.sampled_from(REFRESH_SECONDS)),
        tenant=draw(texts),
        sources=draw(picks),
        models=draw(picks),
        environments=draw(picks),
        cost_by=draw(st.sampled_from(COST_CUTS)),
    )


@given(states())
def test_a_link_shows_the_same_page(state: State) -> None:
    assert from_search(to_search(state)) == state


def test_the_usual_page_has_a_bare_address() -> None:
    assert to_search(State()) == ""


def test_a_link_says_what_differs() -> None:
    between = Between(
        datetime(2025, 11, 19, 10, tzinfo=UTC), datetime(2025, 11, 19, 11, tzinfo=UTC)
    )
    state = State(between=between, refresh_seconds=0, models=("a", "b&c"))
    assert to_search(state) == (
        "?from=2025-11-19T10%3A00%3A00Z&to=2025-11-19T11%3A00%3A00Z&refresh=0&model=a&model=b%26c"
    )


@pytest.mark.parametrize(
    "search",
    ["", None, "?", "?range=2w", "?refresh=7", "?from=yesterday&to=today", "?cost_by=colour",
     "?from=2025-11-19T11:00Z&to=2025-11-19T10:00Z", "?from=2025-11-19T11:00Z", "?source=",
     "?from=0001-01-01T00:00%2B14:00&to=2025-11-19T10:00Z"],
)  # fmt: skip
def test_what_cannot_be_read_is_as_usual(search: str | None) -> None:
    assert from_search(search) == DEFAULT


def test_a_time_without_a_zone_is_utc() -> None:
    between = from_search("?from=2025-11-19T10:00&to=2025-11-19T12:00%2B01:00").between
    assert between == Between(
        datetime(2025, 11, 19, 10, tzinfo=UTC), datetime(2025, 11, 19, 11, tzinfo=UTC)
    )


@given(st.text())
def test_any_text_after_the_question_mark_is_a_state(search: str) -> None:
    assert isinstance(from_search(search), State)
