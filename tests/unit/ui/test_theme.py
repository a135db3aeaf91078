from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.ui.theme import (
    GREY,
    PALETTE,
    PANELS,
    SOURCE_COLOURS,
    STRONG_TEXTS,
    TEXTS,
    colours_of,
    contrast,
)


@pytest.mark.parametrize("scheme", PANELS)
def test_every_colour_can_be_seen_on_both_themes(scheme: str) -> None:
    assert all(contrast(colour, PANELS[scheme]) >= 3 for colour in (*PALETTE, GREY))


@pytest.mark.parametrize("scheme", PANELS)
def test_texts_can_be_read_on_both_themes(scheme: str) -> None:
    assert min(contrast(texts[scheme], PANELS[scheme]) for texts in (TEXTS, STRONG_TEXTS)) >= 4.5


def test_contrast_of_black_and_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_sources_keep_their_colours() -> None:
    assert colours_of(["sentinel", "mine"])["sentinel"] == SOURCE_COLOURS["sentinel"]
    assert len(set(SOURCE_COLOURS.values())) == len(SOURCE_COLOURS)


@given(st.sets(st.text(min_size=1), max_size=len(PALETTE)))
def test_no_two_names_share_a_colour(names: set[str]) -> None:
    colours = colours_of(names - {"other"})
    named = [name for name in colours if name not in ("", "other")]
    assert all(colours[one] != colours[other] for one, other in combinations(named, 2))


@given(st.permutations(["gpt-4o", "claude-sonnet-4-5", "o4-mini", "mistral-large-latest"]))
def test_colours_do_not_depend_on_the_order(names: list[str]) -> None:
    assert colours_of(names) == colours_of(sorted(names))
