"""The pages of a member, through the application."""

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope
from helpdesk.accounts.models import Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, transaction
from helpdesk.tickets import operations
from helpdesk.tickets.enums import ActorRole, DeadlineKind, EventKind, MessageKind, Status
from helpdesk.tickets.models import Draft, Message, Ticket, TicketEvent
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.files import JPEG, PDF
from tests.factories.tickets import ANSWER, TOPIC, bring_to, make_asker, make_ticket
from tests.support import axe
from tests.support.http import Client
from tests.support.queries import count_queries

SignIn = Callable[[Person], Client]
QUERIES_MAX_COUNT = 20
KEY = "0123456789abcdef0123456789abcdef"
TITLE = "Peut-on renouveler un CDDI après 24 mois ?"
FACTS = "Un salarié de 56 ans arrive au bout de ses 24 mois en chantier d’insertion."


@pytest.fixture
def asker(app: Flask) -> Person:
    return make_asker(
        OrganisationFactory(name="Les Jardins du Pré Commun"), first_name="Claire", phone="02 99 00 00 00"
    )


@pytest.fixture
def client(asker: Person, sign_in: SignIn) -> Client:  # type: ignore[override]
    return sign_in(asker)


def typed(**changes: Any) -> dict[str, Any]:
    return {"title": TITLE, "facts": FACTS, "has_deadline": "non", **changes}


def save(client: Client, key: str = KEY, **changes: Any) -> Any:
    return client.post(f"/questions/poser/{key}", data=typed(**changes))


def a_file(name: str = "contrat.pdf", content: bytes = PDF) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def send(client: Client, key: str = KEY, **values: Any) -> Any:
    return client.post(f"/questions/poser/{key}/verifier", data=values)


def tickets() -> list[Ticket]:
    return list(db.session.scalars(sa.select(Ticket).order_by(Ticket.id)))


def drafts() -> list[Draft]:
    return list(db.session.scalars(sa.select(Draft)))


def text_of(response: Any) -> str:
    """The words of a page, spaces of any width made plain."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).replace("\u202f", " ").replace("\xa0", " ").split())


# --- asking


def test_three_answers_are_enough_to_ask(client: Client) -> None:
    assert save(client).location == f"/questions/poser/{KEY}/verifier"
    checked = text_of(client.get(f"/questions/poser/{KEY}/verifier"))
    assert "Votre question n’est pas encore envoyée." in checked
    assert TITLE in checked
    answer = send(client)
    [ticket] = tickets()
    assert answer.status_code == 303
    assert answer.location == f"/questions/{ticket.reference}/envoyee"
    assert (ticket.title, ticket.organisation.name) == (TITLE, "Les Jardins du Pré Commun")
    assert drafts() == []


def test_the_words_searched_for_on_the_home_page_fill_the_form(client: Client) -> None:
    assert 'action="/faq"' in client.get("/").text
    assert "/questions/poser?question=" in client.get("/faq", query_string={"q": TITLE}).text
    assert f'value="{TITLE}"' in client.get("/questions/poser", query_string={"question": TITLE}).text
    assert drafts() == []


def test_what_is_missing_is_said_and_what_was_typed_is_given_back(client: Client) -> None:
    answer = save(client, title="", facts="Des faits très précis.", has_deadline="oui", deadline_on="32/13/2026")
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Écrivez votre question en une phrase." in page
    assert "Écrivez une date qui existe" in page
    assert "Des faits très précis." in page
    assert "32/13/2026" in answer.text
    assert "<title>Erreur : " in answer.text


def test_what_the_second_step_asks_is_kept_while_the_first_is_corrected(client: Client) -> None:
    save(client, facts="Un salarié en CDDI se fait menacer, il y a danger immédiat. Peut-on rompre le contrat ?")
    check = f"/questions/poser/{KEY}/verifier"
    assert 'name="callback_phone"' in client.get(check).text
    sent = {"topic": "", "callback_phone": "06 39 98 00 10", "champ": "facts"}
    assert client.post(f"{check}/retour", data=sent).location == f"/questions/poser/{KEY}#facts"
    page = client.get(check).text
    assert re.search(r'<input checked[^>]* name="topic"[^>]* value=""', page)
    assert 'value="06 39 98 00 10"' in page
    assert 'value="06 39 98 00 10"' in client.get(f"/questions/poser/{KEY}").text


def test_files_survive_an_error_and_the_second_step(client: Client) -> None:
    answer = save(client, title="", attachments=[a_file(), a_file("photo.jpg", JPEG)])
    assert answer.status_code == 422
    assert "contrat.pdf" in answer.text
    save(client)
    assert "contrat.pdf" in client.get(f"/questions/poser/{KEY}/verifier").text
    send(client)
    [ticket] = tickets()
    assert [file.name for file in ticket.messages[0].attachments] == ["contrat.pdf", "photo.jpg"]


def test_a_refused_file_is_named_and_the_good_one_is_kept(client: Client) -> None:
    answer = save(client, attachments=[a_file(), a_file("page.html", b"<script>alert(1)</script>")])
    assert answer.status_code == 422
    assert "« page.html » n’est pas d’un format accepté" in text_of(answer)
    [draft] = drafts()
    assert [file.name for file in draft.attachments] == ["contrat.pdf"]


def test_a_sixth_document_is_refused_even_one_at_a_time(client: Client) -> None:
    save(client, attachments=[a_file(f"{number}.pdf") for number in range(5)])
    answer = save(client, attachments=[a_file("sixieme.pdf")])
    assert answer.status_code == 422
    assert "Joignez 5 documents au plus." in text_of(answer)


def test_a_document_is_taken_away_without_losing_the_text(client: Client) -> None:
    save(client, attachments=[a_file()])
    [draft] = drafts()
    answer = save(client, retirer=draft.attachments[0].id, facts="Texte changé entre-temps.")
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "contrat.pdf" not in page
    assert "Texte changé entre-temps." in page


def test_the_draft_is_saved_while_typing_and_taken_up_again(client: Client) -> None:
    url = f"/questions/poser/{KEY}/brouillon"
    for facts in ("Un", "Un salarié"):
        answer = client.post(url, data={"title": "", "facts": facts}, headers={"Accept": "application/json"})
        assert json.loads(answer.text)["saved_at"]
    assert len(drafts()) == 1
    assert "Un salarié" in client.get(f"/questions/poser/{KEY}").text
    assert f"/questions/poser/{KEY}" in client.get("/").text


def test_typing_nothing_keeps_nothing(client: Client) -> None:
    assert json.loads(client.post(f"/questions/poser/{KEY}/brouillon", data={"title": " "}).text) == {"saved_at": None}
    assert save(client, title="", facts="").status_code == 422
    assert drafts() == []


def test_a_draft_is_deleted(client: Client) -> None:
    save(client)
    assert client.post(f"/questions/poser/{KEY}/supprimer").status_code == 303
    assert drafts() == []
    assert client.post(f"/questions/poser/{KEY}/supprimer").status_code == 303


def test_a_draft_is_nobody_elses(client: Client, sign_in: SignIn) -> None:
    save(client)
    other = sign_in(make_asker())
    for url in (f"/questions/poser/{KEY}", f"/questions/poser/{KEY}/verifier"):
        assert other.get(url).status_code == 404
    assert send(other).status_code == 404
    other.post(f"/questions/poser/{KEY}/brouillon", data={"title": "Autre question"})
    assert {draft.fields["title"] for draft in drafts()} == {TITLE, "Autre question"}


def test_a_double_click_on_send_makes_one_question(client: Client) -> None:
    save(client)
    assert send(client).location == send(client).location
    assert len(tickets()) == 1


def test_coming_back_to_a_form_already_sent_says_so_and_loses_nothing(client: Client) -> None:
    save(client)
    send(client)
    answer = save(client, facts="Une autre histoire.")
    assert answer.status_code == 422
    assert "déjà envoyée" in text_of(answer)
    assert "Une autre histoire." in answer.text
    new_key = re.search(r'action="/questions/poser/([0-9a-f]{32})"', answer.text)
    assert new_key is not None
    assert new_key[1] != KEY
    save(client, new_key[1], facts="Une autre histoire.")
    send(client, new_key[1])
    assert len(tickets()) == 2


def test_names_and_numbers_are_shown_and_sent_only_on_purpose(client: Client) -> None:
    save(client, facts="M. Dupont ne vient plus. Son numéro : 06 12 34 56 78.")
    page = text_of(client.get(f"/questions/poser/{KEY}/verifier"))
    assert "nom de personne" in page
    assert "06 12 34 56 78" in page
    refused = send(client)
    assert refused.status_code == 422
    assert "J’envoie quand même" in text_of(refused)
    assert tickets() == []
    assert send(client, keeps_personal_data="1").status_code == 303
    kinds = db.session.scalars(sa.select(TicketEvent.kind)).all()
    assert EventKind.PERSONAL_DATA_KEPT in kinds


def test_an_emergency_shows_whom_to_call_and_asks_for_a_number(client: Client) -> None:
    save(client, facts="Un salarié menace de se suicider ce matin sur le chantier.")
    page = client.get(f"/questions/poser/{KEY}/verifier")
    for number in ("15", "17", "112"):
        assert f'href="tel:{number}"' in page.text
    assert "02 99 00 00 00" in page.text
    send(client, callback_phone="06 00 00 00 01")
    [ticket] = tickets()
    assert (ticket.urgency, ticket.callback_phone) == (3, "06 00 00 00 01")


def test_an_ordinary_question_shows_no_emergency_number(client: Client) -> None:
    save(client)
    assert 'href="tel:15"' not in client.get(f"/questions/poser/{KEY}/verifier").text


def test_a_topic_is_proposed_from_the_text_and_may_be_unknown(client: Client) -> None:
    save(client)
    page = client.get(f"/questions/poser/{KEY}/verifier").text
    proposed = re.findall(r'name="topic"[^>]*value="([^"]*)"', page)
    assert proposed[-1] == ""
    send(client, topic="")
    assert tickets()[0].topic is None


def test_a_chosen_topic_is_not_asked_again(client: Client) -> None:
    save(client, topic=TOPIC)
    assert 'name="topic"' not in client.get(f"/questions/poser/{KEY}/verifier").text
    send(client)
    assert tickets()[0].topic == TOPIC


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("topic", "inconnu", "Choisissez un thème de la liste."),
        ("has_deadline", "peut-être", "Choisissez une réponse dans la liste."),
        ("preference", "pigeon", "Choisissez une réponse dans la liste."),
        ("organisation_id", "999999", ""),
        ("callback_phone", "<script>", "Écrivez le numéro en chiffres"),
        ("facts", "\x00\x00", "Racontez ce qui s’est passé"),
        ("facts", "a" * 30_000, "Ce texte est trop long"),
        ("title", "a" * 300, "Ce texte est trop long"),
        ("title", "\u200b", "Écrivez votre question en une phrase."),
    ],
)
def test_a_wrong_value_is_told_in_french_and_nothing_is_sent(
    client: Client, field: str, value: str, message: str
) -> None:
    answer = save(client, **{field: value})
    if message:
        assert answer.status_code == 422
        assert message in text_of(answer)
    assert "Not a valid" not in answer.text
    assert tickets() == []


def test_a_megabyte_of_text_is_refused_in_words(client: Client) -> None:
    answer = save(client, facts="mot " * 250_000)
    assert answer.status_code == 422
    assert "trop long" in text_of(answer)


def test_a_date_needs_to_come(client: Client) -> None:
    yesterday = clock.today() - timedelta(days=1)
    assert "est passée" in text_of(save(client, has_deadline="oui", deadline_on=yesterday.isoformat()))
    assert "Indiquez la date" in text_of(save(client, has_deadline="oui", deadline_on=""))
    soon = clock.today() + timedelta(days=30)
    save(client, has_deadline="oui", deadline_on=soon.isoformat(), deadline_kind="internal")
    send(client)
    [ticket] = tickets()
    assert (ticket.deadline_on, ticket.deadline_kind) == (soon, DeadlineKind.INTERNAL)


def test_a_date_left_in_the_form_after_no_does_not_count(client: Client) -> None:
    save(client, has_deadline="non", deadline_on="n’importe quoi")
    send(client)
    assert tickets()[0].deadline_on is None


def test_being_called_needs_a_number(client: Client) -> None:
    answer = save(client, preference="phone")
    assert "Indiquez le numéro où vous joindre" in text_of(answer)
    assert "<details" in answer.text
    assert save(client, preference="phone", callback_phone="02 99 11 22 33").status_code == 303


def test_who_has_two_structures_chooses_the_hat(app: Flask, sign_in: SignIn) -> None:
    first, second = OrganisationFactory(name="ACI du Nord"), OrganisationFactory(name="ETTI du Sud")
    person = make_asker(first)
    give_mandate(person, second)
    client = sign_in(person)
    assert "Pour quelle structure" in text_of(client.get("/questions/poser"))
    assert "Choisissez la structure concernée." in text_of(save(client))
    save(client, organisation_id=second.id)
    assert "ETTI du Sud" in client.get(f"/questions/poser/{KEY}/verifier").text
    send(client)
    [ticket] = tickets()
    assert ticket.organisation_id == second.id
    assert "ETTI du Sud" in client.get("/mes-questions").text


def test_a_foreign_structure_cannot_be_forged(client: Client) -> None:
    foreign = OrganisationFactory()
    save(client, organisation_id=foreign.id)
    send(client)
    assert all(ticket.organisation_id != foreign.id for ticket in tickets())


def test_a_mandate_that_ends_meanwhile_sends_nothing(client: Client, asker: Person) -> None:
    save(client)
    with transaction():
        asker.mandates[0].ends_on = clock.today() - timedelta(days=1)
    assert send(client).status_code == 419
    assert tickets() == []


def test_the_confirmation_stays_and_gives_real_dates(client: Client) -> None:
    save(client)
    url = send(client).location
    for _ in range(2):
        page = text_of(client.get(url))
        assert "Votre question est envoyée" in page
        assert "Au plus tard le" in page
        assert "D’ici au" in page
        assert str(clock.today().year) in page


def test_where_no_delegation_reads_the_pole_is_named(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(make_asker(OrganisationFactory(national=True)))
    save(client)
    page = text_of(client.get(send(client).location))
    assert "arrive directement au pôle juridique" in page


def test_a_structure_overseas_reads_its_own_clock(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(make_asker(OrganisationFactory(departement="974", city="Saint-Denis", delegation=None)))
    save(client)
    page = text_of(client.get(send(client).location))
    assert "La Réunion" in page


# --- home and lists


def test_a_home_without_questions_invites(client: Client) -> None:
    page = text_of(client.get("/"))
    assert "Bonjour Claire" in page
    assert "Vous n’avez pas encore posé de question" in page


def test_a_late_fee_is_told_and_blocks_nothing(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(make_asker(OrganisationFactory(late=True)))
    assert "n’est pas encore enregistrée" in text_of(client.get("/"))
    save(client)
    assert send(client).status_code == 303


def test_a_ptce_is_told_of_the_session(app: Flask, sign_in: SignIn) -> None:
    assert "Permanence Juri-PTCE" in text_of(sign_in(make_asker(OrganisationFactory(ptce=True))).get("/"))
    assert "Permanence Juri-PTCE" not in text_of(sign_in(make_asker()).get("/"))


def test_my_questions_are_sorted_by_what_they_ask_of_me(asker: Person, client: Client) -> None:
    for status in (Status.WAITING, Status.ANSWERED, Status.STUDY, Status.CLOSED):
        make_ticket(asker, status=status, title=f"Question en état {status.value}")
    page = text_of(client.get("/mes-questions"))
    order = [page.index(f"Question en état {state}") for state in ("waiting", "answered", "study", "closed")]
    assert order == sorted(order)
    alone = text_of(client.get("/mes-questions?section=a-vous"))
    assert "Question en état waiting" in alone
    assert "Question en état study" not in alone


def test_my_questions_are_found_by_words_and_number(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker, title="Congés payés et arrêt maladie")
    make_ticket(asker, title="Bail commercial")
    for words in ("conges maladie", ticket.reference.lower()):
        page = client.get("/mes-questions", query_string={"q": words}).text
        assert "arrêt maladie" in page
        assert "Bail commercial" not in page
    assert "Aucune question pour" in text_of(client.get("/mes-questions?q=zzz"))


def test_a_long_section_is_paged(asker: Person, client: Client) -> None:
    for _ in range(26):
        make_ticket(asker)
    first = client.get("/mes-questions?section=en-cours").text
    assert first.count('<article class="ligne-file') == 25
    assert "page=2" in first
    assert client.get("/mes-questions?section=en-cours&page=2").text.count('<article class="ligne-file') == 1


@pytest.mark.parametrize("page", ["0", "-1", "abc", "999999999999999999999"])
def test_a_strange_page_number_breaks_nothing(client: Client, page: str) -> None:
    assert client.get(f"/mes-questions?section=closes&page={page}").status_code == 200


# --- one question


def test_an_answer_is_read_first_in_four_blocks_with_its_notice(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker, status=Status.ANSWERED)
    page = client.get(f"/questions/{ticket.reference}")
    words = text_of(page)
    for expected in ("En bref", "L’explication", "Ce que vous pouvez faire", "Références juridiques"):
        assert expected in words
    assert "au vu des éléments transmis et du droit au" in words
    assert "Ne pas diffuser hors de la structure" in words
    assert words.index("En bref") < words.index("Vos échanges")


def test_the_first_reading_is_kept_once(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker, status=Status.ANSWERED)
    for _ in range(2):
        client.get(f"/questions/{ticket.reference}")
    read = sa.select(sa.func.count()).where(TicketEvent.kind == EventKind.ANSWER_READ)
    assert db.session.scalar(read.select_from(TicketEvent)) == 1
    assert db.session.get(Ticket, ticket.id).answer_read_at is not None
    assert "Répondue" in text_of(client.get("/mes-questions"))


def test_nothing_internal_is_ever_shown(asker: Person, client: Client) -> None:
    delegate = PersonFactory(delegate=True, first_name="Maïwenn", last_name="Secrète", can_answer=True)
    ticket = make_ticket(asker)
    operations.add_note(delegate, ticket, text="Note entre nous.")
    operations.transmit(delegate, ticket, note="Affaire délicate, voir au pôle.")
    jurist = PersonFactory(jurist=True, last_name="Discrète")
    operations.take(jurist, ticket)
    operations.set_urgency(jurist, ticket, 2, reason="Motif interne")
    words = text_of(client.get(f"/questions/{ticket.reference}"))
    for hidden in ("Note entre nous", "Affaire délicate", "Discrète", "Motif interne", "Urgen"):
        assert hidden not in words.replace("Maïwenn Secrète", "")
    assert "À l’étude par nos juristes" in words


def test_a_detail_asked_for_comes_first_and_is_given(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker, status=Status.WAITING)
    url = f"/questions/{ticket.reference}"
    words = text_of(client.get(url))
    assert words.index("Une précision vous est demandée") < words.index("Vos échanges")
    post(client, f"{url}/completer", text="Le 31 janvier.")
    assert db.session.get(Ticket, ticket.id).status is Status.TRIAGE
    assert "Le 31 janvier." in text_of(client.get(url))


def post(client: Client, url: str, **values: Any) -> Any:
    data = {"submission_key": values.pop("key", "une-cle"), **values}
    return client.post(url, data=data)


def test_a_message_sent_twice_is_added_once(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker)
    for _ in range(2):
        assert post(client, f"/questions/{ticket.reference}/completer", text="Un fait nouveau.").status_code == 303
    assert [message.body for message in ticket.messages].count("Un fait nouveau.") == 1


def test_a_refused_message_comes_back_with_text_and_files(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker)
    url = f"/questions/{ticket.reference}/completer"
    files = [a_file(), a_file("page.html", b"<script>")]
    refused = post(client, url, text="Voici le contrat.", attachments=files)
    assert refused.status_code == 422
    assert "Voici le contrat." in refused.text
    kept = re.search(r'name="kept_files" value="(\d+)"', refused.text)
    assert kept is not None
    post(client, url, text="Voici le contrat.", kept_files=kept[1], key="autre-cle")
    last = db.session.scalars(sa.select(Message).order_by(Message.id.desc())).first()
    assert [file.name for file in last.attachments] == ["contrat.pdf"]


def test_names_in_a_message_are_sent_only_on_purpose(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker)
    url = f"/questions/{ticket.reference}/completer"
    refused = post(client, url, text="Mme Durand est partie.")
    assert refused.status_code == 422
    assert "nom de personne « Mme Durand »" in text_of(refused)
    assert 'name="keeps_personal_data"' in refused.text
    assert "Mme Durand est partie.</textarea>" in refused.text
    assert 'name="keeps_personal_data"' not in client.get(f"/questions/{ticket.reference}").text
    assert post(client, url, text="Mme Durand est partie.", keeps_personal_data="y").status_code == 303
    assert ticket.messages[-1].body == "Mme Durand est partie."


@contextmanager
def changed_meanwhile(ticket_id: int) -> Iterator[None]:
    """Somebody else changes the question between what the next request reads and what it writes."""

    def bump(session: Any, *_: Any) -> None:
        session.execute(sa.text(f"UPDATE ticket SET version = version + 1 WHERE id = {ticket_id}"))

    event.listen(db.session, "before_flush", bump)
    yield
    event.remove(db.session, "before_flush", bump)


def test_a_message_on_a_question_changed_at_the_same_moment_is_given_back(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker)
    url, fields = f"/questions/{ticket.reference}/completer", {"text": "Le contrat finit en mai.", "version": "1"}
    with changed_meanwhile(ticket.id):
        page = client.post(url, data=fields | {"submission_key": "m1"})
    assert page.status_code == 409
    assert "Cette question a changé pendant que vous écriviez." in page.text
    assert "Le contrat finit en mai.</textarea>" in page.text
    assert client.post(url, data=fields | {"submission_key": "m1"}).status_code == 303
    assert [message.body for message in ticket.messages][1:] == ["Le contrat finit en mai."]


def test_an_empty_message_is_refused(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker)
    answer = post(client, f"/questions/{ticket.reference}/completer", text=" ")
    assert answer.status_code == 422
    assert "Écrivez votre message." in text_of(answer)


def test_another_persons_waiting_file_is_not_taken(asker: Person, client: Client, sign_in: SignIn) -> None:
    thief = make_asker()
    ticket, other = make_ticket(asker), make_ticket(thief)
    refused = post(
        client, f"/questions/{ticket.reference}/completer", text="x", attachments=[a_file(), a_file("a.exe", b"MZ")]
    )
    kept = re.search(r'name="kept_files" value="(\d+)"', refused.text)
    assert kept is not None
    post(sign_in(thief), f"/questions/{other.reference}/completer", text="y", kept_files=kept[1])
    assert db.session.scalars(sa.select(Message).order_by(Message.id.desc())).first().attachments == []


def test_a_follow_up_within_thirty_days_reopens(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker, status=Status.ANSWERED)
    url = f"/questions/{ticket.reference}"
    assert "Votre message rouvre la question" in text_of(client.get(url))
    post(client, f"{url}/completer", text="La situation a changé.")
    assert db.session.get(Ticket, ticket.id).status is Status.STUDY


def test_a_later_follow_up_is_a_new_linked_question_and_says_so(
    asker: Person, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = make_ticket(asker, status=Status.ANSWERED)
    later = clock.now() + timedelta(days=40)
    monkeypatch.setattr("helpdesk.accounts.sessions.clock.now", clock.now)
    with transaction():
        ticket.clock.answered_at = ticket.clock.started_at
        ticket.clock.started_at -= timedelta(days=40)
        ticket.clock.answered_at -= timedelta(days=40)
    assert later > clock.now()
    url = f"/questions/{ticket.reference}"
    assert "ouvre une nouvelle question, liée à celle-ci" in text_of(client.get(url))
    answer = post(client, f"{url}/completer", text="Même sujet, un an après.")
    new = tickets()[-1]
    assert answer.location == f"/questions/{new.reference}"
    assert new.follows_id == ticket.id
    words = text_of(client.get(answer.location))
    assert "liée à" in words
    assert ticket.reference in words


def test_the_asker_says_whether_it_helped(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker, status=Status.ANSWERED)
    url = f"/questions/{ticket.reference}"
    assert post(client, f"{url}/avis", verdict="").status_code == 422
    assert post(client, f"{url}/avis", verdict="useful", comment="Merci", key="k2").status_code == 303
    page = client.get(url).text
    assert re.search(r'checked[^>]*value="useful"', page)
    assert "Enregistrer mon avis" in page


def test_a_correction_replaces_and_the_old_answer_stays_readable(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker, status=Status.ANSWERED)
    text = operations.AnswerText(in_brief="Non, finalement.", explanation="Texte revu.")
    operations.correct(ticket.jurist, ticket, text, reason="Motif pour l’équipe", seen_version=None)
    words = text_of(client.get(f"/questions/{ticket.reference}"))
    assert "La réponse, version 2" in words
    assert "La version 2 remplace la réponse du" in words
    assert words.index("Non, finalement.") < words.index(ANSWER.in_brief)
    assert "Lire la version 1" in words
    assert "Motif pour l’équipe" not in words


def test_the_asker_shares_with_a_colleague_of_the_structure_only(
    asker: Person, client: Client, sign_in: SignIn
) -> None:
    organisation = asker.mandates[0].organisation
    colleague = PersonFactory()
    give_mandate(colleague, organisation, scope=MandateScope.OWN)
    ticket = make_ticket(asker)
    url = f"/questions/{ticket.reference}"
    assert sign_in(colleague).get(url).status_code == 404
    assert post(client, f"{url}/partager", person=PersonFactory(member=True).id).status_code == 422
    assert post(client, f"{url}/partager", person="x", key="k2").status_code == 422
    assert post(client, f"{url}/partager", person=colleague.id, key="k3").status_code == 303
    assert sign_in(colleague).get(url).status_code == 200


def test_a_question_is_hidden_by_its_asker(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker)
    url = f"/questions/{ticket.reference}"
    assert post(client, f"{url}/masquer", version=ticket.version).status_code == 303
    assert db.session.get(Ticket, ticket.id).is_sensitive
    assert "Marquer la question sensible" not in client.get(url).text


def test_a_question_is_withdrawn_unless_it_moved_meanwhile(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker)
    url = f"/questions/{ticket.reference}"
    stale = ticket.version
    bring_to(ticket, Status.REGIONAL)
    assert post(client, f"{url}/retirer", version=stale).status_code == 409
    db.session.refresh(ticket)
    assert post(client, f"{url}/retirer", version=ticket.version, key="k2").status_code == 303
    assert db.session.get(Ticket, ticket.id).status is Status.CLOSED


@pytest.mark.parametrize("verb", ["completer", "avis", "partager", "masquer", "retirer"])
def test_a_foreign_question_does_not_exist(client: Client, verb: str) -> None:
    ticket = make_ticket(make_asker(OrganisationFactory()))
    answer = post(client, f"/questions/{ticket.reference}/{verb}", text="x", version=1, verdict="useful", person=1)
    assert answer.status_code == 404


@pytest.mark.parametrize("page", ["", "/envoyee", "/imprimer"])
def test_a_foreign_page_does_not_exist(client: Client, page: str) -> None:
    ticket = make_ticket(make_asker(OrganisationFactory()))
    assert client.get(f"/questions/{ticket.reference}{page}").status_code == 404


def test_a_long_exchange_folds_its_oldest_messages_and_never_the_answers(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker, status=Status.ANSWERED, facts="Le tout premier message.")
    with transaction():
        for number in range(1, 451):
            db.session.add(a_message(ticket, asker, f"Message numéro {number}."))
    with count_queries() as statements:
        page = client.get(f"/questions/{ticket.reference}")
    assert len(statements) <= QUERIES_MAX_COUNT, statements
    words = text_of(page)
    assert "Le tout premier message." in words
    assert ANSWER.in_brief in words
    assert "Message numéro 450." in words
    assert "Message numéro 300." not in words
    assert "Afficher 425 messages plus anciens" in words
    whole = text_of(client.get(f"/questions/{ticket.reference}?tout=1"))
    assert "Message numéro 300." in whole
    assert "50 messages plus anciens : lisez-les dans la version à imprimer." in whole


def test_a_long_exchange_is_printed_in_parts(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker, facts="Le tout premier message.")
    with transaction():
        for number in range(1, 451):
            db.session.add(a_message(ticket, asker, f"Message numéro {number}."))
    url = f"/questions/{ticket.reference}/imprimer"
    pages = [text_of(client.get(f"{url}?page={number}")) for number in (1, 2, 3)]
    assert "Le tout premier message." in pages[0]
    assert [sum(f"Message numéro {number}." in page for page in pages) for number in range(1, 451)] == [1] * 450
    assert ["Messages suivants" in page for page in pages] == [True, True, False]
    assert ["Messages précédents" in page for page in pages] == [False, True, True]


def a_message(ticket: Ticket, author: Person, body: str) -> Message:
    now = clock.now()
    return Message(
        ticket=ticket, kind=MessageKind.ADDITION, author_id=author.id, author_role=ActorRole.MEMBER, body=body,
        created_at=now, published_at=now,
    )  # fmt: skip


def test_the_print_view_holds_question_answer_and_date(asker: Person, client: Client) -> None:
    ticket = make_ticket(asker, status=Status.ANSWERED, facts="Des faits à imprimer.")
    words = text_of(client.get(f"/questions/{ticket.reference}/imprimer"))
    for expected in ("Des faits à imprimer.", ANSWER.in_brief, "Réponse donnée", "au vu des éléments transmis"):
        assert expected in words


# --- volume


def test_no_page_asks_more_of_the_database_as_questions_grow(asker: Person, client: Client) -> None:
    answered = make_ticket(asker, status=Status.ANSWERED)
    waiting = make_ticket(asker, status=Status.WAITING)
    urls = [
        "/",
        "/mes-questions",
        "/questions/poser",
        f"/questions/{answered.reference}",
        f"/questions/{waiting.reference}",
        f"/questions/{answered.reference}/imprimer",
        f"/questions/{waiting.reference}/envoyee",
    ]
    before = {url: queries_of(client, url) for url in urls}
    for _ in range(4):
        for status in (Status.TRIAGE, Status.WAITING, Status.ANSWERED):
            make_ticket(asker, status=status)
        operations.add_message(asker, waiting, text="Encore un mot.") if waiting.status.is_open else None
    after = {url: queries_of(client, url) for url in urls}
    assert after == before
    assert max(after.values()) <= QUERIES_MAX_COUNT, after


def queries_of(client: Client, url: str) -> int:
    client.get(url)
    with count_queries() as statements:
        assert client.get(url).status_code == 200
    return len(statements)


def test_no_file_row_is_left_by_a_page_that_only_reads(client: Client) -> None:
    client.get("/questions/poser")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0


# --- in a browser


def look_at(page: Any) -> list[str]:
    """What axe finds on the page, at 390 px; the page must not scroll sideways at 320 px."""
    page.wait_for_load_state()
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
    page.set_viewport_size({"width": 390, "height": 800})
    return [violation["id"] for violation in axe.violations(page)]


def test_a_question_is_asked_from_a_phone_with_errors_on_the_way(asker: Person, live_server: Any, page: Any) -> None:
    page.context.add_cookies([live_server.cookie_for(asker)])
    page.goto(f"{live_server.url}/")
    assert look_at(page) == []
    page.fill("#q", TITLE)
    page.click(".recherche button")
    page.click("text=Poser ma question")
    assert page.input_value("#title") == TITLE
    assert not page.is_visible("#deadline_on")
    page.fill("#facts", "M. Dupont ne vient plus.")
    page.wait_for_selector("text=nom de personne")
    page.wait_for_selector("text=Brouillon enregistré")
    page.check("input[name=has_deadline][value=oui]")
    files = [("contrat.pdf", PDF), ("faux.pdf", JPEG)]
    page.set_input_files(
        "#attachments", [{"name": name, "mimeType": "application/pdf", "buffer": data} for name, data in files]
    )
    page.click("text=Continuer et relire")
    page.wait_for_selector("text=Il reste 2 points à corriger")
    assert look_at(page) == []
    page.check("input[name=has_deadline][value=non]")
    page.click("text=Continuer et relire")
    page.wait_for_selector("text=Vérifiez avant d’envoyer")
    assert page.is_visible("text=contrat.pdf")
    assert look_at(page) == []
    page.check("#keeps_personal_data")
    page.click("text=Envoyer ma question")
    page.wait_for_selector("text=Votre question est envoyée")
    assert look_at(page) == []
    page.click("text=Voir mes questions")
    page.click(f"text={TITLE.split(' ?', maxsplit=1)[0]}")
    page.wait_for_selector("text=Où en est votre question")
    assert look_at(page) == []


def test_an_answer_is_read_and_followed_up_without_script(asker: Person, live_server: Any, browser: Any) -> None:
    ticket = make_ticket(asker, status=Status.ANSWERED)
    db.session.commit()
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    context.add_cookies([live_server.cookie_for(asker)])
    page = context.new_page()
    page.goto(f"{live_server.url}/mes-questions")
    page.click(f"text={ticket.title.split(' ?')[0]}")
    page.check("input[name=verdict][value=useful]")
    page.click("text=Donner mon avis")
    page.wait_for_selector("text=Votre avis aide les juristes.")
    page.fill("#text", "La situation a changé.")
    page.click("text=Rouvrir et envoyer")
    page.wait_for_selector("text=Votre message est envoyé.")
    context.close()
    db.session.expire_all()
    assert db.session.get(Ticket, ticket.id).status is Status.STUDY
