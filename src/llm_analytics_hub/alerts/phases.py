"""How an alert goes on: unknown, ok, pending, firing, resolved, no_data, paused. Pure.

Time is counted in steps from one judgement to the next, at most `MOST_STEP` times `rule.every` each
and none backwards. What does not count moves `began` and `seen` along, so that the time since them is
the time that was watched: a clock that jumps, or a hub that was away for hours, neither fires nor
resolves anything. After such a jump one judgement alone changes nothing that people are told of; the
next one does. `since` never goes back.
"""

from datetime import datetime, timedelta
from typing import Any

from llm_analytics_hub.model.alerts.alert import Alert, Finding, Phase, Transition
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import (
    AbsenceCondition,
    BudgetCondition,
    MatchCondition,
    NoData,
    Rule,
)

MOST_STEP = 2
_SILENT = frozenset({Phase.UNKNOWN, Phase.OK})
_WAS_BAD = frozenset({Phase.PENDING, Phase.FIRING})


def evolved(alert: Alert, **changes: Any) -> Alert:
    """`dataclasses.replace`, several times as fast: of alerts there are many, each minute."""
    new = object.__new__(Alert)
    new.__dict__.update(alert.__dict__, **changes)
    return new


def begin(rule: Rule, labels: Labels, at: datetime, judged: datetime | None = None) -> Alert:
    """An alert of which nothing is known; `judged` is when its rule was judged last."""
    return Alert(rule.tenant, rule.name, labels, Phase.UNKNOWN, at, judged=judged)


def advance(
    rule: Rule, alert: Alert | None, finding: Finding | None, is_known: bool, at: datetime
) -> Alert:
    """The alert after a judgement at that moment; without an alert there must be a finding."""
    if alert is None:
        assert finding is not None  # noqa: S101 - nobody asks of what never was
        alert = begin(rule, finding.labels, at)
    if rule.is_paused:
        return _to(alert, Phase.PAUSED, at)
    if finding is not None:
        return _bad(rule, _counted(rule, alert, at), finding, at, is_jump=_is_jump(rule, alert, at))
    if is_known:
        return _well(rule, _counted(rule, alert, at), at, is_jump=_is_jump(rule, alert, at))
    return _without_data(rule, alert, at)


def happened(rule: Rule, alert: Alert | None, finding: Finding, count: int, at: datetime) -> Alert:
    """The alert of a match rule after `count` more events, the last one at that moment."""
    old = alert or begin(rule, finding.labels, at)
    if rule.is_paused:
        return _to(old, Phase.PAUSED, at)
    is_new = old.phase is not Phase.FIRING
    known = evolved(
        _to(old, Phase.FIRING, max(at, old.judged or at)),
        level=finding.level,
        value=finding.value,
        detail=finding.detail,
        seen=max(at, old.seen or at),
        count=count if is_new else old.count + count,
    )
    return evolved(known, began=at, fired=at) if is_new else known


def ended(alert: Alert, at: datetime) -> Alert:
    """The alert when its rule is gone: nobody is told any more that it goes on."""
    return _to(alert, Phase.RESOLVED, at) if alert.is_active else alert


def transition(before: Alert | None, after: Alert) -> Transition | None:
    """What people and the history are told; None where nothing changed that matters.

    That a group is first known to be well is nothing: of many rules there are many such groups.
    """
    old = Phase.UNKNOWN if before is None else before.phase
    is_other = old is not after.phase and not {old, after.phase} <= _SILENT
    is_graver = before is not None and before.level is not after.level
    if is_other or (is_graver and old is after.phase and after.is_active):
        return Transition(after, old, max(after.since, after.judged or after.since))
    return None


def was_bad(alert: Alert | None) -> bool:
    """Whether a group at the edge stays bad."""
    return alert is not None and alert.phase in _WAS_BAD


def is_of_budget(rule: Rule, alert: Alert, finding: Finding) -> bool:
    """Whether both are of the same budget: one of another amount begins anew."""
    limits = (dict(alert.detail).get("limit"), dict(finding.detail).get("limit"))
    return isinstance(rule.condition, BudgetCondition) and limits[0] == limits[1]


def no_data_of(rule: Rule) -> NoData:
    """What no data means to a rule; silence that is forgotten, or a period that is over, is over."""
    if isinstance(rule.condition, AbsenceCondition | BudgetCondition | MatchCondition):
        return NoData.OK
    return rule.no_data


def _bad(rule: Rule, old: Alert, finding: Finding, at: datetime, *, is_jump: bool) -> Alert:
    if old.phase is Phase.RESOLVED and is_of_budget(rule, old, finding):
        return evolved(old, judged=at)  # its labels name the period: it fires once
    known = evolved(old, level=finding.level, value=finding.value, detail=finding.detail, seen=at)
    return _wrong(rule, known, Phase.FIRING, at, is_jump=is_jump)


def _well(rule: Rule, old: Alert, at: datetime, *, is_jump: bool) -> Alert:
    if old.is_active:
        gone = at - (old.seen or at)
        is_over = _is_over(rule, gone, _calm_of(rule), is_jump=is_jump)
        return _to(old, Phase.RESOLVED, at) if is_over else evolved(old, judged=at)
    if old.phase is Phase.RESOLVED:
        return evolved(old, judged=at)
    return evolved(_to(old, Phase.OK, at), level=None, began=None)


def _without_data(rule: Rule, alert: Alert, at: datetime) -> Alert:
    policy = no_data_of(rule)
    is_jump = _is_jump(rule, alert, at)
    if policy is NoData.KEEP:
        return evolved(_moved(alert, at - _last(alert, at)), judged=at)
    old = _counted(rule, alert, at)
    if policy is NoData.OK:
        return _well(rule, old, at, is_jump=is_jump)
    if old.phase in (Phase.UNKNOWN, Phase.PAUSED):
        return _to(old, Phase.UNKNOWN, at)  # there never was any
    known = evolved(old, level=old.level or Level.WARNING, seen=at)
    return _wrong(rule, known, Phase.NO_DATA, at, is_jump=is_jump)


def _wrong(rule: Rule, old: Alert, phase: Phase, at: datetime, *, is_jump: bool) -> Alert:
    """On the way to `phase`, or there: what is active already need not last again."""
    if old.phase not in (Phase.PENDING, Phase.FIRING, Phase.NO_DATA):
        old = evolved(old, began=at)
    lasted = at - (old.began or at)
    if not old.is_active and not _is_over(rule, lasted, rule.lasting, is_jump=is_jump):
        return _to(old, Phase.PENDING, at)
    is_new = phase is Phase.FIRING and old.phase is not Phase.FIRING
    return _to(evolved(old, fired=at) if is_new else old, phase, at)


def _to(old: Alert, phase: Phase, at: datetime) -> Alert:
    if phase is old.phase:
        return evolved(old, judged=at)
    resolved = at if phase is Phase.RESOLVED else old.resolved
    return evolved(old, phase=phase, since=max(at, old.since), resolved=resolved, judged=at)


def _calm_of(rule: Rule) -> timedelta:
    condition = rule.condition
    return condition.quiet if isinstance(condition, MatchCondition) else rule.calm


def _is_over(rule: Rule, elapsed: timedelta, limit: timedelta, *, is_jump: bool) -> bool:
    if is_jump:
        return elapsed > max(limit, MOST_STEP * rule.every)
    return elapsed >= limit


def _last(alert: Alert, at: datetime) -> datetime:
    return alert.judged or alert.seen or at


def _is_jump(rule: Rule, alert: Alert, at: datetime) -> bool:
    if alert.judged is None and isinstance(rule.condition, AbsenceCondition):
        return True  # a hub that just started has heard of nobody
    return not timedelta(0) <= at - _last(alert, at) <= MOST_STEP * rule.every


def _counted(rule: Rule, alert: Alert, at: datetime) -> Alert:
    """The alert with the part of the step that does not count left out."""
    step = at - _last(alert, at)
    counts = min(max(step, timedelta(0)), MOST_STEP * rule.every)
    return _moved(alert, step - counts)


def _moved(alert: Alert, by: timedelta) -> Alert:
    if not by:
        return alert
    began, seen = alert.began and alert.began + by, alert.seen and alert.seen + by
    return evolved(alert, began=began, seen=seen)
