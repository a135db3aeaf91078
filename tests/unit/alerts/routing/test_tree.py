"""Which routes take which alerts."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.alerts.routing.tree import RouteTree
from llm_analytics_hub.model.alerts.labels import labels_of
from llm_analytics_hub.model.alerts.routing import Matcher, MatchOp, Route

VALUES = st.sampled_from(["", "a", "b"])
MATCHERS = st.builds(Matcher, st.sampled_from(["x", "y"]), st.sampled_from(MatchOp), VALUES)


def routes(below: st.SearchStrategy[list[Route]]) -> st.SearchStrategy[Route]:
    return st.builds(
        lambda match, goes_on, below, number: Route(
            f"r{number}", tuple(match), ("ops",), ("x",), goes_on=goes_on, routes=tuple(below)
        ),
        st.lists(MATCHERS, max_size=2),
        st.booleans(),
        below,
        st.integers(0, 10**9),
    )


TREES = st.recursive(
    routes(st.just([])), lambda below: routes(st.lists(below, max_size=4)), max_leaves=12
)


def plainly(route: Route, labels: dict[str, str]) -> Iterator[str]:
    """Alertmanager's rule, word for word."""
    found = False
    for child in route.routes:
        if all(one.matches(labels) for one in child.match):
            found = True
            yield from plainly(child, labels)
            if not child.goes_on:
                break
    if not found:
        yield route.name


@pytest.mark.slow
@given(TREES, VALUES, VALUES)
def test_an_alert_goes_where_alertmanager_would_send_it(root: Route, x: str, y: str) -> None:
    labels = {key: value for key, value in (("x", x), ("y", y)) if value}
    tree = RouteTree(root)
    wanted = list(plainly(root, labels))
    for _ in range(2):  # the second time from memory
        assert [one.route.name for one in tree.places(labels_of(labels))] == wanted


def test_keys_of_long_labels_are_short_and_differ() -> None:
    tree = RouteTree(Route("root", (), ("ops",), ("x",)))
    keys = {tree.places((("x", "v" * 1000 + end),))[0].key for end in "ab"}
    assert {len(key) for key in keys} == {200}
    assert len(keys) == 2


def test_alerts_of_equal_group_labels_share_a_place() -> None:
    tree = RouteTree(Route("root", (), ("ops",), ("x", "z")))
    one, other = ((("x", "1"), ("y", "1")), (("x", "1"), ("y", "2")))
    assert tree.places(one) == tree.places(other)
    assert tree.places(one)[0].labels == (("x", "1"), ("z", ""))
