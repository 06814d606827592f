"""The calendar as its readers see it: days, states, people and places, without a word of any question."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from helpdesk.accounts.enums import Role
from helpdesk.accounts.models import Person
from helpdesk.accounts.queries import Page, bounded_page, holders
from helpdesk.db import db, read
from helpdesk.errors import NotFound
from helpdesk.formats import clock_text, long_date_text
from helpdesk.juri_ptce.enums import OCCUPYING, AppointmentStatus, DayProblem, SessionStatus
from helpdesk.juri_ptce.models import Appointment, JuriSession, SessionHost, Slot

COMING_MAX_COUNT = 40
"""More than three years of sessions, the most that the settings allow."""
PAST_PAGE_SIZE = 12
HOSTS_MAX_COUNT = 100


@dataclass(frozen=True)
class HostRow:
    """Somebody who holds a session, or was expected to."""

    person_id: int
    name: str
    is_absent: bool


@dataclass(frozen=True)
class SessionRow:
    """A session in the calendar; *seats* are all its places, *taken* those that somebody holds."""

    id: int
    starts_at: datetime
    ends_at: datetime
    status: SessionStatus
    problem: DayProblem | None
    cut_off_at: datetime
    place: str
    video_link: str
    cancelled_reason: str
    seats: int
    taken: int
    to_confirm: int
    hosts: tuple[HostRow, ...] = ()

    @property
    def title(self) -> str:
        """« Mardi 2 mars 2027 », in Paris."""
        day = long_date_text(self.starts_at)
        return day[0].upper() + day[1:]

    @property
    def hours(self) -> str:
        """« de 14 h à 17 h 30 », in Paris."""
        return f"de {clock_text(self.starts_at)} à {clock_text(self.ends_at)}"

    @property
    def free(self) -> int:
        return max(self.seats - self.taken, 0)

    @property
    def present(self) -> list[HostRow]:
        return [host for host in self.hosts if not host.is_absent]

    @property
    def absent(self) -> list[HostRow]:
        return [host for host in self.hosts if host.is_absent]

    @property
    def is_unhosted(self) -> bool:
        """Open, and nobody will be there."""
        return self.status is SessionStatus.SCHEDULED and not self.present


def coming_sessions(now: datetime) -> list[SessionRow]:
    """The sessions that are not over, the next one first; two queries."""
    return _rows(_select().where(JuriSession.ends_at > now).order_by(JuriSession.starts_at).limit(COMING_MAX_COUNT))


def past_sessions(now: datetime, page: int = 1) -> Page[SessionRow]:
    """The sessions that are over, the latest first."""
    number, is_over = bounded_page(page), JuriSession.ends_at <= now
    total = db.session.scalar(sa.select(sa.func.count()).select_from(JuriSession).where(is_over)) or 0
    select = _select().where(is_over).order_by(JuriSession.starts_at.desc())
    rows = _rows(select.limit(PAST_PAGE_SIZE).offset((number - 1) * PAST_PAGE_SIZE))
    return Page(rows, number, total, PAST_PAGE_SIZE)


def session_row(session_id: int) -> SessionRow:
    """One session as the calendar shows it.

    :raises NotFound: when there is none.
    """
    rows = _rows(_select().where(JuriSession.id == session_id))
    if not rows:
        raise NotFound
    return rows[0]


def get_session(session_id: int) -> JuriSession:
    """One session with its hosts.

    :raises NotFound: when there is none.
    """
    found = db.session.scalar(
        sa.select(JuriSession)
        .where(JuriSession.id == session_id)
        .options(selectinload(JuriSession.hosts).joinedload(SessionHost.person))
    )
    if found is None:
        raise NotFound
    return found


def possible_hosts() -> Sequence[Person]:
    """Who may hold a session today: the jurists of the pole, its lead and the partner jurists, by name."""
    able = holders(Role.JURIST, Role.LEAD, Role.PARTNER_JURIST)
    select = sa.select(Person).where(Person.is_active, Person.id.in_(able))
    return db.session.scalars(select.order_by(Person.search_name, Person.id).limit(HOSTS_MAX_COUNT)).all()


def _select() -> sa.Select[Any]:
    def booked(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        held = sa.select(sa.func.count()).select_from(Appointment).join(Slot, Slot.id == Appointment.slot_id)
        return held.where(Slot.session_id == JuriSession.id, *conditions).scalar_subquery()

    seats = sa.select(sa.func.coalesce(sa.func.sum(Slot.seats), 0)).where(Slot.session_id == JuriSession.id)
    return sa.select(
        JuriSession.id,
        JuriSession.starts_at,
        JuriSession.ends_at,
        JuriSession.status,
        JuriSession.problem,
        JuriSession.cut_off_at,
        JuriSession.place,
        JuriSession.video_link,
        JuriSession.cancelled_reason,
        seats.scalar_subquery().label("seats"),
        booked(Appointment.status.in_(OCCUPYING)).label("taken"),
        booked(Appointment.status == AppointmentStatus.REQUESTED).label("to_confirm"),
    )


def _rows(select: sa.Select[Any]) -> list[SessionRow]:
    records = read(select)
    hosts = _hosts(record[0] for record in records)
    return [SessionRow(**record._asdict(), hosts=tuple(hosts[record[0]])) for record in records]


def _hosts(session_ids: Iterable[int]) -> dict[int, list[HostRow]]:
    select = (
        sa.select(SessionHost.session_id, Person.id, Person.first_name, Person.last_name, SessionHost.is_absent)
        .join(Person, Person.id == SessionHost.person_id)
        .where(SessionHost.session_id.in_(list(session_ids)))
        .order_by(Person.search_name, Person.id)
    )
    found: dict[int, list[HostRow]] = defaultdict(list)
    for session_id, person_id, first_name, last_name, is_absent in read(select):
        found[session_id].append(HostRow(person_id, f"{first_name} {last_name}", is_absent))
    return found
