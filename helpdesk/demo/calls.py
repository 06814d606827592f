"""The life of a PTCE's question that leads to a call: asked in writing, booked, held, then its written account."""

from datetime import timedelta
from typing import Any

from helpdesk.demo.asking import Asking, Case
from helpdesk.demo.gestures import POLE
from helpdesk.demo.history import Actor, History, Row
from helpdesk.demo.lives import Life
from helpdesk.demo.permanence import CANCELLED_REASON, DemoCall, DemoSlot, Permanence, Turn
from helpdesk.juri_ptce import models
from helpdesk.juri_ptce.enums import AppointmentStatus, PartSide, WaitingStatus
from helpdesk.juri_ptce.operations.holding import IN_WRITING
from helpdesk.reference.holidays import add_working_days
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.enums import Action, Audience, EventKind, MessageKind, Status

PREPARATION = "Relire la convention jointe. Demander qui a signé, et pour quelle durée."
NOTES = "Le PTCE confirme les dates. Envoyer le compte rendu avec les références."
OFFER_NOTE = "Ayez sous la main les statuts et la convention."
ASKED_OF_RTES = "La subvention de la collectivité relève-t-elle du règlement de minimis ?"
ASKED_OF_POLE = "Que doit prévoir la convention entre le PTCE et la structure porteuse ?"
PART_TEXT = "La convention désigne la structure porteuse, fixe les reversements et leur contrôle."
PARTNER_TEXT = "L’aide s’ajoute aux autres aides reçues sur trois ans : demandez l’attestation de chaque financeur."


class CallLife(Life):
    """Only what the plan of the sessions decides; the rest is as for any question."""

    def __init__(self, case: Case, history: History, asking: Asking, permanence: Permanence, call: DemoCall) -> None:
        super().__init__(case, history, asking)
        self.permanence = permanence
        self.call = call
        self.held: Row | None = None

    def _first_round(self) -> None:
        if self.call.turn is Turn.EMERGENCY:
            self._have_emergency()
            return
        self._reach_the_pole()
        match self.call.turn:
            case Turn.WAITING:
                self._offer()
                self._wait_for_place()
            case Turn.PARTS:
                self._share()
            case Turn.OFFERED:
                self._offer()
            case _:
                self._have_call()

    def _after(self) -> None:
        if self.h.status is Status.ANSWERED:
            super()._after()

    def _answer(self, author: Actor, word: str, **fields: Any) -> Row:
        """The first answer after a call is its account."""
        answer = super()._answer(author, word, **fields)
        if self.held is not None and self.held["account"] is None:
            self.held["account"] = answer
        return answer

    # --- up to the call

    def _reach_the_pole(self) -> None:
        h = self.h
        if self.delegate is not None:
            h.wait_until(self.region.moment(self.rng, h.now, self.rng.choice((0, 1))))
            self._mark(self.delegate)
            h.ticket["delegate_id"] = self.delegate.person_id
            h.move(Action.TRANSMIT, self.delegate)
        h.wait_until(POLE.moment(self.rng, h.now, self.rng.choice((0, 1))))
        self._take_on(self.jurist)

    def _offer(self) -> None:
        self._pass(1)
        self.h.record(EventKind.CALL_OFFERED, self.jurist, session_id=None)
        self.permanence.add(
            models.CallOffer,
            ticket_id=self.h.id,
            session_id=None,
            medium=self.call.medium,
            note=OFFER_NOTE,
            offered_by_id=self.jurist.person_id,
            offered_at=self.h.now,
        )

    def _pass(self, days: int) -> None:
        self.h.wait_until(POLE.moment(self.rng, self.h.now, days))

    def _wait_for_place(self) -> None:
        self._pass(0)
        self.permanence.add(
            models.WaitingEntry,
            session_id=self.call.session.id,
            ticket_id=self.h.id,
            person_id=self._guest.person_id,
            status=WaitingStatus.WAITING,
            medium=self.call.medium,
            phone="06 39 98 00 15",
            appointment_id=None,
            created_at=self.h.now,
        )

    @property
    def _guest(self) -> Actor:
        assert self.member is not None  # noqa: S101 (told to mypy; every PTCE of the plan has an asker)
        return self.member

    def _share(self) -> None:
        """Both networks answer; the federation's jurist has approved, the partner not yet."""
        self._pass(0)
        self.h.record(EventKind.PART_GIVEN, self.jurist)
        for side, question, answerer_id, text, is_approved in (
            (PartSide.FEDERATION, ASKED_OF_POLE, self.jurist.person_id, PART_TEXT, True),
            (PartSide.RTES, ASKED_OF_RTES, self.permanence.partner_id, PARTNER_TEXT, False),
        ):
            self.permanence.add(
                models.QuestionPart,
                ticket_id=self.h.id,
                side=side,
                version=2,
                question=question,
                answerer_id=answerer_id,
                text=text,
                approved_at=self.h.now if is_approved else None,
            )

    # --- the call

    def _have_call(self) -> None:
        turn = self.call.turn
        appointment = self._book(self.call.slot)
        if turn is Turn.REQUESTED:
            return
        self._confirm(appointment)
        if turn is Turn.CONFIRMED:
            return
        if turn is Turn.MOVED:
            appointment = self._move(appointment)
        match turn:
            case Turn.LATE:
                self._cancel_late(appointment)
            case Turn.SERVICE:
                self._fall_through(appointment)
            case Turn.ABSENT:
                self._miss(appointment)
            case _:
                self._hold(appointment, self._slot_of(appointment))
        self._pass(self.rng.choice((0, 1, 2)))
        self._answer_from_pole()

    def _book(self, slot: DemoSlot) -> Row:
        self._pass(0)
        appointment = self.permanence.book(self.h.ticket, self.call, slot, self.h.now, AppointmentStatus.REQUESTED)
        self._tell(EventKind.CALL_BOOKED, self._guest, appointment, slot)
        return appointment

    def _tell(self, kind: EventKind, actor: Actor, appointment: Row, slot: DemoSlot) -> None:
        starts_at = slot.starts_at.isoformat()
        self.h.record(kind, actor, appointment_id=appointment["id"], starts_at=starts_at)

    def _confirm(self, appointment: Row) -> None:
        self._pass(1)
        appointment.update(
            status=AppointmentStatus.CONFIRMED, sequence=appointment["sequence"] + 1, preparation=PREPARATION
        )
        self._tell(EventKind.CALL_CONFIRMED, self.jurist, appointment, self.call.slot)
        invited = [person_id for person_id in (self._guest.person_id, self.jurist.person_id) if person_id]
        self.permanence.invite(appointment, invited, self.h.now)

    def _move(self, appointment: Row) -> Row:
        """To the last slot of the same session."""
        self._pass(0)
        slot = self._last_slot
        moved = self.permanence.book(self.h.ticket, self.call, slot, self.h.now, AppointmentStatus.CONFIRMED)
        moved.update(uid=appointment["uid"], sequence=appointment["sequence"] + 1, preparation=PREPARATION)
        self.permanence.let_go(appointment, AppointmentStatus.MOVED, self.h.now)
        self._tell(EventKind.CALL_MOVED, self._guest, moved, slot)
        return moved

    @property
    def _last_slot(self) -> DemoSlot:
        return self.call.session.slots[-1]

    def _slot_of(self, appointment: Row) -> DemoSlot:
        return next(one for one in self.call.session.slots if one.id == appointment["slot_id"])

    def _cancel_late(self, appointment: Row) -> None:
        """On the morning of the day, by phone."""
        self.h.wait_until(self.call.slot.starts_at - timedelta(hours=4))
        self.permanence.let_go(appointment, AppointmentStatus.CANCELLED_BY_PTCE, self.h.now, is_late_cancel=True)
        self._tell(EventKind.CALL_CANCELLED, self.jurist, appointment, self.call.slot)

    def _fall_through(self, appointment: Row) -> None:
        """The whole session is cancelled the day before."""
        self.h.wait_until(self.call.slot.starts_at - timedelta(hours=28))
        status, words = AppointmentStatus.CANCELLED_BY_SERVICE, CANCELLED_REASON
        self.permanence.let_go(appointment, status, self.h.now, cancelled_reason=words)
        self.permanence.cancel(self.call.session, self.h.now)
        self._tell(EventKind.CALL_CANCELLED, self.jurist, appointment, self.call.slot)

    def _miss(self, appointment: Row) -> None:
        self.h.wait_until(self.call.slot.starts_at + timedelta(minutes=14))
        appointment.update(status=AppointmentStatus.ABSENT, ended_at=self.h.now)
        self.h.record(EventKind.CALL_MISSED, self.jurist, appointment_id=appointment["id"])
        self.h.say(MessageKind.NOTE, self.jurist, IN_WRITING, audience=Audience.STAFF)
        self.h.record(EventKind.NOTE_ADDED, self.jurist, audience=Audience.STAFF.value)

    def _hold(self, appointment: Row, slot: DemoSlot) -> None:
        self.h.wait_until(slot.ends_at - timedelta(minutes=5))
        day, settings = slot.starts_at.astimezone(PARIS).date(), self.h.settings
        appointment.update(
            status=AppointmentStatus.HELD,
            started_at=slot.starts_at + timedelta(minutes=1),
            ended_at=self.h.now,
            notes=NOTES,
            account_due_on=add_working_days(
                day, settings.juri_account_working_days, closing_days=settings.pole_closing_days
            ),
        )
        self.h.record(EventKind.CALL_HELD, self.jurist, appointment_id=appointment["id"])
        self.held = appointment

    def _have_emergency(self) -> None:
        """Straight from the queue, the same day, outside the sessions."""
        self._pass(0)
        self._take_on(self.jurist)
        starts_at = (self.h.now + timedelta(minutes=40)).replace(second=0)
        slot = self.permanence.emergency_slot(starts_at)
        appointment = self.permanence.book(self.h.ticket, self.call, slot, self.h.now, AppointmentStatus.CONFIRMED)
        self._tell(EventKind.CALL_BOOKED, self.jurist, appointment, slot)
        self._hold(appointment, slot)
