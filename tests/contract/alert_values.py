"""Values that alerting is asked to remember."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from llm_analytics_hub.model.alerts.alert import Acknowledgement, Alert, Phase, Transition
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.model.alerts.labels import labels_of
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.routing import Cause, Delivery, Outcome, Sent
from llm_analytics_hub.storage.alert_store import AlertStore

START = datetime(2025, 11, 18, 9, 30, 0, 123456, tzinfo=UTC)
NAMES = ["x" * 201, "a\0b", "\ud800", ""]
"""None of them is a name."""

Place = tuple[datetime, str]
Row = TypeVar("Row")


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def definition(tenant: str, name: str = "one", body: str | None = "{}", **other: Any) -> Definition:
    plain = Definition(tenant, DefinitionKind.RULE, name, 0, body, "anna", START)
    return replace(plain, **other)


def alert(tenant: str, group: str = "a", **other: Any) -> Alert:
    plain = Alert(tenant, "slow", labels_of({"model": group}), Phase.FIRING, START)
    return replace(plain, **other)


def full_alert(tenant: str) -> Alert:
    return alert(
        tenant,
        "gpt 🙂\0",
        level=Level.CRITICAL,
        value=1 / 3,
        detail=(("limit", "2"), ("unit", "ms")),
        began=after(1),
        fired=after(2),
        resolved=after(3),
        seen=after(4),
        count=7,
    )


def transition(tenant: str, seconds: float = 0, group: str = "a", **other: Any) -> Transition:
    return Transition(alert(tenant, group, **other), Phase.PENDING, after(seconds))


def acknowledgement(one: Alert, by: str = "anna") -> Acknowledgement:
    return Acknowledgement(one.tenant, one.fingerprint, by, "mine\n", START)


def sent(tenant: str, group_key: str = "g", channel: str = "mail", **other: Any) -> Sent:
    firing = frozenset({("0011223344556677", "warning"), ("8899aabbccddeeff", "critical")})
    return replace(Sent(tenant, group_key, channel, firing, START, Cause.NEW), **other)


def delivery(tenant: str, name: str = "d", seconds: float = 0, **other: Any) -> Delivery:
    plain = Delivery(
        tenant, name, "g", "mail", Cause.NEW, after(seconds), Outcome.SENT, ("0011223344556677",)
    )
    return replace(plain, **other)


def all_pages(
    ask: Callable[[Place | None], Sequence[Row]], place_of: Callable[[Row], Place]
) -> list[Row]:
    """Every page after the other."""
    found: list[Row] = []
    before = None
    while rows := ask(before):
        found += rows
        before = place_of(rows[-1])
    return found


def fill(store: AlertStore) -> None:
    store.define([definition("t", body=body) for body in "12"])
    store.save([full_alert("t"), alert("t")], [transition("t")], {"t": (START, 2**64 - 1)})
    store.acknowledge(acknowledgement(alert("t")))
    store.keep_sent(sent("t"), delivery("t"))


def content(store: AlertStore) -> dict[str, object]:
    """All that a store remembers of tenant `t`."""
    return {
        "definitions": store.definitions(DefinitionKind.RULE),
        "changes": store.changes("t", None, 100),
        "alerts": sorted(store.alerts(), key=lambda one: one.labels),
        "history": store.history("t", None, None, None, 100),
        "places": dict(store.places()),
        "acknowledgements": store.acknowledgements(),
        "sent": store.sent(),
        "deliveries": store.deliveries("t", None, None, None, 100),
    }


def alerts_of(store: AlertStore, tenant: str) -> dict[str, Alert]:
    return {dict(one.labels)["model"]: one for one in store.alerts() if one.tenant == tenant}


def seconds_of(store: AlertStore, tenant: str, *asked: str | None) -> list[float]:
    rule, phase = (*asked, None, None)[:2]
    found = store.history(tenant, rule, Phase(phase) if phase else None, None, 100)
    return [(one.at - START).total_seconds() for _, one in found]
