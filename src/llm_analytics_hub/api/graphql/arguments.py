"""Arguments of the root's fields, and what they are to the services."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

import strawberry

from llm_analytics_hub.api.graphql.inputs import Filter, body_of
from llm_analytics_hub.api.graphql.paging import checked
from llm_analytics_hub.api.graphql.scalars import Moment
from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.feedback.observatory import DIMENSIONS, Cut
from llm_analytics_hub.feedback.periods import Period, between
from llm_analytics_hub.integrations.usage import Scope
from llm_analytics_hub.model.asset import AssetFilter
from llm_analytics_hub.model.query import All, Condition, EventFilter, Op, TimeRange
from llm_analytics_hub.query.filters import to_filter
from llm_analytics_hub.query.ranges import to_moment

MAX_TEXT = 1024
_EARLIEST, _LATEST = "1990-01-01", "2199-12-31"

From = Annotated[
    Moment | None, strawberry.argument(name="from", description="the first moment of the time")
]
To = Annotated[
    Moment | None, strawberry.argument(name="to", description="the first moment after it")
]  # fmt: skip


@strawberry.enum
class PeriodName(Enum):
    """The last complete one, in UTC."""

    FIVE_MINUTES = "5m"
    HOUR = "hour"
    DAY = "day"

    @property
    def period(self) -> Period:
        """The same as reports know it."""
        return Period(self.value)


@strawberry.enum
class Granularity(Enum):
    """How long the periods are that usage is told by."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


@strawberry.enum
class Counted(Enum):
    """What tells of usage; else calls where they are known, then records."""

    CALLS = "calls"
    RECORDS = "records"


@strawberry.input(description="Which assets: all that is said holds.")
class AssetsWanted:
    """Conditions of a list of assets."""

    asset_type: str | None = None
    status: str | None = None
    owner: str | None = None
    tag: str | None = None
    name_prefix: str | None = None

    def to_filter(self, tenant: str, first: int) -> AssetFilter:
        """The filter of the store. Raises: InvalidQueryError."""
        names = ("asset_type", "status", "owner", "tag", "name_prefix")
        said = {name: short(getattr(self, name)) for name in names}
        return AssetFilter(tenant, **said, limit=checked(first))


@strawberry.input(description="Which events: all that is said holds.")
class EventsWanted:
    """Conditions of a list of events."""

    source: str | None = None
    stream: str | None = None
    event_type: str | None = None
    event_id: str | None = None
    asset_id: str | None = None
    trace_id: str | None = None
    severity: str | None = None
    where: list[Filter] | None = strawberry.field(
        default=None, description="conditions of any field, as those of a question"
    )

    def to_filter(self, tenant: str, period: TimeRange | None, first: int) -> EventFilter:
        """The filter of the store. Raises: InvalidQueryError."""
        return EventFilter(tenant, self.to_where(), period, checked(first))

    def to_where(self) -> All:
        """What holds for these events. Raises: InvalidQueryError."""
        names = ("source", "stream", "event_type", "event_id", "asset_id", "trace_id", "severity")
        parts = equal({name: getattr(self, name) for name in names})
        return All((*parts, to_filter(body_of(self.where or []))))


@strawberry.input(description="Of which calls: all that is said holds.")
class CallsWanted:
    """Conditions of the Observatory's numbers."""

    provider: str | None = None
    model: str | None = None
    service: str | None = None
    environment: str | None = None

    def to_cut(self, by: list[str]) -> Cut:
        """How numbers are cut. Raises: InvalidQueryError for what is no dimension of calls."""
        if set(by) - set(DIMENSIONS):
            raise InvalidQueryError(f"by is of {', '.join(DIMENSIONS)}", code="invalid_parameter")
        said = {
            "provider": self.provider, "model": self.model, "service": self.service,
            "environment": self.environment,
        }  # fmt: skip
        return Cut(by, {name: value for name, value in said.items() if value and short(value)})


@strawberry.input(description="Whose usage: all that is said holds.")
class UsageWanted:
    """The scope of what CostOps is told."""

    organization_id: str | None = None
    provider: str | None = None
    model: str | None = None

    def to_scope(self) -> Scope:
        """The scope. Raises: InvalidQueryError."""
        return Scope(short(self.organization_id), short(self.provider), short(self.model))


def equal(said: Mapping[str, str | None]) -> list[Condition]:
    """That fields have these values, as far as any is said. Raises: InvalidQueryError."""
    return [Condition(name, Op.EQ, (short(value),)) for name, value in said.items() if value]


def short(text: str | None) -> Any:
    """`text`. Raises: InvalidQueryError where nothing can have a name of such length."""
    if text is not None and len(text) > MAX_TEXT:
        raise InvalidQueryError(f"a text has at most {MAX_TEXT} characters, not {len(text)}")
    return text


def open_range(start: Moment | None, end: Moment | None) -> TimeRange | None:
    """The time of a list of events, open where nothing is said. Raises: InvalidQueryError."""
    if start is None and end is None:
        return None
    return TimeRange(to_moment(start or _EARLIEST), to_moment(end or _LATEST))


def closed_range(start: Moment | None, end: Moment | None) -> TimeRange | None:
    """The time of both ends, None where neither is said. Raises: InvalidQueryError."""
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise InvalidQueryError("write both `from` and `to`")
    return between(start, end)
