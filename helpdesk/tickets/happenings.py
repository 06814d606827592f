"""What other features do when something happens to a question: it tells what happened, never whom.

« tickets » imports neither « kb » nor « juri_ptce ». What a listener does is part of the same transaction.
"""

from collections import defaultdict
from collections.abc import Callable

from helpdesk.tickets.models import Ticket

Listener = Callable[[Ticket], None]

ERASED = "erased"
"""The content of a question is being erased."""
HAPPENINGS = (ERASED,)

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


def tell(happening: str, ticket: Ticket) -> None:
    """Run what was declared, in the transaction under way."""
    for listener in _LISTENERS[happening]:
        listener(ticket)
