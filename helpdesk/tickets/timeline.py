"""A question's history in words for the staff: who did what, and to whom. Pure.

What a message of the thread already tells is not told again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from helpdesk.formats import clock_text, day_text
from helpdesk.reference import get_reference
from helpdesk.tickets.enums import Action, ActorRole, EventKind, Urgency, Verdict


class Event(Protocol):
    """A line of the history."""

    @property
    def kind(self) -> str: ...

    @property
    def actor_id(self) -> int | None: ...

    @property
    def actor_role(self) -> ActorRole: ...

    @property
    def at(self) -> datetime: ...

    @property
    def data(self) -> Mapping[str, Any]: ...

    @property
    def past_label(self) -> str: ...


@dataclass(frozen=True)
class Line:
    """An event between two messages; *icon* is a name of the icons of the interface."""

    text: str
    icon: str
    at: datetime


TOLD_BY_MESSAGE = frozenset(
    {
        EventKind.RECEIVED,
        EventKind.MESSAGE_ADDED,
        EventKind.NOTE_ADDED,
        EventKind.CALL_NOTED,
        Action.ASK_DETAIL,
        Action.GIVE_DETAIL,
        Action.ANSWER,
        Action.CORRECT,
    }
)
_WORDS: dict[str, str] = {
    Action.TAKE: "Prise en charge",
    Action.TAKE_REGIONAL: "Prise en charge",
    Action.HAND_OVER: "Confiée",
    Action.RESUME: "Reprise, sans attendre la précision,",
    EventKind.ANSWER_READ: "Réponse lue",
}
_ICONS: dict[str, str] = {
    Action.TRANSMIT: "envoi",
    Action.TAKE: "balance",
    Action.HAND_OVER: "echange",
    Action.SEND_BACK: "fleche-g",
    Action.RELAY: "envoi",
    Action.ANSWER_BY_RELAY: "relais",
    Action.RETURN_FROM_RELAY: "fleche-g",
    Action.REOPEN: "echange",
    EventKind.URGENCY_CHANGED: "urgence",
    EventKind.DEADLINE_SET: "calendrier",
    EventKind.SENSITIVE_SET: "cadenas",
    EventKind.POLE_ONLY_SET: "cadenas",
    EventKind.ANSWER_READ: "lecture",
    EventKind.WARNED: "alerte",
    EventKind.TARGET_PASSED: "retard",
    EventKind.LAW_CHANGED: "livre",
    EventKind.CALL_OFFERED: "calendrier",
    EventKind.CALL_BOOKED: "calendrier",
    EventKind.CALL_CONFIRMED: "calendrier",
    EventKind.CALL_MOVED: "calendrier",
    EventKind.CALL_CANCELLED: "calendrier",
}
_CLOSINGS = (
    Action.CLOSE,
    Action.MARK_DUPLICATE,
    Action.MARK_OUT_OF_SCOPE,
    Action.CLOSE_BY_FAQ,
    Action.WITHDRAW,
    EventKind.CONTENT_ERASED,
    EventKind.ATTACHMENT_PURGED,
)


def lines(events: Iterable[Event], names: Mapping[int, str], *, reader_id: int) -> list[Line]:
    """The events that no message tells, in words; *names*: full names by id of the people they speak of."""
    return [_line(event, names, reader_id) for event in events if event.kind not in TOLD_BY_MESSAGE]


def people_in(events: Iterable[Event]) -> set[int]:
    """The ids of everybody whose name :func:`lines` needs."""
    found: set[int] = set()
    for event in events:
        ids = (event.actor_id, event.data.get("to_id"), event.data.get("person_id"))
        found.update(one for one in ids if isinstance(one, int))
    return found


def _line(event: Event, names: Mapping[int, str], reader_id: int) -> Line:
    detail = _moment(event.data.get("starts_at")) or _detail(event, names, reader_id)
    words = _WORDS.get(event.kind, event.past_label) + detail
    author = _author(event, names, reader_id)
    joint = ", " if author and ":" in words else " " if author else ""
    icon = "boite" if event.kind in _CLOSINGS else _ICONS.get(event.kind, "personne")
    return Line(words + joint + author, icon, event.at)


def _author(event: Event, names: Mapping[int, str], reader_id: int) -> str:
    if event.actor_id is not None:
        return "par vous" if event.actor_id == reader_id else f"par {names.get(event.actor_id, 'une autre personne')}"
    if event.actor_role is ActorRole.SYSTEM and event.kind in set(Action):
        return "automatiquement"
    return ""


def _detail(event: Event, names: Mapping[int, str], reader_id: int) -> str:
    """What changed; the data hold identifiers and values of enums only."""
    data = event.data
    match event.kind:
        case Action.HAND_OVER:
            return f" à {_name(data.get('to_id'), names, reader_id)}"
        case EventKind.CONFLICT_DECLARED | EventKind.SHARED:
            return f" : {_name(data.get('person_id'), names, reader_id)}"
        case EventKind.TOPIC_CHANGED:
            topic = get_reference().topics.get(str(data.get("after")))
            return f" : {topic.label}" if topic else ""
        case EventKind.URGENCY_CHANGED:
            return f" : {Urgency(data['after']).label.lower()}" if data.get("after") in set(Urgency) else ""
        case EventKind.DEADLINE_SET:
            return f" : {_short_day(data.get('day'))}"
        case EventKind.DELEGATION_COPIED | EventKind.DELEGATION_CHANGED:
            return _delegation(data.get("delegation", data.get("after")))
        case EventKind.FEEDBACK_GIVEN:
            return f" : « {Verdict(data['verdict']).label} »" if data.get("verdict") in set(Verdict) else ""
    return ""


def _delegation(code: str | None) -> str:
    if code is None:
        return " : file nationale"
    delegation = get_reference().delegations.get(code)
    return f" : {delegation.name}" if delegation else ""


def _moment(starts_at: object) -> str:
    """When a call is, in Paris."""
    at = datetime.fromisoformat(starts_at) if isinstance(starts_at, str) else None
    return f" : {day_text(at)}, {clock_text(at)}" if at else ""


def _name(person_id: object, names: Mapping[int, str], reader_id: int) -> str:
    if person_id == reader_id:
        return "vous"
    return names.get(person_id, "une autre personne") if isinstance(person_id, int) else "une autre personne"


def _short_day(day: object) -> str:
    return date.fromisoformat(day).strftime("%d/%m/%Y") if isinstance(day, str) else "aucune"
