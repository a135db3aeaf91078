"""All channels of a hub: a notice goes to one by its name, and none waits for another."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import cast
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry

from llm_analytics_hub.alerts.channels.abilities import Resending
from llm_analytics_hub.alerts.channels.base import ChannelBase, Surroundings
from llm_analytics_hub.alerts.channels.channel import ChannelError
from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics
from llm_analytics_hub.alerts.channels.sample import sample_notice
from llm_analytics_hub.alerts.channels.worker import Ended, Task, Worker
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import ConflictError, NotFoundError, SettingsError
from llm_analytics_hub.model.alerts.routing import Delivery, Notice, Outcome

_log = structlog.get_logger(__name__)

Done = Callable[[Delivery], None]


class Channels:
    """Sends notices, each channel on a thread of its own: from `start` on, or its first notice."""

    def __init__(self, settings: Mapping[str, ChannelBase], given: Surroundings) -> None:
        self._settings = settings
        self._given = given
        self._workers = {name: _worker(name, one, given) for name, one in settings.items()}

    @property
    def names(self) -> frozenset[str]:
        """What routes may call them by."""
        return frozenset(self._workers)

    @property
    def kinds(self) -> Mapping[str, str]:
        """What each is, such as `webhook` or `email`."""
        return {name: one.kind for name, one in sorted(self._settings.items())}

    def start(self) -> None:
        """Begin all threads: each loads what it needs, so that no first notice waits for that."""
        for worker in self._workers.values():
            worker.start()

    def send(self, name: str, notice: Notice, done: Done) -> None:
        """Have it sent; `done` is told once what became of it, with the payload where that failed.

        `done` is called on the channel's thread, or before this returns where there is no such
        channel or its queue is full. Nobody is told of what was not sent before `close`.
        """
        delivery = self._delivery(name, notice)
        worker = self._workers.get(name)
        if worker is None:
            done(self._failed(delivery, f"there is no channel {name[:80]!r}"))
            return
        channel = worker.channel
        payload = partial(channel.payload, notice)
        self._give(worker, delivery, partial(channel.send, notice), payload, done)

    def resend(self, delivery: Delivery, done: Done) -> None:
        """Have one that failed sent again, as it was; `done` as in `send`, with the same id.

        Raises: NotFoundError, if its channel is gone; ConflictError, if it has not failed.
        """
        worker = self._worker(delivery.channel)
        if delivery.outcome is not Outcome.FAILED or not delivery.payload:
            raise ConflictError("only a delivery that failed, and whose payload is kept, is resent")
        channel, kept = cast("Resending", worker.channel), delivery.payload
        self._give(worker, delivery, partial(channel.send_again, kept), lambda: kept, done)

    def test(self, name: str, tenant: str) -> Delivery:
        """Send a test now, once, past the queue and over a new connection; what became of it.

        Raises: NotFoundError.
        """
        self._worker(name)
        notice = sample_notice(tenant, self._given.clock.now())
        delivery = self._delivery(name, notice)
        with closing(self._settings[name].open(name, self._given)) as channel:
            try:
                channel.send(notice)
            except ChannelError as error:
                return self._failed(delivery, error.message, channel.payload(notice))
        return self._sent(delivery, 1)

    def remember(self, name: str, notice: Notice) -> None:
        """Have a channel know what it was told of a group before the hub was started.

        Nothing is sent. A channel that must tell again what goes on (`alertmanager`) does so.
        """
        worker = self._workers.get(name)
        if worker is not None:
            worker.remember(notice)

    def close(self) -> None:
        """End all, soon. Idempotent."""
        for worker in self._workers.values():
            worker.end()
        for worker in self._workers.values():
            worker.close()

    def _worker(self, name: str) -> Worker:
        worker = self._workers.get(name)
        if worker is None:
            raise NotFoundError(f"there is no channel {name[:80]!r}", code="unknown_channel")
        return worker

    def _give(
        self,
        worker: Worker,
        delivery: Delivery,
        send: Callable[[], None],
        payload: Callable[[], str],
        done: Done,
    ) -> None:
        def ended(end: Ended) -> None:
            if end.error:
                done(self._failed(delivery, end.error, _written(payload), end.tries))
            else:
                done(self._sent(delivery, end.tries))

        if not worker.take(Task(send, ended, monotonic())):
            said = "the channel's queue is full" if worker.is_open else "the hub ends"
            done(self._failed(delivery, said, _written(payload), 0))

    def _delivery(self, name: str, notice: Notice) -> Delivery:
        told = (*notice.firing, *notice.resolved)
        return Delivery(
            notice.tenant, uuid4().hex, notice.group_key, name, notice.cause, notice.at,
            Outcome.FAILED, tuple(one.alert.fingerprint for one in told), tries=0,
        )  # fmt: skip

    def _sent(self, delivery: Delivery, tries: int) -> Delivery:
        self._count(delivery.channel, Outcome.SENT)
        now = self._given.clock.now()
        return replace(
            delivery,
            at=now,
            outcome=Outcome.SENT,
            tries=delivery.tries + tries,
            error="",
            payload="",
        )

    def _failed(
        self, delivery: Delivery, error: str, payload: str = "", tries: int = 1
    ) -> Delivery:
        self._count(delivery.channel, Outcome.FAILED)
        now, all_tries = self._given.clock.now(), delivery.tries + tries
        return replace(
            delivery, at=now, outcome=Outcome.FAILED, tries=all_tries, error=error, payload=payload
        )

    def _count(self, name: str, outcome: Outcome) -> None:
        # A name that is none comes from a route: it must not become a label.
        known = name if name in self._workers else "unknown"
        self._given.metrics.deliveries.labels(known, outcome.value).inc()


def _written(payload: Callable[[], str]) -> str:
    """What was to be sent; '' where the channel cannot write it: who waits must be answered."""
    try:
        return payload()
    except Exception:  # noqa: BLE001 - whatever it is, the answer counts
        _log.exception("payload not written")
        return ""


def open_channels(
    settings: Mapping[str, ChannelBase], clock: Clock, registry: CollectorRegistry | ChannelMetrics
) -> Channels:
    """The channels, none connected yet. Raises: SettingsError with the name of the one at fault."""
    metrics = registry if isinstance(registry, ChannelMetrics) else ChannelMetrics(registry)
    return Channels(settings, Surroundings(clock, metrics))


def _worker(name: str, one: ChannelBase, given: Surroundings) -> Worker:
    try:
        channel = one.open(name, given)
    except SettingsError as error:
        raise SettingsError(f"alerts.channels.{name}: {error.message}") from error
    return Worker(channel, given.metrics, tries=one.tries, most=one.queue)
