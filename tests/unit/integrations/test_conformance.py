"""Every sample of what the modules send goes through its module's door and yields what is expected.

A fact of a sample is a name in its `expect`; FACTS says where the hub has it. Samples of what the hub
sends are compared member by member with what it makes (`test_outgoing.py`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.integrations.native import decode_native

from .wire import (
    ABSENT,
    AT_DOCUMENT_RATES,
    NOW,
    RULES,
    SKEWED,
    TYPES,
    Row,
    body_of,
    door_of,
    index,
    sample_events,
)

pytestmark = pytest.mark.skipif(not index(), reason=ABSENT)

OUTGOING = ("accepted_from_hub", "request_to_costops")
"""Kinds of samples that the hub sends, or that go from elsewhere to a module."""
ERRORS = ("api_error",)
EMPTY = ("costops/rest_usage_history_page.json",)
"""Pages without rows."""

Fact = Callable[[list[Row]], Any]


def of(column: str) -> Fact:
    return lambda rows: rows[0][column]


def attribute(name: str) -> Fact:
    return lambda rows: rows[0]["attributes"].get(name)


def number(column: str) -> Fact:
    return lambda rows: None if rows[0][column] is None else float(rows[0][column])


def in_unit(unit: str) -> Fact:
    def value(rows: list[Row]) -> Any:
        assert rows[0]["unit"] == unit
        return rows[0]["value"]

    return value


def dollars(rows: list[Row]) -> Any:
    """What a call cost. What an anomaly measured was spent by calls that are counted: a value."""
    is_measured = rows[0]["event_type"] == "anomaly.detected"
    return in_unit("USD")(rows) if is_measured else number("cost_usd")(rows)


def moments(rows: list[Row]) -> Any:
    found = [None if row["occurred_at"] == NOW else row["occurred_at"] for row in rows]
    return found if len(set(found)) > 1 else found[0]  # a derived event has the time of its cause


def kept_raw(rows: list[Row]) -> str:
    assert rows[0]["event_type"] == "registry.custom"
    assert rows[0]["original_type"] == "model_card_published"
    return "unknown registry event, keep raw"


def is_violation(rows: list[Row]) -> bool:
    return "violation.detected" in {row["event_type"] for row in rows}


FACTS: dict[str, Fact] = {
    "accept": lambda rows: "yes (extend enum)" if rows else "no",
    "agent_version": attribute("agent_version"),
    "assetId": of("asset_id"),
    "assetName": attribute("asset_name"),
    "asset_id": of("asset_id"),
    "assets": lambda rows: list(dict.fromkeys(rows[0]["attributes"]["cycle_asset_ids"])),
    "baseline": attribute("baseline"),
    "complianceRate": in_unit("ratio"),
    "cost_original": number("cost_amount"),
    "cost_usd": dollars,
    "cost_usd_at_doc_rate": number("cost_usd"),
    "createdAt_utc": moments,
    "currency": of("cost_currency"),
    "dedup_key": of("event_id"),
    "doc_event_type": of("event_type"),
    "duration_ms": of("latency_ms"),
    "id": of("event_id"),
    "is_violation": is_violation,
    "kind": kept_raw,
    "latency_ms": of("latency_ms"),
    "limit": attribute("limit"),
    "model": of("model"),
    "overflow_count": attribute("overflow_count"),
    "owner": attribute("owner"),
    "policyId": of("policy_id"),
    "prompt_tokens": of("input_tokens"),
    "provider": of("provider"),
    "remaining_usd": attribute("remaining_usd"),
    "row2_cost_usd": lambda rows: rows[1]["cost_usd"],
    "row2_tokens": lambda rows: rows[1]["total_tokens"],
    "rows": len,
    "severity": lambda rows: rows[0]["severity"].upper(),
    "sizeBytes": attribute("size_bytes"),
    "source": of("source"),
    "timeout_ms": attribute("timeout_ms"),
    "timestamp_utc": moments,
    "timestamp_utc_skewed": moments,
    "tokens": of("total_tokens"),
    "total_cost_usd": in_unit("USD"),
    "ttft_ms": of("ttft_ms"),
    "utilization_ratio": in_unit("ratio"),
    "value_ms": in_unit("ms"),
    "version": of("asset_version"),
}
"""By the names that INDEX.json gives to what it expects. Percentages and ratios are `value`."""

OTHERWISE = {
    "severity_document": "the hub's scale has a place for `warning`: medium",
    "violations_sum": "of what the hub sends",
}
"""Facts that are not of an event, with the reason."""
RULES_FOR = {"timestamp_utc_skewed": SKEWED, "cost_usd_at_doc_rate": AT_DOCUMENT_RATES}
"""Facts that hold under settings of their own."""
TIMES = ("timestamp_utc", "createdAt_utc", "timestamp_utc_skewed")


def incoming() -> list[str]:
    """The samples that some module sends and whose door is built."""
    return [
        file
        for file, sample in index().items()
        if door_of(file) in {*INTEGRATIONS, "hub"}
        and sample["kind"] not in OUTGOING
        and (sample["direction"], sample["kind"]) != ("to_module", "document_shape")
    ]


def judged() -> list[Any]:
    return [
        pytest.param(file, name, expected, id=f"{file}-{name}")
        for file in incoming()
        for name, expected in (index()[file].get("expect") or {}).items()
        if name in FACTS
    ]


def read(name: str, expected: Any) -> Any:
    if name not in TIMES or expected is None:
        return expected
    if isinstance(expected, list):
        return [datetime.fromisoformat(one) for one in expected]
    return datetime.fromisoformat(expected)


@pytest.mark.parametrize(("file", "name", "expected"), judged())
def test_a_sample_yields_what_is_expected(file: str, name: str, expected: Any) -> None:
    rows = sample_events(file, RULES_FOR.get(name, RULES))
    if isinstance(expected, float):
        expected = pytest.approx(expected, rel=1e-6)
    assert FACTS[name](rows) == read(name, expected)


@pytest.mark.parametrize(
    "file", [file for file in incoming() if index()[file]["kind"] not in ERRORS]
)
def test_a_sample_is_taken_whole_and_its_shape_is_known(file: str) -> None:
    rows, door = sample_events(file), door_of(file)
    if file in EMPTY:
        assert not rows
        return
    assert rows
    assert not [row for row in rows if row["event_type"] == f"{door}.message"]
    assert door == "hub" or {row["source"] for row in rows} == {door}


@pytest.mark.parametrize("file", [f for f in incoming() if index()[f]["kind"] in ERRORS])
def test_an_error_reply_is_no_event(file: str) -> None:
    decoded = decode_native(INTEGRATIONS[door_of(file)], body_of(file), TYPES[".json"], NOW)
    assert not decoded.rows
    assert [one.rejection.code for one in decoded.refused] == ["error_reply"]


@pytest.mark.parametrize(
    "file", [file for file in incoming() if index()[file]["kind"] not in ERRORS]
)
def test_sent_again_a_sample_makes_the_same_ids(file: str) -> None:
    first, again = ([row["event_id"] for row in sample_events(file)] for _ in range(2))
    assert first == again
    assert len(set(first)) == len(first)


@pytest.mark.parametrize("file", list(index()))
def test_every_fact_of_a_sample_is_judged(file: str) -> None:
    assert set(index()[file].get("expect") or {}) <= FACTS.keys() | OTHERWISE.keys()
