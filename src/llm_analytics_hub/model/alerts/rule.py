"""Rules: what is watched, and when it is worth an alert."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import Level, Threshold, Thresholds
from llm_analytics_hub.model.query import Filter


class NoData(StrEnum):
    """What it means that there is nothing to judge by."""

    OK = "ok"
    """All is well."""
    KEEP = "keep"
    """What was, still is."""
    ALERT = "alert"
    """Worth an alert of its own."""


@dataclass(frozen=True)
class Watched:
    """A measure of some events, for each group of them.

    `where` is the JSON text of a question's `filters`. `minimum` of `minimum_of`, a measure, must be
    there: fewer events say nothing.
    """

    measure: str
    by: tuple[str, ...] = ()
    where: str = "[]"
    window: timedelta = timedelta(minutes=5)
    minimum: float = 0.0
    minimum_of: str = "events"


@dataclass(frozen=True)
class MatchCondition:
    """Each event that passes `filter`; an alert for each group of `by`, over after `quiet`.

    `where` is the JSON form of `filter`.
    """

    filter: Filter
    where: str
    by: tuple[str, ...]
    level: Level
    quiet: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class ThresholdCondition:
    """A value beyond a limit."""

    watched: Watched
    thresholds: Thresholds


class Against(StrEnum):
    """What a change is measured against: the same words as a question's `compare`."""

    PREVIOUS_PERIOD = "previous_period"
    PREVIOUS_DAY = "previous_day"
    PREVIOUS_WEEK = "previous_week"


@dataclass(frozen=True)
class ChangeCondition:
    """How much a value changed: `thresholds` as ratios (0.5 = half more) or, absolute, in its unit."""

    watched: Watched
    against: Against
    thresholds: Thresholds
    is_absolute: bool = False


class Direction(StrEnum):
    """Which deviations count."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


@dataclass(frozen=True)
class AnomalyCondition:
    """A value that is far from what is usual at this time; `thresholds` are robust z-scores.

    Over again below `calm`, so that a value at the edge does not come and go. `least_change`:
    smaller deviations, as a ratio of what is usual, are none. `watched.window` is one bucket.
    """

    watched: Watched
    thresholds: Thresholds
    direction: Direction
    history: timedelta
    calm: float
    least_change: float = 0.1


@dataclass(frozen=True)
class ForecastCondition:
    """The value of `watched` will be beyond a limit within `horizon`, if it goes on like this."""

    watched: Watched
    thresholds: Thresholds
    history: timedelta
    horizon: timedelta


@dataclass(frozen=True)
class BurnWindow:
    """The budget of errors burns `factor` times too fast, over `long` and still over `short`."""

    level: Level
    long: timedelta
    short: timedelta
    factor: float


@dataclass(frozen=True)
class BurnRateCondition:
    """An objective (0.99 = 1 % may be bad) in two windows; `watched.measure` is the bad share."""

    watched: Watched
    objective: float
    windows: tuple[BurnWindow, ...]


@dataclass(frozen=True)
class AbsenceCondition:
    """No event passes for `silence`; a group of `by` is known once it was seen within `known`."""

    filter: Filter
    where: str
    by: tuple[str, ...]
    level: Level
    silence: timedelta
    known: timedelta = timedelta(days=7)


@dataclass(frozen=True)
class HealthCondition:
    """A measurement of the hub itself (`alerts/health.py`) beyond a limit; its least over `window`."""

    metric: str
    thresholds: Thresholds
    window: timedelta = timedelta(0)


@dataclass(frozen=True)
class Expression:
    """Which rules fire: a `rule`, or `all` or `any` of `parts`, or `not` the one part."""

    word: str
    rule: str = ""
    parts: "tuple[Expression, ...]" = ()


@dataclass(frozen=True)
class CompoundCondition:
    """A combination of other rules of the tenant; alerts of equal values of `on` belong together."""

    expression: Expression
    on: tuple[str, ...]
    level: Level


@dataclass(frozen=True)
class BudgetCondition:
    """Money spent in a calendar period, for each group of `by`, beside what may be: `amount_usd`.

    `thresholds` are ratios of the amount (0.8 = 80 %); with `projected`, also where the period
    would end as it goes. Each fires once in a period.
    """

    amount_usd: float
    period: str
    time_zone: str
    by: tuple[str, ...]
    where: str
    thresholds: tuple[Threshold, ...]
    projected: Level | None


Condition = (
    MatchCondition
    | ThresholdCondition
    | ChangeCondition
    | AnomalyCondition
    | ForecastCondition
    | BurnRateCondition
    | AbsenceCondition
    | HealthCondition
    | CompoundCondition
    | BudgetCondition
)


@dataclass(frozen=True)
class Rule:
    """A rule of a tenant.

    It is judged `every` so long. Its condition must hold for `lasting` before it fires, and be gone
    for `calm` before it is resolved. `labels` join those of its groups; `annotations` are templates
    (`summary`, `description`, `runbook_url`).
    """

    tenant: str
    name: str
    version: int
    kind: str
    condition: Condition
    every: timedelta = timedelta(minutes=1)
    lasting: timedelta = timedelta(0)
    calm: timedelta = timedelta(0)
    no_data: NoData = NoData.OK
    labels: Labels = ()
    annotations: Labels = ()
    is_paused: bool = False
    is_default: bool = False
