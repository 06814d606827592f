"""The jurists' pages: the sheet, a call and its acts, its account, what stands beside a question."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from time_machine import TimeMachineFixture

from helpdesk.accounts.models import Person
from helpdesk.attachments.operations import store
from helpdesk.db import db
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, PartSide
from helpdesk.juri_ptce.models import Appointment, CallOffer, JuriSession, PtceDetails, PtceProfile
from helpdesk.juri_ptce.operations import booking, calls, holding
from helpdesk.juri_ptce.operations.parts import Brief, bring_in
from helpdesk.juri_ptce.queries.parts import parts_of
from helpdesk.juri_ptce.queries.sheet import sheet_of
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_partner, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import ANSWER, key, make_asker, make_ticket
from tests.support.http import Client
from tests.support.pages import error_summary, hidden_fields, text_of
from tests.support.queries import count_queries
from tests.support.scenes import Keep

pytestmark = pytest.mark.usefixtures("app")
SignIn = Callable[[Person], Client]

BEFORE = at("2027-02-15 10:00")
START = at("2027-03-02 14:00")
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
TITLE = "La mairie peut-elle nous louer son hangar ?"


class Upload:
    """A file as a form sends it."""

    filename = "convention.pdf"

    def __init__(self) -> None:
        self._left = PDF

    def read(self, size: int = -1) -> bytes:
        data, self._left = (self._left, b"") if size < 0 else (self._left[:size], self._left[size:])
        return data


@pytest.fixture(autouse=True)
def travel(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(BEFORE, tick=False)
    return time_machine


class Town:
    """A session on 2 March 2027, with one confirmed call of a PTCE of La Réunion."""

    def __init__(self) -> None:
        self.jurist, self.partner = PersonFactory(jurist=True), make_partner()
        self.ptce = make_ptce(departement="974", delegation="ocean-indien", name="Le Pôle des Hauts")
        self.asker = make_asker(self.ptce)
        self.ticket: Ticket = make_ptce_question(asker=self.asker, status=Status.STUDY, jurist=self.jurist, title=TITLE)
        details = db.session.get(PtceDetails, self.ticket.id)
        assert details is not None
        details.territory, details.involves_authority = "Les Hauts", True
        self.session: JuriSession = make_session(hosts=(self.jurist, self.partner))
        self.call = self.book(self.ticket, 0)

    def book(self, ticket: Ticket, rank: int) -> Appointment:
        calls.offer_call(self.jurist, ticket, medium=Medium.PHONE)
        booked = booking.book(
            self.jurist, ticket, self.session.slots[rank].id, medium=Medium.PHONE, phone="02 62 00 00 00"
        )
        assert booked.appointment is not None
        return booked.appointment

    def split(self) -> None:
        briefs = {
            PartSide.FEDERATION: Brief(question="Le bail ?"),
            PartSide.RTES: Brief(question="La convention d’occupation du domaine public ?"),
        }
        bring_in(self.jurist, self.ticket, briefs)

    @property
    def sheet_url(self) -> str:
        return f"/juri-ptce/seances/{self.session.id}"

    @property
    def call_url(self) -> str:
        return f"/juri-ptce/rendez-vous/{self.call.id}/preparer"

    @property
    def thread_url(self) -> str:
        return f"/questions/{self.ticket.reference}"

    def beside(self, what: str) -> str:
        return f"/juri-ptce/questions/{self.ticket.reference}/{what}"


@pytest.fixture
def town(kept: Keep) -> Town:
    return kept(Town)


def act(client: Client, town: Town, slug: str, **values: str) -> int:
    page, url = client.get(town.call_url), f"{town.call_url}/{slug}"
    return client.post(url, data=hidden_fields(page, url) | values).status_code


# --- the sheet


def test_the_sheet_gives_each_call_with_both_times_and_its_question(town: Town, sign_in: SignIn) -> None:
    for url in (town.sheet_url, f"{town.sheet_url}/imprimer"):
        words = text_of(sign_in(town.jurist).get(url))
        for expected in ("14 h (18 h à La Réunion)", "Le Pôle des Hauts", TITLE, "Les Hauts", town.ticket.reference):
            assert expected.replace("18 h", "17 h") in words, (url, expected)
    assert "Réponse d" not in words  # on paper too, an internal document is no answer


def test_the_questions_that_wish_for_the_session_are_told_without_a_slot(town: Town, sign_in: SignIn) -> None:
    wishing = make_ptce_question(title="Et nos statuts ?")
    details = db.session.get(PtceDetails, wishing.id)
    assert details is not None
    details.wished_session_id = town.session.id
    db.session.commit()
    assert "Et nos statuts" in sign_in(town.jurist).get(town.sheet_url).text
    assert sheet_of(town.partner, town.session.id).wishes == []


def test_a_requested_call_is_confirmed_from_the_sheet(town: Town, sign_in: SignIn) -> None:
    asked = make_ptce_question(asker=make_asker(make_ptce(name="La Fabrique")))
    booked = booking.book(asked.asker, asked, town.session.slots[1].id, medium=Medium.VIDEO)
    assert booked.appointment is not None
    assert booked.appointment.status is AppointmentStatus.REQUESTED
    client = sign_in(town.jurist)
    page, url = client.get(town.sheet_url), f"/juri-ptce/rendez-vous/{booked.appointment.id}/preparer/confirmer"
    assert "attend d’être confirmé" in page.text
    assert client.post(url, data=hidden_fields(page, url)).status_code == 303
    assert booked.appointment.status is AppointmentStatus.CONFIRMED


def test_a_sensitive_question_is_masked_on_the_sheet(town: Town, sign_in: SignIn) -> None:
    operations.set_sensitive(town.jurist, town.ticket, is_sensitive=True)
    for url in (town.sheet_url, f"{town.sheet_url}/imprimer"):
        page = sign_in(town.jurist).get(url).text
        assert TITLE not in page
        assert "Les Hauts" not in page.replace("Le Pôle des Hauts", "")


def test_a_jurist_in_a_conflict_of_interest_does_not_see_the_call(town: Town, sign_in: SignIn) -> None:
    other = PersonFactory(jurist=True)
    operations.declare_conflict(town.jurist, town.ticket, other, reason="Ancienne salariée.")
    client = sign_in(other)
    assert "Le Pôle des Hauts" not in client.get(town.sheet_url).text
    assert client.get(town.call_url).status_code == 404


def test_the_sheet_asks_as_much_of_the_database_for_one_call_as_for_three(town: Town, sign_in: SignIn) -> None:
    client, counts = sign_in(town.jurist), []
    for rank in (1, 2):
        client.get(town.sheet_url)
        with count_queries() as statements:
            assert client.get(town.sheet_url).status_code == 200
        counts.append(len(statements))
        town.book(make_ptce_question(asker=make_asker(make_ptce()), status=Status.STUDY), rank)
    assert counts[0] == counts[1] <= 20


@pytest.mark.parametrize("role", ["member", "delegate", "admin"])
def test_the_sheet_is_for_those_who_hold_the_sessions(town: Town, sign_in: SignIn, role: str) -> None:
    client = sign_in(PersonFactory(**{role: True}))
    for url in (town.sheet_url, f"{town.sheet_url}/imprimer", town.call_url, "/juri-ptce/volets"):
        assert client.get(url).status_code == 403, url


def test_what_does_not_exist_is_not_found(town: Town, sign_in: SignIn) -> None:
    client = sign_in(town.jurist)
    urls = ("/juri-ptce/seances/999", "/juri-ptce/rendez-vous/999/preparer", "/juri-ptce/rendez-vous/999/compte-rendu")
    for url in (*urls, f"/juri-ptce/volets/{town.ticket.reference}/rtes", "/juri-ptce/volets/Q-1999-0001/autre"):
        assert client.get(url).status_code == 404, url


# --- a call


def test_the_notes_are_kept_and_given_back_when_a_colleague_was_quicker(town: Town, sign_in: SignIn) -> None:
    client, url = sign_in(town.jurist), f"{town.call_url}/preparation"
    seen = hidden_fields(client.get(town.call_url), url)
    assert act(client, town, "preparation", preparation="Lire la convention.") == 303
    again = client.post(url, data=seen | {"submission_key": key(), "preparation": "Lire le bail."})
    assert again.status_code == 409
    assert "Lire le bail." in again.text
    assert town.call.preparation == "Lire la convention."
    assert "Lire la convention." in client.get(town.sheet_url).text


def test_the_day_of_a_call_from_its_beginning_to_its_account(
    town: Town, sign_in: SignIn, travel: TimeMachineFixture
) -> None:
    client = sign_in(town.jurist)
    assert "commencer" not in client.get(town.call_url).text
    early = client.get(f"/juri-ptce/rendez-vous/{town.call.id}/compte-rendu")
    assert (early.status_code, early.headers["Location"]) == (303, town.call_url)
    travel.move_to(START, tick=False)
    client = sign_in(town.jurist)
    assert act(client, town, "commencer") == 303
    assert act(client, town, "notes", notes="La commune est d’accord.") == 303
    page, held = client.get(town.call_url), f"{town.call_url}/tenu"
    assert f'formaction="{held}"' in page.text  # in the form of the notes: what is typed there is kept
    fields = hidden_fields(page, f"{town.call_url}/notes") | {"notes": "Le hangar est du domaine privé."}
    assert client.post(held, data=fields).status_code == 303
    assert town.call.status is AppointmentStatus.HELD
    assert "9 mars 2027" in text_of(client.get(town.call_url))
    url = f"/juri-ptce/rendez-vous/{town.call.id}/compte-rendu"
    page = client.get(url)
    assert "Le hangar est du domaine privé." in page.text
    fields = hidden_fields(page, url) | {"suite": "envoyer"}
    refused = client.post(url, data=fields | {"explanation": "Mes mots."})
    assert refused.status_code == 422
    assert "Mes mots." in refused.text
    kept = client.post(url, data=fields | {"explanation": "Mes mots.", "suite": "garder"})
    assert kept.status_code == 303
    assert "Mes mots." in client.get(url).text
    more = client.post(url, data=fields | {"ajouter": "references", "explanation": "Mes mots."})
    assert more.status_code == 200
    fields |= {"submission_key": key()}
    assert client.post(url, data=fields | {"in_brief": "Oui.", "explanation": "Mes mots."}).status_code == 303
    db.session.expire_all()
    assert town.ticket.status is Status.ANSWERED
    assert town.call.account_message_id is not None
    assert "compte rendu est écrit" in text_of(client.get(town.call_url))


def test_an_absence_is_noted_after_ten_minutes_with_what_follows(
    town: Town, sign_in: SignIn, travel: TimeMachineFixture
) -> None:
    travel.move_to(START + timedelta(minutes=5), tick=False)
    client = sign_in(town.jurist)
    assert act(client, town, "absent", after="written") == 422
    travel.move_to(START + timedelta(minutes=11), tick=False)
    assert act(client, town, "absent", after="autre") == 422
    assert act(client, town, "absent", after="another_slot") == 303
    assert town.call.status is AppointmentStatus.ABSENT
    assert db.session.get(CallOffer, town.ticket.id) is not None
    assert "tenu" in client.get(town.call_url).text


def test_who_holds_a_call_is_changed_by_the_pole(town: Town, sign_in: SignIn) -> None:
    client, other = sign_in(town.jurist), PersonFactory(jurist=True)
    assert act(client, town, "participer", person="") == 422
    assert act(client, town, "participer", person=str(other.id)) == 303
    assert act(client, town, "retrait", person=str(town.jurist.id)) == 303
    assert other.id in {one.person_id for one in town.call.attendances}
    assert town.jurist.id not in {one.person_id for one in town.call.attendances}


def test_a_call_is_cancelled_by_the_service_with_a_word(town: Town, sign_in: SignIn) -> None:
    client = sign_in(town.jurist)
    assert act(client, town, "annulation", reason="La juriste est souffrante.") == 303
    assert town.call.status is AppointmentStatus.CANCELLED_BY_SERVICE
    assert client.get(town.call_url).status_code == 200


# --- beside a question


def test_the_thread_of_a_ptce_shows_its_call_and_what_may_be_done(town: Town, sign_in: SignIn) -> None:
    words = text_of(sign_in(town.jurist).get(town.thread_url))
    for expected in ("Les Hauts", "Confirmé", "17 h à La Réunion", "Faire intervenir le RTES", "Sans accord"):
        assert expected in words, expected
    assert "Proposer un échange" not in words


def test_a_call_is_proposed_changed_and_taken_back(sign_in: SignIn) -> None:
    town = Town()
    booking.cancel(town.jurist, town.call)
    client, url, late = sign_in(town.jurist), town.beside("echange"), make_session("2027-04-06")
    calls.withdraw_offer(town.jurist, town.ticket)
    assert "Proposer un échange" in client.get(town.thread_url).text
    fields = hidden_fields(client.get(url), url)
    assert client.post(url, data=fields | {"medium": "pigeon", "session_id": ""}).status_code == 422
    sent = client.post(
        url, data=fields | {"medium": "video", "session_id": str(late.id), "note": "Ayez le bail sous la main."}
    )
    assert sent.status_code == 303
    offer = db.session.get(CallOffer, town.ticket.id)
    assert offer is not None
    assert (offer.medium, offer.session_id, offer.note) == (Medium.VIDEO, late.id, "Ayez le bail sous la main.")
    page = client.get(url)
    assert "Ayez le bail sous la main." in page.text
    assert client.post(f"{url}/retirer", data=hidden_fields(page, f"{url}/retirer")).status_code == 303
    db.session.expire_all()
    assert db.session.get(CallOffer, town.ticket.id) is None


def test_the_delegation_vouches_for_a_ptce(sign_in: SignIn) -> None:
    ptce = make_ptce(is_entitled=False)
    ticket, delegate = make_ptce_question(ptce), PersonFactory(delegate=True)
    client, url = sign_in(delegate), f"/juri-ptce/questions/{ticket.reference}/garantie"
    page = client.get(f"/questions/{ticket.reference}")
    assert "Se porter garant" in page.text
    assert client.post(url, data=hidden_fields(page, url)).status_code == 303
    db.session.expire_all()
    profile = db.session.get(PtceProfile, ptce.id)
    assert profile is not None
    assert profile.vouched_by_id == delegate.id
    assert "s’en porte garante" in client.get(f"/questions/{ticket.reference}").text


def test_an_emergency_call_is_opened_today_for_any_structure(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client, url = sign_in(jurist), f"/juri-ptce/questions/{ticket.reference}/urgence"
    assert "Rendez-vous d’urgence" not in client.get(f"/questions/{ticket.reference}").text
    assert client.get(url).status_code == 403
    operations.set_urgency(jurist, ticket, 2, reason="Assignation reçue.")
    assert "Rendez-vous d’urgence" in client.get(f"/questions/{ticket.reference}").text
    fields = hidden_fields(client.get(url), url) | {"medium": "phone", "minutes": "30", "phone": "02 00 00 00 00"}
    refused = client.post(url, data=fields | {"starts_at": "11:30", "phone": "", "jurist": "", "submission_key": key()})
    assert refused.status_code == 422
    assert "Indiquez le numéro à appeler" in text_of(refused)
    for wrong in ("midi", "", "09:00"):
        page = client.post(url, data=fields | {"starts_at": wrong, "jurist": "", "submission_key": key()})
        assert page.status_code == 422, wrong
        assert error_summary(page), wrong
    assert client.post(url, data=fields | {"starts_at": "11:30", "jurist": ""}).status_code == 303
    page = client.get(f"/questions/{ticket.reference}")
    assert "11 h 30" in text_of(page)
    assert "Confirmé" in page.text


def test_a_question_that_is_neither_urgent_nor_a_ptces_costs_nothing(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client, url = sign_in(jurist), f"/questions/{ticket.reference}"
    client.get(url)
    with count_queries() as plain:
        client.get(url)
    assert not [one for one in plain if "juri_" in one]
    operations.set_urgency(jurist, ticket, 2, reason="Assignation reçue.")
    with count_queries() as urgent:
        client.get(url)
    assert len([one for one in urgent if "juri_" in one]) == 1


# --- the two parts, and the partner network


def test_the_partner_is_brought_in_writes_and_approves_and_the_answer_starts_from_both(
    town: Town, sign_in: SignIn
) -> None:
    pole, partner = sign_in(town.jurist), sign_in(town.partner)
    url = town.beside("volets")
    fields = hidden_fields(pole.get(url), url) | {"federation_answerer": "", "rtes_answerer": str(town.partner.id)}
    refused = pole.post(url, data=fields | {"rtes_question": "Le domaine public ?", "federation_question": ""})
    assert refused.status_code == 422
    assert "Le domaine public" in refused.text
    assert pole.post(url, data=fields | {"rtes_question": "Le domaine public ?", "federation_question": "Le bail ?"})
    assert [part.question for part in parts_of(town.ticket)] == ["Le bail ?", "Le domaine public ?"]
    for client, side in ((partner, "rtes"), (pole, "federation")):
        part = f"/juri-ptce/volets/{town.ticket.reference}/{side}"
        page = client.get(part)
        fields = hidden_fields(page, part)
        assert client.post(part, data=fields | {"text": "", "suite": "visa"}).status_code == 422
        sent = client.post(part, data=fields | {"text": f"Texte {side}.", "suite": "visa", "submission_key": key()})
        assert sent.status_code == 303
    db.session.expire_all()
    assert all(part.approved_at for part in parts_of(town.ticket))
    assert "Texte federation." in partner.get(f"/juri-ptce/volets/{town.ticket.reference}/rtes").text
    start = f"{url}/reponse"
    assert pole.post(start, data=hidden_fields(pole.get(town.thread_url), start)).status_code == 303
    thread = pole.get(town.thread_url).text
    assert "Texte rtes." in thread
    assert "Texte federation." in thread


def test_a_partner_sees_their_part_and_nothing_else_of_the_question(town: Town, sign_in: SignIn) -> None:
    town.split()
    booking.attend(town.jurist, town.call, town.partner)
    client = sign_in(town.partner)
    for url in ("/juri-ptce/volets", f"/juri-ptce/volets/{town.ticket.reference}/rtes", town.sheet_url, town.call_url):
        page = client.get(url)
        assert page.status_code == 200, url
        assert TITLE not in page.text, url
        assert "en immersion" not in page.text, url
        assert "Les Hauts" not in page.text.replace("Le Pôle des Hauts", ""), url
    for url in (
        town.thread_url,
        f"{town.thread_url}/imprimer",
        f"/juri-ptce/volets/{town.ticket.reference}/federation",
        f"/juri-ptce/volets/{town.ticket.reference}/rtes/pieces/1",
        f"{town.thread_url}/pieces/1",
    ):
        assert client.get(url).status_code in (403, 404), url
    for url in ("/questions", "/ma-file", "/a-trier", town.beside("volets"), town.beside("echange")):
        assert client.get(url).status_code == 403, url
    assert act_is_refused(client, town)


def test_a_partner_downloads_the_shared_files_alone(town: Town, sign_in: SignIn) -> None:
    shared, kept = (store(town.asker, [Upload()])[0] for _ in range(2))
    operations.add_message(town.asker, town.ticket, text="Voici les deux pièces.", attachments=(shared, kept))
    town.split()
    pole, url = sign_in(town.jurist), town.beside("volets")
    fields = hidden_fields(pole.get(url), url) | {"federation_answerer": "", "rtes_answerer": ""}
    told = {"rtes_question": "Le domaine public ?", "federation_question": "Le bail ?"}
    assert pole.post(url, data=fields | told | {"files": [str(shared.id)]}).status_code == 303
    part, client = f"/juri-ptce/volets/{town.ticket.reference}/rtes", sign_in(town.partner)
    page = client.get(part).text
    assert f"/pieces/{shared.id}" in page
    assert f"/pieces/{kept.id}" not in page
    got = client.get(f"{part}/pieces/{shared.id}")
    assert (got.status_code, got.headers["Content-Disposition"][:10]) == (200, "attachment")
    assert client.get(f"{part}/pieces/{kept.id}").status_code == 404
    assert client.get(f"{town.thread_url}/pieces/{shared.id}").status_code == 404


def act_is_refused(client: Client, town: Town) -> bool:
    sent = {"version": str(town.call.version), "submission_key": key()}
    answer = client.post(f"{town.call_url}/preparation", data=sent | {"preparation": "Mots"})
    return answer.status_code == 403 and town.call.preparation == ""


def test_a_partner_finds_only_the_calls_that_concern_them(town: Town, sign_in: SignIn) -> None:
    stranger = make_partner()
    client = sign_in(stranger)
    for one in list(town.call.attendances):
        if one.person_id != town.jurist.id:
            booking.leave(town.jurist, town.call, one.person)
    assert "Le Pôle des Hauts" not in client.get(town.sheet_url).text
    assert "Aucun rendez-vous pour vous" in client.get(town.sheet_url).text
    assert client.get(town.call_url).status_code == 404
    assert "Aucun volet pour l’instant" in client.get("/juri-ptce/volets").text
    town.split()
    assert "Le Pôle des Hauts" in client.get(town.sheet_url).text
    assert "Personne ne l’a encore pris" in client.get("/juri-ptce/volets").text


def test_the_thread_refuses_the_answer_before_both_visas(town: Town, sign_in: SignIn) -> None:
    town.split()
    client, url = sign_in(town.jurist), f"{town.thread_url}/ecrire"
    fields = hidden_fields(client.get(town.thread_url), url)
    sent = client.post(url, data=fields | {"mode": "reponse", "in_brief": "Oui.", "suite": "envoyer"})
    assert sent.status_code == 422
    assert "deux visas" in sent.text
    assert "Oui." in sent.text
    give_up = town.beside("volets/renoncer")
    page = client.get(town.beside("volets"))
    assert client.post(give_up, data=hidden_fields(page, give_up)).status_code == 303
    assert parts_of(town.ticket) == []


def test_the_page_of_a_question_says_why_it_is_not_closed_without_the_account(
    town: Town, sign_in: SignIn, travel: TimeMachineFixture
) -> None:
    travel.move_to(START + timedelta(minutes=50), tick=False)
    holding.hold(town.jurist, town.call, seen_version=None)
    operations.answer(town.jurist, town.ticket, ANSWER, seen_version=None)
    town.call.account = None
    db.session.commit()
    client, url = sign_in(town.jurist), f"{town.thread_url}/clore"
    page = client.get(f"{town.thread_url}?geste=clore")
    assert "Écrire le compte rendu" in page.text
    refused = client.post(url, data={"version": str(town.ticket.version), "submission_key": key()})
    assert refused.status_code == 422
    assert "compte rendu" in text_of(refused)
