"""Attempts keep why they failed, what their failures look like, and which tests they made green."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade():
    op.add_column("attempts", sa.Column("reason", sa.String(length=30), nullable=False, server_default=""))
    op.add_column("attempts", sa.Column("fingerprints", JSON, nullable=False, server_default="[]"))
    op.add_column("attempts", sa.Column("green", JSON, nullable=False, server_default="[]"))


def downgrade():
    for column in ("green", "fingerprints", "reason"):
        op.drop_column("attempts", column)
