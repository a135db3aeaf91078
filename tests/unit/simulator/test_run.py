import asyncio
from datetime import timedelta

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.simulator.run import _is_set_within, run_demo

URL = "http://hub.test"


class HurryingClock(ManualClock):
    """A minute passes whenever someone looks: nobody has to wait."""

    def now(self):
        self.set(super().now() + timedelta(minutes=1))
        return super().now()


async def test_the_demo_plays_the_past_and_then_the_present_until_it_is_stopped(hub, monday):
    stop, heard = asyncio.Event(), []
    now = monday + timedelta(days=7, hours=9, minutes=12)
    enough = now + timedelta(minutes=5)

    def on_progress(sent_events):
        heard.append(sent_events)
        newest = list(hub.events.values())[-1:]
        if any(row["occurred_at"] > enough.isoformat() for row in newest):
            stop.set()

    sent = await run_demo(
        URL, 7, 10_000, 5, on_progress, stop, clock=HurryingClock(now), transport=hub.transport
    )
    assert heard[-1] == sent.total == len(hub.events) + len(hub.spans)
    times = sorted(row["occurred_at"] for row in hub.events.values())
    assert times[0].startswith("2025-11-17T09")
    assert enough.isoformat() < times[-1] < (enough + timedelta(seconds=10)).isoformat()
    days_of_attack = {row["occurred_at"][:10] for row in hub.of(event_type="threat.detected")}
    assert days_of_attack == {"2025-11-21"}


async def test_a_demo_without_a_present_ends_after_the_past(hub, monday):
    clock = ManualClock(monday + timedelta(days=1))
    sent = await run_demo(URL, 1, 1_000, 0, clock=clock, transport=hub.transport)
    assert sent.total == len(hub.events) + len(hub.spans) > 800


async def test_a_demo_that_is_stopped_in_the_past_sends_no_more(hub, monday):
    stop, heard = asyncio.Event(), []

    def on_progress(sent_events):
        heard.append(sent_events)
        stop.set()

    clock = ManualClock(monday + timedelta(days=7))
    sent = await run_demo(
        URL, 7, 20_000, 5, on_progress, stop, clock=clock, transport=hub.transport
    )
    assert 0 < sent.total < 3_000


async def test_waiting_for_the_next_event_ends_with_the_stop():
    stop = asyncio.Event()
    waiting = asyncio.create_task(_is_set_within(stop, 3600))
    await asyncio.sleep(0)
    assert not waiting.done()
    stop.set()
    assert await waiting


async def test_what_is_late_is_not_waited_for():
    stop = asyncio.Event()
    assert not await _is_set_within(stop, -3.0)
    assert not await _is_set_within(stop, 1e-6)
    stop.set()
    assert await _is_set_within(stop, -3.0)
