"""Who holds a session: expected, absent, departed; and who then holds the calls that they held."""

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa
import structlog

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.audit import operations as audit
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.juri_ptce import mails, perms
from helpdesk.juri_ptce.enums import AppointmentStatus
from helpdesk.juri_ptce.models import Appointment, Attendance, JuriSession, SessionHost, Slot
from helpdesk.juri_ptce.operations import places
from helpdesk.juri_ptce.operations.sessions import begin
from helpdesk.juri_ptce.queries import appointments as queries

log = structlog.get_logger(__name__)

BATCH = 200
NOBODY = "Choisissez dans la liste : une de ces personnes ne tient pas de séance."
NOT_HOST = "Cochez d’abord cette personne parmi celles qui tiennent la séance."


def set_hosts(
    actor: Person,
    session: JuriSession,
    *,
    hosts: Collection[int],
    absent: Collection[int] = (),
    seen_version: int | None = None,
) -> None:
    """Say who holds a session, and who of them will not be there in the end.

    The calls of whoever is no longer there go to another of those present, else the lead is told; those that had
    nobody get somebody. Anybody held by the pole may be a host, and any jurist of the partner network.

    :raises NotAllowed: for anybody but the pole.
    :raises BadInput: for somebody who holds no session (field « hosts »), or is absent without being expected.
    :raises Conflict: if it changed since *seen_version*, or is over.
    """
    with transaction():
        begin(actor, session, seen_version, is_fine_under_way=True)
        kept = {host.person_id: host for host in session.hosts}
        _check_people(set(hosts), kept)
        if not set(absent) <= set(hosts):
            raise BadInput(NOT_HOST, field="absent")
        before = {person_id for person_id, host in kept.items() if not host.is_absent}
        for person_id in set(hosts) - set(kept):
            session.hosts.append(SessionHost(person_id=person_id))
        session.hosts[:] = [host for host in session.hosts if host.person_id in hosts]
        for host in session.hosts:
            host.is_absent = host.person_id in absent
        db.session.flush()
        present = set(hosts) - set(absent)
        _settle(session, gone=before - present)
        audit.record(actor, "session.hosted", "juri_session", session.id, hosts=len(hosts), absent=len(absent))


def _check_people(wanted: set[int], kept: Collection[int]) -> None:
    """Whoever is a host already may stay one; the departed leave by the clock."""
    added = wanted - set(kept)
    people = db.session.scalars(sa.select(Person).where(Person.id.in_(added))).all() if added else ()
    if {person.id for person in people if perms.is_host_to_be(person)} != added:
        raise BadInput(NOBODY, field="hosts")


def _settle(session: JuriSession, gone: Collection[int]) -> None:
    """Have every call to come of a locked session held by somebody present."""
    now = clock.now()
    calls = [one for one in queries.of_session(session.id) if one.status in queries.ACTIVE and one.slot.ends_at > now]
    places.lock_appointments(calls)
    for appointment in calls:
        settle_call(appointment, gone)


def settle_call(appointment: Appointment, gone: Collection[int]) -> None:
    """Take the people *gone* from a locked call; when nobody is left, give it to another host of its session.

    Whoever leaves gets a CANCEL; with somebody new everyone gets the invitation again; with nobody the lead is
    told. A call that is not confirmed invited no jurist yet: nobody is told.
    """
    left = [one.person for one in appointment.attendances if one.person_id in gone]
    for person in left:
        places.drop_host(appointment, person)
    session = appointment.slot.session
    is_given = not appointment.attendances and session is not None and _give(session, appointment, gone)
    if appointment.status is not AppointmentStatus.CONFIRMED:
        return
    for person in left:
        mails.uninvited(appointment, person.id)
    if is_given:
        appointment.sequence += 1
        mails.changed(appointment)
    elif left and not appointment.attendances:
        mails.unhosted(appointment)


def _give(session: JuriSession, appointment: Appointment, gone: Collection[int]) -> bool:
    candidates = [person for person in places.hosts_for(session, appointment.ticket) if person.id not in gone]
    return any(places.add_host(appointment, person) for person in candidates)


def free_departed() -> int:
    """Take the people who no longer hold sessions from those to come and their calls; returns how many left.

    A departure, a role that ended, an account that was closed: nobody does it by hand.
    """
    ids = db.session.scalars(_expected().limit(BATCH)).all()
    people = db.session.scalars(sa.select(Person).where(Person.id.in_(ids))).all()
    departed = [person for person in people if not perms.is_host_to_be(person)]
    db.session.commit()
    for person in departed:
        _free(person)
    return len(departed)


def _expected() -> sa.Select[int]:
    """Whoever is expected in a session or a call to come."""
    now = clock.now()
    hosting = (
        sa.select(SessionHost.person_id)
        .join(JuriSession, JuriSession.id == SessionHost.session_id)
        .where(JuriSession.ends_at > now)
    )
    attending = sa.select(Attendance.person_id).where(Attendance.is_occupying, Attendance.starts_at > now)
    return sa.select(Person.id).where(Person.id.in_(sa.union(hosting, attending))).order_by(Person.id)


def _free(person: Person) -> None:
    with transaction():
        calls = _calls_to_come(person.id)
        sessions = _sessions_of(person.id)
        places.lock_sessions([*sessions, *(one.slot.session_id for one in calls)])
        _remove_host(person.id, sessions)
        places.lock_appointments(calls)
        for appointment in calls:
            if appointment.status in queries.ACTIVE:
                settle_call(appointment, {person.id})
        audit.record(None, "session.freed", "person", person.id, sessions=len(sessions), calls=len(calls))
    log.info("host_departed", person_id=person.id, sessions=len(sessions), calls=len(calls))


def _calls_to_come(person_id: int) -> Sequence[Appointment]:
    select = (
        sa.select(Appointment)
        .join(Attendance, Attendance.appointment_id == Appointment.id)
        .join(Slot, Slot.id == Appointment.slot_id)
        .where(Attendance.person_id == person_id, Slot.starts_at > clock.now(), Appointment.status.in_(queries.ACTIVE))
        .order_by(Appointment.id)
    )
    return db.session.scalars(select.limit(BATCH)).all()


def _sessions_of(person_id: int) -> Sequence[int]:
    select = sa.select(JuriSession.id).join(SessionHost).where(SessionHost.person_id == person_id)
    return db.session.scalars(select.where(JuriSession.ends_at > clock.now()).order_by(JuriSession.id)).all()


def _remove_host(person_id: int, session_ids: Iterable[int]) -> None:
    rows = sa.select(SessionHost).where(
        SessionHost.person_id == person_id, SessionHost.session_id.in_(list(session_ids))
    )
    for host in db.session.scalars(rows):
        db.session.delete(host)
    db.session.flush()
