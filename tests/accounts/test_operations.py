"""What changes people and rights, and who may."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts import operations, perms
from helpdesk.accounts.enums import MandateScope, Role
from helpdesk.accounts.models import DelegationProfile, Mandate, SignInLink, StaffRole, UserSession
from helpdesk.accounts.passwords import verify
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db
from helpdesk.errors import BadInput, Conflict, NotAllowed, NotFound
from helpdesk.mail.models import Mail
from tests.factories.accounts import PASSWORD, OrganisationFactory, PersonFactory, give_mandate

NEW = {"email": "paul@ges.example", "first_name": "Paul", "last_name": "Guérin", "title": "directeur"}

WHO = {
    "member of it": lambda organisation: PersonFactory(member=True, organisation=organisation),
    "member elsewhere": lambda organisation: PersonFactory(member=True),
    "director of its group": lambda organisation: PersonFactory(ges_director=True, organisation=organisation.group),
    "its delegate": lambda organisation: PersonFactory(delegate=True),
    "another delegate": lambda organisation: PersonFactory(delegate=True, delegation="normandie"),
    "delegate of both": lambda organisation: PersonFactory(delegate=True, delegations=("normandie", "bretagne")),
    "jurist": lambda organisation: PersonFactory(jurist=True),
    "lead": lambda organisation: PersonFactory(lead=True),
    "partner jurist": lambda organisation: PersonFactory(partner_jurist=True),
    "admin": lambda organisation: PersonFactory(admin=True),
}
REGION = {"its delegate", "delegate of both"}
POLE = {"jurist", "lead"}
RIGHTS = {
    "view": REGION | POLE,
    "add contact": REGION | POLE,
    "end mandate": REGION | POLE | {"admin"},
    "end role": {"admin"},
    "grant role": {"admin"},
    "set delegation": REGION | {"lead"},
}


@pytest.mark.parametrize("who", WHO)
def test_who_may_do_what(app, who):
    organisation = OrganisationFactory(group=OrganisationFactory(ges=True))
    person = WHO[who](organisation)
    mandate = PersonFactory(member=True, organisation=organisation).mandates[0]
    role = PersonFactory(jurist=True).roles[0]
    allowed = {
        "view": perms.can_view_organisation(person, organisation),
        "add contact": perms.can_add_contact(person, organisation),
        "end mandate": perms.can_end_mandate(person, mandate),
        "end role": perms.can_end_role(person, role),
        "grant role": perms.can_grant_role(person),
        "set delegation": perms.can_set_delegation(person, "bretagne"),
    }
    assert allowed == {action: who in people for action, people in RIGHTS.items()}


def test_a_structure_without_delegation_is_the_pole_s(app):
    national = OrganisationFactory(national=True)
    assert not perms.can_view_organisation(PersonFactory(delegate=True), national)
    assert perms.can_view_organisation(PersonFactory(jurist=True), national)


def test_a_delegate_s_right_ends_with_the_role(app):
    delegate = PersonFactory(delegate=True)
    delegate.roles[0].ends_on = clock.today() - timedelta(days=1)
    assert not perms.can_view_organisation(delegate, OrganisationFactory())


@pytest.mark.parametrize("who", sorted(set(WHO) - RIGHTS["end mandate"]))
def test_the_operation_refuses_whom_the_rule_refuses(app, who):
    organisation = OrganisationFactory(group=OrganisationFactory(ges=True))
    person = WHO[who](organisation)
    mandate = PersonFactory(member=True, organisation=organisation).mandates[0]
    role = PersonFactory(jurist=True).roles[0]
    with pytest.raises(NotAllowed):
        operations.end_mandate(person, mandate)
    with pytest.raises(NotAllowed):
        operations.add_person_to_organisation(person, organisation, **NEW)
    with pytest.raises(NotAllowed):
        operations.end_role(person, role)
    with pytest.raises(NotAllowed):
        operations.grant_role(person, person, Role.ADMIN)
    with pytest.raises(NotAllowed):
        operations.deactivate(person, mandate.person)
    with pytest.raises(NotAllowed):
        operations.change_email(person, mandate.person, "x@y.example")
    with pytest.raises(NotFound):
        operations.update_delegation_profile(person, "bretagne", is_relayed=True, phone="", opening_hours="")
    assert mandate.ends_on is None
    assert role.ends_on is None


# --- Contacts and mandates -----------------------------------------------------------------------------------


def test_a_contact_is_added_told_and_traced(app):
    delegate, organisation = PersonFactory(delegate=True), OrganisationFactory()
    mandate = operations.add_person_to_organisation(delegate, organisation, **{**NEW, "email": "Paul@GES.example"})
    person = mandate.person
    assert (person.email, person.full_name, person.search_name) == ("paul@ges.example", "Paul Guérin", "guerin paul")
    assert (mandate.scope, mandate.starts_on) == (MandateScope.STRUCTURE, clock.today())
    assert perms.has_access(person)
    assert db.session.scalars(sa.select(Mail)).one().recipient_person_id == person.id
    event = db.session.scalars(sa.select(AuditEvent)).one()
    assert (event.action, event.actor_id, event.object_id) == ("mandate.started", delegate.id, mandate.id)


def test_somebody_known_gets_the_mandate_and_keeps_name_and_password(app):
    known = PersonFactory(member=True, with_password=True, email="paul@ges.example", first_name="Pol")
    organisation = OrganisationFactory()
    operations.add_person_to_organisation(PersonFactory(delegate=True), organisation, **NEW)
    assert known.first_name == "Pol"
    assert verify(known.password_hash, PASSWORD)
    assert [mandate.organisation for mandate in known.active_mandates][-1] is organisation


def test_the_same_contact_twice_is_refused(app):
    delegate, organisation = PersonFactory(delegate=True), OrganisationFactory()
    operations.add_person_to_organisation(delegate, organisation, **NEW)
    with pytest.raises(BadInput, match="déjà un contact"):
        operations.add_person_to_organisation(delegate, organisation, **NEW)
    assert db.session.scalar(sa.select(sa.func.count(Mandate.id))) == 1


def test_of_two_who_add_the_same_person_at_once_the_second_is_told(app, monkeypatch):
    delegate, organisation = PersonFactory(delegate=True), OrganisationFactory()
    PersonFactory(member=True, email=NEW["email"])
    # The other's commit comes after our look-up.
    monkeypatch.setattr(operations, "find_person_by_email", lambda _email: None)
    with pytest.raises(Conflict, match="Rechargez"):
        operations.add_person_to_organisation(delegate, organisation, **NEW)
    assert db.session.scalar(sa.select(sa.func.count(Mandate.id))) == 1


def test_only_a_group_opens_the_questions_of_a_group(app):
    delegate = PersonFactory(delegate=True)
    with pytest.raises(BadInput, match="GES"):
        operations.add_person_to_organisation(delegate, OrganisationFactory(), **NEW, scope=MandateScope.GROUP)
    group = OrganisationFactory(ges=True)
    mandate = operations.add_person_to_organisation(delegate, group, **NEW, scope=MandateScope.GROUP)
    assert mandate.scope is MandateScope.GROUP


def test_a_mandate_ends_at_once_and_its_history_stays(app):
    person = PersonFactory(member=True)
    mandate = person.mandates[0]
    operations.end_mandate(PersonFactory(delegate=True), mandate)
    assert mandate.ends_on == clock.today() - timedelta(days=1)
    assert person.active_mandates == []
    assert person.mandates == [mandate]


def test_a_mandate_may_end_after_a_last_day(app, sign_in):
    person = PersonFactory(member=True)
    client = sign_in(person)
    last_day = clock.today() + timedelta(days=3)
    operations.end_mandate(PersonFactory(delegate=True), person.mandates[0], last_day_on=last_day)
    assert client.get("/mon-compte").status_code == 200
    assert person.active_mandates[0].ends_on == last_day


def test_a_mandate_begun_by_mistake_today_goes_and_may_begin_again(app):
    delegate, organisation = PersonFactory(delegate=True), OrganisationFactory()
    mandate = operations.add_person_to_organisation(delegate, organisation, **NEW)
    person = mandate.person
    operations.end_mandate(delegate, mandate)
    db.session.expire_all()
    assert person.mandates == []
    operations.add_person_to_organisation(delegate, organisation, **NEW)
    assert len(person.active_mandates) == 1


def test_a_mandate_ended_already_or_before_it_began_is_refused(app):
    delegate, person = PersonFactory(delegate=True), PersonFactory(member=True)
    mandate = person.mandates[0]
    with pytest.raises(BadInput, match="précéder"):
        operations.end_mandate(delegate, mandate, last_day_on=mandate.starts_on - timedelta(days=1))
    operations.end_mandate(delegate, mandate)
    with pytest.raises(BadInput, match="déjà terminé"):
        operations.end_mandate(delegate, mandate)
    assert db.session.scalar(sa.select(sa.func.count(AuditEvent.id))) == 1


def test_a_member_who_changed_employer_keeps_nothing_of_the_old_one(app):
    old, new = OrganisationFactory(), OrganisationFactory()
    person = PersonFactory(member=True, organisation=old)
    give_mandate(person, new)
    operations.end_mandate(PersonFactory(delegate=True), person.mandates[0])
    assert [mandate.organisation for mandate in person.active_mandates] == [new]


# --- Roles and accounts --------------------------------------------------------------------------------------


def test_a_role_is_granted_and_ended_by_an_administrator(app):
    admin, person = PersonFactory(admin=True), PersonFactory(member=True)
    role = operations.grant_role(admin, person, Role.DELEGATE, delegation="bretagne", can_answer=True)
    assert person.delegations == {"bretagne"}
    assert person.can_answer_first_level
    operations.end_role(admin, role)
    assert person.delegations == frozenset()
    assert db.session.scalars(sa.select(StaffRole).where(StaffRole.person_id == person.id)).all() == []


@pytest.mark.parametrize(
    ("role", "delegation"),
    [(Role.DELEGATE, None), (Role.JURIST, "bretagne"), (Role.DELEGATE, "grand-est")],
)
def test_a_role_that_makes_no_sense_is_refused(app, role, delegation):
    with pytest.raises(BadInput):
        operations.grant_role(PersonFactory(admin=True), PersonFactory(), role, delegation=delegation)


def test_an_administrator_cannot_lock_themselves_out(app):
    admin = PersonFactory(admin=True)
    with pytest.raises(NotAllowed):
        operations.end_role(admin, admin.roles[0])
    with pytest.raises(NotAllowed):
        operations.deactivate(admin, admin)


def test_a_closed_account_may_be_opened_again(app):
    admin, person = PersonFactory(admin=True), PersonFactory(member=True)
    operations.deactivate(admin, person)
    assert not perms.has_access(person)
    operations.reactivate(admin, person)
    assert perms.has_access(person)


def test_a_changed_address_ends_the_sessions_and_links_of_the_old_one(app, sign_in):
    admin, person = PersonFactory(admin=True), PersonFactory(member=True)
    client = sign_in(person)
    operations.change_email(admin, person, "Nouvelle@GES.example")
    assert person.email == "nouvelle@ges.example"
    assert client.get("/mon-compte").status_code == 303


def test_an_address_in_use_is_not_taken_over(app):
    admin, person, other = PersonFactory(admin=True), PersonFactory(member=True), PersonFactory(jurist=True)
    with pytest.raises(BadInput, match="déjà"):
        operations.change_email(admin, person, other.email.upper())
    with pytest.raises(NotAllowed):
        operations.change_email(admin, admin, "x@y.example")


# --- One's own account ---------------------------------------------------------------------------------------

GOOD = "cheval agrafe batterie nuage"


def test_a_password_is_changed_with_the_old_one_and_ends_every_session(app, sign_in):
    person = PersonFactory(member=True, with_password=True)
    sign_in(person)
    sign_in(person)
    operations.set_password(person, GOOD, current_password=PASSWORD)
    assert verify(person.password_hash, GOOD)
    assert db.session.scalars(sa.select(UserSession)).all() == []
    assert db.session.scalars(sa.select(SignInLink)).all() == []


@pytest.mark.parametrize("current", ["", "pas-le-bon-mot-de-passe"])
def test_a_password_is_not_changed_without_the_old_one(app, current):
    person = PersonFactory(member=True, with_password=True)
    with pytest.raises(BadInput) as refusal:
        operations.set_password(person, GOOD, current_password=current)
    assert refusal.value.field == "current_password"
    assert verify(person.password_hash, PASSWORD)


def test_a_mailed_link_stands_for_a_forgotten_password(app):
    person = PersonFactory(member=True, with_password=True)
    operations.set_password(person, GOOD, is_proved_by_link=True)
    assert verify(person.password_hash, GOOD)


def test_a_first_password_needs_no_old_one(app):
    person = PersonFactory(member=True)
    operations.set_password(person, GOOD)
    assert verify(person.password_hash, GOOD)


def test_a_delegation_keeps_its_settings(app):
    delegate = PersonFactory(delegate=True)
    for is_relayed in (True, False):
        operations.update_delegation_profile(
            delegate, "bretagne", is_relayed=is_relayed, phone="02 99 00 00 00", opening_hours="le matin"
        )
        profile = db.session.get(DelegationProfile, "bretagne")
        assert profile is not None
        assert (profile.is_relayed, profile.opening_hours) == (is_relayed, "le matin")


def test_an_unknown_delegation_is_not_found(app):
    with pytest.raises(NotFound):
        operations.update_delegation_profile(
            PersonFactory(lead=True), "grand-est", is_relayed=True, phone="", opening_hours=""
        )
