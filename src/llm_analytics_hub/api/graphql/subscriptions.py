"""The root of subscriptions: what is stored, as it comes."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from decimal import Decimal
from typing import Annotated, Any, TypedDict

import msgspec
import strawberry
from strawberry.types import Info

from llm_analytics_hub.api.graphql.answers import Event
from llm_analytics_hub.api.graphql.arguments import EventsWanted, short
from llm_analytics_hub.api.graphql.reports import Violation
from llm_analytics_hub.api.graphql.scalars import Long
from llm_analytics_hub.api.graphql.services import Asker
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.feedback.violations import DETECTED, OF_POLICY, to_violation
from llm_analytics_hub.live.frames import Events, Frame, Missed, from_cursor, to_cursor
from llm_analytics_hub.model.query import All, Condition, Filter, Op

Resolver = Callable[..., Any]
Asking = Info[Asker, None]
Behind = Annotated[
    str | None,
    strawberry.argument(description="goes on behind this `cursor`; without one, from now on"),
]
OF_REGISTRY = Condition("stream", Op.EQ, ("registry",))
OF_SECURITY = Condition("stream", Op.EQ, ("security",))


class _Money(TypedDict, total=False):
    """Members that are exact."""

    cost_usd: Decimal
    cost_amount: Decimal


def live(description: str) -> Callable[[Resolver], Any]:
    """A decorator that makes a field of the root of a resolver that goes on."""

    def field_of(resolver: Resolver) -> Any:
        return strawberry.subscription(resolver, description=description)

    return field_of


@strawberry.type(description="What came at once; nothing of it where all was quiet.")
class LiveEvents:
    """A frame of events."""

    events: list[Event]  # type: ignore[valid-type]
    cursor: str = strawberry.field(description="where to go on behind this")
    missed: Long | None = strawberry.field(
        description="so many events were left out: the client was too slow; `cursor` is before them"
    )
    missed_is_at_most: bool = strawberry.field(description="whether fewer of them may have passed")


@strawberry.type(description="What came at once; nothing of it where all was quiet.")
class LiveViolations:
    """A frame of violations."""

    violations: list[Violation]
    cursor: str = strawberry.field(description="where to go on behind this")
    missed: Long | None = strawberry.field(
        description="so many were left out: the client was too slow; `cursor` is before them"
    )
    missed_is_at_most: bool = strawberry.field(description="whether fewer of them may have passed")


@strawberry.type(description="What is stored, as it comes. A frame that is empty comes first.")
class Subscription:
    """The root of subscriptions."""

    @live("events")
    async def events(
        self,
        info: Asking,
        filter: EventsWanted | None = None,  # noqa: A002  as of the query of that name
        cursor: Behind = None,
    ) -> AsyncGenerator[LiveEvents, None]:
        """Events of any module."""
        async for frame in _frames(info, "events", _same, filter, cursor):
            yield frame

    @live("events of the registry")
    async def registry_events(
        self,
        info: Asking,
        filter: EventsWanted | None = None,  # noqa: A002
        cursor: Behind = None,
    ) -> AsyncGenerator[LiveEvents, None]:
        """Events of the registry."""
        async for frame in _frames(info, "events", _same, filter, cursor, OF_REGISTRY):
            yield frame

    @live("events of security, such as Sentinel's alerts")
    async def security_events(
        self,
        info: Asking,
        filter: EventsWanted | None = None,  # noqa: A002
        cursor: Behind = None,
    ) -> AsyncGenerator[LiveEvents, None]:
        """Events of security."""
        async for frame in _frames(info, "events", _same, filter, cursor, OF_SECURITY):
            yield frame

    @live("violations of policies, those that a report counts")
    async def policy_violations(
        self,
        info: Asking,
        filter: EventsWanted | None = None,  # noqa: A002
        cursor: Behind = None,
    ) -> AsyncGenerator[LiveViolations, None]:
        """Violations."""
        only = (DETECTED, OF_POLICY)
        async for frame in _frames(info, "violations", to_violation, filter, cursor, *only):
            yield frame


async def _frames(
    info: Asking,
    name: str,
    told: Callable[[Mapping[str, Any]], Any],
    wanted: EventsWanted | None,
    cursor: str | None,
    *only: Filter,
) -> AsyncGenerator[Any, None]:
    """Frames, their events as `told` makes them. Raises: as `Subscriptions.frames`; UnavailableError."""
    after = from_cursor(short(cursor)) if cursor else None
    where = All((*only, (wanted or EventsWanted()).to_where()))
    frames = info.context.services.live.frames(info.context.tenant, where, after)
    async with aclosing(frames):
        async for frame in frames:
            yield _frame(frame, name, told)
    raise UnavailableError("the hub is stopping: come again with the cursor", code="stopping")


def _frame(frame: Frame, name: str, told: Callable[[Mapping[str, Any]], Any]) -> dict[str, Any]:
    texts = frame.texts if isinstance(frame, Events) else ()
    missed = frame if isinstance(frame, Missed) else None
    return {
        name: [told(_event(text)) for text in texts],
        "cursor": to_cursor(frame.place),
        "missed": missed.events if missed else None,
        "missed_is_at_most": missed.is_at_most if missed else False,
    }


def _event(text: bytes) -> dict[str, Any]:
    """An event as it was written, its money exact."""
    event: dict[str, Any] = msgspec.json.decode(text)
    return event | msgspec.json.decode(text, type=_Money)


def _same(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return event
