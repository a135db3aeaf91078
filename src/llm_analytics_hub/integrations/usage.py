"""Usage as the hub tells it to modules: periods, curves, and accounts with their days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from llm_analytics_hub.errors import InvalidInputError


@dataclass(frozen=True)
class Scope:
    """What a series is of; None means all."""

    organization_id: str | None = None
    provider: str | None = None
    model: str | None = None


@dataclass(frozen=True)
class Period:
    """Tokens and cost (US dollars) of all calls of one period, from `start` on; a quiet one has 0."""

    start: datetime
    tokens: int
    cost: Decimal


@dataclass(frozen=True)
class Point:
    """One value of a curve, and how many calls it is of."""

    at: datetime
    value: Decimal
    count: int | None = None


@dataclass(frozen=True)
class Member:
    """An account in a cluster: its features, and its days."""

    features: Sequence[float]
    days: Sequence[Period]


@dataclass(frozen=True)
class Usage:
    """Calls of one model in a period, and their tokens."""

    requests: int
    tokens: int


def in_order(periods: Sequence[Period]) -> list[Period]:
    """By time. Raises: InvalidInputError, code `too_few_periods`, for under two: nothing can be told."""
    if len(periods) < 2:
        text = f"{len(periods)} periods, and nothing can be told of under two"
        raise InvalidInputError(text, code="too_few_periods")
    return sorted(periods, key=lambda period: period.start)


def summed(periods: Iterable[Period]) -> list[Period]:
    """One period for each start, the sum of those that share it, in order. Raises: as `in_order`."""
    sums: dict[datetime, Period] = {}
    for one in periods:
        sums[one.start] = _sum(sums[one.start], one) if one.start in sums else one
    return in_order(list(sums.values()))


def _sum(one: Period, other: Period) -> Period:
    return Period(one.start, one.tokens + other.tokens, one.cost + other.cost)
