"""Judges rules when they are due, in a thread of its own."""

import threading
from collections.abc import Sequence
from datetime import datetime

import structlog

from llm_analytics_hub.alerts.detectors import DetectorOf, detectors
from llm_analytics_hub.alerts.evaluation import AlertsHeld, EvaluationSettings, Rules, RuleState
from llm_analytics_hub.alerts.evaluator_metrics import EvaluatorMetrics
from llm_analytics_hub.alerts.health import Health
from llm_analytics_hub.alerts.judging import Judged, Judging, by_tenant
from llm_analytics_hub.alerts.plan import Key, Plan, Planned, is_judged, plan_of, planned
from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.alerts.rule_states import RuleStates
from llm_analytics_hub.alerts.slots import Timetable, Turn
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.model.alerts.alert import Judgement, Transition
from llm_analytics_hub.model.alerts.rule import Rule
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.telemetry.metrics import Metrics

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 5.0
"""How long it rests after a defect that is no single rule's."""

GOODBYE_SECONDS = 2.0


class Evaluator:
    """Judges each rule at each of its moments, at most once, and tells the book of alerts.

    A rule whose question fails keeps its alerts as they are until its next moment. Moments that went
    by while it was busy, or while the clock jumped, are counted and left out: the newest is judged.
    """

    def __init__(
        self,
        rules: Rules,
        book: AlertsHeld,
        queries: QueryService,
        health: Health,
        clock: Clock,
        metrics: Metrics,
        settings: EvaluationSettings | None = None,
        detector_of: DetectorOf | None = None,
    ) -> None:
        self._rules, self._book, self._health, self._clock = rules, book, health, clock
        self._questions = RuleQuestions(queries)
        self._detector_of = detector_of or detectors(health, book.alerts)
        self._metrics = EvaluatorMetrics(metrics.registry)
        self._delay = (settings or EvaluationSettings()).delay
        self._timetable, self._plan = Timetable(self._delay), Plan()
        self._states = RuleStates(clock, self._metrics)
        self._wake = threading.Condition()
        self._changed, self._closing = True, False
        self._thread = threading.Thread(target=self._run, name="rules", daemon=True)
        rules.on_change(self.rules_changed)

    def start(self) -> None:
        """Begin to judge."""
        self._thread.start()

    def close(self) -> None:
        """End, also in the middle of a question. Idempotent."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._questions.cancel()
        if self._thread.is_alive():
            # One that waits for its turn to ask does so for longer, and then asks no more.
            self._thread.join(GOODBYE_SECONDS)

    def rules_changed(self) -> None:
        """Have the rules taken up as they are now, before the next moment is judged."""
        with self._wake:
            self._changed = True
            self._wake.notify()

    def state(self, rule: Rule) -> RuleState:
        """How its last evaluation went."""
        return self._states.of(rule)

    def run_due(self, now: datetime) -> None:
        """Measure the hub where it is time to, and judge what is due; for one thread at a time."""
        if self._health.next_sample(now) <= now:
            self._health.sample(now)
        self._take_up_rules(now)
        for turn in self._timetable.due(now):
            if self._closing:
                return
            self._take_up_rules(self._clock.now())
            self._metrics.skipped.inc(turn.skipped)
            self._metrics.lag.set((self._clock.now() - self._delay - turn.at).total_seconds())
            with self._metrics.seconds.time():
                self._judge(turn)

    def _run(self) -> None:
        while not self._closing:
            try:
                self.run_due(self._clock.now())
            except Exception:
                log.exception("evaluation of rules failed")
                with self._wake:
                    self._wake.wait_for(lambda: self._closing, AGAIN_SECONDS)
            else:
                self._wait()

    def _wait(self) -> None:
        now = self._clock.now()
        # Never longer than until the next measurement: the clock may jump meanwhile.
        due = (self._timetable.next_due(), self._health.next_sample(now))
        seconds = min((one - now).total_seconds() for one in due if one is not None)
        with self._wake:
            self._wake.wait_for(lambda: self._changed or self._closing, max(seconds, 0.0))

    def _take_up_rules(self, now: datetime) -> None:
        if not self._changed:
            return
        self._changed = False
        try:
            rules = [rule for rule in self._rules.rules() if is_judged(rule)]
        except Exception:
            self._changed = True
            raise
        self._states.keep({(rule.tenant, rule.name) for rule in rules})
        every = [self._planned(rule) for rule in rules]
        self._plan = plan_of([one for one in every if one is not None])
        self._timetable.set(self._plan.all_slots, now)
        self._metrics.count_rules(rule.kind for rule in rules)

    def _planned(self, rule: Rule) -> Planned | None:
        """As planned before, where the rule is still the same; None where nothing can judge it."""
        before = self._plan.rules.get((rule.tenant, rule.name))
        if before is not None and before.rule == rule:
            return before
        try:
            return planned(rule, self._detector_of(rule))
        except Exception as error:  # noqa: BLE001 - told as the state of the rule
            self._states.note(rule, None, error, 0.0)
            return None

    def _judge(self, turn: Turn) -> None:
        due = [one for one in self._plan.taken(turn.slots) if one.is_due(turn.at)]
        self._timetable.set(self._plan.all_slots, self._clock.now())
        for tenant, rules in by_tenant(due).items():
            judging = Judging(self._questions, tenant, turn.at)
            self._judge_all(judging, rules, turn.at)
            self._metrics.questions.inc(judging.asked)

    def _judge_all(self, judging: Judging, rules: Sequence[Planned], at: datetime) -> None:
        """Those of the lowest rank first; compounds about what changed are judged, too."""
        waiting = {one.key: one for one in rules}
        while waiting:
            rank = min(one.rank for one in waiting.values())
            now = [waiting.pop(key) for key, one in list(waiting.items()) if one.rank == rank]
            for judged in judging.judged(now):
                if self._closing:
                    return
                waiting |= {one.key: one for one in self._told(self._current(judged), at)}

    def _current(self, judged: Sequence[Judged]) -> Sequence[Judged]:
        """Those of rules that are still the same: what was removed meanwhile gets no new alerts."""
        if not self._changed:
            return judged
        rules = {(rule.tenant, rule.name): rule for rule in self._rules.rules()}
        return [one for one in judged if rules.get(one.rule.key) == one.rule.rule]

    def _told(self, judged: Sequence[Judged], at: datetime) -> Sequence[Planned]:
        """Tell the book, and note how it went; the compounds to judge because of it."""
        told = [(one.rule.rule, one.judgement) for one in judged if one.judgement is not None]
        faults: dict[Key, Exception] = {}
        try:
            changes = self._book.judged_all(told)
        except Exception:  # noqa: BLE001 - found again below, with the rule that it is of
            changes, faults = self._told_alone(told)
        for one in judged:
            one.rule.judged = at
            error = one.error or faults.get(one.rule.key)
            self._states.note(one.rule.rule, at, error, one.seconds)
        changed = {(change.alert.tenant, change.alert.rule) for change in changes}
        about = (one for key in changed for one in self._plan.about.get(key, ()))
        return [one for one in about if one.is_due(at)]

    def _told_alone(
        self, told: Sequence[tuple[Rule, Judgement]]
    ) -> tuple[Sequence[Transition], dict[Key, Exception]]:
        """What changed, and the faults, when each judgement is told by itself."""
        changes: list[Transition] = []
        faults: dict[Key, Exception] = {}
        for rule, judgement in told:
            try:
                changes += self._book.judged_all([(rule, judgement)])
            except Exception as error:  # noqa: BLE001 - told as the state of the rule
                faults[rule.tenant, rule.name] = error
        return changes, faults
