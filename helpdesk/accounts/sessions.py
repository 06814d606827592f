"""Who is signed in: a row of ``user_session`` behind flask-login. The cookie holds a token, the row its hash.

A copied cookie is worth nothing once the row is gone: at sign-out, after 12 hours without a page, after 14 days,
with the password, or with the last mandate or role.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app, session
from flask_login import AnonymousUserMixin, UserMixin, login_user, logout_user
from sqlalchemy.orm import joinedload

from helpdesk import audit, clock, settings_of
from helpdesk.accounts.models import Mandate, Organisation, Person, UserSession
from helpdesk.accounts.perms import has_access
from helpdesk.db import db, transaction, writing
from helpdesk.extensions import login_manager

TOUCH_EVERY = timedelta(hours=1)
LINK_PROOF = timedelta(hours=1)
"""How long a session opened by a mailed link proves who is there, to replace a forgotten password."""
_COOKIE_FIELD = "_user_id"  # flask-login's own name


class SignedIn(UserMixin):
    """The person behind the request, as ``current_user``."""

    def __init__(self, person: Person, row: UserSession, token: str) -> None:
        self.person = person
        self.row = row
        self._token = token

    def get_id(self) -> str:
        return self._token

    @property
    def is_proved_by_link(self) -> bool:
        """The session was opened less than an hour ago by a link sent to the person's address."""
        return self.row.is_by_link and clock.now() - self.row.created_at < LINK_PROOF


class Visitor(AnonymousUserMixin):
    """Somebody who has not signed in."""

    person: Person | None = None


def init_sessions(app: Flask) -> None:
    """Bind flask-login to *app* and to the rows of ``user_session``."""
    login_manager.init_app(app, add_context_processor=False)  # it would ask the database on every page
    login_manager.session_protection = None  # a phone changes networks; the row is the protection
    login_manager.anonymous_user = Visitor
    login_manager.user_loader(_load)


def start(person: Person, *, by_link: bool = False) -> None:
    """Sign *person* in. The token is new, and nothing of the session before is kept: no fixation."""
    token, now = secrets.token_urlsafe(32), clock.now()
    old_token = session.get(_COOKIE_FIELD)
    row = UserSession(
        token_hash=_hash(token),
        person_id=person.id,
        created_at=now,
        seen_at=now,
        expires_at=_expiry(now, now),
        is_by_link=by_link,
    )
    with transaction():
        _delete(old_token)
        db.session.execute(sa.delete(UserSession).where(UserSession.expires_at <= now))
        db.session.add(row)
        audit.record(person, "session.started", "person", person.id, by_link=by_link)
    session.clear()
    login_user(SignedIn(person, row, token), force=True)


def end() -> None:
    """Sign out: the row goes, and with it every copy of the cookie."""
    with transaction():
        _delete(session.get(_COOKIE_FIELD))
    logout_user()
    session.clear()


def _load(token: str) -> SignedIn | None:
    row = db.session.scalars(_with_rights(), {"asked_hash": _hash(token)}).unique().one_or_none()
    now = clock.now()
    if row is None or row.expires_at <= now or not has_access(row.person):
        return None
    _touch(row, now)
    return SignedIn(row.person, row, token)


@cache
def _with_rights() -> sa.Select[UserSession]:
    """One query for the session, the person and all their rights; written once, as it runs at every request."""
    # An outer join inside an outer join would make SQLite read every mandate of the service first.
    mandates = joinedload(Person.mandates).joinedload(Mandate.organisation, innerjoin=False)
    select = sa.select(UserSession).where(UserSession.token_hash == sa.bindparam("asked_hash"))
    return select.options(
        joinedload(UserSession.person).options(mandates.lazyload(Organisation.typology_rows), joinedload(Person.roles))
    )


def _touch(row: UserSession, now: datetime) -> None:
    """Push the end of an idle session away, at most once an hour; not in the middle of somebody's transaction."""
    if now - row.seen_at < TOUCH_EVERY or db.session().info.get("depth"):
        return
    with writing():
        row.seen_at = now
        row.expires_at = _expiry(row.created_at, now)


def _expiry(created_at: datetime, seen_at: datetime) -> datetime:
    settings = settings_of(current_app)
    idle = seen_at + timedelta(hours=settings.session_idle_hours)
    return min(idle, created_at + timedelta(days=settings.session_absolute_days))


def _delete(token: Any) -> None:
    if isinstance(token, str):
        db.session.execute(sa.delete(UserSession).where(UserSession.token_hash == _hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
