"""Both clients behind one face, so that one suite runs against each."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from llm_analytics_hub.client import AsyncHub, Hub
from llm_analytics_hub.client.rows import AsyncRows


class Both:
    """A client; its methods are waited for, its lists are lists."""

    def __init__(self, hub: Hub | AsyncHub, runner: asyncio.Runner) -> None:
        self.hub = hub
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.hub, name)
        return lambda *words, **members: self.wait(method(*words, **members))

    def wait(self, value: Any) -> Any:
        """What an awaitable gives; a list that is gone through later; anything else as it is."""
        if isinstance(value, AsyncRows):
            return _Rows(value, self._runner)
        return self._runner.run(_awaited(value)) if isinstance(value, Awaitable) else value


class _Rows:
    def __init__(self, rows: AsyncRows[Any], runner: asyncio.Runner) -> None:
        self._rows = rows
        self._runner = runner

    def __iter__(self) -> Any:
        steps = aiter(self._rows)
        while True:
            try:
                yield self._runner.run(_awaited(anext(steps)))
            except StopAsyncIteration:
                return

    def table(self, limit: int | None = None) -> Any:
        return self._runner.run(self._rows.table(limit))


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value
