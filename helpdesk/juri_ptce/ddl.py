"""What keeps the same jurist out of two calls at once, on both databases: used by the migrations and the metadata.

PostgreSQL: an exclusion constraint; a person's number is written as a range, so that no extension is needed.
SQLite has none: two triggers. A batch migration of the table on SQLite makes it anew without them.
"""

import sqlalchemy as sa
from sqlalchemy import event

TABLE = "juri_attendance"
NAME = "ex_juri_attendance_person_period"
"""In the message of the refusal, on both databases."""


def create_statements(dialect_name: str) -> tuple[str, ...]:
    """Return the statements that make the table refuse occupying times of one person that overlap."""
    if dialect_name == "sqlite":
        return tuple(_trigger(moment) for moment in ("insert", "update"))
    person, period = "int8range(person_id, person_id, '[]') WITH &&", "tstzrange(starts_at, ends_at) WITH &&"
    return (f"ALTER TABLE {TABLE} ADD CONSTRAINT {NAME} EXCLUDE USING gist ({person}, {period}) WHERE (is_occupying)",)


def _trigger(moment: str) -> str:
    name = f"{TABLE}_no_overlap_{moment}"
    same_person = "other.person_id = NEW.person_id AND other.appointment_id <> NEW.appointment_id"
    overlaps = "other.is_occupying AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at"
    found = f"EXISTS (SELECT 1 FROM {TABLE} AS other WHERE {same_person} AND {overlaps})"  # noqa: S608 (our own words)
    when = f"BEFORE {moment.upper()} ON {TABLE} WHEN NEW.is_occupying"
    return f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{NAME}') WHERE {found}; END"


def drop_statements(dialect_name: str) -> tuple[str, ...]:
    """Return the statements that undo :func:`create_statements`; the constraint leaves with its table."""
    if dialect_name == "sqlite":
        return tuple(f"DROP TRIGGER IF EXISTS {TABLE}_no_overlap_{moment}" for moment in ("insert", "update"))
    return ()


def make_without_overlap(table: sa.Table) -> None:
    """Have ``create_all()`` of the metadata handle them as the migrations do; both leave with the table."""
    for dialect_name in ("sqlite", "postgresql"):
        for statement in create_statements(dialect_name):
            ddl = sa.DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect_name))
