"""Messages that RabbitMQ delivered and that are not stored yet."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from llm_analytics_hub.integrations.payload import Payload

if TYPE_CHECKING:
    from pika.spec import Basic, BasicProperties

JSON = "application/json"


class Received(NamedTuple):
    """A message, its delivery tag, and when its sender says it was written (seconds since 1970)."""

    tag: int
    payload: Payload
    written_at: int | None


class Inbox:
    """Takes messages in order of delivery, gives them in batches. The prefetch bounds it.

    `take` is for the driver's thread, `batch` for the event loop that the inbox was made on.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._received: deque[Received] = deque()  # safe with a thread at either end
        self._some = asyncio.Event()
        self._is_told = False

    def take(
        self, _: object, delivery: "Basic.Deliver", properties: "BasicProperties", body: bytes
    ) -> None:
        """Add a message; never waits."""
        payload = Payload(body, properties.content_type or JSON, delivery.routing_key)
        self._received.append(Received(delivery.delivery_tag, payload, properties.timestamp))
        if not self._is_told:  # once for all that come until the loop waits again: it is dear
            self._is_told = True
            self._loop.call_soon_threadsafe(self._some.set)

    async def batch(self) -> list[Received]:
        """The oldest messages, at least one: storing takes long enough for more to gather."""
        while not self._received:
            self._some.clear()
            self._is_told = False
            if not self._received:  # else it came before the line above, and told nobody
                await self._some.wait()
        count = min(len(self._received), self._most)
        return [self._received.popleft() for _ in range(count)]
