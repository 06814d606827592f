"""Situations that cross two rules: somebody gone, kept for the pole, the same second, the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.models import DelegationProfile, Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, NotAllowed, NotFound
from helpdesk.mail.enums import Notice
from helpdesk.mail.models import Mail
from helpdesk.stats.check import differences
from helpdesk.tickets import operations, perms, queries
from helpdesk.tickets.enums import Action, CloseReason, DraftKind, EventKind, Status
from helpdesk.tickets.models import Ticket, TicketEvent
from helpdesk.tickets.operations import clockwork
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import ANSWER, key, make_asker, make_ticket, type_in

TUESDAY = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def tuesday(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(TUESDAY, tick=False)
    return time_machine


@contextmanager
def relayed(delegation: str) -> Iterator[None]:
    with transaction():
        db.session.add(DelegationProfile(code=delegation, is_relayed=True))
    yield


def at_relay() -> tuple[Ticket, Person, Person]:
    """A question whose answer waits for the delegate, with its jurist and its delegate."""
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    delegation = asker.mandates[0].organisation.delegation
    with relayed(delegation):
        ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
    assert ticket.status is Status.RELAY
    return ticket, jurist, PersonFactory(delegate=True, delegation=delegation)


def kinds(ticket: Ticket) -> list[str]:
    select = sa.select(TicketEvent.kind).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    return list(db.session.scalars(select))


def slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the clock is a second later: what must be one moment then shows."""
    looks = iter(range(10**6))
    monkeypatch.setattr(clock, "now", lambda: TUESDAY + timedelta(seconds=next(looks)))


# --- the same second


def test_an_answer_and_its_event_tell_the_same_second(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_clock(monkeypatch)
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.ANSWERED, jurist=jurist)
    operations.add_message(asker, ticket, text="Et pour un temps partiel ?")
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    assert list(differences()) == []


def test_a_change_of_region_and_its_event_tell_the_same_second(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_clock(monkeypatch)
    ticket = make_ticket(make_asker(OrganisationFactory(delegation="bretagne")), status=Status.REGIONAL)
    other = OrganisationFactory(delegation=None, departement="67")
    operations.move_to_structure(PersonFactory(jurist=True), ticket, other)
    assert list(differences()) == []


def test_a_follow_up_and_its_clock_tell_the_same_second(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_clock(monkeypatch)
    asker = make_asker()
    operations.add_message(asker, make_ticket(asker, status=Status.CLOSED), text="Une autre question.")
    assert list(differences()) == []


# --- somebody gone


def test_an_answer_given_back_to_a_jurist_in_conflict_since_goes_to_the_poles_queue(app: Flask) -> None:
    ticket, jurist, delegate = at_relay()
    operations.declare_conflict(jurist, ticket, jurist, reason="Une proche y travaille.")
    operations.return_from_relay(delegate, ticket, note="Le délai n’est plus celui-là.")
    assert (ticket.status, ticket.jurist) == (Status.POLE, None)
    assert list(differences()) == []


def test_an_answer_given_back_to_a_jurist_who_has_left_goes_to_the_poles_queue(app: Flask) -> None:
    ticket, jurist, delegate = at_relay()
    with transaction():
        jurist.is_active = False
    operations.return_from_relay(delegate, ticket, note="Le délai n’est plus celui-là.")
    assert (ticket.status, ticket.jurist) == (Status.POLE, None)


def test_questions_handed_over_together_are_told_in_one_mail(app: Flask) -> None:
    lead, gone, colleague = PersonFactory(lead=True), PersonFactory(jurist=True), PersonFactory(jurist=True)
    for _ in range(3):
        make_ticket(status=Status.STUDY, jurist=gone)
    operations.hand_over_all(lead, gone, colleague)
    told = sa.select(Mail.subject).where(Mail.recipient_person_id == colleague.id)
    assert db.session.scalars(told).all() == ["On vous confie 3\u00a0questions"]
    assert operations.hand_over_all(lead, gone, colleague) == 0
    operations.hand_over_all(lead, colleague, lead)
    assert len(db.session.scalars(sa.select(Mail).where(Mail.notice == Notice.HANDED_OVER)).all()) == 1


def test_what_a_departed_jurist_leaves_waiting_changes_hands_with_a_trace(app: Flask) -> None:
    lead, gone, colleague = PersonFactory(lead=True), PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=gone)
    operations.ask_detail(gone, ticket, text="À quelle date ?")
    assert operations.hand_over_all(lead, gone, colleague) == 1
    assert ticket.jurist is colleague
    assert kinds(ticket)[-1] == Action.HAND_OVER
    assert list(differences()) == []


def test_a_question_moved_to_another_region_is_triaged_there(app: Flask) -> None:
    first = PersonFactory(delegate=True, delegation="bretagne")
    ticket = make_ticket(make_asker(OrganisationFactory(delegation="bretagne")), status=Status.REGIONAL, delegate=first)
    there = PersonFactory(delegate=True, delegation="normandie")
    operations.move_to_structure(PersonFactory(jurist=True), ticket, OrganisationFactory(delegation="normandie"))
    assert (ticket.status, ticket.delegate) == (Status.TRIAGE, None)
    assert ticket.events[-1].kind == EventKind.DELEGATION_CHANGED
    assert ticket.events[-1].data == {"before": "bretagne", "after": "normandie"}
    assert [row.reference for row in queries.queue(there, queries.QueueView.TRIAGE).rows] == [ticket.reference]
    assert db.session.scalar(sa.select(sa.func.count()).where(Mail.recipient_person_id == there.id)) == 1


def test_a_question_that_waits_comes_back_to_the_triage_of_its_new_region(app: Flask) -> None:
    asker = make_asker(OrganisationFactory(delegation="bretagne"))
    delegate = PersonFactory(delegate=True, delegation="bretagne")
    ticket = make_ticket(asker, status=Status.REGIONAL, delegate=delegate)
    operations.ask_detail(delegate, ticket, text="À quelle date ?")
    operations.move_to_structure(PersonFactory(jurist=True), ticket, OrganisationFactory(delegation="normandie"))
    assert ticket.returns_to is Status.TRIAGE


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_event_is_recorded_by_an_operation(kind: EventKind) -> None:
    package = Path(operations.__path__[0]).parents[1]
    sources = package.glob("*/operations/*.py")
    assert any(f"EventKind.{kind.name}" in source.read_text() for source in sources)


# --- kept for the pole


def test_the_follow_up_of_a_question_kept_for_the_pole_reaches_the_pole(app: Flask) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.POLE)
    operations.set_pole_only(jurist, ticket, is_pole_only=True)
    operations.mark_out_of_scope(jurist, ticket, text="Voyez un notaire.")
    new = operations.add_message(asker, ticket, text="Le notaire nous renvoie vers vous.")
    assert (new.status, new.is_pole_only) == (Status.POLE, True)
    assert perms.can_take(jurist, new)
    assert list(differences()) == []


def test_a_question_kept_for_the_pole_is_reopened_at_the_pole(app: Flask) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    delegate = PersonFactory(delegate=True, delegation=asker.mandates[0].organisation.delegation, can_answer=True)
    ticket = make_ticket(asker, status=Status.REGIONAL, delegate=delegate)
    operations.answer(delegate, ticket, ANSWER, seen_version=None)
    operations.set_pole_only(jurist, ticket, is_pole_only=True)
    operations.add_message(asker, ticket, text="Ce n’est pas si simple.")
    assert ticket.status is Status.POLE


def test_the_follow_up_keeps_the_conflicts_of_interest_and_the_region_in_copy(app: Flask) -> None:
    asker, jurist, other = make_asker(), PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.POLE)
    operations.copy_to_delegation(jurist, ticket, "normandie")
    operations.declare_conflict(jurist, ticket, other, reason="Un proche.")
    operations.mark_out_of_scope(jurist, ticket, text="Voyez un notaire.")
    new = operations.add_message(asker, ticket, text="Le notaire nous renvoie vers vous.")
    assert "normandie" in new.delegations
    with pytest.raises(NotFound):
        queries.get_visible_ticket(other, new.reference)


# --- what is said later may be urgent


def test_an_urgent_follow_up_is_proposed_as_urgent(app: Flask) -> None:
    asker = make_asker()
    ticket = make_ticket(asker, status=Status.CLOSED)
    new = operations.add_message(asker, ticket, text="Un salarié a eu un accident du travail ce matin.")
    assert new.urgency >= 2
    assert new.urgency_reason


def test_what_completes_a_call_raises_the_urgency_and_shows_in_the_lists(app: Flask) -> None:
    organisation = OrganisationFactory(delegation="bretagne")
    delegate = PersonFactory(delegate=True, delegation="bretagne")
    ticket = type_in(delegate, organisation)
    question = operations.NewQuestion(
        organisation_id=organisation.id, title=ticket.title, facts="Un accident du travail ce matin, grave."
    )
    operations.complete(delegate, ticket, question, seen_version=ticket.version)
    assert ticket.urgency >= 2
    assert not ticket.is_urgency_confirmed
    assert ticket.excerpt == "Un accident du travail ce matin, grave."
    assert EventKind.URGENCY_CHANGED in kinds(ticket)


# --- sent again


def _ask(asker: Person, **values: Any) -> Ticket:
    question = operations.NewQuestion(
        organisation_id=asker.mandates[0].organisation_id, title="Rompre un CDDI ?", facts="Absent.", **values
    )
    return operations.ask(asker, question, key=key())


def test_a_question_withdrawn_and_sent_again_otherwise_is_a_new_one(app: Flask) -> None:
    asker = make_asker()
    first = _ask(asker)
    operations.withdraw(asker, first)
    assert _ask(asker, is_sensitive=True) is not first


def test_the_same_words_never_lead_to_the_question_of_somebody_one_does_not_see(app: Flask) -> None:
    first = _ask(make_asker(organisation := OrganisationFactory()), is_sensitive=True)
    assert _ask(make_asker(organisation)) is not first


def test_a_question_reopened_then_withdrawn_keeps_its_answer(app: Flask) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.ANSWERED, jurist=jurist)
    operations.add_message(asker, ticket, text="Merci.")
    operations.withdraw(asker, ticket)
    assert ticket.close_reason is CloseReason.ANSWERED
    assert perms.can_correct(jurist, ticket)


# --- erased


def test_erasing_leaves_nothing_of_what_was_told(app: Flask) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(
        asker, status=Status.POLE, urgency=1, urgency_reason="Mme X est en danger", callback_slots="soir"
    )
    operations.save_draft(jurist, ticket, DraftKind.ANSWER, {"in_brief": "Mme X"})
    operations.mark_out_of_scope(jurist, ticket, text="Voyez le conseil de prud’hommes.")
    operations.erase_content(jurist, ticket)
    assert (ticket.urgency_reason, ticket.deadline_reason, ticket.callback_slots) == ("", "", "")
    assert list(queries.drafts_on(ticket)) == []


# --- the clock


def test_one_question_that_fails_holds_none_of_the_others(
    app: Flask, tuesday: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = make_ticket(), make_ticket()
    tuesday.shift(timedelta(days=10))
    deadline = clockwork._deadline

    def stumble(ticket: Ticket, days: int) -> datetime:
        if ticket.id == broken.id:
            raise KeyError("99")
        return deadline(ticket, days)

    monkeypatch.setattr(clockwork, "_deadline", stumble)
    assert clockwork.transmit_forgotten() == 1
    assert (broken.status, fine.status) == (Status.TRIAGE, Status.POLE)


def test_those_told_already_do_not_fill_the_batch(
    app: Flask, tuesday: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clockwork, "BATCH", 1)
    make_ticket(status=Status.POLE)
    make_ticket(status=Status.POLE)
    tuesday.shift(timedelta(days=9))
    assert [clockwork.warn_holders() for _turn in range(3)] == [1, 1, 0]
    tuesday.shift(timedelta(days=9))
    assert [clockwork.tell_target_passed() for _turn in range(3)] == [1, 1, 0]


# --- two at the same moment


def test_two_first_savings_of_a_draft_are_one_draft(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.POLE)
    first = operations.save_draft(jurist, ticket, DraftKind.NOTE, {"note": "un"})
    seen = iter([None])
    own_draft = operations.drafts.own_draft
    monkeypatch.setattr(operations.drafts, "own_draft", lambda *of: next(seen, own_draft(*of)))
    second = operations.save_draft(jurist, ticket, DraftKind.NOTE, {"note": "deux"})
    assert (second.id, second.fields) == (first.id, {"note": "deux"})


def test_presence_told_twice_at_once_is_one_row(app: Flask) -> None:
    jurist, colleague = PersonFactory(jurist=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.POLE)
    operations.touch_presence(jurist, ticket, is_writing=False)
    operations.touch_presence(jurist, ticket, is_writing=True)
    assert [one.is_writing for one in queries.present_colleagues(colleague, ticket)] == [True]


def test_the_ruler_of_a_list_counts_from_the_reopening(app: Flask, tuesday: TimeMachineFixture) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    ticket = make_ticket(asker, status=Status.ANSWERED, jurist=jurist)
    tuesday.shift(timedelta(days=20))
    operations.add_message(asker, ticket, text="Un fait nouveau.")
    row = queries.queue(jurist, queries.QueueView.MINE).rows[0]
    assert row.started_at == clock.now()


# --- Conflicts of interest, departures, the relay left ------------------------------------------------------


def test_a_delegate_shuts_out_nobody_of_the_pole_and_in_copy_only_themselves(app: Flask) -> None:
    delegate, colleague = PersonFactory(delegate=True), PersonFactory(delegate=True)
    copied = PersonFactory(delegate=True, delegation="normandie")
    jurist, lead = PersonFactory(jurist=True), PersonFactory(lead=True)
    ticket = make_ticket()
    operations.copy_to_delegation(lead, ticket, "normandie")
    for actor, person in ((delegate, jurist), (delegate, lead), (copied, delegate), (copied, lead)):
        with pytest.raises(BadInput):
            operations.declare_conflict(actor, ticket, person, reason="Non.")
    for actor, person in ((delegate, colleague), (copied, copied), (jurist, lead)):
        operations.declare_conflict(actor, ticket, person, reason="Ancienne collègue.")
        assert not perms.can_view(person, ticket)


def test_a_conflict_is_lifted_by_another_jurist(app: Flask) -> None:
    jurist, other, delegate = PersonFactory(jurist=True), PersonFactory(jurist=True), PersonFactory(delegate=True)
    ticket = make_ticket()
    operations.declare_conflict(jurist, ticket, jurist, reason="Créancier adhérent.")
    for nobody in (jurist, delegate):
        with pytest.raises(NotAllowed):
            operations.lift_conflict(nobody, ticket, jurist.id)
    with pytest.raises(BadInput):
        operations.lift_conflict(other, ticket, delegate.id)
    operations.lift_conflict(other, ticket, jurist.id)
    db.session.commit()
    assert perms.can_view(jurist, ticket)


def test_what_somebody_who_has_left_held_goes_back_to_its_queue(app: Flask) -> None:
    delegate, jurist = PersonFactory(delegate=True), PersonFactory(jurist=True)
    stays = PersonFactory(jurist=True)
    regional = make_ticket(status=Status.REGIONAL, delegate=delegate)
    study, kept = make_ticket(status=Status.STUDY, jurist=jurist), make_ticket(status=Status.STUDY, jurist=stays)
    assert clockwork.release_abandoned() == 0
    for role in (*delegate.roles, *jurist.roles):
        role.ends_on = clock.today() - timedelta(days=1)
    db.session.commit()
    assert clockwork.release_abandoned() == 2
    assert (regional.status, regional.delegate) == (Status.TRIAGE, None)
    assert (study.status, study.jurist) == (Status.POLE, None)
    assert kept.jurist is stays
    assert list(differences()) == []


@pytest.mark.parametrize("what", ["sensitive", "pole_only", "urgent"])
def test_an_answer_that_may_no_longer_be_relayed_leaves_at_once(app: Flask, what: str) -> None:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    db.session.commit()
    jurist, asker = PersonFactory(jurist=True), make_asker()
    ticket = make_ticket(asker, status=Status.RELAY, jurist=jurist)
    if what == "sensitive":
        operations.set_sensitive(jurist, ticket, is_sensitive=True)
    elif what == "pole_only":
        operations.set_pole_only(jurist, ticket, is_pole_only=True)
    else:
        operations.set_urgency(jurist, ticket, 2, reason="Audience demain.")
    assert ticket.status is Status.ANSWERED
    assert queries.readable_messages(asker, ticket)[-1].in_brief
    assert list(differences()) == []


def test_the_files_of_an_answer_given_back_return_to_the_draft(app: Flask) -> None:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    delegate, jurist = PersonFactory(delegate=True), PersonFactory(jurist=True)
    ticket = make_ticket(status=Status.STUDY, jurist=jurist, delegate=delegate)
    file = Attachment(
        sha256="2" * 64, name="modele.pdf", media_type="application/pdf", size_bytes=9,
        uploaded_by_id=jurist.id, created_at=clock.now(),
    )  # fmt: skip
    with_file = operations.AnswerText(in_brief="Oui.", attachments=(file,))
    operations.answer(jurist, ticket, with_file, seen_version=None)
    operations.return_from_relay(delegate, ticket, note="Le contrat est un CDI.")
    draft = queries.drafts_on(ticket)[0]
    assert [one.id for one in draft.attachments] == [file.id]
    again = operations.AnswerText(in_brief="Non.", attachments=(file,))
    operations.answer(jurist, ticket, again, seen_version=None)
    db.session.commit()
    assert ticket.status is Status.RELAY


def test_a_jurist_holds_the_time_of_a_call_from_the_call_on(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    ticket = type_in(jurist, OrganisationFactory(), received_at=clock.now() - timedelta(hours=5))
    operations.answer(jurist, ticket, ANSWER, seen_version=None)
    db.session.commit()
    times = ticket.clock.times
    assert (times.delegation_seconds, times.pole_seconds >= 5 * 3600) == (0, True)
    assert list(differences()) == []


def test_the_first_asker_sees_what_a_colleague_makes_of_a_sensitive_question(app: Flask) -> None:
    asker = make_asker()
    colleague = make_asker(asker.mandates[0].organisation)
    ticket = make_ticket(asker, is_sensitive=True, status=Status.CLOSED)
    operations.share(asker, ticket, colleague.id)
    new = operations.add_message(colleague, ticket, text="La situation a repris.")
    assert new is not ticket
    assert perms.can_view(asker, new)
    assert perms.can_view(colleague, new)


def test_two_machines_a_second_apart_write_a_history_that_runs_forward(app: Flask, tuesday: TimeMachineFixture) -> None:
    delegate, ticket = PersonFactory(delegate=True), make_ticket()
    tuesday.shift(-2)
    operations.take_regional(delegate, ticket)
    db.session.commit()
    assert ticket.events[-1].at == ticket.received_at
    assert list(differences()) == []
