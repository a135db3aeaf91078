"""What is sent and how it is read, without a client: filters, times, questions, forms of an answer."""

import inspect
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.client import AsyncHub, Column, F, Filter, Hub, listings
from llm_analytics_hub.client.answers import ARROW, read_answer
from llm_analytics_hub.client.arrow import objects_table, table_of
from llm_analytics_hub.client.methods import Questions
from llm_analytics_hub.client.requests import query
from llm_analytics_hub.client.times import before, to_moment, to_span
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.query import All, Condition, Not, Op
from llm_analytics_hub.model.query import Any as AnyOf
from llm_analytics_hub.model.query import Filter as Parsed
from llm_analytics_hub.query import ranges
from llm_analytics_hub.query.body import QueryBody
from llm_analytics_hub.query.filters import to_filter
from llm_analytics_hub.query.formats.answer import encode_answer
from llm_analytics_hub.query.formats.format import Format
from llm_analytics_hub.query.service import Answered

NOON = datetime(2025, 11, 19, 12, tzinfo=UTC)


def body(**members: Any) -> dict[str, Any]:
    call = query(**{"measures": "events", "last": "24h"} | members)
    assert call.content is not None
    return msgspec.json.decode(call.content)


CONDITIONS = st.sampled_from(
    [
        (F("model").eq("a"), Condition("model", Op.EQ, ("a",))),
        (F("model").ne("a"), Condition("model", Op.NE, ("a",))),
        (F("score").lt(1), Condition("score", Op.LT, (1.0,))),
        (F("score").le(1), Condition("score", Op.LE, (1.0,))),
        (F("score").gt(0.5), Condition("score", Op.GT, (0.5,))),
        (F("score").ge(0.5), Condition("score", Op.GE, (0.5,))),
        (F("model").in_({"a"}), Condition("model", Op.IN, ("a",))),
        (F("model").not_in(["a", "b"]), Condition("model", Op.NOT_IN, ("a", "b"))),
        (F("model").prefix('g"'), Condition("model", Op.PREFIX, ('g"',))),
        (F("attributes.team").contains("r"), Condition("attributes.team", Op.CONTAINS, ("r",))),
        (F("attributes.team").exists(), Condition("attributes.team", Op.EXISTS, ())),
    ]
)
Pair = tuple[Filter, Parsed]


def _and(one: Pair, other: Pair) -> Pair:
    parts = [part.parts if isinstance(part, All) else (part,) for part in (one[1], other[1])]
    return one[0] & other[0], All((*parts[0], *parts[1]))


def _or(one: Pair, other: Pair) -> Pair:
    parts = [part.parts if isinstance(part, AnyOf) else (part,) for part in (one[1], other[1])]
    return one[0] | other[0], AnyOf((*parts[0], *parts[1]))


FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        inner.map(lambda pair: (~pair[0], Not(pair[1]))),
        st.tuples(inner, inner).map(lambda pairs: _and(*pairs)),
        st.tuples(inner, inner).map(lambda pairs: _or(*pairs)),
    ),
    max_leaves=9,
)


@given(FILTERS)
def test_a_filter_is_read_by_the_hub_as_it_was_meant(pair: Pair) -> None:
    written, meant = pair
    assert to_filter(body(where=written)["filters"]) == All((meant,))


def test_filters_come_in_every_form() -> None:
    json = {"field": "model", "op": "eq", "value": "a"}
    listed = [{"field": "a", "op": "exists"}, {"field": "b", "op": "in", "value": ["c"]}]
    assert body(where=("model", "eq", "a"))["filters"] == [json]
    assert body(where=json, filters=F("b").in_("c"))["filters"] == [json, listed[1]]
    assert body(where=[("a", "exists"), ("b", "in", ("c",))])["filters"] == listed
    assert body(having=F("events").gt(3))["having"] == {"field": "events", "op": "gt", "value": 3}
    assert "filters" not in body()


@pytest.mark.parametrize("where", ["model=a", 3, ("model", "a"), [("a", "eq", "b"), 3]])
def test_what_is_no_filter_is_refused(where: Any) -> None:
    with pytest.raises(InvalidQueryError, match="is no filter"):
        query(measures="events", where=where)


def test_parts_of_a_filter_are_not_forgotten() -> None:
    with pytest.raises(TypeError, match="&"):
        F("a").eq(1) and F("b").eq(2)


def test_decimals_are_sent_with_all_their_digits() -> None:
    call = query(measures="events", where=("cost_usd", "gt", Decimal("0.123456789012345678901")))
    assert b'"value":0.123456789012345678901' in (call.content or b"")


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (NOON, "2025-11-19T12:00:00Z"),
        (NOON.astimezone(timezone(timedelta(hours=2))), "2025-11-19T12:00:00Z"),
        (NOON + timedelta(microseconds=1), "2025-11-19T12:00:00.000001Z"),
        ("2025-11-19", "2025-11-19"),
        (1763553600, 1763553600),
    ],
)
def test_moments_are_sent_in_utc(moment: Any, sent: Any) -> None:
    assert to_moment(moment) == sent
    asked = body(last=None, start=moment, end="2025-11-20")["time_range"]
    assert asked == {"from": sent, "to": "2025-11-20"}


@pytest.mark.parametrize("moment", [datetime(2025, 11, 19), date(2025, 11, 19)])  # noqa: DTZ001 - as meant
def test_a_moment_needs_a_zone(moment: Any) -> None:
    with pytest.raises(InvalidQueryError, match=r"2025-11-19.* write datetime\(…, tzinfo=UTC\)"):
        query(measures="events", start=moment, end=NOON)


@pytest.mark.parametrize(
    ("span", "sent"),
    [
        ("15min", "15min"), (timedelta(seconds=90), "90s"), (timedelta(days=7), "7d"),
        (timedelta(hours=36), "36h"), (timedelta(days=1), "24h"), (timedelta(minutes=90), "90m"),
    ],
)  # fmt: skip
def test_spans_are_sent_as_the_hub_reads_them(span: Any, sent: str) -> None:
    said = to_span(span)
    assert ranges.to_span(said) == ranges.to_span(sent)
    assert ranges.to_moment(before(NOON, span)) == NOON - ranges.to_span(sent)


@pytest.mark.parametrize(
    "span",
    [timedelta(0), timedelta(days=-1), timedelta(milliseconds=1), timedelta(days=2, seconds=1)],
)
def test_spans_that_cannot_be_said_are_refused(span: timedelta) -> None:
    with pytest.raises(InvalidQueryError):
        to_span(span)


def test_a_list_counts_back_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings.SystemClock, "now", lambda _: NOON)
    call = listings.events(last="1h").page(1, None)
    assert call.params == {"from": "2025-11-19T11:00:00Z", "to": "2025-11-20T12:00:00Z", "limit": 1}
    with pytest.raises(InvalidQueryError, match="not both"):
        listings.events(last="1h", start=NOON)
    with pytest.raises(InvalidQueryError, match="is no span"):
        listings.events(last="yesterday")


@pytest.mark.parametrize(
    ("order", "sent"),
    [
        ("model", [("model", "asc")]), ("-cost_usd", [("cost_usd", "desc")]),
        (("model", "desc"), [("model", "desc")]), (["a", "-b"], [("a", "asc"), ("b", "desc")]),
        (({"field": "a"}, "b"), [("a", None), ("b", "asc")]),
    ],
)  # fmt: skip
def test_orders_come_in_every_form(order: Any, sent: list[tuple[str, str | None]]) -> None:
    found = body(order_by=order)["order_by"]
    assert [(one["field"], one.get("direction")) for one in found] == sent


def test_every_member_of_a_question_can_be_said() -> None:
    known = inspect.signature(query).parameters
    assert QueryBody.model_fields.keys() <= known.keys()
    asked = body(measures=["events"], granularity="hour", time_zone="Europe/Berlin", limit=3)
    assert asked == {
        "measures": ["events"], "time_range": {"last": "24h"}, "granularity": "hour",
        "time_zone": "Europe/Berlin", "limit": 3,
    }  # fmt: skip


def test_every_member_arrives() -> None:
    said = {
        "measures": ["events"], "dimensions": ["model"], "filters": [{"field": "model", "op": "exists"}],
        "time_range": {"period": "today"}, "granularity": "day", "time_zone": "Asia/Tokyo",
        "order_by": [{"field": "events", "direction": "desc"}], "limit": 9,
        "having": [{"field": "events", "op": "gt", "value": 1}],
        "top": {"dimension": "model", "limit": 2}, "compare": "previous_day", "fill_gaps": True,
    }  # fmt: skip
    assert body(last=None, **said) == said
    assert QueryBody.model_validate(said).model_fields_set == QueryBody.model_fields.keys()


def test_an_unknown_member_is_a_type_error() -> None:
    with Hub() as hub, pytest.raises(TypeError, match="measure_"):
        hub.query(measure_="events", last="1d")  # type: ignore[call-arg]


def test_both_clients_have_the_methods_and_say_what_they_take() -> None:
    names = {name for name in vars(Questions) if not name.startswith("_")}
    assert {"query", "events", "trace", "assets", "asset", "catalog", "send", "health"} <= names
    with Hub() as hub:
        for name in names:
            method = getattr(hub, name)
            assert inspect.signature(method) == inspect.signature(getattr(AsyncHub(), name))
            assert method.__doc__


def test_the_arrow_form_of_an_answer_is_read() -> None:
    schema = pa.schema(
        [pa.field("time", pa.timestamp("s", "UTC")), pa.field("model", pa.string()),
         pa.field("cost_usd", pa.decimal128(38, 12), metadata={"unit": "USD"}),
         pa.field("requests", pa.uint64()), pa.field("error_rate", pa.float64())],
        metadata={"meta": '{"rows_read":7}'},
    )  # fmt: skip
    row = (NOON, None, Decimal("1.5"), 3, 0.5)
    table = pa.table([[value] for value in row], schema=schema)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(table)
    answer = read_answer(
        httpx.Response(200, content=sink.getvalue().to_pybytes(), headers={"content-type": ARROW})
    )
    assert answer.table.equals(table)
    assert answer.rows == [row]
    assert answer.columns == (
        Column("time", "timestamp"), Column("model", "string"), Column("cost_usd", "decimal", "USD"),
        Column("requests", "integer"), Column("error_rate", "number"),
    )  # fmt: skip
    assert (answer.meta, len(answer)) == ({"rows_read": 7}, 1)


def test_both_forms_of_an_answer_say_the_same() -> None:
    columns = [
        {"name": "time", "type": "timestamp"}, {"name": "model", "type": "string"},
        {"name": "cost_usd", "type": "decimal", "unit": "USD"}, {"name": "events", "type": "integer"},
        {"name": "error_rate", "type": "number", "unit": "ratio"},
    ]  # fmt: skip
    rows = pa.table(
        {
            "time": pa.array([NOON, NOON], pa.timestamp("us", "UTC")),
            "model": ["", 'a"b'],
            "cost_usd": pa.array(
                [None, Decimal("123456789012345678901234.000000000001")], pa.decimal128(38, 12)
            ),
            "events": pa.array([0, 2**53 + 1], pa.int64()),
            "error_rate": [None, 0.1],
        }
    )
    answered = Answered(columns, rows, {"cached": False, "rows_read": 3})
    content, media_type = encode_answer(answered, Format.ARROW)
    arrow = read_answer(httpx.Response(200, content=content, headers={"content-type": media_type}))
    sent = msgspec.json.Encoder(decimal_format="number").encode(answered.as_json())
    json = read_answer(httpx.Response(200, content=sent))
    assert json.rows == arrow.rows == [
        (NOON, None, None, 0, None),
        (NOON, 'a"b', Decimal("123456789012345678901234.000000000001"), 2**53 + 1, 0.1),
    ]  # fmt: skip
    assert json.table.equals(arrow.table)
    assert (json.columns, json.meta) == (arrow.columns, arrow.meta)


@pytest.mark.parametrize("value", [2**63, 2**64 - 1, -(2**70)])
def test_integers_of_any_size_stay_exact_in_columns(value: int) -> None:
    column = table_of([Column("x", "integer")], [(value,), (None,)])["x"]
    assert column.to_pylist() == [value, None]


def test_decimals_of_any_scale_stay_exact_in_columns() -> None:
    value = Decimal("0.12345678901234567890")
    column = table_of([Column("x", "decimal")], [(value,), (None,)])["x"]
    assert column.to_pylist() == [value, None]


def test_objects_of_any_members_become_columns() -> None:
    table = objects_table([{"a": 1, "b": {"c": [1]}}, {"d": "x"}, {"a": "one"}])
    assert table.to_pylist() == [
        {"a": "1", "b": '{"c":[1]}', "d": None}, {"a": None, "b": None, "d": "x"},
        {"a": "one", "b": None, "d": None},
    ]  # fmt: skip


def test_importing_the_client_is_light() -> None:
    code = "import sys, llm_analytics_hub.client as c; c.Hub().close(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    roots = {name.partition(".")[0] for name in done.stdout.split()}
    heavy = {"chdb", "fastapi", "dash", "pyarrow", "numpy", "pydantic", "pandas", "polars", "typer"}
    assert roots & heavy == set()
    ours = {name for name in done.stdout.split() if name.startswith("llm_analytics_hub.")}
    assert {name.split(".")[1] for name in ours} == {"client", "clock", "errors"}
