"""The marketplace: services consumed, promises broken, money earned."""

from llm_analytics_hub.simulator.catalogue import ACCOUNTS, LISTINGS, USERS
from llm_analytics_hub.simulator.event import Event
from llm_analytics_hub.simulator.scene import Scene, iso_times

KINDS = ("service.consumed", "sla.violation", "revenue.recorded")
SHARES = (0.84, 0.02, 0.14)
PROMISED_MS = 2500.0


def marketplace_events(scene: Scene, expected: float) -> list[Event]:
    """About `expected` events; `value` is milliseconds of a broken promise or USD of revenue."""
    dice = scene.dice("marketplace")
    count = int(dice.poisson(expected))
    columns = zip(
        scene.uuids("marketplace", count),
        iso_times(scene.moments(dice, count)),
        dice.choice(len(KINDS), count, p=SHARES).tolist(),
        dice.integers(len(LISTINGS), size=count).tolist(),
        dice.integers(len(USERS), size=count).tolist(),
        dice.lognormal(6.2, 0.5, count).round(3).tolist(),
        dice.lognormal(0.6, 0.8, count).round(2).tolist(),
        (dice.random(count) < 0.015).tolist(),
        strict=True,
    )
    return [_event(*row) for row in columns]


def _event(
    event_id: str,
    at: str,
    kind: int,
    listing: int,
    user: int,
    latency_ms: float,
    price_usd: float,
    failed: bool,
) -> Event:
    event = Event(
        event_id=event_id,
        event_type=KINDS[kind],
        source="marketplace",
        occurred_at=at,
        severity="info",
        environment="production",
        service=LISTINGS[listing],
        asset_id=LISTINGS[listing],
        account_id=ACCOUNTS[user % len(ACCOUNTS)].name,
    )
    if event.event_type == "service.consumed":
        event.user_id, event.latency_ms = USERS[user], latency_ms
        event.status = "error" if failed else "ok"
        event.error_type = "server_error" if failed else None
    elif event.event_type == "sla.violation":
        event.severity = "medium"
        event.value, event.unit = round(PROMISED_MS + latency_ms, 3), "ms"
        event.attributes = {"metric": "latency", "threshold_ms": PROMISED_MS}
    else:
        event.value, event.unit = price_usd, "USD"
    return event
