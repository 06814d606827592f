"""« Délais » over HTTP: who sees what, the period and the filters in the address, what presses, the files."""

import csv
import html
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
from helpdesk.stats.operations import freeze
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.report import annual_report
from helpdesk.stats.wording import DEFINITIONS
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import ANSWER, make_asker, make_ticket
from tests.support.http import Client
from tests.support.pages import error_summary, text_of
from tests.support.queries import count_queries

SignIn = Callable[[Person], Client]
TODAY = "2026-11-20T09:00:00+00:00"


@pytest.fixture(autouse=True)
def _day(app: Any, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(TODAY, tick=False)


class Region:
    """A delegation whose delegate answers, and a structure that asks."""

    def __init__(self, time_machine: TimeMachineFixture, code: str, departement: str) -> None:
        self.time_machine = time_machine
        self.delegate = PersonFactory(delegate=True, delegation=code, can_answer=True)
        self.structure = OrganisationFactory(delegation=code, departement=departement)
        self.asker = make_asker(self.structure)

    def asked(self, on: str, **values: Any) -> Ticket:
        """Asked that day at ten."""
        self.time_machine.move_to(f"{on}T09:00:00+00:00", tick=False)
        ticket = make_ticket(self.asker, **values)
        self.time_machine.move_to(TODAY, tick=False)
        return ticket

    def answered(self, on: str, until: str, count: int = 1) -> None:
        """So many, asked one day and answered another."""
        for _ in range(count):
            ticket = self.asked(on)
            self.time_machine.move_to(f"{until}T10:00:00+00:00", tick=False)
            operations.answer(self.delegate, ticket, ANSWER, seen_version=None)
        self.time_machine.move_to(TODAY, tick=False)


@pytest.fixture
def bretagne(app: Any, time_machine: TimeMachineFixture) -> Region:
    return Region(time_machine, "bretagne", "35")


@pytest.fixture
def normandie(app: Any, time_machine: TimeMachineFixture) -> Region:
    return Region(time_machine, "normandie", "76")


@pytest.fixture
def lead(app: Any) -> Person:
    return PersonFactory(lead=True, first_name="Hélène", last_name="Garnier")


def figures(page: Any) -> list[str]:
    """The four figures, without what stands beside; empty where nothing was received."""
    found = re.search(r'<dl class="chiffres-cles">(.*?)</dl>', page.text, re.DOTALL)
    if found is None:
        assert "Aucune question reçue" in page.text
        return [""]
    values = re.findall(r"<dd>(.*?)</dd>", found[1], re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]*>", "", value)).replace("\u202f", " ") for value in values]


def titles(page: Any) -> list[str]:
    """The questions of « À débloquer maintenant »."""
    found = re.search(r'id="t-urgences".*?</section>', page.text, re.DOTALL)
    assert found
    return [html.unescape(title) for title in re.findall(r'<a href="/questions/Q-[^"]*">([^<]*)</a>', found[0])]


# --- who


def test_the_staff_sees_the_figures_and_nobody_else(sign_in: SignIn) -> None:
    for address in ("/delais", "/delais/export.csv", "/delais/export.ods?table=par-mois"):
        for traits in ({"lead": True}, {"jurist": True}, {"delegate": True}):
            assert sign_in(PersonFactory(**traits)).get(address).status_code == 200, (address, traits)
        for traits in ({"member": True}, {"partner_jurist": True}, {"admin": True}):
            assert sign_in(PersonFactory(**traits)).get(address).status_code == 403, (address, traits)


def test_the_lead_lands_on_the_response_times(sign_in: SignIn, lead: Person) -> None:
    assert sign_in(lead).get("/").headers["Location"] == "/delais"


def test_a_delegate_sees_their_own_delegations_and_the_pole_every_one(
    sign_in: SignIn, lead: Person, bretagne: Region, normandie: Region
) -> None:
    bretagne.answered("2026-03-02", "2026-03-05", 3)
    normandie.answered("2026-03-02", "2026-03-05", 4)
    both = PersonFactory(delegate=True, delegations=("bretagne", "normandie"))
    received = {
        who: figures(sign_in(person).get("/delais"))[0]
        for who, person in {
            "lead": lead, "bretagne": bretagne.delegate, "normandie": normandie.delegate, "both": both,
        }.items()
    }  # fmt: skip
    assert received == {"lead": "7", "bretagne": "3", "normandie": "4", "both": "7"}
    assert figures(sign_in(both).get("/delais?region=normandie"))[0] == "4"
    alone, page = sign_in(bretagne.delegate).get("/delais"), sign_in(both).get("/delais")
    assert "Par délégation" not in text_of(alone)
    assert 'id="region"' not in alone.text
    assert "Par délégation" in text_of(page)
    assert 'id="region"' in page.text


def test_a_region_that_is_not_the_delegates_is_refused_on_the_page_and_in_the_files(
    sign_in: SignIn, bretagne: Region, normandie: Region
) -> None:
    normandie.answered("2026-03-02", "2026-03-05")
    client = sign_in(bretagne.delegate)
    for address in ("/delais", "/delais/export.csv"):
        for region in ("normandie", "nationale", "n-existe-pas"):
            page = client.get(f"{address}?region={region}")
            assert page.status_code == 422
            assert error_summary(page) == ["« Région » : choisissez une valeur de la liste."]
            assert "chiffres-cles" not in page.text
            assert page.mimetype == "text/html"


# --- the address


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("periode=1999", "« Période » : choisissez une valeur de la liste."),
        ("periode=dates", "Indiquez les deux dates, ou choisissez une année."),
        ("periode=2027", "« Période » : choisissez une valeur de la liste."),
        ("theme=astrologie", "« Thème » : choisissez une valeur de la liste."),
        ("typologie=XXL", "« Typologie » : choisissez une valeur de la liste."),
        ("canal=pigeon", "« Canal » : choisissez une valeur de la liste."),
        ("niveau=waiting", "« Niveau de réponse » : choisissez une valeur de la liste."),
        ("du=2026-02-31&au=2026-03-31", "Écrivez une date qui existe, sous la forme 2026-12-31."),
        ("du=9999-12-31&au=9999-12-31", "Écrivez une date entre 2000 et 2100."),
        ("du=0001-01-01&au=0001-01-02", "Écrivez une date entre 2000 et 2100."),
        ("theme=social%00", "« Thème » : choisissez une valeur de la liste."),
        ("du=2026-02-01", "Indiquez les deux dates, ou choisissez une année."),
        (
            "du=2026-02-02&au=2026-02-01",
            "La période va du premier jour au dernier, sur cinq ans au plus. Corrigez une des deux dates.",
        ),
        (
            "du=2016-02-02&au=2026-02-01",
            "La période va du premier jour au dernier, sur cinq ans au plus. Corrigez une des deux dates.",
        ),
    ],
)
def test_a_wrong_value_is_said_and_nothing_is_counted(sign_in: SignIn, lead: Person, query: str, message: str) -> None:
    page = sign_in(lead).get(f"/delais?{query}")
    assert page.status_code == 422
    assert set(error_summary(page)) == {message}
    assert "chiffres-cles" not in page.text
    assert "t-urgences" not in page.text


def test_the_period_is_in_the_address(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    bretagne.answered("2025-11-19", "2025-11-25")
    bretagne.answered("2025-12-31", "2026-01-04", 2)
    bretagne.answered("2026-10-01", "2026-10-04", 3)
    client = sign_in(lead)
    sent = {
        query: figures(client.get(f"/delais?{query}"))[0]
        for query in ("", "periode=2026", "periode=2025", "periode=12-mois", "periode=trimestre")
    }
    assert list(sent.values()) == ["3", "3", "3", "5", "3"]
    assert figures(client.get("/delais?du=2025-12-31&au=2025-12-31"))[0] == "2"
    assert "du 1er janvier au 20 novembre 2026" in text_of(client.get("/delais")).lower()
    choices = re.findall(r'<option[^>]*value="([^"]*)"', client.get("/delais").text.split("</select>")[0])
    assert choices == ["2026", "12-mois", "trimestre", "trimestre-dernier", "2025"]


def test_two_days_are_kept_when_a_filter_changes_and_left_for_a_named_period(
    sign_in: SignIn, lead: Person, bretagne: Region
) -> None:
    bretagne.answered("2025-03-02", "2025-03-05")
    bretagne.answered("2026-03-02", "2026-03-05")
    client = sign_in(lead)
    page = client.get("/delais?du=2026-03-01&au=2026-03-31&region=bretagne")
    assert '<input type="hidden" name="vues" value="2026-03-01_2026-03-31">' in page.text
    assert '<option selected value="bretagne">' in page.text
    assert "Du 1er mars au 31 mars 2026, Bretagne, tous thèmes." in text_of(page).replace("1 er", "1er")
    same = client.get("/delais?periode=dates&du=2026-03-01&au=2026-03-31&region=")
    assert figures(same) == figures(page)
    named = client.get("/delais?periode=2025&du=2026-03-01&au=2026-03-31&vues=2026-03-01_2026-03-31")
    assert "du 1er janvier au 31 décembre 2025" in text_of(named).lower().replace("1 er", "1er")
    assert 'value="2026-03-01"' not in named.text


def test_two_days_that_were_written_go_before_the_period_that_was_left_there(
    sign_in: SignIn, lead: Person, bretagne: Region
) -> None:
    bretagne.answered("2026-03-02", "2026-03-05")
    client = sign_in(lead)
    whole = client.get("/delais?periode=2026&region=bretagne&canal=portal").text
    assert whole.count('<form class="filtres"') == whole.split("<main")[1].count("<form") == 1
    for more in ("", "&periode=dates", "&vues=2025-01-01_2025-01-31"):
        page = client.get(f"/delais?periode=2026&region=bretagne&du=2026-03-01&au=2026-03-31{more}")
        assert "Du 1er mars au 31 mars 2026, Bretagne, tous thèmes." in text_of(page).replace("1 er", "1er")
    half = client.get("/delais?periode=2026&region=bretagne&du=2026-03-01&au=")
    assert error_summary(half) == ["Indiquez les deux dates, ou choisissez une année."]
    assert '<option selected value="bretagne">' in half.text
    assert '<details class="donnees" open>' in half.text


def test_what_has_no_answer_yet_says_so_without_empty_tables(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    bretagne.asked("2026-11-10")
    page = sign_in(lead).get("/delais")
    assert "Aucune réponse envoyée pour 1 question reçue sur cette période." in text_of(page)
    assert "Par canal" not in text_of(page)
    assert "Questions encore sans réponse" in text_of(page)


def test_a_year_that_was_frozen_is_offered_when_its_questions_are_gone(
    sign_in: SignIn, lead: Person, bretagne: Region
) -> None:
    bretagne.asked("2026-03-02")
    gone = annual_report(Selection(), 2023, clock.now())
    freeze(lead, gone, seen_number=0, seen_digest=digest_of(gone))
    client, option = sign_in(lead), '<option value="2023">'
    assert option in client.get("/delais").text
    opened = client.get("/delais?periode=2023")
    assert opened.status_code == 200
    assert '"/delais/rapport/2023"' in opened.text
    assert '"/delais?periode=2023"' in client.get("/delais/rapport/2023").text
    delegate = sign_in(bretagne.delegate)
    assert option not in delegate.get("/delais").text
    assert delegate.get("/delais/rapport/2023").status_code == 404


def test_every_filter_narrows_the_figures(sign_in: SignIn, lead: Person, bretagne: Region, normandie: Region) -> None:
    bretagne.answered("2026-03-02", "2026-03-05", 2)
    normandie.answered("2026-03-02", "2026-03-05")
    national = make_ticket(organisation=OrganisationFactory(national=True), topic="social/discipline")
    operations.answer(lead, national, ANSWER, seen_version=None)
    client = sign_in(lead)
    sent = {
        query: figures(client.get(f"/delais?{query}"))[0]
        for query in (
            "region=bretagne", "region=nationale", "theme=social", "theme=social/discipline", "theme=fiscal",
            "typologie=ACI", "typologie=EI", "canal=portal", "canal=phone", "niveau=delegation", "niveau=pole",
        )
    }  # fmt: skip
    assert sent == {
        "region=bretagne": "2",
        "region=nationale": "1",
        "theme=social": "4",
        "theme=social/discipline": "1",
        "theme=fiscal": "",
        "typologie=ACI": "4",
        "typologie=EI": "",
        "canal=portal": "4",
        "canal=phone": "",
        "niveau=delegation": "3",
        "niveau=pole": "1",
    }


# --- what it says


def test_the_sentence_the_figures_and_the_tables_say_the_same(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    bretagne.answered("2025-03-03", "2025-03-10", 10)
    bretagne.answered("2026-03-02", "2026-03-12", 9)
    bretagne.answered("2026-03-02", "2026-03-13")
    bretagne.asked("2026-11-10")
    page = sign_in(lead).get("/delais")
    words = text_of(page)
    assert "90 % des réponses sont parties en 10 jours ou moins. L’objectif est de 90 %." in words
    assert "Aux mêmes dates un an plus tôt : 100 %." in words
    assert figures(page) == ["10", "10 jours", "10 jours", "1"]
    assert "pour 11 questions reçues 10 réponses un an plus tôt" in words
    assert "délai médian 7 jours un an plus tôt" in words
    assert "pas encore hors délai elle a 10 jours" in words
    assert "1 réponse a dépassé l’objectif." in words
    assert "100 % des réponses ont été données au premier niveau" in words
    for term, meaning in DEFINITIONS:
        assert f"{term} {meaning}" in words


def test_a_period_without_any_question_says_so_and_still_shows_what_presses(
    sign_in: SignIn, lead: Person, bretagne: Region
) -> None:
    bretagne.asked("2025-12-31", title="Une question oubliée ?")
    page = sign_in(lead).get("/delais?du=2026-01-01&au=2026-01-31")
    assert "Aucune question reçue sur cette période." in text_of(page)
    assert titles(page) == ["Une question oubliée ?".replace(" ?", "\u202f?")]
    assert "graphe" not in page.text.split("<main")[1].split('<svg class="sprite')[0]


def test_few_answers_have_neither_median_nor_share(sign_in: SignIn, bretagne: Region) -> None:
    bretagne.answered("2026-03-02", "2026-03-05", 6)
    page = sign_in(bretagne.delegate).get("/delais")
    assert "Pas assez de réponses sur cette période pour calculer un délai." in text_of(page)
    assert figures(page) == ["6", "–", "–", "0"]
    assert " % des" not in text_of(page)


def test_a_delegate_reads_no_count_under_five_in_the_tables(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    bretagne.answered("2026-03-02", "2026-03-05", 3)
    told, whole = (sign_in(person).get("/delais") for person in (bretagne.delegate, lead))
    assert "moins de 5" in text_of(told)
    assert "moins de 5" not in text_of(whole).split("Comment ces délais")[0]
    assert "3 jours 3" in text_of(whole)
    assert "3 jours 3" not in text_of(told)
    assert figures(told)[0] == "3"


def test_a_filter_that_leaves_a_delegate_too_few_questions_tells_nothing_of_them(
    sign_in: SignIn, lead: Person, bretagne: Region
) -> None:
    bretagne.answered("2026-06-01", "2026-06-04", 4)
    for narrowed in ("/delais?canal=portal", "/delais?du=2026-05-01&au=2026-06-30"):
        page = text_of(sign_in(bretagne.delegate).get(narrowed))
        assert "Moins de cinq questions" in page
        assert "réponses envoyées" not in page
        assert "4" in figures(sign_in(lead).get(narrowed))[0]
    assert "4" in figures(sign_in(bretagne.delegate).get("/delais"))[0]
    bretagne.answered("2026-06-01", "2026-06-04")
    assert "5" in figures(sign_in(bretagne.delegate).get("/delais?canal=portal"))[0]


# --- what presses


def test_what_presses_comes_late_first_then_due_soonest(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    for day in (3, 17, 10, 16, 18, 19):
        bretagne.asked(f"2026-11-{day:02}", title=f"Reçue le {day}")
    page = sign_in(lead).get("/delais")
    assert titles(page) == [f"Reçue le {day}" for day in (3, 10, 16, 17, 18)]
    assert "Bretagne, à trier" in text_of(page)
    assert "jours de retard" in text_of(page)
    assert "Voir les 6 questions en cours" in text_of(page)


def test_what_waits_for_its_asker_is_counted_and_does_not_press(
    sign_in: SignIn, lead: Person, bretagne: Region
) -> None:
    bretagne.asked("2026-11-03", status=Status.WAITING, delegate=bretagne.delegate)
    page = sign_in(lead).get("/delais")
    assert titles(page) == []
    assert "Voir la question en cours" in text_of(page)


def test_what_presses_names_who_has_it(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    jurist = PersonFactory(jurist=True, first_name="Nadia", last_name="Benali")
    bretagne.asked("2026-11-03", status=Status.STUDY, delegate=bretagne.delegate, jurist=jurist)
    assert "Bretagne, confiée à Nadia Benali" in text_of(sign_in(lead).get("/delais"))


def test_what_presses_is_what_the_reader_may_open(
    sign_in: SignIn, lead: Person, bretagne: Region, normandie: Region
) -> None:
    other = PersonFactory(delegate=True, delegation="bretagne")
    jurist, conflicted = PersonFactory(jurist=True), PersonFactory(jurist=True)
    secret = bretagne.asked("2026-11-03", title="Attouchement par un encadrant", is_sensitive=True)
    operations.take_regional(bretagne.delegate, secret)
    closed = bretagne.asked("2026-11-04", title="Un dossier du pôle", status=Status.POLE, delegate=bretagne.delegate)
    operations.declare_conflict(lead, closed, conflicted, reason="Ancien employeur.")
    normandie.asked("2026-11-05", title="Ailleurs")
    seen = {
        name: titles(sign_in(person).get("/delais"))
        for name, person in {
            "in charge": bretagne.delegate, "another": other, "jurist": jurist, "in conflict": conflicted,
        }.items()
    }  # fmt: skip
    sensitive = f"Dossier sensible {secret.reference}"
    assert seen == {
        "in charge": [sensitive, "Un dossier du pôle"],
        "another": ["Un dossier du pôle"],
        "jurist": [sensitive, "Un dossier du pôle", "Ailleurs"],
        "in conflict": [sensitive, "Ailleurs"],
    }


@pytest.mark.parametrize(
    "query", ["", "region=bretagne", "region=nationale", "theme=social", "theme=fiscal", "canal=portal"]
)
def test_the_link_leads_to_as_many_open_questions_as_it_says(
    sign_in: SignIn, lead: Person, bretagne: Region, normandie: Region, query: str
) -> None:
    bretagne.asked("2026-11-03")
    bretagne.asked("2026-11-03", status=Status.WAITING, delegate=bretagne.delegate)
    bretagne.asked("2026-11-03", status=Status.ANSWERED)
    normandie.asked("2026-11-05")
    make_ticket(organisation=OrganisationFactory(national=True))
    client = sign_in(lead)
    page = client.get(f"/delais?{query}")
    link = re.search(r'<a href="(/questions\?[^"]*statut=en-cours[^"]*)">(.*?)</a>', page.text)
    if link is None:
        assert query == "theme=fiscal"
        return
    number = re.search(r"\d+", html.unescape(link[2]))
    listed = client.get(html.unescape(link[1]))
    assert listed.status_code == 200
    assert listed.text.count('<th scope="row">') == (int(number[0]) if number else 1)


def test_the_delegate_of_two_regions_is_led_to_the_list_without_a_number(sign_in: SignIn, bretagne: Region) -> None:
    bretagne.asked("2026-11-03")
    both = PersonFactory(delegate=True, delegations=("bretagne", "normandie"))
    assert "Voir les questions en cours" in text_of(sign_in(both).get("/delais"))
    assert "Voir la question en cours" in text_of(sign_in(both).get("/delais?region=bretagne"))


# --- the files


def table_of(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_one_table_leaves_as_one_file_named_after_its_period(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    bretagne.answered("2026-03-02", "2026-03-05", 12)
    client = sign_in(lead)
    answer = client.get("/delais/export.csv?table=par-canal&periode=12-mois")
    rows = table_of(answer)
    assert rows[0][:3] == ["Canal", "Reçues", "Réponses"]
    assert rows[1][:3] == ["En ligne", "12", "12"]
    assert "delais-12-mois-par-canal-2026-11-20.csv" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    days = client.get("/delais/export.csv?table=par-canal&du=2026-03-01&au=2026-03-31")
    assert "delais-2026-03-01-2026-03-31-par-canal-2026-11-20.csv" in days.headers["Content-Disposition"]
    named = client.get("/delais/export.csv?table=par-canal&periode=2026")
    assert "delais-2026-par-canal-2026-11-20.csv" in named.headers["Content-Disposition"]
    chosen = client.get("/delais/export.ods?region=bretagne&theme=social/discipline&canal=phone&niveau=pole")
    assert (
        "filename=delais-2026-bretagne-social-discipline-telephone-pole-juridique-2026-11-20.ods"
        in chosen.headers["Content-Disposition"]
    )
    assert client.get("/delais/export.csv?table=n-existe-pas").status_code == 404
    assert client.get("/delais/export.pdf").status_code == 404


def test_dates_to_come_are_not_counted_against_days_of_the_year_before(
    sign_in: SignIn, lead: Person, bretagne: Region
) -> None:
    bretagne.answered("2025-12-01", "2025-12-04", 12)
    bretagne.answered("2026-11-02", "2026-11-05", 12)
    page = text_of(sign_in(lead).get("/delais?periode=dates&du=2026-11-01&au=2026-12-31"))
    assert "Du 1er novembre au 20 novembre 2026" in page.replace("1 er", "1er")
    assert "12 réponses un an plus tôt" not in page


def test_all_the_tables_leave_with_the_definitions(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    bretagne.answered("2026-03-02", "2026-03-05", 12)
    for kind in (FileFormat.XLSX, FileFormat.ODS):
        answer = sign_in(lead).get(f"/delais/export.{kind}?region=bretagne&canal=portal")
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
        assert book.sheet_names[0] == "Ensemble"
        assert "Par thème" in book.sheet_names
        assert "Par délégation" not in book.sheet_names
        meanings = book.get_sheet_by_name("Définitions").to_python()
        assert "Bretagne, tous thèmes, canal « En ligne »" in str(meanings[1][1])
        assert [row[0] for row in meanings[2:]] == [term for term, _meaning in DEFINITIONS]
    archive = zipfile.ZipFile(io.BytesIO(sign_in(lead).get("/delais/export.csv").data))
    assert {"ensemble.csv", "par-delegation.csv", "sans-reponse.csv", "definitions.csv"} <= set(archive.namelist())


def test_no_count_under_five_leaves_the_pole_whoever_asks(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    bretagne.answered("2026-03-02", "2026-03-05", 3)
    for person in (lead, bretagne.delegate):
        for table in ("ensemble", "par-canal", "repartition", "par-mois", "par-theme"):
            cells = [
                cell
                for row in table_of(sign_in(person).get(f"/delais/export.csv?table={table}"))[1:]
                for cell in row[1:]
            ]
            assert "moins de 5" in cells, table
            assert "3" not in cells, table


def test_the_tables_of_the_page_are_those_of_the_files(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    bretagne.answered("2026-03-02", "2026-03-05", 12)
    client = sign_in(lead)
    links = re.findall(r'href="(/delais/export[^"]*)"', client.get("/delais?region=bretagne").text)
    assert len(links) > 20
    for link in links:
        answer = client.get(html.unescape(link))
        assert answer.status_code == 200, link
        assert "region=bretagne" in link


def test_the_page_asks_the_same_whatever_the_number_of_answers(sign_in: SignIn, lead: Person, bretagne: Region) -> None:
    client, counts = sign_in(lead), []
    for count in (1, 12):
        bretagne.answered("2026-03-02", "2026-03-05", count)
        client.get("/delais")
        with count_queries() as statements:
            client.get("/delais")
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10
