"""What channels can do beyond sending: kinds of the hub do all that makes sense for them."""

from typing import Protocol, runtime_checkable

from llm_analytics_hub.alerts.channels.channel import Channel
from llm_analytics_hub.model.alerts.routing import Notice


class Resending(Channel, Protocol):
    """A channel that can send what it kept of a notice that failed."""

    def send_again(self, payload: str, /) -> None:
        """Send what `payload` gave. Raises: ChannelError."""
        ...


@runtime_checkable
class Refreshed(Protocol):
    """A channel that tells what goes on again and again by itself."""

    refresh_seconds: float

    def remember(self, notice: Notice, /) -> None:
        """What goes on of this group, without sending it."""
        ...

    def refresh(self) -> None:
        """Tell all that goes on. Raises: ChannelError."""
        ...


@runtime_checkable
class Prepared(Protocol):
    """A channel that loads something before it can send."""

    def prepare(self) -> None:
        """Load it, so that the first notice need not wait for that."""
        ...
