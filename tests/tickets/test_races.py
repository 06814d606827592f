"""People who act at the same instant, on both databases: one wins, nobody's text is lost, no number is skipped."""

from collections import Counter

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import Conflict
from helpdesk.mail.models import Mail
from helpdesk.tickets import operations
from helpdesk.tickets.enums import DraftKind, MessageKind, Status
from helpdesk.tickets.models import Message, Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import ANSWER, key, make_asker, make_ticket
from tests.support.crowds import CROWD, at_once


def test_jurists_who_answer_at_once_give_one_answer_and_one_mail(app: Flask) -> None:
    asker = make_asker()
    ids = [PersonFactory(jurist=True).id for _ in range(CROWD)]
    ticket = make_ticket(asker, status=Status.POLE)
    ticket_id, seen = ticket.id, ticket.version

    def answer(number: int) -> str:
        one = db.session.get_one(Ticket, ticket_id)
        text = operations.AnswerText(in_brief=f"Réponse {number}.")
        operations.answer(db.session.get_one(Person, ids[number]), one, text, seen_version=seen)
        return "sent"

    results = Counter(at_once(app, answer))
    assert results["sent"] == 1
    assert results.total() == CROWD
    assert set(results) <= {"sent", "Conflict", "InvalidTransition"}
    answers = db.session.scalars(sa.select(Message).where(Message.kind == MessageKind.ANSWER)).all()
    assert len(answers) == 1
    subjects = db.session.scalars(sa.select(Mail.subject).where(Mail.recipient_person_id == asker.id)).all()
    assert sum("Réponse à votre question" in subject for subject in subjects) == 1


def test_the_loser_keeps_the_text_as_a_draft(app: Flask) -> None:
    first, second = PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.POLE)
    seen = ticket.version
    operations.answer(first, ticket, ANSWER, seen_version=seen)
    with pytest.raises(Conflict):
        operations.answer(second, ticket, operations.AnswerText(in_brief="Non."), seen_version=seen)
    operations.save_draft(second, ticket, DraftKind.ANSWER, {"in_brief": "Non."})
    assert ticket.status is Status.ANSWERED


def test_a_form_sent_many_times_at_once_makes_one_question(app: Flask) -> None:
    asker = make_asker()
    asker_id, organisation_id, same_key = asker.id, asker.mandates[0].organisation_id, key()

    def ask(_number: int) -> str:
        question = operations.NewQuestion(organisation_id=organisation_id, title="Rompre un CDDI ?", facts="Absent.")
        return operations.ask(db.session.get_one(Person, asker_id), question, key=same_key).reference

    assert len(set(at_once(app, ask))) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1


def test_questions_sent_at_once_are_numbered_without_gap_even_when_some_fail(app: Flask) -> None:
    askers = [make_asker() for _ in range(CROWD)]
    places = [(asker.id, asker.mandates[0].organisation_id) for asker in askers]

    def ask(number: int) -> str:
        asker_id, organisation_id = places[number]
        asker = db.session.get_one(Person, asker_id)
        for turn in range(4):
            facts = "Faits." if turn % 2 else "Mme Durand est partie."
            question = operations.NewQuestion(organisation_id=organisation_id, title=f"Cas {turn} ?", facts=facts)
            try:
                operations.ask(asker, question, key=key())
            except operations.PersonalDataFound:
                db.session.rollback()
        return "done"

    assert at_once(app, ask) == ["done"] * CROWD
    references = sorted(db.session.scalars(sa.select(Ticket.reference)))
    numbers = [int(reference.rsplit("-", 1)[1]) for reference in references]
    assert numbers == list(range(1, 2 * CROWD + 1))


def test_jurists_who_take_at_once_leave_one_holder(app: Flask) -> None:
    ids = [PersonFactory(jurist=True).id for _ in range(CROWD)]
    ticket = make_ticket(status=Status.POLE)
    ticket_id, seen = ticket.id, ticket.version

    def take(number: int) -> str:
        one = db.session.get_one(Ticket, ticket_id)
        operations.take(db.session.get_one(Person, ids[number]), one, seen_version=seen)
        return "taken"

    assert Counter(at_once(app, take))["taken"] == 1
    assert ticket.status is Status.STUDY


def test_a_delegate_and_the_clock_do_not_both_pass_a_question_on(app: Flask) -> None:
    delegate_id = PersonFactory(delegate=True).id
    ticket_id = make_ticket().id

    def transmit(number: int) -> str:
        one = db.session.get_one(Ticket, ticket_id)
        operations.transmit(db.session.get_one(Person, delegate_id), one, note=f"Note {number}.")
        return "passed"

    results = Counter(at_once(app, transmit))
    assert results["passed"] == 1
    assert results["NotAllowed"] + results["Conflict"] + results["InvalidTransition"] == CROWD - 1
