"""What alerting remembers: definitions with their versions, alerts, and who was told what."""

import sqlalchemy as sa
from alembic import op

revision = "002"
down_revision = "001"

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of alerting."""
    _make_definitions()
    _make_states()
    _make_history()
    _make_deliveries()


def _make_definitions() -> None:
    op.create_table(
        "alert_definitions",
        sa.Column("id", ROW_ID, primary_key=True),
        *_names("tenant", "kind", "name"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("body", sa.Text),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("tenant", "kind", "name", "version", name="alert_definitions_version"),
    )
    _index("alert_definitions", "newest_first", "tenant", "at", "id")


def _make_states() -> None:
    keys = {
        "alerts": ("fingerprint",),
        "alert_places": ("tenant",),
        "alert_acknowledgements": ("tenant", "fingerprint"),
        "alert_sent": ("tenant", "group_hash", "channel"),
    }
    for table, names in keys.items():
        op.create_table(table, *_names(*names, is_key=True), _body())


def _make_history() -> None:
    op.create_table(
        "alert_transitions",
        sa.Column("id", ROW_ID, primary_key=True),
        *_names("tenant", "rule", "phase"),
        sa.Column("at", MOMENT, nullable=False),
        _body(),
    )
    _index("alert_transitions", "newest_first", "tenant", "at", "id")
    _index("alert_transitions", "of_rule", "tenant", "rule", "at", "id")


def _make_deliveries() -> None:
    op.create_table(
        "alert_deliveries",
        *_names("tenant", "id", is_key=True),
        *_names("channel", "outcome"),
        sa.Column("at", MOMENT, nullable=False),
        _body(),
    )
    _index("alert_deliveries", "newest_first", "tenant", "at", "id")


def _names(*names: str, is_key: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, NAME, primary_key=is_key, nullable=False) for name in names]


def _body() -> sa.Column[str]:
    return sa.Column("body", sa.Text, nullable=False)


def _index(table: str, what: str, *columns: str) -> None:
    op.create_index(f"{table}_{what}", table, columns)
