"""What the evaluator works with: rules, a book of alerts, and how it went with each rule."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from llm_analytics_hub.model.alerts.alert import Alert, Judgement, Transition
from llm_analytics_hub.model.alerts.rule import Rule


class EvaluationSettings(BaseModel):
    """When rules are judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    delay: timedelta = Field(
        timedelta(seconds=5),
        ge=timedelta(0),
        le=timedelta(hours=1),
        description="how far in the past rules are judged, so that what senders collect has arrived",
    )


class Rules(Protocol):
    """The rules there are."""

    def rules(self, tenant: str | None = None, /) -> Sequence[Rule]:
        """The current ones of a tenant, or of all."""
        ...

    def on_change(self, callback: Callable[[], None], /) -> None:
        """Have `callback` called, by any thread, after they changed."""
        ...


class AlertsHeld(Protocol):
    """The alerts there are, and what judgements make of them."""

    def judged_all(self, judged: Iterable[tuple[Rule, Judgement]], /) -> Sequence[Transition]:
        """Take note of judgements, all at once; what they changed."""
        ...

    def alerts(self, tenant: str | None = None, /) -> Sequence[Alert]:
        """The alerts of a tenant, or of all; groups that are simply well may have none."""
        ...


@dataclass(frozen=True)
class RuleState:
    """How the last evaluation of a rule went.

    `moment` is what was judged, `at` when it was; None for never yet. `took_ms` includes the questions
    it shares with others. `error` is why it failed, '' where it did not; `failures` in a row.
    """

    moment: datetime | None = None
    at: datetime | None = None
    took_ms: float = 0.0
    error: str = ""
    failures: int = 0
