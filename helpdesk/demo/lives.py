"""What becomes of a question: the shares of each road, and the words said on it.

Every step goes through :class:`History`, which knows the rules; here are only the chances.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from helpdesk.demo.asking import Asking, Case
from helpdesk.demo.corpus import Corpus
from helpdesk.demo.history import SYSTEM, Actor, History, NotYet, Row
from helpdesk.demo.moments import PARIS, Desk, member_moment
from helpdesk.demo.network import Jurist
from helpdesk.reference import get_reference
from helpdesk.reference.holidays import add_working_days
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
    Verdict,
)

POLE = Desk()
URGENT = 2
_EARLY_SHARE, _LATE_SHARE = 0.08, 0.09
_VERDICTS = {Verdict.USEFUL: 82, Verdict.NOT_APPLIED: 8, Verdict.CHANGED: 10}
_VERDICT_WORDS = {
    Verdict.USEFUL: "useful_comments",
    Verdict.NOT_APPLIED: "not_applied_comments",
    Verdict.CHANGED: "changed_comments",
}


class Life:
    """One question from its arrival to the present."""

    def __init__(self, case: Case, history: History, asking: Asking, original_id: int | None = None) -> None:
        self.case = case
        self.h = history
        self.rng: Random = case.rng
        self.asking = asking
        self.corpus: Corpus = asking.corpus
        self.original_id = original_id
        """The question this one repeats, if it is to be closed as a duplicate."""
        self.member = case.asker
        self.delegate = Actor(case.delegate.person_id, ActorRole.DELEGATE) if case.delegate else None
        self.region = case.delegate.desk if case.delegate else POLE
        self.place = case.structure.desk
        self.jurist = Actor(case.jurist.person_id, ActorRole.JURIST)
        self.is_unread = False
        """The answer is kept unread, for the account of the demonstration."""

    def live(self) -> None:
        """Go as far as the present allows."""
        try:
            self._arrive()
            self._first_round()
            self._after()
        except NotYet:
            pass
        self.h.finish()

    # --- arrival and triage

    def _arrive(self) -> None:
        arrival = self.case.arrival
        if arrival.entered_by and arrival.entered_by.role is ActorRole.JURIST:
            self._take_on(arrival.entered_by)
            return
        if self.h.ticket["is_incomplete"]:
            self._complete()

    def _complete(self) -> None:
        """What was typed in during a call is completed in the evening."""
        typist = self.case.arrival.entered_by or self.jurist
        self.h.wait_until(self.h.now + timedelta(minutes=self.rng.randrange(120, 540)))
        facts = self.case.filler.fill(self.rng.choice(self.case.pattern.facts))
        self.h.say(MessageKind.ADDITION, typist, facts)
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
        moment = self.region.moment(rng, h.now, rng.choice((0, 0, 1, 1, 1, 2, 2, 2, 3)))
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

    def _mark(self, actor: Actor) -> None:
        """What is decided on a first look: topic, urgency, legal date, confidentiality, second region."""
        h, rng, case = self.h, self.rng, self.case
        if h.ticket["topic"] is None:
            h.ticket["topic"] = case.pattern.topic
            h.record(EventKind.TOPIC_CHANGED, actor, before=None, after=case.pattern.topic)
        proposed, level = h.ticket["urgency"], case.pattern.urgency
        if proposed and not h.ticket["is_urgency_confirmed"] and (proposed > level or rng.random() < 0.8):
            # What the words alone proposed is lowered by a person, and by nobody else.
            h.ticket["is_urgency_confirmed"], h.ticket["urgency"] = True, level
            h.record(EventKind.URGENCY_CHANGED, actor, before=proposed, after=level)
        if case.legal_on and h.ticket["legal_deadline_on"] is None and rng.random() < 0.85:
            source = case.pattern.legal_date.source if case.pattern.legal_date else ""
            h.ticket["legal_deadline_on"], h.ticket["legal_deadline_source"] = case.legal_on, source
            h.record(EventKind.DEADLINE_SET, actor, day=case.legal_on.isoformat())
        if case.pattern.is_sensitive and not h.ticket["is_sensitive"]:
            h.ticket["is_sensitive"] = True
            h.record(EventKind.SENSITIVE_SET, actor)
        if case.is_two_regions and case.structure.delegation and not h.copies:
            others = sorted(set(get_reference().delegations) - {case.structure.delegation})
            other = rng.choice(others[:11])
            h.copies.append({"ticket_id": h.id, "delegation": other})
            h.record(EventKind.DELEGATION_COPIED, actor, delegation=other)

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

    def _orient(self, actor: Actor, text: str) -> None:
        if actor.role is ActorRole.DELEGATE:
            self.h.ticket["delegate_id"] = self.h.ticket["delegate_id"] or actor.person_id
        self.h.say(MessageKind.ORIENTATION, actor, text)

    # --- the delegation

    def _may_answer(self) -> bool:
        delegate = self.case.delegate
        is_reserved = get_reference().topics[self.case.pattern.topic].is_reserved_to_pole
        return (
            delegate is not None
            and delegate.can_answer
            and not is_reserved
            and not self.case.pattern.is_sensitive
            and self.case.pattern.urgency < URGENT
        )

    def _answer_at_region(self, delegate: Actor) -> None:
        h, rng = self.h, self.rng
        if rng.random() < 0.75:
            h.ticket["delegate_id"] = delegate.person_id
            h.move(Action.TAKE_REGIONAL, delegate)
            h.wait_until(self.region.moment(rng, h.now, rng.choice((1, 2, 3, 4, 4, 5))))
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

    # --- the pole

    def _at_pole(self) -> None:
        h, rng = self.h, self.rng
        is_urgent = self.case.pattern.urgency >= URGENT
        days = 0 if is_urgent else rng.choice((0, 0, 1, 1, 1, 2, 2))
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

    def _take_on(self, jurist: Actor) -> None:
        self.jurist = jurist
        self.h.ticket["jurist_id"] = jurist.person_id
        self.h.move(Action.TAKE, jurist)
        self._mark(jurist)

    def _study(self) -> None:
        h, rng = self.h, self.rng
        is_urgent = self.case.pattern.urgency >= URGENT
        if is_urgent or self.case.arrival.preference is not ContactPreference.WRITTEN:
            self._call(is_urgent=is_urgent)
        self._incidents()
        if is_urgent:
            h.wait_until(POLE.moment(rng, h.now, rng.choice((0, 0, 1, 1, 1, 2))))
        else:
            h.wait_until(POLE.moment(rng, h.now, rng.choice((0, 1, 1, 2))))
            self._maybe_ask_detail(self.jurist, POLE)
            if rng.random() < 0.12:
                self._note()
            h.wait_until(self._finishing_moment())
        self._answer_from_pole()

    def _finishing_moment(self) -> datetime:
        """Most answers are finished in the last days before the due date, some at once, a few after it."""
        rng, due_at = self.rng, self.h.ticket["due_at"]
        chance = rng.random()
        if chance < _EARLY_SHARE:
            return POLE.moment(rng, self.h.now, rng.choice((0, 1, 1, 2)))
        if chance > 1 - _LATE_SHARE:
            return POLE.moment(rng, max(due_at, self.h.now), 1 + rng.expovariate(0.4))
        days_before = rng.choice((0, 0, 0, 1, 1, 2)) + (2 if self._is_relayed() else 0)
        return POLE.moment_on(rng, due_at.astimezone(PARIS).date(), days_before, not_before=self.h.now)

    def _call(self, *, is_urgent: bool) -> None:
        h, rng = self.h, self.rng
        h.wait_until(POLE.moment(rng, h.now, 0 if is_urgent else rng.choice((0, 1, 2))))
        h.say(MessageKind.CALL, self.jurist, self._phrase("call_summaries"))
        if rng.random() < 0.7:
            day = h.now.astimezone(PARIS).date()
            h.ticket["written_due_on"] = add_working_days(day, h.settings.written_confirmation_working_days)
        h.record(EventKind.CALL_NOTED, self.jurist)

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

    def _other_jurist(self) -> Actor:
        day = self.h.now.astimezone(PARIS).date()
        excluded = {self.jurist.person_id, *(row["person_id"] for row in self.h.conflicts)}
        others: list[Jurist] = [
            one
            for one in self.asking.network.jurists
            if one.starts_on <= day <= (one.ends_on or day) and one.person_id not in excluded
        ]
        return Actor(self.rng.choice(others).person_id, ActorRole.JURIST)

    def _note(self) -> None:
        is_for_pole = self.rng.random() < 0.15
        audience = Audience.POLE if is_for_pole else Audience.STAFF
        words = "pole_notes" if is_for_pole else "jurist_notes"
        self.h.say(MessageKind.NOTE, self.jurist, self._phrase(words), audience=audience)
        self.h.record(EventKind.NOTE_ADDED, self.jurist, audience=audience.value)

    def _maybe_ask_detail(self, actor: Actor, desk: Desk) -> None:
        """Stop the count until the asker says more; a silence ends by itself."""
        h, rng, pattern = self.h, self.rng, self.case.pattern
        if self.member is None or rng.random() > (0.3 if pattern.clarification else 0.1):
            return
        if actor.role is ActorRole.DELEGATE and h.ticket["delegate_id"] is None:
            h.ticket["delegate_id"] = actor.person_id
        place = rng.randrange(len(self.corpus.phrases["detail_requests"]))
        question = pattern.clarification or self.corpus.phrases["detail_requests"][place]
        reply = pattern.reply or self.corpus.phrases["detail_replies"][place]
        h.say(MessageKind.DETAIL_REQUEST, actor, self.case.filler.fill(question))
        h.move(Action.ASK_DETAIL, actor)
        if rng.random() < 0.88:
            hours = min(rng.lognormvariate(3.4, 1.0), 24 * 14)
            h.wait_until(member_moment(rng, h.now, hours, self.case.structure.tz))
            h.say(MessageKind.DETAIL, self.member, self.case.filler.fill(reply))
            h.move(Action.GIVE_DETAIL, self.member)
        else:
            # The first is the detail given on the phone, the second a silence.
            place = rng.randrange(2)
            h.wait_until(desk.moment(rng, h.now, (2, 9)[place]))
            h.say(MessageKind.NOTE, actor, self.corpus.phrases["resume_notes"][place], audience=Audience.STAFF)
            h.move(Action.RESUME, actor)
        h.wait_until(desk.moment(rng, h.now, rng.choice((0, 1, 1, 2))))

    def _answer_from_pole(self) -> None:
        h = self.h
        answer = self._answer(self.jurist, self._phrase("jurist_words"))
        if not self._is_relayed() or self.delegate is None:
            h.publish(answer, self.jurist, Action.ANSWER)
            return
        answer["published_at"] = None
        h.move(Action.ANSWER_BY_RELAY, self.jurist, message=answer)
        self._relay(answer, self.delegate)

    def _is_relayed(self) -> bool:
        ticket = self.h.ticket
        is_kept_close = ticket["is_sensitive"] or ticket["is_pole_only"] or ticket["urgency"] >= URGENT
        return ticket["delegation"] in self.asking.network.relayed and not is_kept_close

    def _relay(self, answer: Row, delegate: Actor) -> None:
        h, rng = self.h, self.rng
        limit = working_deadline(h.ticket["status_at"], h.settings.relay_working_days, self.place.zone, self.place.tz)
        moment = self.region.moment(rng, h.now, rng.choice((0, 0, 1, 1, 2)))
        if moment > limit:
            h.wait_until(limit + timedelta(minutes=1 + h.id % 9))
            h.publish(answer, SYSTEM, Action.RELAY)
            return
        h.wait_until(moment)
        if rng.random() < 0.04:
            self._return_answer(answer, delegate)
            return
        answer["body"] = self._phrase("relay_words")
        h.ticket["delegate_id"] = delegate.person_id
        h.publish(answer, delegate, Action.RELAY)

    def _return_answer(self, answer: Row, delegate: Actor) -> None:
        """The delegate gives the answer back; the second one leaves by the same way."""
        h = self.h
        h.say(MessageKind.NOTE, delegate, self._phrase("return_notes"), audience=Audience.STAFF)
        answer["kind"], answer["audience"] = MessageKind.NOTE, Audience.STAFF
        answer["body"] = answer["body"] or answer["in_brief"]
        h.move(Action.RETURN_FROM_RELAY, delegate, message=answer)
        h.wait_until(POLE.moment(self.rng, h.now, 1))
        self._answer_from_pole()

    def _answer(self, author: Actor, word: str, **fields: Any) -> Row:
        pattern = self.case.pattern
        steps = "\n".join(f"{number}. {step}" for number, step in enumerate(pattern.steps, 1))
        text: Row = {
            "in_brief": pattern.brief,
            "explanation": pattern.explanation,
            "actions": steps,
            "references": list(pattern.references),
            "law_as_of_on": self.h.now.astimezone(PARIS).date(),
        }
        return self.h.say(MessageKind.ANSWER, author, word, **(text | fields))

    # --- after the answer

    def _after(self) -> None:
        """Reading, verdict, correction, reopening, and at last the closing by the clock."""
        h = self.h
        while h.status is Status.ANSWERED:
            answer, answered_round = h.messages[-1], h.round
            closing_at = h.now + timedelta(days=h.settings.close_answered_days, minutes=1 + h.id % 9)
            planned = sorted(self._plan_after(answer), key=lambda one: one[0])
            for moment, step in planned:
                if h.round == answered_round and moment < closing_at:
                    h.wait_until(moment)
                    step()
            if h.round == answered_round:
                h.wait_until(closing_at)
                h.close(Action.CLOSE, CloseReason.ANSWERED, SYSTEM)

    def _plan_after(self, answer: Row) -> list[tuple[Any, Callable[[], None]]]:
        h, rng, tz = self.h, self.rng, self.case.structure.tz
        planned: list[tuple[Any, Callable[[], None]]] = []
        chances = [rng.random() for _ in range(4)]
        if chances[0] < 0.016:
            planned.append((POLE.moment(rng, h.now, rng.randrange(1, 15)), lambda: self._correct(answer)))
        if self.member is None or self.is_unread:
            return planned
        if chances[1] < 0.93:
            read_at = member_moment(rng, h.now, rng.lognormvariate(2.2, 1.2), tz)
            planned.append((read_at, self._read))
            if chances[2] < 0.33:
                said_at = member_moment(rng, read_at, rng.lognormvariate(2.5, 1.4), tz)
                planned.append((said_at, lambda: self._judge(answer)))
            if chances[3] < 0.035 and h.round == 1:
                planned.append((read_at + timedelta(days=rng.randrange(2, 22)), self._reopen))
        return planned

    def _read(self) -> None:
        assert self.member is not None  # noqa: S101 (planned for a member only)
        self.h.ticket["answer_read_at"] = self.h.now
        self.h.record(EventKind.ANSWER_READ, self.member)

    def _judge(self, answer: Row) -> None:
        assert self.member is not None  # noqa: S101 (planned for a member only)
        verdict = self.rng.choices(list(_VERDICTS), list(_VERDICTS.values()))[0]
        self.h.feedbacks.append(
            {
                "message": answer,
                "person_id": self.member.person_id,
                "verdict": verdict,
                "comment": self._phrase(_VERDICT_WORDS[verdict]),
                "given_at": self.h.now,
            }
        )
        self.h.record(EventKind.FEEDBACK_GIVEN, self.member, verdict=verdict.value)

    def _correct(self, answer: Row) -> None:
        h = self.h
        message = h.say(
            MessageKind.CORRECTION,
            self.jurist,
            in_brief=self._phrase("correction_briefs"),
            explanation=answer["explanation"],
            actions=answer["actions"],
            references=answer["references"],
            law_as_of_on=h.now.astimezone(PARIS).date(),
            replaces=answer,
            reason=self._phrase("correction_reasons"),
        )
        h.move(Action.CORRECT, self.jurist, message=message)
        h.ticket["answer_read_at"] = None

    def _reopen(self) -> None:
        assert self.member is not None  # noqa: S101 (planned for a member only)
        h, rng = self.h, self.rng
        is_pole = h.ticket["jurist_id"] is not None
        h.reopen(self.member, Status.STUDY if is_pole else Status.REGIONAL)
        h.say(MessageKind.ADDITION, self.member, self._phrase("reopenings"))
        author = self.jurist if is_pole else self.delegate or self.jurist
        desk = POLE if is_pole else self.region
        h.wait_until(desk.moment(rng, h.now, rng.choice((1, 2, 3, 4, 5, 6))))
        answer = self._answer(author, "", in_brief=self._phrase("reopened_briefs"), explanation="", actions="")
        if is_pole and self._is_relayed() and self.delegate:
            answer["published_at"] = None
            h.move(Action.ANSWER_BY_RELAY, self.jurist, message=answer)
            self._relay(answer, self.delegate)
        else:
            h.publish(answer, author, Action.ANSWER)

    def _phrase(self, name: str) -> str:
        return self.case.phrase(self.corpus, name)
