"""A question beside the same one about an earlier range."""

from decimal import Decimal

import pytest

from llm_analytics_hub.errors import InvalidQueryError

from .questions import Asked, call

THIS_WEEK = {"from": "2025-11-17", "to": "2025-11-19"}


def test_each_measure_has_what_it_was_and_by_how_much_it_grew() -> None:
    hub = Asked(call("2025-11-15", "4"), call("2025-11-17", "5"), call("2025-11-18", "1"))
    assert hub.rows(measures=["requests", "cost_usd"], time_range=THIS_WEEK,
                    compare="previous_period") == [
        {"requests": 2, "requests_previous": 1, "requests_change": 1.0,
         "cost_usd": Decimal(6), "cost_usd_previous": Decimal(4), "cost_usd_change": 0.5}
    ]  # fmt: skip


def test_the_answer_says_which_range_it_compares_with_and_the_units() -> None:
    answer = Asked().whole(measures=["cost_usd"], time_range=THIS_WEEK, compare="previous_week")
    assert answer["meta"]["compared_with"] == {
        "from": "2025-11-10T00:00:00.000000Z", "to": "2025-11-12T00:00:00.000000Z",
    }  # fmt: skip
    assert answer["columns"] == [
        {"name": "cost_usd", "type": "decimal", "unit": "USD"},
        {"name": "cost_usd_previous", "type": "decimal", "unit": "USD"},
        {"name": "cost_usd_change", "type": "number", "unit": "ratio"},
    ]


def test_a_group_that_is_new_and_one_that_is_gone_are_rows() -> None:
    hub = Asked(call("2025-11-15", "1", model="old"), call("2025-11-17", "2", model="new"))
    rows = hub.rows(measures=["requests", "cost_usd"], dimensions=["model"], time_range=THIS_WEEK,
                    compare="previous_period", order_by=[{"field": "model"}])  # fmt: skip
    assert [(row["model"], row["requests"], row["requests_previous"]) for row in rows] == [
        ("new", 1, 0), ("old", 0, 1),
    ]  # fmt: skip
    assert [(row["cost_usd"], row["cost_usd_previous"], row["cost_usd_change"]) for row in rows] == [
        (2, None, None), (None, 1, None),
    ]  # fmt: skip


def test_having_chooses_by_the_range_itself() -> None:
    hub = Asked(call("2025-11-15", model="old"), call("2025-11-17", model="new"))
    rows = hub.rows(measures=["requests"], dimensions=["model"], time_range=THIS_WEEK,
                    compare="previous_period",
                    having=[{"field": "requests", "op": "ge", "value": 1}])  # fmt: skip
    assert [row["model"] for row in rows] == ["new"]


def test_the_nth_bucket_stands_beside_the_nth() -> None:
    hub = Asked(call("2025-11-15T12:00"), call("2025-11-16T01:00"), call("2025-11-18T01:00"))
    rows = hub.rows(measures=["requests"], time_range=THIS_WEEK, granularity="day",
                    compare="previous_period", fill_gaps=True)  # fmt: skip
    assert [(row["time"], row["requests"], row["requests_previous"]) for row in rows] == [
        ("2025-11-17T00:00:00Z", 0, 1), ("2025-11-18T00:00:00Z", 1, 1),
    ]  # fmt: skip


def test_a_change_can_be_sorted_by() -> None:
    moments = ("2025-11-15", "2025-11-17", "2025-11-18")
    hub = Asked(*(call(moment, model="grown") for moment in moments),
                *(call(f"{moment}T01:00", model="same") for moment in moments[:2]))  # fmt: skip
    rows = hub.rows(measures=["requests"], dimensions=["model"], time_range=THIS_WEEK,
                    compare="previous_period", limit=1,
                    order_by=[{"field": "requests_change", "direction": "desc"}])  # fmt: skip
    assert [row["model"] for row in rows] == ["grown"]


def test_a_change_is_no_column_where_nothing_is_compared() -> None:
    with pytest.raises(InvalidQueryError, match="order_by 'requests_change'"):
        Asked().rows(measures=["requests"], time_range=THIS_WEEK,
                     order_by=[{"field": "requests_change"}])  # fmt: skip
