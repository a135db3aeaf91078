"""The way of an event, put together: what commits, and what it remembers of before."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.intake import Intake, IntakeLimits
from llm_analytics_hub.ingest.letter_room import LetterLimits, LetterRoom
from llm_analytics_hub.ingest.linking.linker import Linker
from llm_analytics_hub.ingest.metric_commit import MetricCommitter
from llm_analytics_hub.ingest.metric_series import REMEMBERED
from llm_analytics_hub.live.stream import LiveStream
from llm_analytics_hub.normalize.normalizer import Rules
from llm_analytics_hub.query.cache.cache import AnswerCache
from llm_analytics_hub.settings import Settings
from llm_analytics_hub.storage.interface import EventStore
from llm_analytics_hub.telemetry.metrics import Metrics

LINKED_ACROSS_RESTARTS = timedelta(hours=1)
"""Spans older than this are not looked at again when the hub starts: the rest of their trace is here."""

SPANS_ACROSS_RESTARTS = 50_000
"""How many of them are, the newest."""


@dataclass(frozen=True)
class Ingest:
    """What takes events and metric points, and what it keeps of the refused."""

    committer: Committer
    intake: Intake
    points: MetricCommitter
    room: LetterRoom


def open_ingest(
    settings: Settings,
    rules: Rules,
    store: EventStore,
    cache: AnswerCache,
    live: LiveStream,
    clock: Clock,
    metrics: Metrics,
) -> Ingest:
    """Ingest into `store`, knowing what was stored before; what is new goes to `live`."""
    now = clock.now()
    room = _room(settings, store, metrics)
    committer = Committer(
        store, _window(store, now), rules, metrics, _linker(rules, store, now), room,
        touched=cache.touched, published=live.publish,
    )  # fmt: skip
    points = MetricCommitter(store, rules.policies["observatory"], metrics, room=room)
    points.recall(store.metric_state(now - points.remembered_for, REMEMBERED), now)
    limits = IntakeLimits(settings.ingest.waiting_rows, settings.ingest.group_rows)
    return Ingest(committer, Intake(committer, clock, metrics, limits), points, room)


def _window(store: EventStore, now: datetime) -> DedupWindow:
    window, known = DedupWindow(), store.known_keys(now)
    window.remember(known.keys, known.until, int(now.timestamp()))
    return window


def _linker(rules: Rules, store: EventStore, now: datetime) -> Linker:
    linker = Linker(rules.prices)
    linker.recall(*store.recent_spans(now - LINKED_ACROSS_RESTARTS, SPANS_ACROSS_RESTARTS))
    return linker


def _room(settings: Settings, store: EventStore, metrics: Metrics) -> LetterRoom:
    kept = settings.ingest.dead_letters
    room = LetterRoom(metrics, LetterLimits(kept.per_tenant_rows, kept.payload_characters))
    room.learn(store.count_dead_letters())
    return room
