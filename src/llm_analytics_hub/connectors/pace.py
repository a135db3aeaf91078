"""Time as the supervisor sees it: a clock to wait by, and how long to wait between two tries."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

FIRST_SECONDS = 1.0
LONGEST_SECONDS = 60.0


@dataclass(frozen=True)
class Timer:
    """Seconds that pass, and waiting for some of them; tests bring their own."""

    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def loop_timer() -> Timer:
    """The timer of the running event loop."""
    return Timer(asyncio.get_running_loop().time)


def wait_seconds(failures: int, random: Random) -> float:
    """How long to wait after so many failures in a row: 1 s, doubled each time, 60 s at most.

    Half of it is chance, so that those that failed together do not come back together ("equal
    jitter", AWS Architecture Blog, Exponential Backoff And Jitter).
    """
    whole = min(FIRST_SECONDS * 2.0 ** min(failures - 1, 30), LONGEST_SECONDS)
    return whole / 2 + random.uniform(0, whole / 2)
