"""What all rules have, as people write it."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from llm_analytics_hub.alerts.rules.amounts import Unit
from llm_analytics_hub.alerts.rules.faults import fault
from llm_analytics_hub.alerts.rules.fields import Flag, LabelPairs, Slug, Template
from llm_analytics_hub.alerts.rules.spans import MINUTE, ZERO, Duration, Minutes
from llm_analytics_hub.model.alerts.rule import Condition, NoData

ANNOTATIONS = ("summary", "description", "runbook_url")
LONG_WINDOW = timedelta(days=1)
SLOWEST = timedelta(minutes=15)


class RuleForm(BaseModel):
    """A rule of any kind; `labels` join its alerts, the texts are templates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Slug
    kind: str
    labels: LabelPairs = ()
    summary: Template = ""
    description: Template = ""
    runbook_url: Template = ""
    paused: Flag = False

    def condition(self) -> Condition:
        """What the rule watches."""
        raise NotImplementedError

    def pace(self) -> timedelta:
        """How often it is judged where it does not say."""
        return pace(self.window_of())

    def window_of(self) -> timedelta:
        """How much time one judgement looks at."""
        return ZERO

    def timing(self) -> dict[str, Any]:
        """When it is judged, and how long it holds: members of `Rule`."""
        return {"every": self.pace()}

    @field_validator("by", "on", check_fields=False)
    @classmethod
    def _is_no_label(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for name, _ in info.data.get("labels", ()):
            if name in names:
                raise fault(f"{name} is in `labels`, too: leave it out there")
        return names


class JudgedForm(RuleForm):
    """A rule that is judged at times: `every` so often, it must hold `for` a time."""

    every: Minutes | None = None
    lasting: Duration = Field(ZERO, alias="for")
    calm: Duration = Field(ZERO, alias="resolve_after")

    @field_validator("every")
    @classmethod
    def _is_often(cls, every: timedelta | None) -> timedelta | None:
        if every and every > timedelta(days=1):
            raise fault("is a day at most")
        return every

    def timing(self) -> dict[str, Any]:
        """When it is judged, and how long it holds: members of `Rule`."""
        every = self.every or self.pace()
        return {"every": every, "lasting": self.lasting, "calm": self.calm}


class ReportedForm(JudgedForm):
    """A rule on numbers, which may not be there."""

    no_data: NoData = NoData.OK

    @classmethod
    def unit(cls, data: dict[str, Any]) -> Unit | None:
        """The unit of what is watched; None where that itself is wrong."""
        raise NotImplementedError

    def timing(self) -> dict[str, Any]:
        """When it is judged, and how long it holds: members of `Rule`."""
        return {**super().timing(), "no_data": self.no_data}


def pace(window: timedelta, *, is_series: bool = False) -> timedelta:
    """How often a rule is judged that says nothing of it: long windows change slowly.

    A series has news once in a window; a fifth of it is waited at most.
    """
    if is_series:
        return max(min(window // 5 // MINUTE * MINUTE, SLOWEST), MINUTE)
    return MINUTE if window < LONG_WINDOW else SLOWEST
