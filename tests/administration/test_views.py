"""Pages of the administration: access and machinery, no content of any question."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from helpdesk import clock, outbox
from helpdesk.accounts.models import UserSession
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db, transaction
from helpdesk.jobs.models import WorkerHeartbeat
from helpdesk.mail.enums import MailStatus, Notice
from helpdesk.mail.models import Mail
from helpdesk.outbox import OutboxItem, OutboxKind, OutboxStatus
from helpdesk.search.operations import rebuild
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.support.pages import error_summary, post, text_of
from tests.support.queries import count_queries

STATE = "/administration/"
PATHS = (STATE, "/administration/personnes", "/administration/personnes/{person}", "/administration/roles/{role}/fin")


@pytest.fixture
def admin(app):
    return PersonFactory(admin=True)


def heartbeat(ago: timedelta = timedelta()) -> None:
    seen_at = clock.now() - ago
    db.session.add(WorkerHeartbeat(name="machine:1", started_at=seen_at, seen_at=seen_at))
    db.session.commit()


def failed_mail(number: int = 1) -> Mail:
    with transaction():
        mail = Mail(
            notice=Notice.ANSWERED,
            recipient_person_id=PersonFactory(member=True).id,
            to_address=f"claire{number}@ges.example",
            subject="Réponse : un titre de question",
            text="le texte de la réponse",
            html="le texte de la réponse",
            message_id=f"<{number}@appui-juridique.example>",
            created_at=clock.now(),
            status=MailStatus.FAILED,
            error="550 boîte inconnue",
        )
        db.session.add(mail)
        db.session.flush()
        outbox.enqueue(OutboxKind.MAIL, mail.outbox_key, {"mail_id": mail.id})
        db.session.flush()
        db.session.execute(
            sa.update(OutboxItem)
            .where(OutboxItem.dedupe_key == mail.outbox_key)
            .values(status=OutboxStatus.FAILED, done_at=clock.now())
        )
    return mail


@pytest.mark.parametrize(
    "traits", [{"member": True}, {"delegate": True}, {"jurist": True}, {"lead": True}, {"partner_jurist": True}]
)
def test_only_administrators_come_in(app, client, sign_in, traits):
    person = PersonFactory(**traits)
    role = PersonFactory(jurist=True).roles[0]
    signed_in = sign_in(person)
    for path in (pattern.format(person=person.id, role=role.id) for pattern in PATHS):
        assert signed_in.get(path).status_code == 403
        assert client.get(path).status_code == 303
    for path in (
        "/administration/courriels/1/renvoyer",
        f"/administration/personnes/{person.id}/fermer",
        f"/administration/personnes/{person.id}/rouvrir",
        f"/administration/personnes/{person.id}/courriel",
        f"/administration/roles/{role.id}/fin",
    ):
        assert signed_in.post(path).status_code == 403
    assert role.ends_on is None


def test_all_is_well_is_said(admin, sign_in):
    heartbeat()
    rebuild()
    words = text_of(sign_in(admin).get(STATE))
    assert "Tout fonctionne" in words
    assert "Aucun courriel en échec" in words


def test_an_index_that_is_not_there_is_said(admin, sign_in):
    heartbeat()
    words = text_of(sign_in(admin).get(STATE))
    assert "Index de recherche des fiches absent" in words
    assert "Tout fonctionne" not in words


def test_a_silent_worker_is_said(admin, sign_in):
    client = sign_in(admin)
    assert "jamais" in text_of(client.get(STATE))
    heartbeat(ago=timedelta(minutes=10))
    words = text_of(client.get(STATE))
    assert "arrêté" in words
    assert "aucun n’est perdu" in words


def test_work_that_waits_too_long_is_said(admin, sign_in):
    heartbeat()
    with transaction():
        outbox.enqueue(OutboxKind.MAIL, "late", {}, not_before=clock.now() - timedelta(minutes=6))
    assert "en retard" in text_of(sign_in(admin).get(STATE))


def test_a_failed_mail_is_named_without_its_content_and_sent_again(admin, sign_in):
    heartbeat()
    mail = failed_mail()
    client = sign_in(admin)
    words = text_of(client.get(STATE))
    assert "claire1@ges.example" in words
    assert "550 boîte inconnue" in words
    assert "titre de question" not in words
    assert "texte de la réponse" not in words
    assert post(client, f"/administration/courriels/{mail.id}/renvoyer", page=STATE).location == STATE
    assert mail.status is MailStatus.QUEUED
    assert "Le courriel va repartir." in text_of(client.get(STATE))
    post(client, f"/administration/courriels/{mail.id}/renvoyer", page=STATE)
    assert "il n’y a rien à renvoyer" in text_of(client.get(STATE))


def test_a_mail_that_does_not_exist_is_not_found(admin, sign_in):
    client = sign_in(admin)
    assert client.post("/administration/courriels/999999/renvoyer").status_code == 404
    assert client.post("/administration/courriels/99999999999999/renvoyer").status_code == 404


@pytest.mark.parametrize("query", ["page=0", "page=-5", "page=x", "page=99999999999999999999"])
def test_an_address_that_makes_no_sense_still_opens(admin, sign_in, query):
    client = sign_in(admin)
    assert client.get(f"{STATE}?{query}").status_code == 200
    assert client.get(f"/administration/personnes?{query}&role=king&q=%00").status_code == 200


def test_people_are_listed_found_and_paged(admin, sign_in):
    for number in range(30):
        PersonFactory(member=True, last_name=f"Guérin{number:02}")
    client = sign_in(admin)
    first = text_of(client.get("/administration/personnes?q=guerin"))
    assert "30 comptes" in first
    assert "page 1 sur 2" in first
    assert "Guérin29" in text_of(client.get("/administration/personnes?q=guerin&page=2"))
    assert "Personne ne correspond" in text_of(client.get("/administration/personnes?q=nulle"))
    assert "1 compte," in text_of(client.get("/administration/personnes?role=admin"))


def test_the_list_costs_the_same_for_two_people_and_for_twenty(admin, sign_in):
    client = sign_in(admin)

    def cost() -> int:
        with count_queries() as queries:
            client.get("/administration/personnes")
        return len(queries)

    PersonFactory(member=True)
    client.get("/administration/personnes")
    first = cost()
    for _ in range(20):
        PersonFactory(member=True, delegate=True)
    assert cost() == first


def test_an_administrator_ends_a_mandate_of_any_region(admin, sign_in):
    person = PersonFactory(member=True, organisation=OrganisationFactory(national=True))
    member, client = sign_in(person), sign_in(admin)
    sheet = f"/administration/personnes/{person.id}"
    assert "Mettre fin au mandat" in text_of(client.get(sheet))
    assert post(client, f"/mandats/{person.mandates[0].id}/fin").location == sheet
    assert member.get("/mon-compte").status_code == 303
    assert "Mettre fin au mandat" not in text_of(client.get(sheet))


def test_an_administrator_ends_a_role_and_its_sessions(admin, sign_in):
    person = PersonFactory(delegate=True)
    delegate, client = sign_in(person), sign_in(admin)
    path = f"/administration/roles/{person.roles[0].id}/fin"
    assert post(client, path).location == f"/administration/personnes/{person.id}"
    assert delegate.get("/adherents").status_code == 303
    again = post(client, path)
    assert again.status_code == 422


def test_a_role_may_end_later(admin, sign_in):
    person = PersonFactory(jurist=True)
    day = clock.today() + timedelta(days=10)
    path = f"/administration/roles/{person.roles[0].id}/fin"
    assert post(sign_in(admin), path, {"last_day_on": day.isoformat()}).status_code == 303
    assert person.roles[0].ends_on == day


def test_one_s_own_access_is_not_ended_here(admin, sign_in):
    client = sign_in(admin)
    sheet = text_of(client.get(f"/administration/personnes/{admin.id}"))
    assert "Mettre fin" not in sheet
    assert "Fermer le compte" not in sheet
    assert client.post(f"/administration/roles/{admin.roles[0].id}/fin").status_code == 404
    assert client.post(f"/administration/personnes/{admin.id}/fermer").status_code == 403
    assert client.get(STATE).status_code == 200


@pytest.mark.parametrize("path", [STATE, "/administration/personnes"])
def test_the_areas_of_the_administration_are_in_the_menu_and_nowhere_else(admin, sign_in, path):
    page = sign_in(admin).get(path).text
    for area in (STATE, "/administration/personnes"):
        assert page.count(f'href="{area}"') == 1


def test_an_account_is_closed_and_opened_again(admin, sign_in):
    person = PersonFactory(member=True)
    member, client = sign_in(person), sign_in(admin)
    sheet = f"/administration/personnes/{person.id}"
    post(client, f"{sheet}/fermer", page=sheet)
    assert member.get("/mon-compte").status_code == 303
    assert db.session.scalars(sa.select(UserSession.person_id)).all() == [admin.id]
    assert "Ce compte est fermé" in text_of(client.get(sheet))
    post(client, f"{sheet}/rouvrir", page=sheet)
    assert person.is_active


def test_opening_an_account_that_is_open_signs_nobody_out_and_says_so(admin, sign_in):
    person = PersonFactory(member=True)
    member, client = sign_in(person), sign_in(admin)
    sheet = f"/administration/personnes/{person.id}"
    post(client, f"{sheet}/rouvrir", page=sheet)
    assert "Ce compte était déjà ouvert." in text_of(client.get(sheet))
    assert member.get("/mon-compte").status_code == 200
    assert db.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.action == "person.opened")).all() == []
    post(client, f"{sheet}/fermer", page=sheet)
    assert client.post(f"{sheet}/fermer").status_code == 303
    assert "Ce compte était déjà fermé." in text_of(client.get(sheet))


def test_an_address_is_changed_by_an_administrator(admin, sign_in):
    person, other = PersonFactory(member=True), PersonFactory(member=True)
    client = sign_in(admin)
    sheet = f"/administration/personnes/{person.id}"
    assert post(client, f"{sheet}/courriel", {"email": "Neuf@GES.example"}).location == sheet
    assert person.email == "neuf@ges.example"
    taken = post(client, f"{sheet}/courriel", {"email": other.email})
    assert taken.status_code == 422
    assert error_summary(taken) == ["Ce courriel est déjà celui d’un compte."]
    assert (
        client.post(f"/administration/personnes/{admin.id}/courriel", data={"email": "x@y.example"}).status_code == 403
    )


def test_a_person_who_does_not_exist_is_not_found(admin, sign_in):
    client = sign_in(admin)
    assert client.get("/administration/personnes/999999").status_code == 404
    assert client.get("/administration/roles/999999/fin").status_code == 404


def test_administrators_see_no_structure_s_sheet(admin, sign_in):
    organisation = OrganisationFactory()
    client = sign_in(admin)
    assert client.get("/adherents").status_code == 403
    assert client.get(f"/adherents/{organisation.id}").status_code == 403
