"""One rule over the past: judged moment by moment, and what it would have said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from llm_analytics_hub.alerts.detect.asking import Detector, Found, Wanted
from llm_analytics_hub.alerts.rule_alerts import Changes, RuleAlerts
from llm_analytics_hub.errors import HubError
from llm_analytics_hub.model.alerts.alert import Alert, Finding, Judgement, Phase, Transition
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import GRAVEST_FIRST, Level
from llm_analytics_hub.model.alerts.rule import Rule


@dataclass(frozen=True)
class Firing:
    """A time in which an alert was active; `resolved` None: until the end, `level` its gravest.

    `value` and `detail` are those of when it fired; `notices` is how often people would be told, if
    all that a rule says were sent at once.
    """

    labels: Labels
    phase: Phase
    level: Level | None
    fired: datetime
    resolved: datetime | None
    value: float | None
    detail: Labels
    notices: int
    count: int = 0


class Replay:
    """A rule and what came of it so far."""

    def __init__(self, rule: Rule, detector: Detector | None, step: timedelta) -> None:
        # Its steps are those of the replay: time counts as much as it would.
        self.rule = replace(rule, every=step, is_paused=False)
        self.firings: list[Firing] = []
        self.error = ""
        self._detector = detector
        self._alerts = RuleAlerts()
        self._open: dict[Labels, int] = {}
        self._last: tuple[Sequence[Wanted], Judgement] | None = None

    @property
    def alerts(self) -> list[Alert]:
        """The alerts as they stand."""
        return list(self._alerts)

    def wants(self, at: datetime) -> Sequence[Wanted]:
        """What must be known to judge; nothing of what cannot be judged."""
        return () if self._detector is None or self.error else self._detector.wants(at)

    def judge(self, at: datetime, wants: Sequence[Wanted], answers: Mapping[Wanted, Found | HubError]) -> None:  # fmt: skip
        """Judge at that moment; a question that cannot be answered ends it with `error`."""
        if self._detector is None or self.error:
            return
        found = [answers[one] for one in wants]
        if error := next((one for one in found if isinstance(one, HubError)), None):
            self.error = error.message
            return
        judgement = self._judgement(at, wants, [one for one in found if isinstance(one, Found)])
        self._note(self._alerts.judged(self.rule, judgement))

    def happened(self, finding: Finding, at: datetime) -> None:
        """An event matches."""
        self._note(self._alerts.quieted(self.rule, at))
        self._note(self._alerts.happened(self.rule, finding, 1, at))

    def quieted(self, at: datetime) -> None:
        """No event matched up to then."""
        self._note(self._alerts.quieted(self.rule, at))

    def _judgement(
        self, at: datetime, wants: Sequence[Wanted], found: Sequence[Found]
    ) -> Judgement:
        assert self._detector is not None  # noqa: S101 - asked for by `judge`
        if self._last is not None and wants and self._last[0] == wants:
            return replace(self._last[1], at=at)  # the same question has the same answer
        judgement = self._detector.judge(at, found)
        self._last = (wants, judgement)
        return judgement

    def _note(self, changes: Changes) -> None:
        for alert in changes.alerts:
            if alert.labels in self._open:
                place = self._open[alert.labels]
                self.firings[place] = replace(self.firings[place], count=alert.count)
        for one in changes.transitions:
            self._told(one)

    def _told(self, one: Transition) -> None:
        alert, place = one.alert, self._open.get(one.alert.labels)
        if place is None:
            if alert.is_active:
                self._open[alert.labels] = len(self.firings)
                self.firings.append(_firing(one))
            return
        before = self.firings[place]
        self.firings[place] = replace(
            before,
            level=_gravest(before.level, alert.level),
            notices=before.notices + 1,
            resolved=None if alert.is_active else one.at,
        )
        if not alert.is_active:
            del self._open[alert.labels]


def _firing(one: Transition) -> Firing:
    alert = one.alert
    about = (alert.labels, alert.phase, alert.level, one.at, None, alert.value, alert.detail)
    return Firing(*about, notices=1, count=alert.count)


def _gravest(one: Level | None, other: Level | None) -> Level | None:
    return next((level for level in GRAVEST_FIRST if level in (one, other)), None)
