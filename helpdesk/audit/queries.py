"""Read the audit trail."""

import sqlalchemy as sa

from helpdesk.audit.chain import START
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db


def head() -> tuple[int, str]:
    """Return how many rows there are and the hash of the last one, which seals them all."""
    count = db.session.scalar(sa.select(sa.func.count(AuditEvent.id))) or 0
    newest = sa.select(AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)
    return count, db.session.scalar(newest) or START
