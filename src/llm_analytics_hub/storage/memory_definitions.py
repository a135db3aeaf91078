"""Definitions and their versions in memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count

from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.storage.alert_bounds import (
    check_definition,
    check_limit,
    check_names,
    number_of,
)
from llm_analytics_hub.storage.alert_versions import Key, follow, key_of
from llm_analytics_hub.storage.memory_part import MemoryPart, page


class MemoryDefinitions(MemoryPart):
    """The definitions of an `AlertStore`."""

    def __init__(self) -> None:
        super().__init__()
        self._versions: dict[Key, list[tuple[int, Definition]]] = {}
        self._numbers = count(1)

    def definitions(
        self, kind: DefinitionKind, tenant: str | None = None, /
    ) -> Sequence[Definition]:
        """See `AlertStore.definitions`."""
        check_names(tenant)
        with self._open():
            newest = [one for one in self._newest().values() if one.body is not None]
        found = (one for one in newest if one.kind is kind and tenant in (None, one.tenant))
        return sorted(found, key=lambda one: (one.name, one.tenant))

    def versions(self, kind: DefinitionKind, tenant: str, name: str, /) -> Sequence[Definition]:
        """See `AlertStore.versions`."""
        check_names(tenant, name)
        with self._open():
            found = self._versions.get((tenant, kind, name), [])
            return [one for _, one in reversed(found)]

    def define(
        self, new: Sequence[Definition], /, *, expected: Mapping[str, int] | None = None
    ) -> Sequence[Definition]:
        """See `AlertStore.define`."""
        for one in new:
            check_definition(one)
        with self._open():
            answers, added = follow(self._newest(map(key_of, new)), new, expected or {})
            for one in added:
                versions = self._versions.setdefault(key_of(one), [])
                versions.append((next(self._numbers), one))
        return answers

    def changes(
        self, tenant: str, before: tuple[datetime, str] | None, limit: int, /
    ) -> Sequence[tuple[str, Definition]]:
        """See `AlertStore.changes`."""
        check_names(tenant)
        check_limit(limit)
        with self._open():
            rows = [row for key, rows in self._versions.items() if key[0] == tenant for row in rows]
        places = [((one.at, number), one) for number, one in rows]
        return [(str(place[1]), one) for place, one in page(places, number_of(before), limit)]

    def _newest(self, keys: Iterable[Key] | None = None) -> dict[Key, Definition]:
        wanted = self._versions if keys is None else self._versions.keys() & set(keys)
        return {key: self._versions[key][-1][1] for key in wanted}

    def _prune_definitions(self, before: datetime) -> int:
        kept: dict[Key, list[tuple[int, Definition]]] = {}
        for key, rows in self._versions.items():
            left = [row for row in rows if row is rows[-1] or row[1].at >= before]
            is_gone = len(left) == 1 and left[0][1].body is None and left[0][1].at < before
            kept[key] = [] if is_gone else left
        forgotten = sum(map(len, self._versions.values())) - sum(map(len, kept.values()))
        self._versions = {key: rows for key, rows in kept.items() if rows}
        return forgotten
