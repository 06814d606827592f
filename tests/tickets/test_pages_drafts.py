"""What the page of a question saves by itself: drafts as one types, and who has it open."""

from collections.abc import Callable
from typing import Any

from helpdesk.tickets import operations, queries
from helpdesk.tickets.enums import DraftKind, Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import ANSWER, make_ticket
from tests.support.pages import text_of

SignIn = Callable[..., Any]


def save(client: Any, ticket: Ticket, **fields: Any) -> Any:
    """Send the draft as the script does."""
    data = {"mode": "reponse", **fields}
    return client.post(f"/questions/{ticket.reference}/brouillon", data=data, headers={"Accept": "application/json"})


def test_a_draft_is_saved_and_fills_the_form_again(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    saved = save(client, ticket, in_brief="Oui, sauf si…", **{"references-0": "L. 1243-6", "references-7": "R. 1"})
    assert saved.status_code == 200
    assert "h" in saved.json["saved_at"]
    page = client.get(f"/questions/{ticket.reference}").text
    assert "Oui, sauf si…" in page
    assert 'name="references-1"' in page
    assert "Brouillon enregistré à" in page


def test_each_kind_of_message_has_its_own_draft(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    save(client, ticket, in_brief="Oui.")
    save(client, ticket, mode="precision", detail="À quelle date ?")
    save(client, ticket, mode="note", note="À vérifier.")
    kinds = {draft.kind for draft in queries.drafts_on(ticket)}
    assert kinds == {DraftKind.ANSWER, DraftKind.DETAIL_REQUEST, DraftKind.NOTE}
    page = client.get(f"/questions/{ticket.reference}").text
    assert all(text in page for text in ("Oui.", "À quelle date ?", "À vérifier."))


def test_a_draft_is_kept_although_somebody_has_answered_meanwhile(sign_in: SignIn) -> None:
    jurist, other = PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    operations.answer(other, ticket, ANSWER, seen_version=None)
    assert save(sign_in(jurist), ticket, in_brief="Non.").status_code == 409
    (draft,) = queries.drafts_on(ticket)
    assert draft.fields["in_brief"] == "Non."
    assert draft.kind is DraftKind.ANSWER


def test_colleagues_read_a_draft_and_members_never(sign_in: SignIn) -> None:
    jurist, delegate = PersonFactory(jurist=True, first_name="Nadia"), PersonFactory(delegate=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, delegate=delegate)
    save(sign_in(jurist), ticket, in_brief="Oui, en projet.")
    words = text_of(sign_in(delegate).get(f"/questions/{ticket.reference}"))
    assert "Brouillon de Nadia" in words
    assert "Oui, en projet." in words
    assert "en projet" not in sign_in(ticket.asker).get(f"/questions/{ticket.reference}").text


def test_a_jurists_note_being_typed_is_not_shown_to_the_delegation(sign_in: SignIn) -> None:
    jurist, delegate = PersonFactory(jurist=True), PersonFactory(delegate=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, delegate=delegate)
    save(sign_in(jurist), ticket, mode="note", note="Pour nous seuls.")
    assert "Pour nous seuls." not in sign_in(delegate).get(f"/questions/{ticket.reference}").text
    assert "Pour nous seuls." in sign_in(PersonFactory(jurist=True)).get(f"/questions/{ticket.reference}").text


def test_a_draft_beyond_all_measure_is_refused_in_words(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    refused = save(sign_in(jurist), ticket, in_brief="x" * 200_000)
    assert refused.status_code == 422
    assert "trop long" in refused.json["error"]
    assert not queries.drafts_on(ticket)


def test_a_draft_holds_any_character(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    client = sign_in(jurist)
    assert save(client, ticket, in_brief="a\x00b 😀 </textarea><script>").status_code == 200
    page = client.get(f"/questions/{ticket.reference}")
    assert page.status_code == 200
    assert "</textarea><script>" not in page.text


def test_an_unknown_kind_of_message_is_kept_as_a_note(sign_in: SignIn) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    assert save(sign_in(jurist), ticket, mode="x", note="Gardée.").status_code == 200


def test_drafts_and_presence_are_the_staffs_own(sign_in: SignIn) -> None:
    ticket = make_ticket(status=Status.STUDY)
    stranger = sign_in(PersonFactory(delegate=True, delegation="occitanie"))
    member = sign_in(ticket.asker)
    for path in ("brouillon", "presence"):
        assert stranger.post(f"/questions/{ticket.reference}/{path}").status_code == 404
        assert member.post(f"/questions/{ticket.reference}/{path}").status_code == 403


def test_presence_names_the_others_and_says_who_writes(sign_in: SignIn) -> None:
    first = PersonFactory(jurist=True, first_name="Nadia", last_name="Benali")
    second = PersonFactory(jurist=True, first_name="Marc", last_name="Lefèvre")
    ticket = make_ticket(status=Status.STUDY, jurist=first)
    address = f"/questions/{ticket.reference}/presence"
    assert sign_in(first).post(address, data={"is_writing": "1"}).json == {"people": []}
    seen = sign_in(second).post(address, data={"is_writing": ""}).json
    assert seen == {"people": [{"name": "Nadia Benali", "is_writing": True}]}
    words = text_of(sign_in(second).get(f"/questions/{ticket.reference}"))
    assert "Nadia Benali écrit aussi une réponse. Parlez-en avant d’envoyer." in words
    assert "Marc Lefèvre a aussi ouvert cette question." in text_of(
        sign_in(first).get(f"/questions/{ticket.reference}")
    )
