"""A question that needs more than it may use is ended by the engine, and told what to change."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.strategies import NOON, event, event_batch

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.model.query import All, Query, QueryLimits, TimeRange
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table

RANGE = TimeRange(datetime(2025, 11, 19, tzinfo=UTC), datetime(2025, 11, 20, tzinfo=UTC))
QUESTION = Query("t", (MEASURES["users"],), ("user_id",), All(), RANGE, None, "UTC", (), 100)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseStore]:
    opened = ClickHouseStore(tmp_path_factory.mktemp("budget"))
    rows = [event("t", str(n), occurred_at=NOON, user_id=f"user {n}") for n in range(5000)]
    opened.write({Table.EVENTS: event_batch(rows)})
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (QueryLimits(rows_read=1000), "reads more rows"),
        (QueryLimits(bytes_read=1000), "reads more bytes"),
        (QueryLimits(memory_bytes=1000), "needs more memory"),
    ],
)
def test_a_question_over_its_budget_says_what_to_change(
    store: ClickHouseStore, limits: QueryLimits, words: str
) -> None:
    with pytest.raises(InvalidQueryError, match=words) as caught:
        store.answer(replace(QUESTION, limits=limits))
    assert caught.value.code == "budget_exceeded"
    assert "shorten time_range" in caught.value.message
    assert store.answer(QUESTION).rows.num_rows == 100  # the next one has its own budget


def test_the_engine_is_told_all_limits(tmp_path: Path) -> None:
    from llm_analytics_hub.storage.clickhouse.store import within

    assert within(QueryLimits(1, 2, 3, 4)) == (
        " SETTINGS max_execution_time=1, max_memory_usage=2, max_rows_to_read=3, "
        "max_bytes_to_read=4"
    )
