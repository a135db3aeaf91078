"""Which routes take an alert, and in which group it is told of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import xxhash

from llm_analytics_hub.alerts.routing.bodies import ALL_LABELS
from llm_analytics_hub.alerts.routing.matchers import compiled
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.routing import MatchOp, Route

_MOST_KEPT = 50_000
_LONGEST_KEY = 200


@dataclass(frozen=True)
class Place:
    """A group of a route: the alerts of equal `labels` are told together."""

    key: str
    route: Route
    labels: Labels


class _Node:
    """A route, and those below it: hundreds that ask for one value of a label cost a look-up."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.fits = compiled(route.match)
        self._children = [_Node(child) for child in route.routes]
        self._by_value: dict[str, dict[str, list[int]]] = {}
        self._others: list[int] = []
        for index, child in enumerate(route.routes):
            exact = next((one for one in child.match if one.op is MatchOp.IS and one.value), None)
            values = self._by_value.setdefault(exact.label, {}) if exact else {}
            indexes = values.setdefault(exact.value, []) if exact else self._others
            indexes.append(index)

    def routes(self, labels: Mapping[str, str]) -> Iterator[Route]:
        """The routes that take labels which fit this one: itself only if none below does."""
        is_taken = False
        for child in self._fitting(labels):
            is_taken = True
            yield from child.routes(labels)
            if not child.route.goes_on:
                return
        if not is_taken:
            yield self.route

    def _fitting(self, labels: Mapping[str, str]) -> Iterator["_Node"]:
        """The children that labels fit, in their order."""
        found = list(self._others)
        for label, values in self._by_value.items():
            found += values.get(labels.get(label, ""), ())
        for index in sorted(found):
            child = self._children[index]
            if child.fits(labels):
                yield child


class RouteTree:
    """Finds the places of labels; labels that were asked before cost a look-up."""

    def __init__(self, root: Route) -> None:
        self.root = root
        self._root = _Node(root)
        self._known: dict[Labels, tuple[Place, ...]] = {}
        self._named = {route.name: route for route in _all(root)}

    def route(self, name: str) -> Route:
        """The route of that name; the root if there is none any more."""
        return self._named.get(name, self.root)

    def places(self, labels: Labels) -> tuple[Place, ...]:
        """Where an alert of these labels is told of: one place at least, the first route's first."""
        found = self._known.get(labels)
        if found is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            pairs = dict(labels)
            found = tuple(_place(route, pairs) for route in self._root.routes(pairs))
            self._known[labels] = found
        return found


def _all(route: Route) -> Iterator[Route]:
    yield route
    for child in route.routes:
        yield from _all(child)


def _place(route: Route, labels: Mapping[str, str]) -> Place:
    names = route.group_by
    if ALL_LABELS in names:
        # Not its level: an alert that gets graver stays the same alert.
        names = tuple(name for name in sorted(labels) if name != "severity")
    common = tuple((name, labels.get(name, "")) for name in sorted(names))
    return Place(_key(route.name, common), route, common)


def _key(route: str, labels: Labels) -> str:
    """What a group is called by, also after a restart."""
    key = f"{route}:{{{', '.join(f'{name}={value!r}' for name, value in labels)}}}"
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[: _LONGEST_KEY - 17]}#{xxhash.xxh64_hexdigest(key.encode())}"
