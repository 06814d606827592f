"""« À trier », « Ma file » and « Toutes les questions », as people use them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from helpdesk import clock
from helpdesk.accounts.models import DelegationProfile
from helpdesk.db import db, transaction
from helpdesk.search.operations import rebuild
from helpdesk.tickets import operations
from helpdesk.tickets.enums import CloseReason, MessageKind, Status, Urgency
from helpdesk.tickets.models import Ticket, TicketCopy
from helpdesk.tickets.operations.history import set_attention
from helpdesk.tickets.queries import QueueView, answer_at_relay, queue, view_counts
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import RESERVED_TOPIC, TOPIC, make_asker, make_ticket
from tests.support import axe
from tests.support.pages import hidden_fields, text_of
from tests.support.queries import count_queries

SignIn = Callable[..., Any]


@pytest.fixture
def delegate(app: Any) -> Any:
    return PersonFactory(delegate=True, can_answer=True)


def decide(client: Any, ticket: Ticket, step: str, **values: str) -> Any:
    """Post the triage form of *ticket* as its page shows it."""
    page = client.get(f"/a-trier?question={ticket.reference}")
    action = f"/a-trier/{ticket.reference}"
    form = {"next_step": step, "topic": TOPIC, "urgency": "0"} | hidden_fields(page, action)
    return client.post(action, data=form | values)


# --- the page


def test_the_triage_says_how_many_and_opens_the_first(app: Any, sign_in: SignIn, delegate: Any) -> None:
    tickets = [make_ticket() for _ in range(6)]
    page = sign_in(delegate).get("/a-trier")
    assert "<h1>6\u00a0questions à trier</h1>" in page.text
    assert f'action="/a-trier/{tickets[0].reference}"' in page.text
    assert page.text.count('class="ligne-file') >= 6


def test_an_empty_triage_says_what_comes(app: Any, sign_in: SignIn, delegate: Any) -> None:
    words = text_of(sign_in(delegate).get("/a-trier"))
    assert "Rien à trier" in words
    assert "La prochaine question arrivera ici, et par courriel." in words


def test_each_view_lists_its_own(app: Any, sign_in: SignIn, delegate: Any) -> None:
    by_view = {
        "je-reponds": make_ticket(status=Status.REGIONAL, delegate=delegate),
        "au-pole": make_ticket(status=Status.POLE, delegate=delegate),
        "en-attente": make_ticket(status=Status.WAITING, delegate=delegate),
        "repondues": make_ticket(status=Status.ANSWERED, delegate=delegate),
    }
    client = sign_in(delegate)
    references = {view: ticket.reference for view, ticket in by_view.items()}
    for view, reference in references.items():
        page = client.get(f"/a-trier?vue={view}")
        shown = [other for other in references.values() if other in page.text]
        assert shown == [reference], view


def test_an_unknown_view_shows_the_first_one(app: Any, sign_in: SignIn, delegate: Any) -> None:
    assert "Rien à trier" in sign_in(delegate).get("/a-trier?vue=ma-file&page=-3").text


def test_a_delegate_of_two_delegations_triages_both(app: Any, sign_in: SignIn) -> None:
    make_ticket()
    make_ticket(organisation=OrganisationFactory(delegation="normandie"))
    make_ticket(organisation=OrganisationFactory(delegation="occitanie"))
    both = PersonFactory(delegate=True, delegations=("bretagne", "normandie"))
    assert "2\u00a0questions à trier" in sign_in(both).get("/a-trier").text


def test_a_delegation_in_copy_does_not_triage(app: Any, delegate: Any) -> None:
    ticket = make_ticket(organisation=OrganisationFactory(delegation="normandie"))
    with transaction():
        ticket.copies.append(TicketCopy(delegation="bretagne"))
    assert view_counts(delegate)[QueueView.TRIAGE] == 0


def test_ones_own_question_elsewhere_is_not_in_the_views(app: Any) -> None:
    asker = make_asker(OrganisationFactory(delegation="normandie"), delegate=True)
    make_ticket(asker)
    assert set(view_counts(asker).values()) == {0}


def test_a_question_of_another_region_cannot_be_opened(app: Any, sign_in: SignIn, delegate: Any) -> None:
    foreign = make_ticket(organisation=OrganisationFactory(delegation="normandie"))
    reference, client = foreign.reference, sign_in(delegate)
    assert client.get(f"/a-trier?question={reference}").status_code == 404
    assert client.post(f"/a-trier/{reference}").status_code == 404
    assert client.post(f"/a-trier/{reference}/relais").status_code == 404
    assert client.get("/a-trier?question=%00").status_code == 404


def test_a_question_triaged_meanwhile_is_said_to_be_gone(app: Any, sign_in: SignIn, delegate: Any) -> None:
    gone, left = make_ticket(status=Status.POLE, delegate=delegate).reference, make_ticket().reference
    page = sign_in(delegate).get(f"/a-trier?question={gone}")
    assert f"{gone} n’est plus dans cette liste" in text_of(page)
    assert f'action="/a-trier/{left}"' in page.text


def test_a_jurist_is_led_to_their_own_queue(app: Any, sign_in: SignIn) -> None:
    person = PersonFactory(jurist=True, is_delegate=True)
    assert sign_in(person).get("/a-trier").headers["Location"] == "/ma-file"


# --- one decision


def test_passing_on_leads_to_the_next_question(app: Any, sign_in: SignIn, delegate: Any) -> None:
    first, second = make_ticket(), make_ticket()
    references = first.reference, second.reference
    answer = decide(sign_in(delegate), first, "transmettre", note="Vue au téléphone.")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/a-trier?question={references[1]}#panneau"
    assert first.status is Status.POLE
    notes = [message.body for message in first.messages if message.kind is MessageKind.NOTE]
    assert notes == ["Vue au téléphone."]


def test_ten_questions_are_triaged_in_a_row(app: Any, sign_in: SignIn, delegate: Any) -> None:
    for _ in range(10):
        make_ticket()
    client, address = sign_in(delegate), "/a-trier"
    for _ in range(10):
        page = client.get(address)
        action = page.text.split('<form class="panneau__partie')[1].split('action="')[1].split('"')[0]
        form = {"next_step": "transmettre", "topic": TOPIC, "urgency": "0"} | hidden_fields(page, action)
        answer = client.post(action, data=form)
        assert answer.status_code == 303
        address = answer.headers["Location"].split("#")[0]
    assert "Rien à trier" in client.get(address).text


def test_answering_takes_charge_and_opens_the_thread(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket()
    answer = decide(sign_in(delegate), ticket, "repondre")
    assert answer.headers["Location"].startswith(f"/questions/{ticket.reference}")
    assert (ticket.status, ticket.delegate_id) == (Status.REGIONAL, delegate.id)


def test_keeping_a_question_takes_charge_of_it(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket()
    assert decide(sign_in(delegate), ticket, "garder").status_code == 303
    assert ticket.status is Status.REGIONAL


def test_a_reserved_topic_is_not_answered_in_the_region(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket(topic=RESERVED_TOPIC)
    client = sign_in(delegate)
    page = client.get("/a-trier")
    assert 'id="suite-repondre" name="next_step" value="repondre" disabled' in page.text
    assert "Réservé au pôle" in text_of(page)
    answer = decide(client, ticket, "repondre", topic=RESERVED_TOPIC)
    assert answer.status_code == 422
    assert "réservé au pôle" in text_of(answer)
    assert ticket.status is Status.TRIAGE


def test_choosing_a_reserved_topic_while_answering_changes_nothing(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket(topic=None)
    assert decide(sign_in(delegate), ticket, "repondre", topic=RESERVED_TOPIC).status_code == 422
    assert (ticket.status, ticket.topic) == (Status.TRIAGE, None)


def test_asking_for_a_detail_stops_the_count(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket()
    client = sign_in(delegate)
    refused = decide(client, ticket, "preciser", note="Rien pour l’adhérent.")
    assert refused.status_code == 422
    assert 'href="#detail"' in refused.text
    assert "Rien pour l’adhérent." in refused.text
    assert decide(client, ticket, "preciser", detail="Quelle est la date du contrat ?").status_code == 303
    assert ticket.status is Status.WAITING


def test_the_note_for_the_pole_never_reaches_the_asker(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket()
    decide(sign_in(delegate), ticket, "preciser", note="Entre nous.", detail="Quelle date ?")
    assert all("Entre nous." not in message.body for message in ticket.messages)


def test_a_duplicate_names_the_first_question(app: Any, sign_in: SignIn, delegate: Any) -> None:
    asker = make_asker()
    first, again = make_ticket(asker, status=Status.ANSWERED), make_ticket(asker)
    foreign = make_ticket(organisation=OrganisationFactory(delegation="normandie"))
    client = sign_in(delegate)
    words = {"duplicate_text": "Voyez notre réponse."}
    for wrong in ("", "Q-0000-0001", foreign.reference, "\x00"):
        refused = decide(client, again, "doublon", original=wrong, **words)
        assert refused.status_code == 422, wrong
        assert 'href="#original"' in refused.text
    answer = decide(client, again, "doublon", original=f" {first.reference.lower()} ", **words)
    assert answer.status_code == 303
    assert (again.close_reason, again.duplicate_of_id) == (CloseReason.DUPLICATE, first.id)


def test_an_orientation_is_proposed_for_what_is_out_of_scope(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket(title="Mon propriétaire garde ma caution", facts="Litige avec mon propriétaire.")
    client = sign_in(delegate)
    page = text_of(client.get("/a-trier"))
    for place in ("ADIL", "point-justice", "France services", "prud’hommes", "Défenseur des droits"):
        assert place in page
    assert decide(client, ticket, "hors-champ", orientation=" ").status_code == 422
    assert decide(client, ticket, "hors-champ", orientation="Voyez l’ADIL.").status_code == 303
    assert ticket.close_reason is CloseReason.OUT_OF_SCOPE


def test_urgency_is_proposed_with_its_reason_and_confirmed(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket(facts="Un accident du travail grave a eu lieu ce matin sur le chantier.")
    level = ticket.urgency
    assert level >= 2
    client = sign_in(delegate)
    page = client.get("/a-trier")
    assert "Proposée par le service, à confirmer." in text_of(page)
    assert decide(client, ticket, "transmettre", urgency=str(level)).status_code == 303
    assert (ticket.urgency, ticket.is_urgency_confirmed) == (level, True)


def test_a_sensitive_question_is_masked_in_the_list(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket(title="Un harcèlement dans l’équipe ?")
    client = sign_in(delegate)
    assert decide(client, ticket, "transmettre", is_sensitive="y").status_code == 303
    assert ticket.is_sensitive
    words = text_of(client.get("/questions"))
    assert "Dossier sensible" in words
    assert "harcèlement" not in words.replace("Harcèlement et discrimination", "")


def test_nothing_chosen_is_said_beside_the_choices(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket()
    answer = decide(sign_in(delegate), ticket, "", note="Ma note.")
    assert answer.status_code == 422
    assert answer.text.startswith("<!DOCTYPE html>")
    assert "<title>Erreur" in answer.text
    assert "Choisissez ce que devient la question." in text_of(answer)
    assert "Ma note." in answer.text


@pytest.mark.parametrize(
    "forged",
    [{"next_step": "effacer"}, {"topic": "inconnu"}, {"urgency": "9"}, {"urgency": "x"}, {"version": "x"},
     {"note": "a" * 30_000}, {"submission_key": ""}],
)  # fmt: skip
def test_forged_values_change_nothing(app: Any, sign_in: SignIn, delegate: Any, forged: dict[str, str]) -> None:
    ticket = make_ticket()
    answer = decide(sign_in(delegate), ticket, **({"step": "transmettre"} | forged))
    assert answer.status_code == 422
    assert ticket.status is Status.TRIAGE


def test_a_double_click_acts_once(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket()
    client = sign_in(delegate)
    action = f"/a-trier/{ticket.reference}"
    form = hidden_fields(client.get("/a-trier"), action)
    form |= {"next_step": "transmettre", "topic": TOPIC, "urgency": "0", "note": "Une fois."}
    assert [client.post(action, data=form).status_code for _ in range(2)] == [303, 303]
    assert [message.body for message in ticket.messages].count("Une fois.") == 1


def test_a_colleague_was_quicker(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket = make_ticket()
    client = sign_in(delegate)
    action = f"/a-trier/{ticket.reference}"
    form = hidden_fields(client.get("/a-trier"), action)
    operations.transmit(PersonFactory(delegate=True), ticket)
    form |= {"next_step": "preciser", "topic": TOPIC, "urgency": "0", "detail": "Quelle est la date exacte ?"}
    answer = client.post(action, data=form)
    assert answer.status_code == 409
    assert "Quelle est la date exacte ?" in answer.text


def test_a_question_changed_meanwhile_is_shown_again_with_the_text(app: Any, sign_in: SignIn, delegate: Any) -> None:
    asker = make_asker()
    ticket = make_ticket(asker)
    client = sign_in(delegate)
    action = f"/a-trier/{ticket.reference}"
    form = hidden_fields(client.get("/a-trier"), action)
    operations.add_message(asker, ticket, text="J’ajoute une date.")
    form |= {"next_step": "preciser", "topic": TOPIC, "urgency": "0", "detail": "Quelle est la date ?"}
    answer = client.post(action, data=form)
    assert answer.status_code == 409
    assert "Quelle est la date ?" in answer.text
    assert "ajoute une date" in answer.text
    form |= hidden_fields(answer, action)
    assert client.post(action, data=form).status_code == 303


def test_only_the_delegation_in_charge_decides(app: Any, sign_in: SignIn) -> None:
    ticket = make_ticket(organisation=OrganisationFactory(delegation="normandie"))
    with transaction():
        ticket.copies.append(TicketCopy(delegation="bretagne"))
    reference, version = ticket.reference, ticket.version
    form = {"next_step": "garder", "topic": TOPIC, "urgency": "0", "version": version, "submission_key": "k"}
    answer = sign_in(PersonFactory(delegate=True)).post(f"/a-trier/{reference}", data=form)
    assert answer.status_code == 403


def test_names_in_a_detail_asked_for_are_sent_only_on_purpose(app: Any, sign_in: SignIn, delegate: Any) -> None:
    ticket, client = make_ticket(), sign_in(delegate)
    refused = decide(client, ticket, "preciser", detail="Mme Durand est-elle en CDDI ?")
    assert refused.status_code == 422
    assert 'name="keeps_personal_data"' in refused.text
    sent = decide(client, ticket, "preciser", detail="Mme Durand est-elle en CDDI ?", keeps_personal_data="y")
    assert sent.status_code == 303
    assert ticket.status is Status.WAITING


# --- the relay


@pytest.fixture
def relayed(app: Any, delegate: Any) -> Ticket:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    db.session.commit()
    return make_ticket(status=Status.RELAY, delegate=delegate)


def relay(client: Any, ticket: Ticket, **values: str) -> Any:
    action = f"/a-trier/{ticket.reference}/relais"
    page = client.get("/a-trier?vue=a-relayer")
    return client.post(action, data=hidden_fields(page, action) | values)


def test_the_delegate_reads_the_answer_and_sends_it_with_a_word(
    sign_in: SignIn, delegate: Any, relayed: Ticket
) -> None:
    client = sign_in(delegate)
    assert "Oui, à la demande du salarié." in client.get("/a-trier?vue=a-relayer").text
    assert relay(client, relayed, way="envoyer", word="Bonjour, tout est là.").status_code == 303
    assert relayed.status is Status.ANSWERED
    answer = next(message for message in relayed.messages if message.kind is MessageKind.ANSWER)
    assert answer.body == "Bonjour, tout est là."


def test_an_answer_whose_law_has_changed_goes_back_and_the_page_says_so(
    sign_in: SignIn, delegate: Any, relayed: Ticket
) -> None:
    with transaction():
        answer_at_relay(relayed).law_as_of_on = date(2026, 8, 31)
        relayed.topic = "fiscal/tva"
    client = sign_in(delegate)
    assert relay(client, relayed, way="envoyer").status_code == 303
    assert relayed.status is Status.STUDY
    page = text_of(client.get("/a-trier?vue=a-relayer"))
    assert "le droit a changé depuis la réponse. Elle n’est pas partie" in page
    assert "réponse transmise" not in page


def test_the_delegate_gives_the_answer_back_with_a_reason(sign_in: SignIn, delegate: Any, relayed: Ticket) -> None:
    client = sign_in(delegate)
    refused = relay(client, relayed, way="rendre")
    assert refused.status_code == 422
    assert 'href="#note"' in refused.text
    assert relay(client, relayed, way="rendre", note="La structure a deux accords.").status_code == 303
    assert relayed.status is Status.STUDY


def test_an_unknown_way_is_refused(sign_in: SignIn, delegate: Any, relayed: Ticket) -> None:
    assert relay(sign_in(delegate), relayed, way="perdre").status_code == 422
    assert relayed.status is Status.RELAY


# --- « Ma file »


def test_a_jurist_reads_forty_open_files_on_one_page(app: Any, sign_in: SignIn) -> None:
    jurist, delegate, asker = PersonFactory(jurist=True), PersonFactory(delegate=True), make_asker()
    for _ in range(40):
        make_ticket(asker, status=Status.STUDY, jurist=jurist, delegate=delegate)
    page = sign_in(jurist).get("/ma-file")
    assert page.text.count("<article") == 40
    assert "10\u00a0jours restants" in page.text


def test_deadlines_are_said_in_words(app: Any, sign_in: SignIn) -> None:
    jurist, delegate, asker = PersonFactory(jurist=True), PersonFactory(delegate=True), make_asker()
    tickets = [make_ticket(asker, status=Status.STUDY, jurist=jurist, delegate=delegate) for _ in range(3)]
    now = clock.now()
    with transaction():
        for ticket, days in zip(tickets, (5, 1, -2), strict=True):
            ticket.due_at = now + timedelta(days=days)
        tickets[0].legal_deadline_on = clock.today()
    operations.ask_detail(jurist, make_ticket(asker, status=Status.STUDY, jurist=jurist), text="Quelle date ?")
    client = sign_in(jurist)
    words = text_of(client.get("/ma-file"))
    for said in ("5 jours restants", "À rendre demain", "2 jours de retard", "Date légale"):
        assert said in words
    assert "En attente de l’adhérent (compte arrêté)" in text_of(client.get("/ma-file?vue=en-attente"))


def test_an_empty_queue_points_to_the_pole(app: Any, sign_in: SignIn) -> None:
    make_ticket(status=Status.POLE)
    page = sign_in(PersonFactory(jurist=True)).get("/ma-file")
    assert "Votre file est vide" in page.text
    assert "1 question attend une ou un juriste." in text_of(page)
    assert 'href="/ma-file?vue=pole"' in page.text


def test_a_jurist_takes_a_question_and_stays_in_the_list(app: Any, sign_in: SignIn) -> None:
    jurist, ticket = PersonFactory(jurist=True), make_ticket(status=Status.POLE)
    client, action = sign_in(jurist), f"/ma-file/{ticket.reference}/prendre"
    form = hidden_fields(client.get("/ma-file?vue=pole"), action)
    answer = client.post(action, data=form)
    assert answer.headers["Location"] == "/ma-file?vue=pole"
    assert (ticket.status, ticket.jurist_id) == (Status.STUDY, jurist.id)


def test_two_jurists_take_the_same_question(app: Any, sign_in: SignIn) -> None:
    first, second, ticket = PersonFactory(jurist=True), PersonFactory(jurist=True), make_ticket(status=Status.POLE)
    client, action = sign_in(second), f"/ma-file/{ticket.reference}/prendre"
    form = hidden_fields(client.get("/ma-file?vue=pole"), action)
    operations.take(first, ticket)
    assert client.post(action, data=form).status_code == 303
    assert ticket.jurist_id == first.id
    assert "vient de changer" in text_of(client.get("/ma-file?vue=pole"))


def test_an_urgent_question_is_taken_from_the_delegation(app: Any, sign_in: SignIn) -> None:
    ticket = make_ticket(urgency=2, urgency_reason="Délai de recours")
    calm = make_ticket().reference
    page = sign_in(PersonFactory(jurist=True)).get("/ma-file?vue=urgentes")
    assert f"/ma-file/{ticket.reference}/prendre" in page.text
    assert calm not in page.text


# --- « Toutes les questions »


def test_filters_narrow_the_list(app: Any, sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    wanted = make_ticket(title="Prime de fin d’année", status=Status.STUDY, jurist=jurist)
    other = make_ticket(
        title="Bail du local", topic="affaires/baux", organisation=OrganisationFactory(delegation="normandie")
    )
    national = make_ticket(title="File sans région", organisation=OrganisationFactory(national=True))
    today = clock.today().isoformat()
    client = sign_in(PersonFactory(lead=True))
    names = {wanted.reference: "wanted", other.reference: "other", national.reference: "national"}
    cases = {
        "q=PRIME+annee": "wanted",
        f"q={other.reference.lower()}": "other",
        "statut=study": "wanted",
        "statut=en-retard": "",
        "statut=cette-semaine": "",
        "theme=affaires%2Fbaux": "other",
        "theme=affaires": "other",
        "delegation=normandie": "other",
        "delegation=nationale": "national",
        f"juriste={jurist.id}": "wanted",
        "urgentes=y": "",
        "canal=phone": "",
        "du=2100-01-01": "",
        f"du={today}&au={today}&tri=anciennes": "wanted other national",
    }
    for query, expected in cases.items():
        page = client.get(f"/questions?{query}")
        assert page.status_code == 200, query
        found = [name for reference, name in names.items() if f">{reference}<" in page.text]
        assert found == expected.split(), query


WRONG = (
    "statut=x", "theme=x", "delegation=x", "juriste=x", "juriste=99999999999999999999", "canal=x", "tri=x", "du=demain",
    "au=9999-12-31", "du=2026-02-02&au=2026-02-01", "q=%00", "q=" + "a" * 101,
)  # fmt: skip


@pytest.mark.parametrize("query", WRONG)
def test_a_wrong_filter_is_said_and_lists_nothing(app: Any, sign_in: SignIn, query: str) -> None:
    make_ticket()
    page = sign_in(PersonFactory(jurist=True)).get(f"/questions?{query}")
    assert page.status_code == 422
    assert "data-error-summary" in page.text
    assert "<table" not in page.text


def test_a_delegate_filters_on_no_other_delegation(app: Any, sign_in: SignIn, delegate: Any) -> None:
    make_ticket(organisation=OrganisationFactory(delegation="normandie"))
    client = sign_in(delegate)
    assert client.get("/questions?delegation=normandie").status_code == 422
    assert "Aucune question ne correspond" in client.get("/questions").text


def test_a_sensitive_title_is_not_found_by_its_words(app: Any, sign_in: SignIn) -> None:
    ticket = make_ticket(title="Agression au chantier", is_sensitive=True)
    client = sign_in(PersonFactory(jurist=True))
    assert "Aucune question ne correspond" in client.get("/questions?q=agression").text
    page = client.get(f"/questions?q={ticket.reference}")
    assert "Dossier sensible" in page.text
    assert "Agression au chantier" not in page.text


def test_a_far_page_is_empty_not_an_error(app: Any, sign_in: SignIn) -> None:
    client = sign_in(PersonFactory(jurist=True))
    for page in ("0", "-1", "x", "9" * 30):
        assert client.get(f"/questions?page={page}").status_code == 200


# --- cost


@pytest.mark.parametrize(
    ("address", "role", "most"),
    [("/a-trier", "delegate", 15), ("/ma-file?vue=pole", "jurist", 5), ("/questions", "jurist", 5)],
)
def test_a_page_costs_the_same_whatever_the_number_of_rows(
    app: Any, sign_in: SignIn, address: str, role: str, most: int
) -> None:
    asker, delegate = make_asker(), PersonFactory(delegate=True)
    client = sign_in(PersonFactory(**{role: True}))
    costs = []
    for count in (1, 12):
        for _ in range(count):
            make_ticket(asker)
            make_ticket(asker, status=Status.POLE, delegate=delegate)
        with count_queries() as queries:
            assert client.get(address).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] <= most, queries


def test_a_member_opens_none_of_the_lists(app: Any, sign_in: SignIn) -> None:
    client = sign_in(PersonFactory(member=True))
    for address in ("/a-trier", "/ma-file", "/questions", "/saisir", "/equipe"):
        assert client.get(address).status_code == 403


# --- in a browser


def test_ten_questions_are_triaged_by_keyboard(app: Any, delegate: Any, live_server: Any, page: Any) -> None:
    asker = make_asker()
    tickets = [make_ticket(asker) for _ in range(10)]
    page.context.add_cookies([live_server.cookie_for(delegate)])
    db.session.commit()
    page.goto(f"{live_server.url}/a-trier")
    for left in range(9, -1, -1):
        page.keyboard.press("2")
        page.keyboard.press("Tab")
        page.keyboard.type("Vue ce matin.")
        page.keyboard.press("Control+Enter")
        title = f"{left} question" if left else "Rien à trier"
        page.get_by_role("heading", name=title).first.wait_for()
    db.session.expire_all()
    assert {ticket.status for ticket in tickets} == {Status.POLE}
    notes = [m for ticket in tickets for m in ticket.messages if m.kind is MessageKind.NOTE]
    assert len(notes) == 10


def test_j_and_k_change_the_question(app: Any, delegate: Any, live_server: Any, page: Any) -> None:
    first, second = make_ticket().reference, make_ticket().reference
    page.context.add_cookies([live_server.cookie_for(delegate)])
    page.goto(f"{live_server.url}/a-trier")
    for key, reference in (("j", second), ("k", first)):
        page.keyboard.press(key)
        page.wait_for_url(f"**/a-trier?question={reference}#panneau")


def test_the_lists_are_accessible(app: Any, delegate: Any, live_server: Any, page: Any) -> None:
    lead, jurist = PersonFactory(lead=True), PersonFactory(jurist=True)
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    db.session.commit()
    make_ticket(topic=RESERVED_TOPIC, is_sensitive=True, urgency=2)
    make_ticket(status=Status.RELAY, delegate=delegate, jurist=jurist)
    make_ticket(status=Status.POLE, delegate=delegate)
    make_ticket(status=Status.STUDY, delegate=delegate, jurist=jurist)
    desk, structure = jurist.id, OrganisationFactory().id
    pages = [
        (delegate, ("/a-trier", "/a-trier?vue=a-relayer", "/a-trier?vue=au-pole", "/a-trier?vue=je-reponds")),
        (delegate, ("/saisir", f"/saisir?structure={structure}")),
        (lead, ("/ma-file?vue=pole", "/questions", "/questions?statut=x&du=x", "/equipe", f"/equipe/{desk}")),
    ]
    for person, addresses in pages:
        page.context.add_cookies([live_server.cookie_for(person)])
        db.session.commit()
        for address in addresses:
            page.goto(live_server.url + address)
            assert axe.barriers(page) == [], address


def test_a_critical_question_comes_before_an_urgent_one_that_came_first(app: Any) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    with transaction():
        tickets = [make_ticket(asker, status=Status.STUDY, jurist=jurist) for _ in range(3)]
        for ticket, urgency in zip(tickets, (Urgency.NORMAL, Urgency.URGENT, Urgency.CRITICAL), strict=True):
            ticket.urgency = urgency
            set_attention(ticket)
    rows = queue(jurist, QueueView.MINE).rows
    assert [row.urgency for row in rows] == [3, 2, 0]


@pytest.mark.parametrize("page", ["/questions/{}", "/saisir"])
def test_the_queue_stays_current_on_the_pages_that_open_from_it(app: Any, sign_in: SignIn, page: str) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(make_asker(), status=Status.STUDY, jurist=jurist)
    head = sign_in(jurist).get(page.format(ticket.reference)).text.split("</nav>")[0]
    assert 'href="/ma-file" aria-current="page"' in head


def test_two_linked_questions_say_how(app: Any, sign_in: SignIn) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    first, second = make_ticket(asker), make_ticket(asker)
    with transaction():
        second.follows_id = first.id
    client = sign_in(jurist)
    assert "La suite de cette question" in text_of(client.get(f"/questions/{first.reference}"))
    assert "La question de départ" in text_of(client.get(f"/questions/{second.reference}"))


# --- words searched in every question


def test_words_are_searched_in_questions_and_answers_the_closest_first(app: Any, sign_in: Callable[..., Any]) -> None:
    jurist = PersonFactory(jurist=True)
    answered = make_ticket(title="Une question sur les congés", status=Status.ANSWERED, jurist=jurist)
    far = make_ticket(title="Le contrat et le renouvellement", facts="Un contrat qui finit. On parle de congés.")
    make_ticket(title="Bail commercial", facts="Le loyer augmente.")
    secret = make_ticket(title="Congés d’un dossier sensible", facts="Congés.", is_sensitive=True)
    rebuild()
    client = sign_in(jurist)
    page = text_of(client.get("/questions?q=conge"))
    assert page.index(answered.reference) < page.index(far.reference)
    assert "Bail commercial" not in page
    assert secret.reference not in page
    assert "les plus proches d’abord" in page
    assert answered.reference in text_of(client.get("/questions?q=avenant"))
    assert far.reference not in text_of(client.get("/questions?q=conge&statut=answered"))
    latest = text_of(client.get("/questions?q=conge&tri=recentes"))
    assert latest.index(far.reference) < latest.index(answered.reference)
    assert "les plus récentes d’abord" in latest


def test_a_reference_is_found_as_it_is_a_masked_question_too(app: Any, sign_in: Callable[..., Any]) -> None:
    ticket = make_ticket(title="Mot secret", is_sensitive=True)
    page = text_of(sign_in(PersonFactory(jurist=True)).get(f"/questions?q={ticket.reference.lower()}"))
    assert ticket.reference in page
    assert "Mot secret" not in page


def test_a_delegate_finds_only_the_questions_of_the_region(app: Any, sign_in: Callable[..., Any]) -> None:
    ticket = make_ticket(title="Tournesol du contrat")
    rebuild()
    here, elsewhere = PersonFactory(delegate=True), PersonFactory(delegate=True, delegation="normandie")
    assert ticket.reference in text_of(sign_in(here).get("/questions?q=tournesol"))
    assert ticket.reference not in text_of(sign_in(elsewhere).get("/questions?q=tournesol"))


def test_while_the_index_is_away_the_titles_are_searched_and_the_page_says_so(
    app: Any, sign_in: Callable[..., Any]
) -> None:
    ticket = make_ticket(title="Tournesol du contrat")
    page = text_of(sign_in(PersonFactory(jurist=True)).get("/questions?q=tournesol"))
    assert ticket.reference in page
    assert "La recherche complète est en préparation" in page
