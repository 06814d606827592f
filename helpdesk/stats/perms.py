"""Who sees which figures: the pole all of them, a delegate those of their delegations, nobody else any."""

from dataclasses import dataclass

from helpdesk.accounts.models import Person
from helpdesk.tickets.enums import Channel, Tier

NATIONAL = ""
"""The national queue, among the delegations of a selection."""


@dataclass(frozen=True)
class Selection:
    """The questions that are counted. *delegations*: none means all, and the national queue.

    *topic*: a domain or one of its topics. *answered_by*: the tier that answered; what has no answer is then left out.
    """

    delegations: frozenset[str] | None = None
    topic: str = ""
    typology: str = ""
    channel: Channel | None = None
    answered_by: Tier | None = None


def can_see_figures(person: Person) -> bool:
    return person.is_staff


def can_see_all(person: Person) -> bool:
    """The figures of every delegation, small numbers included."""
    return person.is_pole


def can_freeze(person: Person) -> bool:
    """Keep a year as it was told."""
    return person.is_lead


def widest(person: Person) -> Selection:
    """All that *person* may have counted. For nobody of the staff: nothing."""
    return Selection(None if can_see_all(person) else person.delegations)
