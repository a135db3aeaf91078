from collections import Counter, defaultdict
from datetime import date
from statistics import median

from llm_analytics_hub.simulator.story import ATTACKERS, DRIFT_ACCOUNT, Story, to_microseconds


def calls_between(week, begin, end, **members):
    rows = week.of(event_type="inference.completed", **members)
    return [row for row in rows if begin <= row["occurred_at"] < end]


def error_rate(rows):
    return sum(row["status"] == "error" for row in rows) / len(rows)


def test_the_story_is_told_from_its_first_day(monday):
    story = Story(date(2025, 11, 17))
    assert story.moment(1, 0) == to_microseconds(monday)
    assert story.moment(3, 14) - story.moment(1, 0) == (2 * 24 + 14) * 3600 * 10**6


def test_on_day_three_one_provider_is_slow_and_fails(week):
    incident = ("2025-11-19T14", "2025-11-19T16")
    usual = ("2025-11-18T14", "2025-11-18T16")
    hit, before = (calls_between(week, *when, provider="anthropic") for when in (incident, usual))
    spared = calls_between(week, *incident, provider="openai")
    assert error_rate(hit) > 0.2
    assert error_rate(before) < 0.1
    assert error_rate(spared) < 0.1
    assert median(row["latency_ms"] for row in hit) > 2 * median(r["latency_ms"] for r in before)
    traced = [row for row in week.spans.values() if row.get("error.type")]
    in_incident = [row for row in traced if row["gen_ai.provider.name"] == "anthropic"]
    assert len(in_incident) > len(traced) / 2


def test_from_day_four_one_team_spends_more(week):
    spent = defaultdict(float)
    for row in week.of(event_type="cost.recorded"):
        spent[row["account_id"], row["occurred_at"][:10]] += row["cost_usd"]
    assert spent[DRIFT_ACCOUNT, "2025-11-21"] > 2 * spent[DRIFT_ACCOUNT, "2025-11-18"]
    assert spent["team-support", "2025-11-21"] < 1.4 * spent["team-support", "2025-11-18"]


def test_a_budget_that_is_passed_is_warned_of_once_a_day(week):
    warnings = week.of(event_type="budget.threshold.warning", account_id=DRIFT_ACCOUNT)
    counts = Counter((row["occurred_at"][:10], row["severity"]) for row in warnings)
    assert set(counts.values()) == {1}
    assert counts["2025-11-21", "high"] == 1
    for row in warnings:
        attributes = row["attributes"]
        assert (
            row["value"] >= attributes["budget_limit_usd"] * attributes["threshold_percent"] / 100
        )
        assert row["unit"] == "USD"


def test_on_day_five_a_group_of_users_attacks(week):
    threats = week.of(event_type="threat.detected")
    assert threats
    assert {row["occurred_at"][:10] for row in threats} == {"2025-11-21"}
    assert {row["severity"] for row in threats} == {"high", "critical"}
    assert {row["user_id"] for row in threats} <= set(ATTACKERS)
    assert len({row["account_id"] for row in threats}) == 1
    denials = Counter(row["occurred_at"][:10] for row in week.of(status="denied"))
    assert denials["2025-11-21"] > 3 * denials["2025-11-20"]


def test_violations_happen_every_day_with_policy_and_severity(week):
    violations = week.of(event_type="violation.detected")
    assert len({row["occurred_at"][:10] for row in violations}) == 7
    assert all(row["policy_id"] and row["severity"] for row in violations)
    assert {row["severity"] for row in violations} == {"low", "medium", "high", "critical"}


def test_every_day_has_a_release(week):
    apps = [
        row
        for row in week.of(event_type="version.published", asset_version="1.5.0")
        if row["asset_id"].startswith("app-")
    ]
    assert len({row["occurred_at"][:10] for row in apps}) == 7
    assert len(week.of(event_type="asset.deprecated")) == 7
    assert len(week.of(event_type="asset.registered")) == 42 + 7


def test_the_release_of_day_six_makes_its_service_slower(week):
    usual = {"gen_ai.request.model": "gpt-4o-mini", "service.name": "support-assistant"}
    spans = [
        row for row in week.spans.values() if usual.items() <= row.items() and not row["failed"]
    ]
    took = defaultdict(list)
    for row in spans:
        took[row["service.version"]].append(row["gen_ai.response.time_to_first_chunk"])
    assert median(took["1.5.0"]) > 1.2 * median(took["1.4.0"])
