"""How it went with each rule, for people and for counting."""

from collections.abc import Collection
from datetime import datetime

from llm_analytics_hub.alerts.evaluation import RuleState
from llm_analytics_hub.alerts.evaluator_metrics import EvaluatorMetrics
from llm_analytics_hub.alerts.plan import Key
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import HubError
from llm_analytics_hub.model.alerts.rule import Rule


class RuleStates:
    """Keeps the state of each rule; written by one thread, read by any."""

    def __init__(self, clock: Clock, metrics: EvaluatorMetrics) -> None:
        self._clock = clock
        self._metrics = metrics
        self._states: dict[Key, RuleState] = {}

    def of(self, rule: Rule) -> RuleState:
        """How the last evaluation of a rule went."""
        return self._states.get((rule.tenant, rule.name), RuleState())

    def note(
        self, rule: Rule, moment: datetime | None, error: Exception | None, seconds: float
    ) -> None:
        """Keep how an evaluation went, and count it."""
        failures = 0 if error is None else self.of(rule).failures + 1
        self._states[rule.tenant, rule.name] = RuleState(
            moment, self._clock.now(), round(seconds * 1000, 2), _reason_of(error), failures
        )
        self._metrics.evaluations.labels(rule.kind, _outcome_of(error)).inc()

    def keep(self, keys: Collection[Key]) -> None:
        """Forget all rules but these."""
        self._states = {key: state for key, state in self._states.items() if key in keys}


def _reason_of(error: Exception | None) -> str:
    """Why an evaluation failed, for people; '' where it did not. A defect shows no inner words."""
    if error is None:
        return ""
    if isinstance(error, HubError):
        return error.message
    return f"internal error: {type(error).__name__}"


def _outcome_of(error: Exception | None) -> str:
    if error is None:
        return "ok"
    return error.code if isinstance(error, HubError) else "defect"
