"""« Saisir »: a question taken on the phone, in four answers, and completed later."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.enums import Channel, MessageKind, Nature, Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import TOPIC, make_asker, type_in
from tests.support.pages import hidden_fields, text_of
from tests.support.queries import count_queries

SignIn = Callable[..., Any]
FACTS = "Un salarié en CDDI demande un temps partiel. Elle veut savoir comment faire."


@pytest.fixture
def garden(app: Any) -> Any:
    return OrganisationFactory(name="Les Jardins d’Étel", city="Étel")


@pytest.fixture
def client(app: Any, sign_in: SignIn) -> Any:
    return sign_in(PersonFactory(delegate=True))


def sent(client: Any, organisation: Any = None, **values: str) -> Any:
    """Send the form as its page shows it: the reception is now, by phone."""
    address = f"/saisir?structure={organisation.id}" if organisation else "/saisir"
    page = client.get(address)
    now = clock.now().astimezone(PARIS)
    form = {"suite": "enregistrer", "topic": TOPIC, "urgency": "0", "facts": FACTS, "channel": "phone", "asker": ""}
    form |= {"received_on": f"{now:%Y-%m-%d}", "received_time": f"{now:%H:%M}", "nature": "structure"}
    return client.post("/saisir", data=form | hidden_fields(page, "/saisir") | values)


def only_ticket() -> Ticket:
    return db.session.scalars(sa.select(Ticket)).one()


def test_four_answers_are_enough_during_a_call(client: Any, garden: Any) -> None:
    answer = sent(client, garden)
    ticket = only_ticket()
    assert answer.headers["Location"] == f"/questions/{ticket.reference}"
    assert ticket.title == "Un salarié en CDDI demande un temps partiel"
    assert (ticket.status, ticket.channel, ticket.is_incomplete) == (Status.TRIAGE, Channel.PHONE, False)


def test_the_structure_is_searched_without_losing_what_is_typed(client: Any, garden: Any) -> None:
    OrganisationFactory(name="Jardins du Nord", delegation="normandie")
    page = sent(client, q="jardins etel", suite="chercher")
    assert page.status_code == 200
    assert "1 structure trouvée" in text_of(page)
    assert f'name="organisation_id" value="{garden.id}" checked' in page.text
    assert FACTS in page.text
    chosen = sent(client, q="jardins", suite="choisir", organisation_id=str(garden.id))
    assert f'name="structure" value="{garden.id}"' in chosen.text
    changed = sent(client, q="jardins", suite="changer", structure=str(garden.id))
    assert 'name="structure"' not in changed.text
    assert "Jardins du Nord" not in changed.text


def test_a_structure_that_is_not_found_is_said(client: Any) -> None:
    page = sent(client, q="introuvable", suite="chercher")
    assert "Aucune structure de votre délégation ne correspond" in text_of(page)


def test_saving_with_the_structure_ticked_needs_no_other_step(client: Any, garden: Any) -> None:
    assert sent(client, q="jardins", organisation_id=str(garden.id)).status_code == 303
    assert only_ticket().organisation_id == garden.id


def test_a_question_without_structure_is_not_kept(client: Any) -> None:
    answer = sent(client)
    assert answer.status_code == 422
    assert 'href="#q"' in answer.text
    assert FACTS in answer.text


def test_a_structure_of_another_region_is_no_choice(client: Any) -> None:
    foreign = OrganisationFactory(delegation="normandie")
    assert client.get(f"/saisir?structure={foreign.id}").status_code == 404
    assert sent(client, structure=str(foreign.id)).status_code == 422
    assert client.get("/saisir?structure=" + "9" * 30).status_code == 404


def test_the_reception_is_in_paris_time(client: Any, garden: Any) -> None:
    day = clock.today() - timedelta(days=3)
    assert sent(client, garden, received_on=day.isoformat(), received_time="14:30").status_code == 303
    local = only_ticket().received_at.astimezone(PARIS)
    assert (local.date(), local.hour, local.minute) == (day, 14, 30)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"received_on": "2999-01-01"}, "received_on"),
        ({"received_on": "2001-01-01"}, "received_on"),
        ({"received_on": "hier"}, "received_on"),
        ({"received_time": "25:99"}, "received_time"),
        ({"channel": "portal"}, "channel"),
        ({"nature": "autre"}, "nature"),
        ({"urgency": "7"}, "urgency"),
        ({"topic": "inconnu"}, "topic"),
        ({"asker": "1"}, "asker-0"),
        ({"asker": "nouvelle", "email": "x"}, "email"),
        ({"asker": "nouvelle"}, "email"),
        ({"facts": "a" * 30_000}, "facts"),
        ({"title": "a" * 201}, "title"),
    ],
)
def test_a_wrong_value_is_said_beside_its_field(client: Any, garden: Any, values: dict[str, str], field: str) -> None:
    answer = sent(client, garden, **values)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Ticket.id))) == 0


def test_the_person_is_chosen_among_the_contacts(client: Any, garden: Any) -> None:
    asker = make_asker(garden, first_name="Claire", last_name="Morvan")
    assert "Claire Morvan" in client.get(f"/saisir?structure={garden.id}").text
    assert sent(client, garden, asker=str(asker.id)).status_code == 303
    assert only_ticket().asker_id == asker.id


CONTACT = {
    "asker": "nouvelle",
    "first_name": "Yann",
    "last_name": "Kerdoncuff",
    "email": "Yann@Jardins.example",
    "function": "directeur",
}


def test_a_new_contact_is_made_with_the_question(client: Any, garden: Any) -> None:
    assert sent(client, garden, **CONTACT).status_code == 303
    asker = only_ticket().asker
    assert asker is not None
    assert (asker.email, asker.mandates[0].organisation_id) == ("yann@jardins.example", garden.id)


def test_a_refused_question_makes_no_contact(client: Any, garden: Any) -> None:
    assert sent(client, garden, **CONTACT, received_on="2001-01-01").status_code == 422
    assert db.session.scalar(sa.select(Person).where(Person.last_name == "Kerdoncuff")) is None


def test_a_double_click_keeps_one_question_and_one_contact(client: Any, garden: Any) -> None:
    page = client.get(f"/saisir?structure={garden.id}")
    key = hidden_fields(page, "/saisir")["submission_key"]
    answers = [sent(client, garden, **CONTACT, submission_key=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert only_ticket().asker is not None


def test_a_form_without_its_key_is_refused(client: Any, garden: Any) -> None:
    assert sent(client, garden, submission_key="").status_code == 422


def test_a_jurist_who_types_a_question_in_studies_it(app: Any, sign_in: SignIn, garden: Any) -> None:
    jurist = PersonFactory(jurist=True)
    assert sent(sign_in(jurist), garden, note="À rappeler jeudi.").status_code == 303
    ticket = only_ticket()
    assert (ticket.status, ticket.jurist_id) == (Status.STUDY, jurist.id)
    assert [m.body for m in ticket.messages if m.kind is MessageKind.NOTE] == ["À rappeler jeudi."]


def test_a_general_question_of_the_region_needs_no_structure(client: Any) -> None:
    assert sent(client, nature="region").status_code == 303
    assert only_ticket().nature is Nature.REGION


def test_what_is_left_for_later_is_completed(client: Any, garden: Any) -> None:
    assert sent(client, garden, suite="plus-tard", facts="").status_code == 303
    ticket = only_ticket()
    assert ticket.is_incomplete
    assert ticket.title.startswith("À compléter")
    address = f"/saisir/{ticket.reference}"
    page = client.get(address)
    form = {"version": str(ticket.version), "submission_key": "une-cle", "deadline_kind": "none", "topic": TOPIC}
    refused = client.post(address, data=form | {"title": ""})
    assert (page.status_code, refused.status_code) == (200, 422)
    done = client.post(address, data=form | {"title": "Peut-on passer à temps partiel ?", "facts": FACTS})
    assert done.status_code == 303
    assert (ticket.title, ticket.is_incomplete) == ("Peut-on passer à temps partiel ?", False)


def test_what_is_complete_is_not_completed_again(client: Any, garden: Any) -> None:
    sent(client, garden)
    ticket = only_ticket()
    reference, version = ticket.reference, ticket.version
    assert client.get(f"/saisir/{reference}").headers["Location"] == f"/questions/{reference}"
    form = {"version": version, "submission_key": "k", "deadline_kind": "none", "topic": "", "title": "Autre titre"}
    assert client.post(f"/saisir/{reference}", data=form).status_code == 403


def test_a_foreign_question_is_not_completed(app: Any, client: Any, sign_in: SignIn) -> None:
    organisation = OrganisationFactory(delegation="normandie")
    ticket = type_in(PersonFactory(delegate=True, delegation="normandie"), organisation, facts="")
    reference = ticket.reference
    assert client.get(f"/saisir/{reference}").status_code == 404
    assert client.post(f"/saisir/{reference}").status_code == 404


def test_the_page_costs_the_same_for_many_contacts(client: Any, garden: Any) -> None:
    costs = []
    for count in (1, 8):
        for _ in range(count):
            make_asker(garden)
        with count_queries() as queries:
            assert client.get(f"/saisir?structure={garden.id}").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 10, queries


def test_a_delegate_types_a_call_in_on_the_phone(app: Any, garden: Any, live_server: Any, page: Any) -> None:
    OrganisationFactory(name="Jardins d’Armor", city="Brest")
    page.set_viewport_size({"width": 390, "height": 800})
    page.context.add_cookies([live_server.cookie_for(PersonFactory(delegate=True))])
    page.goto(f"{live_server.url}/a-trier")
    page.get_by_role("link", name="Saisir une question reçue par téléphone").click()
    page.get_by_label("Les faits").fill(FACTS)
    page.get_by_label("Structure").fill("jardins")
    page.keyboard.press("Enter")
    page.get_by_label("Les Jardins d’Étel").check()
    page.get_by_role("button", name="Choisir cette structure").click()
    page.get_by_label("Thème").select_option(TOPIC)
    page.get_by_role("button", name="Enregistrer la question").click()
    page.wait_for_url("**/questions/Q-*")
    assert "est enregistrée" in page.inner_text("main")
    assert only_ticket().organisation_id == garden.id


def test_the_sheet_of_a_member_leads_to_the_form(client: Any, garden: Any) -> None:
    assert f'href="/saisir?structure={garden.id}"' in client.get(f"/adherents/{garden.id}").text
