"""What other features do when something happens to a question: it tells what happened, never whom.

« tickets » imports neither « kb » nor « juri_ptce ». What a listener does is part of the same transaction.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from helpdesk.accounts.models import Person
from helpdesk.tickets.models import Message, Ticket


@dataclass(frozen=True)
class Facts:
    """What goes with a happening."""

    actor: Person | None = None
    """Who made it happen; none: the clock."""
    message: Message | None = None
    """Of an answer."""
    person: Person | None = None
    """Whom it befell, of a conflict of interest."""
    extras: Mapping[str, str] = field(default_factory=dict)
    """Of a question just sent: what other features put into its form, by name; as typed, to be checked."""


Listener = Callable[[Ticket, Facts], None]

SENT = "sent"
"""A question has just been sent by a member, typed in by the staff, or opened by a late follow-up."""
ANSWERING = "answering"
"""An answer is about to be given; a listener may refuse it by raising one of :mod:`helpdesk.errors`."""
ANSWERED = "answered"
"""An answer was given, and may still wait at the relay."""
CLOSING = "closing"
"""An answered question is about to be closed; a listener may refuse it in the same way."""
ENDED = "ended"
"""The question was closed, for whatever reason."""
MOVED = "moved"
"""The question was moved to another structure."""
EXCLUDED = "excluded"
"""Somebody has a conflict of interest with the question, and may neither see nor take it any more."""
ERASED = "erased"
"""The content of a question is being erased."""
PROPOSING = "proposing"
"""An entry of the knowledge base is about to be made from an answer; a listener may refuse it in the same way."""
HAPPENINGS = (SENT, ANSWERING, ANSWERED, CLOSING, ENDED, MOVED, EXCLUDED, ERASED, PROPOSING)

_LISTENERS: dict[str, list[Listener]] = defaultdict(list)


def when(happening: str) -> Callable[[Listener], Listener]:
    """Declare what is done when *happening* befalls a question.

    :raises ValueError: for what nothing tells of.
    """
    HAPPENINGS.index(happening)

    def declare(listener: Listener) -> Listener:
        if listener not in _LISTENERS[happening]:
            _LISTENERS[happening].append(listener)
        return listener

    return declare


def tell(happening: str, ticket: Ticket, facts: Facts = Facts()) -> None:
    """Run what was declared, in the transaction under way."""
    for listener in _LISTENERS[happening]:
        listener(ticket, facts)
