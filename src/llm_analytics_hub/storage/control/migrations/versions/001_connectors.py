"""Where each connector stopped, and whether it may run."""

import sqlalchemy as sa
from alembic import op

revision = "001"
down_revision = None


def upgrade() -> None:
    """Make the table `connectors`."""
    op.create_table(
        "connectors",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("cursor", sa.Text),
        sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("paused_by", sa.Text),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
