"""What was sent to whom, and what became of it, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from llm_analytics_hub.model.alerts.routing import Delivery, Sent
from llm_analytics_hub.storage.alert_bounds import (
    check_group,
    check_limit,
    check_names,
    delivery_json,
    from_json,
    sent_json,
)
from llm_analytics_hub.storage.control.alert_tables import DELIVERIES, SENT
from llm_analytics_hub.storage.control.part import StorePart, page
from llm_analytics_hub.storage.control.upsert import upsert


class SqlDeliveries(StorePart):
    """The sent log and the deliveries of an `AlertStore`."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._keep_sent = upsert(engine, SENT)
        self._keep_delivery = upsert(engine, DELIVERIES)

    def sent(self) -> Sequence[Sent]:
        """See `AlertStore.sent`."""
        return from_json(Sent, self._texts(select(SENT.c.body)))

    def keep_sent(self, told: Sent, delivery: Delivery, /) -> None:
        """See `AlertStore.keep_sent`."""
        sent_row, delivery_row = _to_sent_row(told), _to_row(delivery)
        with self._writing() as connection:
            connection.execute(self._keep_sent, sent_row)
            connection.execute(self._keep_delivery, delivery_row)

    def forget_sent(self, tenant: str, group_key: str, /) -> None:
        """See `AlertStore.forget_sent`."""
        check_group(tenant, group_key)
        here = SENT.c
        gone = delete(SENT).where(here.tenant == tenant, here.group_hash == _hash(group_key))
        with self._writing() as connection:
            connection.execute(gone)

    def keep_delivery(self, delivery: Delivery, /) -> None:
        """See `AlertStore.keep_delivery`."""
        row = _to_row(delivery)
        with self._writing() as connection:
            connection.execute(self._keep_delivery, row)

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
        equal = {"tenant": tenant, "channel": channel, "outcome": outcome}
        wanted = select(DELIVERIES.c.body).where(
            *(DELIVERIES.c[name] == value for name, value in equal.items() if value is not None)
        )
        return from_json(Delivery, self._texts(page(wanted, DELIVERIES, before, limit)))

    def delivery(self, tenant: str, delivery_id: str, /) -> Delivery | None:
        """See `AlertStore.delivery`."""
        check_names(tenant, delivery_id)
        here = DELIVERIES.c
        wanted = select(here.body).where(here.tenant == tenant, here.id == delivery_id)
        return next(iter(from_json(Delivery, self._texts(wanted))), None)


def prune_deliveries(connection: Connection, before: datetime) -> int:
    """Forget deliveries from before that moment; how many."""
    return connection.execute(delete(DELIVERIES).where(DELIVERIES.c.at < before)).rowcount


def _hash(group_key: str) -> str:
    return blake2b(group_key.encode(), digest_size=16).hexdigest()


def _to_sent_row(told: Sent) -> dict[str, Any]:
    return {
        "body": sent_json(told),  # first: it checks the rest
        "tenant": told.tenant,
        "group_hash": _hash(told.group_key),
        "channel": told.channel,
    }


def _to_row(delivery: Delivery) -> dict[str, Any]:
    return {
        "tenant": delivery.tenant,
        "id": delivery.id,
        "channel": delivery.channel,
        "outcome": delivery.outcome,
        "at": delivery.at,
        "body": delivery_json(delivery),
    }
