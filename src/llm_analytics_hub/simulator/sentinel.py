"""The sentinel: anomalies of every day, of the slow provider on day 3, and the attack of day 5."""

import numpy as np

from llm_analytics_hub.simulator.catalogue import ACCOUNTS, MODELS, POLICIES, SERVICES, USERS
from llm_analytics_hub.simulator.event import Event
from llm_analytics_hub.simulator.scene import Scene, iso_times
from llm_analytics_hub.simulator.story import ATTACKERS, INCIDENT_PROVIDER

ANOMALIES = (
    ("latency_spike", "latency_ms"),
    ("token_usage_spike", "total_tokens"),
    ("cost_anomaly", "cost_usd"),
)
METHODS = ("z_score", "iqr", "mad", "cusum")
THREATS = ("prompt_injection", "data_exfiltration")
INCIDENT_SURGE = 3.0
ATTACK_SURGE = 4.0


def sentinel_events(scene: Scene, expected: float) -> list[Event]:
    """About `expected` anomalies, more during the incident; threats while the attack is on."""
    events = _anomalies(scene, "anomalies", expected, range(len(MODELS)), range(len(ANOMALIES)))
    if scene.story.incident.contains(scene.span.begins_us):
        slow = [at for at, model in enumerate(MODELS) if model.provider == INCIDENT_PROVIDER]
        events += _anomalies(scene, "slow provider", expected * INCIDENT_SURGE, slow, range(1))
    if scene.story.attack.contains(scene.span.begins_us):
        events += _threats(scene, expected * ATTACK_SURGE)
    return events


def _anomalies(
    scene: Scene, name: str, expected: float, models: range | list[int], kinds: range
) -> list[Event]:
    dice = scene.dice(name)
    count = int(dice.poisson(expected))
    columns = zip(
        scene.uuids(name, count),
        iso_times(scene.moments(dice, count)),
        dice.choice(list(kinds), count).tolist(),
        dice.choice(list(models), count).tolist(),
        dice.integers(len(SERVICES), size=count).tolist(),
        dice.integers(len(METHODS), size=count).tolist(),
        dice.beta(4, 3, count).round(4).tolist(),
        strict=True,
    )
    return [_anomaly(*row) for row in columns]


def _anomaly(
    event_id: str, at: str, kind: int, model_index: int, service: int, method: int, score: float
) -> Event:
    (anomaly, metric), model = ANOMALIES[kind], MODELS[model_index]
    return Event(
        event_id=event_id,
        event_type="anomaly.detected",
        source="sentinel",
        occurred_at=at,
        severity=_severity(score),
        environment="production",
        service=SERVICES[service].name,
        region=SERVICES[service].region,
        asset_id=SERVICES[service].asset_id,
        model=model.name,
        provider=model.provider,
        score=score,
        attributes={
            "anomaly_type": anomaly,
            "metric": metric,
            "detection_method": METHODS[method],
            "deviation_sigma": round(2.0 + 5.0 * score, 2),
        },
    )


def _severity(score: float) -> str:
    if score < 0.5:
        return "low"
    return "medium" if score < 0.8 else "high"


def _threats(scene: Scene, expected: float) -> list[Event]:
    dice = scene.dice("threats")
    count = int(dice.poisson(expected))
    columns = zip(
        scene.uuids("threats", count),
        iso_times(scene.moments(dice, count)),
        (dice.random(count) < 0.4).astype(np.int64).tolist(),
        dice.choice([USERS.index(user) for user in ATTACKERS], count).tolist(),
        dice.integers(len(SERVICES), size=count).tolist(),
        dice.uniform(0.82, 0.995, count).round(4).tolist(),
        strict=True,
    )
    return [_threat(*row) for row in columns]


def _threat(
    event_id: str, at: str, threat: int, user: int, service_index: int, score: float
) -> Event:
    service = SERVICES[service_index]
    return Event(
        event_id=event_id,
        event_type="threat.detected",
        source="sentinel",
        occurred_at=at,
        severity="critical" if score > 0.92 else "high",
        environment="production",
        service=service.name,
        region=service.region,
        asset_id=service.asset_id,
        status="denied",
        user_id=USERS[user],
        account_id=ACCOUNTS[user % len(ACCOUNTS)].name,
        policy_id=POLICIES[threat].policy_id,
        score=score,
        attributes={"threat_type": THREATS[threat], "campaign": "campaign-01"},
    )
