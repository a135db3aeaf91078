"""The governance dashboard: who did what to what, for the audit trail."""

from llm_analytics_hub.simulator.catalogue import ASSETS, USERS
from llm_analytics_hub.simulator.event import Event
from llm_analytics_hub.simulator.scene import Scene, iso_times

ACTIONS = ("view_report", "export_data", "change_policy", "grant_role", "rotate_key", "login")
SHARES = (0.42, 0.12, 0.06, 0.04, 0.02, 0.34)
OFFICERS = 24


def governance_events(scene: Scene, expected: float) -> list[Event]:
    """About `expected` events `audit.logged`, now and then of something that was denied."""
    dice = scene.dice("governance")
    count = int(dice.poisson(expected))
    columns = zip(
        scene.uuids("governance", count),
        iso_times(scene.moments(dice, count)),
        dice.choice(len(ACTIONS), count, p=SHARES).tolist(),
        dice.integers(OFFICERS, size=count).tolist(),
        dice.integers(len(ASSETS), size=count).tolist(),
        (dice.random(count) < 0.03).tolist(),
        strict=True,
    )
    return [_event(*row) for row in columns]


def _event(event_id: str, at: str, action: int, user: int, asset: int, is_denied: bool) -> Event:
    return Event(
        event_id=event_id,
        event_type="audit.logged",
        source="governance-dashboard",
        occurred_at=at,
        severity="low" if is_denied else "info",
        environment="production",
        asset_id=ASSETS[asset].asset_id,
        operation=ACTIONS[action],
        status="denied" if is_denied else "ok",
        user_id=USERS[user],
        attributes={"resource_type": ASSETS[asset].kind, "action": ACTIONS[action]},
    )
