"""A file somebody sent. The content lies under its hash in the data folder, never among the static files."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base


class Attachment(Base):
    """One file with its cleaned name; two with the same content share the bytes."""

    __tablename__ = "attachment"
    __table_args__ = (sa.CheckConstraint("size_bytes > 0", name="not_empty"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size_bytes: Mapped[int]
    uploaded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    purged_at: Mapped[datetime | None]
    """When its content was erased; the name stays in the history as « pièce effacée »."""
