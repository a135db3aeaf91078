"""Units that the names of metrics tell."""

import pytest

from llm_analytics_hub.integrations.metric_names import unit_of


@pytest.mark.parametrize(
    ("metric", "unit"),
    [
        ("latency_ms", "ms"),
        ("Cost_USD", "USD"),
        ("total_tokens", "tokens"),
        ("tokens", "tokens"),
        ("tokens_per_second", "per_second"),
        ("error_rate", "ratio"),
        ("availability", "%"),
        ("request_rate", None),
        ("prompt_injection_score", None),
        ("items", None),
        ("", None),
        (None, None),
        ({"custom": "x_ms"}, None),
    ],
)
def test_a_name_tells_its_unit_or_nothing(metric: object, unit: str | None) -> None:
    assert unit_of(metric) == unit
