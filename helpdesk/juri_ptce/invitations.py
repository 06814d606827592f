"""Calendar files: the invitation to a call, its changes and its end, and the feed of a jurist.

Times are UTC, with the local ones in the text: for a single event nothing depends on a reader's table of time zones.
Nothing of the question stands in a file, nor whose call it is: a calendar is shared with assistants and colleagues.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from flask import current_app
from icalendar import Calendar, Event, vCalAddress

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.formats import NBSP, french_text
from helpdesk.juri_ptce import links, perms
from helpdesk.juri_ptce.deadlines import is_too_late_for_ptce
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium
from helpdesk.juri_ptce.links import Purpose
from helpdesk.juri_ptce.models import Appointment, Invitation, JuriSession
from helpdesk.juri_ptce.wording import when_text
from helpdesk.mail.enums import CalendarMethod
from helpdesk.mail.rendering import link
from helpdesk.mail.wording import header_text
from helpdesk.reference import get_reference
from helpdesk.reference.types import Departement
from helpdesk.settings import Settings

PRODUCT = "-//Appui juridique//Juri-PTCE//FR"
FEED_NAME = "Juri-PTCE"
FEED_CALL = "RDV juridique"
FEED_SESSION = "Permanence juridique"
FEED_REFRESH = timedelta(hours=1)


def request(appointment: Appointment, attendee: Person, *, sequence: int | None = None) -> bytes:
    """The invitation of one person to a call as it stands now; a change is the same with a greater *sequence*.

    :param sequence: what the reader's calendar has not seen yet; by default what it was last told.
    """
    event = _event(appointment, attendee, _known(appointment, attendee) if sequence is None else sequence)
    event.add("status", "CONFIRMED" if appointment.status is AppointmentStatus.CONFIRMED else "TENTATIVE")
    event.add("description", _description(appointment, attendee))
    event.add("location", video_link(appointment) or Medium.PHONE.label)
    event.add("url", link(page_of(appointment, attendee)))
    return _file(CalendarMethod.REQUEST, [event])


def cancel(appointment: Appointment, attendee: Person, *, sequence: int) -> bytes:
    """The end of a call, for one person who was invited to it: both the method and the status say so.

    :param sequence: greater than that of the last invitation.
    """
    event = _event(appointment, attendee, sequence)
    event.add("status", "CANCELLED")
    event.add("description", french_text(f"Annulé : {when(appointment)}."))
    return _file(CalendarMethod.CANCEL, [event])


def feed(appointments: Iterable[Appointment], sessions: Iterable[JuriSession]) -> bytes:
    """The calls and sessions of a jurist, without a name; the same bytes as long as nothing has changed."""
    calendar = _calendar()
    for name in ("name", "x-wr-calname"):
        calendar.add(name, FEED_NAME)
    calendar.add("refresh-interval", FEED_REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for appointment in appointments:
        calendar.add_component(_feed_call(appointment))
    for session in sessions:
        calendar.add_component(_feed_session(session))
    return bytes(calendar.to_ical())


def when(appointment: Appointment) -> str:
    """« mardi 2 mars 2027, 14 h (17 h à La Réunion) »."""
    return when_text(appointment.slot.starts_at, place_of(appointment))


def place_of(appointment: Appointment) -> Departement | None:
    """Where the structure is, whose clock may differ from that of Paris."""
    return get_reference().departements.get(appointment.organisation.departement)


def video_link(appointment: Appointment) -> str:
    """Of a call by video: its own room, or that of the session; empty for a call by phone."""
    if appointment.medium is not Medium.VIDEO:
        return ""
    session = appointment.slot.session
    return appointment.video_link or (session.video_link if session else "")


def page_of(appointment: Appointment, person: Person) -> str:
    """Where *person* reads about the call: its preparation, for who may hold it; the booking, for the PTCE."""
    page = f"/juri-ptce/rendez-vous/{appointment.id}"
    return f"{page}/preparer" if perms.is_host_to_be(person) else page


def series(appointment: Appointment) -> str:
    """What the call belongs to, in a subject or a title: the monthly session, or the service for an urgent call."""
    return "Permanence Juri-PTCE" if appointment.slot.session_id is not None else _settings().service_name


def _event(appointment: Appointment, attendee: Person, sequence: int) -> Event:
    settings = _settings()
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", sequence)
    event.add("dtstamp", clock.now())
    _add_times(event, appointment.slot.starts_at, appointment.slot.ends_at)
    event.add("summary", french_text(f"{series(appointment)} : rendez-vous"))
    # The sender of the mail: some programs show the organiser as the sender, or refuse another one's word.
    event.add("organizer", _address(settings.mail_sender, settings.service_name))
    guest = _address(attendee.email, attendee.full_name)
    guest.params["ROLE"], guest.params["RSVP"] = "REQ-PARTICIPANT", "FALSE"
    event.add("attendee", guest)
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    return event


def _known(appointment: Appointment, attendee: Person) -> int:
    told = db.session.get(Invitation, (appointment.uid, attendee.id))
    return told.sequence if told is not None else appointment.sequence


def _description(appointment: Appointment, attendee: Person) -> str:
    is_host = perms.is_host_to_be(attendee)
    minutes = (appointment.slot.ends_at - appointment.slot.starts_at) // timedelta(minutes=1)
    lines = [f"{when(appointment)} : {minutes}{NBSP}minutes.", _how(appointment, is_host=is_host)]
    if not is_host and perms.can_change_booking(attendee, appointment):
        lines += _ways_out(appointment, attendee)
    return french_text("\n".join(lines))


def _how(appointment: Appointment, *, is_host: bool) -> str:
    if address := video_link(appointment):
        return f"Par visioconférence : {address}"
    if is_host:
        return "Par téléphone : vous appelez. Le numéro est sur la page du rendez-vous."
    number = header_text(appointment.phone)
    return f"Par téléphone : nous vous appelons au {number}." if number else "Par téléphone : nous vous appelons."


def _ways_out(appointment: Appointment, attendee: Person) -> list[str]:
    """For the PTCE: the links that move and cancel the call, until the day before; then, a number to call."""
    settings = _settings()
    if is_too_late_for_ptce(appointment.slot.starts_at, clock.now()):
        return [f"Un empêchement ? Appelez le {settings.service_phone}."]
    move, end = (
        links.make(purpose, id=appointment.id, sequence=appointment.sequence, person_id=attendee.id)
        for purpose in (Purpose.MOVE, Purpose.CANCEL)
    )
    return [f"Déplacer le rendez-vous, jusqu’à la veille : {move}", f"Annuler, jusqu’à la veille : {end}"]


def _feed_call(appointment: Appointment) -> Event:
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.created_at)
    _add_times(event, appointment.slot.starts_at, appointment.slot.ends_at)
    event.add("summary", FEED_CALL)
    is_tentative = appointment.status is AppointmentStatus.REQUESTED
    event.add("status", "TENTATIVE" if is_tentative else "CONFIRMED")
    event.add("url", link(f"/juri-ptce/rendez-vous/{appointment.id}/preparer"))
    event.add("class", "PRIVATE")
    return event


def _feed_session(session: JuriSession) -> Event:
    event = Event()
    event.add("uid", f"seance-{session.id}@{_settings().mail_domain}")
    event.add("sequence", session.version)
    event.add("dtstamp", session.created_at)
    _add_times(event, session.starts_at, session.ends_at)
    event.add("summary", FEED_SESSION)
    event.add("status", "CONFIRMED")
    event.add("url", link(f"/juri-ptce/seances/{session.id}"))
    # The calls inside it are what takes the time.
    event.add("transp", "TRANSPARENT")
    return event


def _add_times(event: Event, starts_at: datetime, ends_at: datetime) -> None:
    event.add("dtstart", starts_at.astimezone(UTC))
    event.add("dtend", ends_at.astimezone(UTC))


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{header_text(email)}")
    address.params["CN"] = header_text(name)
    return address


def _calendar() -> Calendar:
    # Not Calendar.new(): it gives the file a new identifier each time, and a feed would never be the same twice.
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _file(method: CalendarMethod, events: Iterable[Event]) -> bytes:
    calendar = _calendar()
    calendar.add("method", method.value.upper())
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
