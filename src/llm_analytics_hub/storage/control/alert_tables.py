"""The tables of alerting as their statements name them; the migrations make them."""

from sqlalchemy import Column, Index, Integer, Table, Text, UniqueConstraint

from llm_analytics_hub.storage.control.columns import NAME, ROW_ID, Moment
from llm_analytics_hub.storage.control.tables import METADATA

DEFINITIONS = Table(
    "alert_definitions",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("tenant", NAME, nullable=False),
    Column("kind", NAME, nullable=False),
    Column("name", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text),  # JSON; NULL is that it was removed
    Column("changed_by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("tenant", "kind", "name", "version", name="alert_definitions_version"),
    Index("alert_definitions_newest_first", "tenant", "at", "id"),
)

ALERTS = Table(
    "alerts",
    METADATA,
    Column("fingerprint", NAME, primary_key=True),
    Column("body", Text, nullable=False),  # JSON, as of all that follow
)

TRANSITIONS = Table(
    "alert_transitions",
    METADATA,
    Column("id", ROW_ID, primary_key=True),
    Column("tenant", NAME, nullable=False),
    Column("rule", NAME, nullable=False),
    Column("phase", NAME, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Index("alert_transitions_newest_first", "tenant", "at", "id"),
    Index("alert_transitions_of_rule", "tenant", "rule", "at", "id"),
)

PLACES = Table(
    "alert_places",
    METADATA,
    Column("tenant", NAME, primary_key=True),
    Column("body", Text, nullable=False),
)

ACKNOWLEDGEMENTS = Table(
    "alert_acknowledgements",
    METADATA,
    Column("tenant", NAME, primary_key=True),
    Column("fingerprint", NAME, primary_key=True),
    Column("body", Text, nullable=False),
)

SENT = Table(
    "alert_sent",
    METADATA,
    Column("tenant", NAME, primary_key=True),
    Column("group_hash", NAME, primary_key=True),  # keys of groups are too long for an index
    Column("channel", NAME, primary_key=True),
    Column("body", Text, nullable=False),
)

DELIVERIES = Table(
    "alert_deliveries",
    METADATA,
    Column("tenant", NAME, primary_key=True),
    Column("id", NAME, primary_key=True),
    Column("channel", NAME, nullable=False),
    Column("outcome", NAME, nullable=False),
    Column("at", Moment, nullable=False),
    Column("body", Text, nullable=False),
    Index("alert_deliveries_newest_first", "tenant", "at", "id"),
)
