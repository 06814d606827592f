"""Pages of accounts: what they show, to whom, and what bad input gets back."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts import operations
from helpdesk.accounts.enums import MandateScope, NotifyMode
from helpdesk.accounts.models import DelegationProfile, Mandate, Person, UserSession
from helpdesk.accounts.passwords import verify
from helpdesk.db import db
from tests.factories.accounts import PASSWORD, OrganisationFactory, PersonFactory, give_mandate
from tests.support.pages import error_summary, post, text_of
from tests.support.queries import count_queries

GOOD = "cheval agrafe batterie nuage"
CONTACT = {
    "email": "paul@ges.example",
    "first_name": "Paul",
    "last_name": "Guérin",
    "title": "directeur",
    "scope": "structure",
}


# --- Who opens what ------------------------------------------------------------------------------------------

WHO = {
    "visitor": None,
    "member": {"member": True},
    "delegate": {"delegate": True},
    "other delegate": {"delegate": True, "delegation": "normandie"},
    "jurist": {"jurist": True},
    "lead": {"lead": True},
    "partner jurist": {"partner_jurist": True},
    "admin": {"admin": True},
}
STAFF = {"delegate", "jurist", "lead"}
PAGES = {
    "/mon-compte": set(WHO) - {"visitor"},
    "/mon-compte/mes-donnees.json": set(WHO) - {"visitor"},
    "/adherents": STAFF | {"other delegate"},
    "/adherents/{organisation}": STAFF,
    "/adherents/{organisation}/contacts/nouveau": STAFF,
    "/mandats/{mandate}/fin": STAFF | {"admin"},
    "/delegations/bretagne": {"delegate", "lead"},
    "/adherents/999999": set(),
    "/adherents/99999999999999999999": set(),
    "/adherents/0/contacts/nouveau": set(),
    "/mandats/999999/fin": set(),
    "/delegations/grand-est": set(),
}


@pytest.mark.parametrize("who", WHO)
def test_each_page_opens_for_whom_it_is_meant(app, client, sign_in, who):
    organisation = OrganisationFactory()
    contact = PersonFactory(member=True, organisation=organisation)
    traits = WHO[who]
    visitor = client if traits is None else sign_in(PersonFactory(**traits))
    ids = {"organisation": organisation.id, "mandate": contact.mandates[0].id}
    for path, people in PAGES.items():
        response = visitor.get(path.format(**ids))
        if who in people:
            assert response.status_code == 200, path
        elif traits is None:
            assert response.status_code in {303, 404}, path
        else:
            assert response.status_code in {403, 404}, path


@pytest.mark.parametrize("path", ["/adherents/{organisation}", "/adherents/{organisation}/contacts/nouveau"])
def test_another_region_s_structure_does_not_exist(app, sign_in, path):
    organisation = OrganisationFactory(delegation="normandie", departement="76")
    client = sign_in(PersonFactory(delegate=True))
    assert client.get(path.format(organisation=organisation.id)).status_code == 404


def test_another_region_s_structure_gets_no_contact(app, sign_in):
    organisation = OrganisationFactory(delegation="normandie", departement="76")
    client = sign_in(PersonFactory(delegate=True))
    response = client.post(f"/adherents/{organisation.id}/contacts/nouveau", data=CONTACT)
    assert response.status_code == 404
    assert db.session.scalar(sa.select(sa.func.count(Mandate.id))) == 0


def test_another_region_s_mandate_is_not_ended(app, sign_in):
    organisation = OrganisationFactory(delegation="normandie", departement="76")
    mandate = PersonFactory(member=True, organisation=organisation).mandates[0]
    client = sign_in(PersonFactory(delegate=True))
    assert client.post(f"/mandats/{mandate.id}/fin").status_code == 404
    assert mandate.ends_on is None


# --- My account ----------------------------------------------------------------------------------------------


def test_preferences_are_kept(app, sign_in):
    person = PersonFactory(member=True)
    client = sign_in(person)
    response = post(client, "/mon-compte/preferences", {"notify_mode": "digest"}, page="/mon-compte")
    assert response.location == "/mon-compte"
    assert (person.notify_mode, person.has_shortcuts) == (NotifyMode.DIGEST, False)
    assert "Vos préférences sont enregistrées." in text_of(client.get("/mon-compte"))


@pytest.mark.parametrize("value", ["", "never", "DIGEST"])
def test_a_made_up_preference_is_refused(app, sign_in, value):
    person = PersonFactory(member=True)
    page = post(sign_in(person), "/mon-compte/preferences", {"notify_mode": value}, page="/mon-compte")
    assert page.status_code == 422
    assert error_summary(page) == ["Choisissez une réponse dans la liste."]
    assert person.notify_mode is NotifyMode.EACH


def test_only_one_s_own_choices_are_taken_from_the_form(app, sign_in):
    person = PersonFactory(member=True)
    data = {"notify_mode": "each", "email": "x@y.example", "is_active": "", "role": "admin", "person_id": "1"}
    post(sign_in(person), "/mon-compte/preferences", data, page="/mon-compte")
    assert (person.is_active, person.is_admin, person.email) == (True, False, person.email)


def test_a_new_password_keeps_one_in_and_puts_the_others_out(app, sign_in):
    person = PersonFactory(member=True, with_password=True)
    here, elsewhere = sign_in(person), sign_in(person)
    data = {"current_password": PASSWORD, "new_password": GOOD}
    assert post(here, "/mon-compte/mot-de-passe", data, page="/mon-compte").location == "/mon-compte"
    assert verify(person.password_hash, GOOD)
    assert here.get("/mon-compte").status_code == 200
    assert elsewhere.get("/mon-compte").status_code == 303
    assert db.session.scalar(sa.select(sa.func.count(UserSession.id))) == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"current_password": PASSWORD, "new_password": ""}, "Écrivez le nouveau mot de passe."),
        ({"current_password": "x", "new_password": GOOD}, "Ce n’est pas votre mot de passe actuel."),
        (
            {"current_password": PASSWORD, "new_password": "court"},
            "Choisissez un mot de passe d’au moins 12 caractères.",
        ),
        (
            {"current_password": PASSWORD, "new_password": "motdepasse2026"},
            "Ce mot de passe est trop facile à deviner. Essayez plusieurs mots sans lien entre eux.",
        ),
    ],
)
def test_a_refused_password_says_why_and_is_not_given_back(app, sign_in, data, message):
    person = PersonFactory(member=True, with_password=True)
    page = post(sign_in(person), "/mon-compte/mot-de-passe", data, page="/mon-compte")
    assert page.status_code == 422
    assert error_summary(page) == [message]
    assert "<title>Erreur" in page.get_data(as_text=True)
    assert not data["new_password"] or data["new_password"] not in page.get_data(as_text=True)
    assert verify(person.password_hash, PASSWORD)


def test_guessing_the_old_password_is_slowed_down(app, sign_in):
    client = sign_in(PersonFactory(member=True, with_password=True))
    data = {"current_password": "x", "new_password": GOOD}
    statuses = [client.post("/mon-compte/mot-de-passe", data=data).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_the_old_password_is_not_asked_for_after_a_mailed_link(app, sign_in, client):
    person = PersonFactory(member=True, with_password=True)
    signed_in = sign_in(person)
    assert "Mot de passe actuel" in text_of(signed_in.get("/mon-compte"))
    row = db.session.scalars(sa.select(UserSession)).one()
    row.is_by_link = True
    db.session.commit()
    assert "Mot de passe actuel" not in text_of(signed_in.get("/mon-compte"))
    row.created_at = clock.now() - timedelta(hours=1)
    db.session.commit()
    assert "Mot de passe actuel" in text_of(signed_in.get("/mon-compte"))


def test_my_data_is_a_file_without_secrets(app, sign_in):
    person = PersonFactory(member=True, delegate=True, with_password=True)
    response = sign_in(person).get("/mon-compte/mes-donnees.json")
    assert response.headers["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
    data = json.loads(response.get_data(as_text=True))
    assert data["personne"]["courriel"] == person.email
    assert data["mandats"][0]["structure"] == person.mandates[0].organisation.name
    assert data["roles"][0]["delegation"] == "bretagne"
    assert "argon2" not in response.get_data(as_text=True)


def test_the_account_page_names_every_hat(app, sign_in):
    person = PersonFactory(member=True, delegate=True)
    give_mandate(person, OrganisationFactory(name="Autre structure"), scope=MandateScope.OWN)
    words = text_of(sign_in(person).get("/mon-compte"))
    for expected in ("Autre structure", "Ses propres questions", "Délégation", "Bretagne"):
        assert expected in words


# --- Structures ----------------------------------------------------------------------------------------------


def test_the_list_is_searched_by_the_address(app, sign_in):
    OrganisationFactory(name="L’Étape", typology_rows=[])
    OrganisationFactory(name="Le Ponant", late=True)
    client = sign_in(PersonFactory(delegate=True))
    assert "Le Ponant" not in text_of(client.get("/adherents?q=etape"))
    late = text_of(client.get("/adherents?cotisation=late"))
    assert "Le Ponant" in late
    assert "L’Étape" not in late
    assert "Aucune structure ne correspond" in text_of(client.get("/adherents?q=nulle+part"))


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=x",
        "page=999999999999999999999",
        "typologie=ZZ",
        "cotisation=never",
        "delegation=normandie",
        "q=" + "x" * 5000,
        "q=%00",
        "q=%27%3B--",
        "q=a&q=b",
    ],
)
def test_an_address_that_makes_no_sense_still_opens(app, sign_in, query):
    OrganisationFactory()
    assert sign_in(PersonFactory(delegate=True)).get(f"/adherents?{query}").status_code == 200


def test_the_sheet_shows_the_structure_its_contacts_and_its_fee(app, sign_in):
    organisation = OrganisationFactory(
        name="L’Étape",
        late=True,
        siret="73282932000074",
        headcount=1200,
        idcc="3016",
        group=OrganisationFactory(ges=True, name="Groupe Ouest"),
    )
    contact = PersonFactory(member=True, organisation=organisation, title="trésorière")
    words = text_of(sign_in(PersonFactory(delegate=True)).get(f"/adherents/{organisation.id}"))
    for expected in (
        "L’Étape",
        "Cotisation en retard. La structure peut poser ses questions",
        "Groupe Ouest",
        "73282932000074",
        "1 200",
        "ACI : Atelier et chantier d’insertion",
        "35 – Ille-et-Vilaine",
        contact.full_name,
        "trésorière",
    ):
        assert expected in words, expected


def test_the_sheet_costs_the_same_for_one_contact_and_for_thirty(app, sign_in):
    organisation = OrganisationFactory()
    path = f"/adherents/{organisation.id}"
    client = sign_in(PersonFactory(delegate=True))

    def cost() -> int:
        with count_queries() as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    PersonFactory(member=True, organisation=organisation)
    first = cost()
    assert first <= 6
    for _ in range(30):
        PersonFactory(member=True, organisation=organisation)
    assert cost() == first


def test_a_delegate_adds_a_contact(app, sign_in):
    organisation = OrganisationFactory()
    client = sign_in(PersonFactory(delegate=True))
    response = post(client, f"/adherents/{organisation.id}/contacts/nouveau", CONTACT)
    assert response.location == f"/adherents/{organisation.id}"
    assert "Paul Guérin" in text_of(client.get(response.location))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"email": ""}, "Écrivez une adresse de courriel complète, comme prenom.nom@structure.fr."),
        ({"email": "paul"}, "Écrivez une adresse de courriel complète, comme prenom.nom@structure.fr."),
        ({"first_name": " "}, "Écrivez le prénom."),
        ({"last_name": "x" * 81}, "80 caractères au plus."),
        ({"last_name": "a\x00b"}, "Ce texte contient des caractères invisibles. Effacez-le et retapez-le."),
        ({"title": ""}, "Écrivez la fonction, par exemple « directrice »."),
        ({"phone": "appelez-moi"}, "Écrivez le numéro en chiffres, comme 02 00 00 00 00."),
        ({"scope": "everything"}, "Choisissez une réponse dans la liste."),
        ({"scope": "group"}, "Seul un groupe (GES) donne accès aux questions de ses structures."),
    ],
)
def test_a_wrong_contact_is_given_back_with_its_reason(app, sign_in, change, message):
    organisation = OrganisationFactory()
    client = sign_in(PersonFactory(delegate=True))
    page = post(client, f"/adherents/{organisation.id}/contacts/nouveau", {**CONTACT, **change})
    assert page.status_code == 422
    assert error_summary(page) == [message]
    kept = next(value for name, value in CONTACT.items() if name not in change and name != "scope")
    assert kept in page.get_data(as_text=True)
    assert db.session.scalar(sa.select(sa.func.count(Person.id))) == 1


def test_names_are_shown_as_words_never_as_markup(app, sign_in):
    organisation = OrganisationFactory(name="<script>alert(1)</script>", city="<b>x</b>")
    PersonFactory(member=True, organisation=organisation, first_name="<img src=x>", title="<i>")
    client = sign_in(PersonFactory(jurist=True))
    for path in ("/adherents", f"/adherents/{organisation.id}"):
        source = client.get(path).get_data(as_text=True)
        assert "<script>alert" not in source
        assert "<img src=x" not in source
        assert "<b>x</b>" not in source


def test_a_mandate_is_ended_after_a_question(app, sign_in):
    organisation = OrganisationFactory()
    mandate = PersonFactory(member=True, organisation=organisation).mandates[0]
    client = sign_in(PersonFactory(delegate=True))
    response = post(client, f"/mandats/{mandate.id}/fin")
    assert response.location == f"/adherents/{organisation.id}"
    assert not mandate.is_active_on(clock.today())


@pytest.mark.parametrize("day", ["demain", "31/12/2026", "2026-13-01", "2019-01-01"])
def test_a_last_day_that_cannot_be_is_refused(app, sign_in, day):
    mandate = PersonFactory(member=True).mandates[0]
    page = post(sign_in(PersonFactory(delegate=True)), f"/mandats/{mandate.id}/fin", {"last_day_on": day})
    assert page.status_code == 422
    assert len(error_summary(page)) == 1
    assert "Not a valid" not in text_of(page)
    assert mandate.ends_on is None


def test_a_delegation_is_set_by_its_delegate(app, sign_in):
    client = sign_in(PersonFactory(delegate=True))
    data = {"is_relayed": "y", "phone": "02 99 00 00 00", "opening_hours": "le matin"}
    assert post(client, "/delegations/bretagne", data).status_code == 303
    profile = db.session.get(DelegationProfile, "bretagne")
    assert profile is not None
    assert profile.is_relayed
    assert "02 99 00 00 00" in client.get("/delegations/bretagne").get_data(as_text=True)
    assert client.post("/delegations/normandie", data=data).status_code == 404


def test_a_get_writes_nothing(app, sign_in):
    organisation = OrganisationFactory()
    contact = PersonFactory(member=True, organisation=organisation)
    client = sign_in(PersonFactory(delegate=True))
    with count_queries() as queries:
        for path in (
            "/mon-compte",
            "/adherents",
            f"/adherents/{organisation.id}",
            f"/mandats/{contact.mandates[0].id}/fin",
            "/delegations/bretagne",
        ):
            client.get(path)
    assert [query for query in queries if not query.startswith("SELECT")] == []


def test_the_pages_follow_a_change_of_rights_at_once(app, sign_in):
    delegate = PersonFactory(delegate=True, member=True)
    client = sign_in(delegate)
    assert client.get("/adherents").status_code == 200
    operations.end_role(PersonFactory(admin=True), delegate.roles[0])
    assert client.get("/adherents").status_code == 403
    assert client.get("/mon-compte").status_code == 200
