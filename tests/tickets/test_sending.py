"""A question draft becomes a question: once, with its files, or not at all."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import FileStorage

from helpdesk.accounts.models import Person
from helpdesk.attachments import operations as attachments
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, NotAllowed, NotFound
from helpdesk.tickets import operations
from helpdesk.tickets.models import Draft, Ticket
from tests.factories.accounts import OrganisationFactory
from tests.factories.files import PDF
from tests.factories.tickets import make_asker
from tests.support.http import in_context

KEY = "fedcba9876543210fedcba9876543210"


@pytest.fixture
def asker(app: Flask) -> Person:
    return make_asker(OrganisationFactory())


def question(person: Person, **changes: Any) -> operations.NewQuestion:
    values = {"title": "Une question simple ?", "facts": "Des faits.", **changes}
    return operations.NewQuestion(organisation_id=person.mandates[0].organisation_id, **values)


def begin(person: Person, key: str = KEY) -> Draft:
    with transaction():
        draft = operations.save_question_draft(person, {"title": "Une question simple ?"}, key=key)
        [kept] = attachments.store(person, [FileStorage(io.BytesIO(PDF), filename="a.pdf")])
        operations.attach_to_draft(person, draft, [kept])
    return draft


def count(model: type[Any]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_the_files_follow_and_the_draft_is_gone(asker: Person) -> None:
    begin(asker)
    ticket = operations.send_question_draft(asker, KEY, question(asker))
    assert [file.name for file in ticket.messages[0].attachments] == ["a.pdf"]
    assert count(Draft) == 0


def test_sending_again_gives_the_same_question(asker: Person) -> None:
    begin(asker)
    first = operations.send_question_draft(asker, KEY, question(asker))
    assert operations.send_question_draft(asker, KEY, question(asker, facts="Autre chose.")) is first
    assert count(Ticket) == 1


def test_a_refusal_keeps_draft_and_files(asker: Person) -> None:
    begin(asker)
    with pytest.raises(BadInput):
        operations.send_question_draft(asker, KEY, question(asker, facts=""))
    db.session.expire_all()
    [draft] = db.session.scalars(sa.select(Draft))
    assert [file.name for file in draft.attachments] == ["a.pdf"]
    assert count(Ticket) == 0


def test_another_persons_draft_is_not_found(asker: Person) -> None:
    begin(asker)
    thief = make_asker(OrganisationFactory())
    with pytest.raises(NotFound):
        operations.send_question_draft(thief, KEY, question(thief))
    assert count(Draft) == 1


def test_a_structure_that_is_not_ones_own_is_refused(asker: Person) -> None:
    begin(asker)
    with pytest.raises(NotAllowed):
        operations.send_question_draft(asker, KEY, question(make_asker(OrganisationFactory())))


def test_a_form_key_of_another_person_begins_a_draft_of_its_own(asker: Person) -> None:
    draft = begin(asker)
    other = begin(make_asker(OrganisationFactory()))
    assert other.key != draft.key


@pytest.mark.parametrize("key", ["", "x", "A" * 32, "../../../../../../../../etc/passwd"])
def test_an_ill_made_key_is_replaced(asker: Person, key: str) -> None:
    draft = operations.save_question_draft(asker, {"title": "Question"}, key=key)
    assert draft.key != key
    assert len(draft.key) == 32


def test_two_sendings_at_once_make_one_question(app: Flask, asker: Person) -> None:
    begin(asker)
    person_id, text = asker.id, question(asker)
    db.session.commit()

    def send() -> str:
        actor = db.session.get(Person, person_id)
        assert actor is not None
        return operations.send_question_draft(actor, KEY, text).reference

    work: Callable[[int], Any] = lambda _number: in_context(app, send)  # noqa: E731
    with ThreadPoolExecutor(4) as pool:
        references = list(pool.map(work, range(4)))
    assert len(set(references)) == 1
    assert count(Ticket) == 1
    assert count(Draft) == 0
