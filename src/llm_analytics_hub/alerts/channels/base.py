"""What all kinds of channels have in common: their settings, and what they are given."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from llm_analytics_hub.alerts.channels.channel import Channel
from llm_analytics_hub.clock import Clock

if TYPE_CHECKING:
    from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics


@dataclass(frozen=True)
class Surroundings:
    """What a channel needs of the hub."""

    clock: Clock
    metrics: "ChannelMetrics"


class ChannelBase(BaseModel):
    """What every kind of channel has; each adds a `kind` of its own and its particulars."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    tries: int = Field(
        8, ge=1, le=100, description="how often a notice is tried before it is kept as failed"
    )
    queue: int = Field(
        1000, ge=1, le=100_000, description="most notices that wait; more fail at once"
    )
    timeout: timedelta = Field(
        timedelta(seconds=10),
        gt=timedelta(),
        le=timedelta(minutes=5),
        description="longest time for one answer",
    )

    def open(self, name: str, given: Surroundings, /) -> Channel:
        """The channel, not connected yet. Raises: SettingsError."""
        raise NotImplementedError

    @property
    def timeout_seconds(self) -> float:
        """Longest time for one answer."""
        return self.timeout.total_seconds()
