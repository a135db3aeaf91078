"""What analysts ask works; what they get wrong is told in words."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from llm_analytics_hub.errors import InvalidQueryError, UnavailableError
from llm_analytics_hub.model.asset import ASSET_FACT_SCHEMA
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.clickhouse.applier import ApplyLimits
from llm_analytics_hub.storage.clickhouse.sql_reader import ClickHouseSql, SqlLimits
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.sql_interface import SqlAnswer, SqlQuestion

from .rows import NOON, events


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseStore]:
    """Three calls of gpt-4o, one of o3 an hour later; gpt-4o is an asset of ada."""
    folder = tmp_path_factory.mktemp("sql")
    opened = ClickHouseStore(folder, limits=ApplyLimits(1, after=timedelta(0)))
    known = {
        "provider": "openai", "status": "ok", "asset_id": "a1", "user_id": "u1",
        "cost_usd": Decimal("0.25"), "attributes": '{"team": {"name": "x"}, "tags": ["p", "q"]}',
    }  # fmt: skip
    opened.write({Table.EVENTS: events(3, model="gpt-4o", latency_ms=100.0, **known)})
    late = {**known, "status": "error", "occurred_at": NOON + timedelta(hours=1)}
    opened.write({Table.EVENTS: events(1, model="o3", latency_ms=500.0, **late)})
    fact = dict.fromkeys(ASSET_FACT_SCHEMA.names) | {
        "tenant": "t", "asset_id": "a1", "version": "", "occurred_at": NOON, "owner": "ada",
        "tags": '["prod"]', "current_version": "2",
    }  # fmt: skip
    opened.write(
        {
            Table.ASSETS: pa.RecordBatch.from_pylist([fact], ASSET_FACT_SCHEMA),
            Table.EVENTS: events(0),
        }
    )
    yield opened
    opened.close()


def ask(store: ClickHouseStore, sql: str, limit: int = 100, **args: Any) -> SqlAnswer:
    return store.answer_sql(SqlQuestion("t", sql, args, limit))


def rows(store: ClickHouseStore, sql: str, **args: Any) -> list[tuple[Any, ...]]:
    table = ask(store, sql, **args).rows
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


GOOD: list[tuple[str, list[tuple[Any, ...]]]] = [
    ("SELECT count() FROM events", [(4,)]),
    ("SELECT model, count() AS n FROM events GROUP BY model ORDER BY n DESC", [("gpt-4o", 3), ("o3", 1)]),
    ("SELECT model, count() n FROM events GROUP BY ALL ORDER BY ALL LIMIT 1", [("gpt-4o", 3)]),
    ("SELECT e.model, any(a.owner) FROM events AS e JOIN assets AS a USING (asset_id) GROUP BY e.model ORDER BY 1",
     [("gpt-4o", "ada"), ("o3", "ada")]),
    ("SELECT owner, version FROM assets WHERE has(tags, 'prod')", [("ada", "2")]),
    ("SELECT quantile(0.5)(latency_ms), quantiles(0, 1)(latency_ms) FROM events", [(100.0, [100.0, 500.0])]),
    ("SELECT quantileIf(0.5)(latency_ms, status = 'error'), countIf(status = 'ok') FROM events", [(500.0, 3)]),
    ("SELECT JSONExtractString(attributes, 'team', 'name') AS team, sum(cost_usd) FROM events GROUP BY team",
     [("x", Decimal("1.000000000000"))]),
    ("SELECT arrayJoin(JSONExtract(attributes, 'tags', 'Array(String)')) AS tag, count() FROM events GROUP BY tag ORDER BY tag",
     [("p", 4), ("q", 4)]),
    ("SELECT toStartOfHour(occurred_at, 'Europe/Berlin') AS hour, count() FROM events GROUP BY hour ORDER BY hour",
     [(NOON, 3), (NOON + timedelta(hours=1), 1)]),
    ("SELECT toDate(occurred_at) AS day, uniqExact(model) FROM events GROUP BY day", [(NOON.date(), 2)]),
    ("WITH slow AS (SELECT * FROM events WHERE latency_ms > 200) SELECT count() FROM slow", [(1,)]),
    ("WITH events AS (SELECT model FROM events WHERE model = 'o3') SELECT count() FROM events", [(1,)]),
    ("WITH 200 AS limit_ms SELECT countIf(latency_ms > limit_ms) FROM events", [(1,)]),
    ("SELECT model, row_number() OVER (PARTITION BY model ORDER BY event_id) AS n FROM events ORDER BY model, n LIMIT 1",
     [("gpt-4o", 1)]),
    ("SELECT sum(latency_ms) OVER w AS s FROM events WINDOW w AS (ORDER BY occurred_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) ORDER BY s DESC LIMIT 1",
     [(800.0,)]),
    ("SELECT lagInFrame(model) OVER (ORDER BY occurred_at) AS before FROM events ORDER BY occurred_at DESC LIMIT 1", [("gpt-4o",)]),
    ("SELECT argMax(model, occurred_at), topK(1)(model) FROM events", [("o3", ["gpt-4o"])]),
    ("SELECT multiIf(latency_ms < 200, 'fast', latency_ms < 400, 'fair', 'slow') AS c, count() FROM events GROUP BY c ORDER BY c",
     [("fast", 3), ("slow", 1)]),
    ("SELECT CASE status WHEN 'ok' THEN 1 ELSE 0 END AS good, count() FROM events GROUP BY good ORDER BY good", [(0, 1), (1, 3)]),
    ("SELECT arrayMap(x -> x * 2, groupArray(input_tokens)) FROM events", [([20, 20, 20, 20],)]),
    ("SELECT arrayFilter((x, y) -> y > 1, ['a', 'b'], [1, 2])", [(["b"],)]),
    ("SELECT count() FROM events WHERE model IN (SELECT model FROM events GROUP BY model HAVING count() > 1)", [(3,)]),
    ("SELECT count() FROM events WHERE (model, status) IN (('o3', 'error'))", [(1,)]),
    ("SELECT count() FROM events WHERE model LIKE 'gpt%' AND NOT match(model, '^o')", [(3,)]),
    ("SELECT count() FROM events WHERE occurred_at BETWEEN '2025-11-19 00:00:00' AND '2025-11-19 12:30:00'", [(3,)]),
    ("SELECT model FROM events LIMIT 1 BY model", [("gpt-4o",), ("o3",)]),
    ("SELECT a FROM (SELECT 1 AS a UNION ALL SELECT 2) ORDER BY a", [(1,), (2,)]),
    ("SELECT model FROM events INTERSECT SELECT 'o3'", [("o3",)]),
    ("SELECT * EXCEPT (a) FROM (SELECT 1 AS a, 2 AS b)", [(2,)]),
    ("SELECT count(DISTINCT model), count(*) FROM events", [(2, 4)]),
    ("SELECT (SELECT max(latency_ms) FROM events) - avg(latency_ms) FROM events", [(300.0,)]),
    ("SELECT sum(events), sum(cost_usd) FROM rollup_5m", [(4, Decimal("1.000000000000"))]),
    ("SELECT sum(events), quantileTDigestMerge(0.5)(latency_ms), uniqCombinedMerge(user_id) FROM rollup_day", [(4, 100.0, 1)]),
    ("SELECT number FROM numbers(3)", [(0,), (1,), (2,)]),
    ("SELECT a FROM values('a String', 'x', 'y')", [("x",), ("y",)]),
    ("SELECT formatDateTime(toStartOfInterval(occurred_at, INTERVAL 15 MINUTE), '%H:%i') AS t FROM events GROUP BY t ORDER BY t",
     [("12:00",), ("13:00",)]),
    ("SELECT dateDiff('hour', min(occurred_at), max(occurred_at)) FROM events", [(1,)]),
    ("SELECT corr(latency_ms, input_tokens) IS NULL, round(stddevPop(latency_ms)) FROM events", [(False, 173.0)]),
    ("SELECT 'it''s' AS a, 'tab\\t' AS b, -- a comment\n 'it\\'s' AS c;", [("it's", "tab\t", "it's")]),
    ("SELECT toDateTime('2025-01-02 03:04:05', 'UTC'), toDate('2025-01-02')",
     [(datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2025, 1, 2).date())]),  # noqa: DTZ001 - a date
    ("SELECT lower(provider) || '/' || model AS m FROM events WHERE status = 'error'", [("openai/o3",)]),
    ("SELECT latency_ms > 200 ? 'slow' : 'fast' AS c FROM events ORDER BY c DESC LIMIT 1", [("slow",)]),
    ("SELECT sumIf(cost_usd, model = 'o3') / sum(cost_usd) FROM events", [(Decimal("0.250000000000"),)]),
    ("SELECT count() FROM metrics", [(0,)]),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "expected"), GOOD, ids=[sql[:60] for sql, _ in GOOD])
def test_what_analysts_ask_is_answered(
    store: ClickHouseStore, sql: str, expected: list[tuple[Any, ...]]
) -> None:
    found = rows(store, sql)
    assert [tuple(_plain(v) for v in row) for row in found] == expected


def _plain(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def test_values_are_bound_by_name_and_type(store: ClickHouseStore) -> None:
    sql = "SELECT count() FROM events WHERE model = {m:String} AND latency_ms >= {ms:Float64}"
    assert rows(store, sql, m="o3", ms=100) == [(1,)]
    assert rows(
        store, "SELECT count() FROM events WHERE model IN {m:Array(String)}", m=["o3", "'"]
    ) == [(1,)]
    assert rows(store, "SELECT {x:Nullable(UInt8)}, {b:Bool}", x=None, b=True) == [(None, True)]


@pytest.mark.parametrize(
    ("name", "value"), [("a b", 1), ("x", {"y": 1}), ("x", [[1]]), ("", 1), ("x" * 65, 1)], ids=repr
)
def test_values_that_cannot_be_bound_are_refused(
    store: ClickHouseStore, name: str, value: Any
) -> None:
    with pytest.raises(InvalidQueryError, match="args"):
        store.answer_sql(SqlQuestion("t", "SELECT 1", {name: value}))


def test_the_limit_cuts_the_answer_and_says_so(store: ClickHouseStore) -> None:
    cut = ask(store, "SELECT number FROM numbers(100) ORDER BY number DESC", limit=3)
    assert (cut.rows.column(0).to_pylist(), cut.is_cut) == ([99, 98, 97], True)
    whole = ask(store, "SELECT count() FROM (SELECT number FROM numbers(100))", limit=1)
    assert (whole.rows.column(0).to_pylist(), whole.is_cut) == ([100], False)
    exact = ask(store, "SELECT number FROM numbers(3)", limit=3)
    assert (exact.rows.num_rows, exact.is_cut) == (3, False)


def test_only_the_tenants_rows_are_read(store: ClickHouseStore) -> None:
    nobody = store.answer_sql(
        SqlQuestion("nobody", "SELECT count() AS n, sum(events) AS s FROM rollup_5m")
    )
    assert nobody.rows.to_pylist() == [{"n": 0, "s": 0}]


TOLD = [
    ("SELECT no_such FROM events", "Unknown expression identifier `no_such`"),
    ("SELEC 1", "Syntax error: failed at position 7 (1)"),
    ("SELECT 1; SELECT 2", "Multi-statements are not allowed"),
    ("SELECT * FROM orders", "there is no such table; there are events, assets, metrics"),
    ("SELECT sum(model) FROM events", "Illegal type"),
    ("SELECT * FROM rollup_day", "finish it with -Merge or finalizeAggregation"),
    ("SELECT count() FROM events WHERE occurred_at > 'x'", "converting 'x' to DateTime64"),
    ("SELECT {x:String}", "Substitution `x` is not set"),
    ("SELECT count() FROM events SETTINGS max_threads = 9", "settings cannot be changed here"),
    ("SELECT sleep(1)", "function sleep is not for readers"),
    ("SELECT * FROM url('x')", "table function url is not for readers; there are numbers, values"),
    ("INSERT INTO events SELECT 1", "only SELECT can be asked here"),
    (" UNION ALL ".join(["SELECT 1"] * 800), "the statement has too many parts"),
    ("SELECT 1 FORMAT CSV", "FORMAT and INTO OUTFILE are not for readers"),
]


@pytest.mark.parametrize(("sql", "told"), TOLD, ids=[sql[:60] for sql, _ in TOLD])
def test_a_wrong_statement_is_told_in_words(store: ClickHouseStore, sql: str, told: str) -> None:
    with pytest.raises(InvalidQueryError) as error:
        ask(store, sql)
    assert told in error.value.message
    assert len(error.value.message) < 400


LONG = "SELECT groupArray(repeat(event_id, 10000)) FROM events"
LARGE = "SELECT length(groupArray(number)) FROM numbers(10000000)"


@pytest.mark.parametrize(
    ("limits", "sql", "told"),
    [
        (SqlLimits(rows_read=2), LONG, "too many rows: ask for a shorter time range"),
        (SqlLimits(bytes_read=20), LONG, "too many bytes"),
        (SqlLimits(memory_bytes=10_000_000), LARGE, "too much memory"),
        (SqlLimits(answer_bytes=10), LONG, "answer is too large"),
    ],
    ids=["rows", "bytes", "memory", "answer"],
)
def test_a_budget_that_is_used_up_says_what_to_change(
    store: ClickHouseStore, limits: SqlLimits, sql: str, told: str
) -> None:
    reader = ClickHouseSql(store._engine, limits)
    with pytest.raises(InvalidQueryError, match=told) as error:
        reader.answer_sql(SqlQuestion("t", sql))
    assert error.value.code == "budget_exceeded"


def test_a_statement_that_nobody_waits_for_is_not_run(store: ClickHouseStore) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(UnavailableError) as error:
        store.answer_sql(SqlQuestion("t", "SELECT 1"), cancellation)
    assert error.value.code == "cancelled"
