"""One table of transitions: what moves a question, from where to where, and who may do it.

``docs/parcours.md`` draws its diagram from this table.
"""

from dataclasses import dataclass

from helpdesk.errors import InvalidTransition
from helpdesk.tickets.enums import Action, ActorRole, Status

MEMBER, DELEGATE, JURIST, SYSTEM = ActorRole.MEMBER, ActorRole.DELEGATE, ActorRole.JURIST, ActorRole.SYSTEM
TRIAGE, REGIONAL, POLE, STUDY = Status.TRIAGE, Status.REGIONAL, Status.POLE, Status.STUDY
WAITING, RELAY, ANSWERED, CLOSED = Status.WAITING, Status.RELAY, Status.ANSWERED, Status.CLOSED
DESKS = (TRIAGE, REGIONAL, POLE, STUDY)
"""Statuses in which somebody of the staff has to act."""


@dataclass(frozen=True)
class Transition:
    """*target* empty: :func:`next_status` tells it from the present status or from ``returns_to``."""

    sources: tuple[Status, ...]
    target: Status | None
    roles: tuple[ActorRole, ...]


TRANSITIONS: dict[Action, Transition] = {
    Action.TAKE_REGIONAL: Transition((TRIAGE,), REGIONAL, (DELEGATE,)),
    Action.TRANSMIT: Transition((TRIAGE, REGIONAL), POLE, (DELEGATE, JURIST, SYSTEM)),
    Action.TAKE: Transition((TRIAGE, REGIONAL, POLE, STUDY), STUDY, (JURIST,)),
    Action.HAND_OVER: Transition((REGIONAL, POLE, STUDY), None, (DELEGATE, JURIST)),
    Action.RELEASE: Transition((REGIONAL, STUDY), None, (DELEGATE, JURIST, SYSTEM)),
    Action.SEND_BACK: Transition((POLE, STUDY), TRIAGE, (JURIST,)),
    Action.ASK_DETAIL: Transition(DESKS, WAITING, (DELEGATE, JURIST)),
    Action.GIVE_DETAIL: Transition((WAITING,), None, (MEMBER,)),
    Action.RESUME: Transition((WAITING,), None, (DELEGATE, JURIST)),
    Action.ANSWER: Transition(DESKS, ANSWERED, (DELEGATE, JURIST)),
    Action.ANSWER_BY_RELAY: Transition((TRIAGE, POLE, STUDY), RELAY, (JURIST,)),
    Action.RELAY: Transition((RELAY,), ANSWERED, (DELEGATE, SYSTEM)),
    Action.RETURN_FROM_RELAY: Transition((RELAY,), STUDY, (DELEGATE, SYSTEM)),
    Action.CORRECT: Transition((ANSWERED, CLOSED), None, (DELEGATE, JURIST)),
    Action.MARK_DUPLICATE: Transition(DESKS, CLOSED, (DELEGATE, JURIST)),
    Action.MARK_OUT_OF_SCOPE: Transition(DESKS, CLOSED, (DELEGATE, JURIST)),
    Action.CLOSE_BY_FAQ: Transition((TRIAGE, REGIONAL, WAITING), CLOSED, (MEMBER, DELEGATE, JURIST)),
    Action.WITHDRAW: Transition((*DESKS, WAITING), CLOSED, (MEMBER, DELEGATE, JURIST)),
    Action.CLOSE: Transition((ANSWERED,), CLOSED, (DELEGATE, JURIST, SYSTEM)),
    Action.REOPEN: Transition((ANSWERED, CLOSED), None, (MEMBER,)),
}
RETURNING = (Action.GIVE_DETAIL, Action.RESUME, Action.REOPEN)
"""Actions that lead back to the desk given by ``returns_to``."""


def next_status(status: Status, action: Action, *, returns_to: Status | None = None) -> Status:
    """The status after *action*.

    :param returns_to: the desk that gets the question back; needed by the actions of ``RETURNING`` only.
    :raises InvalidTransition: if *action* does not fit *status*.
    """
    transition = TRANSITIONS[action]
    if status not in transition.sources:
        raise InvalidTransition
    if action in RETURNING:
        if returns_to not in DESKS:
            raise InvalidTransition
        return returns_to
    if action is Action.HAND_OVER:
        return STUDY if status is POLE else status
    if action is Action.RELEASE:
        return POLE if status is STUDY else TRIAGE
    return transition.target or status


def may_play(action: Action, role: ActorRole) -> bool:
    """Whether *role* ever does *action*; the permission functions decide on which question."""
    return role in TRANSITIONS[action].roles
