"""Who is told what about a session, an appointment or a part. Called by the operations, inside their transaction.

No mail and no invitation says anything of a question but its reference. Whoever was invited to a call gets each of its
changes and its end, once, whatever became of their rights meanwhile: see :mod:`helpdesk.juri_ptce.inviting`.
``docs/courriels.md`` lists every notice.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind, Role
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.formats import count, date_time_text, long_date_text
from helpdesk.juri_ptce import invitations, inviting, links, perms
from helpdesk.juri_ptce.deadlines import is_too_late_for_ptce
from helpdesk.juri_ptce.enums import AppointmentStatus, PartSide
from helpdesk.juri_ptce.links import Purpose
from helpdesk.juri_ptce.models import Appointment, CallOffer, JuriSession, QuestionPart, WaitingEntry
from helpdesk.juri_ptce.wording import local_text
from helpdesk.mail.enums import Notice
from helpdesk.mail.operations import queue, withdraw_outdated
from helpdesk.mail.rendering import CalendarPart, link
from helpdesk.mail.wording import header_text, quoted, title
from helpdesk.months import MONTHS
from helpdesk.tickets.enums import OPEN_STATUSES, Urgency
from helpdesk.tickets.mails import holding, structure_people, triage_people
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.perms import can_view

OF_A_CALL = (Notice.JURI_BOOKED, Notice.JURI_CHANGED, Notice.JURI_REMINDER, Notice.JURI_TO_CONFIRM)
"""What another mail about the same call says better, when it has not left yet."""

# --- To the PTCE and to those who were invited -------------------------------------------------------------


def call_offered(offer: CallOffer) -> None:
    """A jurist proposes a call: the asker chooses a slot."""
    ticket = offer.ticket
    subject = f"Un échange vous est proposé : question {ticket.reference}"
    _tell(
        Notice.JURI_CALL_OFFERED,
        structure_people(ticket),
        subject,
        ticket=ticket,
        medium=offer.medium.label.lower(),
        has_note=bool(offer.note),
        link=link(_choose(ticket)),
    )


def booked(appointment: Appointment) -> None:
    """An appointment stands. Requested: the PTCE alone; confirmed: the jurists who attend too, with the invitation."""
    _withdraw_outdated(appointment)
    is_confirmed = appointment.status is AppointmentStatus.CONFIRMED
    for person in _concerned(appointment) if is_confirmed else _guests(appointment):
        _tell_call(Notice.JURI_BOOKED, appointment, person, calendar=inviting.invite(appointment, person))


def changed(appointment: Appointment) -> None:
    """The same call at another time, by another means or with another jurist: everyone who attends, and the end of it
    for who was invited and does not attend any more.
    """
    _withdraw_outdated(appointment)
    concerned, was_invited = _concerned(appointment), {row.person_id for row in inviting.invited(appointment)}
    is_confirmed = appointment.status is AppointmentStatus.CONFIRMED
    for person in concerned if is_confirmed else _guests(appointment):
        is_new = is_confirmed and person.id not in was_invited
        notice = Notice.JURI_BOOKED if is_new else Notice.JURI_CHANGED
        _tell_call(notice, appointment, person, calendar=inviting.invite(appointment, person))
    for person_id in sorted(was_invited - {person.id for person in concerned}):
        uninvited(appointment, person_id)


def cancelled(appointment: Appointment) -> None:
    """The end of the call, once, to everyone who was invited and to the PTCE; cancelled by the service, the PTCE also
    reads its choices: the written track, which goes on by itself, or the next session.
    """
    _withdraw_outdated(appointment)
    rows = {row.person_id: row for row in inviting.invited(appointment)}
    invited = [db.session.get_one(Person, person_id) for person_id in sorted(rows)]
    is_by_service = appointment.status is AppointmentStatus.CANCELLED_BY_SERVICE
    for person in _once([*_guests(appointment), *invited]):
        _tell_call(
            Notice.JURI_CANCELLED,
            appointment,
            person,
            calendar=inviting.uninvite(appointment, person, rows.get(person.id)),
            is_by_service=is_by_service,
            reason=quoted(appointment.cancelled_reason) if is_by_service else "",
            stands=False,
        )


def uninvited(appointment: Appointment, person_id: int) -> None:
    """The end of a call that stands, for somebody who no longer attends it; nothing for who was never invited."""
    row = next((row for row in inviting.invited(appointment) if row.person_id == person_id), None)
    if row is None:
        return
    withdraw_outdated(appointment.ticket_id, OF_A_CALL, person_id)
    person = db.session.get_one(Person, person_id)
    calendar = inviting.uninvite(appointment, person, row)
    _tell_call(
        Notice.JURI_CANCELLED, appointment, person, calendar=calendar, is_by_service=True, reason="", stands=True
    )


def reminder(appointment: Appointment, *, is_last: bool) -> None:
    """Two days before, or two hours before when *is_last*: the PTCE and the jurists who attend."""
    for person in _concerned(appointment):
        _tell_call(Notice.JURI_REMINDER, appointment, person, is_last=is_last)


def place_offered(entry: WaitingEntry) -> None:
    """A place is free: the next of the waiting list, until when, with a link to take it."""
    appointment = entry.appointment
    if appointment is None or appointment.expires_at is None:
        return
    withdraw_outdated(entry.ticket_id, (Notice.JURI_PLACE_OFFERED,))
    when, act = invitations.when(appointment), {"id": entry.id, "sequence": appointment.sequence}
    for person in [entry.person] if can_view(entry.person, entry.ticket) else structure_people(entry.ticket):
        _tell(
            Notice.JURI_PLACE_OFFERED,
            [person],
            f"Une place s’est libérée : {when}",
            ticket=entry.ticket,
            expires_at=appointment.expires_at,
            when=when,
            until=_until(appointment.expires_at, appointment),
            link=links.make(Purpose.ACCEPT, **act, person_id=person.id),
            decline=links.make(Purpose.DECLINE, **act, person_id=person.id),
        )


def awaited_session_cancelled(entry: WaitingEntry) -> None:
    """The session whose places somebody waited for is cancelled: the same choices as for whoever had one."""
    withdraw_outdated(entry.ticket_id, (Notice.JURI_PLACE_OFFERED,))
    ticket, day = entry.ticket, long_date_text(entry.session.starts_at)
    _tell(
        Notice.JURI_CANCELLED,
        [entry.person] if can_view(entry.person, ticket) else structure_people(ticket),
        f"Permanence Juri-PTCE : séance annulée, {day}",
        ticket=ticket,
        is_awaited=True,
        is_host=False,
        is_by_service=True,
        is_open=ticket.status in OPEN_STATUSES,
        stands=False,
        when=day,
        reason=quoted(entry.session.cancelled_reason),
        can_choose=_can_choose(ticket),
        link=link(_choose(ticket) if _can_choose(ticket) else f"/questions/{ticket.reference}"),
    )


# --- To those who hold the sessions and to the staff -------------------------------------------------------


def to_confirm(appointment: Appointment) -> None:
    """A PTCE asks for a slot that nobody had offered: the hosts of the session, or the pole."""
    session = appointment.slot.session
    hosts = session.present if session else []
    able = _able(hosts, appointment) or _able(holding(Role.JURIST, Role.LEAD), appointment)
    _tell_staff(Notice.JURI_TO_CONFIRM, appointment, able, "À confirmer")


def unhosted(appointment: Appointment) -> None:
    """A confirmed call has no jurist any more: the lead and the other hosts; where none may see it, the pole."""
    session = appointment.slot.session
    hosts = session.present if session else []
    able = _able([*holding(Role.LEAD), *hosts], appointment)
    people = able or _able(holding(Role.JURIST), appointment)
    _tell_staff(Notice.JURI_UNHOSTED, appointment, people, "Sans juriste")


def account_due(appointment: Appointment) -> bool:
    """The written account of a held call is late, or nobody has said whether a call took place: its jurists, or the
    lead. False: nobody to tell.
    """
    is_untold = appointment.status is AppointmentStatus.CONFIRMED
    attendants = [row.person for row in appointment.attendances]
    able = _able(attendants, appointment) or _able(holding(Role.LEAD), appointment)
    _tell_staff(
        Notice.JURI_ACCOUNT_DUE,
        appointment,
        able,
        "Rendez-vous à noter" if is_untold else "Compte rendu à écrire",
        can_wait=True,
        is_untold=is_untold,
        due=long_date_text(appointment.account_due_on) if appointment.account_due_on else "",
        link=link(f"/juri-ptce/rendez-vous/{appointment.id}/{'preparer' if is_untold else 'compte-rendu'}"),
    )
    return bool(able)


def to_vouch(ticket: Ticket) -> None:
    """A PTCE that nothing entitles to a call asked a question: its delegation may vouch for it."""
    name = "" if ticket.is_sensitive else title(ticket.organisation.name)
    people = [person for person in triage_people(ticket) if perms.can_vouch(person, ticket.organisation)]
    _tell(
        Notice.JURI_TO_VOUCH,
        people,
        f"PTCE à vérifier : {name or ticket.reference}",
        ticket=ticket,
        can_wait=True,
        name=name,
        link=link(f"/questions/{ticket.reference}"),
    )


def to_decide(session: JuriSession) -> None:
    """A session of the coming months falls on a day to decide: the lead."""
    month = f"{MONTHS[session.month_on.month - 1]} {session.month_on.year}"
    _tell(
        Notice.JURI_TO_DECIDE,
        holding(Role.LEAD),
        f"Séance à décider : {month}",
        can_wait=True,
        day=long_date_text(session.starts_at),
        problem=session.problem.label.lower() if session.problem else "",
        link=link(f"/juri-ptce/seances/{session.id}/modifier"),
    )


def part_given(part: QuestionPart) -> None:
    """A part of a question waits for an answer: who answers it, or every partner jurist for a part of RTES."""
    if part.answerer is not None:
        people = [part.answerer]
    else:
        people = holding(Role.PARTNER_JURIST) if part.side is PartSide.RTES else []
    _tell_parts(
        part.ticket,
        [person for person in people if perms.can_read_part(person, part, (part,))],
        f"Un volet vous attend : question {part.ticket.reference}",
        f"/juri-ptce/volets/{part.ticket.reference}/{part.side.value}",
        are_approved=False,
    )


def parts_approved(parts: list[QuestionPart]) -> None:
    """Both visas are given: the federation's jurist may send the answer."""
    ours = next(part for part in parts if part.side is PartSide.FEDERATION)
    jurist = ours.answerer or ours.ticket.jurist
    _tell_parts(
        ours.ticket,
        [jurist] if jurist and can_view(jurist, ours.ticket) else holding(Role.LEAD),
        f"Réponse commune à envoyer : question {ours.ticket.reference}",
        f"/questions/{ours.ticket.reference}",
        are_approved=True,
    )


# --- Recipients --------------------------------------------------------------------------------------------


def _guests(appointment: Appointment) -> list[Person]:
    """The PTCE's side: who booked; where they may no longer see the question, those who stand in for them."""
    person = appointment.booked_by
    if _is_given_away(appointment):
        return [person] if person is not None else []
    if person is not None and can_view(person, appointment.ticket):
        return [person]
    return structure_people(appointment.ticket)


def _is_given_away(appointment: Appointment) -> bool:
    """Whether the question was given to another structure, whose people have nothing to do with this call."""
    return appointment.organisation_id != appointment.ticket.organisation_id


def _concerned(appointment: Appointment) -> list[Person]:
    """The PTCE's side and the jurists who attend, each once."""
    return _once([*_guests(appointment), *(row.person for row in appointment.attendances)])


def _able(people: Iterable[Person], appointment: Appointment) -> list[Person]:
    """Those of the pole who may prepare the call; a partner jurist neither confirms nor writes the account."""
    return [person for person in _once(people) if perms.can_prepare(person, appointment)]


def _once(people: Iterable[Person]) -> list[Person]:
    return list({person.id: person for person in people}.values())


def _withdraw_outdated(appointment: Appointment) -> None:
    withdraw_outdated(appointment.ticket_id, (*OF_A_CALL, Notice.JURI_PLACE_OFFERED))


# --- Writing -----------------------------------------------------------------------------------------------

_SUBJECTS = {
    Notice.JURI_BOOKED: "rendez-vous du",
    Notice.JURI_CHANGED: "rendez-vous modifié,",
    Notice.JURI_CANCELLED: "rendez-vous annulé,",
    Notice.JURI_REMINDER: "rappel du rendez-vous du",
}


def _tell_call(
    notice: Notice, appointment: Appointment, person: Person, *, calendar: CalendarPart | None = None, **context: Any
) -> None:
    """A mail about the call itself, as somebody of the PTCE or a jurist reads it."""
    is_host = perms.is_host_to_be(person)
    is_over = notice is Notice.JURI_CANCELLED
    _tell(
        notice,
        [person],
        _subject(notice, appointment, stands=context.get("stands", False)),
        ticket=appointment.ticket,
        calendar=calendar,
        # Its links act without a password, and after the call it is of no use.
        expires_at=None if is_over else appointment.slot.ends_at,
        is_host=is_host,
        link=_link_of(appointment, person, is_over=is_over),
        **_facts(appointment, person, is_host=is_host),
        **context,
    )


def _subject(notice: Notice, appointment: Appointment, *, stands: bool) -> str:
    words = _SUBJECTS[notice]
    if notice is Notice.JURI_BOOKED and appointment.status is AppointmentStatus.REQUESTED:
        words = "demande de rendez-vous du"
    if stands:
        words = "vous ne tenez plus le rendez-vous du"
    return f"{invitations.series(appointment)} : {words} {invitations.when(appointment)}"


def _facts(appointment: Appointment, person: Person, *, is_host: bool) -> dict[str, Any]:
    slot, ticket = appointment.slot, appointment.ticket
    hosts = [] if is_host or ticket.is_sensitive else [row.person.full_name for row in appointment.attendances]
    can_change = not is_host and not is_too_late_for_ptce(slot.starts_at, clock.now())
    act = {"id": appointment.id, "sequence": appointment.sequence, "person_id": person.id}
    return {
        "is_confirmed": appointment.status is AppointmentStatus.CONFIRMED,
        "is_open": ticket.status in OPEN_STATUSES,
        "can_choose": _can_choose(ticket),
        "is_given_away": _is_given_away(appointment),
        "when": invitations.when(appointment),
        "minutes": count((slot.ends_at - slot.starts_at) // timedelta(minutes=1), "minute"),
        "phone": header_text(appointment.phone),
        "video": invitations.video_link(appointment),
        "hosts": " et ".join(header_text(name) for name in hosts),
        "move": links.make(Purpose.MOVE, **act) if can_change else "",
        "cancel": links.make(Purpose.CANCEL, **act) if can_change else "",
    }


def _link_of(appointment: Appointment, person: Person, *, is_over: bool) -> str:
    if not is_over:
        return link(invitations.page_of(appointment, person))
    if not perms.is_host_to_be(person):
        ticket = appointment.ticket
        if _is_given_away(appointment):
            return link("/juri-ptce")
        return link(_choose(ticket) if _can_choose(ticket) else f"/questions/{ticket.reference}")
    session_id = appointment.slot.session_id
    return link(f"/juri-ptce/seances/{session_id}" if session_id else "/juri-ptce/seances")


def _can_choose(ticket: Ticket) -> bool:
    """Whether the asker may take another slot: an emergency call is for any structure, a session for PTCE."""
    return ticket.status in OPEN_STATUSES and ticket.organisation.kind is OrganisationKind.PTCE


def _choose(ticket: Ticket) -> str:
    return f"/juri-ptce/questions/{ticket.reference}/creneau"


def _until(at: datetime, appointment: Appointment) -> str:
    """« lundi 1er mars 2027 à 10 h (13 h à La Réunion) »."""
    local = local_text(at, invitations.place_of(appointment))
    return f"{date_time_text(at)} ({local})" if local else date_time_text(at)


def _tell_staff(
    notice: Notice, appointment: Appointment, people: Iterable[Person], subject: str, **context: Any
) -> None:
    """A mail about what the staff has to do for a call."""
    context = {"link": link(f"/juri-ptce/rendez-vous/{appointment.id}/preparer"), **context}
    when = invitations.when(appointment)
    _tell(notice, people, f"{subject} : rendez-vous du {when}", ticket=appointment.ticket, when=when, **context)


def _tell_parts(ticket: Ticket, people: Iterable[Person], subject: str, path: str, *, are_approved: bool) -> None:
    _tell(Notice.JURI_PART, people, subject, ticket=ticket, can_wait=True, are_approved=are_approved, link=link(path))


def _tell(
    notice: Notice,
    people: Iterable[Person],
    subject: str,
    *,
    ticket: Ticket | None = None,
    can_wait: bool = False,
    expires_at: datetime | None = None,
    calendar: CalendarPart | None = None,
    **context: Any,
) -> None:
    for person in people:
        queue(
            notice,
            person,
            subject=subject,
            template=notice.value,
            context={"reference": ticket.reference if ticket else "", **context},
            ticket_id=ticket.id if ticket else None,
            can_wait=can_wait and (ticket is None or ticket.urgency < Urgency.URGENT),
            expires_at=expires_at,
            calendar=calendar,
        )
