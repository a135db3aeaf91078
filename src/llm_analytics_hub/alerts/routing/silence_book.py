"""The silences of all tenants: kept in memory, every version of each stored."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import structlog

from llm_analytics_hub.alerts.routing.silence_form import from_text, parse_silence, to_text
from llm_analytics_hub.alerts.routing.silencing import Silencer
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import ConflictError, InvalidInputError, NotFoundError, SaturatedError
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.model.alerts.routing import Silence
from llm_analytics_hub.storage.alert_store import AlertStore

_log = structlog.get_logger(__name__)

LISTED_AFTER_END = timedelta(days=5)
"""As long as Alertmanager keeps them."""
MOST_SILENCES = 1_000
_NOBODY = Silencer(())


class SilenceBook:
    """Silences and maintenance windows; methods may be called from any thread."""

    def __init__(self, store: AlertStore, clock: Clock, changed: Callable[[str], None]) -> None:
        self._store = store
        self._clock = clock
        self._changed = changed
        self._writing = threading.Lock()
        self._silences: dict[str, dict[str, Silence]] = {}
        self._silencers: dict[str, Silencer] = {}
        for definition in store.definitions(DefinitionKind.SILENCE):
            if silence := _read(definition):
                self._silences.setdefault(silence.tenant, {})[silence.id] = silence

    def all(self, tenant: str) -> Sequence[Silence]:
        """Those in force, to come, and ended lately, in order of their beginning."""
        oldest = self._clock.now() - LISTED_AFTER_END
        kept = [one for one in self._silences.get(tenant, {}).values() if one.ends > oldest]
        return sorted(kept, key=lambda one: (one.starts, one.id))

    def get(self, tenant: str, id: str) -> Silence:  # noqa: A002 - what the value calls it
        """One of them. Raises: NotFoundError."""
        found = self._silences.get(tenant, {}).get(id)
        if found is None:
            raise NotFoundError(f"there is no silence {id[:80]!r}")
        return found

    def versions(self, tenant: str, id: str) -> Sequence[Definition]:  # noqa: A002
        """Every version of one, the newest first."""
        return self._store.versions(DefinitionKind.SILENCE, tenant, id)

    def create(self, tenant: str, body: Mapping[str, Any], by: str) -> Silence:
        """A new silence. Raises: InvalidInputError (`invalid_silence`), SaturatedError."""
        with self._writing:
            if len(self._silences.get(tenant, {})) >= MOST_SILENCES:
                raise SaturatedError(f"there are {MOST_SILENCES} silences: write one for several")
            new = parse_silence(body, tenant, by, self._clock.now(), id=uuid4().hex)
            self._keep(new, by)
        return self._told(new)

    def edit(self, tenant: str, id: str, body: Mapping[str, Any], by: str) -> Silence:  # noqa: A002
        """Another version. Raises: as `create`; NotFoundError; ConflictError once it has ended."""
        with self._writing:
            earlier = self._running(tenant, id)
            now = self._clock.now()
            new = parse_silence(body, tenant, by, now, id=id, earlier=earlier)
            self._keep(new, by)
        return self._told(new)

    def expire(self, tenant: str, id: str, by: str) -> Silence:  # noqa: A002
        """The silence, ended now. Raises: NotFoundError; ConflictError if it has ended already."""
        with self._writing:
            earlier, now = self._running(tenant, id), self._clock.now()
            new = replace(earlier, starts=min(earlier.starts, now), ends=now)
            self._keep(new, by)
        return self._told(new)

    def prune(self) -> int:
        """Remove those that ended long ago; how many."""
        oldest = self._clock.now() - LISTED_AFTER_END
        with self._writing:
            old = [one for kept in self._silences.values() for one in kept.values()]
            old = [one for one in old if one.ends <= oldest]
            if old:
                self._store.define([self._definition(one, None, "hub") for one in old])
            gone = {one.id for one in old}
            for tenant in {one.tenant for one in old}:
                kept = self._silences[tenant].items()
                # A new mapping, as above.
                self._silences[tenant] = {id_: one for id_, one in kept if id_ not in gone}
                self._silencers.pop(tenant, None)
        return len(old)

    def silencer(self, tenant: str) -> Silencer:
        """What finds the silences of labels, as of now."""
        if tenant not in self._silences:
            return _NOBODY
        with self._writing:
            if tenant not in self._silencers:
                self._silencers[tenant] = Silencer(tuple(self._silences[tenant].values()))
            return self._silencers[tenant]

    def _running(self, tenant: str, id: str) -> Silence:  # noqa: A002
        found = self.get(tenant, id)
        if found.ends <= self._clock.now():
            raise ConflictError(f"the silence {id} has ended: create a new one")
        return found

    def _keep(self, silence: Silence, by: str) -> None:
        self._store.define([self._definition(silence, to_text(silence), by)])
        kept = self._silences.get(silence.tenant, {})
        # A new mapping: readers go through the old one meanwhile.
        self._silences[silence.tenant] = {**kept, silence.id: silence}
        self._silencers.pop(silence.tenant, None)

    def _told(self, silence: Silence) -> Silence:
        self._changed(silence.tenant)
        return silence

    def _definition(self, silence: Silence, body: str | None, by: str) -> Definition:
        kind, now = DefinitionKind.SILENCE, self._clock.now()
        return Definition(silence.tenant, kind, silence.id, 0, body, by, now)


def _read(definition: Definition) -> Silence | None:
    try:
        return from_text(definition.body or "", definition.tenant, definition.name)
    except (ValueError, KeyError, TypeError, InvalidInputError) as error:
        # Rather told too much than not starting.
        _log.error("silence unreadable", id=definition.name, error=str(error))
        return None
