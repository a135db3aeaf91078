"""A row for every bucket."""

import pytest

from llm_analytics_hub.errors import InvalidQueryError

from .questions import Asked, call

DAYS = {"from": "2025-11-16", "to": "2025-11-19"}


def test_counts_are_zero_and_sums_unknown_where_nothing_happened() -> None:
    rows = Asked(call("2025-11-17", "2")).rows(
        measures=["requests", "requests_per_s", "users", "cost_usd", "error_rate"],
        time_range=DAYS, granularity="day", fill_gaps=True,
    )  # fmt: skip
    assert [row["time"] for row in rows] == [f"2025-11-{day}T00:00:00Z" for day in (16, 17, 18)]
    assert list(rows[0].values())[1:] == [0, 0.0, 0, None, None]
    assert list(rows[1].values())[1:] == [1, pytest.approx(1 / 86_400), 0, 2, 0.0]


def test_every_group_has_every_bucket() -> None:
    hub = Asked(call("2025-11-16", model="a"), call("2025-11-18", model="b"))
    rows = hub.rows(measures=["requests"], dimensions=["model"], time_range=DAYS,
                    granularity="day", fill_gaps=True)  # fmt: skip
    assert [(row["model"], row["requests"]) for row in rows] == [
        ("a", 1), ("b", 0), ("a", 0), ("b", 0), ("a", 0), ("b", 1),
    ]  # fmt: skip


def test_a_day_of_a_clock_change_is_one_bucket() -> None:
    span = {"from": "2025-10-24T22:00:00Z", "to": "2025-10-27T23:00:00Z"}
    rows = Asked().rows(measures=["requests"], time_range=span, granularity="day",
                        time_zone="Europe/Berlin", fill_gaps=True)  # fmt: skip
    assert [row["time"] for row in rows] == [
        "2025-10-24T22:00:00Z", "2025-10-25T22:00:00Z", "2025-10-26T23:00:00Z",
    ]  # fmt: skip


def test_what_would_be_too_long_is_refused_with_advice() -> None:
    with pytest.raises(InvalidQueryError, match=r"527,040 rows.*longer granularity"):
        Asked().rows(measures=["events"], granularity="minute", fill_gaps=True,
                     time_range={"from": "2024-01-01", "to": "2025-01-01"})  # fmt: skip


def test_without_buckets_there_are_no_gaps() -> None:
    with pytest.raises(InvalidQueryError, match="needs a granularity"):
        Asked().rows(measures=["events"], time_range=DAYS, fill_gaps=True)
