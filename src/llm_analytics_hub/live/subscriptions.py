"""Everybody who subscribed: each commit is matched once for each filter, each event written once."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from llm_analytics_hub.errors import SaturatedError, UnavailableError
from llm_analytics_hub.live.frames import FRAME_BYTES, Events, Frame, cut, texts_of
from llm_analytics_hub.live.matching import Rows, check_live
from llm_analytics_hub.live.narrowing import Narrowed
from llm_analytics_hub.live.settings import LiveSettings
from llm_analytics_hub.live.stream import LiveStream, Published
from llm_analytics_hub.live.subscription import Progress, Subscription
from llm_analytics_hub.model.query import All, Arrivals, Condition, Filter, Op, Place
from llm_analytics_hub.storage.interface import EventReader
from llm_analytics_hub.telemetry.metrics import Metrics

_PAGE = 500
"""Events read at once from the store, for whoever resumes."""

Loop = asyncio.AbstractEventLoop


@dataclass(frozen=True)
class _Watcher:
    loop: Loop
    subscription: Subscription


Passed = Sequence[tuple[Subscription, Events]]


class Subscriptions:
    """Subscribers of all tenants. `frames` is for event loops; the rest is the stream's thread's."""

    def __init__(
        self, stream: LiveStream, reader: EventReader, metrics: Metrics, limits: LiveSettings
    ) -> None:
        self._reader = reader
        self._metrics = metrics
        self._limits = limits
        self._lock = threading.Lock()
        self._watchers: dict[Filter, tuple[_Watcher, ...]] = {}
        self._narrowed: Narrowed[Filter] | None = None
        self._loops: dict[Loop, Progress] = {}
        self._count = 0
        self._is_closed = False
        self._seen = stream.place
        stream.listen(self._published)

    @property
    def place(self) -> Place:
        """Where the stream stands: who goes on behind it misses nothing that comes."""
        return self._seen

    async def frames(
        self, tenant: str, where: Filter, after: Place | None = None
    ) -> AsyncGenerator[Frame, None]:
        """What passes `where`, from now on or after `after`: each event once, in order of arrival.

        A frame without events comes first, or once what was stored is told: it says where the
        subscriber stands. It ends when the hub does. Raises: InvalidQueryError for a filter that
        needs more than the event; SaturatedError; UnavailableError.
        """
        check_live(where)
        with self._subscribed(tenant, where) as subscription:
            joined = subscription.place
            if after is not None:
                async for events in self._stored(tenant, where, after, joined):
                    yield events
            yield Events((), joined)
            quiet = self._limits.heartbeat.total_seconds()
            while (frame := await subscription.next(quiet)) is not None:
                yield frame

    def close(self) -> None:
        """End the streams of all subscribers, and let nobody subscribe any more. Idempotent."""
        with self._lock:
            self._is_closed = True
            watchers = [one for group in self._watchers.values() for one in group]
        for watcher in watchers:
            self._call(watcher.loop, watcher.subscription.end)

    async def _stored(
        self, tenant: str, where: Filter, after: Place, end: Place
    ) -> AsyncIterator[Events]:
        """What was stored after `after` and up to `end`."""
        while after < end:
            wanted = Arrivals(tenant, where, after, _PAGE)
            found = await asyncio.to_thread(self._reader.arrivals, wanted)
            places = list(
                zip(found["received_at"].to_pylist(), found["event_key"].to_pylist(), strict=True)
            )
            size = sum(place <= end for place in places)
            if size:
                after = places[size - 1]
                # By place: while it is revised, an event may be seen twice.
                told = dict(zip(places, texts_of(found.slice(0, size)), strict=False))
                for events in cut(list(told.values()), list(told)):
                    yield events
            if size < _PAGE:
                return

    @contextmanager
    def _subscribed(self, tenant: str, where: Filter) -> Iterator[Subscription]:
        key = All((Condition("tenant", Op.EQ, (tenant,)), where))
        loop = asyncio.get_running_loop()
        with self._lock:
            self._admit()
            # What was published up to here is in the store; what comes after reaches the buffer.
            progress = self._loops.setdefault(loop, Progress(self._seen))
            one = Subscription(progress, self._seen, self._limits.buffered_events)
            self._narrowed = self._narrowed if key in self._watchers else None
            self._watchers[key] = (*self._watchers.get(key, ()), _Watcher(loop, one))
        try:
            yield one
        finally:
            self._leave(key, one)

    def _admit(self) -> None:
        if self._is_closed:
            raise UnavailableError(
                "the hub is stopping: come again with the cursor", code="stopping"
            )
        if self._count >= self._limits.subscribers:
            raise SaturatedError(
                f"{self._count} subscribers are connected, and there may be no more",
                retry_after_seconds=10.0,
            )
        self._count += 1
        self._metrics.live_subscribers.set(self._count)

    def _leave(self, key: Filter, one: Subscription) -> None:
        with self._lock:
            rest = tuple(watcher for watcher in self._watchers[key] if watcher.subscription != one)
            if rest:
                self._watchers[key] = rest
            else:
                del self._watchers[key]
                self._narrowed = None
            self._count -= 1
            self._metrics.live_subscribers.set(self._count)

    def _published(self, published: Published) -> None:
        with self._lock:
            watchers, seen, self._seen = dict(self._watchers), self._seen, published.place
            loops = tuple(self._loops.items())
            self._narrowed = narrowed = self._narrowed or Narrowed((key, key) for key in watchers)
        if not watchers:
            return
        missed = None if published.before == seen else published.passed_over
        try:
            passed = _passed(published, narrowed)
        except Exception:
            # Told as missed, or they would go on behind it and never know; the stream counts and logs it.
            most = (missed or 0) + published.events.num_rows
            self._hand_on(published.place, watchers, loops, most, ())
            raise
        self._hand_on(published.place, watchers, loops, missed, passed)

    def _hand_on(
        self,
        place: Place,
        watchers: Mapping[Filter, tuple[_Watcher, ...]],
        loops: Iterable[tuple[Loop, Progress]],
        missed: int | None,
        passed: Iterable[tuple[Filter, Events]],
    ) -> None:
        """Give each loop what passed for its subscribers; `missed`: so much was never looked at."""
        by_loop: dict[Loop, list[tuple[Subscription, Events]]] = defaultdict(list)
        for key, events in passed:
            for watcher in watchers[key]:
                by_loop[watcher.loop].append((watcher.subscription, events))
        for loop, progress in loops:
            skipped = [] if missed is None else _of(loop, watchers.values())
            told = by_loop.get(loop, ())
            self._call(loop, _deliver, progress, place, skipped, missed or 0, told)

    def _call(self, loop: Loop, *call: object) -> None:
        try:
            loop.call_soon_threadsafe(*call)  # type: ignore[arg-type]
        except RuntimeError:  # the loop is closed, and its subscribers with it
            with self._lock:
                self._loops.pop(loop, None)


def _deliver(
    progress: Progress, place: Place, skipped: Iterable[Subscription], missed: int, passed: Passed
) -> None:
    for subscription in skipped:
        subscription.skip(missed)
    progress.place = place
    for subscription, events in passed:
        subscription.put(events)


def _of(loop: Loop, watchers: Iterable[tuple[_Watcher, ...]]) -> list[Subscription]:
    return [one.subscription for group in watchers for one in group if one.loop is loop]


def _passed(published: Published, narrowed: Narrowed[Filter]) -> list[tuple[Filter, Events]]:
    """What passes each filter; those that nothing passes are left out."""
    found = list(narrowed.passing(published.batch))
    if not found:
        return []
    wanted = sorted({row for _, rows in found for row in rows})
    texts = _texts(published.events, wanted)
    return [(key, events) for key, rows in found for events in _frames(published, rows, texts)]


def _frames(published: Published, rows: Rows, texts: Mapping[int, bytes]) -> list[Events]:
    """The events of some rows; those that are too many for a frame in the order that stores have."""
    told = [texts[row] for row in rows]
    if sum(map(len, told)) <= FRAME_BYTES:
        return [Events(tuple(told), published.place)]
    events = published.events.take(pa.array(rows))
    places = zip(events["received_at"].to_pylist(), events["event_key"].to_pylist(), strict=True)
    ordered = sorted(zip(places, told, strict=True))
    ends = [*(place for place, _ in ordered[:-1]), published.place]
    return cut([text for _, text in ordered], ends)


def _texts(events: pa.RecordBatch, rows: Rows) -> Mapping[int, bytes]:
    return dict(zip(rows, texts_of(events.take(pa.array(rows))), strict=True))
