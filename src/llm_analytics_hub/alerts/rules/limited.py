"""Limits of a rule, by level, each checked against what is watched and against the others.

Bases in this order, `class SomeForm(LimitedForm, WhatIsWatched)`, so that what is watched is read
before its limits are.
"""

from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from llm_analytics_hub.alerts.rules.faults import fault, told
from llm_analytics_hub.alerts.rules.form import ReportedForm
from llm_analytics_hub.alerts.rules.limits import LEAST_FIRST, Limit, check_order, to_limit
from llm_analytics_hub.model.alerts.levels import Level


class LimitedForm(ReportedForm):
    """A rule with limits, by level."""

    info: Limit | None = None
    warning: Limit | None = None
    critical: Limit | None = Field(None, validate_default=True)

    @classmethod
    def limit(cls, given: object, data: dict[str, Any]) -> Limit:
        """A limit, in the unit of what is watched. Raises: InvalidInputError."""
        return to_limit(given, cls.unit(data))

    @property
    def limits(self) -> dict[Level, Limit | None]:
        """All limits by level."""
        return {level: getattr(self, level) for level in LEAST_FIRST}

    @field_validator("info", "warning", "critical", mode="before")
    @classmethod
    def _limit(cls, given: object, info: ValidationInfo) -> Limit | None:
        level = Level(str(info.field_name))
        less = {one: info.data[one] for one in LEAST_FIRST if one in info.data and one != level}
        if given is not None:
            return told(lambda body: cls._checked(body, level, info.data, less))(given)
        if level is Level.CRITICAL and list(less.values()) == [None, None]:
            raise fault("a rule needs a limit: warning or critical")
        return None

    @classmethod
    def _checked(
        cls, given: object, level: Level, data: dict[str, Any], less: dict[Level, Limit | None]
    ) -> Limit:
        found = cls.limit(given, data)
        if cls.unit(data) is None:
            return found  # 1s and 500ms cannot be told apart
        for name, limit in less.items():
            if limit is not None:
                check_order((name, limit), (level, found))
        return found
