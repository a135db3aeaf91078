"""What keeps quiet about what: while a source is active, its targets are not told of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from llm_analytics_hub.alerts.routing.matchers import Predicate, compiled, values_of
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.routing import Inhibition

_Key = tuple[str, ...]


@dataclass
class _Rule:
    """One inhibition, and the sources of it that are active now, by what must be equal.

    Those that are targets, too, do not quieten each other: nobody would be told.
    """

    is_source: Predicate
    is_target: Predicate
    equal: tuple[str, ...]
    pure: dict[_Key, set[str]] = field(default_factory=dict)
    mixed: dict[_Key, set[str]] = field(default_factory=dict)

    def sources(self, labels: Mapping[str, str]) -> dict[_Key, set[str]]:
        """Where an alert of these labels belongs."""
        return self.mixed if self.is_target(labels) else self.pure

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert of these labels is to be quiet."""
        if not (self.pure or self.mixed) or not self.is_target(labels):
            return False
        key = values_of(labels, self.equal)
        return key in self.pure or (key in self.mixed and not self.is_source(labels))


class Inhibitor:
    """The inhibitions of a tenant and their sources."""

    def __init__(self, inhibitions: Sequence[Inhibition]) -> None:
        self._rules = [
            _Rule(compiled(one.source), compiled(one.target), one.equal) for one in inhibitions
        ]

    def add(self, fingerprint: str, labels: Labels) -> bool:
        """An alert is active; whether it is a source."""
        touched = [sources.setdefault(key, set()) for sources, key in self._places(dict(labels))]
        for members in touched:
            members.add(fingerprint)
        return bool(touched)

    def remove(self, fingerprint: str, labels: Labels) -> bool:
        """An alert is active no more; whether it was the last source of something."""
        is_last = False
        for sources, key in self._places(dict(labels)):
            members = sources.get(key, set())
            members.discard(fingerprint)
            if not members:
                sources.pop(key, None)
                is_last = True
        return is_last

    def is_inhibited(self, labels: Mapping[str, str]) -> bool:
        """Whether something active keeps quiet about an alert of these labels."""
        return any(rule.holds(labels) for rule in self._rules)

    def _places(self, labels: Mapping[str, str]) -> Iterator[tuple[dict[_Key, set[str]], _Key]]:
        for rule in self._rules:
            if rule.is_source(labels):
                yield rule.sources(labels), values_of(labels, rule.equal)
