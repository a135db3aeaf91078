"""The way of metric points: count what is new, drop repeats, store, remember, give the receipt."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import xxhash

from llm_analytics_hub.ingest.dead_letters import Letter, letter_batch
from llm_analytics_hub.ingest.dedup import DedupWindow, Keys
from llm_analytics_hub.ingest.letter_room import LetterRoom
from llm_analytics_hub.ingest.metric_future import without_future
from llm_analytics_hub.ingest.metric_kinds import MetricKinds
from llm_analytics_hub.ingest.metric_point import DecodedMetrics, MetricPoint, MetricReceipt
from llm_analytics_hub.ingest.metric_series import Counted, Last, MetricSeries
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Refused
from llm_analytics_hub.model.metric import METRIC_SCHEMA
from llm_analytics_hub.model.stream import DeliveryPolicy
from llm_analytics_hub.storage.interface import EventWriter, MetricState, Table
from llm_analytics_hub.telemetry.metrics import Metrics

SOURCE = "observatory"
DOOR = "otlp_metrics"
REMEMBERED_FOR = timedelta(minutes=10)
"""How long a point is remembered where its stream's policy does not say."""


class MetricCommitter:
    """Takes the points of requests to the store. Owned by one thread."""

    def __init__(
        self,
        writer: EventWriter,
        policy: DeliveryPolicy,
        metrics: Metrics,
        series: MetricSeries | None = None,
        room: LetterRoom | None = None,
    ) -> None:
        self._writer = writer
        self._policy = policy
        self._metrics = metrics
        self._series = MetricSeries() if series is None else series
        self._room = LetterRoom(metrics) if room is None else room
        self._window = DedupWindow()
        self._kinds = MetricKinds()

    @property
    def remembered_for(self) -> timedelta:
        """How long after it came the same point is a repeat."""
        return self._policy.dedup_window or REMEMBERED_FOR

    def recall(self, state: MetricState, now: datetime) -> None:
        """Go on counting where the store's last points stood."""
        self._remember(state.keys, now)
        self._series.recall(_last_points(state.totals))

    def commit(self, tenant: str, decoded: DecodedMetrics, received_at: datetime) -> MetricReceipt:
        """The receipt, after all points that say something new, and letters of those refused, are stored.

        Raises: SaturatedError, UnavailableError: nothing was stored, all may be sent again.
        """
        decoded = without_future(decoded, received_at)
        taken = self._series.take(tenant, decoded.points)
        keys = np.array([_key(one) for one in taken.counted], np.uint64)
        repeats = self._window.repeats(keys, int(received_at.timestamp()))
        fresh = [one for one, repeat in zip(taken.counted, repeats, strict=True) if not repeat]
        self._write(tenant, fresh, decoded.refused, received_at)
        self._series.stored(taken)
        self._remember(keys[~repeats], received_at)
        receipt = MetricReceipt(
            len(fresh),
            taken.duplicates + int(repeats.sum()),
            [one.rejection for one in decoded.refused],
            decoded.skipped,
            [*decoded.repaired, *self._changed_kinds(tenant, decoded)],
        )
        self._count(tenant, receipt)
        return receipt

    def _write(
        self, tenant: str, fresh: Sequence[Counted], refused: Sequence[Refused], now: datetime
    ) -> None:
        rows: dict[Table, pa.RecordBatch] = {}
        if fresh:
            rows[Table.METRICS] = self._batch(tenant, fresh, now)
        letters = [_letter(tenant, one, now) for one in refused]
        if fitting := self._room.fitting(letters):
            rows[Table.DEAD_LETTERS] = letter_batch(fitting, self._room.limits.payload_characters)
        if rows:
            self._writer.write(rows)
        self._room.stored(fitting, letters)

    def _changed_kinds(self, tenant: str, decoded: DecodedMetrics) -> list[Rejection]:
        return [
            Rejection(decoded.place(number), "metric_type_changed", _told(decoded, number, before))
            for number, before in self._kinds.changes(tenant, decoded.points)
        ]

    def _count(self, tenant: str, receipt: MetricReceipt) -> None:
        outcomes = {
            "accepted": receipt.accepted,
            "duplicate": receipt.duplicates,
            "refused": len(receipt.rejected),
            "skipped": receipt.skipped,
        }
        for outcome, count in outcomes.items():
            if count:
                self._metrics.metric_points.labels(tenant, outcome).inc(count)
        for rejection in receipt.rejected:
            self._metrics.refused.labels(DOOR, rejection.code).inc()

    def _remember(self, keys: Keys, now: datetime) -> None:
        until = int((now + self.remembered_for).timestamp())
        self._window.remember(keys, np.full(len(keys), until), int(now.timestamp()))

    def _batch(
        self, tenant: str, fresh: Sequence[Counted], received_at: datetime
    ) -> pa.RecordBatch:
        shared = {
            "tenant": tenant,
            "source": SOURCE,
            "received_at": received_at,
            "expires_on": (received_at + self._policy.retention).date(),
        }
        return pa.RecordBatch.from_pylist([shared | _row(one) for one in fresh], METRIC_SCHEMA)


def _letter(tenant: str, refused: Refused, received_at: datetime) -> Letter:
    one = refused.rejection
    return Letter(
        tenant, received_at, SOURCE, DOOR, one.index, one.code, one.message, refused.payload
    )


def _told(decoded: DecodedMetrics, number: int, before: str) -> str:
    instrument = decoded.points[number].instrument
    return f"{instrument.name} was a {before} before and is a {instrument.kind} now: kept apart"


def _key(one: Counted) -> int:
    """The 64-bit hash of a point: its series, its time and what was sent."""
    sent = f"{one.series}/{one.point.occurred_at}/{one.point.numbers!r}"
    return int(xxhash.xxh3_64_intdigest(sent.encode()))


def _row(one: Counted) -> dict[str, object]:
    instrument, added = one.point.instrument, one.added
    return {
        "metric": instrument.name,
        "unit": instrument.unit or None,
        "kind": instrument.kind,
        "temporality": instrument.temporality or None,
        "is_monotonic": instrument.is_monotonic,
        "service": instrument.service,
        "environment": instrument.environment,
        "scope": instrument.scope or None,
        "labels": list(one.point.labels),
        "occurred_at": one.point.occurred_at,
        "started_at": one.started_at or None,
        "value": added.value,
        "count": added.count,
        "min": added.min,
        "max": added.max,
        "bucket_bounds": added.bounds,
        "bucket_counts": added.buckets,
        "quantile_levels": added.levels,
        "quantile_values": added.quantiles,
        "series": one.series,
        "point_key": _key(one),
        **_totals(one.point),
    }


def _totals(point: MetricPoint) -> dict[str, object]:
    if not point.instrument.accumulates:
        return {"total_buckets": ()}
    numbers = point.numbers
    return {
        "total": numbers.value,
        "total_count": numbers.count,
        "total_buckets": numbers.buckets,
    }


def _last_points(totals: pa.Table) -> Iterator[tuple[int, Last]]:
    moments = totals["occurred_at"].cast(pa.int64()).to_pylist()
    for row, at in zip(totals.to_pylist(), moments, strict=True):
        bounds, buckets = tuple(row["bucket_bounds"]), tuple(row["total_buckets"])
        yield row["series"], Last(at, row["total"], row["total_count"], bounds, buckets)
