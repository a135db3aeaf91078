"""Rules over stored history: when they would have fired."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from llm_analytics_hub.alerts.detect.catalog import detector_of
from llm_analytics_hub.alerts.detect.compound import CompoundDetector, rules_in
from llm_analytics_hub.alerts.replay import Firing, Replay
from llm_analytics_hub.alerts.replay_answers import Ask, ReplayAnswers
from llm_analytics_hub.alerts.replay_windows import BUCKETS
from llm_analytics_hub.errors import HubError, InvalidInputError
from llm_analytics_hub.model.alerts.alert import Alert, Finding
from llm_analytics_hub.model.alerts.rule import (
    CompoundCondition,
    HealthCondition,
    MatchCondition,
    Rule,
)
from llm_analytics_hub.model.query import TimeRange

MOST_STEPS = 50_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)

Match = tuple[datetime, Finding]
"""When an event occurred that matches, and what it says of its group."""

Events = Callable[[Rule, TimeRange], Iterable[Match]]
"""The stored events that a match rule matches, the oldest first. Raises: HubError."""

Progress = Callable[[int, int], None]
"""Told how many of how many moments are done."""


@dataclass(frozen=True)
class RuleReport:
    """What a rule would have said, in order of time; `error` is why it was not judged to the end."""

    rule: Rule
    firings: Sequence[Firing]
    error: str = ""

    @property
    def notices(self) -> int:
        """How often people would have been told, if all were sent at once."""
        return sum(one.notices for one in self.firings)


@dataclass(frozen=True)
class Report:
    """What each rule would have said in a range, judged at `moments` moments by `questions`."""

    time_range: TimeRange
    rules: Sequence[RuleReport]
    moments: int
    questions: int


def backtest(
    rules: Sequence[Rule],
    ask: Ask,
    events: Events,
    time_range: TimeRange,
    step: timedelta,
    progress: Progress = lambda done, of: None,
) -> Report:
    """What rules of one tenant would have said, judged every `step`, at whole ones where it is a bucket.

    What may be kept in the hub (`is_paused`, silences, routes) does not count. Rules on the hub's own
    health are not judged: its past is not stored. Raises: InvalidInputError for too many moments.
    """
    moments = _moments(time_range, step)
    replays: dict[str, Replay] = {}
    alerts = _alerts_of(replays)
    for rule in sorted(rules, key=_depth(rules)):
        replays[rule.name] = _replay(rule, step, alerts)
    answers = ReplayAnswers(ask, rules[0].tenant if rules else "", step)
    ends = (moments[0], moments[-1])
    answers.prepare([one for replay in replays.values() for at in ends for one in replay.wants(at)])
    streams = {
        name: _Stream(one, events, time_range)
        for name, one in replays.items()
        if _is_match(one.rule)
    }
    for number, at in enumerate(moments, 1):
        wants = {name: replay.wants(at) for name, replay in replays.items()}
        found = answers.answers([one for want in wants.values() for one in want])
        for name, replay in replays.items():
            if name in streams:
                streams[name].up_to(at)
            else:
                replay.judge(at, wants[name], found)
        progress(number, len(moments))
    for stream in streams.values():
        stream.up_to(time_range.end)
    reports = [
        RuleReport(rule, replays[rule.name].firings, replays[rule.name].error) for rule in rules
    ]
    return Report(time_range, reports, len(moments), answers.asked)


class _Stream:
    """The events of a match rule on their way into its replay."""

    def __init__(self, replay: Replay, events: Events, time_range: TimeRange) -> None:
        self._replay = replay
        self._events = _guarded(replay, events, time_range)
        self._next = next(self._events, None)

    def up_to(self, at: datetime) -> None:
        while self._next is not None and self._next[0] <= at:
            moment, finding = self._next
            self._replay.happened(finding, moment)
            self._next = next(self._events, None)
        self._replay.quieted(at)


def _guarded(replay: Replay, events: Events, time_range: TimeRange) -> Iterator[Match]:
    try:
        yield from events(replay.rule, time_range)
    except HubError as error:
        replay.error = error.message


def _moments(time_range: TimeRange, step: timedelta) -> list[datetime]:
    if step <= timedelta(0) or time_range.length < step:
        raise InvalidInputError("the step must be positive, and no longer than the time range")
    number = time_range.length // step
    if number > MOST_STEPS:
        text = f"{number:,} moments, {MOST_STEPS:,} is the most: take a longer step"
        raise InvalidInputError(f"{text} or a shorter time range")
    end = time_range.end
    if not step % _MINUTE:
        # Windows that begin at whole minutes can be summed of smaller ones, and some are buckets.
        end -= (end - _EPOCH) % (step if step in BUCKETS else _MINUTE)
    return [end - place * step for place in range(number - 1, -1, -1)]


def _replay(rule: Rule, step: timedelta, alerts: Callable[[str], Sequence[Alert]]) -> Replay:
    match rule.condition:
        case MatchCondition():
            return Replay(rule, None, step)
        case CompoundCondition() as condition:
            return Replay(rule, CompoundDetector(rule, condition, alerts), step)
        case HealthCondition():
            replay = Replay(rule, None, step)
            replay.error = (
                "the hub's own health is not stored: this rule cannot be tried on the past"
            )
            return replay
        case _:
            return Replay(rule, detector_of(rule), step)


def _alerts_of(replays: Mapping[str, Replay]) -> Callable[[str], Sequence[Alert]]:
    return lambda _: [alert for replay in replays.values() for alert in replay.alerts]


def _is_match(rule: Rule) -> bool:
    return isinstance(rule.condition, MatchCondition)


def _depth(rules: Sequence[Rule]) -> Callable[[Rule], int]:
    """Rules on rules come after those: how many lie below each."""
    by_name = {rule.name: rule for rule in rules}

    def depth(rule: Rule | None) -> int:
        if rule is None or not isinstance(rule.condition, CompoundCondition):
            return 0
        below = rules_in(rule.condition.expression)
        return 1 + max((depth(by_name.get(name)) for name in below), default=0)

    return depth
