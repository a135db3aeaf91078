"""How good alerts were: which incident each was about, and how long each incident took to be told."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from llm_analytics_hub.model.alerts.alert import Transition
from llm_analytics_hub.model.alerts.routing import Notice

from .incidents import Incident
from .proof import Run


@dataclass(frozen=True)
class Score:
    """Of one incident: its alerts, the groups they were told in, how often, and when first."""

    incident: Incident
    alerts: int
    rules: Sequence[str]
    groups: int
    notices: int
    delay: timedelta | None


@dataclass(frozen=True)
class Result:
    """Of all that was planted in some days."""

    scores: Sequence[Score]
    alerts: int
    false: Sequence[Transition]

    @property
    def precision(self) -> float:
        """Alerts that are about an incident, of all."""
        return 1 - len(self.false) / self.alerts if self.alerts else 1.0

    @property
    def recall(self) -> float:
        """Incidents that people were told of, of all."""
        found = [one for one in self.scores if one.delay is not None]
        return len(found) / len(self.scores) if self.scores else 1.0


def result_of(run: Run, incidents: Sequence[Incident]) -> Result:
    """Which incident each alert is about."""
    about = [_about(run, one, incidents) for one in run.fired]
    scores = [_score(run, one, about) for one in incidents]
    false = [one for one, incident in zip(run.fired, about, strict=True) if incident is None]
    return Result(scores, len(run.fired), false)


def _about(run: Run, fired: Transition, incidents: Sequence[Incident]) -> Incident | None:
    labels = dict(fired.alert.labels)
    topic = dict(run.rules[fired.alert.rule].labels).get("topic", "")
    began = fired.alert.fired or fired.at
    fitting = [one for one in incidents if one.explains(topic, labels, began)]
    # The one that names the most of its labels, so that two at once are told apart.
    return max(fitting, key=lambda one: len(one.where.keys() & labels.keys()), default=None)


def _score(run: Run, incident: Incident, about: Sequence[Incident | None]) -> Score:
    mine = [one for one, of in zip(run.fired, about, strict=True) if of is incident]
    names = {one.alert.fingerprint for one in mine}
    told = [one for one in run.notices if _is_of(one, names, incident)]
    first = min((one.at for one in told), default=None)
    return Score(
        incident, len(mine), sorted({one.alert.rule for one in mine}),
        len({one.group_key for one in told}), len(told), first - incident.begins if first else None,
    )  # fmt: skip


def _is_of(notice: Notice, names: set[str], incident: Incident) -> bool:
    listed = {one.alert.fingerprint for one in (*notice.firing, *notice.resolved)}
    return bool(listed & names) and notice.at >= incident.begins


def groups_of(run: Run, result: Result) -> Mapping[str, set[str]]:
    """By incident, the groups it was told of in where these are by topic."""
    about = [_about(run, one, [score.incident for score in result.scores]) for one in run.fired]
    names: dict[str, set[str]] = {}
    for fired, incident in zip(run.fired, about, strict=True):
        if incident is not None:
            names.setdefault(incident.name, set()).add(fired.alert.fingerprint)
    return {
        score.incident.name: {
            one.group_key
            for one in run.by_topic
            if _is_of(one, names.get(score.incident.name, set()), score.incident)
        }
        for score in result.scores
    }


def table(result: Result) -> str:
    """What was found, for people."""
    lines = [f"{'incident':34} {'alerts':>6} {'groups':>6} {'notices':>7} {'delay':>6}  rules"]
    for one in result.scores:
        delay = "missed" if one.delay is None else f"{one.delay.total_seconds() / 60:.0f} min"
        row = f"{one.incident.name:34} {one.alerts:6} {one.groups:6} {one.notices:7} {delay:>7}"
        lines.append(f"{row}  {', '.join(one.rules)}")
    lines.append(
        f"precision {result.precision:.3f}, recall {result.recall:.3f}, alerts {result.alerts}"
    )
    lines += [f"false: {told(one)}" for one in result.false]
    return "\n".join(lines)


def show(result: Result) -> None:
    """Print it: `pytest -s` shows how good the rules are."""
    sys.stdout.write(f"\n{table(result)}\n")


def told(one: Transition) -> str:
    """An alert in a line."""
    alert = one.alert
    labels = ",".join(f"{name}={value}" for name, value in alert.labels)
    return (
        f"{_minute(one.at)} {alert.rule}[{labels}] {alert.level} {alert.value} {dict(alert.detail)}"
    )


def _minute(moment: datetime) -> str:
    return moment.strftime("%a %H:%M")
