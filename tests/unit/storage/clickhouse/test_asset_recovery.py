"""After a crash: what was told of assets is known, also when it is told twice, and after merges."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from llm_analytics_hub.model.asset import ASSET_FACT_SCHEMA, AssetFilter
from llm_analytics_hub.storage.clickhouse.commit_log import CommitLog
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table

pytestmark = pytest.mark.slow

NOON = datetime(2025, 11, 19, 12, tzinfo=UTC)
TOLD: list[dict[str, Any]] = [{"owner": "ann"}, {"owner": "bob", "license": "MIT"}, {"name": "n"}]


def batch(minute: int, told: dict[str, Any]) -> pa.RecordBatch:
    moment = NOON + timedelta(minutes=minute)
    row = {"tenant": "t", "asset_id": "a", "version": "", "occurred_at": moment}
    return pa.RecordBatch.from_pylist([row | told], ASSET_FACT_SCHEMA)


def left_over(folder: Path) -> Path:
    """A segment of facts that name different members, acknowledged and not applied."""
    log = CommitLog(folder / "log")
    for minute, told in enumerate(TOLD):
        log.append({Table.ASSETS: batch(minute, told)})
    sealed = log.seal()
    assert sealed is not None
    return sealed.path


def known(folder: Path) -> dict[str, Any]:
    store = ClickHouseStore(folder)
    (row,) = store.assets(AssetFilter("t")).to_pylist()
    store.close()
    return {name: value for name, value in row.items() if isinstance(value, str)}


def test_facts_left_in_the_log_are_known_once_and_again(tmp_path: Path) -> None:
    segment = left_over(tmp_path)
    kept = shutil.copy(segment, tmp_path / "kept")
    wanted = {"tenant": "t", "asset_id": "a", "owner": "bob", "license": "MIT", "name": "n"}
    assert known(tmp_path) == wanted
    assert not segment.exists()
    shutil.copy(kept, segment)
    assert known(tmp_path) == wanted
