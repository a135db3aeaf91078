"""What is counted about the evaluation of rules."""

from collections import Counter as Count
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class EvaluatorMetrics:
    """The metrics of the evaluator, in the registry of the hub's other ones."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.evaluations = Counter(
            "hub_alert_evaluations", "rules judged, by kind and outcome: ok, or the error's code",
            ("kind", "outcome"), registry=registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "hub_alert_evaluation_seconds", "duration of judging all rules of one moment",
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self.questions = Counter(
            "hub_alert_questions", "questions asked for rules; one serves all that ask alike",
            registry=registry,
        )  # fmt: skip
        self.rules = Gauge(
            "hub_alert_rules", "rules that are judged at intervals, by kind", ("kind",),
            registry=registry,
        )  # fmt: skip
        self.lag = Gauge(
            "hub_alert_lag_seconds", "how long after it was due a moment was judged, the last time",
            registry=registry,
        )  # fmt: skip
        self.skipped = Counter(
            "hub_alert_skipped_slots", "moments of slots that went by without a judgement",
            registry=registry,
        )  # fmt: skip

    def count_rules(self, kinds: Iterable[str]) -> None:
        """Note how many rules of each kind there are."""
        self.rules.clear()
        for kind, number in Count(kinds).items():
            self.rules.labels(kind).set(number)
