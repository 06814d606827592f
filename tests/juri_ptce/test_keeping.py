"""What is kept of a PTCE's question: an entry with its agreement alone, nothing typed once it is erased."""

from collections.abc import Callable

import pytest
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, PartSide, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, CallOffer, PartAttachment, PtceDetails, QuestionPart, WaitingEntry
from helpdesk.juri_ptce.operations.keeping import NO_AGREEMENT
from helpdesk.kb.operations import writing
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import current_answer
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_ticket
from tests.support.http import Client

pytestmark = pytest.mark.usefixtures("app")
SignIn = Callable[[Person], Client]


def agree(ticket: Ticket, *, agrees: bool) -> None:
    details = db.session.get(PtceDetails, ticket.id)
    assert details is not None
    details.may_be_published = agrees
    db.session.commit()


def answer_of(ticket: Ticket) -> Message:
    message = current_answer(ticket)
    assert message is not None
    return message


def test_an_answer_to_a_ptce_becomes_an_entry_with_its_agreement_alone() -> None:
    ticket, jurist = make_ptce_question(status=Status.ANSWERED), PersonFactory(jurist=True)
    with pytest.raises(BadInput, match=NO_AGREEMENT):
        writing.propose_from_answer(jurist, ticket, answer_of(ticket))
    agree(ticket, agrees=True)
    assert writing.propose_from_answer(jurist, ticket, answer_of(ticket)).in_brief


def test_a_ptce_that_was_never_asked_has_not_agreed() -> None:
    ticket = make_ptce_question(status=Status.ANSWERED)
    db.session.delete(db.session.get(PtceDetails, ticket.id))
    db.session.commit()
    with pytest.raises(BadInput, match=NO_AGREEMENT):
        writing.propose_from_answer(PersonFactory(jurist=True), ticket, answer_of(ticket))


def test_the_answer_to_another_structure_becomes_an_entry_as_before() -> None:
    ticket = make_ticket(status=Status.ANSWERED)
    assert writing.propose_from_answer(PersonFactory(jurist=True), ticket, answer_of(ticket)).in_brief


def test_the_page_offers_no_entry_without_the_agreement(sign_in: SignIn) -> None:
    ticket, client = make_ptce_question(status=Status.ANSWERED), sign_in(PersonFactory(jurist=True))
    thread, propose = f"/questions/{ticket.reference}", f"/faq/proposer/{ticket.reference}/{answer_of(ticket).id}"
    assert "Proposer pour la FAQ" not in client.get(thread).text
    page = client.get(propose)
    assert "n’a pas donné son accord" in page.text
    assert "Créer une fiche" not in page.text
    assert client.post(propose, data={"submission_key": "cle"}).status_code == 422
    agree(ticket, agrees=True)
    assert "Proposer pour la FAQ" in client.get(thread).text
    assert client.post(propose, data={"submission_key": "cle"}).status_code == 303


def test_erasing_a_question_forgets_every_word_typed_about_it(app: Flask) -> None:
    lead = PersonFactory(lead=True)
    ticket = make_ptce_question(make_ptce(delegation=None, departement="67"))
    details = db.session.get(PtceDetails, ticket.id)
    assert details is not None
    details.carrier, details.territory, details.amount = "Une porteuse", "Le Ried", "12 000 €"
    slot = make_session().slots[0]
    appointment = Appointment(
        ticket=ticket,
        organisation_id=ticket.organisation_id,
        slot=slot,
        seat=1,
        status=AppointmentStatus.ABSENT,
        medium=Medium.PHONE,
        phone="06 00 00 00 00",
        preparation="Voir la convention.",
        notes="Absente.",
        uid="une@essai",
        created_at=at("2027-01-01 10:00"),
    )
    part = QuestionPart(
        ticket=ticket, side=PartSide.RTES, question="La subvention ?", text="Oui.", approved_at=at("2027-01-02 10:00")
    )
    offer = CallOffer(
        ticket=ticket, medium=Medium.PHONE, note="Le bail", offered_by=lead, offered_at=at("2027-01-02 10:00")
    )
    entry = WaitingEntry(
        session=slot.session,
        ticket=ticket,
        person=ticket.asker,
        status=WaitingStatus.LEFT,
        medium=Medium.PHONE,
        phone="06 00 00 00 00",
        created_at=at("2027-01-01 10:00"),
    )
    db.session.add_all([appointment, part, offer, entry])
    db.session.commit()
    operations.mark_out_of_scope(lead, ticket, text="Adressez-vous au conseil de prud’hommes.")
    operations.erase_content(lead, ticket)
    db.session.expire_all()
    assert (details.carrier, details.territory, details.amount) == ("", "", "")
    assert (appointment.phone, appointment.preparation, appointment.notes) == ("", "", "")
    assert (part.question, part.text, part.approved_at) == ("", "", None)
    assert entry.phone == ""
    kept = db.session.get(CallOffer, ticket.id)
    assert kept is None or kept.note == ""
    assert db.session.query(PartAttachment).count() == 0
    assert appointment.status is AppointmentStatus.ABSENT
