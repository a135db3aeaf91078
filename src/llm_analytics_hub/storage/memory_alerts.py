"""A memory of alerting that nothing survives: nothing to install. For tests, plugins' too."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count

from llm_analytics_hub.model.alerts.alert import Acknowledgement, Alert, Phase, Transition
from llm_analytics_hub.model.query import Place
from llm_analytics_hub.storage.alert_bounds import (
    acknowledgement_json,
    alerts_json,
    check_limit,
    check_names,
    number_of,
    transitions_json,
)
from llm_analytics_hub.storage.alert_store import Places
from llm_analytics_hub.storage.memory_definitions import MemoryDefinitions
from llm_analytics_hub.storage.memory_deliveries import MemoryDeliveries
from llm_analytics_hub.storage.memory_part import page


class MemoryAlertStore(MemoryDefinitions, MemoryDeliveries):
    """The `AlertStore` of one process; it keeps every promise but to survive."""

    def __init__(self) -> None:
        super().__init__()
        self._alerts: dict[str, Alert] = {}
        self._history: list[tuple[int, Transition]] = []
        self._rows = count(1)
        self._places: dict[str, Place] = {}
        self._acknowledgements: dict[tuple[str, str], Acknowledgement] = {}

    def alerts(self) -> Sequence[Alert]:
        """See `AlertStore.alerts`."""
        with self._open():
            return list(self._alerts.values())

    def places(self) -> Places:
        """See `AlertStore.places`."""
        with self._open():
            return dict(self._places)

    def save(
        self, alerts: Sequence[Alert], transitions: Sequence[Transition], places: Places, /
    ) -> None:
        """See `AlertStore.save`."""
        # Refuse what stores that write it would.
        alerts_json(alerts)
        transitions_json(transitions)
        check_names(*places)
        with self._open():
            self._alerts.update((one.fingerprint, one) for one in alerts)
            self._history.extend((next(self._rows), one) for one in transitions)
            self._places.update(places)

    def forget(self, fingerprints: Sequence[str], /) -> None:
        """See `AlertStore.forget`."""
        check_names(*fingerprints)
        with self._open():
            for one in fingerprints:
                self._alerts.pop(one, None)

    def history(
        self,
        tenant: str,
        rule: str | None,
        phase: Phase | None,
        before: tuple[datetime, str] | None,
        limit: int,
        /,
    ) -> Sequence[tuple[str, Transition]]:
        """See `AlertStore.history`."""
        check_names(tenant, rule)
        check_limit(limit)
        with self._open():
            found = [
                ((one.at, number), one)
                for number, one in self._history
                if one.alert.tenant == tenant
                and rule in (None, one.alert.rule)
                and phase in (None, one.alert.phase)
            ]
        return [(str(place[1]), one) for place, one in page(found, number_of(before), limit)]

    def acknowledge(self, given: Acknowledgement, /) -> None:
        """See `AlertStore.acknowledge`."""
        acknowledgement_json(given)
        with self._open():
            self._acknowledgements[given.tenant, given.fingerprint] = given

    def acknowledgements(self) -> Sequence[Acknowledgement]:
        """See `AlertStore.acknowledgements`."""
        with self._open():
            return list(self._acknowledgements.values())

    def withdraw(self, fingerprints: Sequence[str], /) -> None:
        """See `AlertStore.withdraw`."""
        check_names(*fingerprints)
        gone = set(fingerprints)
        with self._open():
            given = self._acknowledgements
            self._acknowledgements = {key: given[key] for key in given if key[1] not in gone}

    def prune(self, before: datetime, /) -> int:
        """See `AlertStore.prune`."""
        with self._open():
            kept = [row for row in self._history if row[1].at >= before]
            forgotten = len(self._history) - len(kept)
            self._history = kept
            return forgotten + self._prune_deliveries(before) + self._prune_definitions(before)
