"""Both clients of a real hub: the same numbers as its REST door, exactly."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import pytest

from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.client import Column, F, Receipt
from llm_analytics_hub.errors import (
    InvalidInputError,
    InvalidQueryError,
    NotFoundError,
    UnsupportedMediaTypeError,
)

from .clients import Both
from .conftest import NOW, Connect

DAY = {"start": NOW - timedelta(days=1), "end": NOW + timedelta(hours=1)}
COST = Decimal("0.123456789012")
LARGE = Decimal("100000000000000.000000000001")


def call(number: int, **members: Any) -> dict[str, Any]:
    known = {"source": "observatory", "event_type": "inference.completed", "model": "gpt-4o"}
    moment = NOW - timedelta(minutes=number, microseconds=7)
    return known | {"event_id": f"e{number}", "occurred_at": moment} | members


CALLS = [
    call(1, cost_usd=COST, latency_ms=0.1, attributes={"team": "red", "n": [1]}, trace_id="a" * 32, span_id="1" * 16),
    call(2, cost_usd=LARGE, status="error", trace_id="a" * 32, span_id="2" * 16, parent_span_id="1" * 16),
    call(3, model="claude"),
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def events(hub: Hub, address: str) -> None:
    from llm_analytics_hub.client import Hub as Client

    with Client(address, tenant="acme") as one:
        assert one.send(CALLS) == Receipt(accepted=3, duplicates=0)


@pytest.fixture
def acme(connect: Connect) -> Both:
    return connect(tenant="acme")


QUESTION: dict[str, Any] = {
    "measures": ["requests", "cost_usd", "latency_ms_avg", "error_rate"], "dimensions": ["model"],
    "granularity": "hour", "order_by": ["model"],
}  # fmt: skip


def test_the_numbers_are_those_of_the_rest_door(acme: Both, address: str) -> None:
    body = QUESTION | {
        "time_range": {"from": DAY["start"].isoformat(), "to": DAY["end"].isoformat()},
        "order_by": [{"field": "model"}],
    }
    said = httpx.post(f"{address}/api/v1/query", json=body, headers={"x-tenant": "acme"}).json()
    answer = acme.query(**QUESTION, **DAY)
    assert [_known(one) for one in answer.columns] == said["columns"]
    assert [list(map(_plain, row)) for row in answer.rows] == said["rows"]
    assert answer.meta["rows_read"] == said["meta"]["rows_read"]


def _known(column: Column) -> dict[str, Any]:
    return {name: value for name, value in msgspec.to_builtins(column).items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return float(value) if isinstance(value, Decimal) else value


def test_money_is_exact_and_times_are_moments(acme: Both) -> None:
    answer = acme.query(measures="cost_usd", granularity="hour", **DAY)
    total = COST + LARGE
    assert answer.rows == [(NOW - timedelta(hours=1), total)]
    assert answer.table.schema.field("time").type == pa.timestamp("us", "UTC")
    assert pa.types.is_decimal(answer.table.schema.field("cost_usd").type)
    assert answer.table.schema.field("cost_usd").metadata == {b"unit": b"USD"}
    assert answer.table.to_pylist() == [{"time": NOW - timedelta(hours=1), "cost_usd": total}]
    assert (len(answer), repr(answer)) == (1, "<Answer: 1 rows of time, cost_usd>")


def test_an_answer_without_rows_keeps_its_columns(acme: Both) -> None:
    answer = acme.query(**QUESTION, **DAY, where=("model", "eq", "none"))
    assert (answer.rows, answer.table.num_rows) == ([], 0)
    assert answer.table.column_names == ["time", "model", *QUESTION["measures"]]


def test_a_data_frame_holds_the_same(acme: Both) -> None:
    answer = acme.query(measures=["requests", "cost_usd"], dimensions="model", **DAY)
    pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    frame = answer.to_pandas()
    assert next(frame.itertuples(index=False, name=None)) == answer.rows[0]
    assert answer.to_polars().rows() == answer.rows
    assert answer.to_polars().schema["cost_usd"].is_decimal()
    assert isinstance(answer.to_polars(), polars.DataFrame)


@pytest.mark.parametrize(
    ("where", "requests"),
    [
        ((), 3),
        (F("model").prefix("gpt") & ~F("status").eq("error"), 1),
        ([("model", "in", {"gpt-4o", "claude"}), ("attributes.team", "exists")], 1),
        (("latency_ms", "ge", 0.1), 1),
        ({"or": [{"field": "model", "value": "claude"}, {"field": "status", "value": "error"}]}, 2),
    ],
)
def test_filters_choose(acme: Both, where: Any, requests: int) -> None:
    assert acme.query(measures="requests", where=where, **DAY).rows == [(requests,)]


def test_tenants_do_not_see_each_other(client: Both, acme: Both) -> None:
    assert acme.query(measures="requests", **DAY).rows == [(3,)]
    assert client.query(measures="requests", **DAY).rows == [(0,)]
    assert list(client.events()) == []


def test_events_come_back_as_they_were(acme: Both) -> None:
    first, second, third = acme.events()
    assert [one["event_id"] for one in (first, second, third)] == ["e1", "e2", "e3"]
    assert first["occurred_at"] == CALLS[0]["occurred_at"]
    assert first["received_at"] >= NOW
    assert (first["cost_usd"], first["latency_ms"]) == (COST, 0.1)
    assert first["attributes"]["team"] == "red"
    assert second["cost_usd"] == LARGE
    assert "cost_usd" not in third or third["cost_usd"] is None


@pytest.mark.parametrize(("limit", "size"), [(None, 1), (None, 2), (2, 1), (2, 1000), (0, 2)])
def test_a_list_goes_over_its_pages(acme: Both, limit: int | None, size: int) -> None:
    found = [one["event_id"] for one in acme.events(limit=limit, page_size=size)]
    assert found == ["e1", "e2", "e3"][:limit]


def test_a_list_is_read_no_further_than_it_is_gone_through(connect: Connect) -> None:
    asked: list[httpx.Request] = []

    def pages(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        page = {"events": [{"event_id": str(len(asked))}], "next_cursor": str(len(asked))}
        return httpx.Response(200, json=page)

    steps = iter(connect(pages).events(source="costops", page_size=1))
    assert asked == []
    assert [next(steps)["event_id"], next(steps)["event_id"]] == ["1", "2"]
    assert [dict(one.url.params) for one in asked] == [
        {"source": "costops", "limit": "1"}, {"source": "costops", "limit": "1", "cursor": "1"},
    ]  # fmt: skip


def test_events_are_a_table_of_the_hubs_own_types(acme: Both) -> None:
    table = acme.events(start=NOW - timedelta(hours=1), event_type="inference.completed").table(
        limit=2
    )
    assert table.num_rows == 2
    assert table.schema.field("occurred_at").type == pa.timestamp("us", "UTC")
    assert table.schema.field("cost_usd").type == pa.decimal128(38, 12)
    assert table["cost_usd"].to_pylist()[0] == COST
    assert msgspec.json.decode(table["attributes"][0].as_py())["n"] == [1]
    assert acme.events(source="none").table().num_rows == 0


def test_events_are_chosen_by_a_filter(acme: Both) -> None:
    where = F("latency_ms").exists() | F("model").eq("claude")
    found = acme.events(where=where, source="observatory", page_size=1, **DAY)
    assert [one["event_id"] for one in found] == ["e1", "e3"]
    assert [one["event_id"] for one in acme.events(where=where, source="costops")] == []


def test_a_question_is_explained(acme: Both) -> None:
    said = acme.explain(measures="requests", **DAY)
    assert isinstance(said, dict)
    assert "rows" not in said
    with pytest.raises(InvalidQueryError, match="no measure"):
        acme.explain(measures="nope", **DAY)


def test_a_trace_is_a_tree(acme: Both) -> None:
    found = acme.trace("A" * 32)
    (root,) = found["roots"]
    assert (found["spans"], root["cost_usd"]) == (2, COST)
    assert root["children"][0]["occurred_at"] == CALLS[1]["occurred_at"]
    with pytest.raises(NotFoundError, match="no trace"):
        acme.trace("b" * 32)


def test_assets_are_found_by_id_page_and_version(connect: Connect) -> None:
    one = connect(tenant="assets")
    moment = datetime(2025, 11, 18, tzinfo=UTC)
    one.send(
        [
            {"source": "registry", "event_type": "asset.registered", "occurred_at": moment,
             "event_id": f"r{n}", "asset_id": f"team/model {n}", "asset_version": "1"}
            for n in range(3)
        ]
    )  # fmt: skip
    assert [found["asset_id"] for found in one.assets(page_size=2)] == [
        f"team/model {n}" for n in range(3)
    ]
    assert one.asset("team/model 1")["first_seen"] == moment
    assert [found["version"] for found in one.versions("team/model 1")] == ["1"]
    assert one.assets().table(limit=1)["first_seen"].to_pylist() == [moment]
    with pytest.raises(NotFoundError):
        one.asset("none")


def test_the_catalog_and_the_health_are_told(client: Both) -> None:
    assert "cost_usd" in {one["name"] for one in client.catalog()["measures"]}
    assert client.health()["status"] == "READY"


def test_events_are_sent_in_any_form(connect: Connect) -> None:
    one = connect(tenant=f"sent-{uuid.uuid4().hex}")
    event = call(1)
    assert one.send(event).accepted == 1
    assert one.send(iter([event, call(2)])) == Receipt(accepted=1, duplicates=1)
    told = one.send([{"occurred_at": "never"}, call(3)])
    assert [(told.accepted, one.index, one.code) for one in told.rejected] == [
        (1, 0, "invalid_timestamp")
    ]
    assert one.send(b"{}", content_type="application/json").rejected[0].index == 0
    with pytest.raises(UnsupportedMediaTypeError):
        one.send(b"x", content_type="image/png")
    with pytest.raises(InvalidInputError, match="cannot be sent as JSON"):
        one.send({"a": object()})
    with pytest.raises(InvalidQueryError, match="no time zone"):
        one.send(call(4, occurred_at=datetime(2025, 11, 19)))  # noqa: DTZ001 - what is tested


def test_a_modules_payload_goes_through_its_door(connect: Connect) -> None:
    with pytest.raises(NotFoundError):
        connect().send(b"{}", module="../query", content_type="application/json")


def test_a_refused_question_says_why(client: Both) -> None:
    with pytest.raises(InvalidQueryError, match="no measure 'nope'") as caught:
        client.query(measures="nope", last="1d")
    assert caught.value.code == "invalid_query"
    with pytest.raises(InvalidQueryError, match="time_range needs"):
        client.query(measures="events")


def test_a_tenant_needs_a_name(connect: Connect) -> None:
    with pytest.raises(InvalidInputError, match="X-Tenant") as caught:
        connect(tenant="A B").query(measures="events", last="1d")
    assert caught.value.code == "invalid_tenant"


def test_sql_is_answered_with_types_and_whether_it_was_cut(acme: Both) -> None:
    text = "SELECT model, cost_usd, occurred_at, event_id = {one:String} AS is_one FROM events ORDER BY event_id"
    answer = acme.sql(text, args={"one": "e1"}, limit=1)
    assert answer.rows == [("gpt-4o", COST, CALLS[0]["occurred_at"], answer.rows[0][3])]
    assert bool(answer.rows[0][3])
    assert answer.meta["truncated"] is True
    assert answer.table["cost_usd"].to_pylist() == [COST]
    with pytest.raises(InvalidInputError, match="only SELECT"):
        acme.sql("DROP TABLE events")


def test_an_analysis_is_an_answer(connect: Connect) -> None:
    one = connect(tenant="trend")
    known = {"source": "observatory", "event_type": "inference.completed"}
    days = [(NOW - timedelta(days=day), day) for day in range(1, 15)]
    one.send(
        [
            known | {"occurred_at": at, "event_id": f"{day}-{n}"}
            for at, day in days
            for n in range(20 - day)
        ]
    )
    answer = one.analyze(
        "trend", measures="requests", granularity="day", start=NOW - timedelta(days=15), end=NOW,
        options={"confidence": 0.9},
    )  # fmt: skip
    assert answer.table.num_rows == len(answer.rows) > 0
    assert answer.meta["method"]
    with pytest.raises(InvalidInputError, match="method"):
        one.analyze("magic", measures="requests", granularity="day", last="7d")
    with pytest.raises(InvalidInputError, match="threshold"):
        one.analyze(
            "trend", measures="requests", granularity="day", last="7d", options={"threshold": 1}
        )
