"""« Équipe »: loads by name, questions passed from one desk to another."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from time_machine import TimeMachineFixture

from helpdesk.accounts.models import DelegationProfile
from helpdesk.db import db, transaction
from helpdesk.reference import get_reference
from helpdesk.tickets import operations
from helpdesk.tickets.enums import OPEN_STATUSES, Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import LONG_AGO, OrganisationFactory, PersonFactory
from tests.factories.tickets import make_asker, make_ticket
from tests.support.pages import hidden_fields, text_of
from tests.support.queries import count_queries

SignIn = Callable[..., Any]


@pytest.fixture
def lead(app: Any) -> Any:
    return PersonFactory(lead=True, first_name="Nadia", last_name="Benali")


@pytest.fixture
def ines(app: Any) -> Any:
    return PersonFactory(jurist=True, first_name="Inès", last_name="Carvalho")


@pytest.fixture
def marc(app: Any) -> Any:
    return PersonFactory(jurist=True, first_name="Marc", last_name="Lefèvre")


def test_loads_are_listed_by_name(sign_in: SignIn, lead: Any, marc: Any, ines: Any) -> None:
    make_ticket(status=Status.STUDY, jurist=marc)
    make_ticket()
    words = text_of(sign_in(lead).get("/equipe"))
    places = [words.rindex(name) for name in ("Nadia Benali", "Inès Carvalho", "Marc Lefèvre", "Bretagne")]
    assert places == sorted(places)
    assert "Marc Lefèvre 1 0 0 0" in words
    assert "Juriste À traiter En retard" in words
    assert "Bretagne 1 0 0 0" in words


def numbers(client: Any, address: str = "/equipe") -> dict[str, int]:
    """What each number of the page leads to, by address."""
    links = re.findall(r'<a href="(/equipe/[^"]*[?]part=[^"]*)" aria-label="(\d+)', client.get(address).text)
    return {html.unescape(url): int(number) for url, number in links}


def references(client: Any, address: str) -> set[str]:
    return set(re.findall(r"Q-\d{4}-\d{4,}", client.get(address).text))


def test_each_open_question_lies_on_one_desk_and_behind_each_number_are_its_questions(
    sign_in: SignIn, lead: Any, ines: Any, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to("2026-11-10T09:00:00+00:00", tick=False)
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    for status in (*OPEN_STATUSES, Status.CLOSED):
        make_ticket(status=status, jurist=ines, title=f"Reçue tôt, {status} ?")
    national = make_ticket(organisation=OrganisationFactory(national=True))
    for status in (Status.POLE, Status.STUDY):
        waiting = make_ticket(status=status, jurist=ines, title=f"Attend, {status} ?")
        operations.ask_detail(ines, waiting, text="Quelle date ?")
    time_machine.move_to("2026-11-23T09:00:00+00:00", tick=False)
    make_ticket(status=Status.STUDY, jurist=ines, title="Reçue tard ?")
    time_machine.move_to("2026-11-28T09:00:00+00:00", tick=False)

    client, number = sign_in(lead), ines.id
    found = numbers(client)

    assert found == {
        f"/equipe/{number}?part=en-cours": 2,
        f"/equipe/{number}?part=en-retard": 1,
        f"/equipe/{number}?part=sous-7-jours": 1,
        f"/equipe/{number}?part=en-attente": 1,
        "/equipe/0?part=en-cours": 1,
        "/equipe/0?part=en-retard": 1,
        "/equipe/0?part=en-attente": 1,
        "/equipe/delegations/bretagne?part=en-cours": 3,
        "/equipe/delegations/bretagne?part=en-retard": 3,
        "/equipe/delegations/bretagne?part=en-attente": 1,
        "/equipe/delegations/nationale?part=en-cours": 1,
        "/equipe/delegations/nationale?part=en-retard": 1,
    }
    listed = {address: references(client, address) for address in found}
    assert {address: len(rows) for address, rows in listed.items()} == found
    assert listed["/equipe/delegations/nationale?part=en-retard"] == {national.reference}
    on_desks = [rows for address, rows in listed.items() if address.endswith(("en-cours", "en-attente"))]
    is_open = Ticket.status.in_(OPEN_STATUSES)
    assert sum(map(len, on_desks)) == len(set[str]().union(*on_desks))
    assert set[str]().union(*on_desks) == set(db.session.scalars(sa.select(Ticket.reference).where(is_open)))


def test_every_delegation_is_there_by_name_whatever_it_has(sign_in: SignIn, lead: Any) -> None:
    client = sign_in(lead)
    words = text_of(client.get("/equipe"))
    names = [one.name for one in get_reference().delegations.values()]
    places = {
        name: words.rindex(f"{name} 0 0 0 0") for name in [*names, "File nationale", "File du pôle, sans juriste"]
    }
    assert places["Hauts-de-France"] < places["Île-de-France"] < places["Normandie"] < places["File nationale"]
    assert max(places, key=lambda name: places[name]) == "File nationale"
    assert numbers(client) == {}
    for code in (*get_reference().delegations, "nationale"):
        assert "Aucune question ouverte" in text_of(client.get(f"/equipe/delegations/{code}"))
    assert "Aucune question ici" in text_of(client.get("/equipe/delegations/bretagne?part=en-retard"))


def test_what_the_lead_may_not_see_is_neither_counted_nor_listed(sign_in: SignIn, lead: Any, ines: Any) -> None:
    tickets = [make_ticket(), make_ticket(status=Status.POLE), make_ticket(status=Status.STUDY, jurist=ines)]
    for ticket in tickets:
        operations.declare_conflict(ines, ticket, lead, reason="")
    client = sign_in(lead)
    assert numbers(client) == {}
    for address in ("/equipe/0", f"/equipe/{tickets[2].jurist_id}", "/equipe/delegations/bretagne"):
        assert references(client, address) == set()


@pytest.mark.parametrize(
    "address", ["/equipe/delegations/lune", "/equipe/delegations/bretagne?part=x", "/equipe/0?part=x"]
)
def test_a_desk_or_a_number_that_there_is_not_is_not_found(sign_in: SignIn, lead: Any, address: str) -> None:
    assert sign_in(lead).get(address).status_code == 404


def test_a_region_s_questions_are_read_and_not_entrusted_from_there(sign_in: SignIn, lead: Any, ines: Any) -> None:
    ticket = make_ticket()
    page = sign_in(lead).get("/equipe/delegations/bretagne")
    assert ticket.reference in page.text
    assert "Confier" not in text_of(page)


def test_the_team_is_the_lead_s_alone(app: Any, sign_in: SignIn, ines: Any) -> None:
    client, number = sign_in(ines), ines.id
    for address in (
        "/equipe",
        "/equipe/delegations/bretagne",
        f"/equipe/{number}",
        f"/equipe/{number}/tout-confier?a={number}",
    ):
        assert client.get(address).status_code == 403
    assert client.post(f"/equipe/{number}/tout-confier", data={"a": number}).status_code == 403


def test_a_closed_page_says_so_once_and_whom_to_ask(app: Any, sign_in: SignIn, ines: Any) -> None:
    words = text_of(sign_in(ines).get("/equipe")).partition("Cette page n’est pas accessible")[2]
    said = words[words.index("Cette page") :]
    assert said.count("n’est pas accessible avec votre compte") == 1
    assert "écrivez à la personne qui administre le service" in said


def test_one_question_is_entrusted_to_a_colleague(sign_in: SignIn, lead: Any, ines: Any, marc: Any) -> None:
    ticket = make_ticket(status=Status.STUDY, jurist=ines)
    address, action = f"/equipe/{ines.id}", f"/equipe/{ines.id}/{ticket.reference}"
    to, client = str(marc.id), sign_in(lead)
    form = hidden_fields(client.get(address), action)
    assert client.post(action, data=form | {"a": ""}).status_code == 303
    assert ticket.jurist_id == ines.id
    assert client.post(action, data=form | {"a": to}).headers["Location"] == address
    assert ticket.jurist_id == marc.id
    assert "est confiée à Marc Lefèvre" in text_of(client.get(address))


def test_a_question_of_the_pole_is_given_to_a_jurist(sign_in: SignIn, lead: Any, ines: Any) -> None:
    ticket = make_ticket(status=Status.POLE)
    action = f"/equipe/0/{ticket.reference}"
    to, client = ines.id, sign_in(lead)
    form = hidden_fields(client.get("/equipe/0"), action)
    assert client.post(action, data=form | {"a": to}).status_code == 303
    assert (ticket.status, ticket.jurist_id) == (Status.STUDY, ines.id)


def test_a_question_that_has_changed_stays(sign_in: SignIn, lead: Any, ines: Any, marc: Any) -> None:
    ticket = make_ticket(status=Status.POLE)
    action = f"/equipe/0/{ticket.reference}"
    to, client = marc.id, sign_in(lead)
    form = hidden_fields(client.get("/equipe/0"), action)
    operations.take(ines, ticket)
    assert client.post(action, data=form | {"a": to}).status_code == 303
    assert ticket.jurist_id == ines.id


def test_a_whole_desk_is_handed_over_after_a_question(sign_in: SignIn, lead: Any, ines: Any, marc: Any) -> None:
    studied = make_ticket(status=Status.STUDY, jurist=ines)
    waiting = make_ticket(status=Status.STUDY, jurist=ines)
    operations.ask_detail(ines, waiting, text="Quelle date ?")
    with transaction():
        db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    relayed = make_ticket(status=Status.RELAY, jurist=ines)
    desk, to, client = ines.id, marc.id, sign_in(lead)
    asked = client.get(f"/equipe/{desk}/tout-confier?a={to}")
    assert "Confier 3 questions à Marc Lefèvre" in text_of(asked)
    said = "Inès Carvalho a 3 questions ouvertes, dont 1 en attente de l’adhérent et 1 au relais."
    assert said in text_of(asked).replace("\u00a0", " ")
    assert studied.jurist_id == desk
    action = f"/equipe/{desk}/tout-confier"
    form = hidden_fields(asked, action)
    assert client.post(action, data=form).status_code == 303
    assert client.post(action, data=form).status_code == 303
    assert {studied.jurist_id, waiting.jurist_id, relayed.jurist_id} == {to}


def test_a_desk_goes_to_somebody_of_the_pole_alone(sign_in: SignIn, lead: Any, ines: Any) -> None:
    outsider = PersonFactory(delegate=True)
    desk, wrong, client = ines.id, outsider.id, sign_in(lead)
    for to in (wrong, desk, "x", ""):
        answer = client.get(f"/equipe/{desk}/tout-confier?a={to}")
        assert answer.headers["Location"] == f"/equipe/{desk}"
    form = {"a": wrong, "submission_key": "k"}
    assert client.post(f"/equipe/{desk}/tout-confier", data=form).status_code == 404
    assert client.get("/equipe/0/tout-confier?a=1").status_code == 404
    assert client.get(f"/equipe/{wrong}").status_code == 404


def test_who_left_keeps_a_desk_until_it_is_empty(sign_in: SignIn, lead: Any, ines: Any, marc: Any) -> None:
    ticket = make_ticket(status=Status.STUDY, jurist=ines)
    with transaction():
        ines.roles[0].ends_on = LONG_AGO
    desk, to, client = ines.id, marc.id, sign_in(lead)
    assert "Inès Carvalho" in client.get("/equipe").text
    asked = client.get(f"/equipe/{desk}/tout-confier?a={to}")
    action = f"/equipe/{desk}/tout-confier"
    assert client.post(action, data=hidden_fields(asked, action)).status_code == 303
    assert ticket.jurist_id == to
    assert "Inès Carvalho" not in text_of(client.get("/equipe"))


@pytest.mark.parametrize("address", ["/equipe", "/equipe/0", "/equipe/delegations/bretagne?part=en-cours"])
def test_a_page_costs_the_same_whatever_the_number_of_rows(sign_in: SignIn, lead: Any, ines: Any, address: str) -> None:
    asker, delegate, client = make_asker(), PersonFactory(delegate=True), sign_in(lead)
    costs = []
    for count in (1, 10):
        for _ in range(count):
            make_ticket(asker, status=Status.POLE, delegate=delegate)
            make_ticket(asker)
        with count_queries() as queries:
            assert client.get(address).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 8, queries
