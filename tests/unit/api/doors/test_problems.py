"""Every question that cannot be asked is told as a problem: the member at fault, and what to change."""

from typing import Any
from zoneinfo import available_timezones

import httpx
import pytest

from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.ranges import to_time_zone

from .conftest import MODEST
from .planted import plant
from .questions import WEEK, ask, has

Body = dict[str, Any]
DEEP: Any = {"field": "model", "value": "x"}
for _ in range(120):
    DEEP = {"not": DEEP}

WRONG: dict[str, tuple[Body, str, str]] = {
    "nothing": ({}, "measures", "required"),
    "no range": ({"measures": ["events"]}, "time_range", "required"),
    "no measures": (ask(), "measures", "at least 1"),
    "unknown member": (ask("events", limt=3), "limt", "not permitted"),
    "unknown measure": (ask("cost"), "measures", "cost_usd"),
    "measure of a wrong type": ({**ask("events"), "measures": "events"}, "measures", "list"),
    "measure that is a number": ({**ask(), "measures": [1]}, "measures.0", "string"),
    "too many measures": (ask(*[f"m{n}" for n in range(21)]), "measures", "20"),
    "unknown dimension": (ask("events", by=("modle",)), "dimensions", "model"),
    "too many dimensions": (ask("events", by=tuple("abcdefg")), "dimensions", "6"),
    "path of nothing": (ask("events", by=("attributes.",)), "dimensions", "attributes.<path>"),
    "path too deep": (ask("events", by=("attributes" + ".a" * 9,)), "dimensions", "attributes.<path>"),
    "unknown member of an asset": (ask("events", by=("asset.password",)), "dimensions", "asset.owner"),
    "amounts of many currencies": (ask("cost_amount"), "measures", "cost_currency"),
    "empty range": (ask("events", time_range={}), "time_range", "last"),
    "half a range": (ask("events", time_range={"from": "2025-11-01"}), "time_range", "`to`"),
    "two ranges": (ask("events", time_range={"last": "1h", "period": "today"}), "time_range", "not several"),
    "range and last": (ask("events", time_range={**WEEK, "last": "1h"}), "time_range", "not several"),
    "range backwards": (ask("events", time_range={"from": "2025-11-02", "to": "2025-11-01"}), "time_range", "before it starts"),
    "range of nothing": (ask("events", time_range={"from": "2025-11-01", "to": "2025-11-01"}), "time_range", "before it starts"),
    "range too long": (ask("events", time_range={"from": "1999-01-01", "to": "2025-11-01"}), "time_range", "1098 days"),
    "last too long": (ask("events", time_range={"last": "9999w"}), "time_range", "1098 days"),
    "last of nothing": (ask("events", time_range={"last": "0h"}), "time_range", "15m"),
    "last of no unit": (ask("events", time_range={"last": "7y"}), "time_range", "7d"),
    "no time": (ask("events", time_range={"from": "yesterday", "to": "2025-11-01"}), "time_range", "'yesterday'"),
    "no day": (ask("events", time_range={"from": "2025-02-30", "to": "2025-11-01"}), "time_range", "2025-02-30"),
    "unknown period": (ask("events", time_range={"period": "last_decade"}), "time_range.period", "last_month"),
    "member of a range": (ask("events", time_range={**WEEK, "step": "1h"}), "time_range.step", "not permitted"),
    "range as text": (ask("events", time_range="24h"), "time_range", "valid"),
    "unknown granularity": (ask("events", granularity="fortnight"), "granularity", "week"),
    "granularity of a wrong type": (ask("events", granularity=60), "granularity", "string"),
    "unknown time zone": (ask("events", granularity="day", time_zone="Mars/Base"), "time_zone", "Europe/Berlin"),
    "time zone with leap seconds": (ask("events", granularity="day", time_zone="right/UTC"), "time_zone", "Europe/Berlin"),
    "time zone of the machine": (ask("events", granularity="day", time_zone="localtime"), "time_zone", "Europe/Berlin"),
    "time zone as a path": (ask("events", time_zone="../../etc/passwd"), "time_zone", "Europe/Berlin"),
    "gaps without buckets": (ask("events", fill_gaps=True), "fill_gaps", "granularity"),
    "gaps that are no flag": (ask("events", fill_gaps="perhaps"), "fill_gaps", "boolean"),
    "limit of nothing": (ask("events", limit=0), "limit", "1"),
    "limit too large": (ask("events", limit=10_001), "limit", "10000"),
    "limit that is no number": (ask("events", limit="ten"), "limit", "integer"),
    "unknown comparison": (ask("events", compare="next_week"), "compare", "previous_week"),
    "order by nothing": (ask("events", order_by=[{"field": "cost_usd"}]), "order_by", "events"),
    "order both ways": (ask("events", order_by=[{"field": "events", "direction": "up"}]), "order_by.0.direction", "desc"),
    "order by a change": (ask("events", order_by=[{"field": "events_change"}]), "order_by", "events"),
    "top of no dimension": (ask("events", top={"dimension": "model"}), "top.dimension", "not asked for"),
    "top by no measure": (ask("events", by=("model",), top={"dimension": "model", "by": "cost_usd"}), "top.by", "events"),
    "top of none": (ask("events", by=("model",), top={"dimension": "model", "limit": 0}), "top.limit", "1"),
    "top of too many": (ask("events", by=("model",), top={"dimension": "model", "limit": 101}), "top.limit", "100"),
    "unknown operator": (ask("events", where=(has("model", "like", "x"),)), "filters", "contains"),
    "operator of a wrong type": (ask("events", where=({"field": "model", "op": ["eq"], "value": 1},)), "filters", "contains"),
    "condition without field": (ask("events", where=({"op": "eq", "value": 1},)), "filters", "field"),
    "condition with more": (ask("events", where=({"field": "model", "value": 1, "x": 1},)), "filters", "'x'"),
    "condition that is none": ({**ask("events"), "filters": ["model=x"]}, "filters.0", "dictionary"),
    "text for a number": (ask("events", where=(has("latency_ms", "gt", "fast"),)), "filters", "number"),
    "truth for a number": (ask("events", where=(has("cost_usd", "eq", True),)), "filters", "number"),
    "prefix of a number": (ask("events", where=(has("latency_ms", "prefix", "1"),)), "filters", "is a number"),
    "list for one": (ask("events", where=(has("model", "eq", ["a"]),)), "filters", "value"),
    "one for a list": (ask("events", where=(has("model", "in", "a"),)), "filters", "list"),
    "list of none": (ask("events", where=(has("model", "in", []),)), "filters", "1 to 1000"),
    "nothing to compare with": (ask("events", where=(has("model", "eq", None),)), "filters", "text"),
    "text too long": (ask("events", where=(has("model", "eq", "x" * 4097),)), "filters", "text"),
    "filter too deep": (ask("events", where=(DEEP,)), "filters", "100 parts"),
    "filter too wide": (ask("events", where=tuple([has("model", "eq", "x")] * 101)), "filters", "100 parts"),
    "filter of a measure": (ask("events", where=(has("events", "gt", 1),)), "filters", "having"),
    "having a dimension": (ask("events", by=("model",), having=[has("model", "eq", "x")]), "having", "events"),
    "having a measure not asked": (ask("events", having=[has("cost_usd", "gt", 1)]), "having", "events"),
    "having a text": (ask("events", having=[has("events", "gt", "many")]), "having", "number"),
    "having a prefix": (ask("events", having=[has("events", "prefix", 1)]), "having", "is a number"),
}  # fmt: skip
"""A question, the member at fault, and words of the advice."""


@pytest.mark.parametrize("name", WRONG)
def test_the_member_and_the_mending_are_named(http: httpx.Client, name: str) -> None:
    body, field, advice = WRONG[name]
    for path in ("/api/v1/query", "/api/v1/query/explain"):
        answer = http.post(path, json=body)
        told = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, told["status"], told["code"]) == (400, 400, "invalid_query")
        assert told.get("field", "").startswith(field), told
        assert advice in told["detail"], told


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_told(http: httpx.Client, content: bytes) -> None:
    answer = http.post("/api/v1/query", content=content)
    assert (answer.status_code, answer.json()["code"]) == (400, "undecodable")


def test_a_question_that_reads_too_much_says_what_to_change(http: httpx.Client) -> None:
    plant(http, MODEST)
    answer = http.post(
        "/api/v1/query", json=ask("latency_ms_p95", by=("user_id",)), headers={"x-tenant": MODEST}
    )
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "budget_exceeded"), told
    assert "shorten time_range" in told["detail"], told


def test_every_time_zone_that_is_taken_the_engine_knows(hub: Hub) -> None:
    found, _, _ = hub.store._engine.query("SELECT time_zone FROM system.time_zones")
    taken = {name for name in available_timezones() if _is_taken(name)}
    assert taken <= set(found["time_zone"].to_pylist())
    assert len(taken) > 400


def _is_taken(name: str) -> bool:
    try:
        return to_time_zone(name) == name
    except InvalidQueryError:
        return False
