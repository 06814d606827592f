"""The rights of the table, over HTTP: a foreign question is a 404 on every address, and reading writes nothing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing import Rule

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.attachments.models import Attachment
from helpdesk.attachments.operations import store
from helpdesk.juri_ptce.enums import Medium, PartSide
from helpdesk.juri_ptce.models import Appointment, JuriSession
from helpdesk.juri_ptce.operations import booking, parts
from helpdesk.juri_ptce.operations.parts import Brief
from helpdesk.kb.enums import Stage
from helpdesk.kb.models import Article
from helpdesk.tickets import operations
from helpdesk.tickets.enums import DraftKind, MessageKind, Status
from helpdesk.tickets.models import Ticket
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.juri_ptce import make_partner, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker, make_ticket
from tests.support import http
from tests.support.queries import count_queries
from tests.support.scenes import Keep

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
SignIn = Callable[[Person], http.Client]


class Upload:
    """A file as a form sends it."""

    filename = "contrat.pdf"

    def __init__(self) -> None:
        self._left = PDF

    def read(self, size: int = -1) -> bytes:
        data, self._left = (self._left, b"") if size < 0 else (self._left[:size], self._left[size:])
        return data


@dataclass(frozen=True)
class Scene:
    asker: Person
    delegate: Person
    jurist: Person
    lead: Person
    admin: Person
    strangers: dict[str, Person]
    ticket: Ticket
    attachment: Attachment
    session: JuriSession
    entry: Article
    """Made from the question: a version in force, another whose marks are being decided."""
    call: Appointment
    """About the question, which has two parts; the partner jurist among the strangers answers none."""


def make_scene() -> Scene:
    asker, jurist, lead = make_asker(make_ptce()), PersonFactory(jurist=True), PersonFactory(lead=True)
    delegate = PersonFactory(delegate=True, can_answer=True)
    conflicted = PersonFactory(jurist=True)
    attachment = store(asker, [Upload()])[0]
    ticket = make_ptce_question(asker=asker, attachments=(attachment,))
    operations.declare_conflict(lead, ticket, conflicted, reason="Ancien employeur.")
    strangers = {
        "another member": make_asker(OrganisationFactory()),
        "a member of another region": make_asker(OrganisationFactory(departement="44", delegation="pays-de-la-loire")),
        "a delegate of another region": PersonFactory(delegate=True, delegation="normandie", can_answer=True),
        "a jurist in conflict": conflicted,
        "a partner jurist": PersonFactory(partner_jurist=True),
        "an administrator": PersonFactory(admin=True),
    }
    entry = kb.published(source_ticket=ticket, author=jurist)
    kb.add_version(entry, stage=Stage.ANONYMISATION, author=jurist)
    session, admin = make_session(clock.today().isoformat()), PersonFactory(admin=True)
    call = _call(lead, jurist, ticket)
    return Scene(asker, delegate, jurist, lead, admin, strangers, ticket, attachment, session, entry, call)


@pytest.fixture
def scene(kept: Keep) -> Scene:
    return kept(make_scene)


def _call(lead: Person, jurist: Person, ticket: Ticket) -> Appointment:
    session = make_session("2099-03-03", hosts=(jurist,))
    call = booking.book(lead, ticket, session.slots[1].id, medium=Medium.VIDEO).appointment
    assert call is not None
    theirs = Brief(question="Le bail ?", answerer=make_partner())
    parts.bring_in(lead, ticket, {PartSide.FEDERATION: Brief(question="La convention ?"), PartSide.RTES: theirs})
    return call


def _rules(app: Flask, argument: str) -> Iterator[Rule]:
    return (rule for rule in app.url_map.iter_rules() if argument in rule.arguments)


def _url(rule: Rule, values: dict[str, object]) -> str:
    return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda match: str(values[match[1]]), rule.rule)


def _places(scene: Scene) -> dict[str, object]:
    """What the addresses name besides the question."""
    return {
        "attachment_id": scene.attachment.id,
        "desk": scene.jurist.id,
        "session_id": scene.session.id,
        "message_id": scene.ticket.messages[0].id,
        "article_id": scene.entry.id,
        "number": 1,
        "vue": "toutes",
        "side": PartSide.RTES.value,
        "appointment_id": scene.call.id,
        "entry_id": 999_999,
        "file_format": "csv",
    }


def test_a_foreign_question_is_not_found_on_any_address_whether_it_exists_or_not(
    app: Flask, scene: Scene, sign_in: SignIn
) -> None:
    rules = list(_rules(app, "reference"))
    assert len(rules) > 40
    wrong, places = [], _places(scene)
    for who, stranger in scene.strangers.items():
        client = sign_in(stranger)
        for rule in rules:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                there, nowhere = (
                    client.open(
                        _url(rule, places | {"reference": reference}),
                        method=method,
                        data={"version": "1", "submission_key": "k"},
                    ).status_code
                    for reference in (scene.ticket.reference, "Q-1999-0001")
                )
                # 403: the whole area is closed to the role, whatever the reference.
                if there not in (403, 404) or there != nowhere:
                    wrong.append((who, method, rule.rule, there, nowhere))
    assert wrong == []


def test_a_foreign_call_is_not_found_on_any_address(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    rules = list(_rules(app, "appointment_id"))
    assert len(rules) > 10
    wrong, places = [], _places(scene)
    for who, stranger in scene.strangers.items():
        client = sign_in(stranger)
        for appointment_id in (scene.call.id, 999_999):
            for rule in rules:
                for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                    url = _url(rule, places | {"appointment_id": appointment_id})
                    answer = client.open(url, method=method, data={"version": "1", "submission_key": "k"})
                    # 403: the whole area is closed to the role, whatever the call.
                    if answer.status_code not in (403, 404):
                        wrong.append((who, appointment_id, method, rule.rule, answer.status_code))
    assert wrong == []


def test_the_workshop_of_an_entry_is_the_poles_and_not_found_in_a_conflict_of_interest(
    app: Flask, scene: Scene, sign_in: SignIn
) -> None:
    people = {**scene.strangers, "the asker": scene.asker, "the delegate": scene.delegate}
    rules = list(_rules(app, "article_id"))
    assert len(rules) > 15
    wrong, places = [], _places(scene)
    for who, person in people.items():
        client, expected = sign_in(person), 404 if who == "a jurist in conflict" else 403
        for rule in rules:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = client.open(_url(rule, places), method=method, data={"version": "1", "submission_key": "k"})
                if answer.status_code != expected:
                    wrong.append((who, method, rule.rule, answer.status_code))
    assert wrong == []


def test_an_entry_that_does_not_exist_is_not_found_on_any_address_of_the_workshop(
    app: Flask, scene: Scene, sign_in: SignIn
) -> None:
    client, places = sign_in(scene.jurist), _places(scene)
    for rule in _rules(app, "article_id"):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            url = _url(rule, places | {"article_id": 999_999})
            assert client.open(url, method=method, data={"version": "1"}).status_code == 404, url


def test_a_session_is_managed_by_the_pole_and_read_by_its_hosts(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    people = {**scene.strangers, "the asker": scene.asker, "the delegate": scene.delegate}
    rules = list(_rules(app, "session_id"))
    assert len(rules) > 6
    wrong, places = [], _places(scene)
    for who, person in people.items():
        client = sign_in(person)
        for rule in rules:
            is_managing = "/modifier" in rule.rule
            is_open = who == "a jurist in conflict" or (who == "a partner jurist" and not is_managing)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                url = _url(rule, places | ({"session_id": 999_999} if is_open else {}))
                answer = client.open(url, method=method, data={"version": "1", "submission_key": "k"})
                if answer.status_code != (404 if is_open else 403):
                    wrong.append((who, method, url, answer.status_code))
    assert wrong == []


def test_an_attachment_is_only_for_who_reads_its_message(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    url = f"/questions/{scene.ticket.reference}/pieces/{scene.attachment.id}"
    for person in (scene.asker, scene.delegate, scene.jurist, scene.lead):
        answer = sign_in(person).get(url)
        assert (answer.status_code, answer.data) == (200, PDF)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    other = make_ticket()
    assert sign_in(scene.lead).get(f"/questions/{other.reference}/pieces/{scene.attachment.id}").status_code == 404


def test_a_file_of_an_internal_note_is_not_for_the_member(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    hidden = store(scene.delegate, [Upload()])[0]
    operations.add_note(scene.delegate, scene.ticket, text="Vue au téléphone.", attachments=(hidden,))
    url = f"/questions/{scene.ticket.reference}/pieces/{hidden.id}"
    assert sign_in(scene.delegate).get(url).status_code == 200
    assert sign_in(scene.asker).get(url).status_code == 404


def test_a_member_never_reads_internal_words_on_any_page(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    secret = "mot-interne-du-dossier"
    operations.add_note(scene.delegate, scene.ticket, text=secret)
    operations.transmit(scene.delegate, scene.ticket, note=secret)
    operations.take(scene.jurist, scene.ticket)
    operations.save_draft(scene.jurist, scene.ticket, DraftKind.ANSWER, {"in_brief": secret})
    operations.add_note(scene.jurist, scene.ticket, text=secret, is_for_pole=True)
    reference = scene.ticket.reference
    client = sign_in(scene.asker)
    for url in ("/", "/mes-questions", f"/questions/{reference}", f"/questions/{reference}/imprimer"):
        assert secret not in client.get(url).text, url
    assert secret in sign_in(scene.jurist).get(f"/questions/{reference}").text


def test_a_sensitive_question_shows_its_title_in_no_list(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    ticket = make_ticket(scene.asker, title="Attouchement par un encadrant", is_sensitive=True)
    operations.take_regional(scene.delegate, ticket)
    operations.transmit(scene.delegate, ticket)
    for person, urls in {
        scene.delegate: ("/a-trier", "/a-trier?vue=au-pole", "/questions", "/questions?q=attouchement"),
        scene.jurist: ("/ma-file", "/ma-file?vue=pole", "/questions", "/questions?q=attouchement"),
        scene.lead: ("/equipe", "/questions"),
    }.items():
        client = sign_in(person)
        for url in urls:
            assert "Attouchement" not in client.get(url).text, url
    assert "Attouchement" in sign_in(scene.jurist).get(f"/questions/{ticket.reference}").text


WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


def _pages(app: Flask, scene: Scene) -> list[str]:
    values = {
        **_places(scene),
        "reference": scene.ticket.reference,
        "organisation_id": scene.ticket.organisation_id,
        "mandate_id": scene.asker.mandates[0].id,
        "code": "bretagne",
        "key": "0" * 32,
        "token": "jeton",
        "filename": "css/appui.css",
        "year": clock.today().year,
    }
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or set())]
    unknown = {name for rule in rules for name in rule.arguments} - set(values)
    return [_url(rule, values) for rule in rules if not rule.arguments & unknown]


DECLARED = {"/faq": "INSERT INTO reader_visit", "/questions/export.csv": "INSERT INTO audit_event"}
"""Pages that write by design when they are opened: docs/architecture.md, section 4."""


def test_reading_a_page_writes_nothing(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    pages = _pages(app, scene)
    assert len(pages) > 25
    for person in (scene.asker, scene.delegate, scene.jurist, scene.lead, scene.admin):
        client = sign_in(person)
        for url in pages:
            with count_queries() as statements:
                answer = client.get(url)
            assert answer.status_code < 500, url
            writes = [statement for statement in statements if WRITES.match(statement)]
            assert [one for one in writes if not one.startswith(DECLARED.get(url, " "))] == [], url


def test_the_first_reading_of_an_answer_is_the_one_write_of_a_page(app: Flask, sign_in: SignIn) -> None:
    asker = make_asker()
    ticket = make_ticket(asker, status=Status.ANSWERED)
    assert ticket.answer_read_at is None
    client = sign_in(asker)
    client.get(f"/questions/{ticket.reference}")
    assert ticket.answer_read_at is not None
    with count_queries() as statements:
        client.get(f"/questions/{ticket.reference}")
    assert not [statement for statement in statements if WRITES.match(statement)]


def test_a_former_member_no_longer_sees_the_old_structure(app: Flask, scene: Scene, sign_in: SignIn) -> None:
    mandate = scene.asker.mandates[0]
    mandate.ends_on = clock.today().replace(year=clock.today().year - 1)
    other = OrganisationFactory()
    give_mandate(scene.asker, other)
    client = sign_in(scene.asker)
    assert client.get(f"/questions/{scene.ticket.reference}").status_code == 404
    assert scene.ticket.reference not in client.get("/mes-questions").text
    assert scene.ticket.messages[0].kind is MessageKind.QUESTION
