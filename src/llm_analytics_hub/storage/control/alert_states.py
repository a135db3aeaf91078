"""Alerts, their history, and who takes care of them, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Table, bindparam, delete, insert, select

from llm_analytics_hub.model.alerts.alert import Acknowledgement, Alert, Phase, Transition
from llm_analytics_hub.model.query import Place
from llm_analytics_hub.storage.alert_bounds import (
    acknowledgement_json,
    alerts_json,
    check_limit,
    check_names,
    from_json,
    number_of,
    transitions_json,
)
from llm_analytics_hub.storage.alert_store import Places
from llm_analytics_hub.storage.control.alert_tables import (
    ACKNOWLEDGEMENTS,
    ALERTS,
    PLACES,
    TRANSITIONS,
)
from llm_analytics_hub.storage.control.part import StorePart, page
from llm_analytics_hub.storage.control.upsert import upsert

Rows = list[dict[str, Any]]


class SqlAlertStates(StorePart):
    """The alerts of an `AlertStore`."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._keep_alert = upsert(engine, ALERTS)
        self._keep_place = upsert(engine, PLACES)
        self._keep_acknowledgement = upsert(engine, ACKNOWLEDGEMENTS)

    def alerts(self) -> Sequence[Alert]:
        """See `AlertStore.alerts`."""
        return from_json(Alert, self._texts(select(ALERTS.c.body)))

    def places(self) -> Places:
        """See `AlertStore.places`."""
        with self._reading() as connection:
            rows = connection.execute(select(PLACES)).all()
        return {row.tenant: msgspec.json.decode(row.body, type=Place) for row in rows}

    def save(
        self, alerts: Sequence[Alert], transitions: Sequence[Transition], places: Places, /
    ) -> None:
        """See `AlertStore.save`."""
        work = [
            (self._keep_alert, _alert_rows(alerts)),
            (insert(TRANSITIONS), _transition_rows(transitions)),
            (self._keep_place, _place_rows(places)),
        ]
        self._write(work)

    def forget(self, fingerprints: Sequence[str], /) -> None:
        """See `AlertStore.forget`."""
        self._delete(ALERTS, fingerprints)

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
        equal = {"tenant": tenant, "rule": rule, "phase": phase}
        wanted = select(TRANSITIONS.c.id, TRANSITIONS.c.body).where(
            *(TRANSITIONS.c[name] == value for name, value in equal.items() if value is not None)
        )
        with self._reading() as connection:
            rows = connection.execute(page(wanted, TRANSITIONS, number_of(before), limit)).all()
        found = from_json(Transition, [row.body for row in rows])
        return [(str(row.id), one) for row, one in zip(rows, found, strict=True)]

    def acknowledge(self, given: Acknowledgement, /) -> None:
        """See `AlertStore.acknowledge`."""
        key = {"tenant": given.tenant, "fingerprint": given.fingerprint}
        self._write([(self._keep_acknowledgement, [key | {"body": acknowledgement_json(given)}])])

    def acknowledgements(self) -> Sequence[Acknowledgement]:
        """See `AlertStore.acknowledgements`."""
        return from_json(Acknowledgement, self._texts(select(ACKNOWLEDGEMENTS.c.body)))

    def withdraw(self, fingerprints: Sequence[str], /) -> None:
        """See `AlertStore.withdraw`."""
        self._delete(ACKNOWLEDGEMENTS, fingerprints)

    def _delete(self, table: Table, fingerprints: Sequence[str]) -> None:
        check_names(*fingerprints)
        gone = delete(table).where(table.c.fingerprint == bindparam("gone"))
        self._write([(gone, [{"gone": one} for one in sorted(fingerprints)])])

    def _write(self, work: Sequence[tuple[Any, Rows]]) -> None:
        self._check_open()
        if not any(rows for _, rows in work):
            return
        with self._writing() as connection:
            for statement, rows in work:
                if rows:
                    connection.execute(statement, rows)


def prune_history(connection: Connection, before: datetime) -> int:
    """Forget transitions from before that moment; how many."""
    return connection.execute(delete(TRANSITIONS).where(TRANSITIONS.c.at < before)).rowcount


def _alert_rows(alerts: Sequence[Alert]) -> Rows:
    bodies = alerts_json(alerts)
    pairs = zip(alerts, bodies, strict=True)
    rows = [{"fingerprint": one.fingerprint, "body": body} for one, body in pairs]
    # In one order, or writers of PostgreSQL could wait for each other.
    return sorted(rows, key=lambda row: row["fingerprint"])


def _place_rows(places: Places) -> Rows:
    check_names(*places)
    encode = msgspec.json.encode
    return [{"tenant": name, "body": encode(places[name]).decode()} for name in sorted(places)]


def _transition_rows(transitions: Sequence[Transition]) -> Rows:
    pairs = zip(transitions, transitions_json(transitions), strict=True)
    return [
        {
            "tenant": one.alert.tenant,
            "rule": one.alert.rule,
            "phase": one.alert.phase,
            "at": one.at,
            "body": body,
        }
        for one, body in pairs
    ]
