"""One subscriber's buffer, where news and the heartbeat come at one moment."""

import asyncio
from datetime import timedelta

from llm_analytics_hub.live.frames import Events, Frame
from llm_analytics_hub.live.stream import LAST_KEY
from llm_analytics_hub.live.subscription import Progress, Subscription

from .events import NOON

BEFORE, AFTER = (NOON, LAST_KEY), (NOON + timedelta(seconds=1), LAST_KEY)


def test_what_comes_while_the_heartbeat_is_due_is_not_left_behind() -> None:
    async def run() -> Frame | None:
        progress = Progress(BEFORE)
        one = Subscription(progress, BEFORE, 10)
        reading = asyncio.create_task(one.next(0.0))
        await asyncio.sleep(0)  # it waits, and its time is up at the next turn of the loop
        progress.place = AFTER
        one.put(Events((b"{}",), AFTER))
        return await reading

    frame = asyncio.run(run())
    assert isinstance(frame, Events)
    assert frame.texts == (b"{}",)
