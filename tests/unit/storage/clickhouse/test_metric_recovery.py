"""After a crash: acknowledged metric points are in their table, once, whatever they have in common."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from llm_analytics_hub.model.metric import METRIC_SCHEMA
from llm_analytics_hub.storage.clickhouse.commit_log import CommitLog
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table

from .rows import RANGE

pytestmark = pytest.mark.slow

NOON = datetime(2025, 11, 19, 12, tzinfo=UTC)
KNOWN: list[dict[str, Any]] = [
    {"value": 1.5},
    {"labels": [("model", "a")], "started_at": NOON, "total": 2.0},
    {"bucket_bounds": [1.0], "bucket_counts": [1, 2], "count": 3, "service": "shop"},
]


def batch(key: int, known: dict[str, Any]) -> pa.RecordBatch:
    row = {
        "tenant": "t", "source": "observatory", "metric": "m", "kind": "sum", "occurred_at": NOON,
        "received_at": NOON, "series": 1, "point_key": key, "expires_on": date(2025, 12, 1),
    }  # fmt: skip
    return pa.RecordBatch.from_pylist([row | known], METRIC_SCHEMA)


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    """A segment of points that share few columns, acknowledged and not applied."""
    log = CommitLog(tmp_path / "log")
    for key, known in enumerate(KNOWN):
        log.append({Table.METRICS: batch(key, known)})
    sealed = log.seal()
    assert sealed is not None
    return sealed.path


def rows(folder: Path) -> list[dict[str, Any]]:
    store = ClickHouseStore(folder)
    found: list[dict[str, Any]] = store.metric_points("t", "m", RANGE, 10).to_pylist()
    store.close()
    return found


def test_points_left_in_the_log_are_read_back(tmp_path: Path, segment: Path) -> None:
    found = rows(tmp_path)
    for row, known in zip(found, KNOWN, strict=True):
        assert {name: row[name] for name in known} == known


def test_points_applied_again_are_there_once(tmp_path: Path, segment: Path) -> None:
    kept = shutil.copy(segment, tmp_path / "kept")
    rows(tmp_path)
    assert not segment.exists()
    shutil.copy(kept, segment)
    assert len(rows(tmp_path)) == len(KNOWN)
