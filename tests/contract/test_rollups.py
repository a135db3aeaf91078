"""The rollups of a ClickHouse store add up to the events they come from, after any writes."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.model.event import TOKEN_FIELDS
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table

from .strategies import (
    NOON,
    Row,
    event_batch,
    owned_by,
    revision_batch,
    revisions,
    row_lists,
)

pytestmark = pytest.mark.slow

SUMS = (*TOKEN_FIELDS, "cost_usd")
KEYS = {
    "rollup_5m": ("toStartOfFiveMinutes(occurred_at)",),
    "rollup_hour": ("toDateTime(toStartOfHour(occurred_at), 'UTC')",),
    "rollup_day": ("toDateTime(toStartOfDay(occurred_at), 'UTC')", "service", "account_id"),
}
COMMON_KEYS = ("source", "stream", "event_type", "provider", "model", "status", "severity")


@pytest.fixture(scope="module")
def clickhouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseStore]:
    opened = ClickHouseStore(tmp_path_factory.mktemp("store"))
    yield opened
    opened.close()


def added_up(store: ClickHouseStore, tenant: str, table: str, rollup: str) -> list[Row]:
    """Sums by the keys of `rollup`, of the rollup itself or of the events."""
    bucket, *more = KEYS[rollup]
    is_rollup = table == rollup
    keys = ", ".join((*COMMON_KEYS, *more))
    sums = ", ".join(f"sum({name}) AS sum_{name}" for name in SUMS)
    sql = (
        f"SELECT {'bucket' if is_rollup else bucket} AS start, {keys}, "  # noqa: S608 - our names
        f"{'sum(events)' if is_rollup else 'count()'} AS size, {sums} FROM {table} "
        f"WHERE tenant = {{tenant:String}} GROUP BY start, {keys} ORDER BY start, {keys}"
    )
    found: list[Row] = store._engine.query(sql, {"tenant": tenant})[0].to_pylist()
    # What was revised away leaves zeros, where there never was anything stands nothing.
    return [{name: value or 0 for name, value in row.items()} for row in found if row["size"]]


@given(writes=st.lists(row_lists(most=5), min_size=1, max_size=3))
@settings(max_examples=15)
def test_rollups_add_up_to_their_events(
    clickhouse: ClickHouseStore, new_tenant: Callable[[], str], writes: list[list[Row]]
) -> None:
    tenant = new_tenant()
    for rows in writes:
        clickhouse.write({Table.EVENTS: event_batch(owned_by(tenant, rows))})
        clickhouse.known_keys(NOON)
    for rollup in KEYS:
        of_rollup = added_up(clickhouse, tenant, rollup, rollup)
        assert of_rollup == added_up(clickhouse, tenant, "events", rollup)
        assert sum(row["size"] for row in of_rollup) == sum(map(len, writes))


@given(data=st.data(), rows=row_lists(most=5))
@settings(max_examples=10)
def test_rollups_add_up_after_revisions(
    clickhouse: ClickHouseStore, new_tenant: Callable[[], str], data: st.DataObject, rows: list[Row]
) -> None:
    tenant = new_tenant()
    mine = owned_by(tenant, rows)
    clickhouse.write({Table.EVENTS: event_batch(mine)})
    if data.draw(st.booleans()):
        clickhouse.known_keys(NOON)  # they are in the tables already
    for number in range(2):
        changes = [data.draw(revisions(row, number)) for row in mine[number:]]
        if changes:
            clickhouse.write({Table.REVISIONS: revision_batch(changes)})
        mine = mine[number:]
    clickhouse.known_keys(NOON)
    for rollup in KEYS:
        of_rollup = added_up(clickhouse, tenant, rollup, rollup)
        assert of_rollup == added_up(clickhouse, tenant, "events", rollup)
        assert sum(row["size"] for row in of_rollup) == len(rows)
