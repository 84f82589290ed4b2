"""First schema: the same tables in SQLite and PostgreSQL.

Facts are written once (`transactions`, `outcomes`, `match_keys`, `journal`); what changes is kept
narrow (`states`). Times are microseconds since the epoch in UTC; amounts have up to 36 digits, more
than any integer column holds, so they are text. Sealed bytes cannot be compressed, so PostgreSQL is
told to keep them in the row and not to try.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Text, Bytes, Int, Long, Bool = sa.Text, sa.LargeBinary, sa.Integer, sa.BigInteger, sa.Boolean

SEALED = {
    "transactions": ("body", "raw"),
    "outcomes": ("outcome",),
    "outbox": ("body",),
    "parked": ("body",),
}

OPEN = f"deadline_at_us < {2**62}"

APPEND_ONLY_POSTGRES = (
    """
    CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$
    """,
    """
    CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only()
    """,
    """
    CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()
    """,
)
APPEND_ONLY_SQLITE = (
    """
    CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
)


def upgrade() -> None:
    """Create everything."""
    _transactions()
    _states()
    _journal()
    _work()
    _partners()
    if op.get_context().dialect.name == "postgresql":
        for table, columns in SEALED.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
            op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = 8160)")


def downgrade() -> None:
    """Drop everything."""
    for table in ("api_keys", "partners", "parked", "attempts", "outbox", "journal"):
        op.drop_table(table)
    for table in ("match_keys", "outcomes", "states", "transactions"):
        op.drop_table(table)
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION journal_is_append_only()")


def _must(name: str, kind: type[sa.types.TypeEngine[Any]]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _transactions() -> None:
    op.create_table(
        "transactions",
        sa.Column("transaction_id", Text, primary_key=True),
        _must("source", Text),
        _must("message_key", Text),
        _must("fingerprint", Text),
        _must("kind", Text),
        _must("partner", Text),
        _must("route", Text),
        _must("body", Bytes),
        _must("raw", Bytes),
        _must("received_at_us", Long),
        _must("instance", Text),
        _must("subject", Text),
        _must("amount_minor", Text),
        _must("currency", Text),
        _must("counted", Bool),
    )
    # The inbox: a message of a source is taken once.
    op.create_index("inbox", "transactions", ["source", "message_key"], unique=True)
    op.create_index(
        "usage_of_subject",
        "transactions",
        ["subject", "received_at_us"],
        sqlite_where=sa.text("counted"),
        postgresql_where=sa.text("counted"),
    )
    op.create_table(
        "outcomes",
        sa.Column("transaction_id", Text, primary_key=True),
        sa.Column("version", Int, primary_key=True),
        _must("outcome", Bytes),
    )
    op.create_table(
        "match_keys",
        sa.Column("match_key", Text, primary_key=True),
        sa.Column("received_at_us", Long, primary_key=True),
        sa.Column("transaction_id", Text, primary_key=True),
        sqlite_with_rowid=False,
    )


def _states() -> None:
    op.create_table(
        "states",
        sa.Column("transaction_id", Text, primary_key=True),
        _must("state", Text),
        _must("version", Int),
        _must("answered", Bool),
        _must("deadline_at_us", Long),
        _must("updated_at_us", Long),
        sqlite_with_rowid=False,
        # Room in the page for the next version of the row.
        postgresql_with={"fillfactor": 60},
    )
    # The index holds what is still open: a final state has no deadline any more. It names no column
    # that changes on the way, so that PostgreSQL updates the row in its page (HOT).
    op.create_index(
        "states_overdue",
        "states",
        ["deadline_at_us"],
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("chain", Text, primary_key=True),
        sa.Column("seq", Long, primary_key=True, autoincrement=False),
        _must("transaction_id", Text),
        _must("event", Text),
        _must("at_us", Long),
        _must("data", Text),
        _must("prev", Bytes),
        _must("hash", Bytes),
        sqlite_with_rowid=False,
    )
    op.create_index("journal_of_transaction", "journal", ["transaction_id"])
    postgres = op.get_context().dialect.name == "postgresql"
    for statement in APPEND_ONLY_POSTGRES if postgres else APPEND_ONLY_SQLITE:
        op.execute(statement)


def _work() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", Text, primary_key=True),
        _must("transaction_id", Text),
        _must("route", Text),
        _must("body", Bytes),
        _must("attempt", Int),
        _must("due_at_us", Long),
        # Rows live for a moment; what they leave behind must not pile up before those that are due.
        postgresql_with={
            "autovacuum_vacuum_scale_factor": 0,
            "autovacuum_vacuum_threshold": 10_000,
        },
    )
    op.create_index("outbox_due", "outbox", ["due_at_us"])
    op.create_table(
        "attempts",
        sa.Column("transaction_id", Text, primary_key=True),
        sa.Column("operation", Text, primary_key=True),
        sa.Column("number", Int, primary_key=True, autoincrement=False),
        _must("provider", Text),
        _must("idempotency_key", Text),
        _must("started_at_us", Long),
        sa.Column("finished_at_us", Long),
        _must("outcome", Text),
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": 60},
    )
    op.create_table(
        "parked",
        sa.Column("id", Text, primary_key=True),
        _must("transaction_id", Text),
        _must("route", Text),
        _must("body", Bytes),
        _must("cause", Text),
        _must("attempts", Int),
        _must("at_us", Long),
    )


def _partners() -> None:
    op.create_table(
        "partners",
        sa.Column("id", Text, primary_key=True),
        _must("name", Text),
        _must("created_at_us", Long),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", Text, primary_key=True),
        sa.Column("partner", Text, sa.ForeignKey("partners.id"), nullable=False),
        _must("mac", Text),
        _must("hint", Text),
        _must("created_at_us", Long),
        sa.Column("revoked_at_us", Long),
    )
