"""Several daemons at one spool: who lives, who has what in hand, which releases may work with the schema."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003_backup"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daemon",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daemon")),
    )
    op.create_table(
        "writer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("mark", sa.String(length=32), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_writer")),
    )
    op.create_table(
        "schema_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("oldest_daemon", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_schema_version")),
    )
    op.add_column("outbox", sa.Column("owner", sa.String(length=32), nullable=True))
    owned = sa.text("owner IS NOT NULL")
    op.create_index("ix_job_owner", "job", ["owner", "state"], sqlite_where=owned, postgresql_where=owned)
