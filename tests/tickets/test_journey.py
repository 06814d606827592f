"""A question's history in its asker's words."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from helpdesk import icons
from helpdesk.tickets import journey
from helpdesk.tickets.enums import Action, EventKind

START = datetime(2026, 12, 1, 8, tzinfo=UTC)
INTERNAL = {
    EventKind.NOTE_ADDED,
    EventKind.URGENCY_CHANGED,
    EventKind.CONFLICT_DECLARED,
    EventKind.POLE_ONLY_SET,
    EventKind.WARNED,
    EventKind.DELEGATION_COPIED,
    Action.HAND_OVER,
    Action.RELEASE,
    Action.ANSWER_BY_RELAY,
    Action.RETURN_FROM_RELAY,
}


@dataclass
class Event:
    kind: str
    at: datetime = START


def told(*kinds: str) -> list[str]:
    return [step.text for step in journey.steps([Event(kind) for kind in kinds])]


def test_what_is_internal_is_not_told() -> None:
    assert told(*INTERNAL) == []


def test_a_question_handed_over_is_told_once() -> None:
    assert told(Action.TRANSMIT, Action.TAKE, Action.RELEASE, Action.TAKE) == [
        "Transmise à nos juristes",
        "À l’étude par nos juristes",
    ]


def test_steps_keep_their_order_and_their_moment() -> None:
    later = START + timedelta(days=3)
    steps = journey.steps([Event(EventKind.RECEIVED), Event(Action.ANSWER, later)])
    assert [(step.text, step.at) for step in steps] == [("Question reçue", START), ("Réponse envoyée", later)]


def test_every_step_has_an_icon_that_exists() -> None:
    kinds = [*Action, *EventKind]
    assert {step.icon for step in journey.steps(Event(kind) for kind in kinds)} <= set(icons.SYMBOLS)
