"""Routing, silences and acknowledgements of all tenants: kept in memory, every version stored."""

import json
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import structlog

from llm_analytics_hub.alerts.routing.parse import (
    default_routing,
    parse_routing,
    to_routing,
    to_routing_body,
)
from llm_analytics_hub.alerts.routing.silence_book import SilenceBook
from llm_analytics_hub.alerts.routing.tree import Place, RouteTree
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import InvalidInputError, NotFoundError
from llm_analytics_hub.model.alerts.alert import Acknowledgement
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.routing import Routing
from llm_analytics_hub.storage.alert_store import AlertStore

_log = structlog.get_logger(__name__)

NAME = "routing"
"""Under which a tenant's one routing is kept."""


class RoutingDesk:
    """Where alerts go, of every tenant; methods may be called from any thread.

    `channels` are the names that routes may use; without any, `log`.
    """

    def __init__(
        self, store: AlertStore, clock: Clock, channels: Collection[str] = ("log",)
    ) -> None:
        self._store = store
        self._clock = clock
        self._writing = threading.Lock()
        self._callbacks: list[Callable[[str], None]] = []
        self.channels = tuple(sorted(channels))
        default = default_routing(channels)
        self._default = default, RouteTree(default.root)
        self._routings: dict[str, tuple[Routing, RouteTree]] = {}
        for definition in store.definitions(DefinitionKind.ROUTING):
            self._take(definition)
        self._acknowledged = {one.fingerprint: one for one in store.acknowledgements()}
        self.silences = SilenceBook(store, clock, self._tell)

    def on_change(self, callback: Callable[[str], None]) -> None:
        """Call `callback` with the tenant whenever more may have to be told of its alerts."""
        self._callbacks.append(callback)

    def routing(self, tenant: str) -> Routing:
        """The routing of a tenant; the default one where it defined none."""
        return self._routings.get(tenant, self._default)[0]

    def tree(self, tenant: str) -> RouteTree:
        """The same, as what finds routes; another object whenever the routing is another."""
        return self._routings.get(tenant, self._default)[1]

    def places(self, tenant: str, labels: Labels) -> tuple[Place, ...]:
        """Where an alert of these labels would be told of: for trying routes out."""
        return self.tree(tenant).places(labels)

    def definition(self, tenant: str) -> Definition | None:
        """The newest version of a tenant's routing; None where the default one holds."""
        return next(iter(self._store.definitions(DefinitionKind.ROUTING, tenant)), None)

    def versions(self, tenant: str) -> Sequence[Definition]:
        """Every version, the newest first."""
        return self._store.versions(DefinitionKind.ROUTING, tenant, NAME)

    def put(
        self, tenant: str, body: Mapping[str, Any], by: str, expected: int | None = None
    ) -> Definition:
        """The version it became. Raises: InvalidInputError (`invalid_routing`), ConflictError."""
        asked = to_routing_body(body, self.channels)
        to_routing(asked)
        text = json.dumps(asked.model_dump(by_alias=True, exclude_unset=True), ensure_ascii=False)
        return self._define(tenant, text, by, expected)

    def remove(self, tenant: str, by: str, expected: int | None = None) -> Definition:
        """The default routing holds again. Raises: NotFoundError, ConflictError."""
        if tenant not in self._routings:
            raise NotFoundError("there is no routing of your own")
        return self._define(tenant, None, by, expected)

    def acknowledge(self, tenant: str, fingerprint: str, by: str, note: str) -> Acknowledgement:
        """Repeats and escalation of an alert stop until it is resolved or graver."""
        given = Acknowledgement(tenant, fingerprint, by, note[:1000], self._clock.now())
        with self._writing:
            self._store.acknowledge(given)
            self._acknowledged[fingerprint] = given
        return given

    def acknowledgement(self, fingerprint: str) -> Acknowledgement | None:
        """What was given and not withdrawn."""
        return self._acknowledged.get(fingerprint)

    def acknowledgements(self) -> Sequence[Acknowledgement]:
        """All of them."""
        return tuple(self._acknowledged.copy().values())

    def withdraw(self, fingerprints: Sequence[str]) -> None:
        """Nobody takes care of these any more: repeats and escalation go on."""
        for tenant in self.lift(fingerprints):
            self._tell(tenant)

    def lift(self, fingerprints: Sequence[str]) -> set[str]:
        """Withdraw, without calling back; whose they were."""
        with self._writing:
            self._store.withdraw(fingerprints)
            gone = [self._acknowledged.pop(one, None) for one in fingerprints]
        return {one.tenant for one in gone if one}

    def _define(self, tenant: str, body: str | None, by: str, expected: int | None) -> Definition:
        new = Definition(tenant, DefinitionKind.ROUTING, NAME, 0, body, by, self._clock.now())
        condition = None if expected is None else {NAME: expected}
        with self._writing:
            (kept,) = self._store.define([new], expected=condition)
            self._take(kept)
        self._tell(tenant)
        return kept

    def _take(self, definition: Definition) -> None:
        """Let a version hold."""
        if definition.body is None:
            self._routings.pop(definition.tenant, None)
            return
        try:
            # Channels may have been taken out of the settings since: what is sent there fails, and says so.
            routing = parse_routing(json.loads(definition.body), definition.tenant)
        except (ValueError, InvalidInputError) as error:
            _log.error("routing unreadable", tenant=definition.tenant, error=str(error))
            return
        self._routings[definition.tenant] = routing, RouteTree(routing.root)

    def _tell(self, tenant: str) -> None:
        for callback in self._callbacks:
            callback(tenant)
