"""Each role gets its menu, its area and its landing page, in few queries."""

from collections.abc import Callable
from typing import Any

import pytest

from helpdesk.tickets.enums import Status
from helpdesk.tickets.views.menu import area_name, landing_endpoint, menu_of
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.tickets import make_asker, make_ticket
from tests.support.pages import text_of
from tests.support.queries import count_queries

LANDINGS = [
    ({"member": True}, "tickets.home"),
    ({"delegate": True}, "tickets.triage"),
    ({"delegate": True, "has_mandate": True}, "tickets.triage"),
    ({"jurist": True}, "tickets.queue"),
    ({"lead": True}, "stats.delays"),
    ({"admin": True}, "administration.state"),
    ({"partner_jurist": True}, "juri_ptce.parts"),
]


@pytest.mark.parametrize(("traits", "endpoint"), LANDINGS, ids=[endpoint for _traits, endpoint in LANDINGS])
def test_each_role_lands_on_its_own_page(app: Any, traits: dict[str, Any], endpoint: str) -> None:
    assert landing_endpoint(PersonFactory(**traits)) == endpoint


def test_the_staff_is_led_from_the_home_to_its_page(app: Any, sign_in: Callable[..., Any]) -> None:
    answer = sign_in(PersonFactory(jurist=True)).get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/ma-file")


def labels(app: Any, person: Any, endpoint: str = "") -> list[str]:
    with app.test_request_context():
        return [item.label for item in menu_of(person, endpoint)]


def test_a_menu_shows_what_the_role_may_open(app: Any) -> None:
    assert labels(app, PersonFactory(member=True)) == [
        "Accueil",
        "Questions fréquentes",
        "Mes questions",
        "Poser une question",
    ]
    assert labels(app, PersonFactory(delegate=True)) == [
        "À trier",
        "Questions",
        "FAQ",
        "Juri-PTCE",
        "Adhérents",
        "Délais",
    ]
    pole = ["Ma file", "Questions", "FAQ", "Juri-PTCE"]
    assert labels(app, PersonFactory(jurist=True)) == [*pole, "Adhérents", "Délais"]
    assert labels(app, PersonFactory(lead=True)) == [*pole, "Équipe", "Adhérents", "Délais"]
    assert labels(app, PersonFactory(partner_jurist=True)) == ["Questions fréquentes", "Juri-PTCE", "Mes volets"]


def test_somebody_with_two_hats_gets_both_menus(app: Any) -> None:
    person = PersonFactory(delegate=True, has_mandate=True)
    staff = ["À trier", "Questions", "FAQ", "Juri-PTCE", "Adhérents", "Délais"]
    assert labels(app, person) == [*staff, "Mes questions", "Poser une question"]


def test_the_area_names_the_delegations(app: Any) -> None:
    assert area_name(PersonFactory(delegate=True)) == "Délégation Bretagne"
    two = PersonFactory(delegate=True, delegations=("normandie", "bretagne"))
    assert area_name(two) == "Délégations Bretagne, Normandie"
    assert area_name(PersonFactory(lead=True)) == "Pôle juridique"
    assert area_name(PersonFactory(member=True)) == "Espace adhérent"


def test_the_menu_counts_what_waits(app: Any) -> None:
    asker = make_asker()
    delegate, jurist = PersonFactory(delegate=True, can_answer=True), PersonFactory(jurist=True)
    make_ticket(asker)
    make_ticket(asker, status=Status.ANSWERED, jurist=jurist)
    make_ticket(asker, status=Status.WAITING, delegate=delegate)
    make_ticket(asker, status=Status.STUDY, jurist=jurist)
    with app.test_request_context():
        counts = {item.label: item.count for who in (asker, delegate, jurist) for item in menu_of(who, None)}
    assert (counts["À trier"], counts["Ma file"], counts["Mes questions"]) == (1, 1, 2)


def test_the_menu_costs_two_queries_at_most(app: Any) -> None:
    person = PersonFactory(delegate=True, has_mandate=True)
    make_ticket(person)
    with app.test_request_context(), count_queries() as queries:
        menu_of(person, None)
    assert len(queries) <= 2, queries


def test_the_page_of_the_moment_is_marked_once(app: Any, sign_in: Callable[..., Any]) -> None:
    page = sign_in(PersonFactory(delegate=True)).get("/a-trier")
    head = page.text.split("</nav>")[0]
    assert head.count('aria-current="page"') == 1
    assert "Délégation Bretagne" in text_of(page)


def test_an_error_page_needs_no_menu(app: Any, client: Any) -> None:
    with count_queries() as queries:
        page = client.get("/cette-page-n-existe-pas")
    assert page.status_code == 404
    assert queries == []


def test_a_delegate_reads_their_own_questions_as_a_member(app: Any) -> None:
    person = PersonFactory(delegate=True, delegation="normandie")
    give_mandate(person, OrganisationFactory())
    make_ticket(person, status=Status.ANSWERED)
    with app.test_request_context():
        counts = {item.label: item.count for item in menu_of(person, None)}
    assert (counts["À trier"], counts["Mes questions"]) == (0, 1)
