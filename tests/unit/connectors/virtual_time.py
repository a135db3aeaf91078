"""Time that passes when a test says so."""

import asyncio

from llm_analytics_hub.connectors.pace import Timer


class VirtualTime:
    def __init__(self) -> None:
        self.seconds = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    @property
    def timer(self) -> Timer:
        return Timer(lambda: self.seconds, self._sleep)

    async def settle(self) -> None:
        """Let every task go on until it waits."""
        for _ in range(50):
            await asyncio.sleep(0)

    async def pass_(self, seconds: float) -> None:
        """Let time pass, waking sleepers in order, each at its own moment."""
        end = self.seconds + seconds
        await self.settle()
        while due := [one for one in self._sleepers if one[0] <= end and not one[1].done()]:
            at, sleeper = min(due, key=lambda one: one[0])
            self._sleepers.remove((at, sleeper))
            self.seconds = max(self.seconds, at)
            sleeper.set_result(None)
            await self.settle()
        self.seconds = end

    async def _sleep(self, seconds: float) -> None:
        sleeper = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.seconds + seconds, sleeper))
        await sleeper
