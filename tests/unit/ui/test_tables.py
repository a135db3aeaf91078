from decimal import Decimal

from llm_analytics_hub.ui.tables import health_list, incidents_table, models_table, severity_badge

from .conftest import NOW, MakeSnapshot

MODEL = {
    "model": "gpt-4o", "requests": 12_345, "input_tokens": 1, "output_tokens": None,
    "cost_usd": Decimal("1.5"), "latency_ms_p95": 820.4, "error_rate": 0.5,
}  # fmt: skip


def test_models_show_exact_numbers_on_hover(make_snapshot: MakeSnapshot) -> None:
    text = str(models_table(make_snapshot(models=[MODEL])))
    assert "gpt-4o" in text
    assert "'12.3k'" in text
    assert "'12,345 model calls'" in text
    assert "'unknown'" in text


def test_a_model_of_unknown_cost_has_no_bar(make_snapshot: MakeSnapshot) -> None:
    text = str(models_table(make_snapshot(models=[MODEL | {"model": "", "cost_usd": None}])))
    assert " 0.0%" in text
    assert "unknown" in text


def test_incidents_show_the_viewers_time_and_the_exact_one(make_snapshot: MakeSnapshot) -> None:
    row = dict.fromkeys(("severity", "source", "status", "model", "service", "policy_id"))
    shot = make_snapshot(incidents=[row | {"occurred_at": NOW, "event_type": "threat.detected"}])
    text = str(incidents_table(shot))
    assert "19 Nov 12:00:00" in text
    assert "2025-11-19T12:00:00.000000Z" in text


def test_empty_tables_say_so(make_snapshot: MakeSnapshot) -> None:
    assert "No model calls" in str(models_table(make_snapshot()))
    assert "all quiet" in str(incidents_table(make_snapshot()))
    assert "Nothing refused" in str(health_list(make_snapshot()))


def test_the_rate_is_per_second(make_snapshot: MakeSnapshot) -> None:
    assert "'2.5'" in str(health_list(make_snapshot(last_minute=[{"events": 150}])))


def test_a_severity_nobody_knows_is_unknown() -> None:
    assert "severity-unknown" in str(severity_badge(None))
