"""What becomes of a question: the share of each road.

Every step goes through :class:`History`, which knows the rules; here are only the chances.
"""

from datetime import timedelta

from helpdesk.demo.aftermath import Aftermath
from helpdesk.demo.gestures import POLE, URGENT
from helpdesk.demo.history import SYSTEM, Actor, NotYet
from helpdesk.demo.moments import member_moment
from helpdesk.tickets.deadlines import working_deadline
from helpdesk.tickets.enums import (
    Action,
    ActorRole,
    Audience,
    CloseReason,
    ContactPreference,
    EventKind,
    MessageKind,
    Status,
)


class Life(Aftermath):
    """One question from its arrival to the present."""

    def live(self) -> None:
        """Go as far as the present allows."""
        try:
            self._arrive()
            self._first_round()
            self._after()
        except NotYet:
            pass
        self.h.finish()

    def _arrive(self) -> None:
        arrival = self.case.arrival
        if arrival.entered_by and arrival.entered_by.role is ActorRole.JURIST:
            self._take_on(arrival.entered_by)
        if self.h.ticket["is_incomplete"]:
            self._complete()

    def _complete(self) -> None:
        """What was typed in during a call is completed later."""
        typist = self.case.arrival.entered_by or self.jurist
        desk = POLE if typist.role is ActorRole.JURIST else self.region
        self.h.wait_until(desk.moment(self.rng, self.h.now, 0))
        self.h.say(MessageKind.ADDITION, typist, self.case.unsaid)
        self.h.ticket["is_incomplete"] = False
        self.h.record(EventKind.DETAILS_COMPLETED, typist)

    def _first_round(self) -> None:
        if self.member and self.rng.random() < 0.05 and self.h.status is Status.TRIAGE:
            self._add_words()
        if self.h.status is Status.STUDY:
            if not self._ends_without_answer(self.jurist):
                self._study()
        elif self.delegate is None:
            self._national()
        elif self.case.pattern.urgency >= URGENT and self.rng.random() < 0.6:
            self._urgent()
        else:
            self._triage(self.delegate)

    def _add_words(self) -> None:
        assert self.member is not None  # noqa: S101 (told to mypy; the caller has looked)
        self.h.wait_until(member_moment(self.rng, self.h.now, self.rng.uniform(1, 20), self.case.structure.tz))
        self.h.say(MessageKind.ADDITION, self.member, self._phrase("additions"))
        self.h.record(EventKind.MESSAGE_ADDED, self.member)

    def _national(self) -> None:
        """Nobody triages here but the pole."""
        self.h.wait_until(POLE.moment(self.rng, self.h.now, self.rng.choice((0, 0, 1, 1, 1, 2))))
        if self._ends_without_answer(self.jurist):
            return
        self._take_on(self.jurist)
        self._study()

    def _urgent(self) -> None:
        """Both tiers are told at once; a jurist calls and takes it straight from the delegation's queue."""
        self.h.wait_until(POLE.moment(self.rng, self.h.now, 0))
        self._take_on(self.jurist)
        self._study()

    def _triage(self, delegate: Actor) -> None:
        h, rng = self.h, self.rng
        pace = (0, 0, 1, 1, 1, 2, 2, 2, 3) if self._is_overloaded else (0, 0, 0, 0, 1, 1, 1, 2, 3)
        moment = self.region.moment(rng, h.now, rng.choice(pace))
        limit = working_deadline(
            h.ticket["status_at"], h.settings.auto_transmit_working_days, self.place.zone, self.place.tz
        )
        if moment > limit:
            h.wait_until(limit + timedelta(minutes=1 + h.id % 9))
            h.move(Action.TRANSMIT, SYSTEM, automatic=True)
            self._at_pole()
            return
        h.wait_until(moment)
        self._mark(delegate)
        if self._ends_without_answer(delegate):
            return
        if self._may_answer() and rng.random() < 0.62:
            self._answer_at_region(delegate)
        else:
            self._transmit(delegate)

    def _ends_without_answer(self, actor: Actor) -> bool:
        h = self.h
        if self.case.pattern.orientation:
            self._orient(actor, self.case.pattern.orientation)
            h.close(Action.MARK_OUT_OF_SCOPE, CloseReason.OUT_OF_SCOPE, actor)
            return True
        if self.original_id is not None:
            self._orient(actor, self._phrase("duplicate_texts"))
            h.ticket["duplicate_of_id"] = self.original_id
            h.close(Action.MARK_DUPLICATE, CloseReason.DUPLICATE, actor, original_id=self.original_id)
            return True
        chance = self.rng.random()
        if actor.role is ActorRole.DELEGATE and chance < 0.02 and self._may_answer():
            self._orient(actor, self._phrase("faq_texts"))
            h.close(Action.CLOSE_BY_FAQ, CloseReason.FAQ, actor)
            return True
        if self.member and 0.02 < chance < 0.032:
            h.close(Action.WITHDRAW, CloseReason.WITHDRAWN, self.member)
            return True
        return False

    def _answer_at_region(self, delegate: Actor) -> None:
        h, rng = self.h, self.rng
        if rng.random() < 0.75:
            h.ticket["delegate_id"] = delegate.person_id
            h.move(Action.TAKE_REGIONAL, delegate)
            pace = (2, 3, 4, 4, 5, 6) if self._is_overloaded else (1, 2, 3, 3, 4, 5)
            h.wait_until(self.region.moment(rng, h.now, rng.choice(pace)))
            if rng.random() < 0.06:
                self._transmit(delegate)
                return
        self._maybe_ask_detail(delegate, self.region)
        h.ticket["delegate_id"] = delegate.person_id
        answer = self._answer(delegate, self._phrase("delegate_words"))
        h.publish(answer, delegate, Action.ANSWER)

    def _transmit(self, delegate: Actor) -> None:
        h = self.h
        h.ticket["delegate_id"] = delegate.person_id
        if self.rng.random() < 0.72:
            h.say(MessageKind.NOTE, delegate, self._phrase("delegate_notes"), audience=Audience.STAFF)
        h.move(Action.TRANSMIT, delegate)
        self._at_pole()

    def _at_pole(self) -> None:
        h, rng = self.h, self.rng
        is_urgent = self.case.pattern.urgency >= URGENT
        days = 0 if is_urgent else rng.choice((0, 0, 0, 0, 1, 1, 2))
        h.wait_until(POLE.moment(rng, h.now, days))
        if self._ends_without_answer(self.jurist):
            return
        chance = rng.random()
        if chance < 0.015 and self.delegate and h.ticket["status"] is Status.POLE:
            self._send_back(self.delegate)
            return
        if chance < 0.09:
            self._hand_over_from_queue()
        else:
            self._take_on(self.jurist)
        self._study()

    def _send_back(self, delegate: Actor) -> None:
        h = self.h
        h.say(MessageKind.NOTE, self.jurist, self._phrase("send_back_notes"), audience=Audience.STAFF)
        h.move(Action.SEND_BACK, self.jurist)
        h.wait_until(self.region.moment(self.rng, h.now, 1))
        if self._may_answer():
            self._answer_at_region(delegate)
        else:
            self._transmit(delegate)

    def _hand_over_from_queue(self) -> None:
        """The lead shares the queue out."""
        lead = Actor(self.asking.network.jurists[0].person_id, ActorRole.JURIST)
        self.h.ticket["jurist_id"] = self.jurist.person_id
        self.h.move(Action.HAND_OVER, lead, to_id=self.jurist.person_id)
        self._mark(lead)

    def _study(self) -> None:
        h, rng = self.h, self.rng
        is_urgent = self.case.pattern.urgency >= URGENT
        if is_urgent or self.case.arrival.preference is not ContactPreference.WRITTEN:
            self._call(is_urgent=is_urgent)
        self._incidents()
        if is_urgent:
            h.wait_until(POLE.moment(rng, h.now, rng.choice((0, 0, 1, 1, 1, 2))))
        else:
            h.wait_until(POLE.moment(rng, h.now, rng.choice((0, 0, 0, 1))))
            self._maybe_ask_detail(self.jurist, POLE)
            if rng.random() < 0.12:
                self._note()
            h.wait_until(self._finishing_moment())
        self._answer_from_pole()

    def _incidents(self) -> None:
        """A colleague takes over, the queue gets it back, a conflict of interest comes to light."""
        h, rng = self.h, self.rng
        chance = rng.random()
        if chance < 0.025:
            other = self._other_jurist()
            h.wait_until(POLE.moment(rng, h.now, 1))
            h.say(MessageKind.NOTE, self.jurist, self._phrase("hand_over_notes"), audience=Audience.STAFF)
            h.ticket["jurist_id"] = other.person_id
            h.move(Action.HAND_OVER, self.jurist, to_id=other.person_id)
            self.jurist = other
        elif chance < 0.032:
            self._declare_conflict()
        elif chance < 0.042:
            h.wait_until(POLE.moment(rng, h.now, 1))
            h.move(Action.RELEASE, self.jurist)
            h.ticket["jurist_id"] = None
            h.wait_until(POLE.moment(rng, h.now, 1))
            self._take_on(self._other_jurist())
        elif chance < 0.05 and self.case.structure.delegation:
            h.ticket["is_pole_only"] = True
            h.record(EventKind.POLE_ONLY_SET, self.jurist)

    def _declare_conflict(self) -> None:
        h, first = self.h, self.jurist
        h.wait_until(POLE.moment(self.rng, h.now, 0))
        h.move(Action.RELEASE, first)
        h.ticket["jurist_id"] = None
        h.record(EventKind.CONFLICT_DECLARED, first, person_id=first.person_id)
        h.conflicts.append(
            {
                "ticket_id": h.id,
                "person_id": first.person_id,
                "declared_by_id": first.person_id,
                "declared_at": h.now,
                "reason": self._phrase("conflict_reasons"),
            }
        )
        h.wait_until(POLE.moment(self.rng, h.now, 1))
        self._take_on(self._other_jurist())
