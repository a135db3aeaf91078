"""What can be set about the live stream."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class LiveSettings(BaseModel):
    """Who may subscribe to the live stream, and how much waits for those who are slow."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subscribers: int = Field(2_000, ge=0, le=100_000, description="most subscribers at a time")
    buffered_events: int = Field(
        5_000, ge=1, le=1_000_000,
        description="events that wait for one subscriber; beyond, the oldest are left out and it is told how many",
    )  # fmt: skip
    heartbeat: timedelta = Field(
        timedelta(seconds=15), ge=timedelta(seconds=0.05), le=timedelta(minutes=10),
        description="how long a subscriber may hear nothing before it is told that all is quiet",
    )  # fmt: skip
