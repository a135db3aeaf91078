"""What CostOps sends and is sent, beyond what the samples show."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.integrations.csv_rows import csv_rows
from llm_analytics_hub.integrations.native import decode_native

from .wire import NOW, Row, events_of

AT = "2025-11-19T10:00:00Z"
START = datetime(2025, 11, 19, 10, 0, tzinfo=UTC)
RECORD: Row = {
    "id": "c-1", "usage_id": "u-1", "cost_model_id": "m-1", "timestamp": AT, "calculated_at": AT,
    "provider": "awsbedrock", "model": "anthropic.claude-3-sonnet", "organization_id": "acme",
    "project_id": None, "input_cost": 0.001, "output_cost": 0.002, "total_cost": 0.003,
    "currency": "USD", "tags": ["a"],
    "pricing_structure": {"type": "per_token", "input_price_per_million": 3.0},
}  # fmt: skip
USAGE: Row = {
    "request_id": "r-1", "timestamp": AT, "provider": "openai", "organization_id": "acme",
    "model": {"name": "gpt-4o", "version": "2024-11-20", "context_window": 128000},
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10, "cached_tokens": 2,
              "reasoning_tokens": 1},
    "performance": {"latency_ms": 50, "time_to_first_token_ms": 20}, "tags": [],
    "metadata": {"session_id": "s", "team": "x"},
}  # fmt: skip
SIGNAL: Row = {
    "signal_id": "s-1", "budget_id": "b", "signal_type": "warning", "severity": "warning",
    "violation_type": "approaching_limit", "message": "m", "current_spend": 40.0,
    "budget_limit": 50.0, "remaining_budget": 10.0, "utilization_percent": 80.0,
    "projected_spend": None, "projected_utilization": 120.0, "days_remaining": 3,
    "daily_average": 4.0, "recommended_action": "none", "alerts": [], "timestamp": AT,
}  # fmt: skip
TOKENS = ("input_tokens", "output_tokens", "total_tokens", "cached_tokens", "reasoning_tokens")


def sent(*documents: Row) -> list[Row]:
    body = json.dumps(documents[0] if len(documents) == 1 else documents).encode()
    return events_of("costops", body, "application/json")


def one(document: Row) -> Row:
    (row,) = sent(document)
    return row


def table(text: str) -> list[Row]:
    return events_of("costops", text.encode(), "text/csv")


def tokens(row: Row) -> list[object]:
    return [row[name] for name in TOKENS]


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("awsbedrock", "aws"),
        ("aws", "aws"),
        ("googlevertexai", "google"),
        ("vertex", "google"),
        ("azureopenai", "azure"),
        ("Azure", "azure"),
        ({"custom": "groq"}, "groq"),
        ("brand-new", "brand-new"),
    ],
)
def test_a_provider_has_one_name_in_json_and_in_csv(provider: object, name: str) -> None:
    assert one({**RECORD, "provider": provider})["provider"] == name


def test_a_cost_record_is_a_cost_of_its_organization() -> None:
    row = one(RECORD)
    assert (row["event_type"], row["event_id"], row["account_id"]) == (
        "cost.recorded",
        "c-1",
        "acme",
    )
    assert (row["cost_usd"], row["occurred_at"], row["correlation_id"]) == (
        Decimal("0.003"), START, "u-1",
    )  # fmt: skip
    kept = {
        name: row["attributes"][name] for name in ("input_cost", "output_cost", "calculated_at")
    }
    assert kept == {"input_cost": 0.001, "output_cost": 0.002, "calculated_at": AT}
    assert row["attributes"]["pricing_structure"]["type"] == "per_token"


@pytest.mark.parametrize(
    ("currency", "code", "usd"),
    [
        ("USD", "USD", Decimal(2)),
        ("JPY", "JPY", Decimal("0.0134")),
        ({"CUSTOM": "CHF"}, "CHF", Decimal("2.4")),
        ({"CUSTOM": "XTS"}, "XTS", None),
    ],
)
def test_a_cost_keeps_its_currency(currency: object, code: str, usd: Decimal | None) -> None:
    row = one({**RECORD, "total_cost": "2.0", "currency": currency})
    assert (row["cost_amount"], row["cost_currency"], row["cost_usd"]) == (2, code, usd)


def test_an_export_in_csv_may_lack_values_and_a_row_that_does_not_fit_is_refused_alone() -> None:
    head = "id,usage_id,provider,model,total_cost,currency,timestamp\n"
    cells = 'c-1,u-1,openai,"a, b",,USD,2025-11-19 10:00:00 UTC\n'
    (row,) = table("\ufeff" + head + cells)
    assert (row["event_id"], row["model"], row["cost_usd"]) == ("c-1", "a, b", None)
    assert row["occurred_at"] == START
    body = (head + cells + "c-2,u-2,openai\n" + cells).encode()
    decoded = decode_native(INTEGRATIONS["costops"], body, "text/csv", NOW)
    assert [(one.rejection.index, one.rejection.code) for one in decoded.refused] == [
        (1, "wrong_columns")
    ]
    assert len(decoded.rows) == 2


def test_what_is_no_csv_is_told_so() -> None:
    with pytest.raises(UndecodableError):
        list(csv_rows('a,b\n"1,2\n'))


SPELLINGS: dict[str, Row] = {
    "webhook": USAGE,
    "record": {
        "id": "r-1", "timestamp": AT, "provider": "openai", "model": {"name": "gpt-4o"},
        "organizationId": "acme", "promptTokens": 7, "completionTokens": 3, "totalTokens": 10,
        "cachedTokens": 2, "reasoningTokens": 1, "latencyMs": 50, "timeToFirstTokenMs": 20,
        "metadata": {"session_id": "s"}, "source": {"type": "api", "endpoint": "/v1"},
    },
    "request": {
        "request_id": "r-1", "organization_id": "acme", "provider": "openai", "model_id": "gpt-4o",
        "input_tokens": 7, "output_tokens": 3, "total_tokens": 10, "cached_tokens": 2,
        "reasoning_tokens": 1, "latency_ms": 50, "time_to_first_token_ms": 20, "timestamp": AT,
        "metadata": {"session_id": "s"},
    },
    "sdk": {
        "request_id": "r-1", "organization_id": "acme", "provider": "openai", "model": "gpt-4o",
        "prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10, "cached_tokens": 2,
        "reasoning_tokens": 1, "latency_ms": 50, "time_to_first_token_ms": 20,
        "timestamp": 1763546400, "metadata": {"session_id": "s"},
    },
}  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_usage_is_one_thing_in_every_spelling(spelling: str) -> None:
    row = one(SPELLINGS[spelling])
    assert (row["event_type"], row["event_id"]) == ("usage.recorded", "r-1")
    assert tokens(row) == [7, 3, 10, 2, 1]
    assert (row["latency_ms"], row["ttft_ms"], row["session_id"]) == (50, 20, "s")
    assert (row["model"], row["account_id"], row["occurred_at"]) == ("gpt-4o", "acme", START)


def test_what_has_no_column_of_a_usage_record_is_kept() -> None:
    webhook, record = one(USAGE)["attributes"], one(SPELLINGS["record"])["attributes"]
    assert webhook == {
        "model_version": "2024-11-20",
        "context_window": 128000,
        "team": "x",
        "tags": [],
    }
    assert record["ingestion_source"] == {"type": "api", "endpoint": "/v1"}


def test_an_id_beside_the_id_is_kept() -> None:
    row = one({**SPELLINGS["record"], "requestId": "q"})
    assert (row["event_id"], row["attributes"]["requestId"]) == ("r-1", "q")


def test_two_submissions_that_name_no_request_are_two_where_anything_differs() -> None:
    bare = {**SPELLINGS["sdk"], "request_id": None}
    first, again, other = sent(bare, bare, {**bare, "prompt_tokens": 8})
    assert first["event_id"] == again["event_id"] != other["event_id"]


def stream(kind: str, **members: Any) -> Row:
    return {"message_id": "m-1", "event_type": kind, "created_at": AT, "payload": USAGE,
            "retry_count": 0, **members}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "event_type"),
    [
        ("usage_created", "usage.recorded"),
        ("batch_uploaded", "usage.recorded"),
        ("usage_updated", "usage.updated"),
        ("usage_soft_deleted", "usage.soft_deleted"),
        ("brand new", "usage.message"),
    ],
)
def test_a_message_of_the_stream_says_what_happened(kind: str, event_type: str) -> None:
    row = one(stream(kind))
    assert (row["event_type"], row["original_type"]) == (event_type, kind)
    assert (row["event_id"], row["correlation_id"]) == ("m-1", "r-1")
    assert row["attributes"]["request_id"] == "r-1"


def test_a_message_delivered_again_has_the_same_key() -> None:
    first, again = sent(stream("usage_created"), stream("usage_created", retry_count=3))
    assert first["event_key"] == again["event_key"]
    assert again["attributes"]["retry_count"] == 3


def test_an_entry_of_the_redis_stream_is_its_payload() -> None:
    wrapped = one({"payload": json.dumps(stream("usage_created"))})
    bare = one({"payload": json.dumps(USAGE)})
    assert (wrapped["event_id"], bare["event_id"]) == ("m-1", "r-1")
    body = json.dumps({"payload": "no json"}).encode()
    decoded = decode_native(INTEGRATIONS["costops"], body, "application/json", NOW)
    assert [one.rejection.code for one in decoded.refused] == [UndecodableError.code]


def test_a_batch_is_its_records() -> None:
    rows = sent(
        {"batch_id": "b", "source": "s", "records": [USAGE, {**USAGE, "request_id": "r-2"}]}
    )
    assert [row["event_id"] for row in rows] == ["r-1", "r-2"]


def test_a_reply_to_a_record_is_not_the_record() -> None:
    reply = {
        "request_id": "r-1",
        "status": "success",
        "accepted": 1,
        "rejected": 0,
        "processed_at": AT,
    }
    row, usage = one(reply), one(USAGE)
    assert row["event_id"] != usage["event_id"]
    assert (row["event_type"], row["status"], row["value"]) == ("usage.ingested", "ok", 0)
    assert one({**reply, "status": "failed"})["status"] == "error"
    assert one({**reply, "status": "queued"})["attributes"]["original_status"] == "queued"


@pytest.mark.parametrize(("estimate", "kept"), [(0.0, None), (0.5, 0.5), (None, None)])
def test_an_estimate_of_nothing_is_unknown(estimate: object, kept: object) -> None:
    booked = {"usage_id": "u-9", "organization_id": "acme", "estimated_cost": estimate,
              "currency": "EUR", "processed_at": AT}  # fmt: skip
    reply = one({"data": booked})
    pair = one({"request": SPELLINGS["request"], "response": {"data": booked}})
    for row in (reply, pair):
        assert row["attributes"].get("estimated_cost") == kept
        assert (row["cost_amount"], row["correlation_id"]) == (None, "u-9")
    assert (reply["event_type"], pair["event_type"], pair["event_id"]) == (
        "usage.booked", "usage.recorded", "u-9",
    )  # fmt: skip
    assert pair["attributes"].get("estimated_cost_currency") == (kept and "EUR")


@pytest.mark.parametrize(
    ("violation", "event_type"),
    [
        ("approaching_limit", "budget.threshold.warning"),
        ("limit_exceeded", "budget.threshold.exceeded"),
        ("over_limit", "budget.threshold.exceeded"),
        ("projected_exceedance", "budget.threshold.projected"),
        ("unusual_pattern", "budget.spending.unusual"),
        ("none", "budget.evaluated"),
        ("brand_new", "budget.evaluated"),
    ],
)
def test_a_signal_is_named_after_its_violation(violation: str, event_type: str) -> None:
    row = one({**SIGNAL, "violation_type": violation})
    assert (row["event_type"], row["event_id"], row["severity"]) == (event_type, "s-1", "medium")
    assert (row["value"], row["unit"]) == (0.8, "ratio")
    assert row["attributes"]["violation_type"] == violation
    assert row["attributes"]["projected_utilization_ratio"] == 1.2


def test_budgets_in_another_currency_are_not_called_dollars() -> None:
    in_euro = one({**SIGNAL, "currency": "EUR"})["attributes"]
    assert (in_euro["remaining_budget"], in_euro["currency"]) == (10, "EUR")
    assert "remaining_usd" not in in_euro


@pytest.mark.parametrize("kind", ["threshold_exceeded", "ThresholdExceeded"])
def test_an_alert_has_no_id_and_either_case(kind: str) -> None:
    alert = {"alert_type": kind, "severity": "critical", "message": "m", "current_spend": 60.0,
             "budget_limit": 50.0, "utilization_percent": 120.0, "projected_spend": None,
             "timestamp": AT}  # fmt: skip
    row = one(alert)
    assert (row["event_type"], row["severity"], row["value"]) == (
        "budget.threshold.exceeded", "critical", 1.2,
    )  # fmt: skip
    assert (row["original_type"], row["cost_usd"]) == (kind, None)
    assert one({**alert, "alert_type": "brand_new"})["event_type"] == "budget.alerted"


def decision(**members: Any) -> Row:
    return {
        "event_id": "d-1", "agent_id": "a", "agent_version": {"major": 2, "minor": 1, "patch": 3},
        "classification": "forecasting", "decision_type": "forecast", "inputs_hash": "0" * 64,
        "outputs": {"total": 5}, "confidence": 0.5, "constraints_applied": [], "timestamp": AT,
        "execution_ref": {"execution_id": "x-1", "workflow_id": "w", "tenant_id": "acme",
                          "correlation_id": "c"},
        "metadata": {}, **members,
    }  # fmt: skip


def test_a_decision_without_a_signal_keeps_its_outputs() -> None:
    row = one(decision())
    assert (row["event_type"], row["account_id"], row["correlation_id"]) == (
        "decision.recorded", "acme", "c",
    )  # fmt: skip
    expected = {"agent_version": "2.1.3", "outputs": {"total": 5}, "execution_id": "x-1"}
    assert expected.items() <= row["attributes"].items()


def test_the_signal_of_a_decision_is_the_same_as_alone() -> None:
    made, signal = sent(decision(outputs=SIGNAL))
    assert signal["event_key"] == one(SIGNAL)["event_key"]
    assert (signal["account_id"], made["attributes"]["signal_id"]) == ("acme", "s-1")
    assert (made["severity"], made["value"]) == (None, None)


def test_the_version_of_an_agent_may_be_a_text() -> None:
    assert one(decision(agent_version="1.2"))["attributes"]["agent_version"] == "1.2"


@pytest.mark.parametrize(
    ("kind", "success", "event_type", "status"),
    [
        ("invocation_start", None, "agent.started", None),
        ("invocation_failed", False, "agent.failed", "error"),
        ("signal_emitted", True, "signal.emitted", "ok"),
        ("brand_new", True, "agent.observed", "ok"),
    ],
)
def test_telemetry_of_an_agent(kind: str, success: object, event_type: str, status: object) -> None:
    row = one({"event_id": "t", "agent_id": "a", "event_type": kind, "timestamp": AT,
               "duration_ms": 3, "success": success, "error": "why", "attributes": {}})  # fmt: skip
    assert (row["event_type"], row["status"], row["latency_ms"]) == (event_type, status, 3)
    assert (row["attributes"]["error"], row["unit"]) == ("why", None)


def test_sums_are_values_and_never_costs() -> None:
    costs = one({"data": {"total_cost": 5.0, "currency": "EUR", "total_tokens": 9,
                          "total_requests": 2, "period_start": AT, "period_end": AT}})  # fmt: skip
    assert (costs["event_type"], costs["value"], costs["unit"]) == ("cost.summarized", 5, "EUR")
    assert (costs["cost_amount"], costs["total_tokens"]) == (None, None)
    window = {"timestamp": AT, "cost": 4.0, "currency": "USD", "provider": "aws", "tags": []}
    moment, hour = sent(window, {**window, "window_seconds": 3600})
    assert (moment["event_type"], moment["cost_usd"]) == ("cost.recorded", 4)
    assert (hour["event_type"], hour["value"], hour["cost_usd"]) == ("cost.summarized", 4, None)


def test_a_price_and_a_forecast_are_told_as_they_are() -> None:
    price = one({"data": [{"id": "p", "provider": "aws", "model_id": "m", "input_price_per_1k": 0.1,
                           "output_price_per_1k": 0.2, "currency": {"CUSTOM": "CHF"},
                           "effective_date": AT, "created_at": AT, "updated_at": AT}],
                 "pagination": {"page": 1}})  # fmt: skip
    assert (price["event_type"], price["event_id"]) == ("price.described", f"p@{AT}")
    assert price["attributes"]["currency"] == "CHF"
    forecast = one({"forecast_id": "f", "horizon_days": 30, "confidence": 0.95, "forecasts": [],
                    "model": "simple_moving_average", "timestamp": AT})  # fmt: skip
    assert (forecast["event_type"], forecast["model"], forecast["score"]) == (
        "cost.forecast", None, 0.95,
    )  # fmt: skip


def test_an_error_is_no_event_and_an_error_within_one_is() -> None:
    body = json.dumps({"error": {"code": "X", "message": "m"}}).encode()
    decoded = decode_native(INTEGRATIONS["costops"], body, "application/json", NOW)
    assert [one.rejection.code for one in decoded.refused] == ["error_reply"]
