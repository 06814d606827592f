"""A year of figures, kept as it was told."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.accounts.models import Person
from helpdesk.audit.ddl import make_append_only
from helpdesk.db import Base


class FrozenYear(Base):
    """The annual report of a year, kept with its definitions. Append-only; the last *number* of a year counts."""

    __tablename__ = "frozen_year"
    __table_args__ = (sa.UniqueConstraint("year", "number"), sa.CheckConstraint("number >= 1", name="number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    year: Mapped[int]
    number: Mapped[int]
    """1 for the first time that the year is frozen."""
    frozen_at: Mapped[datetime]
    frozen_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    definitions: Mapped[list[list[str]]] = mapped_column(sa.JSON)
    """Term and meaning, as they were printed."""
    tables: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    """As :meth:`helpdesk.stats.tables.Table.as_json` writes them, small numbers included: the pole's own."""

    frozen_by: Mapped[Person] = relationship()


make_append_only(FrozenYear.metadata.tables[FrozenYear.__tablename__])
