"""What is wrong about a tree of routes whose every node has the right shape."""

from collections import Counter
from collections.abc import Iterator, Mapping

from llm_analytics_hub.alerts.routing.bodies import RouteBody, RoutingBody
from llm_analytics_hub.alerts.routing.faults import Fault
from llm_analytics_hub.errors import InvalidInputError

CODE = "invalid_routing"
MOST_ROUTES = 500
DEEPEST = 8


def check_size(route: object) -> None:
    """Before anything goes down into it: a body is as deep as whoever sent it liked.

    Raises: InvalidInputError.
    """
    level, count = [route], 0
    for _ in range(DEEPEST):
        level = [child for one in level for child in _children(one)]
        count += len(level)
        if not level:
            return
        if count > MOST_ROUTES:
            raise InvalidInputError(f"route: over {MOST_ROUTES} routes", code=CODE)
    raise InvalidInputError(f"route: over {DEEPEST} levels of routes", code=CODE)


def faults_of(body: RoutingBody) -> list[Fault]:
    """Every fault, with its place."""
    found = [] if body.route.channels else [("route.channels", "the root names who is told")]
    if body.route.match or body.route.goes_on:
        found.append(("route", "the root takes every alert: it has no match and no continue"))
    nodes = list(_nodes(body.route, "route"))
    names = Counter(node.name for _, node in nodes if node.name)
    for place, node in nodes:
        if node.name and (names[node.name] > 1 or node.name == "root"):
            found.append((f"{place}.name", f"another route is called {node.name!r}, too"))
        found += _told_twice(place, node)
    return found


def _children(route: object) -> list[object]:
    children = route.get("routes") if isinstance(route, Mapping) else None
    return children if isinstance(children, list) else []


def _nodes(route: RouteBody, place: str) -> Iterator[tuple[str, RouteBody]]:
    yield place, route
    for index, child in enumerate(route.routes):
        yield from _nodes(child, f"{place}.routes[{index}]")


def _told_twice(place: str, route: RouteBody) -> Iterator[Fault]:
    """Escalation is for those who were not told yet."""
    told = set(route.channels or ())
    for index, step in enumerate(route.escalate or ()):
        for name in told.intersection(step.channels):
            text = f"{name!r} is told already before: name another channel"
            yield f"{place}.escalate[{index}].channels", text
        told.update(step.channels)
