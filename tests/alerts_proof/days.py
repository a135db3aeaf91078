"""A day with six incidents, after three quiet ones."""

from collections.abc import Sequence
from datetime import date, timedelta

from .incidents import (
    Incident,
    Plant,
    dearness,
    errors,
    injections,
    more_calls,
    silence,
    slowness,
)
from .traffic import Days, quiet_days

SEED = 1
MONDAY = date(2026, 11, 16)


def incident(
    days: Days, name: str, topics: str, begins: float, hours: float, plant: Plant, **where: str
) -> Incident:  # fmt: skip
    """One of the last day, from so many hours after its midnight on."""
    start = days.end - timedelta(days=1) + timedelta(hours=begins)
    about = frozenset(topics.split())
    return Incident(name, about, start, start + timedelta(hours=hours), plant, where)


def six(days: Days) -> Sequence[Incident]:
    """An incident of each sort, some of them at once."""
    model, service, account = "claude-haiku-4-5", "doc-search", "team-research"
    return [
        incident(days, "error burst", "errors", 9.3, 0.75, errors(0.35, model=model), model=model),
        incident(days, "latency step", "latency", 11.4, 5, slowness(2.2, service=service),
                 service=service),
        incident(days, "slow cost drift", "cost", 2, 22, dearness(2.2, account=account),
                 account_id=account),
        incident(days, "prompt-injection campaign", "security policy", 13.1, 1.25,
                 injections(240, "support-assistant"), service="support-assistant"),
        incident(days, "silent module", "silence", 15.2, 3.3, silence("marketplace"),
                 source="marketplace"),
        incident(days, "budget overrun", "cost", 8.5, 10.5,
                 more_calls(4, account="team-marketing"), account_id="team-marketing"),
    ]  # fmt: skip


def day_of_incidents(seed: int = SEED, first: date = MONDAY) -> tuple[Days, Sequence[Incident]]:
    """Three quiet days, and one of six incidents."""
    days = quiet_days(seed, first, 4)
    planted = six(days)
    for one in planted:
        one.put_into(days)
    return days, planted
