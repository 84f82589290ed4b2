"""The schema's history, run by Alembic through `msggw.store.schema`."""
