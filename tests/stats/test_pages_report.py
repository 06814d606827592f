"""« Rapport annuel » over HTTP: who reads what, its print, its files, the year that is frozen."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.stats.digest import digest_of
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.operations import freeze as freeze_year
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.report import annual_report
from helpdesk.stats.wording import REPORT_DEFINITIONS
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import make_asker, make_ticket
from tests.support.http import Client
from tests.support.pages import error_summary, text_of
from tests.support.scenes import Keep

SignIn = Callable[[Person], Client]
JANUARY = "2027-01-15T09:00:00+00:00"
PAGE = "/delais/rapport/2026"
PAGES = (PAGE, f"{PAGE}/imprimer", f"{PAGE}/export.xlsx")


@pytest.fixture(autouse=True)
def _year(kept: Keep, time_machine: TimeMachineFixture) -> None:
    """Six questions of 2026 in Bretagne and two in Normandie, on a day of January 2027."""

    def asked() -> None:
        time_machine.move_to("2026-03-02T09:00:00+00:00", tick=False)
        for code, departement, count in (("bretagne", "35", 6), ("normandie", "14", 2)):
            asker = make_asker(OrganisationFactory(delegation=code, departement=departement))
            for _ in range(count):
                make_ticket(asker)
        time_machine.move_to(JANUARY, tick=False)

    time_machine.move_to(JANUARY, tick=False)
    kept(asked)


@pytest.fixture
def lead(sign_in: SignIn) -> Client:
    return sign_in(PersonFactory(lead=True, first_name="Hélène", last_name="Garnier"))


def form_of(client: Client) -> dict[str, str]:
    """What the form on the page of today's figures sends besides the box."""
    shown = client.get(f"{PAGE}?recalcul=1").text
    return {name: "".join(re.findall(rf'name="{name}" value="(\w*)"', shown)) for name in ("seen", "figures")}


def freeze(client: Client, **values: str) -> Any:
    """Read the page, then send its form; *values* in the place of what it holds."""
    return client.post(f"{PAGE}/figer?recalcul=1", data={**form_of(client), "confirmed": "y", **values})


def ask_one_more(time_machine: TimeMachineFixture) -> None:
    time_machine.move_to("2026-06-01T09:00:00+00:00", tick=False)
    make_ticket()
    time_machine.move_to("2027-01-15T10:00:00+00:00", tick=False)


# --- who, and which year


@pytest.mark.parametrize("role", ["delegate", "jurist", "lead"])
def test_the_staff_reads_the_report_its_print_and_its_files(sign_in: SignIn, role: str) -> None:
    client = sign_in(PersonFactory(**{role: True}))
    assert [client.get(url).status_code for url in PAGES] == [200, 200, 200]


@pytest.mark.parametrize("role", ["member", "admin", "partner_jurist"])
def test_nobody_else_does(sign_in: SignIn, role: str) -> None:
    client = sign_in(PersonFactory(**{role: True}))
    assert [client.get(url).status_code for url in PAGES] == [403, 403, 403]


def test_there_is_no_report_before_the_first_question_nor_to_come(lead: Client) -> None:
    years = {2025: 404, 2026: 200, 2027: 200, 2028: 404, 0: 404, 99999: 404}
    for page in ("", "/imprimer", "/export.csv"):
        assert {year: lead.get(f"/delais/rapport/{year}{page}").status_code for year in years} == years
    assert lead.post("/delais/rapport/2025/figer").status_code == 404


def test_a_delegate_reads_the_figures_of_the_delegation_alone(sign_in: SignIn, lead: Client) -> None:
    freeze(lead)
    client = sign_in(PersonFactory(delegate=True, delegation="bretagne"))
    page = text_of(client.get(PAGE))
    assert "6 sollicitations reçues en 2026" in page
    assert "Bretagne." in page
    assert "figé" not in page
    assert "Normandie" not in client.get(PAGE).text
    assert client.get(f"{PAGE}?version=1").status_code == 404


def test_no_small_number_is_on_any_page_whoever_reads(lead: Client) -> None:
    page = text_of(lead.get(PAGE))
    assert "8 sollicitations reçues en 2026, de moins de 5 structures différentes" in page
    for url in (PAGE, f"{PAGE}/imprimer"):
        assert re.search(r"Normandie</th>\s*<td[^>]*>(?:<span[^>]*>)?moins de\s5", lead.get(url).text)


def test_nothing_is_drawn_of_a_year_that_tells_nothing(lead: Client) -> None:
    for url in (PAGE, f"{PAGE}/imprimer"):
        page = lead.get(url)
        assert "Trop peu de réponses pour montrer leur répartition." in text_of(page)
        assert "Trop peu de réponses pour tracer une courbe." in text_of(page)
        assert 'class="graphe"' not in page.text
        assert "non communiqué questions" not in text_of(page)


def test_the_parts_of_the_report_and_its_freezing_are_one_link_away(lead: Client, sign_in: SignIn) -> None:
    page = lead.get(PAGE).text
    linked = re.findall(r'href="#([\w-]+)"', page)
    assert {"r-annee", "r-themes", "r-delais", "r-methode", "t-figer"} <= set(linked)
    assert {target for target in linked if f'id="{target}"' not in page} == set()
    assert "#t-figer" not in sign_in(PersonFactory(jurist=True)).get(PAGE).text
    freeze(lead)
    assert re.search(r"mêmes chiffres\.\s+Voir les chiffres d’aujourd’hui\s*\.", text_of(lead.get(PAGE)))


# --- the print and the files


def test_the_print_opens_every_table_and_ends_with_the_definitions(lead: Client) -> None:
    html = lead.get(f"{PAGE}/imprimer").text
    assert "<details" not in html
    assert 'class="page-imprimable"' in html
    shown = text_of(lead.get(f"{PAGE}/imprimer"))
    assert "Chiffres calculés le 15 janvier 2027" in shown
    assert "rapport annuel 2026" in shown
    places = [html.index(f">{term}<") for term in ("Neuvième décile", "Satisfaction", "Questions évitées")]
    assert places == sorted(places)
    assert places[0] > html.rindex("<table")


@pytest.mark.parametrize("file_format", list(FileFormat))
def test_a_file_carries_every_table_and_the_definitions(lead: Client, file_format: FileFormat) -> None:
    answer = lead.get(f"{PAGE}/export.{file_format}")
    assert answer.status_code == 200
    assert 'filename="rapport-annuel-2026-' in answer.headers["Content-Disposition"].replace(
        "filename=r", 'filename="r'
    )
    if file_format is FileFormat.CSV:
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            names = archive.namelist()
            text = archive.read(next(name for name in names if "par-delegation" in name)).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        assert [row[:2] for row in rows[1:]] == [["Bretagne", "non communiqué"], ["Normandie", "moins de 5"]]
        assert "definitions.csv" in names
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
        (sheet,) = [name for name in book.sheet_names if name.startswith("Définitions")]
        terms = {row[0] for row in book.get_sheet_by_name(sheet).to_python()}
        assert {term for term, _ in REPORT_DEFINITIONS} <= terms


def file_of(client: Client, query: str = "") -> tuple[str, str]:
    """Name of the report's file without its day, and its first definition."""
    answer = client.get(f"{PAGE}/export.xlsx{query}")
    name = answer.headers["Content-Disposition"].partition("filename=")[2].strip('"')
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    (sheet,) = [name for name in book.sheet_names if name.startswith("Définitions")]
    term, words = book.get_sheet_by_name(sheet).to_python()[1]
    assert term == "Ces chiffres"
    return name.removesuffix("-2027-01-15.xlsx"), re.sub(r"\s", " ", str(words))


def test_a_file_says_whose_questions_it_counts_and_which_figures_it_holds(sign_in: SignIn, lead: Client) -> None:
    national = "Rapport annuel 2026, toutes délégations. "
    calculated, frozen = "Chiffres calculés le 15 janvier 2027", "Chiffres figés le 15 janvier 2027 par Hélène Garnier"
    assert file_of(lead) == ("rapport-annuel-2026", f"{national}{calculated}.")
    freeze(lead)
    assert file_of(lead) == ("rapport-annuel-2026-fige-1", f"{national}{frozen}, version 1 sur 1.")
    freeze(lead)
    assert file_of(lead)[0] == "rapport-annuel-2026-fige-2"
    assert file_of(lead, "?version=1") == ("rapport-annuel-2026-fige-1", f"{national}{frozen}, version 1 sur 2.")
    again = f"{national}{calculated} : l’année est figée, ceux-ci sont recalculés."
    assert file_of(lead, "?recalcul=1") == ("rapport-annuel-2026-recalcul", again)
    delegate = sign_in(PersonFactory(delegate=True, delegation="bretagne"))
    assert file_of(delegate) == ("rapport-annuel-2026-bretagne", f"Rapport annuel 2026, Bretagne. {calculated}.")


def test_a_file_of_a_year_that_is_not_over_says_so(lead: Client) -> None:
    with zipfile.ZipFile(io.BytesIO(lead.get("/delais/rapport/2027/export.csv").data)) as archive:
        text = archive.read("definitions.csv").decode("utf-8-sig")
    assert re.search(r"Chiffres arrêtés au 15\sjanvier\s2027\s: l’année n’est pas finie", text)


# --- freezing


def test_the_lead_freezes_a_year_that_is_over_and_the_page_says_so(lead: Client, time_machine: Any) -> None:
    assert "Figer ces chiffres" in text_of(lead.get(PAGE))
    answer = freeze(lead)
    assert (answer.status_code, answer.location) == (303, PAGE)
    page = text_of(lead.get(PAGE))
    assert "Les chiffres de 2026 sont figés." in page
    assert "Chiffres figés le 15 janvier 2027 par Hélène Garnier." in page
    assert "Un calcul fait aujourd’hui donne les mêmes chiffres" in page


def test_what_changed_since_is_listed_for_the_pole_and_neither_printed_nor_exported(
    lead: Client, time_machine: TimeMachineFixture
) -> None:
    freeze(lead)
    ask_one_more(time_machine)
    page = text_of(lead.get(PAGE))
    assert "8 sollicitations reçues en 2026" in page
    assert "Ce qui a changé depuis que l’année est figée" in page
    assert re.search(r"Questions et structures 2026 Reçues 8 9", page)
    printed = text_of(lead.get(f"{PAGE}/imprimer"))
    assert "Chiffres figés le 15 janvier 2027 par Hélène Garnier." in printed
    assert "8 sollicitations reçues" in printed
    assert "ce sont les chiffres figés qui sont imprimés" in printed
    assert "Figé Recalculé" not in printed
    today = text_of(lead.get(f"{PAGE}?recalcul=1"))
    assert "9 sollicitations reçues en 2026" in today
    assert "l’année est figée, ceux-ci sont recalculés" in today
    assert "9 sollicitations reçues" in text_of(lead.get(f"{PAGE}/imprimer?recalcul=1"))


def test_a_year_is_frozen_again_and_every_version_stays_readable(
    lead: Client, time_machine: TimeMachineFixture
) -> None:
    freeze(lead)
    ask_one_more(time_machine)
    assert freeze(lead).status_code == 303
    page = text_of(lead.get(PAGE))
    assert "Chiffres figés le 15 janvier 2027 par Hélène Garnier, version 2 sur 2." in page
    assert "9 sollicitations" in page
    first = lead.get(f"{PAGE}?version=1")
    assert "version 1 sur 2" in text_of(first)
    assert "8 sollicitations" in text_of(first)
    assert f"{PAGE}/imprimer?version=1" in first.text
    assert [lead.get(f"{PAGE}?version={one}").status_code for one in ("3", "0", "x", "1e9")] == [404] * 4


def test_somebody_else_was_quicker(lead: Client) -> None:
    seen = form_of(lead)
    freeze(lead)
    answer = lead.post(f"{PAGE}/figer", data={**seen, "confirmed": "y"})
    assert answer.status_code == 409
    assert "Une autre personne vient de figer cette année" in text_of(answer)


def test_figures_that_changed_since_they_were_read_are_not_frozen(
    lead: Client, time_machine: TimeMachineFixture
) -> None:
    seen = form_of(lead)
    ask_one_more(time_machine)
    answer = lead.post(f"{PAGE}/figer", data={**seen, "confirmed": "y"})
    assert answer.status_code == 409
    assert "Des chiffres ont changé depuis que vous les avez lus" in text_of(answer)
    assert "9 sollicitations reçues en 2026" in text_of(answer)
    assert "checked" not in answer.text
    assert "Chiffres calculés le 15 janvier 2027" in text_of(lead.get(PAGE))
    (read_again,) = re.findall(r'name="figures" value="(\w+)"', answer.text)
    answer = lead.post(f"{PAGE}/figer", data={"seen": "0", "figures": read_again, "confirmed": "y"})
    assert answer.status_code == 303
    assert "9 sollicitations reçues en 2026" in text_of(lead.get(PAGE))


def test_only_the_figures_that_are_shown_can_be_frozen(lead: Client, time_machine: TimeMachineFixture) -> None:
    freeze(lead)
    ask_one_more(time_machine)
    for address in (PAGE, f"{PAGE}?version=1"):
        page = lead.get(address)
        assert "Relire les chiffres d’aujourd’hui pour figer de nouveau" in text_of(page)
        assert 'method="post" action="/delais' not in page.text
    page = lead.get(f"{PAGE}?recalcul=1")
    assert "Figer de nouveau, avec les chiffres d’aujourd’hui" in text_of(page)
    answer = freeze(lead, confirmed="")
    assert answer.status_code == 422
    assert "9 sollicitations reçues en 2026" in text_of(answer)


def test_a_frozen_year_stays_when_its_questions_are_gone(sign_in: SignIn, lead: Client) -> None:
    report = annual_report(Selection(), 2024, clock.now())
    freeze_year(PersonFactory(lead=True), report, seen_number=0, seen_digest=digest_of(report))
    pages = [f"/delais/rapport/2024{page}" for page in ("", "?recalcul=1", "/imprimer", "/export.csv")]
    assert [lead.get(page).status_code for page in pages] == [200] * 4
    assert 'href="/delais/rapport/2024"' in lead.get(PAGE).text
    assert lead.get("/delais/rapport/2025").status_code == 404
    delegate = sign_in(PersonFactory(delegate=True, delegation="bretagne"))
    assert [delegate.get(page).status_code for page in pages] == [404] * 4


def test_nothing_is_frozen_without_the_box_ticked(lead: Client) -> None:
    answer = freeze(lead, confirmed="")
    assert answer.status_code == 422
    assert error_summary(answer) == ["Cochez la case : une année figée ne s’efface pas."]
    assert "Figer ces chiffres" in text_of(answer)


def test_a_jurist_reads_a_frozen_year_and_freezes_none(sign_in: SignIn, lead: Client) -> None:
    freeze(lead)
    client = sign_in(PersonFactory(jurist=True))
    page = text_of(client.get(PAGE))
    assert "Chiffres figés le 15 janvier 2027" in page
    assert "Figer" not in page
    assert freeze(client).status_code == 403


def test_the_present_year_is_not_offered_to_be_frozen(lead: Client) -> None:
    assert "Figer" not in text_of(lead.get("/delais/rapport/2027"))
    assert lead.post("/delais/rapport/2027/figer", data={"seen": "0", "confirmed": "y"}).status_code == 403
    assert "l’année n’est pas finie" in text_of(lead.get("/delais/rapport/2027"))
