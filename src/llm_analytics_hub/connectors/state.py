"""How a connector is doing, for people."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Phase(StrEnum):
    """What a connector is doing."""

    STARTING = "starting"
    RUNNING = "running"
    RETRYING = "retrying"
    PAUSED = "paused"
    STOPPED = "stopped"


@dataclass
class ConnectorState:
    """A connector's name and place, its phase, and what it did since the hub started.

    Messages are counted by what became of their events; `sent` is what went out, `refused` what of it
    the other side did not take. `lag_seconds` is how long ago the newest message was written, where
    its wire says so, or what waits there says.
    """

    name: str
    module: str
    kind: str
    tenant: str
    remote: str
    since: datetime
    phase: Phase = Phase.STARTING
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    sent: int = 0
    refused: int = 0
    failures: int = 0
    failures_in_a_row: int = 0
    lag_seconds: float | None = None
    last_event_at: datetime | None = None
    last_error: str | None = None
    last_error_at: datetime | None = None
    next_try_at: datetime | None = None
    paused_by: str | None = None

    def enter(self, phase: Phase, now: datetime) -> None:
        """Begin a phase; the time of the one it is in already stays."""
        if phase is not self.phase:
            self.phase, self.since = phase, now
        if phase is not Phase.RETRYING:
            self.next_try_at = None
