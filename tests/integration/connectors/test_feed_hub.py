"""Feeds of a whole hub: set by a file, kept up, and asked to send at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from llm_analytics_hub.bootstrap import open_doors, open_hub
from llm_analytics_hub.settings import load_settings

from .conftest import OpenHub, until
from .feed_target import Target, in_turn, listening, receive
from .test_feed import ids, violation

REPORT = "/api/v1/integrations/policy-engine/compliance/report"
pytestmark = pytest.mark.slow


def violations(target: Target) -> dict[str, Any]:
    return {
        "kind": "feed", "module": "governance-dashboard", "what": "violations", "every": 0.05,
        "url": f"{target.url}/violations",
    }  # fmt: skip


async def test_a_silent_target_stalls_no_other_and_a_restart_repeats_nothing(
    tmp_path: Path, open_connected: OpenHub
) -> None:
    async with listening() as target, listening(lambda _: (0, {})) as silent:
        chosen = {"silent": violations(silent), "told": violations(target)}
        for start in range(2):
            async with open_connected(tmp_path, **chosen) as hub:
                await until(lambda hub=hub: hub.hub.states.cursor("told") is not None)
                receive(hub.hub, "default", violation(start))
                await until(lambda name=f"v000{start}": name in ids(target))
                assert hub.state("told").phase == "running"
                receive(hub.hub, "default", violation(start + 5))  # the restart may come first
        await target.stop()
        async with open_connected(tmp_path, **chosen) as hub:
            receive(hub.hub, "default", violation(9))
        await target.start()
        async with open_connected(tmp_path, **chosen):
            await until(lambda: "v0009" in ids(target))
    assert ids(target) == ["v0000", "v0005", "v0001", "v0006", "v0009"]


@asynccontextmanager
async def door(folder: Path, target: Target) -> AsyncIterator[httpx.AsyncClient]:
    """The doors of a hub whose feeds do not run: only what is asked for is sent."""
    told = {"kind": "feed", "tenant": "acme", "url": f"{target.url}/reports"}
    chosen = {
        "compliance": {**told, "module": "policy-engine", "what": "compliance-report"},
        "usage": {**told, "module": "costops", "what": "usage-report"},
        "threats": {**told, "module": "sentinel", "what": "threat-feedback"},
    }
    settings = load_settings({"data_dir": folder, "connectors": chosen, "ui": False}, environ={})
    hub = open_hub(settings)
    transport = httpx.ASGITransport(open_doors(hub, settings).main)
    headers = {"x-tenant": "acme"}
    try:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://hub", headers=headers
        ) as made:
            yield made
    finally:
        hub.close()


async def test_what_is_posted_for_is_sent_at_once(tmp_path: Path) -> None:
    async with listening() as target, door(tmp_path, target) as client:
        answer = await client.post(REPORT)
        assert (answer.status_code, target.bodies) == (202, [answer.json()])
        usage = await client.post("/api/v1/integrations/costops/usage/report")
        assert target.bodies[1:] == [usage.json()]
        other = {"x-tenant": "other"}
        nobody = await client.post(REPORT, headers=other)
        assert (nobody.status_code, nobody.json()["code"]) == (409, "no_target")
        said = {"alert_id": "a", "verdict": "benign"}
        for headers, is_told in (({}, True), (other, False)):
            told = await client.post(
                "/api/v1/integrations/sentinel/threat-feedback", json=said, headers=headers
            )
            assert told.json()["forwarded"] is is_told
        assert len(target.taken) == 2


async def test_who_posts_is_told_that_it_was_not_sent(tmp_path: Path) -> None:
    pause = "/api/v1/integrations/connectors/compliance"
    async with listening(in_turn(422, 503)) as target, door(tmp_path, target) as client:
        codes = [(await client.post(REPORT)).json()["code"] for _ in range(2)]
        await target.stop()
        codes.append((await client.post(REPORT)).json()["code"])
        await client.post(f"{pause}/pause")
        codes.append((await client.post(REPORT)).json()["code"])
        state = (await client.get(pause)).json()
    assert codes == [
        "target_refused", "target_unavailable", "target_unavailable", "target_paused",
    ]  # fmt: skip
    assert (state["refused"], state["sent"]) == (1, 0)
