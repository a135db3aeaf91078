from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.query import EventFilter, Query
from llm_analytics_hub.query.answered import rows_of
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.interface import Answer
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
TIME = {"from": "2025-11-18", "to": "2025-11-19"}


class NotedStore(MemoryStore):
    """A store that takes a while to answer, and notes what it was asked."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock
        self.asked: list[Query] = []

    def answer(self, query: Query, _: Cancellation | None = None, /) -> Answer:
        self.asked.append(query)
        self._clock.set(self._clock.now() + timedelta(milliseconds=250))
        rows = pa.table(
            {
                "model": ["a"],
                "cost_usd": pa.array([Decimal("0.100000000000")], pa.decimal128(38, 12)),
            }
        )
        return Answer(rows, "memory", 5, 12.3456)


def test_an_answer_says_what_its_columns_are_and_what_it_cost() -> None:
    clock = ManualClock(NOW)
    store, metrics = NotedStore(clock), Metrics()
    body = {"measures": ["cost_usd"], "dimensions": ["model"], "time_range": TIME}
    assert QueryService(store, clock, metrics).ask(body, tenant="t") == {
        "columns": [
            {"name": "model", "type": "string"},
            {"name": "cost_usd", "type": "decimal", "unit": "USD"},
        ],
        "rows": [["a", Decimal("0.1")]],
        "meta": {
            "elapsed_ms": 250.0,
            "engine_ms": 12.35,
            "rows_read": 5,
            "table": "memory",
            "cached": False,
            "has_more": False,
            "time_range": {
                "from": "2025-11-18T00:00:00.000000Z",
                "to": "2025-11-19T00:00:00.000000Z",
            },
        },
    }
    assert store.asked[0].tenant == "t"
    count = metrics.registry.get_sample_value("hub_query_seconds_count", {"door": "rest"})
    assert count == 1


def test_a_wrong_question_never_reaches_the_store() -> None:
    store = NotedStore(ManualClock(NOW))
    with pytest.raises(InvalidQueryError):
        QueryService(store, ManualClock(NOW), Metrics()).ask({"measures": ["x"]}, tenant="t")
    assert store.asked == []
    assert store.events(EventFilter("t")).num_rows == 0


def test_rows_are_json_values_and_money_is_exact() -> None:
    moments = pa.array([NOW, None], pa.timestamp("us", "UTC"))
    money = [Decimal("1200.000000000000"), Decimal("0.000000000001")]
    table = pa.table(
        {"time": moments, "n": [1, None], "usd": pa.array(money, pa.decimal128(38, 12))}
    )
    rows = rows_of(table)
    assert rows == [["2025-11-19T10:00:00Z", 1, Decimal(1200)], [None, None, Decimal("1E-12")]]
    assert [str(row[2]) for row in rows] == ["1200", "1E-12"]


def test_sums_keep_all_their_digits() -> None:
    money = Decimal("99999999999999999999999999.999999999999")
    rows = rows_of(pa.table({"usd": pa.array([money], pa.decimal128(38, 12))}))
    assert rows == [[money]]
