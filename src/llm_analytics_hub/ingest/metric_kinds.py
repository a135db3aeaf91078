"""Metrics that change their type: kept apart by type, and told."""

from collections.abc import Sequence
from itertools import islice

from llm_analytics_hub.ingest.metric_point import Instrument, MetricPoint

REMEMBERED = 50_000

_Name = tuple[str, str | None, str, str]


class MetricKinds:
    """Remembers the type in which each metric of a service was last sent. Owned by one thread.

    A metric of another type is another stream of the same name (a new release may well count what
    it measured before): its points are stored as series of their own, each with its `kind`, and
    never added to those of the former type. Its sender is told, since it is more often a mistake.
    Source: OTLP metrics data model, "Metric streams": the point's type is part of the identity.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._kinds: dict[_Name, str] = {}

    def changes(self, tenant: str, points: Sequence[MetricPoint]) -> list[tuple[int, str]]:
        """The points whose metric had another type before, each with that type; now remembered."""
        found = []
        for number, point in enumerate(points):
            name, kind = _name(tenant, point.instrument), point.instrument.kind
            before = self._kinds.pop(name, kind)
            self._kinds[name] = kind  # the newest stand at the end
            if before != kind:
                found.append((number, before))
        self._forget(len(self._kinds) - self._remembered)
        return found

    def _forget(self, surplus: int) -> None:
        for name in list(islice(self._kinds, max(surplus, 0))):
            del self._kinds[name]


def _name(tenant: str, instrument: Instrument) -> _Name:
    return tenant, instrument.service, instrument.scope, instrument.name
