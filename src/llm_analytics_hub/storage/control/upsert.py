"""Rows that replace those of the same key, which SQLAlchemy has by dialect."""

from typing import Any

from sqlalchemy import Engine, Table


def insert_of(engine: Engine) -> Any:
    """The INSERT of that database that can update in place."""
    if engine.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert
    from sqlalchemy.dialects import sqlite

    return sqlite.insert


def upsert(engine: Engine, table: Table) -> Any:
    """A statement that puts a row in place of the one with its primary key."""
    new = insert_of(engine)(table)
    others = [column.name for column in table.columns if not column.primary_key]
    return new.on_conflict_do_update(
        index_elements=table.primary_key.columns,
        set_={name: new.excluded[name] for name in others},
    )
