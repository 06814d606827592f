"""« Toutes les questions » as a file: what the page lists for its reader, all of it and nothing more."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
import time_machine
from python_calamine import CalamineWorkbook

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope
from helpdesk.accounts.models import Person
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db
from helpdesk.reference.zones import PARIS
from helpdesk.search.operations import rebuild
from helpdesk.stats.queries import questions
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status, Urgency
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.tickets import make_asker, make_ticket, type_in
from tests.support.http import Client
from tests.support.queries import count_queries

SignIn = Callable[[Person], Client]
ADDRESS = "/questions/export.csv"


def rows_of(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{ADDRESS}{query}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def references(client: Client, query: str = "") -> list[str]:
    return [row["Référence"] for row in rows_of(client, query)]


def called(**values: Any) -> Ticket:
    """A question taken on the phone."""
    return type_in(PersonFactory(delegate=True), OrganisationFactory(), **values)


def exports() -> list[AuditEvent]:
    select = sa.select(AuditEvent).where(AuditEvent.action == "questions.exported").order_by(AuditEvent.id)
    return list(db.session.scalars(select))


@pytest.fixture
def lead() -> Person:
    return PersonFactory(lead=True)


# --- the file


@pytest.mark.parametrize(
    ("extension", "media_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ],
)
def test_the_file_is_named_typed_and_kept_nowhere(
    sign_in: SignIn, lead: Person, extension: str, media_type: str
) -> None:
    make_ticket()
    with time_machine.travel(datetime(2027, 11, 21, 23, 30, tzinfo=UTC), tick=False):
        answer = sign_in(lead).get(f"/questions/export.{extension}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Content-Disposition"] == f"attachment; filename=questions-2027-11-22.{extension}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.content_length == len(answer.data)


def test_the_file_is_named_after_the_filters_and_says_them_on_each_printed_page(sign_in: SignIn, lead: Person) -> None:
    make_ticket()
    rebuild()
    filters = (
        "statut=en-cours&theme=social&delegation=bretagne&canal=phone&du=2026-09-01&au=2026-11-30&urgentes=1&q=Dupont"
    )
    answer = sign_in(lead).get(f"/questions/export.xlsx?{filters}")
    named = "en-cours-telephone-social-bretagne-depuis-2026-09-01-jusqu-au-2026-11-30-urgentes-recherche"
    assert answer.headers["Content-Disposition"] == f"attachment; filename=questions-{named}-{clock.today()}.xlsx"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        properties, sheet = (archive.read(name).decode() for name in ("docProps/core.xml", "xl/worksheets/sheet1.xml"))
    title = (
        "Questions\u00a0: état « En cours », thème « Salariés et contrats de travail : tout », "
        "délégation « Bretagne », "
        "canal « Téléphone », reçues depuis le 01/09/2026 et jusqu’au 30/11/2026, urgentes, recherche"
    )
    assert f"<dc:title>{title}</dc:title>" in properties
    assert title[:200] in sheet
    assert "Dupont" not in properties + sheet


def test_a_file_of_all_the_questions_says_so(sign_in: SignIn, lead: Person) -> None:
    make_ticket()
    with zipfile.ZipFile(io.BytesIO(sign_in(lead).get("/questions/export.ods").data)) as archive:
        assert "<dc:title>Toutes les questions</dc:title>" in archive.read("meta.xml").decode()


def test_each_column_says_what_its_heading_says(sign_in: SignIn, lead: Person) -> None:
    structure = OrganisationFactory(name="Les Jardins du Bief")
    delegate, jurist = PersonFactory(delegate=True), PersonFactory(jurist=True)
    ticket = make_ticket(
        make_asker(structure), status=Status.ANSWERED, jurist=jurist, delegate=delegate, title="=Rompre ; un CDDI"
    )
    first = ticket.clocks[0]
    row = rows_of(sign_in(lead))[0]
    day = "{:%d/%m/%Y}".format
    paris = {name: day(getattr(ticket, name).astimezone(PARIS)) for name in ("received_at", "due_at", "answered_at")}
    assert row["Référence"] == ticket.reference
    assert row["Reçue le"] == paris["received_at"]
    assert row["Échéance"] == paris["due_at"]
    assert row["Répondue le"] == paris["answered_at"]
    assert row["Canal"] == ticket.channel.label
    assert row["Délégation"] == "Bretagne"
    assert row["Structure"] == "Les Jardins du Bief"
    assert row["Titre"] == "'=Rompre ; un CDDI"
    assert row["État"] == "Répondue"
    assert row["Urgence"] == Urgency(ticket.urgency).label
    assert row["Juriste"] == jurist.full_name
    assert (row["Délai brut (jours)"], row["Délai net (jours)"]) == (str(first.gross_days), str(first.net_days))
    assert (row["Tours"], row["Close le"], row["Motif de clôture"]) == ("1", "", "")


def test_the_days_are_those_of_the_first_answer_whatever_the_round(sign_in: SignIn, lead: Person) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.ANSWERED, jurist=jurist)
    answered_on, gross = clock.today(), ticket.clocks[0].gross_days
    with time_machine.travel(clock.now() + timedelta(days=3), tick=False):
        operations.add_message(asker, ticket, text="Et pour le second salarié ?")
        row = rows_of(sign_in(lead))[0]
    assert (row["Tours"], row["Délai brut (jours)"]) == ("2", str(gross))
    assert row["Répondue le"] == f"{answered_on:%d/%m/%Y}"


@pytest.mark.parametrize("extension", ["xlsx", "ods"])
def test_days_and_dates_are_numbers_and_dates_in_a_spreadsheet(sign_in: SignIn, lead: Person, extension: str) -> None:
    ticket = make_ticket(status=Status.ANSWERED, jurist=PersonFactory(jurist=True))
    answer = sign_in(lead).get(f"/questions/export.{extension}")
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert workbook.sheet_names == ["Questions", "Notes"]
    head, row = workbook.get_sheet_by_name("Questions").to_python()
    found: dict[Any, Any] = dict(zip(head, row, strict=True))
    assert found["Reçue le"] == ticket.received_at.astimezone(PARIS).date()
    assert found["Délai brut (jours)"] == float(ticket.clocks[0].gross_days or 0)
    assert found["Tours"] == 1.0
    assert found["Close le"] == ""


# --- the same questions as the page


def test_the_filters_and_the_order_are_those_of_the_page(sign_in: SignIn, lead: Person) -> None:
    with time_machine.travel("2026-03-10T09:00:00Z", tick=False):
        old = called(title="Convention collective", topic="social/rupture")
    with time_machine.travel("2026-04-10T09:00:00Z", tick=False):
        new = make_ticket(make_asker(OrganisationFactory(national=True)), title="Immersion en entreprise")
    rebuild()
    client, both = sign_in(lead), [new.reference, old.reference]
    assert references(client) == both
    assert references(client, "?tri=anciennes") == both[::-1]
    assert references(client, "?canal=phone") == [old.reference]
    assert references(client, "?statut=triage") == both
    assert references(client, "?statut=pole") == []
    assert references(client, "?delegation=nationale") == [new.reference]
    assert references(client, "?delegation=bretagne") == [old.reference]
    assert references(client, "?urgentes=y") == []
    assert references(client, "?du=2026-04-01") == [new.reference]
    assert references(client, "?au=2026-03-31") == [old.reference]
    assert references(client, "?q=immersion") == [new.reference]
    assert references(client, f"?q={old.reference}") == [old.reference]
    assert references(client, "?q=xylophone") == []


def test_words_find_the_closest_first_as_on_the_page(sign_in: SignIn, lead: Person) -> None:
    for title in ("Congés et immersion", "Immersion", "Congés payés", "Une immersion en entreprise"):
        make_ticket(title=title, facts="Voir le titre.", topic=None)
    rebuild()
    client = sign_in(lead)
    for order in ("", "&tri=recentes", "&tri=anciennes"):
        page, found = client.get(f"/questions?q=immersion{order}").text, references(client, f"?q=immersion{order}")
        assert len(found) == 3
        assert sorted(found, key=lambda reference: page.index(f">{reference}<")) == found


def test_a_wrong_filter_is_told_as_on_the_page_and_exports_nothing(sign_in: SignIn, lead: Person) -> None:
    answer = sign_in(lead).get(f"{ADDRESS}?du=2026-02-30&statut=inconnu")
    assert answer.status_code == 422
    assert "écrivez une date qui existe" in answer.text
    assert exports() == []


def test_a_format_that_does_not_exist_is_not_found(sign_in: SignIn, lead: Person) -> None:
    for extension in ("pdf", "CSV", "csvx", ""):
        assert sign_in(lead).get(f"/questions/export.{extension}").status_code == 404


def test_the_page_links_to_the_files_with_its_filters(sign_in: SignIn, lead: Person) -> None:
    called()
    page = sign_in(lead).get("/questions?canal=phone&q=&page=1").text
    for extension, label in (("csv", "CSV"), ("xlsx", "Excel"), ("ods", "LibreOffice")):
        assert f'<a href="/questions/export.{extension}?canal=phone&amp;q=" download>{label}</a>' in page
    assert "export.csv" not in sign_in(lead).get("/questions?canal=mail").text


# --- rights


@pytest.mark.parametrize("role", ["member", "partner_jurist", "admin"])
@pytest.mark.parametrize("extension", ["csv", "xlsx", "ods"])
def test_members_partners_and_administration_export_nothing(sign_in: SignIn, role: str, extension: str) -> None:
    person = make_asker() if role == "member" else PersonFactory(**{role: True})
    make_ticket(make_asker())
    answer = sign_in(person).get(f"/questions/export.{extension}")
    assert answer.status_code == 403
    assert exports() == []


def test_nobody_exports_without_being_signed_in(client: Client) -> None:
    answer = client.get(f"{ADDRESS}?canal=phone")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"?suite={quote(ADDRESS + '?canal=phone', safe='/')}")


def test_a_delegate_takes_only_what_she_may_see(sign_in: SignIn) -> None:
    mine, other = PersonFactory(delegate=True), PersonFactory(delegate=True)
    elsewhere = make_asker(OrganisationFactory(departement="44", delegation="pays-de-la-loire"))
    seen = make_ticket(make_asker(), title="De ma région")
    make_ticket(elsewhere, title="D’une autre région")
    make_ticket(make_asker(OrganisationFactory(national=True)), title="De la file nationale")
    hidden = make_ticket(make_asker(), title="Un fait grave", is_sensitive=True)
    operations.take_regional(other, hidden)
    reserved = make_ticket(make_asker(), title="Réservée", status=Status.POLE)
    operations.set_pole_only(PersonFactory(jurist=True), reserved, is_pole_only=True)
    client = sign_in(mine)
    assert references(client) == [seen.reference]
    assert references(client, f"?q={hidden.reference}") == []
    assert client.get(f"{ADDRESS}?delegation=pays-de-la-loire").status_code == 422


@pytest.mark.parametrize("scope", list(MandateScope))
def test_a_delegate_takes_no_row_of_another_region_through_her_own_structure(
    sign_in: SignIn, scope: MandateScope
) -> None:
    mine = PersonFactory(delegate=True)
    structure = OrganisationFactory(departement="14", delegation="normandie")
    give_mandate(mine, structure, scope=scope)
    asked = make_ticket(mine, organisation=structure, title="Posée par la déléguée pour sa structure")
    make_ticket(make_asker(structure), title="Posée par une collègue de cette structure")
    seen = make_ticket(make_asker(), title="De ma région")
    rebuild()
    client = sign_in(mine)
    assert asked.reference in client.get("/questions").text
    assert [(row["Référence"], row["Délégation"]) for row in rows_of(client)] == [(seen.reference, "Bretagne")]
    assert references(client, f"?q={asked.reference}") == []
    assert references(client, "?q=structure") == []
    assert [event.data["count"] for event in exports()] == [1, 0, 0]


def test_a_sensitive_question_is_masked_in_the_file_as_on_the_page(sign_in: SignIn, lead: Person) -> None:
    structure = OrganisationFactory(name="Les Jardins du Bief")
    make_ticket(make_asker(structure), title="Attouchement par un encadrant", is_sensitive=True)
    content = sign_in(lead).get(ADDRESS).text
    assert "Dossier sensible" in content
    assert "Attouchement" not in content
    assert "Jardins du Bief" not in content


def test_a_jurist_in_conflict_takes_the_others_only(sign_in: SignIn, lead: Person) -> None:
    conflicted = PersonFactory(jurist=True)
    ticket, other = make_ticket(), make_ticket()
    operations.declare_conflict(lead, ticket, conflicted, reason="Ancien employeur.")
    assert references(sign_in(conflicted)) == [other.reference]
    assert set(references(sign_in(lead))) == {ticket.reference, other.reference}


# --- bounds


def test_every_question_is_in_the_file_once_whatever_the_pages(
    sign_in: SignIn, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "READ_ROWS", 3)
    with time_machine.travel("2026-03-10T09:00:00Z", tick=False):
        made = [make_ticket(title=f"Question {number}").reference for number in range(5)]
    made += [make_ticket(title=f"Question {number}").reference for number in range(5, 9)]
    client = sign_in(lead)
    assert references(client) == made[::-1]
    assert references(client, "?tri=anciennes") == made


def test_the_number_of_queries_follows_the_pages_only(
    sign_in: SignIn, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "READ_ROWS", 4)
    client = sign_in(lead)

    def cost() -> int:
        client.get(ADDRESS)
        with count_queries() as statements:
            assert client.get(ADDRESS).status_code == 200
        return len(statements)

    make_ticket()
    one_page = cost()
    for _more in range(2):
        make_ticket()
    assert cost() == one_page
    for _more in range(3):
        make_ticket()
    assert cost() == one_page + 1


def test_too_many_questions_are_refused_whole_with_a_way_out(
    sign_in: SignIn, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST_ROWS", 2)
    client = sign_in(lead)
    called()
    make_ticket()
    assert len(references(client)) == 2
    make_ticket()
    answer = client.get("/questions/export.xlsx")
    assert answer.status_code == 422
    assert "Choisissez une période plus courte" in answer.text
    assert len(references(client, "?canal=phone")) == 1
    assert len(exports()) == 2


def test_a_search_that_keeps_the_closest_only_is_not_exported_as_if_it_were_whole(
    sign_in: SignIn, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _one in range(2):
        make_ticket(title="Immersion en entreprise")
    rebuild()
    client = sign_in(lead)
    assert len(references(client, "?q=immersion")) == 2
    monkeypatch.setattr("helpdesk.tickets.queries.lists.POOL", 2)
    answer = client.get(f"{ADDRESS}?q=immersion")
    assert answer.status_code == 422
    assert "plus proches" in answer.text


def test_a_search_without_its_index_is_not_exported(
    sign_in: SignIn, lead: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ticket(title="Immersion en entreprise")
    monkeypatch.setattr("helpdesk.tickets.queries.lists._found", lambda *_of: ([1], True))
    answer = sign_in(lead).get(f"{ADDRESS}?q=immersion")
    assert answer.status_code == 422
    assert "en préparation" in answer.text


# --- the trail


def test_the_trail_says_who_took_what_and_how_many(sign_in: SignIn, lead: Person) -> None:
    for _one in range(3):
        called()
    make_ticket()
    rebuild()
    sign_in(lead).get(
        "/questions/export.ods?canal=phone&theme=social/contrats&du=2026-01-01&delegation=bretagne&q=secret"
    )
    event = exports()[0]
    assert (event.actor_id, event.object_type, event.object_id) == (lead.id, "export", None)
    assert event.data == {
        "file_format": "ods",
        "count": 0,
        "has_words": True,
        "channel": "phone",
        "topic": "social:contrats",
        "delegation": "bretagne",
        "since_on": "2026-01-01",
    }
    sign_in(lead).get(f"{ADDRESS}?canal=phone")
    assert exports()[1].data["count"] == 3


def test_an_export_of_nothing_is_a_heading_and_a_line_of_the_trail(sign_in: SignIn, lead: Person) -> None:
    assert rows_of(sign_in(lead)) == []
    assert [event.data["count"] for event in exports()] == [0]


def test_the_day_of_reception_is_that_of_paris(sign_in: SignIn, lead: Person) -> None:
    with time_machine.travel(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), tick=False):
        ticket = make_ticket()
    assert ticket.received_at.date() == date(2026, 6, 30)
    assert rows_of(sign_in(lead))[0]["Reçue le"] == "01/07/2026"
    assert db.session.scalar(sa.select(sa.func.count(Ticket.id))) == 1
