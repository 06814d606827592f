"""What each page asks of the database: bounded, and the same whatever the number of questions."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import make_asker, make_ticket
from tests.support.queries import count_queries

FEW, MANY = 6, 60
STATUSES = (Status.STUDY, Status.TRIAGE, Status.POLE, Status.REGIONAL, Status.WAITING, Status.ANSWERED)


class Case(NamedTuple):
    """A page as one role opens it; *count* is the number of statements it may run, the session's own included."""

    role: str
    url: str
    count: int


PAGES = [
    Case("member", "/", 9),
    Case("member", "/mes-questions", 4),
    Case("member", "/mes-questions?section=en-cours", 4),
    Case("member", "/mes-questions?q=immersion", 4),
    Case("member", "/questions/poser", 4),
    Case("member", "/questions/{own}", 9),
    Case("member", "/questions/{own}/envoyee", 6),
    Case("member", "/questions/{own}/imprimer", 4),
    Case("member", "/mon-compte", 2),
    Case("delegate", "/a-trier", 7),
    Case("delegate", "/a-trier?vue=au-pole", 3),
    Case("delegate", "/questions", 4),
    Case("delegate", "/questions/{triage}", 13),
    Case("delegate", "/saisir", 2),
    Case("delegate", "/adherents", 5),
    Case("delegate", "/adherents/{structure}", 6),
    Case("jurist", "/ma-file", 3),
    Case("jurist", "/ma-file?vue=pole", 3),
    Case("jurist", "/ma-file?vue=en-retard", 3),
    Case("jurist", "/questions", 4),
    Case("jurist", "/questions?q=immersion&page=2", 4),
    Case("jurist", "/questions/{study}", 14),
    Case("jurist", "/questions/{study}/imprimer", 4),
    Case("lead", "/equipe", 5),
    Case("lead", "/equipe/{jurist}", 8),
    Case("lead", "/questions", 4),
    Case("admin", "/administration/", 5),
    Case("admin", "/administration/personnes", 5),
]


class Service:
    """Some people of each role, and questions in every open state."""

    def __init__(self) -> None:
        self.structure = OrganisationFactory()
        self.people: dict[str, Person] = {
            "member": make_asker(self.structure),
            "delegate": PersonFactory(delegate=True, can_answer=True),
            "jurist": PersonFactory(jurist=True),
            "lead": PersonFactory(lead=True),
            "admin": PersonFactory(admin=True),
        }
        self.made = 0

    def grow(self, total: int) -> None:
        """Ask more questions until there are *total* of them."""
        while self.made < total:
            make_ticket(
                self.people["member"],
                status=STATUSES[self.made % len(STATUSES)],
                delegate=self.people["delegate"],
                jurist=self.people["jurist"],
            )
            self.made += 1

    def places(self) -> dict[str, Any]:
        """What the addresses of the pages name."""
        with_status = {status: self._first(status) for status in (Status.STUDY, Status.TRIAGE)}
        return {
            "own": with_status[Status.STUDY],
            "study": with_status[Status.STUDY],
            "triage": with_status[Status.TRIAGE],
            "structure": self.structure.id,
            "jurist": self.people["jurist"].id,
        }

    def _first(self, status: Status) -> str:
        tickets = db.session.query(Ticket.reference).where(Ticket.status == status).order_by(Ticket.id)
        return str(tickets.limit(1).scalar())


@pytest.fixture
def counted(app, sign_in) -> Callable[[Service], dict[Case, list[str]]]:
    """Open every page once to warm it up, then count."""
    return lambda service: {case: _statements(sign_in, service, case) for case in PAGES}


def _statements(sign_in: Any, service: Service, case: Case) -> list[str]:
    client = sign_in(service.people[case.role])
    url = case.url.format(**service.places())
    assert client.get(url).status_code == 200, url
    with count_queries() as statements:
        assert client.get(url).status_code == 200, url
    return statements


def test_every_page_asks_a_bounded_number_of_questions_of_the_database(counted):
    service = Service()
    service.grow(FEW)
    few = counted(service)
    service.grow(MANY)
    many = counted(service)
    too_many = {
        f"{case.role} {case.url}": (len(few[case]), len(many[case]), case.count)
        for case in PAGES
        if len(many[case]) > case.count or len(few[case]) != len(many[case])
    }
    assert not too_many, f"with few, with many, allowed: {too_many}"
