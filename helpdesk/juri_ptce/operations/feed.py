"""The secret address of a jurist's calendar: made, renewed, taken back, and recognised."""

import hashlib
import secrets

import sqlalchemy as sa

from helpdesk import audit, clock
from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import NotFound
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.models import CalendarFeed
from helpdesk.tickets.operations.history import require


def renew(actor: Person) -> str:
    """Make the address of one's own calendar, or another in its place; returns its token, which is kept nowhere.

    :raises NotAllowed: for somebody who holds no session, see :func:`perms.is_host_to_be`.
    """
    with transaction():
        require(perms.is_host_to_be(actor))
        _delete(actor)
        token = secrets.token_urlsafe(32)
        db.session.add(CalendarFeed(person_id=actor.id, token_hash=_hash(token), created_at=clock.now()))
        audit.record(actor, "calendar_feed.renewed", "person", actor.id)
        return token


def revoke(actor: Person) -> None:
    """Take the address back: it answers no more. Nothing to do when there is none."""
    with transaction():
        if _delete(actor):
            audit.record(actor, "calendar_feed.revoked", "person", actor.id)


def person_of(token: str) -> Person:
    """Whose calendar a token opens.

    :raises NotFound: for one that never was or was taken back, and for somebody who holds no session any more.
    """
    select = sa.select(Person).join(CalendarFeed, CalendarFeed.person_id == Person.id)
    person = db.session.scalar(select.where(CalendarFeed.token_hash == _hash(token)))
    if person is None or not perms.is_host_to_be(person):
        raise NotFound
    return person


def _delete(person: Person) -> bool:
    found = db.session.get(CalendarFeed, person.id)
    if found is None:
        return False
    db.session.delete(found)
    db.session.flush()
    return True


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
