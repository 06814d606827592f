"""The two ways to sign in. Neither tells whether an account exists, by its words or by its time."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa

from helpdesk import audit, clock
from helpdesk.accounts import mails, passwords, throttle
from helpdesk.accounts.models import Person, SignInLink
from helpdesk.accounts.perms import has_access
from helpdesk.accounts.queries import find_person_by_email
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, NotFound

NO_MATCH = "Ce courriel et ce mot de passe ne vont pas ensemble. Vérifiez-les, ou recevez un lien par courriel."
DEAD_LINK = "Ce lien a déjà servi, ou il est trop ancien. Demandez-en un autre."
LINK_ANSWER_SECONDS = 0.25
"""Longer than it takes to write a mail: the answer for an unknown address comes no sooner."""

Buckets = tuple[throttle.Bucket, throttle.Bucket]


def by_password(email: str, password: str, buckets: Buckets) -> Person:
    """Return the person whose e-mail and password these are.

    :raises TooManyAttempts: before anything is checked.
    :raises BadInput: the same for a wrong password, an unknown account, one without password or without rights.
    """
    with transaction():
        throttle.admit(*buckets)
        person = _somebody(email)
        stored_hash = person.password_hash if person else None
    # Outside the transaction: hashing takes time, and SQLite has a single writer.
    if not passwords.verify(stored_hash, password) or person is None or stored_hash is None:
        raise BadInput(NO_MATCH, field="password")
    new_hash = passwords.hash_password(password) if passwords.needs_rehash(stored_hash) else stored_hash
    with transaction():
        throttle.forgive(*buckets)
        person.password_hash = new_hash
    return person


def send_link(email: str, buckets: Buckets, *, path_of: Callable[[str], str], valid_minutes: int) -> None:
    """Mail a single-use link, if there is somebody to mail it to; *path_of* makes its local path from the token.

    :raises TooManyAttempts: the same for a known and an unknown account.
    """
    with _lasting(LINK_ANSWER_SECONDS), transaction():
        throttle.admit(*buckets)
        person = _somebody(email)
        if person is None:
            return
        token, now = secrets.token_urlsafe(32), clock.now()
        expires_at = now + timedelta(minutes=valid_minutes)
        db.session.execute(sa.delete(SignInLink).where(SignInLink.expires_at <= now))
        db.session.add(SignInLink(token_hash=_hash(token), person_id=person.id, created_at=now, expires_at=expires_at))
        mails.sign_in_link(person, path_of(token))
        audit.record(person, "session.link_sent", "person", person.id)


def person_of_link(token: str) -> Person:
    """Return whom a link signs in, without using it: mail scanners open links too.

    :raises NotFound: when it is used, too old, or never was.
    """
    person = db.session.scalar(
        sa.select(Person).join(SignInLink, SignInLink.person_id == Person.id).where(_is_live(token))
    )
    if person is None or not has_access(person):
        raise NotFound(DEAD_LINK)
    return person


def by_link(token: str) -> Person:
    """Use a link up, and the person's other ones with it; of two simultaneous uses one is refused.

    :raises NotFound: as above.
    """
    with transaction():
        used = sa.update(SignInLink).where(_is_live(token)).values(used_at=clock.now())
        person_id = db.session.scalar(used.returning(SignInLink.person_id))
        person = db.session.get(Person, person_id) if person_id else None
        if person is None or not has_access(person):
            raise NotFound(DEAD_LINK)
        db.session.execute(sa.delete(SignInLink).where(SignInLink.person_id == person.id))
    return person


def _somebody(email: str) -> Person | None:
    person = find_person_by_email(email)
    return person if person and has_access(person) else None


def _is_live(token: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        SignInLink.token_hash == _hash(token), SignInLink.used_at.is_(None), SignInLink.expires_at > clock.now()
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@contextmanager
def _lasting(seconds: float) -> Iterator[None]:
    """Take *seconds* at least, whatever happens inside."""
    started = time.monotonic()
    try:
        yield
    finally:
        time.sleep(max(0.0, seconds - (time.monotonic() - started)))
