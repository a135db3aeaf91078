"""The rules of one tenant at one moment: asked together, judged one by one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from llm_analytics_hub.alerts.detect.asking import Found, Wanted
from llm_analytics_hub.alerts.plan import Planned
from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.alerts.shapes import Merged, merged
from llm_analytics_hub.model.alerts.alert import Judgement


@dataclass(frozen=True)
class Reply:
    """What a question was answered, or why it was not, and how long that took."""

    found: Found | None
    error: Exception | None
    seconds: float


@dataclass(frozen=True)
class Judged:
    """What a rule's detector says, or why it cannot; `seconds` with those of its questions."""

    rule: Planned
    judgement: Judgement | None
    error: Exception | None
    seconds: float


class Judging:
    """Asks and judges; a fault of one question or rule is not that of another."""

    def __init__(self, questions: RuleQuestions, tenant: str, at: datetime) -> None:
        self._questions = questions
        self._tenant = tenant
        self._at = at
        self._replies: dict[Merged, Reply] = {}

    @property
    def asked(self) -> int:
        """How many questions were asked so far."""
        return len(self._replies)

    def judged(self, rules: Sequence[Planned]) -> Iterator[list[Judged]]:
        """A judgement for each of the rules; those that ask alike together, once they were asked."""
        wants = {rule.key: self._wants(rule) for rule in rules}
        known = [want for want in wants.values() if not isinstance(want, Exception)]
        asked = merged(one for want in known for one in want)
        alike: dict[Merged | None, list[Planned]] = {}
        for rule in rules:
            want = wants[rule.key]
            first = asked[want[0]] if not isinstance(want, Exception) and want else None
            alike.setdefault(first, []).append(rule)
        for group in alike.values():
            yield [self._judged(rule, wants[rule.key], asked) for rule in group]

    def _wants(self, rule: Planned) -> Sequence[Wanted] | Exception:
        try:
            return rule.detector.wants(self._at)
        except Exception as error:  # noqa: BLE001 - told as the state of the rule
            return error

    def _judged(
        self, rule: Planned, wants: Sequence[Wanted] | Exception, asked: Mapping[Wanted, Merged]
    ) -> Judged:
        if isinstance(wants, Exception):
            return Judged(rule, None, wants, 0.0)
        replies = [self._reply(asked[one]) for one in wants]
        seconds = sum(reply.seconds for reply in replies)
        error = next((reply.error for reply in replies if reply.error is not None), None)
        if error is not None:
            return Judged(rule, None, error, seconds)
        found = [reply.found for reply in replies if reply.found is not None]
        began = perf_counter()
        try:
            judgement = rule.detector.judge(self._at, found)
        except Exception as fault:  # noqa: BLE001 - told as the state of the rule
            return Judged(rule, None, fault, seconds + perf_counter() - began)
        return Judged(rule, judgement, None, seconds + perf_counter() - began)

    def _reply(self, question: Merged) -> Reply:
        """The answer, asked for once."""
        if question not in self._replies:
            self._replies[question] = self._asked(question)
        return self._replies[question]

    def _asked(self, question: Merged) -> Reply:
        began = perf_counter()
        try:
            found = self._questions.ask(self._tenant, question.shape, tuple(question.measures))
        except Exception as error:  # noqa: BLE001 - told as the state of the rules that ask it
            return Reply(None, error, perf_counter() - began)
        return Reply(found, None, perf_counter() - began)


def by_tenant(rules: Sequence[Planned]) -> Mapping[str, list[Planned]]:
    """The rules of each tenant."""
    found: dict[str, list[Planned]] = {}
    for rule in rules:
        found.setdefault(rule.rule.tenant, []).append(rule)
    return found
