"""Where alerts go: the tree of each tenant, and what it makes of labels."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from llm_analytics_hub.alerts.alerting import Alerting
from llm_analytics_hub.alerts.routing.durations import shown as shown_span
from llm_analytics_hub.alerts.routing.parse import parse_routing
from llm_analytics_hub.alerts.routing.tree import Place, RouteTree
from llm_analytics_hub.api.alerts.work.quiet import Quiet
from llm_analytics_hub.api.alerts.work.shown import Json, moment, shown_version
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidInputError, about
from llm_analytics_hub.model.alerts.definition import Definition
from llm_analytics_hub.model.alerts.labels import Labels, labels_of
from llm_analytics_hub.model.alerts.routing import Routing

MOST_LABELS = 100
LONGEST_LABEL = 1_000


class RouteDesk:
    """Looks at routing, changes it, and tries it out."""

    def __init__(self, alerting: Alerting, clock: Clock) -> None:
        self._alerting, self._desk = alerting, alerting.desk
        self._clock = clock

    def routing(self, tenant: str) -> Json:
        """The routing that holds, and its version; 0 is the default one."""
        found = self._desk.definition(tenant)
        if found is not None:
            return _defined(found)
        root = self._desk.routing(tenant).root
        body = {"route": {"channels": list(root.channels), "group_by": list(root.group_by)}}
        return {"version": 0, "source": "default", "by": None, "at": None, "definition": body}

    def put(self, tenant: str, body: Mapping[str, Any], by: str, expected: int | None) -> Json:
        """The routing as it holds now. Raises: InvalidInputError, ConflictError."""
        return _defined(self._desk.put(tenant, body, by, expected))

    def remove(self, tenant: str, by: str, expected: int | None) -> Json:
        """The default one, which holds again. Raises: NotFoundError, ConflictError."""
        self._desk.remove(tenant, by, expected)
        return self.routing(tenant)

    def versions(self, tenant: str) -> Json:
        """Every version, the newest first."""
        return {"versions": [shown_version(one) for one in self._desk.versions(tenant)]}

    def test(self, tenant: str, body: Mapping[str, Any]) -> Json:
        """Who would be told of an alert of such labels; by a routing that is only tried, if given."""
        labels = _labels(body)
        tried = body.get("routing")
        routing = self._desk.routing(tenant) if tried is None else self._tried(tenant, tried)
        quiet = Quiet(self._alerting, tenant, self._clock.now(), routing)
        return {
            "routes": [_shown(one) for one in RouteTree(routing.root).places(labels)],
            "silenced_by": quiet.silenced_by(labels),
            "inhibited": quiet.is_inhibited(labels),
        }

    def _tried(self, tenant: str, body: object) -> Routing:
        with about("routing"):
            if not isinstance(body, Mapping):
                raise InvalidInputError("routing: is an object: {route: {…}}")
            return parse_routing(body, tenant, self._desk.channels)


def _defined(found: Definition) -> Json:
    return {
        "version": found.version,
        "source": "api",
        "by": found.by,
        "at": moment(found.at),
        "definition": json.loads(found.body or "{}"),
    }


def _labels(body: Mapping[str, Any]) -> Labels:
    """The labels in the body of a test. Raises: InvalidInputError."""
    given = body.get("labels")
    with about("labels"):
        if not isinstance(given, Mapping) or len(given) > MOST_LABELS:
            raise InvalidInputError(f"labels: is an object of at most {MOST_LABELS} texts")
        if not all(_is_short(given.values())) or not all(_is_short(given)):
            raise InvalidInputError(f"labels: are texts of at most {LONGEST_LABEL} characters")
    return labels_of(dict(given))


def _is_short(texts: Any) -> Sequence[bool]:
    return [isinstance(one, str) and len(one) <= LONGEST_LABEL for one in texts]


def _shown(place: Place) -> Json:
    route = place.route
    return {
        "route": route.name,
        "channels": list(route.channels),
        "group_key": place.key,
        "group_labels": dict(place.labels),
        "group_wait": shown_span(route.group_wait),
        "group_interval": shown_span(route.group_interval),
        "repeat_interval": shown_span(route.repeat_interval),
        "escalations": [
            {"after": shown_span(one.after), "channels": list(one.channels)}
            for one in route.escalations
        ],
    }
