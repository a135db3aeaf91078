"""What alerting must remember: definitions, alerts, who was told what."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from llm_analytics_hub.model.alerts.alert import Acknowledgement, Alert, Phase, Transition
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.model.alerts.routing import Delivery, Sent
from llm_analytics_hub.model.query import Place

Places = Mapping[str, Place]
"""By tenant, up to which event match rules have seen the stream."""


class AlertStore(Protocol):
    """The memory of alerting; all methods block and may be called from any thread.

    Each is one transaction: when it returns, what it wrote survives kill -9. They raise
    UnavailableError when the store cannot be read or written (retry).
    """

    def definitions(
        self, kind: DefinitionKind, tenant: str | None = None, /
    ) -> Sequence[Definition]:
        """The newest version of each that is not removed, of one tenant or of all, by name."""
        ...

    def versions(self, kind: DefinitionKind, tenant: str, name: str, /) -> Sequence[Definition]:
        """Every version of one, the newest first; empty where there never was one."""
        ...

    def define(
        self, new: Sequence[Definition], /, *, expected: Mapping[str, int] | None = None
    ) -> Sequence[Definition]:
        """Add a version of each, all or none; they come back with their numbers (`version` is given).

        `expected` by name: the version that must be the newest now, 0 for none (also where removed).
        What equals the newest version in its body adds none. Raises: ConflictError.
        """
        ...

    def changes(
        self, tenant: str, before: tuple[datetime, str] | None, limit: int, /
    ) -> Sequence[tuple[str, Definition]]:
        """Versions of everything a tenant defined, the newest first, each with its id: the audit."""
        ...

    def alerts(self) -> Sequence[Alert]:
        """All alerts that were saved and not forgotten."""
        ...

    def places(self) -> Places:
        """What `save` was last given."""
        ...

    def save(
        self, alerts: Sequence[Alert], transitions: Sequence[Transition], places: Places, /
    ) -> None:
        """Keep `alerts` in place of what they were before, and how they came to be so."""
        ...

    def forget(self, fingerprints: Sequence[str], /) -> None:
        """Keep these alerts no more; their history stays."""
        ...

    def history(
        self,
        tenant: str,
        rule: str | None,
        phase: Phase | None,
        before: tuple[datetime, str] | None,
        limit: int,
        /,
    ) -> Sequence[tuple[str, Transition]]:
        """Transitions newest first, each with its id; those before the place `before`."""
        ...

    def acknowledge(self, given: Acknowledgement, /) -> None:
        """Keep it, in place of an earlier one of the same alert."""
        ...

    def acknowledgements(self) -> Sequence[Acknowledgement]:
        """All that were given and not withdrawn."""
        ...

    def withdraw(self, fingerprints: Sequence[str], /) -> None:
        """Forget acknowledgements."""
        ...

    def sent(self) -> Sequence[Sent]:
        """What each channel was last told of each group."""
        ...

    def keep_sent(self, told: Sent, delivery: Delivery, /) -> None:
        """Keep what a channel was told, in place of the last, and that it was delivered."""
        ...

    def forget_sent(self, tenant: str, group_key: str, /) -> None:
        """Keep no more what was told of a group that is over."""
        ...

    def keep_delivery(self, delivery: Delivery, /) -> None:
        """Keep what became of a notice, in place of what was kept under its id."""
        ...

    def deliveries(
        self,
        tenant: str,
        channel: str | None,
        outcome: str | None,
        before: tuple[datetime, str] | None,
        limit: int,
        /,
    ) -> Sequence[Delivery]:
        """What became of notices, the newest first; those before the place (moment, id)."""
        ...

    def delivery(self, tenant: str, delivery_id: str, /) -> Delivery | None:
        """One of them; None where there is none of that id."""
        ...

    def prune(self, before: datetime, /) -> int:
        """Forget history, deliveries and old versions from before that moment; how many rows.

        The newest version of everything stays, and removals for as long as history does.
        """
        ...

    def close(self) -> None:
        """Release the store. Idempotent."""
        ...
