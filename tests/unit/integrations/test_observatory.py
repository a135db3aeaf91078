"""What the observatory sends, beyond what the samples show."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from llm_analytics_hub.errors import UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.otlp import decode_otlp_traces
from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.integrations.native import decode_native
from llm_analytics_hub.integrations.observatory.otlp import decode_otlp

from .wire import NOW, Row, events_of

AT = "2025-11-19T10:00:00Z"
START = datetime(2025, 11, 19, 10, 0, tzinfo=UTC)
TRACE_ID, SPAN_ID = "83f1535f99ab0bf4e9d02dfd85d3e3f7", "8ddf878039b70767"
SPAN: Row = {
    "trace_id": TRACE_ID,
    "span_id": SPAN_ID,
    "parent_span_id": None,
    "name": "llm.completion",
    "provider": "selfhosted",
    "model": "llama-3.1-70b",
    "input": {"type": "text", "prompt": "secret question"},
    "output": None,
    "token_usage": None,
    "cost": None,
    "latency": {"total_ms": 1432, "ttft_ms": None, "start_time": AT, "end_time": None},
    "metadata": {
        "user_id": None,
        "environment": None,
        "tags": [],
        "attributes": {"tenant": "acme"},
    },
    "status": "ERROR",
    "attributes": {"tenant": "other", "sample_rate": 0.01},
    "events": [],
}
API_TRACE: Row = {
    "ts": AT, "trace_id": TRACE_ID, "span_id": SPAN_ID, "provider": "self-hosted", "model": "m",
}  # fmt: skip
STORED: Row = {
    "id": "1952a018", "trace_id": "e7d707a2-6e7f-4b6f-b52c-489c60e429b1", "span_id": SPAN_ID,
    "parent_span_id": None, "name": "call", "kind": "client", "service_name": "bot",
    "start_time": AT, "end_time": None, "duration_us": 1500, "status": "ok",
    "status_message": None, "attributes": {}, "events": None, "links": None, "created_at": AT,
}  # fmt: skip
OTLP: Row = {"resourceSpans": [{"scopeSpans": [{"scope": {"name": "s"}, "spans": [{
    "traceId": TRACE_ID, "spanId": SPAN_ID, "name": "llm.completion",
    "startTimeUnixNano": "1763546400000000000", "endTimeUnixNano": "1763546401432000000",
}]}]}]}  # fmt: skip


def sent(*documents: Row) -> list[Row]:
    body = json.dumps(documents[0] if len(documents) == 1 else documents).encode()
    return events_of("observatory", body, "application/json")


def one(document: Row) -> Row:
    (row,) = sent(document)
    return row


def raw(document: Row) -> Row:
    body = json.dumps(document).encode()
    (row,) = decode_native(INTEGRATIONS["observatory"], body, "application/json", NOW).rows
    return dict(row)


def refusals(document: Row) -> list[str]:
    body = json.dumps(document).encode()
    decoded = decode_native(INTEGRATIONS["observatory"], body, "application/json", NOW)
    assert not decoded.rows
    return [refused.rejection.code for refused in decoded.refused]


def otlp_events(body: bytes, content_type: str = "application/json") -> list[Row]:
    return events_of("observatory", body, content_type)


def test_a_span_that_knows_little_is_a_call_with_unknowns() -> None:
    row = one(SPAN)
    assert (row["event_type"], row["status"], row["operation"]) == (
        "inference.completed", "error", "text_completion",
    )  # fmt: skip
    names = ("input_tokens", "total_tokens", "cost_usd", "cost_amount", "ttft_ms", "user_id")
    assert [row[name] for name in names] == [None] * len(names)
    assert (row["latency_ms"], row["occurred_at"]) == (1432, START)
    assert row["attributes"]["sample_rate"] == 0.01


@pytest.mark.parametrize(
    "spelling", ["selfhosted", "self-hosted", "SelfHosted", {"custom": "selfhosted"}]
)
def test_a_provider_has_one_name(spelling: object) -> None:
    assert one({**SPAN, "provider": spelling})["provider"] == "self-hosted"


def test_a_provider_nobody_listed_keeps_its_name() -> None:
    assert one({**SPAN, "provider": {"custom": "Groq"}})["provider"] == "groq"


def test_attributes_of_two_places_are_both_kept() -> None:
    attributes = one(SPAN)["attributes"]
    assert attributes["tenant"] == "other"
    assert attributes["attributes"] == {"tenant": "acme"}


def test_prompts_are_contents_and_no_attributes() -> None:
    events = [{"name": "gen_ai.prompt", "timestamp": AT, "attributes": {"gen_ai.prompt": "secret"}}]
    said = {"output": {"content": "secret answer", "finish_reason": "stop", "metadata": {}}}
    attributes = {"gen_ai.prompt.0.content": "secret", "llm.output": "secret"}
    row = raw({**SPAN, **said, "events": events, "attributes": attributes})
    assert "secret" not in json.dumps(row["attributes"])
    assert row["content"]["input"] == {"type": "text", "prompt": "secret question"}
    assert row["content"]["output"] == {"content": "secret answer", "metadata": {}}
    assert row["content"]["span_events"] == events
    assert row["attributes"]["finish_reason"] == "stop"


def test_the_first_token_is_found_among_the_events() -> None:
    events = [
        {"name": "llm.first_token", "timestamp": "2025-11-19T10:00:00.310Z", "attributes": {}}
    ]
    assert one({**SPAN, "events": events})["ttft_ms"] == 310
    early = [{"name": "llm.first_token", "timestamp": "2025-11-19T09:59:59Z", "attributes": {}}]
    assert one({**SPAN, "events": early})["ttft_ms"] is None


@pytest.mark.parametrize(
    ("cost", "usd", "amount", "currency"),
    [
        ({"amount_usd": 0.5, "currency": "USD"}, Decimal("0.5"), None, None),
        ({"amount_usd": 0.5, "currency": "usd"}, Decimal("0.5"), None, None),
        ({"amount_usd": 0.5}, Decimal("0.5"), None, None),
        ({"amount_usd": 0.5, "currency": "EUR"}, Decimal("0.565"), Decimal("0.5"), "EUR"),
        ({"amount_usd": 0.5, "currency": "XTS"}, None, Decimal("0.5"), "XTS"),
    ],
)
def test_a_cost_is_of_the_currency_beside_it(
    cost: Row, usd: object, amount: object, currency: object
) -> None:
    row = one({**SPAN, "cost": {**cost, "prompt_cost": 0.3, "completion_cost": None}})
    assert (row["cost_usd"], row["cost_amount"], row["cost_currency"]) == (usd, amount, currency)
    name = "prompt_cost_usd" if currency is None else "prompt_cost"
    assert row["attributes"][name] == 0.3


def test_a_span_counts_once_whichever_way_it_comes() -> None:
    rows = sent({**SPAN, "trace_id": TRACE_ID.upper()}, API_TRACE)
    (pushed,) = otlp_events(json.dumps(OTLP).encode())
    keys = {row["event_key"] for row in (*rows, pushed)}
    assert (len(keys), pushed["event_id"]) == (1, f"{TRACE_ID}:{SPAN_ID}")


def test_otlp_goes_the_way_of_the_traces_door() -> None:
    body = json.dumps(OTLP).encode()
    there = decode_otlp_traces(body, "application/json")
    assert list(decode_native(INTEGRATIONS["observatory"], body, "", NOW).rows) == list(there.rows)


def test_otlp_comes_in_arrays_and_on_lines_too() -> None:
    other = json.loads(json.dumps(OTLP).replace(SPAN_ID, "fede84d11c715719"))
    lines = "\n".join(map(json.dumps, (OTLP, other))).encode()
    ids = {f"{TRACE_ID}:{SPAN_ID}", f"{TRACE_ID}:fede84d11c715719"}
    assert {row["event_id"] for row in sent(OTLP, other)} == ids
    assert {row["event_id"] for row in otlp_events(lines, "application/x-ndjson")} == ids


def test_spans_that_cannot_be_stored_are_refused_one_by_one() -> None:
    spans = OTLP["resourceSpans"][0]["scopeSpans"][0]["spans"]
    body = json.loads(json.dumps(OTLP))
    body["resourceSpans"][0]["scopeSpans"][0]["spans"] = [{**spans[0], "traceId": ""}, spans[0]]
    decoded = decode_native(INTEGRATIONS["observatory"], json.dumps(body).encode(), "", NOW)
    assert [one.rejection.code for one in decoded.refused] == ["invalid_trace_id"]
    assert len(decoded.rows) == 1


def test_otlp_logs_are_events_and_metrics_are_not() -> None:
    record = {"timeUnixNano": "1763546400000000000", "body": {"stringValue": "hello"}}
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}
    assert [row["event_type"] for row in otlp_events(json.dumps(logs).encode())] == ["log.recorded"]
    with pytest.raises(UnsupportedMediaTypeError):
        decode_otlp(b'{"resourceMetrics": []}', "application/json")


def test_a_text_that_names_otlp_is_none() -> None:
    row = one({**SPAN, "attributes": {"note": "resourceSpans"}})
    assert row["attributes"]["note"] == "resourceSpans"


def test_a_row_of_the_api_says_what_it_knows() -> None:
    row = one({**API_TRACE, "input_text": "q", "prompt_cost_usd": "0.01",
               "completion_cost_usd": "0.02", "error_message": "timeout", "status_code": "ERROR",
               "sample_rate": 0.01, "attributes": None})  # fmt: skip
    assert (row["cost_usd"], row["status"], row["error_type"]) == (Decimal("0.03"), "error", None)
    assert row["attributes"]["status_message"] == "timeout"
    assert row["attributes"]["sample_rate"] == 0.01
    assert row["content_id"] is None or "q" not in json.dumps(row["attributes"])


def test_half_of_a_cost_is_no_cost() -> None:
    row = one({**API_TRACE, "prompt_cost_usd": 0.01})
    assert (row["cost_usd"], row["attributes"]["prompt_cost_usd"]) == (None, 0.01)


def test_an_export_in_csv_is_rows_of_the_api() -> None:
    text = f"ts,trace_id,span_id,provider,model,prompt_tokens,duration_ms\n{AT},{TRACE_ID},{SPAN_ID},openai,gpt-4o,12,\n"
    (row,) = events_of("observatory", text.encode(), "text/csv")
    assert (row["event_type"], row["input_tokens"], row["latency_ms"]) == (
        "inference.completed", 12, None,
    )  # fmt: skip


def test_a_stored_span_of_any_sdk() -> None:
    row = one({**STORED, "attributes": {
        "gen_ai.system": "OpenAI", "gen_ai.request.model": "gpt-4o", "llm.prompt.tokens": 3,
        "llm.response.tokens": 4, "llm.cost_usd": 0.1, "llm.user.id": "u",
        "llm.metrics.ttft_ms": 5, "deployment.environment": "test", "error.type": "E",
        "llm.input": {"prompt": "secret"}, "x": 1,
    }})  # fmt: skip
    assert (row["provider"], row["model"], row["user_id"]) == ("openai", "gpt-4o", "u")
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (3, 4, Decimal("0.1"))
    assert (row["ttft_ms"], row["latency_ms"], row["environment"]) == (5, 1.5, "test")
    assert (row["event_type"], row["error_type"]) == ("inference.completed", "E")
    assert "secret" not in json.dumps(row["attributes"])
    assert row["attributes"]["x"] == 1


def test_a_stored_span_that_is_no_call_has_no_numbers_of_one() -> None:
    plain, agent = sent(STORED, {**STORED, "span_id": "b" * 16, "attributes": {
        "gen_ai.operation.name": "invoke_agent", "llm.model": "gpt-4o",
        "llm.usage.total_tokens": 9, "llm.cost.total_usd": 1.0,
    }})  # fmt: skip
    assert (plain["event_type"], agent["event_type"]) == ("span.completed", "agent.completed")
    assert (agent["total_tokens"], agent["cost_usd"]) == (None, None)
    assert agent["attributes"]["llm.usage.total_tokens"] == 9


def test_a_stored_span_without_duration_has_that_of_its_times() -> None:
    ended = {**STORED, "duration_us": None, "end_time": "2025-11-19T10:00:02.5Z"}
    assert one(ended)["latency_ms"] == 2500
    assert one({**STORED, "duration_us": None})["latency_ms"] is None


def test_a_stored_trace_joins_the_id_of_its_row_to_that_of_otlp() -> None:
    row = one({**STORED, "id": "row-1", "trace_id": TRACE_ID, "span_id": None, "span_count": 3,
               "updated_at": AT, "duration_us": 2000})  # fmt: skip
    assert (row["event_type"], row["trace_id"], row["latency_ms"]) == (
        "trace.described",
        TRACE_ID,
        2,
    )
    assert row["attributes"]["trace_row_id"] == "row-1"


def test_a_stored_log_keeps_its_text_out_of_the_attributes() -> None:
    row = one({"id": "l1", "timestamp": AT, "observed_timestamp": AT, "severity_number": 17,
               "severity_text": None, "body": "secret", "service_name": "bot", "span_id": SPAN_ID,
               "trace_id": TRACE_ID, "attributes": {"k": 1}})  # fmt: skip
    assert (row["event_type"], row["severity"], row["event_id"]) == ("log.recorded", "high", "l1")
    assert (row["span_id"], row["parent_span_id"]) == (None, SPAN_ID)
    assert "secret" not in json.dumps(row["attributes"])


@pytest.mark.parametrize(
    ("count", "buckets", "overflow"),
    [
        (10, [{"boundary": 1, "count": 7}], 3),
        (7, [{"boundary": 1, "count": 7}], 0),
        (None, [{"boundary": 1, "count": 7}], None),
        (7, None, None),
        (7, [{"boundary": 1}], None),
    ],
)
def test_what_lies_above_the_last_boundary(
    count: object, buckets: object, overflow: object
) -> None:
    point = {"id": "p", "metric_id": "m", "timestamp": AT, "value": None, "count": count, "sum": 1.0,
             "buckets": buckets, "attributes": {"model": "gpt-4o"}}  # fmt: skip
    row = one(point)
    assert (row["event_type"], row["model"], row["value"]) == ("metrics.collected", "gpt-4o", None)
    assert row["attributes"].get("overflow_count") == overflow


def test_a_point_has_the_unit_that_is_known_of_its_metric() -> None:
    point = {"id": "p", "metric_id": "m", "timestamp": AT, "value": 2.0}
    assert one(point)["unit"] is None
    assert one({**point, "name": "queue", "unit": "s"})["value"] == 2000
    named = one({"timestamp": AT, "name": "p95_duration_ms", "value": 7, "labels": {"a": "b"}})
    assert (named["unit"], named["attributes"]["metric"]) == ("ms", "p95_duration_ms")


def test_a_metrics_reply_is_an_event_for_each_number() -> None:
    row = {"timestamp": AT, "provider": "googlevertexai", "model": None, "status_code": "OK",
           "avg_duration_ms": 12.5, "total_cost_usd": 0.4, "request_count": 3, "error_rate": 0.5}  # fmt: skip
    rows = sent({"metadata": {"interval": "1hour"}, "data": [row]})
    found = {one["attributes"]["metric"]: (one["value"], one["unit"]) for one in rows}
    assert found == {"avg_duration_ms": (12.5, "ms"), "total_cost_usd": (0.4, "USD"),
                     "request_count": (3, "count"), "error_rate": (0.5, "ratio")}  # fmt: skip
    assert {one["provider"] for one in rows} == {"google"}
    assert {one["attributes"]["status_code"] for one in rows} == {"OK"}
    assert {(one["event_type"], one["cost_usd"]) for one in rows} == {("metrics.collected", None)}


def test_sums_are_values_and_never_costs_or_calls() -> None:
    period = {"start_time": AT, "end_time": AT}
    summaries: list[tuple[Row, str, Any]] = [
        ({"metadata": {"generated_at": AT}, "overview": {"total_cost": 4.0, "total_tokens": 9}}, "cost.summarized", (4, "USD")),
        ({"metadata": period, "historical": [], "forecast": [], "summary": {"total_forecasted_cost": 7.0}}, "cost.forecast", (7, "USD")),
        ({"current_period": {"total_requests": 2, "error_rate": 0.5, "total_tokens": 4}, "quality": {}}, "metrics.summarized", (0.5, "ratio")),
        ({"request_count": 3, "avg_latency_ms": 8.0, "total_tokens": 5}, "performance.summarized", (8, "ms")),
        ({"total_requests": 3, "error_rate": 0.25, "success_rate": 0.75}, "quality.summarized", (0.25, "ratio")),
    ]  # fmt: skip
    for document, event_type, value in summaries:
        row = one(document)
        assert (row["event_type"], (row["value"], row["unit"])) == (event_type, value)
        assert (row["total_tokens"], row["cost_usd"]) == (None, None)


def test_an_attribution_is_a_sum_and_its_shares() -> None:
    item = {"dimension_value": "u-1", "total_cost": 3.0, "cost_percentage": 75.0}
    total, share = sent({"metadata": {"dimension": "user", "start_time": AT, "end_time": AT},
                         "items": [item], "summary": {"total_cost": 4.0}})  # fmt: skip
    assert (total["value"], share["value"], share["user_id"]) == (4, 3, "u-1")
    assert (share["event_type"], share["attributes"]["cost_ratio"]) == ("cost.attributed", 0.75)


def ws(kind: str, **data: Any) -> Row:
    return {"type": "event", "event_type": kind, "data": data, "timestamp": "2025-11-19T10:00:09Z"}


@pytest.mark.parametrize(
    ("kind", "event_type"),
    [
        ("trace_updated", "trace.updated"),
        ("export_job_status", "export.status_changed"),
        ("system_alert", "system.alerted"),
        ("brand_new", "observatory.event"),
    ],
)
def test_a_message_of_the_websocket_has_its_name(kind: str, event_type: str) -> None:
    row = one(ws(kind, org_id="o", timestamp=AT))
    assert (row["event_type"], row["original_type"]) == (event_type, kind)
    assert (row["occurred_at"], row["account_id"], row["unit"]) == (START, "o", None)


def test_a_message_without_a_time_of_its_own_has_that_of_its_sending() -> None:
    row = one(ws("system_alert", severity="warning", message="m"))
    assert (row["occurred_at"].second, row["severity"]) == (9, "medium")


def test_a_trace_told_to_two_subscribers_is_one_event_and_no_cost() -> None:
    told = ws("trace_created", trace_id=TRACE_ID, cost_usd=0.5, duration_ms=3, timestamp=AT)
    first, second = sent(told, {**told, "timestamp": "2025-11-19T10:00:10Z"})
    assert first["event_id"] == second["event_id"]
    assert (first["value"], first["unit"], first["cost_usd"]) == (0.5, "USD", None)


def test_progress_of_an_export_is_a_share() -> None:
    row = one(ws("export_job_status", job_id="j", status="failed", progress_percent=40))
    assert (row["value"], row["unit"], row["status"]) == (0.4, "ratio", "error")


def test_the_fixture_shape_counts_only_calls_of_models() -> None:
    spans = [
        {"span_id": "a", "name": "tool", "kind": "tool", "duration_ms": 3, "status": "error",
         "token_usage": {"total_tokens": 5}, "cost": {"cost_usd": 1.0}},
        {"span_id": "b", "name": "mystery", "kind": "brand_new", "status": None},
    ]  # fmt: skip
    tool, mystery = sent({"trace_id": "t", "model": "gpt-4o", "provider": "openai", "spans": spans})
    assert (tool["event_type"], tool["total_tokens"], tool["cost_usd"]) == (
        "tool.completed",
        None,
        None,
    )
    assert (tool["status"], tool["attributes"]["token_usage"]) == ("error", {"total_tokens": 5})
    assert (mystery["event_type"], mystery["event_id"]) == ("span.completed", "t:b")


def test_an_alert_about_a_budget_and_an_event_of_telemetry() -> None:
    alert = one({"id": "a", "budget_id": "b", "org_id": "o", "severity": "critical",
                 "percentage_used": 95.0, "triggered_at": AT})  # fmt: skip
    assert (alert["event_type"], alert["value"]) == ("budget.threshold.critical", 0.95)
    call = {"event_id": "e", "timestamp": AT, "event_type": "llm_request", "provider": "openai",
            "model": "gpt-4o", "organization_id": "o", "prompt_tokens": 3, "latency_ms": 7}  # fmt: skip
    assert one(call)["event_type"] == "inference.completed"
    assert one({**call, "event_type": "token_usage"})["event_type"] == "usage.recorded"
    assert one({**call, "event_type": "brand_new"})["event_type"] == "observatory.event"


@pytest.mark.parametrize(
    "error",
    [
        {"error": "not_found", "message": "no such trace", "details": None},
        {"type": "error", "code": "bad", "message": "m"},
        {"status": "error", "data": None, "meta": {"timestamp": AT}},
    ],
)
def test_an_error_is_no_event(error: Row) -> None:
    assert refusals(error) == ["error_reply"]
