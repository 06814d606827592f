"""What stands beside a question for its staff: what its PTCE added, the call proposed, the latest calls, the parts."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from helpdesk.accounts.enums import OrganisationKind
from helpdesk.db import db
from helpdesk.juri_ptce.enums import TO_COME, AppointmentStatus
from helpdesk.juri_ptce.models import Appointment, CallOffer, PtceDetails, QuestionPart
from helpdesk.juri_ptce.queries.parts import parts_of
from helpdesk.tickets.models import Ticket

CALLS_SHOWN = 3
HIDDEN = (AppointmentStatus.MOVED, AppointmentStatus.LAPSED)


@dataclass(frozen=True)
class Beside:
    """Of a question that is no PTCE's: its emergency calls alone."""

    calls: Sequence[Appointment]
    details: PtceDetails | None = None
    offer: CallOffer | None = None
    parts: Sequence[QuestionPart] = ()

    @property
    def has_call_to_come(self) -> bool:
        return any(call.status in TO_COME for call in self.calls)


def beside(ticket: Ticket) -> Beside:
    """One statement for a structure that is no PTCE."""
    if ticket.organisation.kind is not OrganisationKind.PTCE:
        return Beside(_calls(ticket))
    details = db.session.get(PtceDetails, ticket.id, options=[joinedload(PtceDetails.wished_session)])
    offer = db.session.get(CallOffer, ticket.id)
    return Beside(_calls(ticket), details, offer, parts_of(ticket))


def _calls(ticket: Ticket) -> Sequence[Appointment]:
    select = sa.select(Appointment).where(Appointment.ticket_id == ticket.id, Appointment.status.not_in(HIDDEN))
    select = select.options(joinedload(Appointment.slot), joinedload(Appointment.account))
    return db.session.scalars(select.order_by(Appointment.id.desc()).limit(CALLS_SHOWN)).all()
