"""The routing of a body: what a route does not say is as in the one above it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from llm_analytics_hub.alerts.routing.bodies import (
    EscalationBody,
    InhibitionBody,
    RouteBody,
    RoutingBody,
)
from llm_analytics_hub.alerts.routing.durations import to_duration
from llm_analytics_hub.alerts.routing.faults import body_of, refusal
from llm_analytics_hub.alerts.routing.matchers import shown, to_matcher
from llm_analytics_hub.alerts.routing.tree_checks import CODE, check_size, faults_of
from llm_analytics_hub.model.alerts.routing import Escalation, Inhibition, Route, Routing

ROOT = "root"
DEFAULT_GROUP_BY = ("alertname",)
"""A flood of one rule is one group. What gets graver is told at once, so levels need no group."""


def to_routing_body(
    body: Mapping[str, Any], channels: Collection[str] | None = None
) -> RoutingBody:
    """A checked body. Raises: as `parse_routing`."""
    check_size(body.get("route"))
    asked = body_of(RoutingBody, body, CODE, {"channels": channels})
    if found := faults_of(asked):
        raise refusal(found, CODE)
    return asked


def parse_routing(
    body: Mapping[str, Any], tenant: str, channels: Collection[str] | None = None
) -> Routing:
    """The routing of a tenant in a JSON body; names outside `channels`, if given, are faults.

    Raises: InvalidInputError, code `invalid_routing`: a line for each fault, with its place.
    """
    del tenant  # the values name none: it is whose they are kept as
    return to_routing(to_routing_body(body, channels))


def to_routing(asked: RoutingBody) -> Routing:
    """The routing of a checked body."""
    above = Route(name=ROOT, match=(), channels=(), group_by=DEFAULT_GROUP_BY)
    return Routing(_route(asked.route, above, ROOT), tuple(map(_inhibition, asked.inhibit)))


def default_routing(channels: Collection[str]) -> Routing:
    """The routing of a tenant that defined none: every channel is told of everything."""
    names = tuple(sorted(channels)) or ("log",)
    return Routing(Route(name=ROOT, match=(), channels=names, group_by=DEFAULT_GROUP_BY))


def _route(body: RouteBody, above: Route, name: str) -> Route:
    """A route; `above` gives what its body does not say."""
    channels = tuple(dict.fromkeys(body.channels or above.channels))
    route = Route(
        name=name,
        match=tuple(map(to_matcher, body.match)),
        channels=channels,
        group_by=above.group_by if body.group_by is None else tuple(dict.fromkeys(body.group_by)),
        group_wait=_span(body.group_wait, above.group_wait),
        group_interval=_span(body.group_interval, above.group_interval),
        repeat_interval=_span(body.repeat_interval, above.repeat_interval),
        goes_on=body.goes_on,
        escalations=_escalations(body.escalate, above, channels),
    )
    names = _names(body.routes, name)
    children = zip(body.routes, names, strict=True)
    return replace(route, routes=tuple(_route(child, route, called) for child, called in children))


def _names(routes: Sequence[RouteBody], above: str) -> list[str]:
    """What routes are called: groups keep their keys while others come and go around them."""
    seen: Counter[str] = Counter()
    names = []
    for route in routes:
        matchers = ", ".join(shown(to_matcher(text)) for text in route.match)
        name = route.name or f"{above}/{{{matchers}}}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _span(text: str | None, above: timedelta) -> timedelta:
    return above if text is None else to_duration(text, timedelta(0), timedelta.max)


def _escalations(
    bodies: Sequence[EscalationBody] | None, above: Route, channels: tuple[str, ...]
) -> tuple[Escalation, ...]:
    """The steps, soonest first; of those from above, without who is told anyway."""
    if bodies is None:
        rest = [
            replace(step, channels=tuple(name for name in step.channels if name not in channels))
            for step in above.escalations
        ]
        return tuple(step for step in rest if step.channels)
    steps = [Escalation(_span(body.after, timedelta(0)), tuple(body.channels)) for body in bodies]
    return tuple(sorted(steps, key=lambda step: step.after))


def _inhibition(body: InhibitionBody) -> Inhibition:
    source, target = (tuple(map(to_matcher, texts)) for texts in (body.source, body.target))
    return Inhibition(source, target, tuple(dict.fromkeys(body.equal)))
