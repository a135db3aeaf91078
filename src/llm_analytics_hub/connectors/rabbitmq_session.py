"""One connection to RabbitMQ, on a thread of its own."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from llm_analytics_hub.connectors.rabbitmq_inbox import Inbox
from llm_analytics_hub.connectors.rabbitmq_queue import Bound, declare, deleted
from llm_analytics_hub.errors import UnavailableError

if TYPE_CHECKING:
    from pika.adapters.blocking_connection import BlockingChannel
    from pika.connection import Parameters

CLOSE_SECONDS = 10
"""For the server's last answers. A thread that still waits then ends with the heartbeat."""


class Session:
    """Fills an inbox from a queue, and acknowledges what is stored.

    Its thread never waits for the hub: while that stores, it goes on to answer heartbeats and to
    read, up to the prefetch. `_serve` and what it calls run there; from outside the driver may only
    be asked for a call.
    """

    def __init__(self, bound: Bound, prefetch: int, inbox: Inbox) -> None:
        self._bound = bound
        self._prefetch = prefetch
        self._inbox = inbox
        self._stored = 0
        self._acknowledged = 0
        self._is_over = False
        self._channel: BlockingChannel | None = None

    @asynccontextmanager
    async def running(
        self, parameters: Callable[[], "Parameters"], on_ready: Callable[[], None]
    ) -> AsyncIterator[asyncio.Event]:
        """An event that is set when the connection ended. Raises: why it did, after the block."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        thread = ThreadPoolExecutor(1, "rabbitmq")
        ready = partial(loop.call_soon_threadsafe, on_ready)
        serving = loop.run_in_executor(thread, self._serve, parameters, ready)
        serving.add_done_callback(partial(_note, ended))
        try:
            yield ended
        finally:
            has_ended = serving.done()
            self._stop()
            await asyncio.wait((serving,), timeout=CLOSE_SECONDS)
            thread.shutdown(wait=False)
            if has_ended:
                serving.result()

    def acknowledge(self, tag: int) -> None:
        """Tell the server, soon, that the message with this tag and all before it are stored."""
        self._stored = tag
        self._ask(self._acknowledge)

    def _stop(self) -> None:
        self._is_over = True
        self._ask(self._end_consuming)

    def _ask(self, call: Callable[[], None]) -> None:
        from pika.exceptions import ConnectionWrongStateError

        if self._channel is not None:
            with suppress(ConnectionWrongStateError):  # it is lost, and `_serve` raises why
                self._channel.connection.add_callback_threadsafe(call)

    def _serve(
        self, parameters: Callable[[], "Parameters"], on_ready: Callable[[], object]
    ) -> None:
        from pika import BlockingConnection

        # It logs each failure with its stack; the connector's state says it in a line.
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        with BlockingConnection(parameters()) as connection:
            self._channel = channel = declare(connection, self._bound)
            channel.basic_qos(prefetch_count=self._prefetch)
            channel.basic_consume(self._bound.queue, self._inbox.take)
            if not self._is_over:
                on_ready()
                channel.start_consuming()
            if not self._is_over:
                raise UnavailableError(deleted(self._bound))

    def _acknowledge(self) -> None:
        channel = self._channel
        # One that the server closed is left to `start_consuming`, which raises why.
        if channel is not None and channel.is_open and self._stored > self._acknowledged:
            self._acknowledged = self._stored
            channel.basic_ack(self._acknowledged, multiple=True)

    def _end_consuming(self) -> None:
        self._acknowledge()
        if self._channel is not None:
            self._channel.stop_consuming()


def _note(ended: asyncio.Event, serving: "asyncio.Future[None]") -> None:
    serving.exception()  # looked at, or asyncio logs that nobody did: after a stop it is no matter
    ended.set()
