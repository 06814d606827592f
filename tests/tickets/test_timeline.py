"""The history of a question in words for the staff."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from helpdesk.tickets.enums import Action, ActorRole, EventKind
from helpdesk.tickets.timeline import TOLD_BY_MESSAGE, lines, people_in

AT = datetime(2026, 12, 3, 9, 12, tzinfo=UTC)
ME, OTHER, THIRD = 1, 2, 3
NAMES = {ME: "Nadia Benali", OTHER: "Maïwenn Le Bihan", THIRD: "Marc Lefèvre"}


@dataclass
class Event:
    kind: str
    actor_id: int | None = OTHER
    actor_role: ActorRole = ActorRole.DELEGATE
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime = AT

    @property
    def past_label(self) -> str:
        is_action = self.kind in set(Action)
        return Action(self.kind).past_label if is_action else EventKind(self.kind).past_label


def words(*events: Event) -> list[str]:
    return [line.text for line in lines(events, NAMES, reader_id=ME)]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Event(Action.TRANSMIT), "Transmise au pôle juridique par Maïwenn Le Bihan"),
        (Event(Action.TAKE, ME), "Prise en charge par vous"),
        (Event(Action.TRANSMIT, None, ActorRole.SYSTEM), "Transmise au pôle juridique automatiquement"),
        (Event(Action.HAND_OVER, ME, data={"to_id": THIRD}), "Confiée à Marc Lefèvre par vous"),
        (Event(Action.HAND_OVER, data={"to_id": ME}), "Confiée à vous par Maïwenn Le Bihan"),
        (Event(Action.HAND_OVER, data={"to_id": 99}), "Confiée à une autre personne par Maïwenn Le Bihan"),
        (Event(EventKind.URGENCY_CHANGED, data={"after": 2}), "Urgence modifiée : urgente, par Maïwenn Le Bihan"),
        (Event(EventKind.URGENCY_CHANGED, data={"after": 9}), "Urgence modifiée par Maïwenn Le Bihan"),
        (
            Event(EventKind.DEADLINE_SET, data={"day": "2026-12-14"}),
            "Date limite légale renseignée : 14/12/2026, par Maïwenn Le Bihan",
        ),
        (
            Event(EventKind.DELEGATION_CHANGED, data={"before": "bretagne", "after": "normandie"}),
            "Rattachée à une autre délégation : Normandie, par Maïwenn Le Bihan",
        ),
        (
            Event(EventKind.DELEGATION_CHANGED, data={"before": "bretagne", "after": None}),
            "Rattachée à une autre délégation : file nationale, par Maïwenn Le Bihan",
        ),
        (
            Event(EventKind.CALL_MOVED, data={"appointment_id": 7, "starts_at": "2027-04-06T12:00:00+00:00"}),
            "Rendez-vous déplacé : 6\u00a0avril\u00a02027, 14\u00a0h, par Maïwenn Le Bihan",
        ),
        (Event(EventKind.CALL_BOOKED, ME), "Rendez-vous pris par vous"),
        (Event(EventKind.WARNED, None, ActorRole.SYSTEM), "Alerte : deux jours restants"),
        (Event(Action.MARK_OUT_OF_SCOPE), "Close : hors de notre champ, par Maïwenn Le Bihan"),
    ],
)
def test_an_event_says_who_did_what(event: Event, expected: str) -> None:
    assert words(event) == [expected]


def test_what_a_message_tells_is_not_told_again() -> None:
    assert words(*(Event(kind) for kind in TOLD_BY_MESSAGE)) == []


@pytest.mark.parametrize("kind", [*Action, *EventKind])
def test_every_event_can_be_told_whatever_its_data(kind: str) -> None:
    assert all("None" not in line for line in words(Event(kind), Event(kind, None, ActorRole.SYSTEM)))


def test_the_people_named_are_looked_up_together() -> None:
    events = [Event(Action.HAND_OVER, ME, data={"to_id": THIRD}), Event(EventKind.WARNED, None)]
    assert people_in(events) == {ME, THIRD}
