"""What the hub sends to modules, member by member as their samples have it."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.costops.outgoing import (
    forecasting_cluster,
    historical_curve,
    usage_baseline,
    usage_report,
)
from llm_analytics_hub.integrations.governance_dashboard.outgoing import (
    INT32_MAX,
    SENDER,
    audit_log,
    metric_rows,
    report_published,
)
from llm_analytics_hub.integrations.policy_engine.outgoing import Compliance, compliance_report
from llm_analytics_hub.integrations.usage import Member, Period, Point, Scope, Usage, summed

from .wire import ABSENT, body_of, index

sampled = pytest.mark.skipif(not index(), reason=ABSENT)

NOW = datetime(2025, 11, 19, 10, 10, tzinfo=UTC)
TEN = datetime(2025, 11, 19, 10, tzinfo=UTC)
NINE = TEN - timedelta(hours=1)
MONDAY = datetime(2025, 10, 20, tzinfo=UTC)
DAY = timedelta(days=1)
ACME = Scope("acme", "openai", "gpt-4o")


def sample(file: str) -> Any:
    return json.loads(body_of(file))


def days(*tokens: int, start: datetime = MONDAY) -> list[Period]:
    return [Period(start + DAY * n, one, Decimal(one) / 100) for n, one in enumerate(tokens)]


def kinds(value: Any) -> Any:
    """The members and their JSON types, whatever they say; a null says nothing."""
    if isinstance(value, dict):
        return {name: kinds(one) for name, one in value.items()}
    if isinstance(value, list):
        return [kinds(one) for one in value[:1]]
    return None if value is None else type(value).__name__


def same_members(made: Any, expected: Any) -> None:
    assert json.loads(json.dumps(made)) == made  # nothing but JSON
    assert list(made) == list(expected)
    assert kinds(made) == kinds(expected)


WEEKS = [100, 110, 120, 110, 100, 20, 10]


@sampled
def test_a_usage_baseline_has_the_members_of_the_sample() -> None:
    expected = sample("costops/from_hub_usage_baseline.json")
    made = usage_baseline(expected["baseline_id"], days(*WEEKS * 4, 100, 110), "daily", ACME, NOW)
    same_members(made, expected)
    alike = (
        "baseline_id", "start_time", "end_time", "granularity", "organization_id", "provider",
        "model", "seasonality_detected", "seasonality_period", "computed_at",
    )  # fmt: skip
    assert {name: made[name] for name in alike} == {name: expected[name] for name in alike}


def test_a_baseline_says_what_its_formulas_say() -> None:
    made = usage_baseline("b", days(400, 100, 300, 200), "daily", Scope(), NOW)
    expected = {
        "mean_tokens_per_period": 250.0, "std_dev_tokens": 129.09944487,  # of a sample: n - 1
        "mean_cost_per_period": 2.5, "std_dev_cost": 1.2909944487,
        "p50_tokens": 250, "p90_tokens": 370, "p99_tokens": 397,
        "p50_cost": 2.5, "p90_cost": 3.7, "p99_cost": 3.97,
    }  # fmt: skip
    assert {name: made[name] for name in expected} == pytest.approx(expected)
    assert [type(made[f"p{rank}_tokens"]) for rank in (50, 90, 99)] == [int] * 3
    assert (made["organization_id"], made["seasonality_period"]) == (None, None)


@pytest.mark.parametrize(
    ("granularity", "end"), [("hourly", "01"), ("daily", "21"), ("weekly", "27")]
)
def test_a_baseline_ends_with_its_last_period(granularity: str, end: str) -> None:
    steps = {"hourly": timedelta(hours=1), "daily": DAY, "weekly": timedelta(weeks=1)}
    start = MONDAY - steps[granularity]
    both = [Period(at, 5, Decimal()) for at in (MONDAY, start)]
    made = usage_baseline("b", both, granularity, ACME, NOW)
    expected = "2025-10-20T01:00:00Z" if granularity == "hourly" else f"2025-10-{end}T00:00:00Z"
    assert (made["end_time"], made["start_time"]) == (
        expected,
        start.isoformat().replace("+00:00", "Z"),
    )


def test_a_baseline_of_one_period_or_an_unknown_length_is_refused() -> None:
    for periods, granularity, code in (
        (days(5), "daily", "too_few_periods"),
        (days(5, 6), "yearly", "unknown_granularity"),
    ):
        with pytest.raises(InvalidInputError) as refused:
            usage_baseline("b", periods, granularity, ACME, NOW)
        assert refused.value.code == code


def test_a_moment_without_a_zone_is_refused() -> None:
    periods = days(5, 6, start=datetime(2025, 11, 19))  # noqa: DTZ001 - it is the point
    with pytest.raises(InvalidInputError, match="no zone"):
        usage_baseline("b", periods, "daily", ACME, NOW)


@sampled
def test_a_historical_curve_is_the_sample() -> None:
    first, last = TEN.replace(day=18, hour=0), TEN.replace(hour=0)
    points = [Point(last, Decimal("13.1")), Point(first, Decimal("12.5"), 1200)]
    made = historical_curve(
        "cv-1", "cost", points, DAY, Scope("acme"),
        upper=[Point(last, Decimal(16))], confidence=0.95,
    )  # fmt: skip
    expected = sample("costops/from_hub_historical_curve.json")
    assert (made, list(made)) == (expected, list(expected))


def test_a_curve_without_points_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        historical_curve("cv", "cost", [], DAY, ACME)


def cluster(*members: Member, **more: Any) -> dict[str, Any]:
    return forecasting_cluster("k-3", "steady-growers", members, NOW, **more)


GROWING = Member((0.4, 0.9), days(*[100 + 2 * n for n in range(14)]))


@sampled
def test_a_forecasting_cluster_has_the_members_of_the_sample() -> None:
    expected = sample("costops/from_hub_forecasting_cluster.json")
    hours = [Period(MONDAY + timedelta(hours=n), 5, Decimal()) for n in range(24)]
    made = cluster(GROWING, GROWING, hours=hours, others=[[(0.0, 0.0)]])
    same_members(made, expected)
    alike = ("dominant_trend", "hourly_distribution", "dominant_seasonality", "computed_at")
    assert {name: made[name] for name in alike} == {name: expected[name] for name in alike}
    assert len(made["daily_distribution"]) == 7


def test_a_cluster_is_the_mean_of_its_members_days() -> None:
    made = cluster(Member((0, 0), days(100, 300)), Member((3, 4), days(500, 700)))
    expected = {
        "member_count": 2, "centroid": [1.5, 2.0], "mean_daily_tokens": 400.0,
        "mean_daily_cost": 4.0, "growth_rate_percent": 50.0, "silhouette_score": 0.0,
        "cohesion": 1 / 3.5, "hourly_distribution": None,
        "daily_distribution": [0.375, 0.625, 0, 0, 0, 0, 0],
    }  # fmt: skip
    assert {name: made[name] for name in expected} == expected


def test_periods_of_one_start_are_added_up() -> None:
    made = summed([*days(100, 300), *days(1)])
    assert made == [Period(MONDAY, 101, Decimal("1.01")), *days(100, 300)[1:]]


def test_hours_are_told_in_utc() -> None:
    zone = datetime.fromisoformat("2025-10-20T01:00:00+02:00")
    made = cluster(GROWING, hours=[Period(zone, 5, Decimal())])
    assert made["hourly_distribution"].index(1.0) == 23


def test_a_cluster_of_nobody_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        cluster()


@sampled
def test_a_usage_report_is_the_sample() -> None:
    made = usage_report(NINE, TEN, {"gpt-4o": Usage(1388, 1260304)}, TEN)
    expected = sample("document/usage_report_to_costops.json")
    assert (made, list(made)) == (expected, list(expected))


def test_a_usage_report_adds_up() -> None:
    usage: Any = usage_report(NINE, TEN, {"a": Usage(1, 10), "b": Usage(2, 20)}, TEN)["usage"]
    assert (usage["totalRequests"], usage["totalTokens"]) == (3, 30)


FOUND = Compliance(
    12840,
    {"rate_limit": 120, "data-privacy": 210, "contentPolicy": 47},
    {"critical": 7, "high": 88, "medium": 190, "low": 92},
)
BEFORE = Compliance(13406, {"rate_limit": 340}, {"low": 340})


@sampled
def test_a_compliance_report_is_the_sample() -> None:
    made: Any = compliance_report(NINE, TEN, FOUND, TEN, BEFORE)
    expected = sample("document/compliance_metrics_report.json")
    change = made["trends"].pop("violationRateChange")  # of whole violations, 340 before
    assert change == pytest.approx(expected["trends"].pop("violationRateChange"), abs=2e-3)
    assert (made, list(made["metrics"])) == (expected, list(expected["metrics"]))
    assert made["metrics"]["violations"] == 377


@pytest.mark.parametrize(
    "found",
    [
        Compliance(10, {"a": 2}, {"low": 1}),
        Compliance(10, {"a": 1}, {"low": 2}),
        Compliance(1, {"a": 2}, {"low": 2}),
    ],
)
def test_a_compliance_report_whose_sums_disagree_is_not_made(found: Compliance) -> None:
    with pytest.raises(InvalidInputError) as refused:
        compliance_report(NINE, TEN, found, TEN)
    assert refused.value.code == "sums_disagree"


def test_severities_the_documents_lack_are_there_where_they_count() -> None:
    found = Compliance(5, {"a-b": 2, "a_b": 1}, {"high": 1, "unknown": 2, "info": 0})
    metrics: Any = compliance_report(NINE, TEN, found, TEN)["metrics"]
    assert metrics["violationsByType"] == {"aB": 3}
    assert metrics["violationsBySeverity"] == {
        "critical": 0, "high": 1, "medium": 0, "low": 0, "unknown": 2,
    }  # fmt: skip


def test_what_is_unknown_of_compliance_is_null() -> None:
    report: Any = compliance_report(NINE, TEN, Compliance(0, {}, {}), TEN)
    assert report["metrics"]["complianceRate"] is None
    assert report["trends"] == {"complianceRateChange": None, "violationRateChange": None}


def test_reports_of_shorter_periods_have_ids_of_their_own() -> None:
    half = timedelta(minutes=30)
    ends = (TEN, TEN + half, TEN + timedelta(seconds=5))
    ids = [compliance_report(NINE, end, FOUND, TEN)["reportId"] for end in ends]
    assert ids == ["rep-2025-11-19T10", "rep-2025-11-19T10:30", "rep-2025-11-19T10:00:05"]


TEAM = "f894427c-c1c5-41f7-9da4-9605ef8b112f"
CALL = {
    "provider": "openai", "model": "gpt-4o", "input_tokens": 812, "output_tokens": 96,
    "latency_ms": 1431.6, "cost_usd": "0.002990000000", "correlation_id": "req-118", "status": "ok",
    "attributes": {"team_id": TEAM, "endpoint": "/v1/chat/completions"},
}  # fmt: skip
LIMITED = {
    "provider": "openai", "model": "gpt-4o", "input_tokens": 812, "latency_ms": 1432,
    "correlation_id": "req-119", "status": "error", "error_type": "RateLimitError",
}  # fmt: skip


@sampled
def test_a_metrics_row_is_the_sample() -> None:
    (made,) = metric_rows([CALL]).rows
    expected = sample("governance-dashboard/to_metrics_ingest.json")
    same_members(made, expected)
    assert made == expected


@sampled
def test_a_metrics_batch_is_the_sample_and_says_who_sent_it() -> None:
    made = metric_rows([CALL, LIMITED]).rows
    first, second = sample("governance-dashboard/to_metrics_batch_array.json")
    assert made == [first, second | {"metadata": SENDER}]


def test_what_is_over_32_bits_is_clipped_and_counted() -> None:
    huge = {"input_tokens": 2**31, "output_tokens": INT32_MAX, "latency_ms": 1e12}
    made = metric_rows([CALL | huge, CALL])
    members = ("tokens_in", "tokens_out", "latency_ms")
    assert [made.rows[0][name] for name in members] == [INT32_MAX] * 3
    assert (made.clipped, made.left_out) == (2, 0)


@pytest.mark.parametrize(
    "lacking", ["model", "provider", "output_tokens", "latency_ms", "cost_usd"]
)
def test_a_call_of_which_too_little_is_known_is_left_out_and_counted(lacking: str) -> None:
    made = metric_rows([CALL | {lacking: None}, CALL])
    assert (len(made.rows), made.left_out) == (1, 1)


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        ("ok", None, "success"),
        (None, None, "success"),
        ("error", None, "error"),
        ("error", "ReadTimeout", "timeout"),
        ("error", "rate_limit_exceeded", "rate_limited"),
        ("error", "429", "rate_limited"),
        ("denied", "content_filter", "error"),
    ],
)
def test_a_row_says_how_the_call_went(status: Any, reason: Any, said: str) -> None:
    (row,) = metric_rows([CALL | {"status": status, "error_type": reason}]).rows
    assert row["status"] == said


def test_a_team_that_is_no_uuid_would_lose_the_batch_and_is_not_sent() -> None:
    (row,) = metric_rows([CALL | {"attributes": {"team_id": "blue"}}]).rows
    assert "team_id" not in row


@sampled
def test_an_audit_log_is_the_sample() -> None:
    made = report_published("rep-2025-11-19T10", 0.958801, 377)
    expected = sample("governance-dashboard/to_audit_log_create.json")
    assert (made, list(made)) == (expected, list(expected))


@pytest.mark.parametrize("empty", [("", "t", "i"), ("a", "", "i"), ("a", "t", "")])
def test_an_audit_log_of_nothing_is_refused(empty: tuple[str, str, str]) -> None:
    with pytest.raises(InvalidInputError):
        audit_log(*empty, {})
