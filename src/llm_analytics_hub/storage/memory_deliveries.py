"""What was sent to whom, and what became of it, in memory."""

from collections.abc import Sequence
from datetime import datetime

from llm_analytics_hub.model.alerts.routing import Delivery, Sent
from llm_analytics_hub.storage.alert_bounds import (
    check_group,
    check_limit,
    check_names,
    delivery_json,
    sent_json,
)
from llm_analytics_hub.storage.memory_part import MemoryPart, page


class MemoryDeliveries(MemoryPart):
    """The sent log and the deliveries of an `AlertStore`."""

    def __init__(self) -> None:
        super().__init__()
        self._sent: dict[tuple[str, str, str], Sent] = {}
        self._deliveries: dict[tuple[str, str], Delivery] = {}

    def sent(self) -> Sequence[Sent]:
        """See `AlertStore.sent`."""
        with self._open():
            return list(self._sent.values())

    def keep_sent(self, told: Sent, delivery: Delivery, /) -> None:
        """See `AlertStore.keep_sent`."""
        sent_json(told)
        delivery_json(delivery)
        with self._open():
            self._sent[told.tenant, told.group_key, told.channel] = told
            self._deliveries[delivery.tenant, delivery.id] = delivery

    def forget_sent(self, tenant: str, group_key: str, /) -> None:
        """See `AlertStore.forget_sent`."""
        check_group(tenant, group_key)
        with self._open():
            for key in [key for key in self._sent if key[:2] == (tenant, group_key)]:
                del self._sent[key]

    def keep_delivery(self, delivery: Delivery, /) -> None:
        """See `AlertStore.keep_delivery`."""
        delivery_json(delivery)
        with self._open():
            self._deliveries[delivery.tenant, delivery.id] = delivery

    def deliveries(
        self,
        tenant: str,
        channel: str | None,
        outcome: str | None,
        before: tuple[datetime, str] | None,
        limit: int,
        /,
    ) -> Sequence[Delivery]:
        """See `AlertStore.deliveries`."""
        check_names(tenant, channel, outcome, before[1] if before else None)
        check_limit(limit)
        with self._open():
            found = [
                ((one.at, one.id), one)
                for one in self._deliveries.values()
                if one.tenant == tenant
                and channel in (None, one.channel)
                and outcome in (None, one.outcome)
            ]
        return [one for _, one in page(found, before, limit)]

    def delivery(self, tenant: str, delivery_id: str, /) -> Delivery | None:
        """See `AlertStore.delivery`."""
        check_names(tenant, delivery_id)
        with self._open():
            return self._deliveries.get((tenant, delivery_id))

    def _prune_deliveries(self, before: datetime) -> int:
        kept = {key: one for key, one in self._deliveries.items() if one.at >= before}
        forgotten = len(self._deliveries) - len(kept)
        self._deliveries = kept
        return forgotten
