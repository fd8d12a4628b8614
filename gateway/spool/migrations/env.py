"""Alembic's entry point: it runs on the connection that ``upgrade`` opened."""

from alembic import context

from gateway.spool.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can't alter most of a table in place
)
with context.begin_transaction():
    context.run_migrations()
