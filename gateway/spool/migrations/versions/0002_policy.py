"""Quotas: what mails use of them."""

import sqlalchemy as sa
from alembic import op

revision = "0002_policy"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quota_use",
        sa.Column("mail_id", sa.String(length=32), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mail_id", name=op.f("pk_quota_use")),
    )
    with op.batch_alter_table("quota_use", schema=None) as batch_op:
        batch_op.create_index("ix_quota_use_sender", ["sender", "at", "recipients", "pages"], unique=False)
        batch_op.create_index("ix_quota_use_at", ["at", "recipients", "pages"], unique=False)
