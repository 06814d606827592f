"""What is kept of a PTCE's question beyond it: an entry only with its agreement, nothing once it is erased."""

from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.enums import OrganisationKind
from helpdesk.db import changed_count, db
from helpdesk.errors import BadInput
from helpdesk.juri_ptce.models import Appointment, CallOffer, PartAttachment, PtceDetails, QuestionPart, WaitingEntry
from helpdesk.tickets.happenings import ERASED, PROPOSING, Facts, when
from helpdesk.tickets.models import Ticket

NO_AGREEMENT = "Ce PTCE n’a pas donné son accord pour un retour anonymisé : sa réponse ne devient pas une fiche."


@when(PROPOSING)
def refuse_without_agreement(ticket: Ticket, facts: Facts) -> None:  # noqa: ARG001 (the signature of every listener)
    """:raises BadInput: for a PTCE that has not agreed; one that was never asked has not."""
    if ticket.organisation.kind is not OrganisationKind.PTCE:
        return
    details = db.session.get(PtceDetails, ticket.id)
    if details is None or not details.may_be_published:
        raise BadInput(NO_AGREEMENT)


@when(ERASED)
def erase(ticket: Ticket, facts: Facts) -> None:  # noqa: ARG001 (the signature of every listener)
    """Forget every word that was typed about the question; what remains counts in the figures."""
    words: dict[Any, dict[str, Any]] = {
        PtceDetails: {"carrier": "", "territory": "", "amount": ""},
        Appointment: {"preparation": "", "notes": "", "phone": "", "cancelled_reason": ""},
        CallOffer: {"note": ""},
        WaitingEntry: {"phone": ""},
        QuestionPart: {"question": "", "text": "", "approved_at": None},
    }
    changed_count(sa.delete(PartAttachment).where(PartAttachment.ticket_id == ticket.id))
    for model, values in words.items():
        for row in db.session.scalars(sa.select(model).where(model.ticket_id == ticket.id)):
            for name, value in values.items():
                setattr(row, name, value)
