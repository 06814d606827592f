"""What the people of a question do and say, one gesture at a time; every step goes through :class:`History`."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from helpdesk.demo.asking import Asking, Case
from helpdesk.demo.corpus import Corpus
from helpdesk.demo.history import SYSTEM, Actor, History, Row
from helpdesk.demo.moments import Desk, member_moment, whole_days
from helpdesk.demo.network import Jurist
from helpdesk.reference import get_reference
from helpdesk.reference.holidays import add_working_days
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.deadlines import working_deadline
from helpdesk.tickets.enums import (
    Action,
    ActorRole,
    Audience,
    EventKind,
    MessageKind,
)

POLE = Desk()
URGENT = 2
_EARLY_SHARE, _LATE_SHARE = 0.11, 0.03
_OVERLOADED = {"hauts-de-france": 0.4, "paca-corse": 0.06, "ile-de-france": 0.08}
"""Delegations that pass on late and briefly, so that more answers leave late."""
_HARD = {"public": 0.08, "associations": 0.05, "fiscal": 0.05}
"""Domains whose answers take research."""
_FINISHED_ON = (5, 6, 6, 7, 7, 8, 8, 9, 9, 10)


class Gestures:
    """The people around one question, and what each may do with it."""

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

    def _orient(self, actor: Actor, text: str) -> None:
        if actor.role is ActorRole.DELEGATE:
            self.h.ticket["delegate_id"] = self.h.ticket["delegate_id"] or actor.person_id
        self.h.say(MessageKind.ORIENTATION, actor, text)

    def _take_on(self, jurist: Actor) -> None:
        self.jurist = jurist
        self.h.ticket["jurist_id"] = jurist.person_id
        self.h.move(Action.TAKE, jurist)
        self._mark(jurist)

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
        moment = self.region.moment(rng, h.now, rng.choice((0, 0, 0, 1, 2)))
        if moment > limit:
            h.wait_until(limit + timedelta(minutes=1 + h.id % 9))
            h.publish(answer, SYSTEM, Action.RELAY, has_word=False)
            return
        h.wait_until(moment)
        if rng.random() < 0.04:
            self._return_answer(answer, delegate)
            return
        answer["body"] = self._phrase("relay_words")
        h.ticket["delegate_id"] = delegate.person_id
        h.publish(answer, delegate, Action.RELAY, has_word=True)

    def _return_answer(self, answer: Row, delegate: Actor) -> None:
        """The delegate gives the answer back; the second one leaves by the same way."""
        h = self.h
        h.say(MessageKind.NOTE, delegate, self._phrase("return_notes"), audience=Audience.STAFF)
        answer["kind"], answer["audience"] = MessageKind.NOTE, Audience.STAFF
        h.move(Action.RETURN_FROM_RELAY, delegate, message=answer)
        h.wait_until(POLE.moment(self.rng, h.now, 1))
        self._answer_from_pole()

    def _finishing_moment(self) -> datetime:
        """Some answers are finished at once, most before the tenth day, a few in the days after the due one."""
        rng, h = self.rng, self.h
        chance = rng.random()
        if chance < _EARLY_SHARE:
            return POLE.moment(rng, h.now, rng.choice((0, 1, 1, 2)))
        if chance > 1 - self._late_share:
            days_late = rng.choice((0, 0, 0, 0, 1, 1, 1, 2, 2 + rng.expovariate(0.4)))
            return POLE.moment_by(rng, _day(h.ticket["due_at"]), not_before=h.now, days_late=round(days_late))
        days = rng.choice(_FINISHED_ON) - (3 if self._is_relayed() else 0)
        last_on = _day(h.clock["started_at"]) + timedelta(days=days) + whole_days(h.times.waited)
        return POLE.moment_by(rng, last_on, not_before=h.now)

    @property
    def _is_overloaded(self) -> bool:
        return self.h.ticket["delegation"] in _OVERLOADED

    @property
    def _late_share(self) -> float:
        domain = self.case.pattern.topic.partition("/")[0]
        return _LATE_SHARE + _OVERLOADED.get(self.h.ticket["delegation"] or "", 0) + _HARD.get(domain, 0)

    def _call(self, *, is_urgent: bool) -> None:
        h, rng = self.h, self.rng
        h.wait_until(POLE.moment(rng, h.now, 0 if is_urgent else rng.choice((0, 1, 2))))
        h.say(MessageKind.CALL, self.jurist, self._phrase("call_summaries"))
        if rng.random() < 0.7:
            day = h.now.astimezone(PARIS).date()
            h.ticket["written_due_on"] = add_working_days(day, h.settings.written_confirmation_working_days)
        h.record(EventKind.CALL_NOTED, self.jurist)

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

    def _other_jurist(self) -> Actor:
        day = self.h.now.astimezone(PARIS).date()
        excluded = {self.jurist.person_id, *(row["person_id"] for row in self.h.conflicts)}
        others: list[Jurist] = [
            one
            for one in self.asking.network.jurists
            if one.starts_on <= day <= (one.ends_on or day) and one.person_id not in excluded
        ]
        return Actor(self.rng.choice(others).person_id, ActorRole.JURIST)

    def _phrase(self, name: str) -> str:
        return self.case.phrase(self.corpus, name)


def _day(moment: datetime) -> date:
    """Its day in Europe/Paris."""
    return moment.astimezone(PARIS).date()
