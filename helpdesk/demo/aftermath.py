"""What becomes of an answer: read, judged, corrected, reopened, and closed at last by the clock."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from helpdesk.demo.gestures import POLE, Gestures
from helpdesk.demo.history import SYSTEM, Row
from helpdesk.demo.moments import member_moment
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.enums import (
    Action,
    CloseReason,
    EventKind,
    MessageKind,
    Status,
    Verdict,
)

_VERDICTS = {Verdict.USEFUL: 82, Verdict.NOT_APPLIED: 8, Verdict.CHANGED: 10}
_VERDICT_WORDS = {
    Verdict.USEFUL: "useful_comments",
    Verdict.NOT_APPLIED: "not_applied_comments",
    Verdict.CHANGED: "changed_comments",
}


class Aftermath(Gestures):
    """The life of a question once it is answered."""

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
        place = self.rng.randrange(len(self.corpus.phrases["correction_reasons"]))
        message = h.say(
            MessageKind.CORRECTION,
            self.jurist,
            in_brief=self.corpus.phrases["correction_briefs"][place],
            explanation=answer["explanation"],
            actions=answer["actions"],
            references=answer["references"],
            law_as_of_on=h.now.astimezone(PARIS).date(),
            replaces=answer,
            reason=self.corpus.phrases["correction_reasons"][place],
        )
        h.move(Action.CORRECT, self.jurist, message=message)
        h.ticket["answer_read_at"] = None

    def _reopen(self) -> None:
        assert self.member is not None  # noqa: S101 (planned for a member only)
        h, rng = self.h, self.rng
        is_pole = h.ticket["jurist_id"] is not None
        h.reopen(self.member, Status.STUDY if is_pole else Status.REGIONAL)
        place = rng.randrange(len(self.corpus.phrases["reopenings"]))
        h.say(MessageKind.ADDITION, self.member, self.corpus.phrases["reopenings"][place])
        author = self.jurist if is_pole else self.delegate or self.jurist
        desk = POLE if is_pole else self.region
        h.wait_until(desk.moment(rng, h.now, rng.choice((1, 2, 3, 4, 5, 6))))
        answer = self._answer(
            author, "", in_brief=self.corpus.phrases["reopened_briefs"][place], explanation="", actions=""
        )
        if is_pole and self._is_relayed() and self.delegate:
            answer["published_at"] = None
            h.move(Action.ANSWER_BY_RELAY, self.jurist, message=answer)
            self._relay(answer, self.delegate)
        else:
            h.publish(answer, author, Action.ANSWER)
