"""When an entry is to be read again. Pure."""

from collections.abc import Iterable
from datetime import date

from helpdesk.reference import get_reference
from helpdesk.tickets.deadlines import add_months

REMINDER_DAYS = 7
"""An owner is reminded of the same entry once a week at most."""


def months_of(topics: Iterable[str], default_months: int) -> int:
    """The shortest period of *topics*, *default_months* (``REVIEW_MONTHS``) where none has its own."""
    known = get_reference().topics
    own = [known[code].review_months for code in topics if code in known]
    return min((months for months in own if months is not None), default=default_months)


def review_on(up_to_date_on: date, topics: Iterable[str], default_months: int) -> date:
    """The day from which an entry that was true on *up_to_date_on* is to be read again."""
    return add_months(up_to_date_on, months_of(topics, default_months))
