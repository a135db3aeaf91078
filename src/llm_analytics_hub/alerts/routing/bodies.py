"""Routing as JSON or YAML, in Alertmanager's vocabulary: members and bounds."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

from llm_analytics_hub.alerts.routing.durations import to_duration
from llm_analytics_hub.alerts.routing.faults import checked, fault
from llm_analytics_hub.alerts.routing.matchers import to_matcher

ALL_LABELS = "..."
_NOTHING, _MINUTE, _DAY = timedelta(0), timedelta(minutes=1), timedelta(days=1)


def _span(least: timedelta, most: timedelta) -> AfterValidator:
    return AfterValidator(checked(lambda text: to_duration(text, least, most)))


def _known_channel(name: str, info: ValidationInfo) -> str:
    known = (info.context or {}).get("channels")
    if known is not None and name not in known:
        raise fault(f"no channel {name!r}; there are {', '.join(sorted(known))}")
    return name


Text = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Matching = Annotated[
    list[Annotated[str, AfterValidator(checked(to_matcher))]], Field(max_length=20)
]
Label = Annotated[str, StringConstraints(pattern=r"^(\.\.\.|[A-Za-z_][A-Za-z0-9_.]{0,99})$")]
Labels = Annotated[list[Label], Field(max_length=20)]
ChannelName = Annotated[Text, AfterValidator(_known_channel)]
Channels = Annotated[list[ChannelName], Field(min_length=1, max_length=20)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class EscalationBody(_Body):
    """Who else is told when nobody acknowledged an alert within `after`."""

    after: Annotated[str, _span(_MINUTE / 60, 30 * _DAY)] = Field(examples=["15m"])
    channels: Channels


class RouteBody(_Body):
    """A node of the tree. What is not given is as in the node above."""

    name: Text | None = Field(None, description="what the route is called; else by its matchers")
    match: Matching = Field(default=[], examples=[['severity="critical"', 'team=~"sec.*"']])
    channels: Channels | None = None
    group_by: Labels | None = Field(None, description="`...`: each alert alone")
    group_wait: Annotated[str, _span(_NOTHING, 60 * _MINUTE)] | None = None
    group_interval: Annotated[str, _span(_MINUTE / 60, _DAY)] | None = None
    repeat_interval: Annotated[str, _span(_MINUTE, 30 * _DAY)] | None = None
    goes_on: bool = Field(False, alias="continue")
    routes: list["RouteBody"] = Field(default=[], max_length=100)
    escalate: list[EscalationBody] | None = Field(None, max_length=5)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.group_by and ALL_LABELS in self.group_by and len(self.group_by) > 1:
            raise fault("group_by: `...` means all labels, nothing goes beside it")
        return self


class InhibitionBody(_Body):
    """While an alert matches `source`, those that match `target` are quiet."""

    source: Matching = Field(min_length=1)
    target: Matching = Field(min_length=1)
    equal: Labels = []


class RoutingBody(_Body):
    """All of a tenant's routing."""

    route: RouteBody
    inhibit: list[InhibitionBody] = Field(default=[], max_length=50)
