"""The tables of the control store as its statements name them; the migrations make them."""

from sqlalchemy import Boolean, Column, DateTime, MetaData, Table, Text, false

METADATA = MetaData()

CONNECTORS = Table(
    "connectors",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("cursor", Text),  # JSON
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("paused_by", Text),
    Column("updated_at", DateTime(timezone=True), nullable=False),  # UTC; SQLite keeps no zone
)
