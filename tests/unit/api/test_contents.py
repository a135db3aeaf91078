import os
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from llm_analytics_hub.bootstrap import Hub, open_doors, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.settings import NormalizeSettings, Settings

from .conftest import NOW

EVENTS = "/api/v1/events"
MESSAGES = [
    {"role": "user", "content": "a question of some length, so that it is stored apart " * 3}
] * 2
KEEPING = NormalizeSettings(contents={"*": "full", "none": "off"})  # type: ignore[dict-item]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """An engine that keeps contents."""
    folder = tmp_path_factory.mktemp("contents")
    opened = open_hub(Settings(data_dir=folder / "data", normalize=KEEPING), ManualClock(NOW))
    yield opened
    opened.close()


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a tenant of its own."""
    doors = open_doors(hub, Settings(ui=False, normalize=KEEPING))
    transport = httpx.ASGITransport(doors.main, raise_app_exceptions=False)
    tenant = {"x-tenant": f"t{os.urandom(8).hex()}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://hub", headers=tenant
    ) as made:
        yield made


async def send(client: httpx.AsyncClient, event_id: str, tenant: str | None = None) -> None:
    event = {
        "source": "app", "event_type": "inference.completed", "event_id": event_id,
        "occurred_at": "2025-11-19T09:00:00Z", "content": {"input_messages": MESSAGES},
    }  # fmt: skip
    headers = {"x-tenant": tenant} if tenant else {}
    answer = await client.post(EVENTS, json=[event], headers=headers)
    assert answer.json()["accepted"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("event_id", ["call-1", "trace:span", "a/b/content"])
async def test_the_content_of_an_event_is_read(client: httpx.AsyncClient, event_id: str) -> None:
    await send(client, event_id)
    answer = await client.get(f"{EVENTS}/{event_id}/content", params={"source": "app"})
    assert (answer.status_code, answer.json()["event_id"]) == (200, event_id)
    assert answer.json()["content"] == {"input_messages": MESSAGES}


@pytest.mark.slow
async def test_events_and_contents_that_are_not_here_are_told_apart(
    client: httpx.AsyncClient,
) -> None:
    await send(client, "1", tenant="none")
    missing = await client.get(f"{EVENTS}/2/content")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    withheld = await client.get(f"{EVENTS}/1/content", headers={"x-tenant": "none"})
    assert (withheld.status_code, withheld.json()["code"]) == (404, "no_content")
    assert "normalize.contents: off" in withheld.json()["detail"]
