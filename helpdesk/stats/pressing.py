"""How an open question that presses is told, on « Délais » and in the mail of the week: by when, where, with whom."""

from datetime import datetime

from helpdesk.accounts.models import Person
from helpdesk.reference import get_reference
from helpdesk.tickets.deadlines import end_of_day
from helpdesk.tickets.enums import Status
from helpdesk.tickets.queries.rows import TicketRow


def presses_at(row: TicketRow) -> datetime:
    """The earlier of the service's date and of the end of the legal one, in UTC."""
    return min(row.due_at, end_of_day(row.legal_deadline_on)) if row.legal_deadline_on else row.due_at


def holder_name(row: TicketRow) -> str:
    """Who has the question; empty where it waits for somebody."""
    holders = {Status.STUDY: row.jurist, Status.REGIONAL: row.delegate}
    return holders.get(row.status) or ""


def holder_text(row: TicketRow, reader: Person) -> str:
    """Who has the question, or where it waits for somebody; *reader* is told what waits for their own word."""
    if name := holder_name(row):
        return f"confiée à {name}"
    match row.status:
        # A name is enough: whoever bears it in that delegation may give the word.
        case Status.RELAY if row.delegation in reader.delegations and row.delegate in (None, reader.full_name):
            return "attend votre mot"
        case Status.RELAY:
            return f"au relais, {row.delegate}" if row.delegate else "au relais"
        case Status.TRIAGE:
            return "à trier"
        case _:
            return "file du pôle"


def place_text(row: TicketRow) -> str:
    """The delegation; without one, the queue where it is to be triaged, and nothing once somebody has it."""
    known = get_reference().delegations.get(row.delegation or "")
    if known:
        return known.name
    return "file nationale" if row.status is Status.TRIAGE else ""
