"""Run the migrations on the connection that `msggw.store.schema` has opened."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    # SQLite cannot alter most things in place: the table is copied.
    render_as_batch=True,
    # The caller has begun a transaction already and holds the lock.
    transactional_ddl=False,
)
context.run_migrations()
