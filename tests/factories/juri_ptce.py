"""Sessions, PTCE and their questions, for the tests."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import SessionStatus
from helpdesk.juri_ptce.models import JuriSession, PtceDetails, PtceProfile, SessionHost, Slot
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import day, make_asker, make_ticket

PARIS = ZoneInfo("Europe/Paris")
STARTS = (time(14, 0), time(14, 55), time(15, 50), time(16, 45))
SLOT = timedelta(minutes=45)


def at(text: str) -> datetime:
    """« 2027-03-02 14:00 », in Paris."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def make_session(
    on: str = "2027-03-02", *, hosts: tuple[Person, ...] = (), seats: int = 1, **values: Any
) -> JuriSession:
    """An open session of four slots on a day of Paris, its cut-off a week before."""
    session_day = day(on)
    starts = [datetime.combine(session_day, one, PARIS) for one in STARTS]
    session = JuriSession(
        **{
            "month_on": session_day.replace(day=1),
            "starts_at": starts[0],
            "ends_at": starts[-1] + SLOT,
            "status": SessionStatus.SCHEDULED,
            "cut_off_at": starts[0] - timedelta(days=7),
            "created_at": starts[0] - timedelta(days=300),
            **values,
        }
    )
    session.slots = [Slot(starts_at=one, ends_at=one + SLOT, seats=seats) for one in starts]
    session.hosts = [SessionHost(person_id=person.id) for person in hosts]
    db.session.add(session)
    db.session.commit()
    return session


def make_ptce(*, is_entitled: bool = True, **values: Any) -> Organisation:
    """A PTCE, laureate unless told otherwise. La Réunion: ``departement="974"``, with its ``delegation``."""
    ptce = OrganisationFactory(ptce=True, **values)
    db.session.add(PtceProfile(organisation_id=ptce.id, has_charter=is_entitled))
    db.session.commit()
    return ptce


def make_ptce_question(ptce: Organisation | None = None, asker: Person | None = None, **values: Any) -> Ticket:
    """A question of Juri-PTCE; see :func:`tests.factories.tickets.make_ticket` for *values*."""
    asker = asker or make_asker(ptce or make_ptce())
    ticket = make_ticket(asker, **values)
    if db.session.get(PtceDetails, ticket.id) is None:
        db.session.add(PtceDetails(ticket_id=ticket.id))
    db.session.commit()
    return ticket


def make_partner() -> Person:
    """A jurist of the partner network."""
    return PersonFactory(partner_jurist=True)
