"""What people defined, with its versions, in SQL."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, select, text

from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.storage.alert_bounds import (
    check_definition,
    check_limit,
    check_names,
    number_of,
)
from llm_analytics_hub.storage.alert_versions import Key, follow, key_of
from llm_analytics_hub.storage.control.alert_tables import DEFINITIONS
from llm_analytics_hub.storage.control.part import StorePart, page

_NAMES_AT_ONCE = 500
"""Names in one statement; databases bound what may be bound."""

_LOCK_ID = 0x4855_4244
"""The advisory lock that writers of PostgreSQL take to number versions one after the other."""

_OTHER = DEFINITIONS.alias("other")
_SAME = and_(*(_OTHER.c[name] == DEFINITIONS.c[name] for name in ("tenant", "kind", "name")))
_IS_NEWEST = DEFINITIONS.c.version == (
    select(func.max(_OTHER.c.version)).where(_SAME).scalar_subquery()
)
_HAS_LATER = exists().where(_SAME, _OTHER.c.version > DEFINITIONS.c.version)
_HAS_OTHER = exists().where(_SAME, _OTHER.c.version != DEFINITIONS.c.version)


class SqlDefinitions(StorePart):
    """The definitions of an `AlertStore`."""

    def definitions(
        self, kind: DefinitionKind, tenant: str | None = None, /
    ) -> Sequence[Definition]:
        """See `AlertStore.definitions`."""
        check_names(tenant)
        here = DEFINITIONS.c
        wanted = select(DEFINITIONS).where(here.kind == kind, here.body.is_not(None), _IS_NEWEST)
        if tenant is not None:
            wanted = wanted.where(here.tenant == tenant)
        return self._found(wanted.order_by(here.name, here.tenant))

    def versions(self, kind: DefinitionKind, tenant: str, name: str, /) -> Sequence[Definition]:
        """See `AlertStore.versions`."""
        check_names(tenant, name)
        here = DEFINITIONS.c
        wanted = select(DEFINITIONS).where(
            here.kind == kind, here.tenant == tenant, here.name == name
        )
        return self._found(wanted.order_by(here.version.desc()))

    def define(
        self, new: Sequence[Definition], /, *, expected: Mapping[str, int] | None = None
    ) -> Sequence[Definition]:
        """See `AlertStore.define`."""
        for one in new:
            check_definition(one)
        with self._writing() as connection:
            _take_turn(connection)
            newest = {key_of(one): one for one in _newest_of(connection, new)}
            answers, added = follow(newest, new, expected or {})
            if added:
                connection.execute(insert(DEFINITIONS), [_to_row(one) for one in added])
        return answers

    def changes(
        self, tenant: str, before: tuple[datetime, str] | None, limit: int, /
    ) -> Sequence[tuple[str, Definition]]:
        """See `AlertStore.changes`."""
        check_names(tenant)
        check_limit(limit)
        wanted = select(DEFINITIONS).where(DEFINITIONS.c.tenant == tenant)
        with self._reading() as connection:
            rows = connection.execute(page(wanted, DEFINITIONS, number_of(before), limit))
            return [(str(row.id), _from_row(row)) for row in rows]

    def _found(self, wanted: Any) -> list[Definition]:
        with self._reading() as connection:
            return [_from_row(row) for row in connection.execute(wanted)]


def prune_definitions(connection: Connection, before: datetime) -> int:
    """Forget versions that were followed by others, then removals that nothing is left before."""
    is_old = DEFINITIONS.c.at < before
    followed = delete(DEFINITIONS).where(is_old, _HAS_LATER)
    # A version that stays, as clocks may be set back, must not come back to life.
    removed = delete(DEFINITIONS).where(is_old, DEFINITIONS.c.body.is_(None), ~_HAS_OTHER)
    return sum(connection.execute(statement).rowcount for statement in (followed, removed))


def _take_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK_ID})


def _newest_of(connection: Connection, new: Sequence[Definition]) -> Iterator[Definition]:
    keys: list[Key] = sorted({key_of(one) for one in new})
    here = DEFINITIONS.c
    for (tenant, kind), group in groupby(keys, key=lambda key: key[:2]):
        names = [name for _, _, name in group]
        wanted = select(DEFINITIONS).where(here.tenant == tenant, here.kind == kind, _IS_NEWEST)
        for start in range(0, len(names), _NAMES_AT_ONCE):
            some = names[start : start + _NAMES_AT_ONCE]
            yield from map(_from_row, connection.execute(wanted.where(here.name.in_(some))))


def _to_row(one: Definition) -> dict[str, object]:
    return {
        "tenant": one.tenant,
        "kind": one.kind,
        "name": one.name,
        "version": one.version,
        "body": one.body,
        "changed_by": one.by,
        "at": one.at,
    }


def _from_row(row: Row[Any]) -> Definition:
    kind = DefinitionKind(row.kind)
    return Definition(row.tenant, kind, row.name, row.version, row.body, row.changed_by, row.at)
