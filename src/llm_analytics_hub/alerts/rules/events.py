"""Rules on single events, there or missing: match and absence."""

import json
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from llm_analytics_hub.alerts.rules.faults import fault
from llm_analytics_hub.alerts.rules.fields import Dimensions, LiveDimensions, LiveWhere, Where
from llm_analytics_hub.alerts.rules.form import RuleForm
from llm_analytics_hub.alerts.rules.spans import Duration, Minutes
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import AbsenceCondition, MatchCondition
from llm_analytics_hub.query.filters import to_filter

SHORTEST_QUIET = timedelta(seconds=1)


class MatchForm(RuleForm):
    """Each event that passes, the moment it is stored."""

    kind: Literal["match"]
    where: LiveWhere
    by: LiveDimensions = ()
    severity: Level = Level.WARNING
    quiet: Duration = Field(timedelta(minutes=10), alias="resolve_after")

    @field_validator("quiet")
    @classmethod
    def _is_some(cls, quiet: timedelta) -> timedelta:
        if quiet < SHORTEST_QUIET:
            raise fault("is a second at least: an event has no end of its own")
        return quiet

    def condition(self) -> MatchCondition:
        """What the rule watches."""
        wanted = to_filter(json.loads(self.where))
        return MatchCondition(wanted, self.where, self.by, self.severity, self.quiet)


class AbsenceForm(RuleForm):
    """No event passes for a time; a group of `by` is missed once it was seen within `known`."""

    kind: Literal["absence"]
    where: Where = "[]"
    by: Dimensions = ()
    severity: Level = Level.WARNING
    every: Minutes | None = None
    silence: Minutes = Field(alias="for")
    calm: Duration = Field(timedelta(0), alias="resolve_after")
    known: Minutes = Field(timedelta(days=7), validate_default=True)

    @field_validator("known")
    @classmethod
    def _is_longer(cls, known: timedelta, info: ValidationInfo) -> timedelta:
        if "silence" in info.data and known <= info.data["silence"]:
            raise fault("must be longer than `for`")
        return known

    def timing(self) -> dict[str, Any]:
        """When it is judged, and how long it holds: members of `Rule`."""
        return {"every": self.every or timedelta(minutes=1), "calm": self.calm}

    def condition(self) -> AbsenceCondition:
        """What the rule watches."""
        wanted = to_filter(json.loads(self.where))
        return AbsenceCondition(
            wanted, self.where, self.by, self.severity, self.silence, self.known
        )
