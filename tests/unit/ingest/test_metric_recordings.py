"""Metrics of real SDKs: every point is read, cumulative ones count once, however often they come."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from llm_analytics_hub.ingest.codecs.otlp_metrics import decode_otlp_metrics
from llm_analytics_hub.ingest.metric_commit import MetricCommitter
from llm_analytics_hub.ingest.metric_point import DecodedMetrics
from llm_analytics_hub.model.stream import POLICIES
from llm_analytics_hub.storage.interface import Table, WriteSet
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .recordings.recorded import RECORDINGS, truth_of
from .recordings.recorded_metrics import METRIC_CASES, metric_bodies_of, totals_of

pytestmark = pytest.mark.skipif(not RECORDINGS.exists(), reason="no recordings beside the checkout")

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Recorder(MemoryStore):
    """A store that keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[pa.RecordBatch] = []

    def write(self, rows: WriteSet, /) -> None:
        """See `EventWriter.write`."""
        assert set(rows) == {Table.METRICS}
        self.batches.append(rows[Table.METRICS])
        super().write(rows)


def committer(store: MemoryStore) -> MetricCommitter:
    return MetricCommitter(store, POLICIES["observatory"], Metrics())


def decoded(case: str) -> Iterator[DecodedMetrics]:
    for body, content_type in metric_bodies_of(case):
        yield decode_otlp_metrics(body, content_type)


def check_totals(case: str, store: Recorder) -> None:
    wanted = truth_of(case)["token_metric_totals"]
    found = totals_of(store.batches, wanted)
    for name, totals in wanted.items():
        assert found[name] == pytest.approx(totals), name


@pytest.mark.parametrize("case", METRIC_CASES)
def test_every_point_is_read(case: str) -> None:
    requests = list(decoded(case))
    assert not any(request.refused for request in requests)
    points = sum(len(request.points) + request.skipped for request in requests)
    assert points == truth_of(case)["counts"]["metric_points"]


@pytest.mark.parametrize("case", METRIC_CASES)
def test_tokens_add_up_to_what_the_sdk_counted(case: str) -> None:
    store = Recorder()
    commit = committer(store).commit
    receipts = [commit("t", request, NOON) for request in decoded(case)]
    check_totals(case, store)
    taken = sum(receipt.accepted + receipt.duplicates + receipt.skipped for receipt in receipts)
    assert taken == truth_of(case)["counts"]["metric_points"]


@pytest.mark.parametrize("case", METRIC_CASES)
def test_the_same_again_adds_nothing(case: str) -> None:
    store = Recorder()
    for attempt in range(2):
        first = committer(store)  # another one: as after a restart
        first.recall(store.metric_state(NOON - first.remembered_for, 1000), NOON)
        for request in [*decoded(case), *decoded(case)][:: 1 - 2 * attempt]:
            first.commit("t", request, NOON)
    check_totals(case, store)
