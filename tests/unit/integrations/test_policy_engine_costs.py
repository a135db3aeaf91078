"""Costs and budgets of the policy engine: cents, currencies, unlimited limits, estimates."""

import json
from typing import Any

import pytest

from .wire import TYPES, Row, events_of

WHEN = "2025-11-19T10:06:00.500Z"


def one(document: Any) -> Row:
    (row,) = events_of("policy-engine", json.dumps(document).encode(), TYPES[".json"])
    return row


def test_a_cost_in_cents() -> None:
    row = one({"provider": "openai", "model": "gpt-4o", "input_tokens": 10, "output_tokens": 2,
               "cost_cents": 12.5, "user_id": "u1", "timestamp": WHEN})  # fmt: skip
    assert (row["event_type"], row["stream"]) == ("cost.recorded", "cost")
    assert (float(row["cost_usd"]), row["cost_currency"]) == (0.125, "USD")
    assert (row["input_tokens"], row["output_tokens"], row["user_id"]) == (10, 2, "u1")


def test_a_cost_in_its_currency() -> None:
    row = one({"cost": 2, "currency": "EUR", "breakdown": {"inputCost": 1.5, "outputCost": 0.5},
               "budgetStatus": {"remaining": None, "limit": None, "percentage": 0}})  # fmt: skip
    assert (float(row["cost_amount"]), row["cost_currency"]) == (2, "EUR")
    assert row["attributes"]["budget_status"]["limit"] == "unlimited"
    assert row["attributes"]["breakdown"] == {"inputCost": 1.5, "outputCost": 0.5}


def test_a_cost_of_zero_is_an_unknown_one() -> None:
    row = one({"cost": 0, "currency": "USD", "breakdown": {"inputCost": 0, "outputCost": 0}})
    assert (row["cost_amount"], row["cost_usd"]) == (None, None)


def test_usage_of_typescript_without_a_cost() -> None:
    row = one({"provider": "openai", "model": "m", "inputTokens": 3, "outputTokens": 4,
               "teamId": "t1", "timestamp": 1763546412000, "metadata": {"a": 1}})  # fmt: skip
    assert (row["event_type"], row["input_tokens"], row["output_tokens"]) == ("cost.recorded", 3, 4)
    assert row["attributes"] == {"team_id": "t1", "a": 1}


def test_a_budget_in_cents_says_how_much_of_it_is_used() -> None:
    row = one({"allowed": False, "limit_cents": 50_000.0, "used_cents": 51_240.0,
               "remaining_cents": -1_240.0})  # fmt: skip
    assert (row["event_type"], row["status"]) == ("budget.checked", "denied")
    assert (row["value"], row["unit"]) == (1.0248, "ratio")
    assert row["attributes"]["limit_usd"] == 500
    assert row["attributes"]["remaining_usd"] == -12.4


def test_a_budget_in_cents_without_a_limit() -> None:
    row = one({"allowed": True, "limit_cents": None, "used_cents": 5, "remaining_cents": None})
    assert row["attributes"]["limit_usd"] == row["attributes"]["remaining_usd"] == "unlimited"
    assert (row["value"], row["attributes"]["used_usd"]) == (None, 0.05)


def test_a_limit_that_is_not_there_is_not_unlimited() -> None:
    row = one({"allowed": True, "remaining": 5, "percentage": 40, "warning": "w"})
    assert (row["value"], row["unit"]) == (0.4, "ratio")
    assert "limit" not in row["attributes"]


def test_an_estimate_is_no_cost() -> None:
    row = one({"userId": "u1", "estimatedCost": 3.5})
    assert (row["event_type"], row["cost_usd"]) == ("budget.check_requested", None)
    assert row["attributes"] == {"estimated_cost": 3.5}


@pytest.mark.parametrize(
    ("summary", "value", "unit"),
    [
        ({"total": 12.5, "currency": "USD", "breakdown": {"gpt-4o": 12.5}}, 12.5, "USD"),
        ({"total": 3, "currency": "EUR", "breakdown": {}}, 3, "EUR"),
        ({"total_cost_cents": 250}, 2.5, "USD"),
    ],
)
def test_a_summary_of_costs_is_a_value_and_no_cost(summary: Row, value: float, unit: str) -> None:
    row = one(summary)
    assert (row["event_type"], row["value"], row["unit"]) == ("cost.summarized", value, unit)
    assert row["cost_usd"] is None
