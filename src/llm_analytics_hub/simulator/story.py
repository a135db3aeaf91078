"""What happens in the week that the platform plays, so that its charts have something to say.

Day 3, 14:00-16:00: a provider is slow and fails. From day 4, 09:00: one team moves to a bigger
model, more every hour, and stays. Day 5, 13:00-17:00: a group of users attacks. Every day at 11:00: a release.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

INCIDENT_PROVIDER = "anthropic"
INCIDENT_ERROR_RATE = 0.35
INCIDENT_SLOWDOWN = 4.0
DRIFT_ACCOUNT = "team-research"
DRIFT_MODEL = "claude-opus-4-1"
DRIFT_SHARE = 0.25  # of the team's calls, reached after DRIFT_RAMP_US
DRIFT_RAMP_US = 24 * 3600 * 1_000_000
ATTACKERS = tuple(f"user-{number:04d}" for number in range(304, 400, 5))  # one team's
RELEASES = (
    ("doc-search", 0.92),
    ("code-copilot", 1.0),
    ("ticket-router", 0.85),
    ("data-analyst", 1.05),
    ("report-summarizer", 1.0),
    ("support-assistant", 1.4),
    ("translation-desk", 0.95),
)
VERSION_BEFORE = "1.4.0"
VERSION_AFTER = "1.5.0"


def to_microseconds(moment: datetime) -> int:
    """The moment as microseconds since 1970, exact."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in microseconds since 1970; its end does not belong to it."""

    begins_us: int
    ends_us: int

    def contains(self, moment_us: int) -> bool:
        """Whether the moment lies in the stretch."""
        return self.begins_us <= moment_us < self.ends_us


@dataclass(frozen=True, slots=True)
class Release:
    """A new version of a service and what it does to its latency from then on."""

    at_us: int
    service: str
    version: str
    latency_factor: float


@dataclass(frozen=True)
class Story:
    """The plot, told from the midnight that begins `first_day`."""

    first_day: date

    def moment(self, day: int, hour: int) -> int:
        """The hour of the `day`-th day (the first is 1), in microseconds since 1970."""
        midnight = datetime.combine(self.first_day, time(), UTC)
        return to_microseconds(midnight + timedelta(days=day - 1, hours=hour))

    @cached_property
    def incident(self) -> Span:
        """When the provider is slow and fails."""
        return Span(self.moment(3, 14), self.moment(3, 16))

    @cached_property
    def drift_begins_us(self) -> int:
        """From when on the team uses the bigger model."""
        return self.moment(4, 9)

    @cached_property
    def attack(self) -> Span:
        """When the attackers are at work."""
        return Span(self.moment(5, 13), self.moment(5, 17))

    @cached_property
    def releases(self) -> tuple[Release, ...]:
        """One release a day, each of another service, in order of time."""
        return tuple(
            Release(self.moment(day, 11), service, VERSION_AFTER, factor)
            for day, (service, factor) in enumerate(RELEASES, start=1)
        )
