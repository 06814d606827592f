"""The project's migrations, run as ``flask db`` runs them."""

from pathlib import Path

from alembic.script import ScriptDirectory
from flask_migrate import downgrade as migrate_downgrade
from flask_migrate import upgrade as migrate_upgrade

DIRECTORY = Path(__file__).parents[2] / "migrations"


def script_directory() -> ScriptDirectory:
    return ScriptDirectory(str(DIRECTORY))


def upgrade(revision: str = "head") -> None:
    """Migrate the database of the current application."""
    migrate_upgrade(directory=str(DIRECTORY), revision=revision)


def downgrade(revision: str = "base") -> None:
    migrate_downgrade(directory=str(DIRECTORY), revision=revision)
