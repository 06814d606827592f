"""Who is told what about a session, an appointment or a part. Called by the operations, inside their transaction.

Nothing of the question stands in an invitation. ``docs/courriels.md`` lists every notice.
"""

from helpdesk.juri_ptce.models import Appointment, CallOffer, JuriSession, QuestionPart, WaitingEntry
from helpdesk.tickets.models import Ticket


def call_offered(offer: CallOffer) -> None:
    """A jurist proposes a call: the asker chooses a slot."""


def booked(appointment: Appointment) -> None:
    """An appointment stands, requested or confirmed: the PTCE and, once confirmed, the jurists who attend, with
    the invitation.
    """


def to_confirm(appointment: Appointment) -> None:
    """A PTCE asks for a slot that nobody had offered: the hosts of the session, or the pole."""


def changed(appointment: Appointment) -> None:
    """The same call at another time, by another means or with another jurist: everyone who was invited."""


def cancelled(appointment: Appointment) -> None:
    """One CANCEL to everyone who was invited; cancelled by the service, the PTCE also reads its choices: the written
    track, which goes on by itself, or the next session.
    """


def uninvited(appointment: Appointment, person_id: int) -> None:
    """One CANCEL to a jurist who no longer attends a call that stands."""


def reminder(appointment: Appointment, *, is_last: bool) -> None:
    """Two days before, or two hours before when *is_last*."""


def place_offered(entry: WaitingEntry) -> None:
    """A place is free: the next of the waiting list, until when, with a link to take it."""


def to_vouch(ticket: Ticket) -> None:
    """A PTCE that nothing entitles to a call asked a question: its delegation may vouch for it."""


def to_decide(session: JuriSession) -> None:
    """A session of the coming months falls on a day to decide: the lead."""


def unhosted(appointment: Appointment) -> None:
    """A confirmed call has no jurist any more: the lead and the other hosts."""


def account_due(appointment: Appointment) -> bool:
    """The written account of a held call is late: its jurists. False: nobody to tell."""
    return bool(appointment.attendances)


def part_given(part: QuestionPart) -> None:
    """A part of a question waits for an answer: the partner jurist who answers it, or all of them."""


def parts_approved(parts: list[QuestionPart]) -> None:
    """Both visas are given: the federation's jurist may send the answer."""
