"""Days of a platform's traffic as columns, all seven modules of it, drawn from a seed.

Busy in office hours, quiet at night and at weekends; hours differ from one another by chance, services
and models each have their own rhythm, errors come in small bursts, and calls are slower when many run.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from llm_analytics_hub.simulator.catalogue import ACCOUNTS, MODELS, POLICIES, SERVICES, USERS
from llm_analytics_hub.simulator.rhythm import activity

Column = npt.NDArray[Any]
SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US

CALLS_A_DAY = 40_000
OTHERS_A_DAY = {
    "policy-engine": 6_500,
    "marketplace": 2_200,
    "sentinel": 1_100,
    "registry": 1_000,
    "governance-dashboard": 1_100,
    "costops": 1_000,
}
"""On a working day; calls are the observatory's."""

TYPES = {
    "marketplace": "service.viewed",
    "sentinel": "anomaly.detected",
    "registry": "asset.accessed",
    "governance-dashboard": "report.generated",
    "costops": "budget.evaluated",
}
SEVERITIES = np.array(["info", "low", "medium", "high", "critical"])


@dataclass
class Traffic:
    """Events of one source as columns of equal length, in no order; a missing column is unknown."""

    source: str
    columns: dict[str, Column]

    def __len__(self) -> int:
        return len(self.columns["at_us"])

    def kept(self, rows: Column) -> "Traffic":
        """These rows only."""
        return Traffic(self.source, {name: column[rows] for name, column in self.columns.items()})


@dataclass
class Days:
    """What happened in `days` days from `first` on, by source."""

    seed: int
    first: date
    days: int
    parts: list[Traffic] = field(default_factory=list)

    @property
    def start(self) -> datetime:
        """The first midnight."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """The last midnight."""
        return self.start + timedelta(days=self.days)

    def us(self, moment: datetime) -> int:
        """A moment in microseconds since 1970."""
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def quiet_days(seed: int, first: date, days: int) -> Days:
    """Days on which nothing happens that a person must know of."""
    found = Days(seed, first, days)
    dice = np.random.default_rng([seed, 1])
    hours = [found.start + timedelta(hours=hour) for hour in range(24 * days)]
    level = np.array([activity(hour) for hour in hours])
    working = np.mean([activity(found.start + timedelta(hours=h)) for h in range(24)])
    if found.first.weekday() >= 5:
        working /= 0.35
    level = level / working / 24 * dice.lognormal(0, 0.06, len(hours))
    found.parts.append(_calls(found, dice, level * CALLS_A_DAY))
    for source, number in OTHERS_A_DAY.items():
        own = dice.lognormal(0, 0.05, len(hours))
        found.parts.append(_others(found, dice, source, level * own * number))
    return found


def moments(dice: np.random.Generator, days: Days, expected: Column) -> Column:
    """So many moments of each hour as are expected, by chance."""
    counts = dice.poisson(expected)
    hour = np.repeat(np.arange(len(expected)), counts)
    begins = days.us(days.start) + hour * HOUR_US
    return np.asarray(begins + dice.integers(0, HOUR_US, len(hour)), dtype=np.int64)


def hour_of(days: Days, at_us: Column) -> Column:
    """The number of the hour that moments lie in."""
    return np.asarray((at_us - days.us(days.start)) // HOUR_US, dtype=np.int64)


def _calls(days: Days, dice: np.random.Generator, expected: Column) -> Traffic:
    at_us = moments(dice, days, expected)
    count, hour = len(at_us), hour_of(days, at_us)
    weights = np.array([one.weight for one in SERVICES])
    service = dice.choice(len(SERVICES), count, p=weights / weights.sum())
    ladder = np.cumsum([[one.models.get(m.name, 0.0) for m in MODELS] for one in SERVICES], axis=1)
    model = (dice.random((count, 1)) > ladder[service]).sum(axis=1).clip(0, len(MODELS) - 1)
    shares = 1.0 / np.arange(8, 8 + len(USERS)) ** 0.8
    user = dice.choice(len(USERS), count, p=shares / shares.sum())
    columns = {"at_us": at_us, "service": service, "model": model, "user": user,
               "account": user % len(ACCOUNTS)}  # fmt: skip
    found = Traffic("observatory", columns)
    _measure(found, dice, hour, expected)
    return found


def _measure(found: Traffic, dice: np.random.Generator, hour: Column, expected: Column) -> None:
    """Errors, tokens, times and costs of calls."""
    columns, hours = found.columns, len(expected)
    service, model, count = columns["service"], columns["model"], len(found)
    rate = np.array([one.error_rate for one in MODELS])
    moods = dice.lognormal(0, 0.35, (hours, len(MODELS)))
    columns["is_error"] = dice.random(count) < rate[model] * moods[hour, model]
    prompt = np.array([one.input_tokens for one in SERVICES])[service]
    answer = np.array([one.output_tokens for one in SERVICES])[service]
    columns["input_tokens"] = prompt * dice.lognormal(0, 0.45, count)
    columns["output_tokens"] = answer * dice.lognormal(0, 0.5, count)
    load = 1 + 0.15 * (expected / expected.max())
    speed = dice.lognormal(0, 0.05, (hours, len(MODELS)))
    columns["slowness"] = load[hour] * speed[hour, model] * dice.lognormal(0, 0.25, count)


def _others(days: Days, dice: np.random.Generator, source: str, expected: Column) -> Traffic:
    at_us = moments(dice, days, expected)
    count = len(at_us)
    user = dice.integers(len(USERS), size=count)
    columns = {
        "at_us": at_us,
        "service": dice.integers(len(SERVICES), size=count),
        "user": user,
        "account": user % len(ACCOUNTS),
        "severity": np.zeros(count, dtype=np.int64),
    }
    if source == "sentinel":
        columns["score"] = dice.beta(4, 3, count)
        columns["severity"] = np.digitize(columns["score"], [0.5, 0.8]) + 1
    if source == "policy-engine":
        _decide(columns, dice, count)
    return Traffic(source, columns)


def _decide(columns: dict[str, Column], dice: np.random.Generator, count: int) -> None:
    """What the policy engine decided: some denials, and few violations of each gravity."""
    weights = np.array([one.weight for one in POLICIES])
    columns["policy"] = dice.choice(len(POLICIES), count, p=weights / weights.sum())
    columns["outcome"] = dice.choice(3, count, p=(0.955, 0.033, 0.012))
    graves = np.array([SEVERITIES.tolist().index(one.severity) for one in POLICIES])
    columns["severity"] = np.where(columns["outcome"] == 2, graves[columns["policy"]], 0)
