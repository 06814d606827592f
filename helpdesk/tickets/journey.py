"""A question's history in the words of the person who asked: dated steps, nothing internal, no names. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk.tickets.enums import Action, EventKind


class Event(Protocol):
    """A line of the history."""

    @property
    def kind(self) -> str: ...

    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True)
class Step:
    """A dated step; *icon* is a name of the icons of the interface."""

    text: str
    icon: str
    at: datetime


_WORDS: dict[str, tuple[str, str]] = {
    EventKind.RECEIVED: ("Question reçue", "coche"),
    EventKind.LINKED: ("Suite d’une question close", "echange"),
    EventKind.MESSAGE_ADDED: ("Question complétée", "plus"),
    EventKind.TARGET_PASSED: ("Date dépassée : nous vous avons écrit", "courriel"),
    EventKind.CALL_NOTED: ("Échange téléphonique", "telephone"),
    Action.TAKE_REGIONAL: ("À l’étude par votre délégation", "personne"),
    Action.TRANSMIT: ("Transmise à nos juristes", "envoi"),
    Action.TAKE: ("À l’étude par nos juristes", "balance"),
    Action.SEND_BACK: ("Revenue à votre délégation", "personne"),
    Action.ASK_DETAIL: ("Une précision vous est demandée", "question"),
    Action.GIVE_DETAIL: ("Précision reçue", "coche"),
    Action.RESUME: ("Étude reprise", "lecture"),
    Action.ANSWER: ("Réponse envoyée", "bulle"),
    Action.RELAY: ("Réponse envoyée", "bulle"),
    Action.CORRECT: ("Réponse rectifiée", "crayon"),
    Action.MARK_DUPLICATE: ("Close : déjà posée", "boite"),
    Action.MARK_OUT_OF_SCOPE: ("Close : une autre adresse vous est indiquée", "boite"),
    Action.CLOSE_BY_FAQ: ("Close : la FAQ répond", "livre"),
    Action.WITHDRAW: ("Question retirée", "croix"),
    Action.CLOSE: ("Question close", "boite"),
    Action.REOPEN: ("Question rouverte", "echange"),
}


def steps(events: Iterable[Event]) -> list[Step]:
    """The steps that the asker sees, oldest first; a step repeated behind the scenes is told once."""
    told: list[Step] = []
    for event in events:
        words = _WORDS.get(event.kind)
        if words is not None and (not told or told[-1].text != words[0]):
            told.append(Step(*words, at=event.at))
    return told
