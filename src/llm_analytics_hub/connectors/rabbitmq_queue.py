"""The hub's queue at RabbitMQ: declared, bound, and what its refusals mean."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llm_analytics_hub.errors import UnavailableError

if TYPE_CHECKING:
    from pika import BlockingConnection
    from pika.adapters.blocking_connection import BlockingChannel

MOST_DELIVERIES = 2_000_000_000
"""Of one message. RabbitMQ 4 drops what a quorum queue delivered 20 times, which outages can do."""


NOT_FOUND = 404

LOST = "no connection; what is not acknowledged comes again"

UNREADABLE = (
    "UnicodeDecodeError", "ValueError", "OverflowError", "Value too large", "Unsupported field kind"
)  # fmt: skip
"""What the driver says, as of a lost connection, when it cannot read the headers of a message."""


@dataclass(frozen=True)
class Bound:
    """A queue, its type, and where it is bound."""

    queue: str
    queue_type: str
    exchange: str
    keys: Sequence[str]

    @property
    def arguments(self) -> dict[str, str | int]:
        """What the queue is declared with."""
        if self.queue_type == "quorum":
            return {"x-queue-type": "quorum", "x-delivery-limit": MOST_DELIVERIES}
        return {"x-queue-type": self.queue_type}


def declare(connection: "BlockingConnection", bound: Bound) -> "BlockingChannel":
    """An open channel, once exchange, queue and bindings are there."""
    channel = _with_exchange(connection, bound.exchange)
    channel.queue_declare(bound.queue, durable=True, arguments=dict(bound.arguments))
    for key in bound.keys:
        channel.queue_bind(bound.queue, bound.exchange, key)
    return channel


def _with_exchange(connection: "BlockingConnection", exchange: str) -> "BlockingChannel":
    from pika.exceptions import ChannelClosedByBroker

    channel = connection.channel()
    try:
        # Passive: the module may have declared it with other arguments, and these are its business.
        channel.exchange_declare(exchange, passive=True)
    except ChannelClosedByBroker as refused:
        if refused.reply_code != NOT_FOUND:
            raise
        channel = connection.channel()
        channel.exchange_declare(exchange, exchange_type="topic", durable=True)
    return channel


@contextmanager
def in_words(bound: Bound) -> Iterator[None]:
    """Say of a refusal what to do about it. Raises: UnavailableError, or what it does not know."""
    from pika.adapters.utils.connection_workflow import AMQPConnectorException
    from pika.exceptions import AMQPError

    try:
        yield
    except (AMQPError, AMQPConnectorException, OSError) as raised:
        said = raised.args[-1] if raised.args else raised
        raise UnavailableError(f"{_advice(bound, raised)}: {str(said) or repr(said)}") from raised


def deleted(bound: Bound) -> str:
    """What to say when the server ended the consumer, which it does when the queue is gone."""
    return (
        f"the queue {bound.queue!r} was deleted at the server; it is made anew now, "
        "but what was in it is lost to the hub"
    )


def _advice(bound: Bound, error: BaseException) -> str:
    from pika import exceptions as driver

    if isinstance(error, driver.ChannelClosedByBroker):
        return _by_code(bound).get(error.reply_code, LOST)
    if isinstance(error, driver.ProbableAuthenticationError):
        return "the server refuses user and password of `url`"
    if isinstance(error, driver.ProbableAccessDeniedError):
        return "the server refuses the virtual host of `url`"
    if any(name in str(error) for name in UNREADABLE):
        return (
            f"the headers of the oldest message in the queue {bound.queue!r} cannot be read (a time "
            "after year 9999, a name that is no UTF-8): take it out of the queue"
        )
    return LOST


def _by_code(bound: Bound) -> Mapping[int, str]:
    queue, exchange = bound.queue, bound.exchange
    return {
        403: (
            f"the user needs the permissions configure, write and read on the queue {queue!r}, "
            f"read on the exchange {exchange!r}, and configure to make that if there is none"
        ),
        NOT_FOUND: f"the queue {queue!r} or exchange {exchange!r} is gone",
        405: f"another client has the queue {queue!r} for itself; name another `queue`",
        406: (
            f"the queue {queue!r} is there with other arguments (set `queue_type` to what it is, "
            "name another `queue`, or delete it when it is empty), or a message was not "
            "acknowledged within the server's consumer_timeout"
        ),
    }
