"""Parts of a hub that a proof of days takes the place of: health, steps, questions, a channel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from llm_analytics_hub.alerts.detect.asking import Detector, Found, Wanted
from llm_analytics_hub.alerts.evaluator import Evaluator
from llm_analytics_hub.alerts.health import HEALTH_METRICS, Health, Measure
from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.alerts.rules.book import RuleBook
from llm_analytics_hub.model.alerts.alert import Judgement
from llm_analytics_hub.model.alerts.routing import Delivery, Notice, Outcome
from llm_analytics_hub.model.alerts.rule import (
    AnomalyCondition,
    HealthCondition,
    Rule,
)

STEP = timedelta(minutes=5)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
QUIET_STEP = timedelta(minutes=30)
"""Of days before the last one, where it is enough to see that nothing fires."""


class WellHealth(Health):
    """A hub that is always well."""

    def _measures(self) -> Mapping[str, Measure]:
        return {name: lambda: 1.0 for name in HEALTH_METRICS} | {"cpu_percent": lambda: 40.0}


class SteppedRules(RuleBook):
    """The rules, judged once a `step`."""

    step = QUIET_STEP

    def rules(self, tenant: str | None = None, /) -> Sequence[Rule]:
        """See `RuleBook.rules`."""
        return [replace(rule, every=_every(rule, self.step)) for rule in super().rules(tenant)]


def _every(rule: Rule, step: timedelta) -> timedelta:
    """A step; of a series that has news once in a bucket, that; of a hub that is well, an hour."""
    condition = rule.condition
    if isinstance(condition, AnomalyCondition):
        return max(condition.watched.window, step)
    return HOUR if isinstance(condition, HealthCondition) else step


class Remembering:
    """A detector that judges the same questions once."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._last: tuple[Sequence[Wanted], Judgement] | None = None

    def wants(self, at: datetime, /) -> Sequence[Wanted]:
        return self._detector.wants(at)

    def judge(self, at: datetime, found: Sequence[Found], /) -> Judgement:
        wants = tuple(self._detector.wants(at))
        if not wants or self._last is None or self._last[0] != wants:
            self._last = wants, self._detector.judge(at, found)
        return replace(self._last[1], at=at)


class QuickEvaluator(Evaluator):
    """Asks for whole days at once."""

    def __init__(self, questions: RuleQuestions, *parts: Any, **more: Any) -> None:
        super().__init__(*parts, **more)
        self._questions = questions


class Recording:
    """Channels that note what they are told."""

    names = frozenset({"people"})

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self._numbers = count()

    def send(self, name: str, notice: Notice, done: Callable[[Delivery], None]) -> None:
        self.notices.append(notice)
        told = tuple(one.alert.fingerprint for one in (*notice.firing, *notice.resolved))
        about = (notice.group_key, name, notice.cause, notice.at, Outcome.SENT, told)
        done(Delivery(notice.tenant, f"d{next(self._numbers)}", *about))

    def remember(self, name: str, notice: Notice) -> None:
        raise AssertionError("nothing was told before")
