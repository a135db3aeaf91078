"""What a channel is to the hub."""

from typing import Protocol

from llm_analytics_hub.errors import HubError
from llm_analytics_hub.model.alerts.routing import Notice


class ChannelError(HubError):
    """The other side did not take a notice; `is_final`: it never will, trying again is no use."""

    code = "channel_failed"

    def __init__(
        self, message: str, *, is_final: bool = False, retry_after_seconds: float = 0.0
    ) -> None:
        super().__init__(message)
        self.is_final = is_final
        self.retry_after_seconds = retry_after_seconds


class Channel(Protocol):
    """One way to one receiver. `send` is called by one thread at a time, the channel's own."""

    @property
    def name(self) -> str:
        """What routes call it by."""
        ...

    def payload(self, notice: Notice, /) -> str:
        """What `send` would send, as text: for dead letters and previews."""
        ...

    def send(self, notice: Notice, /) -> None:
        """Send, and return once the other side took it. Raises: ChannelError."""
        ...

    def close(self) -> None:
        """Release connections. Idempotent."""
        ...
