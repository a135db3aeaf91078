"""The registry: its inventory at the start, a release every day, small changes all the time."""

import numpy as np

from llm_analytics_hub.simulator.catalogue import ASSETS, DATASETS, Asset
from llm_analytics_hub.simulator.event import Event
from llm_analytics_hub.simulator.scene import Scene, iso_times
from llm_analytics_hub.simulator.story import VERSION_BEFORE, Release

CHANGES = ("asset.updated", "version.published", "version.promoted", "version.retired")
CHANGE_SHARES = (0.7, 0.14, 0.12, 0.04)
RELEASE_STEP_US = 1_000_000
BY_ID = {asset.asset_id: asset for asset in ASSETS}


def inventory(scene: Scene) -> list[Event]:
    """One `asset.registered` for every asset, at the beginning of the stretch."""
    moments = scene.span.begins_us + np.arange(len(ASSETS), dtype=np.int64)
    ids = scene.uuids("inventory", len(ASSETS))
    return [
        _event(event_id, at, "asset.registered", asset, VERSION_BEFORE)
        for event_id, at, asset in zip(ids, iso_times(moments), ASSETS, strict=True)
    ]


def registry_events(scene: Scene, expected: float) -> list[Event]:
    """About `expected` changes of assets, and the steps of a release that falls in the stretch."""
    dice = scene.dice("registry")
    count = int(dice.poisson(expected))
    columns = zip(
        scene.uuids("registry", count),
        iso_times(scene.moments(dice, count)),
        dice.choice(len(CHANGES), count, p=CHANGE_SHARES).tolist(),
        dice.integers(len(DATASETS), size=count).tolist(),
        dice.integers(len(ASSETS), size=count).tolist(),
        strict=True,
    )
    events = [_change(*row) for row in columns]
    for release in scene.story.releases:
        if scene.span.contains(release.at_us):
            events += _release(scene, release)
    return events


def _change(event_id: str, at: str, kind: int, dataset: int, asset: int) -> Event:
    """Datasets get nightly versions; anything may have its description changed."""
    if CHANGES[kind] == "asset.updated":
        return _event(event_id, at, "asset.updated", ASSETS[asset], None)
    nightly = f"1.0.{at[:10].replace('-', '')}"
    return _event(event_id, at, CHANGES[kind], BY_ID[DATASETS[dataset]], nightly)


def _release(scene: Scene, release: Release) -> list[Event]:
    """A new version of the application; its new prompt is registered, its old one goes."""
    app, prompt = BY_ID[f"app-{release.service}"], BY_ID[f"prompt-{release.service}"]
    new_prompt = Asset(f"{prompt.asset_id}-v2", prompt.kind, prompt.owner)
    steps = (
        ("asset.registered", new_prompt, release.version),
        ("version.published", app, release.version),
        ("asset.updated", app, release.version),
        ("version.promoted", app, release.version),
        ("version.retired", app, VERSION_BEFORE),
        ("asset.deprecated", prompt, VERSION_BEFORE),
    )
    moments = release.at_us + RELEASE_STEP_US * np.arange(len(steps), dtype=np.int64)
    ids = scene.uuids(f"release of {release.service}", len(steps))
    return [
        _event(event_id, at, *step)
        for event_id, at, step in zip(ids, iso_times(moments), steps, strict=True)
    ]


def _event(event_id: str, at: str, event_type: str, asset: Asset, version: str | None) -> Event:
    return Event(
        event_id=event_id,
        event_type=event_type,
        source="registry",
        occurred_at=at,
        severity="info",
        environment="production",
        asset_id=asset.asset_id,
        asset_version=version,
        attributes={"asset_type": asset.kind, "owner": asset.owner},
    )
