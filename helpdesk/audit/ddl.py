"""The triggers that make a table append-only, on both databases: used by the migrations and by the metadata.

A batch migration of such a table on SQLite makes a new table without them: it has to create them again. What
they cannot stop (a table dropped by its owner) shows in the hash chain.
"""

import sqlalchemy as sa
from sqlalchemy import event


def create_statements(table: str, dialect_name: str) -> tuple[str, ...]:
    """Return the statements that make *table* refuse every UPDATE and DELETE (TRUNCATE too on PostgreSQL)."""
    if dialect_name == "sqlite":
        return tuple(
            f"CREATE TRIGGER {table}_no_{action} BEFORE {action.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for action in ("update", "delete")
        )
    function = f"{table}_is_append_only()"
    body = f"BEGIN RAISE EXCEPTION '{table} is append-only'; END"
    change = f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
    truncate = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
    return (
        f"CREATE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {table}_no_change {change} EXECUTE FUNCTION {function}",
        f"CREATE TRIGGER {table}_no_truncate {truncate} EXECUTE FUNCTION {function}",
    )


def drop_statements(table: str, dialect_name: str) -> tuple[str, ...]:
    """Return the statements that undo :func:`create_statements`, before or after the table is dropped."""
    if dialect_name == "sqlite":
        return tuple(f"DROP TRIGGER IF EXISTS {table}_no_{action}" for action in ("update", "delete"))
    return (f"DROP FUNCTION IF EXISTS {table}_is_append_only() CASCADE",)


def make_append_only(table: sa.Table) -> None:
    """Have ``create_all()`` and ``drop_all()`` of the metadata handle the triggers as the migrations do."""
    for dialect_name in ("sqlite", "postgresql"):
        for moment, statements in (
            ("after_create", create_statements(table.name, dialect_name)),
            ("after_drop", drop_statements(table.name, dialect_name)),
        ):
            for statement in statements:
                ddl = sa.DDL(statement)  # type: ignore[no-untyped-call]
                event.listen(table, moment, ddl.execute_if(dialect=dialect_name))
