"""What each person's calendar was told of a call, so that it is told every change and the end, once.

Each person has a number of their own, which passes that of the appointment when need be: a jurist who comes and goes
does not make the links of the PTCE outdated.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.accounts.perms import has_access
from helpdesk.db import db
from helpdesk.juri_ptce import invitations
from helpdesk.juri_ptce.enums import AppointmentStatus
from helpdesk.juri_ptce.models import Appointment, Invitation
from helpdesk.mail.enums import CalendarMethod
from helpdesk.mail.rendering import CalendarPart


def invited(appointment: Appointment) -> Sequence[Invitation]:
    """Whose calendar shows the call now, through its moves."""
    statement = sa.select(Invitation).where(Invitation.uid == appointment.uid, Invitation.cancelled_at.is_(None))
    return db.session.scalars(statement.order_by(Invitation.person_id)).all()


def invite(appointment: Appointment, person: Person) -> CalendarPart | None:
    """The file that puts a confirmed call into a calendar, or changes it there; none for one that is not confirmed."""
    if appointment.status is not AppointmentStatus.CONFIRMED or not has_access(person):
        return None
    row = db.session.get(Invitation, (appointment.uid, person.id))
    if row is None:
        row = Invitation(uid=appointment.uid, person_id=person.id, sequence=appointment.sequence)
        db.session.add(row)
    else:
        row.sequence = max(row.sequence + 1, appointment.sequence)
    row.sent_at, row.cancelled_at = clock.now(), None
    content = invitations.request(appointment, person, sequence=row.sequence)
    return CalendarPart(CalendarMethod.REQUEST, content.decode())


def uninvite(appointment: Appointment, person: Person, row: Invitation | None) -> CalendarPart | None:
    """The file that takes a call out of a calendar, once; none for who was never invited."""
    if row is None:
        return None
    row.sequence, row.cancelled_at = max(row.sequence + 1, appointment.sequence), clock.now()
    content = invitations.cancel(appointment, person, sequence=row.sequence)
    return CalendarPart(CalendarMethod.CANCEL, content.decode())
