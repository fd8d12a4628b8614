"""Restored and erased jobs, legal holds."""

import sqlalchemy as sa
from alembic import op

revision = "0003_backup"
down_revision = "0002_policy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=True),
        sa.Column("sender", sa.String(length=320), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_legal_hold_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    with op.batch_alter_table("legal_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_legal_hold_job_id"), ["job_id"], unique=False)
