"""The calendar of the sessions: made ahead by the clock, decided, moved and cancelled by the pole.

Rows are locked in the order of :mod:`helpdesk.juri_ptce.operations.places`: the session, its slots, its
appointments. A booking that began before is seen here; one that begins after sees what was decided.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.audit import operations as audit
from helpdesk.db import db, insert, transaction
from helpdesk.errors import BadInput, Conflict, InvalidTransition
from helpdesk.formats import clock_text, day_text, long_date_text
from helpdesk.juri_ptce import calendar, deadlines, mails, perms
from helpdesk.juri_ptce.enums import QUEUED, AppointmentStatus, SessionStatus, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, Attendance, CallOffer, JuriSession, Slot, WaitingEntry
from helpdesk.juri_ptce.operations import booking, places
from helpdesk.juri_ptce.queries import appointments as queries
from helpdesk.reference.holidays import is_holiday
from helpdesk.settings import juri_time
from helpdesk.tickets import texts
from helpdesk.tickets.enums import EventKind
from helpdesk.tickets.operations.history import require, settings

CHANGED = "Cette séance a changé pendant que vous écriviez. Votre texte est gardé : vérifiez, puis recommencez."
PAST = "Cette séance a commencé ou est passée : elle ne peut plus changer."
PLACE_MAX_CHARS = 200
LINK_MAX_CHARS = 300
LATEST_MOVE = timedelta(days=366)
_SATURDAY = 5


def make_ahead() -> int:
    """Make the sessions of the coming months that are missing; a month that has one, whatever its state, is left alone.

    Two workers at once make each once. Returns how many were made.
    """
    months = calendar.months_from(clock.today(), settings().juri_months_ahead)
    days = (calendar.first_tuesday(month.year, month.month) for month in months)
    return sum(_make(day) for day in days if day > clock.today())


def _make(day: date) -> bool:
    times = calendar.slot_times(day, _hours())
    problem = calendar.problem_of(day)
    values = {
        "version": 1,
        "month_on": day.replace(day=1),
        "starts_at": times[0][0],
        "ends_at": times[-1][1],
        "status": SessionStatus.PROPOSED if problem else SessionStatus.SCHEDULED,
        "problem": problem,
        "cut_off_at": _cut_off(times[0][0]),
        "place": "",
        "video_link": "",
        "cancelled_reason": "",
        "created_at": clock.now(),
    }
    statement = insert(JuriSession).values(values).on_conflict_do_nothing(index_elements=["month_on"])
    with transaction():
        session_id = db.session.scalar(statement.returning(JuriSession.id))
        if session_id is None:
            return False
        seats = settings().juri_seats
        db.session.add_all(
            Slot(session_id=session_id, starts_at=start, ends_at=end, seats=seats) for start, end in times
        )
        audit.record(None, "session.made", "juri_session", session_id, on=day, problem=problem)
        if problem is not None:
            mails.to_decide(db.session.get_one(JuriSession, session_id))
    return True


def _hours() -> calendar.Hours:
    """The hours in force for the sessions to be made."""
    now = settings()
    return calendar.Hours(
        start=juri_time("JURI_SESSION_START", now.juri_session_start),
        end=juri_time("JURI_SESSION_END", now.juri_session_end),
        slot_minutes=now.juri_slot_minutes,
        buffer_minutes=now.juri_buffer_minutes,
    )


def _cut_off(starts_at: datetime) -> datetime:
    now = settings()
    return calendar.cut_off(starts_at, now.juri_cut_off_working_days, now.pole_closing_days)


# --- decisions


def open_session(actor: Person, session: JuriSession, *, seen_version: int | None = None) -> None:
    """Open a session on its day all the same; also one that was cancelled, whose appointments stay cancelled.

    :raises NotAllowed: for anybody but the pole.
    :raises Conflict: if it changed since *seen_version*, has begun, or is open already.
    """
    with transaction():
        begin(actor, session, seen_version)
        if session.status is SessionStatus.SCHEDULED:
            raise InvalidTransition("Cette séance est déjà ouverte.")
        session.status, session.cancelled_at, session.cancelled_reason = SessionStatus.SCHEDULED, None, ""
        audit.record(actor, "session.opened", "juri_session", session.id)


def move_session(actor: Person, session: JuriSession, day: date, *, seen_version: int | None = None) -> int:
    """Hold a session on another *day*, at the same hours in Paris, and open it; returns how many calls moved with it.

    Everyone who was invited to a call gets its new time; whoever may not come cancels or moves from there.

    :raises NotAllowed: for anybody but the pole.
    :raises BadInput: for a day on which nobody works, in the past or too far, that has a session, or on which a
        jurist of a call is taken.
    :raises Conflict: if it changed since *seen_version*, has begun, or is cancelled.
    """
    with transaction():
        begin(actor, session, seen_version)
        if session.status is SessionStatus.CANCELLED:
            raise InvalidTransition("Cette séance est annulée. Rouvrez-la, puis déplacez-la.")
        _check_day(session, day)
        before = calendar.paris_day(session.starts_at)
        slots, appointments = _locked_rows(session)
        _check_free(appointments, day)
        _shift(session, slots, day)
        session.status = SessionStatus.SCHEDULED
        for appointment in appointments:
            _shift_call(actor, appointment)
        audit.record(actor, "session.moved", "juri_session", session.id, from_on=before, to_on=day)
    return len(appointments)


def cancel_session(actor: Person, session: JuriSession, *, reason: str = "", seen_version: int | None = None) -> int:
    """Cancel a session; returns how many calls were cancelled with it.

    Each gets one CANCEL and the choice: the written track, which goes on, or the next session. Whoever waited for
    its places is told the same.

    :raises NotAllowed: for anybody but the pole.
    :raises BadInput: without a reason, when somebody is booked: it is written to them.
    :raises Conflict: if it changed since *seen_version*, has begun, or is cancelled already.
    """
    with transaction():
        begin(actor, session, seen_version)
        if session.status is SessionStatus.CANCELLED:
            raise InvalidTransition("Cette séance est déjà annulée.")
        words = texts.clean_line(reason, field="reason", max_chars=places.REASON_MAX_CHARS)
        _, appointments = _locked_rows(session)
        if appointments and not words:
            raise BadInput("Dites pourquoi : la phrase est écrite aux PTCE inscrits.", field="reason")
        session.status, session.cancelled_at, session.cancelled_reason = SessionStatus.CANCELLED, clock.now(), words
        db.session.flush()
        _leave_waiting(session)
        booking.cancel_by_service(appointments, reason=words, actor=actor)
        _free_offers(session)
        audit.record(actor, "session.cancelled", "juri_session", session.id)
    return len(appointments)


def set_place(
    actor: Person, session: JuriSession, *, place: str, video_link: str, seen_version: int | None = None
) -> None:
    """Say where the session is held and, when every video call shares one link, which.

    A call that has a link already keeps it: it was sent with the invitation.

    :raises NotAllowed: for anybody but the pole.
    :raises BadInput: for a link that is not https.
    :raises Conflict: if it changed since *seen_version*, or is over.
    """
    with transaction():
        begin(actor, session, seen_version, is_fine_under_way=True)
        session.place = texts.clean_line(place, field="place", max_chars=PLACE_MAX_CHARS)
        session.video_link = checked_link(video_link)
        audit.record(actor, "session.placed", "juri_session", session.id)


def checked_link(typed: str) -> str:
    """A link of a video call as typed; empty: none.

    :raises BadInput: for anything but the whole address of a page in https (field « video_link »).
    """
    link = texts.clean_line(typed, field="video_link", max_chars=LINK_MAX_CHARS)
    if not link:
        return ""
    message = "Écrivez une adresse complète qui commence par https://, ou laissez vide."
    try:
        parts = urlsplit(link)
        is_whole = parts.scheme == "https" and bool(parts.hostname) and not parts.username and " " not in link
    except ValueError:
        is_whole = False
    if not is_whole:
        raise BadInput(message, field="video_link")
    return link


# --- what they share


def begin(actor: Person, session: JuriSession, seen_version: int | None, *, is_fine_under_way: bool = False) -> None:
    """Lock a session for whoever may manage it, as it stands now.

    :raises NotAllowed: for anybody but the pole.
    :raises Conflict: if it changed since *seen_version*, or has begun; is over, where it *is_fine_under_way*.
    """
    require(perms.can_manage_sessions(actor))
    places.lock_sessions([session.id])
    if seen_version is not None and session.version != seen_version:
        raise Conflict(CHANGED)
    if (session.ends_at if is_fine_under_way else session.starts_at) <= clock.now():
        raise Conflict(PAST)
    flag_modified(session, "place")  # hosts and slots are of the session too: one more version


def _locked_rows(session: JuriSession) -> tuple[list[Slot], list[Appointment]]:
    """The slots of a locked session and what is booked in them, locked too."""
    ids = db.session.scalars(sa.select(Slot.id).where(Slot.session_id == session.id)).all()
    slots = list(places.lock_slots(ids).values())
    booked = [one for one in queries.of_session(session.id) if one.status in queries.ACTIVE]
    places.lock_appointments(booked)
    return slots, booked


def _check_day(session: JuriSession, day: date) -> None:
    today = clock.today()
    if not today < day <= today + LATEST_MOVE:
        raise BadInput("Choisissez un jour à venir, dans l’année.", field="day")
    if day == calendar.paris_day(session.starts_at):
        raise BadInput("La séance est déjà ce jour-là. Choisissez un autre jour, ou ouvrez-la.", field="day")
    if day.weekday() >= _SATURDAY or is_holiday(day) or day in settings().pole_closing_days:
        raise BadInput(f"Le {long_date_text(day)} n’est pas un jour travaillé. Choisissez-en un autre.", field="day")
    start = calendar.moved_to(day, session.starts_at)
    same_day = sa.select(JuriSession.id).where(
        JuriSession.id != session.id,
        JuriSession.status != SessionStatus.CANCELLED,
        JuriSession.starts_at >= calendar.day_before(start),
        JuriSession.starts_at < calendar.day_before(start + timedelta(days=1)),
    )
    if db.session.scalar(same_day.limit(1)) is not None:
        raise BadInput(f"Une séance est déjà prévue le {day_text(day)}. Choisissez un autre jour.", field="day")


def _check_free(appointments: Sequence[Appointment], day: date) -> None:
    """:raises BadInput: naming the jurist of a call who is taken on *day* by a call outside the session."""
    own = [appointment.id for appointment in appointments]
    attended = [attendance for appointment in appointments for attendance in appointment.attendances]
    places.lock_times()
    for attendance in attended:
        starts_at = calendar.moved_to(day, attendance.starts_at)
        ends_at = starts_at + (attendance.ends_at - attendance.starts_at)
        taken = sa.select(Attendance.starts_at).where(
            Attendance.person_id == attendance.person_id,
            Attendance.is_occupying,
            Attendance.appointment_id.not_in(own),
            Attendance.starts_at < ends_at,
            Attendance.ends_at > starts_at,
        )
        at = db.session.scalar(taken.limit(1))
        if at is not None:
            raise BadInput(
                f"{attendance.person.full_name} a déjà un rendez-vous ce jour-là à {clock_text(at)}. "
                "Choisissez un autre jour, ou marquez d’abord son absence.",
                field="day",
            )


def _shift(session: JuriSession, slots: Sequence[Slot], day: date) -> None:
    rows: list[JuriSession | Slot] = [session, *slots]
    for row in rows:
        length = row.ends_at - row.starts_at
        row.starts_at = calendar.moved_to(day, row.starts_at)
        row.ends_at = row.starts_at + length
    session.cut_off_at = _cut_off(session.starts_at)


def _shift_call(actor: Person, appointment: Appointment) -> None:
    """The same call at the new time of its slot: one more in its sequence, reminders anew, everyone told."""
    slot = appointment.slot
    for attendance in appointment.attendances:
        attendance.starts_at, attendance.ends_at = slot.starts_at, slot.ends_at
    appointment.sequence += 1
    appointment.days_reminded_at = appointment.hours_reminded_at = None
    if appointment.status is AppointmentStatus.OFFERED:
        _renew_offer(appointment)
        return
    db.session.flush()
    places.note(appointment, EventKind.CALL_MOVED, actor)
    mails.changed(appointment)


def _renew_offer(appointment: Appointment) -> None:
    """Somebody on the waiting list holds it: until when, again, with links of the new sequence."""
    now = clock.now()
    latest = deadlines.offer_ends_at(appointment.slot.starts_at, now, settings().juri_offer_hours)
    appointment.expires_at = min(appointment.expires_at or now, latest or now)
    db.session.flush()
    entry = db.session.scalar(sa.select(WaitingEntry).where(WaitingEntry.appointment_id == appointment.id))
    if entry is not None and latest is not None:
        mails.place_offered(entry)


def _leave_waiting(session: JuriSession) -> None:
    """Nobody waits for it any more, and each is told; a place offered is taken back with the other calls."""
    queued = (WaitingEntry.session_id == session.id, WaitingEntry.status.in_(QUEUED))
    for entry in db.session.scalars(sa.select(WaitingEntry).where(*queued).order_by(WaitingEntry.id)).all():
        entry.status = WaitingStatus.LEFT
        mails.awaited_session_cancelled(entry)


def _free_offers(session: JuriSession) -> None:
    """A call offered for that session alone may now be in any other."""
    for offer in db.session.scalars(sa.select(CallOffer).where(CallOffer.session_id == session.id)):
        offer.session_id = None
