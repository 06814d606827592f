"""The dossier's awkward cases and its days of the service, each as a test named after it.

Those of the monthly sessions belong to Juri-PTCE, those of the FAQ to the knowledge base.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.models import DelegationProfile, Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db
from helpdesk.errors import BadInput, Conflict, NotAllowed, NotFound
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.tickets import operations, perms, queries
from helpdesk.tickets.deadlines import end_of_day
from helpdesk.tickets.enums import (
    Action,
    Channel,
    CloseReason,
    DeadlineKind,
    DraftKind,
    EventKind,
    MessageKind,
    Status,
    Tier,
    Verdict,
)
from helpdesk.tickets.models import Ticket, TicketEvent
from helpdesk.tickets.operations import clockwork
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.tickets import ANSWER, RESERVED_TOPIC, day, key, make_asker, make_ticket, type_in

TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def tuesday(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    """An ordinary morning: 10 h in Paris."""
    time_machine.move_to(TUESDAY, tick=False)
    return time_machine


def delegate_of(delegation: str = "bretagne", **values: object) -> Person:
    return PersonFactory(delegate=True, delegation=delegation, can_answer=True, **values)


def kinds(ticket: Ticket) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
        )
    )


def mails_to(person: Person) -> list[str]:
    return list(db.session.scalars(sa.select(Mail.subject).where(Mail.recipient_person_id == person.id)))


def count_tickets() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) or 0


# --- Awkward cases -----------------------------------------------------------------------------------------


def test_the_same_text_sent_twice_in_two_minutes_is_one_file(app: Flask, tuesday: TimeMachineFixture) -> None:
    asker = make_asker()
    question = operations.NewQuestion(
        organisation_id=asker.mandates[0].organisation_id, title="Rompre un CDDI ?", facts="Il ne vient plus."
    )
    first = operations.ask(asker, question, key=key())
    tuesday.shift(timedelta(minutes=2))
    document = Attachment(
        sha256="0" * 64, name="courrier.pdf", media_type="application/pdf", size_bytes=9,
        uploaded_by_id=asker.id, created_at=clock.now(),
    )  # fmt: skip
    again = operations.NewQuestion(
        organisation_id=question.organisation_id, title="rompre un  CDDI ?", facts="Il ne vient plus.",
        attachments=(document,),
    )  # fmt: skip
    second = operations.ask(asker, again, key=key())
    assert second is first
    assert count_tickets() == 1
    assert [file.name for message in first.messages for file in message.attachments] == ["courrier.pdf"]
    assert EventKind.RECEIVED_AGAIN in kinds(first)
    assert len(mails_to(asker)) == 1


def test_a_double_click_sends_one_question(app: Flask) -> None:
    asker = make_asker()
    question = operations.NewQuestion(
        organisation_id=asker.mandates[0].organisation_id, title="Rompre un CDDI ?", facts="Il ne vient plus."
    )
    same_key = key()
    assert operations.ask(asker, question, key=same_key) is operations.ask(asker, question, key=same_key)
    assert count_tickets() == 1


def test_a_reply_within_thirty_days_reopens_the_file(app: Flask, tuesday: TimeMachineFixture) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.ANSWERED, jurist=jurist)
    first_answer_at = ticket.answered_at
    tuesday.shift(timedelta(days=29))
    same = operations.add_message(asker, ticket, text="Un fait nouveau : il est revenu.")
    assert same is ticket
    assert (ticket.status, ticket.jurist, ticket.round) == (Status.STUDY, jurist, 2)
    assert ticket.answered_at == first_answer_at
    assert ticket.clock.started_at == clock.now()
    assert ticket.due_at > clock.now() + timedelta(days=9)


def test_a_reply_after_thirty_days_makes_a_linked_new_file(app: Flask, tuesday: TimeMachineFixture) -> None:
    asker = make_asker()
    ticket = make_ticket(asker, status=Status.ANSWERED)
    tuesday.shift(timedelta(days=31))
    clockwork.run_all()
    assert ticket.status is Status.CLOSED
    new = operations.add_message(asker, ticket, text="Un an après, la même difficulté.")
    assert new is not ticket
    assert new.follows_id == ticket.id
    assert new.status is Status.TRIAGE
    assert (ticket.status, ticket.round) == (Status.CLOSED, 1)


def test_a_wrong_structure_found_after_the_answer_is_mended_with_trace(app: Flask) -> None:
    delegate = delegate_of()
    wrong, right = OrganisationFactory(), OrganisationFactory()
    curious = make_asker(wrong)
    asker = make_asker(wrong)
    give_mandate(asker, right)
    ticket = make_ticket(asker, organisation=wrong, status=Status.ANSWERED, delegate=delegate)
    assert perms.can_view(curious, ticket)
    operations.move_to_structure(delegate, ticket, right)
    assert not perms.can_view(curious, ticket)
    with pytest.raises(NotFound):
        queries.get_visible_ticket(curious, ticket.reference)
    assert perms.can_view(asker, ticket)
    assert perms.can_view(make_asker(right), ticket)
    assert EventKind.STRUCTURE_CHANGED in kinds(ticket)
    assert EventKind.DELEGATION_CHANGED not in kinds(ticket)
    assert not queries.recent_of_organisation(delegate, wrong.id)
    assert queries.recent_of_organisation(delegate, right.id)


def test_two_identical_questions_of_two_members_are_two_files(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    first_asker, second_asker = make_asker(OrganisationFactory()), make_asker(OrganisationFactory())
    first = make_ticket(first_asker, title="Peut-on dépasser 480 heures ?", status=Status.STUDY, jurist=jurist)
    second = make_ticket(second_asker, title="Peut-on dépasser 480 heures ?", status=Status.STUDY, jurist=jurist)
    assert first.reference != second.reference
    assert [row.reference for row in queries.around(jurist, first).identical] == [second.reference]
    assert not queries.around(first_asker, first).identical
    with pytest.raises(BadInput):
        operations.mark_duplicate(jurist, second, first, text="Déjà répondu.")
    message = operations.answer(jurist, first, ANSWER, seen_version=None)
    operations.save_draft(jurist, second, DraftKind.ANSWER, operations.answer_fields(message))
    assert queries.drafts_on(second)[0].fields["in_brief"] == ANSWER.in_brief


def test_a_person_with_mandates_in_two_regions_chooses_the_hat_at_each_question(app: Flask) -> None:
    brittany = OrganisationFactory()
    loire = OrganisationFactory(departement="44", delegation="pays-de-la-loire", city="Nantes")
    president = make_asker(brittany)
    give_mandate(president, loire, title="trésorier")
    here = make_ticket(president, organisation=brittany)
    there = make_ticket(president, organisation=loire)
    assert (here.delegation, there.delegation) == ("bretagne", "pays-de-la-loire")
    assert not perms.can_view(delegate_of("bretagne"), there)
    assert perms.can_view(delegate_of("pays-de-la-loire"), there)
    with pytest.raises(NotAllowed):
        make_ticket(president, organisation=OrganisationFactory())


def test_a_whatsapp_screenshot_with_names_is_summed_up_and_purged(app: Flask) -> None:
    delegate = delegate_of()
    with pytest.raises(operations.PersonalDataFound) as warning:
        make_ticket(facts="Mme Durand a été agressée, 06 12 34 56 78.")
    assert {finding.kind for finding in warning.value.findings} >= {"person", "phone"}
    picture = Attachment(
        sha256="1" * 64, name="capture.png", media_type="image/png", size_bytes=9,
        uploaded_by_id=delegate.id, created_at=clock.now(),
    )  # fmt: skip
    ticket = type_in(
        delegate, OrganisationFactory(), channel=Channel.WHATSAPP, facts="Une salariée a été agressée.",
        attachments=(picture,),
    )  # fmt: skip
    operations.purge_attachment(delegate, ticket, picture.id)
    assert picture.purged_at is not None
    assert EventKind.ATTACHMENT_PURGED in kinds(ticket)


def test_sending_names_all_the_same_is_recorded(app: Flask) -> None:
    ticket = make_ticket(facts="Mme Durand est partie.", keeps_personal_data=True)
    assert EventKind.PERSONAL_DATA_KEPT in kinds(ticket)


NAMES = "Mme Durand, joignable au 06 12 34 56 78, est partie."


@pytest.mark.parametrize("status", [Status.TRIAGE, Status.STUDY, Status.WAITING, Status.ANSWERED, Status.CLOSED])
def test_names_in_a_later_message_are_warned_of_and_sent_only_on_purpose(app: Flask, status: Status) -> None:
    asker = make_asker(last_name="Le Bihan")
    ticket = make_ticket(asker, status=status)
    with pytest.raises(operations.PersonalDataFound, match=r"« Mme Durand », .* « 06 12 34 56 78 »"):
        operations.add_message(asker, ticket, text=NAMES)
    assert NAMES not in [message.body for message in ticket.messages]
    held = operations.add_message(asker, ticket, text=NAMES, keeps_personal_data=True)
    assert held.messages[-1].body == NAMES
    assert EventKind.PERSONAL_DATA_KEPT in kinds(held)


def test_names_in_what_the_staff_writes_to_the_asker_are_warned_of_too(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    for refused in (
        lambda: operations.note_call(jurist, ticket, text=NAMES, is_to_confirm=False),
        lambda: operations.ask_detail(jurist, ticket, text=NAMES),
        lambda: operations.answer(jurist, ticket, operations.AnswerText(in_brief=NAMES), seen_version=None),
    ):
        with pytest.raises(operations.PersonalDataFound):
            refused()
    on_purpose = operations.AnswerText(in_brief=NAMES, keeps_personal_data=True)
    operations.answer(jurist, ticket, on_purpose, seen_version=None)
    with pytest.raises(operations.PersonalDataFound):
        operations.correct(jurist, ticket, operations.AnswerText(in_brief=NAMES), reason="Oubli.", seen_version=None)
    operations.correct(jurist, ticket, on_purpose, reason="Oubli.", seen_version=None)
    assert kinds(ticket).count(EventKind.PERSONAL_DATA_KEPT) == 2


def test_the_people_of_a_question_may_be_greeted_by_their_name(app: Flask) -> None:
    asker, jurist = make_asker(last_name="Le Bihan"), PersonFactory(jurist=True, last_name="Bénali")
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    operations.ask_detail(jurist, ticket, text="Bonjour Mme Le Bihan, à quelle date ?")
    operations.add_message(asker, ticket, text="Bonjour M. Benali, le 3 mai.")
    assert EventKind.PERSONAL_DATA_KEPT not in kinds(ticket)


@pytest.mark.parametrize("status", [Status.TRIAGE, Status.RELAY, Status.WAITING, Status.ANSWERED, Status.CLOSED])
def test_what_is_told_later_may_be_urgent_and_everybody_hears_of_it(app: Flask, status: Status) -> None:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=status is Status.RELAY))
    db.session.commit()
    asker, jurist, delegate = make_asker(), PersonFactory(jurist=True), delegate_of()
    ticket = make_ticket(asker, status=status, jurist=jurist, delegate=delegate)
    held = operations.add_message(asker, ticket, text="Il vient d’être agressé par un collègue.")
    assert (held.urgency, held.is_urgency_confirmed) == (3, False)
    assert held.urgency_reason
    assert held.attention_at < held.received_at - timedelta(days=365)
    assert any("urgente" in subject for subject in mails_to(jurist))
    if status is Status.RELAY:
        assert held.status is Status.RELAY


def test_what_is_told_later_never_lowers_the_urgency(app: Flask) -> None:
    asker = make_asker()
    ticket = make_ticket(asker, facts="Un salarié vient d’être agressé.")
    before = ticket.urgency
    operations.add_message(asker, ticket, text="Tout va bien, rien ne presse.")
    assert before == ticket.urgency == 3
    assert EventKind.URGENCY_CHANGED not in kinds(ticket)


def test_an_answer_drafted_before_the_law_changed_must_be_read_again(app: Flask, tuesday: TimeMachineFixture) -> None:
    jurist = PersonFactory(jurist=True)
    tuesday.move_to(datetime(2026, 3, 30, 9, 0, tzinfo=UTC), tick=False)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, topic="public/marches-reserves")
    operations.save_draft(jurist, ticket, DraftKind.ANSWER, {"in_brief": "Sous 40 000 euros."})
    tuesday.move_to(datetime(2026, 4, 2, 9, 0, tzinfo=UTC), tick=False)
    with pytest.raises(BadInput, match="changement du droit"):
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
    read_again = operations.AnswerText(in_brief="Sous 60 000 euros.", is_revalidated=True)
    assert operations.answer(jurist, ticket, read_again, seen_version=None).law_as_of_on == clock.today()


def test_a_draft_begun_after_the_law_changed_needs_no_second_reading(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, topic="public/marches-reserves")
    operations.save_draft(jurist, ticket, DraftKind.ANSWER, {"in_brief": "Sous 60 000 euros."})
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    assert ticket.status is Status.ANSWERED


LAW_CHANGES_AT = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)
"""A Wednesday, 8 h in Paris: the thresholds of public contracts."""


def at_relay_before_the_law_changes(tuesday: TimeMachineFixture, jurist: Person, delegate: Person) -> Ticket:
    """An answer written the evening before."""
    db.session.merge(DelegationProfile(code="bretagne", is_relayed=True))
    db.session.commit()
    tuesday.move_to(LAW_CHANGES_AT - timedelta(hours=12), tick=False)
    ticket = make_ticket(status=Status.RELAY, jurist=jurist, delegate=delegate, topic="public/marches-reserves")
    tuesday.move_to(LAW_CHANGES_AT, tick=False)
    return ticket


def test_an_answer_at_the_relay_when_the_law_changes_goes_back_by_the_clock(
    app: Flask, tuesday: TimeMachineFixture
) -> None:
    jurist, delegate = PersonFactory(jurist=True), delegate_of()
    ticket = at_relay_before_the_law_changes(tuesday, jurist, delegate)
    assert clockwork.relay_forgotten() == 1
    assert (ticket.status, ticket.jurist, ticket.answered_at) == (Status.STUDY, jurist, None)
    assert kinds(ticket)[-2:] == [EventKind.LAW_CHANGED, Action.RETURN_FROM_RELAY]
    [subject] = mails_to(jurist)
    assert subject.startswith("À relire, le droit a changé")
    assert clockwork.relay_forgotten() == 0


def test_an_answer_that_the_delegate_sends_on_after_the_law_changed_does_not_leave(
    app: Flask, tuesday: TimeMachineFixture
) -> None:
    jurist, delegate = PersonFactory(jurist=True), delegate_of()
    ticket = at_relay_before_the_law_changes(tuesday, jurist, delegate)
    assert not operations.relay(delegate, ticket, word="Bonjour Claire, voici la réponse.")
    assert (ticket.status, ticket.jurist) == (Status.STUDY, jurist)
    assert [message.body for message in ticket.messages if message.author_id == delegate.id] == [
        "Bonjour Claire, voici la réponse."
    ]
    assert all(message.published_at is None for message in ticket.messages if message.in_brief)


def test_what_came_back_from_the_relay_is_read_again_before_it_leaves(app: Flask, tuesday: TimeMachineFixture) -> None:
    jurist, delegate = PersonFactory(jurist=True), delegate_of()
    ticket = at_relay_before_the_law_changes(tuesday, jurist, delegate)
    operations.return_from_relay(delegate, ticket, note="Le seuil a changé.")
    with pytest.raises(BadInput, match="changement du droit"):
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
    read_again = operations.AnswerText(in_brief="Sous 60 000 euros.", is_revalidated=True)
    operations.answer(jurist, ticket, read_again, seen_version=None)
    assert operations.relay(delegate, ticket)
    assert ticket.status is Status.ANSWERED


def test_an_answer_that_leaves_the_relay_for_its_urgency_is_held_back_by_a_change_of_law(
    app: Flask, tuesday: TimeMachineFixture
) -> None:
    jurist, delegate = PersonFactory(jurist=True), delegate_of()
    ticket = at_relay_before_the_law_changes(tuesday, jurist, delegate)
    operations.set_urgency(delegate, ticket, 2, reason="Remise des offres demain.")
    assert ticket.status is Status.STUDY


def test_an_answer_whose_law_changed_goes_to_the_poles_queue_when_its_jurist_is_gone(
    app: Flask, tuesday: TimeMachineFixture
) -> None:
    jurist, lead = PersonFactory(jurist=True), PersonFactory(lead=True)
    ticket = at_relay_before_the_law_changes(tuesday, jurist, delegate_of())
    jurist.is_active = False
    db.session.commit()
    clockwork.relay_forgotten()
    assert (ticket.status, ticket.jurist) == (Status.POLE, None)
    assert any("le droit a changé" in subject for subject in mails_to(lead))


def test_the_files_of_a_departed_jurist_move_in_bulk_and_signed_answers_keep_their_author(app: Flask) -> None:
    leaving, staying, lead = PersonFactory(jurist=True), PersonFactory(jurist=True), PersonFactory(lead=True)
    open_ones = [make_ticket(status=Status.STUDY, jurist=leaving) for _ in range(3)]
    signed = make_ticket(status=Status.ANSWERED, jurist=leaving)
    with pytest.raises(NotAllowed):
        operations.hand_over_all(staying, leaving, staying)
    assert operations.hand_over_all(lead, leaving, staying) == 3
    assert {ticket.jurist for ticket in open_ones} == {staying}
    answer = queries.current_answer(signed)
    assert answer is not None
    assert answer.author_id == leaving.id


def test_a_member_leaves_the_network_with_two_open_questions(app: Flask) -> None:
    asker, delegate, jurist = make_asker(), delegate_of(), PersonFactory(jurist=True)
    answered, withdrawn = make_ticket(asker), make_ticket(asker)
    mandate = asker.mandates[0]
    mandate.organisation.left_on = clock.today()
    mandate.ends_on = clock.today() - timedelta(days=1)
    db.session.commit()
    assert not perms.can_view(asker, answered)
    operations.transmit(delegate, answered)
    operations.take(jurist, answered)
    operations.answer(jurist, answered, ANSWER, seen_version=None)
    operations.withdraw(delegate, withdrawn)
    assert (answered.status, withdrawn.close_reason) == (Status.ANSWERED, CloseReason.WITHDRAWN)
    assert not any("Réponse à votre question" in subject for subject in mails_to(asker))


# --- Days of a jurist --------------------------------------------------------------------------------------


def test_j1_a_critical_case_forwarded_from_whatsapp_reaches_both_tiers_at_once(app: Flask) -> None:
    delegate, jurist = delegate_of(), PersonFactory(jurist=True)
    organisation = OrganisationFactory()
    asker = make_asker(organisation)
    ticket = type_in(
        delegate, organisation, channel=Channel.WHATSAPP, asker_id=asker.id, is_sensitive=True,
        title="Attouchement par un encadrant", facts="Une salariée signale une agression sexuelle ce matin.",
    )  # fmt: skip
    assert ticket.urgency == 3
    assert mails_to(jurist)
    operations.take(jurist, ticket)
    operations.note_call(jurist, ticket, text="Protéger, enquêter, compter les deux mois.", is_to_confirm=True)
    assert ticket.written_due_on is not None
    assert not perms.can_view(delegate_of(), ticket) or ticket.delegate_id is None
    row = queries.queue(jurist, queries.QueueView.MINE).rows[0]
    assert (row.title, row.organisation) == (queries.SENSITIVE_TITLE, "")
    assert all("Attouchement" not in subject for subject in mails_to(jurist) + mails_to(asker))
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    assert ticket.written_due_on is None


def test_j2_a_wrong_answer_of_the_delegation_is_corrected_and_linked(app: Flask) -> None:
    delegate, jurist, asker = delegate_of(), PersonFactory(jurist=True), make_asker()
    ticket = make_ticket(asker)
    first = operations.answer(delegate, ticket, operations.AnswerText(in_brief="Cinq jours ouvrés."), seen_version=None)
    answered_at = ticket.answered_at
    correction = operations.correct(
        jurist, ticket, operations.AnswerText(in_brief="Cinq jours ouvrables."), seen_version=None,
        reason="Jours ouvrables, non ouvrés.",
    )  # fmt: skip
    assert correction.replaces_id == first.id
    assert queries.current_answer(ticket) is correction
    assert ticket.answered_at == answered_at
    assert any("rectifi" in subject.lower() or "corrig" in subject.lower() for subject in mails_to(asker))
    texts = [mail.text for mail in db.session.scalars(sa.select(Mail).where(Mail.recipient_person_id == delegate.id))]
    assert any("Jours ouvrables, non ouvrés." in text for text in texts)
    asker_texts = [m.text for m in db.session.scalars(sa.select(Mail).where(Mail.recipient_person_id == asker.id))]
    assert not any("Jours ouvrables, non ouvrés." in text for text in asker_texts)


def test_j5_a_friday_evening_liquidation_counts_from_friday_and_a_conflict_takes_the_second_jurist(
    app: Flask, tuesday: TimeMachineFixture
) -> None:
    tuesday.move_to(datetime(2026, 11, 6, 16, 40, tzinfo=UTC), tick=False)
    delegate, first, second = delegate_of(), PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(
        title="Liquidation demain au tribunal", facts="Cessation des paiements, salaires impayés.",
        topic="difficultes/liquidation",
    )  # fmt: skip
    assert ticket.urgency >= 2
    assert mails_to(delegate)
    tuesday.move_to(datetime(2026, 11, 9, 8, 0, tzinfo=UTC), tick=False)
    operations.take(first, ticket)
    operations.declare_conflict(first, ticket, first, reason="Le créancier est aussi adhérent.")
    assert ticket.status is Status.POLE
    assert not perms.can_view(first, ticket)
    with pytest.raises(NotAllowed):
        operations.take(first, ticket)
    operations.take(second, ticket)
    operations.answer(second, ticket, ANSWER, seen_version=None)
    assert ticket.clock.times.gross_seconds == int((clock.now() - ticket.received_at).total_seconds())
    assert ticket.received_at == datetime(2026, 11, 6, 16, 40, tzinfo=UTC)


# --- Days of a delegate ------------------------------------------------------------------------------------


def test_d1_a_call_from_the_train_is_four_fields_then_completed_in_the_evening(
    app: Flask, tuesday: TimeMachineFixture
) -> None:
    delegate, organisation = delegate_of(), OrganisationFactory()
    director = make_asker(organisation)
    tuesday.move_to(datetime(2026, 11, 3, 17, 0, tzinfo=UTC), tick=False)
    received_at = datetime(2026, 11, 3, 9, 12, tzinfo=UTC)
    ticket = type_in(delegate, organisation, received_at=received_at, asker_id=director.id, facts="")
    assert (ticket.received_at, ticket.created_at, ticket.channel) == (received_at, clock.now(), Channel.PHONE)
    assert ticket.is_incomplete
    assert mails_to(director)
    full = operations.NewQuestion(organisation_id=organisation.id, title=ticket.title, facts="Le contrat finit le 12.")
    operations.complete(delegate, ticket, full, seen_version=ticket.version)
    assert not ticket.is_incomplete
    operations.add_message(director, ticket, text="Non : le contrat finit le 21.")
    assert [message.kind for message in ticket.messages][-1] is MessageKind.ADDITION


def test_d2_a_structure_astride_two_regions_is_one_question_seen_by_both(app: Flask) -> None:
    seat = OrganisationFactory(departement="44", delegation="pays-de-la-loire", city="Nantes")
    loire, brittany, jurist = delegate_of("pays-de-la-loire"), delegate_of("bretagne"), PersonFactory(jurist=True)
    ticket = make_ticket(organisation=seat)
    assert not perms.can_view(brittany, ticket)
    operations.copy_to_delegation(loire, ticket, "bretagne")
    assert perms.can_view(brittany, ticket)
    assert not perms.can_transmit(brittany, ticket)
    rows = queries.all_questions(jurist, queries.Filters()).page.rows
    assert [row.reference for row in rows] == [ticket.reference]
    by_delegation = {load.key: load.open_count for load in queries.load_of_delegations(jurist)}
    assert by_delegation == {"pays-de-la-loire": 1}


def test_d4_a_delegate_answers_at_first_level_and_not_on_a_reserved_topic(app: Flask) -> None:
    delegate = delegate_of()
    simple, reserved = make_ticket(), make_ticket(topic=RESERVED_TOPIC)
    operations.answer(delegate, simple, ANSWER, seen_version=None)
    assert simple.clock.answered_by is Tier.DELEGATION
    assert not perms.can_answer(delegate, reserved)
    assert perms.can_transmit(delegate, reserved)
    with pytest.raises(NotAllowed):
        operations.answer(delegate, reserved, ANSWER, seen_version=None)


def test_d5_a_question_nobody_takes_is_passed_to_the_pole_after_two_working_days(
    app: Flask, tuesday: TimeMachineFixture
) -> None:
    ticket = make_ticket()
    tuesday.move_to(datetime(2026, 11, 5, 16, 0, tzinfo=UTC), tick=False)
    assert clockwork.transmit_forgotten() == 0
    tuesday.move_to(datetime(2026, 11, 6, 6, 0, tzinfo=UTC), tick=False)
    assert clockwork.transmit_forgotten() == 1
    assert clockwork.transmit_forgotten() == 0
    assert ticket.status is Status.POLE
    assert kinds(ticket)[-1] == Action.TRANSMIT
    assert ticket.events[-1].actor_role.label == "Automatique"


def test_d5_a_local_holiday_of_guadeloupe_does_not_count(app: Flask, tuesday: TimeMachineFixture) -> None:
    tuesday.move_to(datetime(2026, 5, 25, 13, 0, tzinfo=UTC), tick=False)  # lundi de Pentecôte
    overseas = OrganisationFactory(departement="971", delegation="guadeloupe", city="Les Abymes")
    ticket = make_ticket(organisation=overseas)
    # 27 mai : abolition de l’esclavage. Les deux jours ouvrés sont le 26 et le 28.
    tuesday.move_to(datetime(2026, 5, 28, 12, 0, tzinfo=UTC), tick=False)
    assert clockwork.transmit_forgotten() == 0
    tuesday.move_to(datetime(2026, 5, 29, 12, 0, tzinfo=UTC), tick=False)
    assert clockwork.transmit_forgotten() == 1
    assert ticket.status is Status.POLE


def test_d5_no_reminder_leaves_on_a_local_holiday(app: Flask, tuesday: TimeMachineFixture) -> None:
    delegate = delegate_of("guadeloupe")
    tuesday.move_to(datetime(2026, 5, 26, 13, 0, tzinfo=UTC), tick=False)
    make_ticket(organisation=OrganisationFactory(departement="971", delegation="guadeloupe"))
    before = mails_to(delegate)
    tuesday.move_to(datetime(2026, 5, 27, 13, 0, tzinfo=UTC), tick=False)
    clockwork.run_all()
    assert mails_to(delegate) == before
    tuesday.move_to(datetime(2026, 5, 29, 13, 0, tzinfo=UTC), tick=False)
    clockwork.run_all()
    clockwork.run_all()
    assert len(mails_to(delegate)) == len(before) + 1


def test_d5_grand_est_has_no_delegation_and_goes_to_the_national_queue(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(organisation=OrganisationFactory(national=True))
    assert ticket.delegation is None
    assert ticket.clock.holder is Tier.POLE
    assert queries.view_counts(jurist)[queries.QueueView.NATIONAL] == 1
    operations.take(jurist, ticket)
    assert ticket.status is Status.STUDY


# --- Days of a member --------------------------------------------------------------------------------------


def test_m1_an_accident_at_work_is_urgent_and_shows_its_legal_deadline_with_its_source(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(
        title="Accident du travail hier à 16 heures", facts="Une salariée est tombée d’une échelle.",
        callback_phone="06 00 00 00 00",
    )  # fmt: skip
    assert ticket.urgency >= 2
    operations.take(jurist, ticket)
    deadline = clock.today() + timedelta(days=1)
    with pytest.raises(BadInput):
        operations.set_legal_deadline(jurist, ticket, deadline, source="")
    operations.set_legal_deadline(jurist, ticket, deadline, source="Code de la sécurité sociale, article R. 441-3")
    assert (ticket.legal_deadline_on, "R. 441-3" in ticket.legal_deadline_source) == (deadline, True)


def test_m2_each_structure_of_a_group_keeps_its_questions_and_the_director_sees_all_but_sensitive_ones(
    app: Flask,
) -> None:
    ges = OrganisationFactory(ges=True)
    aci, etti = OrganisationFactory(group_id=ges.id), OrganisationFactory(group_id=ges.id, with_typologies=("ETTI",))
    director = PersonFactory(ges_director=True, organisation=ges)
    hr_of_aci = make_asker(aci)
    of_etti = make_ticket(organisation=etti)
    sensitive = make_ticket(organisation=aci, is_sensitive=True)
    assert not perms.can_view(hr_of_aci, of_etti)
    assert perms.can_view(director, of_etti)
    assert not perms.can_view(director, sensitive)
    assert sensitive.asker is not None
    operations.share(sensitive.asker, sensitive, director.id)
    assert perms.can_view(director, sensitive)


def test_m3_a_late_fee_never_blocks_a_question(app: Flask) -> None:
    ticket = make_ticket(organisation=OrganisationFactory(late=True), urgency=3, urgency_reason="Accident grave")
    assert ticket.status is Status.TRIAGE


def test_m4_out_of_scope_is_refused_with_an_orientation_and_without_a_response_time(app: Flask) -> None:
    delegate, asker = delegate_of(), make_asker()
    ticket = make_ticket(asker, title="Litige avec mon propriétaire")
    with pytest.raises(BadInput):
        operations.mark_out_of_scope(delegate, ticket, text="  ")
    operations.mark_out_of_scope(delegate, ticket, text="L’ADIL de votre département vous renseigne.")
    assert ticket.close_reason is CloseReason.OUT_OF_SCOPE
    assert ticket.answered_at is None
    assert ticket.clock.answered_at is None
    assert "L’ADIL" in queries.readable_messages(asker, ticket)[-1].body


def test_m4_what_an_employee_wrote_by_mistake_is_erased(app: Flask) -> None:
    delegate, jurist = delegate_of(), PersonFactory(jurist=True)
    ticket = make_ticket(title="Mon patron ne me paie pas", facts="Je suis salariée en parcours.")
    operations.mark_out_of_scope(delegate, ticket, text="Le conseil de prud’hommes et France services vous aident.")
    with pytest.raises(NotAllowed):
        operations.erase_content(delegate, ticket)
    operations.erase_content(jurist, ticket)
    everything = ticket.title + ticket.excerpt + "".join(message.body for message in ticket.messages)
    assert "patron" not in everything
    assert "parcours" not in everything


def test_m5_an_answer_by_phone_is_to_be_confirmed_in_writing_and_the_clock_goes_on(
    app: Flask, tuesday: TimeMachineFixture
) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    operations.note_call(jurist, ticket, text="Oui, sous réserve de l’avenant.", is_to_confirm=True)
    assert ticket.answered_at is None
    assert ticket.clock.holder is Tier.POLE
    assert ticket.written_due_on == clock.today() + timedelta(days=2)
    tuesday.shift(timedelta(days=2))
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    operations.give_feedback(asker, ticket, verdict=Verdict.CHANGED, comment="Le salarié est parti.")
    operations.give_feedback(asker, ticket, verdict=Verdict.USEFUL)
    feedback = queries.feedback_of(asker, ticket)
    assert feedback is not None
    assert feedback.verdict is Verdict.USEFUL
    operations.give_feedback(asker, ticket, verdict=Verdict.USEFUL, comment="Merci.")
    given = [event.data["verdict"] for event in ticket.events if event.kind == EventKind.FEEDBACK_GIVEN]
    assert given == [Verdict.CHANGED, Verdict.USEFUL]
    tuesday.shift(timedelta(days=28))
    assert operations.add_message(asker, ticket, text="Un fait nouveau.") is ticket
    assert len(ticket.clocks) == 2


# --- What the architecture asks of relay, waiting and the clock ----------------------------------------------


def test_an_answer_at_the_relay_leaves_by_itself_after_one_working_day(app: Flask, tuesday: TimeMachineFixture) -> None:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    db.session.commit()
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.RELAY, jurist=jurist)
    assert ticket.answered_at is None
    assert len(queries.readable_messages(asker, ticket)) == 1
    tuesday.shift(timedelta(days=1, hours=15))
    assert clockwork.relay_forgotten() == 1
    assert ticket.status is Status.ANSWERED
    assert ticket.clock.relay_seconds == 39 * 3600
    assert len(queries.readable_messages(asker, ticket)) == 2


def test_a_delegate_adds_a_word_and_sends_or_gives_the_answer_back(app: Flask) -> None:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    db.session.commit()
    delegate, jurist = delegate_of(), PersonFactory(jurist=True)
    sent = make_ticket(status=Status.RELAY, jurist=jurist, delegate=delegate)
    operations.relay(delegate, sent, word="Bonjour Claire, voici la réponse du pôle.")
    answer = queries.current_answer(sent)
    assert answer is not None
    assert answer.body.startswith("Bonjour Claire")
    returned = make_ticket(status=Status.RELAY, jurist=jurist, delegate=delegate)
    operations.return_from_relay(delegate, returned, note="Le contrat est un CDI.")
    assert (returned.status, returned.jurist) == (Status.STUDY, jurist)
    assert queries.drafts_on(returned)[0].fields["in_brief"] == ANSWER.in_brief


def test_waiting_pushes_the_due_date_and_never_the_gross_time(app: Flask, tuesday: TimeMachineFixture) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    due_at = ticket.due_at
    operations.ask_detail(jurist, ticket, text="Quelle convention appliquez-vous ?")
    assert ticket.returns_to is Status.STUDY
    tuesday.shift(timedelta(days=4))
    operations.add_message(asker, ticket, text="L’IDCC 3016.")
    assert (ticket.status, ticket.jurist) == (Status.STUDY, jurist)
    assert ticket.due_at >= due_at + timedelta(days=4)
    tuesday.shift(timedelta(days=1))
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    times = ticket.clock.times
    assert times.gross_seconds == 5 * 86_400
    assert times.net_seconds == 86_400


def test_the_holder_is_warned_at_day_eight_and_the_asker_told_the_day_the_target_passes(
    app: Flask, tuesday: TimeMachineFixture
) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    tuesday.move_to(TUESDAY + timedelta(days=7), tick=False)
    assert clockwork.warn_holders() == 0
    tuesday.move_to(TUESDAY + timedelta(days=8), tick=False)
    assert clockwork.warn_holders() == 1
    assert clockwork.warn_holders() == 0
    tuesday.move_to(ticket.due_at, tick=False)
    assert clockwork.tell_target_passed() == 0
    tuesday.shift(timedelta(seconds=1))
    assert clockwork.tell_target_passed() == 1
    assert clockwork.tell_target_passed() == 0
    assert any("plus de temps que prévu" in subject for subject in mails_to(asker))


def set_up(app: Flask, **changes: object) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], **changes)


def test_no_date_is_due_on_a_day_when_the_pole_is_closed(app: Flask, tuesday: TimeMachineFixture) -> None:
    closed = frozenset({day("2026-11-13"), day("2026-11-16"), day("2026-11-18")})
    set_up(app, pole_closing_days=closed)
    jurist, asker = PersonFactory(jurist=True), make_asker()
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    assert ticket.due_at == end_of_day(day("2026-11-17"))
    assert ticket.clock.due_at == ticket.due_at
    operations.ask_detail(jurist, ticket, text="À quelle date ?")
    tuesday.shift(timedelta(days=5))
    operations.add_message(asker, ticket, text="Le 3 mai.")
    assert ticket.due_at == end_of_day(day("2026-11-19"))


def test_a_written_answer_is_not_due_on_a_day_when_the_pole_is_closed(app: Flask) -> None:
    set_up(app, pole_closing_days=frozenset({day("2026-11-04")}))
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist)
    operations.note_call(jurist, ticket, text="Oui, sur le principe.", is_to_confirm=True)
    assert ticket.written_due_on == day("2026-11-06")


def test_the_new_date_told_once_the_target_has_passed_is_a_setting(app: Flask, tuesday: TimeMachineFixture) -> None:
    set_up(app, late_target_days=12, pole_closing_days=frozenset({day("2026-11-26")}))
    asker = make_asker()
    make_ticket(asker)
    tuesday.move_to(datetime(2026, 11, 14, 9, 0, tzinfo=UTC), tick=False)
    assert clockwork.tell_target_passed() == 1
    text = db.session.scalar(sa.select(Mail.text).where(Mail.notice == Notice.TARGET_PASSED)) or ""
    assert "27\u00a0novembre\u00a02026" in text


def test_two_jurists_answering_at_once_give_one_answer_and_the_second_is_told(app: Flask) -> None:
    first, second = PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.POLE)
    seen = ticket.version
    operations.answer(first, ticket, ANSWER, seen_version=seen)
    with pytest.raises(Conflict):
        operations.answer(second, ticket, operations.AnswerText(in_brief="Non."), seen_version=seen)
    assert [message.in_brief for message in ticket.messages if message.kind.is_answer] == [ANSWER.in_brief]


def test_an_answer_written_without_having_seen_the_last_message_is_stale(app: Flask) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    seen = ticket.version
    operations.add_message(asker, ticket, text="Précision : il est mineur.")
    with pytest.raises(Conflict):
        operations.answer(jurist, ticket, ANSWER, seen_version=seen)


def test_the_machine_never_lowers_an_urgency(app: Flask) -> None:
    delegate = delegate_of()
    ticket = make_ticket(facts="Une question ordinaire sur un planning.", urgency=2, urgency_reason="Le CA est demain")
    assert ticket.urgency == 2
    operations.set_urgency(delegate, ticket, 0, reason="Le conseil est reporté.")
    assert (ticket.urgency, ticket.is_urgency_confirmed) == (0, True)


@pytest.mark.parametrize("wrong", [timedelta(minutes=1), timedelta(days=-400)])
def test_a_reception_in_the_future_or_more_than_a_year_ago_is_refused(app: Flask, wrong: timedelta) -> None:
    with pytest.raises(BadInput):
        type_in(delegate_of(), OrganisationFactory(), received_at=clock.now() + wrong)
    assert count_tickets() == 0


def test_a_deadline_needs_its_date_and_a_date_to_come(app: Flask) -> None:
    yesterday = clock.today() - timedelta(days=1)
    for wrong in ({"deadline_kind": DeadlineKind.LEGAL}, {"deadline_on": yesterday}, {
        "deadline_kind": DeadlineKind.LEGAL, "deadline_on": yesterday,
    }):  # fmt: skip
        with pytest.raises(BadInput):
            make_ticket(**wrong)
    assert count_tickets() == 0
