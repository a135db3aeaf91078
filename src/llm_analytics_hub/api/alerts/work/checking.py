"""Rules tried out: what is wrong with them, and when they would have fired. Nothing is kept."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from llm_analytics_hub.alerts.backtest import Report, backtest
from llm_analytics_hub.alerts.detect.asking import Shape
from llm_analytics_hub.alerts.detect.compound import rules_in
from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.alerts.rules.book import RuleBook
from llm_analytics_hub.alerts.rules.entry import DEFINED, Entry, switched
from llm_analytics_hub.alerts.rules.given import Given
from llm_analytics_hub.alerts.rules.spans import minutes
from llm_analytics_hub.alerts.stored_events import StoredEvents
from llm_analytics_hub.api.alerts.work.definitions import LISTS
from llm_analytics_hub.api.alerts.work.reported import shown_report
from llm_analytics_hub.api.alerts.work.shown import Json
from llm_analytics_hub.api.alerts.work.tried import (
    Tried,
    asked_of,
    compound_faults,
    name_faults,
    parsed,
)
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import CANCELLED, InvalidInputError, UnavailableError, about
from llm_analytics_hub.model.alerts.rule import CompoundCondition, Rule
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.body import TimeRangeBody
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.ranges import to_range
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.cancellation import Cancellation

USUAL_STEPS = 3_000
"""Moments that are judged where nobody says how many."""

STEPS = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 360, 1440))


class CheckDesk:
    """Checks what a tenant might define."""

    def __init__(
        self, rules: RuleBook, queries: QueryService, lists: EventLists, clock: Clock
    ) -> None:
        self._rules = rules
        self._queries, self._events = queries, StoredEvents(lists)
        self._clock = clock

    def check(self, tenant: str, body: Mapping[str, Any], gone: Cancellation) -> Json:
        """All faults; with a time range and without faults, what the rules would have said.

        Raises: InvalidInputError for a range or step that is none; UnavailableError once `gone`.
        """
        if unknown := body.keys() - {"time_range", "step", *LISTS}:
            with about(min(unknown)[:80]):
                raise InvalidInputError("there are rules, budgets, time_range, step")
        asked, span = asked_of(body), self._span(body.get("time_range"))
        step = _step(body.get("step"), span)
        given, faults = parsed(tenant, asked)
        faults = faults or self._together(tenant, asked, given)
        if faults or span is None:
            return {"valid": not faults, "faults": faults, "report": None}
        rules = [one for one in given.values() if isinstance(one, Rule)]
        report = self._replayed([*rules, *self._below(tenant, rules)], span, step, gone)
        named = {rule.name for rule in rules}
        return {"valid": True, "faults": [], "report": shown_report(report, step, named)}

    def _span(self, given: object) -> TimeRange | None:
        if given is None:
            return None
        with about("time_range"):
            try:
                body = TimeRangeBody.model_validate(given)
            except ValidationError as error:
                text = "time_range: has `from` and `to`, `last` such as 7d, or `period`"
                raise InvalidInputError(text) from error
            return to_range(body, "UTC", self._clock.now())

    def _together(
        self, tenant: str, asked: Sequence[Tried], given: Mapping[str, Given]
    ) -> list[Json]:
        """What is wrong with rules beside others: names that are taken, compounds."""
        before = {one.rule.name: one for one in self._rules.entries(tenant)}
        after = dict(before)
        kinds = {one.name: LISTS[one.list] for one in asked}
        for name, one in given.items():
            if isinstance(one, Rule):
                after[name] = Entry(one, kinds[name], DEFINED)
            elif name in before:
                after[name] = switched(before[name], one, DEFINED)
        named = [fault for one in asked for fault in name_faults(before, one, given, kinds)]
        return named + compound_faults(before, after, asked)

    def _below(self, tenant: str, rules: Sequence[Rule]) -> list[Rule]:
        """The rules that there are and that compounds among `rules` are made of."""
        known = {rule.name: rule for rule in self._rules.rules(tenant)}
        seen, found, waiting = {rule.name for rule in rules}, [], list(rules)
        while waiting:
            condition = waiting.pop().condition
            if isinstance(condition, CompoundCondition):
                new = [known[name] for name in rules_in(condition.expression) - seen]
                seen |= {rule.name for rule in new}
                found += new
                waiting += new
        return found

    def _replayed(
        self, rules: Sequence[Rule], span: TimeRange, step: timedelta, gone: Cancellation
    ) -> Report:
        questions = RuleQuestions(self._queries)

        def progress(done: int, of: int) -> None:
            if gone.is_cancelled:
                text = f"nobody waits any more: {done:,} of {of:,} moments were judged"
                raise UnavailableError(text, code=CANCELLED)

        with gone.ends_by(questions.cancel):
            if rules:
                self._refresh(rules[0].tenant, span)
            return backtest(rules, questions.ask, self._events, span, step, progress)

    def _refresh(self, tenant: str, span: TimeRange) -> None:
        """Have what was stored a moment ago found by the questions that follow."""
        whole = Shape((), "[]", span.start, span.end)
        RuleQuestions(self._queries, is_fresh=True).ask(tenant, whole, ("events",))


def _step(given: object, span: TimeRange | None) -> timedelta:
    """How far apart moments are that are judged. Raises: InvalidInputError."""
    with about("step"):
        if given is not None:
            return minutes(given)
        if span is None:
            return STEPS[0]
        found = (one for one in STEPS if span.length <= USUAL_STEPS * one)
        return next(found, STEPS[-1])
