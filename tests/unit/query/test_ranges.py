"""Ranges of the calendar, and the ones before them."""

from datetime import UTC, datetime

import pytest

from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.ranges import before, calendar_range

NOW = datetime(2025, 3, 31, 10, 30, tzinfo=UTC)
"""A Monday, the day after the clocks of Berlin went forward."""


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(start: str, end: str) -> TimeRange:
    return TimeRange(utc(start), utc(end))


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("today", "2025-03-30T22:00", "2025-03-31T10:30:01"),
        ("yesterday", "2025-03-29T23:00", "2025-03-30T22:00"),  # 23 hours
        ("this_week", "2025-03-30T22:00", "2025-03-31T10:30:01"),
        ("last_week", "2025-03-23T23:00", "2025-03-30T22:00"),
        ("this_month", "2025-02-28T23:00", "2025-03-31T10:30:01"),
        ("last_month", "2025-01-31T23:00", "2025-02-28T23:00"),
        ("this_year", "2024-12-31T23:00", "2025-03-31T10:30:01"),
        ("last_year", "2023-12-31T23:00", "2024-12-31T23:00"),
    ],
)
def test_a_period_is_that_of_the_askers_calendar(period: str, start: str, end: str) -> None:
    assert calendar_range(period, "Europe/Berlin", NOW) == span(start, end)


@pytest.mark.parametrize(
    ("comparison", "start", "end"),
    [
        ("previous_period", "2025-03-26T11:00", "2025-03-28T10:00"),  # 47 hours
        ("previous_day", "2025-03-27T10:00", "2025-03-29T10:00"),
        ("previous_week", "2025-03-21T10:00", "2025-03-23T10:00"),
        ("previous_month", "2025-02-28T10:00", "2025-03-02T09:00"),  # February has no 30th
        ("previous_year", "2024-03-28T10:00", "2024-03-30T10:00"),
    ],
)
def test_the_range_before(comparison: str, start: str, end: str) -> None:
    asked = span("2025-03-28T10:00", "2025-03-30T09:00")  # 11 o'clock in Berlin, on both days
    assert before(asked, comparison, "Europe/Berlin", None) == span(start, end)


def test_this_month_is_compared_with_the_same_part_of_the_last() -> None:
    this_month = calendar_range("this_month", "UTC", utc("2025-05-10T12:00"))
    assert before(this_month, "previous_period", "UTC", "this_month") == span(
        "2025-04-01", "2025-04-10T12:00:01"
    )


def test_last_month_is_compared_with_the_whole_month_before() -> None:
    last_month = calendar_range("last_month", "UTC", utc("2025-04-10"))
    found = before(last_month, "previous_period", "UTC", "last_month")
    assert found == span("2025-02-01", "2025-03-01")
