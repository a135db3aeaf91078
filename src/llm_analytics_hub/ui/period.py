"""The time a page shows: from when to when, in buckets of which size, in whose time zone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from llm_analytics_hub.ui.state import RANGES, State

SPANS = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
STEPS = (
    # up to this long, a bucket of this name and size, in words
    (timedelta(hours=2), "minute", timedelta(minutes=1), "minute"),
    (timedelta(hours=12), "5m", timedelta(minutes=5), "5 minutes"),
    (timedelta(hours=36), "15m", timedelta(minutes=15), "15 minutes"),
    (timedelta(days=10), "hour", timedelta(hours=1), "hour"),
    (timedelta.max, "day", timedelta(days=1), "day"),
)


@dataclass(frozen=True)
class Period:
    """From `start` to `end` (aware, UTC), cut into calendar buckets of `zone`."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    granularity: str
    step: timedelta
    step_words: str
    words: str

    @property
    def previous(self) -> "Period":
        """The equally long time just before."""
        return replace(self, start=self.start - (self.end - self.start), end=self.start)

    @property
    def json_range(self) -> dict[str, str]:
        """The time range of a question's body."""
        return {"from": to_iso(self.start), "to": to_iso(self.end)}

    def local(self, moment: datetime) -> datetime:
        """The viewer's clock at `moment`, without a zone: what an axis shows."""
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def buckets(self) -> Iterator[datetime]:
        """Where each bucket begins, in UTC, in order; the first may begin before `start`."""
        bucket = self._floor(self.start)
        while bucket < self.end:
            yield bucket
            bucket = self._next(bucket)

    def _floor(self, moment: datetime) -> datetime:
        local = self.local(moment)
        midnight = datetime.combine(local.date(), time())
        if self.granularity == "day":
            return midnight.replace(tzinfo=self.zone).astimezone(UTC)
        return moment - (local - midnight) % self.step

    def _next(self, bucket: datetime) -> datetime:
        if self.granularity != "day":
            return bucket + self.step
        # A day is not always 24 hours long.
        tomorrow = self.local(bucket).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), self.zone).astimezone(UTC)


def period_of(state: State, now: datetime, zone: ZoneInfo) -> Period:
    """The time `state` asks for, at `now`."""
    if state.between:
        start, end = state.between.start, state.between.end
        words = _words(start.astimezone(zone), end.astimezone(zone))
    else:
        start, end, words = now - SPANS[state.last], now, RANGES[state.last]
    _, granularity, step, step_words = next(row for row in STEPS if end - start <= row[0])
    return Period(start, end, zone, granularity, step, step_words, words)


def zone_of(name: str | None) -> ZoneInfo:
    """The time zone of that name; UTC where the hub does not know it."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def to_iso(moment: datetime) -> str:
    """`2025-11-19T10:00:00.123456Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _words(start: datetime, end: datetime) -> str:
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%d %b %H:%M}"
    return f"{start:%d %b %H:%M} to {last}"
