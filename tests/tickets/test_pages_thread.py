"""The staff's page of one question: who sees what, what is written, what happens to what was typed."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest

from helpdesk.accounts.models import DelegationProfile
from helpdesk.db import db, transaction
from helpdesk.tickets import operations, queries
from helpdesk.tickets.enums import CloseReason, DraftKind, MessageKind, Status
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.views.acts import ACTIONS
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.files import PDF
from tests.factories.tickets import ANSWER, RESERVED_TOPIC, key, make_asker, make_ticket
from tests.support import axe
from tests.support.pages import error_summary, hidden_fields, text_of
from tests.support.queries import count_queries

SignIn = Callable[..., Any]
QUERIES_MAX_COUNT = 36
FOR_AXE = (Status.STUDY, Status.ANSWERED)
ANSWER_FIELDS = {
    "in_brief": "Oui, à la demande du salarié.",
    "explanation": "Le code du travail permet la suspension.",
    "actions": "Signez un avenant.",
    "references-0": "Code du travail, article L. 1243-6",
}


def make_relayed(delegation: str = "bretagne") -> None:
    """Let the delegation relay the pole's answers."""
    with transaction():
        db.session.add(DelegationProfile(code=delegation, is_relayed=True, phone="", opening_hours=""))


@pytest.mark.parametrize("status", list(Status))
def test_a_jurist_reads_a_question_in_every_state(sign_in: SignIn, status: Status) -> None:
    jurist = PersonFactory(jurist=True)
    if status is Status.RELAY:
        make_relayed()
    ticket = make_ticket(status=status, jurist=jurist)
    page = sign_in(jurist).get(f"/questions/{ticket.reference}")
    assert page.status_code == 200
    assert ticket.reference in text_of(page)


@pytest.mark.parametrize("status", list(Status))
def test_a_delegate_reads_a_question_in_every_state(sign_in: SignIn, status: Status) -> None:
    delegate = PersonFactory(delegate=True, can_answer=True)
    if status is Status.RELAY:
        make_relayed()
    ticket = make_ticket(status=status, delegate=delegate)
    page = sign_in(delegate).get(f"/questions/{ticket.reference}")
    assert page.status_code == 200
    assert ticket.reference in text_of(page)


def write(client: Any, ticket: Ticket, step: str = "envoyer", **fields: Any) -> Any:
    """Send the writing frame as the browser does."""
    data = {"mode": "reponse", "version": ticket.version, "submission_key": key(), "suite": step} | fields
    return client.post(f"/questions/{ticket.reference}/ecrire", data=data)


def test_the_preview_shows_what_the_member_will_read_and_loses_nothing(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    page = write(
        sign_in(jurist),
        ticket,
        "apercu",
        **{
            "in_brief": "Oui, à sa demande.",
            "explanation": "Le **code** le permet.",
            "references-0": "Code du travail, article L. 1243-6",
            "references-3": "Circulaire du 2 mars",
        },
    )
    assert page.status_code == 200
    assert "Rien n’est encore envoyé" in text_of(page)
    assert "<strong>code</strong>" in page.text
    assert 'name="references-1" value="Circulaire du 2 mars"' in page.text
    assert ticket.status is Status.STUDY


def test_a_preview_without_in_brief_comes_back_with_what_was_typed(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    page = write(sign_in(jurist), ticket, "apercu", explanation="Le code le permet.")
    assert page.status_code == 422
    assert "Écrivez « En bref »" in error_summary(page)[0]
    assert "Le code le permet." in page.text


def test_modifying_after_the_preview_gives_everything_back(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    page = write(sign_in(jurist), ticket, "modifier", **ANSWER_FIELDS)
    assert page.status_code == 200
    assert all(value in page.text for value in ANSWER_FIELDS.values())


def test_a_jurist_answers_and_the_draft_is_gone(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    write(client, ticket, "apercu", **ANSWER_FIELDS)
    assert write(client, ticket, **ANSWER_FIELDS).status_code == 303
    assert ticket.status is Status.ANSWERED
    answer = queries.current_answer(ticket)
    assert answer is not None
    assert answer.in_brief == ANSWER_FIELDS["in_brief"]
    assert answer.references == ["Code du travail, article L. 1243-6"]
    assert not queries.drafts_on(ticket)


def test_a_double_click_sends_one_answer(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client, same = sign_in(jurist), {"submission_key": key(), "version": ticket.version}
    answers = [write(client, ticket, **ANSWER_FIELDS, **same) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    messages = queries.readable_messages(jurist, ticket)
    assert [message.kind for message in messages].count(MessageKind.ANSWER) == 1
    assert not queries.drafts_on(ticket)


def test_the_second_answer_shows_the_first_and_keeps_its_own_text(sign_in: SignIn) -> None:
    jurist, other = PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    seen = {"version": ticket.version, "seen": queries.readable_messages(jurist, ticket)[-1].id}
    operations.answer(other, ticket, ANSWER, seen_version=None)
    page = write(sign_in(jurist), ticket, **ANSWER_FIELDS, **seen)
    words = text_of(page)
    assert page.status_code == 409
    assert "Une réponse est arrivée pendant que vous écriviez. Votre texte est gardé." in words
    assert words.count("Arrivé pendant que vous écriviez") == 1
    assert ANSWER.in_brief in words
    assert ANSWER_FIELDS["explanation"] in page.text
    (draft,) = queries.drafts_on(ticket)
    assert draft.fields["in_brief"] == ANSWER_FIELDS["in_brief"]


def test_a_delegate_overtaken_by_the_pole_gets_the_text_back(sign_in: SignIn) -> None:
    delegate, jurist = PersonFactory(delegate=True, can_answer=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.REGIONAL, delegate=delegate)
    operations.set_urgency(jurist, ticket, 2, reason="Audience demain")
    version = ticket.version
    operations.take(jurist, ticket)
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    page = write(sign_in(delegate), ticket, version=version, **ANSWER_FIELDS)
    assert page.status_code == 409
    assert "Votre texte, gardé" in text_of(page)
    assert ANSWER_FIELDS["explanation"] in text_of(page)


def test_a_stale_form_keeps_its_text_and_may_be_sent_again(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    version = ticket.version
    operations.add_message(ticket.asker, ticket, text="Il a signé hier.")
    client = sign_in(jurist)
    page = write(client, ticket, version=version, seen=1, **ANSWER_FIELDS)
    assert page.status_code == 409
    assert "Il a signé hier." in text_of(page)
    assert write(client, ticket, **ANSWER_FIELDS).status_code == 303


def test_a_relayed_answer_goes_to_the_delegation_which_sends_it_on(sign_in: SignIn) -> None:
    make_relayed()
    jurist, delegate = PersonFactory(jurist=True), PersonFactory(delegate=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, delegate=delegate)
    client = sign_in(jurist)
    assert "Envoyer la réponse à la délégation" in text_of(client.get(f"/questions/{ticket.reference}"))
    assert write(client, ticket, **ANSWER_FIELDS).status_code == 303
    assert ticket.status is Status.RELAY
    assert act(sign_in(delegate), ticket, "relayer", word="Bonne lecture.").status_code == 303
    assert ticket.status is Status.ANSWERED
    for reader in (ticket.asker, delegate, jurist):
        page = sign_in(reader).get(f"/questions/{ticket.reference}")
        assert f"Bonne lecture. {delegate.full_name}, délégation Bretagne En bref" in text_of(page)
        assert f"{delegate.full_name}, délégation" in text_of(
            sign_in(reader).get(f"/questions/{ticket.reference}/imprimer")
        )


def test_the_jurists_own_word_is_not_signed_by_the_delegate_who_sends_it_on(sign_in: SignIn) -> None:
    make_relayed()
    jurist, delegate = PersonFactory(jurist=True), PersonFactory(delegate=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, delegate=delegate)
    assert write(sign_in(jurist), ticket, **ANSWER_FIELDS, word="Bonne lecture.").status_code == 303
    assert act(sign_in(delegate), ticket, "relayer").status_code == 303
    page = text_of(sign_in(ticket.asker).get(f"/questions/{ticket.reference}"))
    assert "Bonne lecture. En bref" in page
    assert f"{delegate.full_name}, délégation" not in page


@pytest.mark.parametrize(
    "fields",
    [
        ANSWER_FIELDS | {"word": "Mme Durand a raison."},
        {"mode": "precision", "detail": "Mme Durand est-elle en CDDI ?"},
    ],
)
def test_names_in_what_is_written_are_sent_only_on_purpose(sign_in: SignIn, fields: dict[str, str]) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    assert 'name="keeps_personal_data"' not in client.get(f"/questions/{ticket.reference}").text
    refused = write(client, ticket, **fields)
    assert refused.status_code == 422
    assert "« Mme Durand »" in error_summary(refused)[0]
    assert 'name="keeps_personal_data"' in refused.text
    assert write(client, ticket, **fields, keeps_personal_data="y").status_code == 303
    assert ticket.status in (Status.ANSWERED, Status.WAITING)


def test_names_sent_on_purpose_pass_through_the_preview(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    fields = ANSWER_FIELDS | {"word": "Mme Durand a raison."}
    assert 'name="keeps_personal_data"' not in write(client, ticket, **fields, suite="apercu").text
    preview = write(client, ticket, **fields, suite="apercu", keeps_personal_data="y")
    sent = hidden_fields(preview, f"/questions/{ticket.reference}/ecrire") | {"suite": "envoyer"}
    assert sent["keeps_personal_data"] == "y"
    changed = client.post(f"/questions/{ticket.reference}/ecrire", data=sent | {"suite": "modifier"})
    assert re.search(r'<input checked[^>]*name="keeps_personal_data"', changed.text)
    assert client.post(f"/questions/{ticket.reference}/ecrire", data=sent).status_code == 303
    assert ticket.status is Status.ANSWERED


def test_names_in_the_summary_of_a_call_are_kept_only_on_purpose(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    opened = client.get(f"/questions/{ticket.reference}?geste=appel")
    assert 'name="appel-text"' in opened.text
    assert 'name="appel-keeps_personal_data"' not in opened.text
    refused = act(client, ticket, "appel", text="Mme Durand a signé.")
    assert refused.status_code == 422
    assert 'name="appel-keeps_personal_data"' in refused.text
    assert act(client, ticket, "appel", text="Mme Durand a signé.", keeps_personal_data="y").status_code == 303


def test_an_answer_whose_law_has_changed_comes_back_to_be_read_again(sign_in: SignIn) -> None:
    make_relayed()
    jurist, delegate = PersonFactory(jurist=True), PersonFactory(delegate=True)
    ticket = make_ticket(status=Status.RELAY, jurist=jurist, delegate=delegate, topic="fiscal/tva")
    with transaction():
        answer = queries.answer_at_relay(ticket)
        answer.law_as_of_on, answer.created_at = date(2026, 8, 31), datetime(2026, 8, 31, 8, tzinfo=UTC)
    client = sign_in(delegate)
    assert act(client, ticket, "relayer", word="Bonne lecture.").status_code == 303
    said = text_of(client.get(f"/questions/{ticket.reference}"))
    assert "Elle n’est pas partie : le pôle la relit." in said
    assert "Bonne lecture." in said
    page = text_of(sign_in(jurist).get(f"/questions/{ticket.reference}"))
    assert "Le droit a changé depuis la réponse, restée au relais" in page
    assert "Relue au regard du nouveau droit" in page
    assert ANSWER.in_brief in page


def test_a_correction_starts_from_the_answer_and_wants_a_reason(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.ANSWERED, jurist=jurist)
    client = sign_in(jurist)
    page = client.get(f"/questions/{ticket.reference}?mode=rectificatif")
    assert ANSWER.in_brief in page.text
    refused = write(client, ticket, mode="rectificatif", in_brief="Non, plus depuis juin.")
    assert refused.status_code == 422
    assert "pourquoi la réponse change" in error_summary(refused)[0]
    sent = write(client, ticket, mode="rectificatif", in_brief="Non, plus depuis juin.", reason="Décret de juin.")
    assert sent.status_code == 303
    words = text_of(client.get(f"/questions/{ticket.reference}"))
    assert "Lire la version 1, remplacée depuis" in words
    assert "Décret de juin." in words
    assert "Décret de juin." not in text_of(sign_in(ticket.asker).get(f"/questions/{ticket.reference}"))


def test_a_detail_is_asked_with_its_files(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    sent = write(
        sign_in(jurist), ticket, mode="precision", detail="À quelle date ?", attachments=(BytesIO(PDF), "modele.pdf")
    )
    assert sent.status_code == 303
    assert ticket.status is Status.WAITING
    message = queries.readable_messages(ticket.asker, ticket)[-1]
    assert (message.body, [file.name for file in message.attachments]) == ("À quelle date ?", ["modele.pdf"])


def test_an_empty_detail_or_note_points_to_its_own_field(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    assert 'href="#detail"' in write(client, ticket, mode="precision").text
    assert 'href="#note"' in write(client, ticket, mode="note").text


def test_a_note_for_the_pole_is_hidden_from_the_delegation(sign_in: SignIn) -> None:
    jurist, delegate = PersonFactory(jurist=True), PersonFactory(delegate=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, delegate=delegate)
    assert write(sign_in(jurist), ticket, mode="note", note="Prudence.", is_for_pole="y").status_code == 303
    assert "Prudence." in text_of(sign_in(jurist).get(f"/questions/{ticket.reference}"))
    assert "Prudence." not in text_of(sign_in(delegate).get(f"/questions/{ticket.reference}"))


def test_files_stay_between_the_steps_and_can_be_taken_away(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    write(client, ticket, "apercu", **ANSWER_FIELDS, attachments=(BytesIO(PDF), "avenant.pdf"))
    write(client, ticket, "apercu", **ANSWER_FIELDS, attachments=(BytesIO(PDF), "courrier.pdf"))
    (draft,) = queries.drafts_on(ticket)
    first = draft.attachments[0]
    page = write(client, ticket, "", **ANSWER_FIELDS, retirer_piece=first.id)
    assert "avenant.pdf" not in page.text
    write(client, ticket, **ANSWER_FIELDS)
    answer = queries.current_answer(ticket)
    assert answer is not None
    assert [file.name for file in answer.attachments] == ["courrier.pdf"]


def test_a_disguised_file_refuses_the_sending_and_keeps_the_rest(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    files = [(BytesIO(PDF), "avenant.pdf"), (BytesIO(b"MZ" + b"\0" * 90), "calcul.pdf")]
    page = write(sign_in(jurist), ticket, **ANSWER_FIELDS, attachments=files)
    assert page.status_code == 422
    assert ticket.status is Status.STUDY
    assert "avenant.pdf" in page.text
    assert ANSWER_FIELDS["explanation"] in page.text


def test_a_reference_is_added_without_script(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    page = write(sign_in(jurist), ticket, "", **ANSWER_FIELDS, ajouter="references")
    assert page.status_code == 200
    assert 'name="references-1"' in page.text
    assert ANSWER_FIELDS["explanation"] in page.text


def test_what_is_typed_is_escaped(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    page = write(sign_in(jurist), ticket, "apercu", in_brief="<script>alert(1)</script>", word="<b>x</b>")
    assert "<script>alert" not in page.text
    assert "<b>x</b>" not in page.text


def test_an_answer_to_the_same_question_elsewhere_can_be_reused(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    model = make_ticket(status=Status.ANSWERED, title="Peut-on annualiser un temps partiel ?")
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, title="Peut-on annualiser un temps partiel ?")
    client = sign_in(jurist)
    assert f"modele={model.reference}" in client.get(f"/questions/{ticket.reference}").text
    page = client.get(f"/questions/{ticket.reference}?modele={model.reference}")
    assert ANSWER.in_brief in page.text
    assert ANSWER.references[0] in page.text


def test_a_model_that_is_not_the_readers_to_see_is_not_found(sign_in: SignIn) -> None:
    elsewhere = make_ticket(status=Status.ANSWERED, organisation=OrganisationFactory(delegation="occitanie"))
    delegate = PersonFactory(delegate=True, can_answer=True)
    ticket = make_ticket(status=Status.REGIONAL, delegate=delegate)
    client = sign_in(delegate)
    assert client.get(f"/questions/{ticket.reference}?modele={elsewhere.reference}").status_code == 404
    assert client.get(f"/questions/{elsewhere.reference}").status_code == 404


def test_a_draft_begun_before_the_law_changed_is_read_again(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, topic="fiscal/tva")
    draft = operations.save_draft(jurist, ticket, DraftKind.ANSWER, {"in_brief": "Oui."})
    with transaction():
        draft.created_at = datetime(2026, 8, 1, 8, tzinfo=UTC)
    client = sign_in(jurist)
    assert "Relue au regard du nouveau droit" in text_of(client.get(f"/questions/{ticket.reference}"))
    assert write(client, ticket, **ANSWER_FIELDS).status_code == 422
    assert write(client, ticket, **ANSWER_FIELDS, is_revalidated="y").status_code == 303


# --- acts


def act(client: Any, ticket: Ticket, slug: str, **fields: Any) -> Any:
    """Send the form of an act as the browser does."""
    data = {f"{slug}-{name}": value for name, value in fields.items()}
    hidden = {"version": ticket.version, "submission_key": key()}
    return client.post(f"/questions/{ticket.reference}/{slug}", data=hidden | data)


@pytest.mark.sqlite_only  # a page drawn from the rules; every state of a question is opened on both elsewhere
@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("role", ["jurist", "lead", "delegate"])
def test_an_act_is_offered_to_those_who_may_do_it_and_to_no_other(sign_in: SignIn, status: Status, role: str) -> None:
    reader = PersonFactory(**{role: True})
    if status is Status.RELAY:
        make_relayed()
    ticket = make_ticket(status=status)
    page = sign_in(reader).get(f"/questions/{ticket.reference}").text
    for slug, one in ACTIONS.items():
        address = f"/questions/{ticket.reference}"
        is_offered = f'action="{address}/{slug}"' in page or f'href="{address}?geste={slug}#geste-{slug}"' in page
        assert is_offered is one.allowed(reader, ticket), slug


@pytest.mark.parametrize("status", [Status.STUDY, Status.TRIAGE, Status.ANSWERED])
def test_each_other_act_opens_with_its_form_and_alone(sign_in: SignIn, status: Status) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=status, jurist=jurist)
    client, others = sign_in(jurist), {slug for slug, one in ACTIONS.items() if not one.is_first}
    for slug in others:
        page = client.get(f"/questions/{ticket.reference}?geste={slug}&tout=1").text
        opened = {one for one in others if f'action="/questions/{ticket.reference}/{one}"' in page}
        assert opened == ({slug} if ACTIONS[slug].allowed(jurist, ticket) else set())
        assert "?tout=1&amp;geste=" in page


DONE: dict[str, tuple[Status, str, dict[str, Any], Callable[[Ticket], bool]]] = {
    "prendre": (Status.POLE, "jurist", {}, lambda t: t.status is Status.STUDY),
    "garder": (Status.TRIAGE, "delegate", {}, lambda t: t.status is Status.REGIONAL),
    "transmettre": (Status.TRIAGE, "delegate", {"note": "Avant le 14."}, lambda t: t.status is Status.POLE),
    "reprendre": (Status.WAITING, "delegate", {"note": "Dit au téléphone."}, lambda t: t.status is Status.TRIAGE),
    "remettre": (Status.STUDY, "lead", {}, lambda t: t.status is Status.POLE),
    "renvoyer": (Status.STUDY, "jurist", {"note": "Premier niveau."}, lambda t: t.status is Status.TRIAGE),
    "appel": (
        Status.STUDY,
        "jurist",
        {"text": "Vu ensemble.", "is_to_confirm": "y"},
        lambda t: t.written_due_on is not None,
    ),
    "theme": (Status.STUDY, "jurist", {"topic": RESERVED_TOPIC}, lambda t: t.topic == RESERVED_TOPIC),
    "urgence": (
        Status.STUDY,
        "jurist",
        {"urgency": "2", "reason": "Audience"},
        lambda t: (t.urgency, t.urgency_reason) == (2, "Audience"),
    ),
    "date-limite": (
        Status.STUDY,
        "jurist",
        {"legal_deadline_on": "2099-12-01", "source": "Code du travail, article R. 1455-10"},
        lambda t: t.legal_deadline_on is not None,
    ),
    "sensible": (Status.STUDY, "jurist", {}, lambda t: t.is_sensitive),
    "reserver": (Status.STUDY, "jurist", {}, lambda t: t.is_pole_only),
    "associer": (Status.STUDY, "jurist", {"delegation": "occitanie"}, lambda t: "occitanie" in t.delegations),
    "hors-champ": (Status.STUDY, "jurist", {"text": "Voyez l’ADIL."}, lambda t: t.status is Status.CLOSED),
    "retrait": (Status.STUDY, "jurist", {}, lambda t: t.close_reason is CloseReason.WITHDRAWN),
    "clore": (Status.ANSWERED, "jurist", {}, lambda t: t.close_reason is CloseReason.ANSWERED),
    "effacer": (Status.CLOSED, "jurist", {}, lambda t: t.title == "Contenu effacé"),
}


@pytest.mark.parametrize("slug", DONE)
def test_an_act_is_done(sign_in: SignIn, slug: str) -> None:
    status, role, fields, is_done = DONE[slug]
    person, ticket = PersonFactory(**{role: True}), make_ticket(status=status)
    assert act(sign_in(person), ticket, slug, **fields).status_code == 303
    assert is_done(ticket)


def test_a_conflict_is_declared_and_lifted_by_another_jurist(sign_in: SignIn) -> None:
    first, second = PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.POLE)
    act(sign_in(second), ticket, "conflit", person=first.id, reason="Ancien employeur.")
    assert sign_in(first).get(f"/questions/{ticket.reference}").status_code == 404
    assert act(sign_in(second), ticket, "lever", person="0").status_code == 422
    assert act(sign_in(second), ticket, "lever", person=first.id).status_code == 303
    assert sign_in(first).get(f"/questions/{ticket.reference}").status_code == 200


def test_a_mask_and_a_reservation_are_lifted(sign_in: SignIn) -> None:
    jurist, ticket = PersonFactory(jurist=True), make_ticket(status=Status.POLE)
    client = sign_in(jurist)
    for slug in ("sensible", "demasquer", "reserver", "ouvrir"):
        assert act(client, ticket, slug).status_code == 303
    assert not ticket.is_sensitive
    assert not ticket.is_pole_only


def test_a_question_is_handed_over_with_a_note(sign_in: SignIn) -> None:
    jurist, other = PersonFactory(jurist=True), PersonFactory(jurist=True, first_name="Marc", last_name="Lefèvre")
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    assert act(client, ticket, "confier", to=other.id, note="Je pars en congé.").status_code == 303
    assert ticket.jurist == other
    words = text_of(client.get(f"/questions/{ticket.reference}"))
    assert "Confiée à Marc Lefèvre par vous" in words
    assert "Je pars en congé." in words


@pytest.mark.parametrize("forged", ["", "0", "999999", "abc", "²", "9" * 30])
def test_a_question_is_handed_over_to_nobody_but_a_colleague(sign_in: SignIn, forged: str) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    page = act(sign_in(jurist), ticket, "confier", to=forged, note="Pour toi.")
    assert page.status_code == 422
    assert "Pour toi." in page.text
    assert ticket.jurist == jurist


def test_an_answer_goes_back_to_the_jurist_as_a_draft(sign_in: SignIn) -> None:
    make_relayed()
    jurist, delegate = PersonFactory(jurist=True), PersonFactory(delegate=True)
    ticket = make_ticket(status=Status.RELAY, jurist=jurist, delegate=delegate)
    assert act(sign_in(delegate), ticket, "rendre", note="Le contrat a pris fin.").status_code == 303
    page = sign_in(jurist).get(f"/questions/{ticket.reference}")
    assert "Le contrat a pris fin." in text_of(page)
    assert f">\r\n{ANSWER.in_brief}</textarea>" in page.text or f"{ANSWER.in_brief}</textarea>" in page.text


def test_a_conflict_of_interest_sends_its_author_back_to_the_lists(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    sent = act(client, ticket, "conflit", person=jurist.id, reason="Ancien employeur.")
    assert (sent.status_code, sent.headers["Location"]) == (303, "/")
    assert client.get(f"/questions/{ticket.reference}").status_code == 404
    assert ticket.status is Status.POLE


def test_a_structure_is_named_exactly_by_its_name_or_number(sign_in: SignIn) -> None:
    jurist, ticket = PersonFactory(jurist=True), make_ticket(status=Status.STUDY)
    right = OrganisationFactory(name="Les Jardins du Pré Commun", external_id="A77777")
    for _ in range(2):
        OrganisationFactory(name="Relais Vallée")
    client = sign_in(jurist)
    assert "Aucune structure" in error_summary(act(client, ticket, "structure", name="Jardins"))[0]
    assert "Plusieurs structures" in error_summary(act(client, ticket, "structure", name="relais vallee"))[0]
    assert act(client, ticket, "structure", name="les jardins du pre commun").status_code == 303
    assert ticket.organisation_id == right.id
    assert act(client, ticket, "structure", name="A77777").status_code == 303


def test_a_delegate_names_no_structure_of_another_region(sign_in: SignIn) -> None:
    delegate = PersonFactory(delegate=True)
    ticket = make_ticket(status=Status.REGIONAL, delegate=delegate)
    OrganisationFactory(name="Tremplin du Gers", delegation="occitanie")
    page = act(sign_in(delegate), ticket, "structure", name="Tremplin du Gers")
    assert page.status_code == 422
    assert "Tremplin du Gers" in page.text


def test_a_duplicate_names_the_first_question(sign_in: SignIn) -> None:
    jurist, asker = PersonFactory(jurist=True), make_asker(OrganisationFactory())
    first, ticket = make_ticket(asker, status=Status.ANSWERED), make_ticket(asker, status=Status.POLE)
    client = sign_in(jurist)
    refused = act(client, ticket, "doublon", original="Q-1999-0001", text="Voyez la première.")
    assert refused.status_code == 422
    assert "Voyez la première." in refused.text
    original = first.reference.lower()
    assert act(client, ticket, "doublon", original=original, text="Voyez la première.").status_code == 303
    assert ticket.duplicate_of_id == first.id
    assert first.reference in text_of(client.get(f"/questions/{ticket.reference}"))


def test_a_file_is_erased_and_its_line_stays(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    write(client, ticket, mode="note", note="Reçu par courriel.", attachments=(BytesIO(PDF), "arret.pdf"))
    (file,) = queries.readable_messages(jurist, ticket)[-1].attachments
    assert act(client, ticket, "effacer-piece", attachment_id="x").status_code == 422
    assert act(client, ticket, "effacer-piece", attachment_id=file.id).status_code == 303
    assert "arret.pdf : pièce effacée" in text_of(client.get(f"/questions/{ticket.reference}"))


def test_a_stale_act_changes_nothing_and_gives_the_text_back(sign_in: SignIn) -> None:
    jurist, other = PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    version = ticket.version
    operations.answer(other, ticket, ANSWER, seen_version=None)
    page = sign_in(jurist).post(
        f"/questions/{ticket.reference}/hors-champ",
        data={"version": version, "submission_key": key(), "hors-champ-text": "Voyez l’ADIL de votre ville."},
    )
    assert page.status_code == 409
    assert "Voyez l’ADIL de votre ville." in text_of(page)
    assert ticket.status is Status.ANSWERED


@pytest.mark.parametrize("missing", ["version", "submission_key"])
def test_a_form_without_its_hidden_fields_is_refused(sign_in: SignIn, missing: str) -> None:
    jurist, ticket = PersonFactory(jurist=True), make_ticket(status=Status.POLE)
    hidden = {"version": ticket.version, "submission_key": key()}
    del hidden[missing]
    page = sign_in(jurist).post(f"/questions/{ticket.reference}/prendre", data=hidden)
    assert page.status_code == 422
    assert ticket.status is Status.POLE


def test_nobody_acts_on_a_question_that_is_not_theirs(sign_in: SignIn) -> None:
    ticket = make_ticket(status=Status.POLE)
    stranger, asker = PersonFactory(delegate=True, delegation="occitanie"), ticket.asker
    for slug in ACTIONS:
        assert act(sign_in(stranger), ticket, slug).status_code == 404, slug
        assert act(sign_in(asker), ticket, slug).status_code == 403, slug
    assert write(sign_in(stranger), ticket, **ANSWER_FIELDS).status_code == 404
    assert write(sign_in(asker), ticket, **ANSWER_FIELDS).status_code == 403


def test_a_delegate_is_a_plain_member_of_a_structure_of_another_region(sign_in: SignIn) -> None:
    elsewhere = OrganisationFactory(delegation="occitanie")
    delegate = PersonFactory(delegate=True)
    give_mandate(delegate, elsewhere, title="présidente")
    jurist, ticket = PersonFactory(jurist=True), make_ticket(organisation=elsewhere, status=Status.POLE)
    operations.save_draft(jurist, ticket, DraftKind.ANSWER, {"in_brief": "En projet."})
    client = sign_in(delegate)
    assert "En projet." not in client.get(f"/questions/{ticket.reference}").text
    for page in (act(client, ticket, "theme", topic="faux"), write(client, ticket, mode="note", note="Non.")):
        assert page.status_code == 403
        assert "En projet." not in page.text


def test_a_delegate_takes_nothing_from_the_pole(sign_in: SignIn) -> None:
    ticket = make_ticket(status=Status.POLE)
    assert act(sign_in(PersonFactory(delegate=True)), ticket, "prendre").status_code == 403


# --- what the page shows


def test_a_critical_question_shows_the_number_to_call(sign_in: SignIn) -> None:
    jurist, ticket = PersonFactory(jurist=True), make_ticket(status=Status.POLE)
    operations.set_urgency(jurist, ticket, 3, reason="Accident grave")
    with transaction():
        ticket.callback_phone = "02 11 22 33 44"
    words = text_of(sign_in(jurist).get(f"/questions/{ticket.reference}"))
    assert "rappelez avant d’écrire" in words
    assert "02 11 22 33 44" in words
    assert "Urgence : critique" in words
    assert "Accident grave" in words


def test_the_marks_of_a_question_are_told_in_words(sign_in: SignIn) -> None:
    jurist, ticket = PersonFactory(jurist=True), make_ticket(status=Status.POLE)
    operations.set_sensitive(jurist, ticket, is_sensitive=True)
    operations.set_pole_only(jurist, ticket, is_pole_only=True)
    operations.note_call(jurist, ticket, text="Réponse donnée.", is_to_confirm=True)
    operations.set_legal_deadline(jurist, ticket, date(2099, 1, 5), source="Convocation du 3 janvier")
    words = text_of(sign_in(jurist).get(f"/questions/{ticket.reference}"))
    for mark in ("Dossier sensible", "Réservée au pôle", "À confirmer par écrit", "Convocation du 3 janvier"):
        assert mark in words


def test_the_title_of_a_sensitive_question_stays_out_of_the_browsers_history(sign_in: SignIn) -> None:
    jurist, ticket = PersonFactory(jurist=True), make_ticket(status=Status.POLE, title="Un secret de la structure ?")
    operations.set_sensitive(jurist, ticket, is_sensitive=True)
    page = sign_in(jurist).get(f"/questions/{ticket.reference}").text
    assert "secret" not in page[: page.index("</title>")]
    assert "secret" in page


def test_the_count_stops_while_the_asker_is_awaited(sign_in: SignIn) -> None:
    ticket = make_ticket(status=Status.WAITING)
    words = text_of(sign_in(PersonFactory(jurist=True)).get(f"/questions/{ticket.reference}"))
    assert "En attente de l’adhérent (compte arrêté)" in words
    assert "Compte arrêté depuis" in words


def test_an_overseas_structure_shows_its_local_time(sign_in: SignIn) -> None:
    organisation = OrganisationFactory(departement="974", city="Saint-Denis", delegation=None)
    ticket = make_ticket(organisation=organisation)
    assert "Heure locale" in text_of(sign_in(PersonFactory(jurist=True)).get(f"/questions/{ticket.reference}"))


def test_a_member_reads_the_members_page(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    operations.add_note(jurist, ticket, text="Entre nous.")
    page = sign_in(ticket.asker).get(f"/questions/{ticket.reference}")
    assert page.status_code == 200
    assert "Entre nous." not in page.text
    assert "Autres actions" not in page.text
    assert "data-presence-url" not in page.text


def test_the_print_shows_the_notes_only_when_asked(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    operations.add_note(jurist, ticket, text="Entre nous.")
    address = f"/questions/{ticket.reference}/imprimer"
    assert "Entre nous." not in sign_in(jurist).get(address).text
    assert "Entre nous." in sign_in(jurist).get(f"{address}?notes=1").text
    assert "Entre nous." not in sign_in(ticket.asker).get(f"{address}?notes=1").text


def test_a_long_thread_folds_its_oldest_messages(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, facts="Le tout premier message.")
    with transaction():
        for number in range(300):
            operations.add_note(jurist, ticket, text=f"Note numéro {number}.")
    client = sign_in(jurist)
    page = client.get(f"/questions/{ticket.reference}")
    assert "Le tout premier message." in page.text
    assert "Note numéro 299." in page.text
    assert "Note numéro 100." not in page.text
    assert "275 messages plus anciens" in text_of(page)
    assert "Note numéro 100." in client.get(f"/questions/{ticket.reference}?tout=1").text


def test_the_page_costs_the_same_whatever_it_shows(sign_in: SignIn) -> None:
    jurist, asker = PersonFactory(jurist=True), make_asker(OrganisationFactory())
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    operations.add_note(jurist, ticket, text="Une note.")
    client, costs = sign_in(jurist), []
    client.get(f"/questions/{ticket.reference}")
    for _ in range(3):
        with count_queries() as counted:
            assert client.get(f"/questions/{ticket.reference}").status_code == 200
        costs.append(len(counted))
        for _ in range(6):
            other = PersonFactory(jurist=True)
            make_ticket(asker, status=Status.STUDY, jurist=jurist)
            operations.add_note(other, ticket, text="Une autre note.")
            operations.save_draft(other, ticket, DraftKind.ANSWER, {"in_brief": "Oui."})
            operations.touch_presence(other, ticket, is_writing=True)
    assert costs[1] == costs[2] <= QUERIES_MAX_COUNT, counted


# --- in a browser


def open_thread(live_server: Any, page: Any, person: Any, ticket: Ticket, width: int = 1280) -> None:
    page.context.add_cookies([live_server.cookie_for(person)])
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/questions/{ticket.reference}")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_jurist_answers_after_a_preview(live_server: Any, page: Any, width: int) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    open_thread(live_server, page, jurist, ticket, width)
    page.get_by_label("En bref").fill("Oui, à sa demande.")
    page.get_by_label("L’explication").fill("Le code le permet.")
    page.get_by_role("button", name="Ajouter une référence").click()
    page.get_by_label("Référence 2").fill("Code du travail, article L. 1243-6")
    page.get_by_role("button", name="Aperçu").click()
    page.get_by_role("button", name="Modifier").click()
    assert page.get_by_label("Référence 2").input_value() == "Code du travail, article L. 1243-6"
    page.get_by_role("button", name="Aperçu").click()
    page.get_by_role("button", name="Envoyer la réponse").click()
    page.get_by_text("la réponse est envoyée").wait_for()
    db.session.expire_all()
    assert ticket.status is Status.ANSWERED


def test_only_the_fields_of_the_chosen_message_show(live_server: Any, page: Any) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    open_thread(live_server, page, jurist, ticket)
    assert page.get_by_label("En bref").is_visible()
    assert not page.get_by_label("Votre note").is_visible()
    page.locator("h1").click()
    page.keyboard.press("n")
    assert page.get_by_label("Votre note").is_visible()
    assert not page.get_by_label("En bref").is_visible()
    page.keyboard.type("À vérifier.")
    assert page.get_by_label("Votre note").input_value() == "À vérifier."
    page.keyboard.press("Control+Enter")
    page.get_by_text("la note est ajoutée").wait_for()


def test_two_jurists_answer_at_once_and_the_second_keeps_the_text(live_server: Any, page: Any) -> None:
    jurist, other = PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    open_thread(live_server, page, jurist, ticket, 390)
    page.get_by_label("En bref").fill("Non, pas dans ce cas.")
    operations.answer(other, ticket, ANSWER, seen_version=None)
    db.session.commit()
    page.get_by_role("button", name="Envoyer la réponse").click()
    page.get_by_text("Arrivé pendant que vous écriviez").wait_for()
    assert page.locator("#in_brief").input_value() == "Non, pas dans ce cas."


def test_what_is_typed_is_found_again_after_leaving_the_page(live_server: Any, page: Any) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    open_thread(live_server, page, jurist, ticket)
    page.get_by_label("En bref").fill("Oui, en un mot.")
    page.get_by_text("Brouillon enregistré à").wait_for()
    page.goto(f"{live_server.url}/ma-file")
    page.goto(f"{live_server.url}/questions/{ticket.reference}")
    assert page.get_by_label("En bref").input_value() == "Oui, en un mot."


def test_a_question_is_handed_over_on_a_telephone(live_server: Any, page: Any) -> None:
    jurist, other = PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    open_thread(live_server, page, jurist, ticket, 390)
    page.get_by_text("Autres actions").click()
    page.locator("#geste-confier").get_by_role("link").click()
    page.get_by_label("Confier à").select_option(str(other.id))
    page.locator("#geste-confier").get_by_role("button", name="Confier à une autre personne").click()
    page.get_by_text("La question est confiée").wait_for()
    db.session.expire_all()
    assert ticket.jurist_id == other.id


def test_axe_finds_nothing_on_the_staffs_pages_of_a_question(live_server: Any, page: Any) -> None:
    jurist, delegate = PersonFactory(jurist=True), PersonFactory(delegate=True, can_answer=True)
    tickets = [make_ticket(status=status, jurist=jurist, delegate=delegate) for status in FOR_AXE]
    operations.set_urgency(jurist, tickets[0], 3, reason="Accident")
    operations.add_note(jurist, tickets[0], text="Entre nous.")
    operations.save_draft(delegate, tickets[0], DraftKind.NOTE, {"note": "À voir."})
    for ticket in tickets:
        open_thread(live_server, page, jurist, ticket)
        page.goto(f"{page.url}?geste=conflit")
        assert axe.barriers(page) == [], ticket.status
    page.get_by_role("radio", name="Note interne").check()
    page.goto(f"{live_server.url}/questions/{tickets[1].reference}/imprimer?notes=1")
    assert axe.barriers(page) == []


def test_the_page_works_without_script(live_server: Any, browser: Any) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    open_thread(live_server, page, jurist, ticket)
    page.get_by_role("radio", name="Demander une précision").check()
    page.get_by_label("La précision à demander").fill("À quelle date ?")
    page.get_by_role("button", name="Demander la précision").click()
    assert page.get_by_text("la précision est demandée").is_visible()
    context.close()
