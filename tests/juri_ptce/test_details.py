"""What a PTCE adds to its question, from the form to the row, and what entitles it to a call."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.models import Organisation, Person
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db
from helpdesk.errors import BadInput, NotAllowed
from helpdesk.juri_ptce.enums import Entitlement, SessionStatus
from helpdesk.juri_ptce.models import JuriSession, PtceDetails, PtceProfile
from helpdesk.juri_ptce.operations import details as operations
from helpdesk.juri_ptce.operations.details import DetailFields, entitlement_of, is_ptce_question, read_fields
from helpdesk.mail.models import Mail
from helpdesk.tickets import operations as tickets
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.juri_ptce import make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker, make_ticket, type_in
from tests.support.http import Client

SignIn = Callable[[Person], Client]
KEY = "0123456789abcdef0123456789abcdef"
QUESTION = {"title": "La commune peut-elle nous prêter un local ?", "facts": "Un bail gratuit.", "has_deadline": "non"}
TYPED = {
    "plus-carrier": "La Fabrique, SCIC",
    "plus-territory": "Val d’Ille",
    "plus-involves_authority": "oui",
    "plus-amount": "40 000 euros",
    "plus-has_charter": "y",
    "plus-may_be_published": "y",
}
CHECK = f"/questions/poser/{KEY}/verifier"
BACK = f"{CHECK}/retour"


@pytest.fixture
def ptce(app: Flask) -> Organisation:
    return OrganisationFactory(ptce=True)


@pytest.fixture
def client(ptce: Organisation, sign_in: SignIn) -> Client:  # type: ignore[override]
    client = sign_in(make_asker(ptce))
    client.post(f"/questions/poser/{KEY}", data=QUESTION)
    return client


def in_days(count: int) -> str:
    return (clock.today() + timedelta(days=count)).isoformat()


def is_shown(session: JuriSession, page: str) -> bool:
    return re.search(rf'name="plus-wished_session"[^>]* value="{session.id}"', page) is not None


def only_ticket() -> Ticket:
    return db.session.scalars(sa.select(Ticket)).one()


def details_of(ticket: Ticket) -> PtceDetails:
    return db.session.get_one(PtceDetails, ticket.id)


def to_vouch_count() -> int:
    subjects = db.session.scalars(sa.select(Mail.notice))
    return sum(1 for notice in subjects if notice.value == "juri_to_vouch")


# --- the form


def test_what_the_ptce_adds_is_kept_with_the_question_and_with_the_ptce(client: Client, ptce: Organisation) -> None:
    session = make_session(in_days(40))
    page = client.get(CHECK).text
    assert 'name="plus-carrier"' in page
    assert is_shown(session, page)
    answer = client.post(CHECK, data=TYPED | {"plus-wished_session": str(session.id)})
    assert answer.status_code == 303
    found = details_of(only_ticket())
    assert (found.carrier, found.territory, found.amount) == ("La Fabrique, SCIC", "Val d’Ille", "40 000 euros")
    assert (found.involves_authority, found.wished_session_id, found.may_be_published) == (True, session.id, True)
    profile = db.session.get_one(PtceProfile, ptce.id)
    assert (profile.has_charter, profile.is_network_member) == (True, False)


def test_nothing_is_asked_of_a_structure_that_is_no_ptce(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(make_asker())
    client.post(f"/questions/poser/{KEY}", data=QUESTION)
    assert "plus-" not in client.get(CHECK).text
    assert client.post(CHECK, data=TYPED).status_code == 303
    assert not is_ptce_question(only_ticket())
    assert db.session.scalars(sa.select(PtceProfile)).all() == []


def test_all_of_it_is_optional_and_no_is_the_default(client: Client) -> None:
    assert client.post(CHECK, data={}).status_code == 303
    found = details_of(only_ticket())
    assert (found.carrier, found.involves_authority, found.may_be_published) == ("", False, False)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("plus-wished_session", "999999", "Cette séance ne reçoit plus de questions"),
        ("plus-wished_session", "9" * 5000, "Cette séance ne reçoit plus de questions"),
        ("plus-wished_session", "premier mardi", "Cette séance ne reçoit plus de questions"),
        ("plus-involves_authority", "peut-être", "Choisissez « Oui » ou « Non »"),
        ("plus-carrier", "a" * 300, "Ce texte est trop long"),
        ("plus-amount", "1" * 200, "Ce texte est trop long"),
    ],
)
def test_a_wrong_value_is_told_at_its_place_and_what_was_typed_is_given_back(
    client: Client, name: str, value: str, message: str
) -> None:
    answer = client.post(CHECK, data=TYPED | {name: value, "plus-territory": "Pays de Redon"})
    page = answer.text.replace("\u202f", " ").replace("\xa0", " ")
    assert answer.status_code == 422
    assert page.count(message) == 2  # above the form and at the input
    assert 'value="Pays de Redon"' in page
    assert db.session.scalars(sa.select(Ticket)).all() == []
    assert db.session.scalars(sa.select(PtceProfile)).all() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"cut_off_at": clock.now()},
        {"status": SessionStatus.PROPOSED},
        {"status": SessionStatus.CANCELLED, "cancelled_at": clock.now()},
    ],
)
def test_a_session_that_takes_no_questions_is_neither_shown_nor_taken(client: Client, changes: dict[str, Any]) -> None:
    session = make_session(in_days(40), **changes)
    assert not is_shown(session, client.get(CHECK).text)
    assert client.post(CHECK, data={"plus-wished_session": str(session.id)}).status_code == 422


def test_what_is_known_of_the_ptce_is_filled_in(client: Client, ptce: Organisation) -> None:
    asker = make_asker(ptce)
    fields = DetailFields(carrier="La Fabrique, SCIC", territory="Redon", amount="12", is_network_member=True)
    operations.save_details(asker, make_ticket(asker), fields)
    page = client.get(CHECK).text
    assert 'value="La Fabrique, SCIC"' in page
    assert 'value="Redon"' in page
    assert 'value="12"' not in page
    assert 'checked id="plus-is_network_member"' in page


def test_a_question_with_names_in_it_keeps_what_the_ptce_had_typed(client: Client) -> None:
    client.post(f"/questions/poser/{KEY}", data=QUESTION | {"facts": "Appelez M. Durand au 06 12 34 56 78."})
    answer = client.post(CHECK, data=TYPED)
    assert answer.status_code == 422
    assert 'value="La Fabrique, SCIC"' in answer.text
    assert client.post(CHECK, data=TYPED | {"keeps_personal_data": "y"}).status_code == 303
    assert details_of(only_ticket()).carrier == "La Fabrique, SCIC"


def test_a_second_click_changes_nothing(client: Client) -> None:
    client.post(CHECK, data=TYPED)
    client.post(CHECK, data={})
    assert details_of(only_ticket()).carrier == "La Fabrique, SCIC"


def test_what_was_typed_waits_while_the_question_is_corrected(client: Client) -> None:
    session = make_session(in_days(40))
    typed = TYPED | {"plus-wished_session": str(session.id), "plus-carrier": "", "champ": "facts"}
    answer = client.post(BACK, data=typed)
    assert (answer.status_code, answer.location) == (303, f"/questions/poser/{KEY}#facts")
    assert QUESTION["facts"] in client.get(f"/questions/poser/{KEY}").text
    client.post(f"/questions/poser/{KEY}/brouillon", data=QUESTION | {"facts": "Un bail de neuf"})
    client.post(f"/questions/poser/{KEY}", data=QUESTION | {"facts": "Un bail de neuf ans."})
    page = client.get(CHECK).text
    assert "Un bail de neuf ans." in page
    for name in ("territory", "amount"):
        assert f'value="{TYPED[f"plus-{name}"]}"' in page
    for name in ("has_charter", "may_be_published"):
        assert re.search(rf'<input[^>]* checked id="plus-{name}"', page)
    assert 'checked id="plus-is_network_member"' not in page
    assert re.search(rf'<input[^>]* checked[^>]* value="{session.id}"', page)
    assert db.session.scalars(sa.select(Ticket)).all() == []


def test_a_wrong_value_that_waited_is_told_when_the_check_is_opened_again(client: Client) -> None:
    client.post(BACK, data=TYPED | {"plus-amount": "1" * 200})
    page = client.get(CHECK).text
    assert "Ce texte est trop long" in page
    assert "1" * 200 in page


def test_more_than_a_draft_holds_is_refused_and_given_back(client: Client) -> None:
    answer = client.post(BACK, data=TYPED | {"plus-amount": "1" * 200_000})
    assert answer.status_code == 422
    assert 'value="La Fabrique, SCIC"' in answer.text
    assert "1" * 200_000 in answer.text


def test_what_was_said_of_one_ptce_is_not_given_back_for_another(ptce: Organisation, client: Client) -> None:
    asker = db.session.scalars(sa.select(Person)).one()
    other = OrganisationFactory(ptce=True)
    give_mandate(asker, other)
    db.session.commit()
    client.post(f"/questions/poser/{KEY}", data=QUESTION | {"organisation_id": str(ptce.id)})
    client.post(BACK, data=TYPED)
    client.post(f"/questions/poser/{KEY}", data=QUESTION | {"organisation_id": str(other.id)})
    assert 'value="La Fabrique, SCIC"' not in client.get(CHECK).text
    client.post(f"/questions/poser/{KEY}", data=QUESTION | {"organisation_id": str(ptce.id)})
    assert 'value="La Fabrique, SCIC"' in client.get(CHECK).text


def test_the_draft_of_another_is_not_found(client: Client, sign_in: SignIn) -> None:
    assert sign_in(make_asker()).post(BACK, data=TYPED).status_code == 404
    assert 'value="La Fabrique, SCIC"' not in client.get(CHECK).text


# --- other ways in


def test_a_question_taken_on_the_phone_for_a_ptce_is_one_of_juri_ptce(ptce: Organisation) -> None:
    ticket = type_in(PersonFactory(delegate=True), ptce, facts="Au téléphone.")
    assert is_ptce_question(ticket)


def test_the_question_that_follows_a_closed_one_is_one_of_juri_ptce(ptce: Organisation) -> None:
    asker = make_asker(ptce)
    with time_machine.travel("2026-01-12 10:00+01:00", tick=False):
        ticket = make_ptce_question(ptce, asker)
        tickets.withdraw(asker, ticket)
    new = tickets.add_message(asker, ticket, text="Et maintenant ?")
    assert new.id != ticket.id
    assert is_ptce_question(new)


def test_a_question_moved_to_another_structure_says_nothing_of_the_first(ptce: Organisation) -> None:
    asker, jurist = make_asker(ptce), PersonFactory(jurist=True)
    ticket = make_ticket(asker)
    operations.save_details(asker, ticket, DetailFields(carrier="La Fabrique"))
    tickets.move_to_structure(jurist, ticket, OrganisationFactory(ptce=True))
    assert details_of(ticket).carrier == ""
    tickets.move_to_structure(jurist, ticket, OrganisationFactory())
    assert not is_ptce_question(ticket)


# --- rights and entitlement


def test_details_are_kept_by_those_who_may_book_and_for_a_ptce_alone(ptce: Organisation) -> None:
    ticket = make_ticket(make_asker(ptce))
    for stranger in (make_asker(), PersonFactory(delegate=True, delegation="normandie"), PersonFactory(admin=True)):
        with pytest.raises(NotAllowed):
            operations.save_details(stranger, ticket, DetailFields())
    for person in (PersonFactory(jurist=True), PersonFactory(delegate=True)):
        assert operations.save_details(person, ticket, DetailFields(amount="3")).amount == "3"
    with pytest.raises(BadInput):
        operations.save_details(PersonFactory(jurist=True), make_ticket(), DetailFields())


def test_a_ptce_that_nothing_entitles_is_told_to_its_delegation_once(ptce: Organisation) -> None:
    PersonFactory(delegate=True)
    make_ticket(make_asker(ptce))
    assert entitlement_of(ptce) is Entitlement.NONE
    assert to_vouch_count() == 1
    make_ticket(make_asker(ptce))
    assert to_vouch_count() == 1


def test_an_entitled_ptce_is_told_to_nobody(app: Flask) -> None:
    PersonFactory(delegate=True)
    make_ticket(make_asker(make_ptce()))
    assert to_vouch_count() == 0


def test_the_delegation_vouches_for_a_ptce_once_and_the_audit_says_so(ptce: Organisation) -> None:
    delegate, other = PersonFactory(delegate=True), PersonFactory(delegate=True)
    operations.vouch(delegate, ptce)
    operations.vouch(other, ptce)
    db.session.commit()
    assert entitlement_of(ptce) is Entitlement.VOUCHED
    assert db.session.get_one(PtceProfile, ptce.id).vouched_by_id == delegate.id
    assert [one.actor_id for one in db.session.scalars(sa.select(AuditEvent)) if one.action == "ptce.vouched"] == [
        delegate.id
    ]


@pytest.mark.parametrize("traits", [{"delegate": True, "delegation": "normandie"}, {"admin": True}, {"member": True}])
def test_nobody_else_vouches(ptce: Organisation, traits: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        operations.vouch(PersonFactory(**traits), ptce)


def test_a_later_form_withdraws_a_declaration_and_never_the_delegations_word(ptce: Organisation) -> None:
    asker = make_asker(ptce)
    ticket = make_ticket(asker)
    operations.save_details(asker, ticket, DetailFields(has_charter=True, is_network_member=False))
    operations.vouch(PersonFactory(jurist=True), ptce)
    operations.save_details(asker, ticket, DetailFields(has_charter=False, is_network_member=False))
    profile = db.session.get_one(PtceProfile, ptce.id)
    assert not profile.has_charter
    assert entitlement_of(ptce) is Entitlement.VOUCHED


def test_nothing_typed_leaves_what_is_known_of_the_ptce(app: Flask) -> None:
    assert read_fields({}) == DetailFields()
    ptce = make_ptce()
    make_ticket(make_asker(ptce))
    assert db.session.get_one(PtceProfile, ptce.id).has_charter
