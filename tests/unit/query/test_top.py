"""The first values of a dimension, and all others as one."""

import pytest

from llm_analytics_hub.errors import InvalidQueryError

from .questions import Asked, call

DAY = {"from": "2025-11-18", "to": "2025-11-19"}


@pytest.fixture(scope="module")
def hub() -> Asked:
    models = "aaaabbbccd"
    return Asked(*(
        call(f"2025-11-18T{place:02}:00", "1", model=model, user_id=f"u{place % 3}")
        for place, model in enumerate(models)
    ))  # fmt: skip


def by_model(hub: Asked, measure: str, **top: object) -> list[tuple[object, object]]:
    rows = hub.rows(measures=[measure], dimensions=["model"], time_range=DAY,
                    top={"dimension": "model", **top})  # fmt: skip
    return [(row["model"], row[measure]) for row in rows]


def test_the_others_are_one_row(hub: Asked) -> None:
    assert by_model(hub, "requests", limit=2) == [("a", 4), ("(other)", 3), ("b", 3)]


def test_the_others_may_be_left_out(hub: Asked) -> None:
    assert by_model(hub, "requests", limit=2, other=False) == [("a", 4), ("b", 3)]


def test_what_does_not_add_up_is_counted_anew_for_the_others(hub: Asked) -> None:
    assert by_model(hub, "users", limit=1) == [("(other)", 3), ("a", 3)]


def test_nothing_is_no_top() -> None:
    assert by_model(Asked(), "requests", limit=2) == []
    assert by_model(Asked(), "requests", limit=2, other=False) == []


def test_an_unknown_value_can_be_first() -> None:
    hub = Asked(call("2025-11-18T01:00"), call("2025-11-18T02:00"), call("2025-11-18", model="a"))
    assert by_model(hub, "requests", limit=1) == [(None, 2), ("(other)", 1)]


def test_the_same_are_kept_in_every_bucket(hub: Asked) -> None:
    rows = hub.rows(measures=["requests"], dimensions=["model"], time_range=DAY,
                    granularity="hour", top={"dimension": "model", "limit": 1})  # fmt: skip
    assert {row["model"] for row in rows} == {"a", "(other)"}
    assert sum(row["requests"] for row in rows) == 10


@pytest.mark.parametrize(
    ("top", "fault"),
    [
        ({"dimension": "status"}, "'status' is not asked for"),
        ({"dimension": "model", "by": "cost_usd"}, "'cost_usd' is not asked for"),
        ({"dimension": "model", "limit": 0}, "top.limit"),
        ({"dimension": "model", "limit": 101}, "top.limit"),
    ],
)
def test_a_refusal_names_the_member(hub: Asked, top: dict[str, object], fault: str) -> None:
    with pytest.raises(InvalidQueryError, match=fault):
        hub.rows(measures=["requests"], dimensions=["model"], time_range=DAY, top=top)
