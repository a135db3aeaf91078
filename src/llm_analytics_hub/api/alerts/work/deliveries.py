"""What became of notices, and channels tried out."""

import threading
from concurrent.futures import Future
from datetime import datetime

import structlog

from llm_analytics_hub.alerts.alerting import Alerting
from llm_analytics_hub.api.alerts.work.shown import Json, cut, moment
from llm_analytics_hub.errors import ConflictError, HubError, NotFoundError
from llm_analytics_hub.model.alerts.routing import Delivery

log = structlog.get_logger(__name__)

WAITED_SECONDS = 5.0
"""How long who has something sent again waits for what comes of it."""

LONGEST_LISTED = 10_000
"""Characters of a payload in a list; one delivery is shown whole."""


class DeliveryDesk:
    """Deliveries of each tenant; channels are the hub's."""

    def __init__(self, alerting: Alerting) -> None:
        self._store, self._channels = alerting.store, alerting.channels
        self._sending: set[tuple[str, str]] = set()
        self._turn = threading.Lock()

    def channels(self) -> Json:
        """The channels there are, without their secrets."""
        kinds = self._channels.kinds
        return {"channels": [{"name": name, "kind": kind} for name, kind in kinds.items()]}

    def test(self, tenant: str, name: str) -> Json:
        """What came of a test. Raises: NotFoundError."""
        return shown(self._channels.test(name, tenant))

    def page(
        self,
        tenant: str,
        channel: str | None,
        outcome: str | None,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> Json:
        """Deliveries, the newest first."""
        found = self._store.deliveries(tenant, channel, outcome, before, limit + 1)
        page, last = cut(found, limit)
        return {
            "deliveries": [shown(one, LONGEST_LISTED) for one in page],
            "next": (last.at, last.id) if last else None,
        }

    def one(self, tenant: str, delivery_id: str) -> Json:
        """One of them. Raises: NotFoundError."""
        return shown(self._find(tenant, delivery_id))

    def resend(self, tenant: str, delivery_id: str) -> Json:
        """Send one again that failed: what came of it, or as it was where that takes longer.

        Raises: NotFoundError; ConflictError if it has not failed, or is being sent.
        """
        failed, key = self._find(tenant, delivery_id), (tenant, delivery_id)
        with self._turn:
            if key in self._sending:
                raise ConflictError("it is being sent again already")
            self._sending.add(key)
        done: Future[Delivery] = Future()
        done.add_done_callback(lambda _: self._sending.discard(key))
        try:
            self._channels.resend(failed, lambda delivery: self._keep(delivery, done))
        except HubError:
            self._sending.discard(key)
            raise
        try:
            return shown(done.result(WAITED_SECONDS))
        except TimeoutError:
            return {**shown(failed), "outcome": "sending"}

    def _keep(self, delivery: Delivery, done: "Future[Delivery]") -> None:
        try:
            self._store.keep_delivery(delivery)
        except HubError as error:
            # It stays as failed: who sends it again once more, sends it under the same id.
            log.warning("what came of a delivery is not kept", id=delivery.id, reason=error.message)
        done.set_result(delivery)

    def _find(self, tenant: str, delivery_id: str) -> Delivery:
        found = self._store.delivery(tenant, delivery_id)
        if found is None:
            raise NotFoundError(f"there is no delivery {delivery_id[:80]!r}")
        return found


def shown(one: Delivery, longest: int | None = None) -> Json:
    """A delivery as JSON."""
    return {
        "id": one.id,
        "channel": one.channel,
        "group_key": one.group_key,
        "cause": one.cause.value,
        "at": moment(one.at),
        "outcome": one.outcome.value,
        "alerts": len(one.alerts),
        "tries": one.tries,
        "error": one.error,
        "payload": one.payload[:longest],
    }
