"""The policy engine: what it allowed and denied, the violations it saw, the attack of day 5."""

import numpy as np

from llm_analytics_hub.simulator.catalogue import ACCOUNTS, POLICIES, SERVICES, USERS
from llm_analytics_hub.simulator.event import Event
from llm_analytics_hub.simulator.scene import Scene, iso_times
from llm_analytics_hub.simulator.story import ATTACKERS

OUTCOMES = ("allowed", "denied", "violation", "verified")
EVERYDAY_SHARES = (0.87, 0.04, 0.05, 0.04)
ATTACK_SHARES = (0.1, 0.3, 0.6, 0.0)
ATTACK_SURGE = 1.5
ATTACKED_POLICIES = (0, 1)
TYPES = {
    "allowed": "policy.evaluated",
    "denied": "policy.evaluated",
    "violation": "violation.detected",
    "verified": "compliance.verified",
}


def policy_events(scene: Scene, expected: float) -> list[Event]:
    """About `expected` events of everyday work, and more while the attack is on."""
    everyday = _events(
        scene, "policies", expected, EVERYDAY_SHARES, range(len(POLICIES)), range(len(USERS))
    )
    if not scene.story.attack.contains(scene.span.begins_us):
        return everyday
    attackers = [USERS.index(user) for user in ATTACKERS]
    surge = _events(
        scene, "attack", expected * ATTACK_SURGE, ATTACK_SHARES, ATTACKED_POLICIES, attackers
    )
    return everyday + surge


def _events(
    scene: Scene,
    name: str,
    expected: float,
    shares: tuple[float, ...],
    policies: range | tuple[int, ...],
    users: range | list[int],
) -> list[Event]:
    dice = scene.dice(name)
    count = int(dice.poisson(expected))
    weights = np.array([POLICIES[policy].weight for policy in policies])
    columns = zip(
        scene.uuids(name, count),
        iso_times(scene.moments(dice, count)),
        dice.choice(len(OUTCOMES), count, p=shares).tolist(),
        dice.choice(list(policies), count, p=weights / weights.sum()).tolist(),
        dice.choice(list(users), count).tolist(),
        dice.integers(len(SERVICES), size=count).tolist(),
        dice.lognormal(1.2, 0.5, count).round(3).tolist(),
        strict=True,
    )
    return [_event(*row) for row in columns]


def _event(
    event_id: str,
    occurred_at: str,
    outcome_index: int,
    policy_index: int,
    user: int,
    service_index: int,
    latency_ms: float,
) -> Event:
    outcome, policy, service = (
        OUTCOMES[outcome_index],
        POLICIES[policy_index],
        SERVICES[service_index],
    )
    is_denied = outcome in {"denied", "violation"}
    return Event(
        event_id=event_id,
        event_type=TYPES[outcome],
        source="policy-engine",
        occurred_at=occurred_at,
        severity=policy.severity if outcome == "violation" else "info",
        environment="production",
        service=service.name,
        region=service.region,
        asset_id=service.asset_id,
        operation="evaluate",
        status="denied" if is_denied else "ok",
        user_id=USERS[user],
        account_id=ACCOUNTS[user % len(ACCOUNTS)].name,
        policy_id=policy.policy_id,
        latency_ms=latency_ms,
        attributes={"policy_name": policy.name, "decision": "deny" if is_denied else "allow"},
    )
