"""Slow down whoever tries again and again, in SQL: it holds over several processes and restarts.

Tries are counted by account, whether it exists or not, and by network address, over a day. Past a few free
ones each further try has to wait twice as long, up to a limit. Nothing is ever locked for good, and the count of
one way of signing in does not weigh on the other.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import SignInAttempt
from helpdesk.db import db, transaction
from helpdesk.errors import TooManyAttempts

WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Limit:
    """How many tries are free in a day, and the wait after that: it doubles from *first* to *longest*."""

    free_count: int
    first_wait_seconds: int
    longest_wait_seconds: int

    def wait_seconds(self, tried_count: int) -> int:
        """Return how long to wait after the last of *tried_count* tries."""
        if tried_count < self.free_count:
            return 0
        doubled: int = self.first_wait_seconds << min(tried_count - self.free_count, 20)
        return min(doubled, self.longest_wait_seconds)


LIMITS = {
    "password-account": Limit(5, 30, 15 * 60),
    "password-address": Limit(20, 30, 60 * 60),
    "link-account": Limit(3, 60, 60 * 60),
    "link-address": Limit(10, 60, 60 * 60),
}


@dataclass(frozen=True)
class Bucket:
    """What is counted together: a keyed hash, as neither addresses of people nor of machines are kept."""

    key: str
    limit: Limit

    @property
    def lock_number(self) -> int:
        return int(self.key[:15], 16)


def buckets(way: str, *, email: str, address: str | None, secret: str) -> tuple[Bucket, Bucket]:
    """Return the account's and the network address's buckets for a *way* (« password » or « link »)."""
    return (
        _bucket(f"{way}-account", email.strip().lower(), secret),
        _bucket(f"{way}-address", _network(address), secret),
    )


def _bucket(name: str, value: str, secret: str) -> Bucket:
    key = hmac.new(secret.encode(), f"{name}:{value}".encode(), hashlib.sha256).hexdigest()
    return Bucket(key, LIMITS[name])


def _network(address: str | None) -> str:
    """Return an IPv4 address as it is, and the /64 of an IPv6 one: a subscriber owns all of it."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def admit(account: Bucket, network: Bucket) -> None:
    """Count one try, before anything is checked: simultaneous ones cannot all slip through.

    :raises TooManyAttempts: while the account or the address has to wait; that try is not counted.
    """
    now = clock.now()
    with transaction():
        _lock(account, network)
        wait = max(_wait_left(bucket, now) for bucket in (account, network))
        if wait > timedelta():
            raise TooManyAttempts(_message(wait))
        db.session.execute(sa.delete(SignInAttempt).where(SignInAttempt.at < now - WINDOW))
        db.session.add_all([SignInAttempt(bucket=account.key, at=now), SignInAttempt(bucket=network.key, at=now)])


def forgive(account: Bucket, network: Bucket) -> None:
    """After a success: forget the account's tries, and the last one of the address (offices share one)."""
    newest = sa.select(sa.func.max(SignInAttempt.id)).where(SignInAttempt.bucket == network.key)
    db.session.execute(
        sa.delete(SignInAttempt).where(
            sa.or_(SignInAttempt.bucket == account.key, SignInAttempt.id == newest.scalar_subquery())
        )
    )


def _lock(*of: Bucket) -> None:
    """Let one transaction at a time count a bucket. SQLite has one writer at a time anyway."""
    if db.engine.dialect.name == "postgresql":
        for number in sorted(bucket.lock_number for bucket in of):
            db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _wait_left(bucket: Bucket, now: datetime) -> timedelta:
    count, last_at = db.session.execute(
        sa.select(sa.func.count(SignInAttempt.id), sa.func.max(SignInAttempt.at)).where(
            SignInAttempt.bucket == bucket.key, SignInAttempt.at >= now - WINDOW
        )
    ).one()
    if not count:
        return timedelta()
    passed: timedelta = now - last_at
    return timedelta(seconds=bucket.limit.wait_seconds(count)) - passed


def _message(wait: timedelta) -> str:
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    delay = "une minute" if minutes == 1 else f"{minutes} minutes"
    return f"Trop d’essais. Attendez {delay}, puis recommencez."
