"""What each page asks of the database: bounded, and the same whatever the number of questions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import Medium, PartSide
from helpdesk.juri_ptce.models import Appointment, JuriSession
from helpdesk.juri_ptce.operations import booking, parts
from helpdesk.juri_ptce.operations.parts import Brief
from helpdesk.kb.enums import ArticleState, ReportKind, Stage
from helpdesk.kb.models import Article, Report
from helpdesk.search.nearness import refresh_all
from helpdesk.search.operations import rebuild
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories import kb
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.juri_ptce import make_ptce_question, make_session
from tests.factories.tickets import make_asker, make_ticket
from tests.support.http import Client
from tests.support.queries import count_queries

FEW, MANY, CALLS = 6, 60, 3
ENTRIES: dict[str, dict[str, Any]] = {
    "entry": {"state": ArticleState.PUBLISHED},
    "draft": {"state": ArticleState.UNPUBLISHED},
    "marked": {"state": ArticleState.UNPUBLISHED, "stage": Stage.ANONYMISATION},
    "review": {"state": ArticleState.UNDER_REVIEW},
}
STATUSES = (Status.STUDY, Status.TRIAGE, Status.POLE, Status.REGIONAL, Status.WAITING, Status.ANSWERED)


class Case(NamedTuple):
    """A page as one role opens it; *count* is the number of statements it may run, the session's own included.

    *searched*: how many more on PostgreSQL, which holds the index too, asked under a time limit, and locks the trail.
    """

    role: str
    url: str
    count: int
    searched: int = 0


PAGES = [
    Case("member", "/", 7),
    Case("member", "/mes-questions", 4),
    Case("member", "/mes-questions?section=en-cours", 4),
    Case("member", "/mes-questions?q=immersion", 4),
    Case("member", "/questions/poser", 4),
    Case("member", "/questions/{own}", 9),
    Case("member", "/questions/{own}/envoyee", 6),
    Case("member", "/questions/{own}/imprimer", 4),
    Case("member", "/mon-compte", 2),
    Case("member", "/faq", 6),
    Case("member", "/faq?toutes=1&page=2", 4),
    Case("member", "/faq?theme=social&typologie=AI&nature=faq", 4),
    Case("member", "/faq?q=immersion", 7, searched=12),
    Case("member", "/faq/{slug}", 15, searched=25),
    Case("member", "/faq/{slug}/imprimer", 7),
    Case("delegate", "/a-trier", 10),
    Case("delegate", "/a-trier?vue=au-pole", 3),
    Case("delegate", "/questions", 4),
    Case("delegate", "/questions/{triage}", 14),
    Case("delegate", "/saisir", 2),
    Case("delegate", "/adherents", 5),
    Case("delegate", "/adherents/{structure}", 6),
    Case("jurist", "/ma-file", 3),
    Case("jurist", "/ma-file?vue=pole", 3),
    Case("jurist", "/ma-file?vue=en-retard", 3),
    Case("jurist", "/questions", 4),
    Case("jurist", "/questions?q=immersion&page=2", 6, searched=12),
    Case("jurist", "/questions/{study}", 15),
    Case("jurist", "/questions/{study}/imprimer", 4),
    Case("jurist", "/faq/atelier/brouillons", 6),
    Case("jurist", "/faq/atelier/a-relire", 6),
    Case("jurist", "/faq/atelier/toutes", 6),
    Case("jurist", "/faq/atelier/toutes?page=2", 6),
    Case("jurist", "/faq/atelier/signalements", 6),
    Case("jurist", "/faq/atelier/references?article=L5135-5", 7),
    Case("jurist", "/faq/atelier/revue", 3),
    Case("jurist", "/faq/atelier/import", 2),
    Case("jurist", "/faq/atelier/suggestions", 4),
    Case("jurist", "/faq/atelier/nouvelle", 2),
    Case("jurist", "/faq/atelier/{entry}", 11),
    Case("jurist", "/faq/atelier/{entry}/comparer", 8),
    Case("jurist", "/faq/atelier/{entry}/versions/1", 9),
    Case("jurist", "/faq/atelier/{draft}/modifier", 15),
    Case("jurist", "/faq/atelier/{marked}", 14),
    Case("jurist", "/faq/atelier/{marked}/anonymisation", 16),
    Case("delegate", "/juri-ptce/seances", 4),
    Case("partner", "/juri-ptce/seances", 3),
    Case("jurist", "/juri-ptce/seances", 4),
    Case("jurist", "/juri-ptce/seances?vue=passees&page=2", 5),
    Case("jurist", "/juri-ptce/seances/{session}/modifier", 11),
    Case("jurist", "/juri-ptce/seances/{session}", 14),
    Case("jurist", "/juri-ptce/seances/{session}/imprimer", 13),
    Case("partner", "/juri-ptce/seances/{session}", 11),
    Case("jurist", "/juri-ptce/rendez-vous/{call}/preparer", 14),
    Case("partner", "/juri-ptce/rendez-vous/{call}/preparer", 9),
    Case("jurist", "/juri-ptce/questions/{ptce}/echange", 8),
    Case("jurist", "/juri-ptce/questions/{ptce}/complements", 6),
    Case("jurist", "/juri-ptce/questions/{ptce}/volets", 12),
    Case("jurist", "/juri-ptce/volets/{ptce}/federation", 8),
    Case("partner", "/juri-ptce/volets/{ptce}/rtes", 7),
    Case("partner", "/juri-ptce/volets", 2),
    Case("jurist", "/questions/{ptce}", 20),
    Case("partner", "/juri-ptce/calendrier", 2),
    Case("lead", "/juri-ptce/chiffres", 11),
    Case("lead", "/delais", 10),
    Case("jurist", "/delais?periode=12-mois&theme=social&typologie=ACI", 10),
    Case("delegate", "/delais", 10),
    Case("delegate", "/delais/export.ods", 9),
    Case("lead", "/delais/rapport/{year}", 28),
    Case("jurist", "/delais/rapport/{year}/imprimer", 28),
    Case("delegate", "/delais/rapport/{year}", 12),
    Case("delegate", "/delais/rapport/{year}/export.xlsx", 12),
    Case("lead", "/equipe", 5),
    Case("lead", "/equipe/{jurist}", 8),
    Case("lead", "/equipe/delegations/bretagne", 8),
    Case("lead", "/questions", 4),
    Case("delegate", "/questions/export.ods", 6, searched=1),
    Case("lead", "/questions/export.csv", 6, searched=1),
    Case("lead", "/questions/export.xlsx?q=immersion&du=2026-01-01", 8, searched=12),
    Case("admin", "/administration/", 5, searched=8),
    Case("admin", "/administration/personnes", 5),
]


class Service:
    """Some people of each role, questions in every open state, and entries at every stage."""

    def __init__(self) -> None:
        self.structure = OrganisationFactory()
        self.people: dict[str, Person] = {
            "member": make_asker(self.structure),
            "delegate": PersonFactory(delegate=True, can_answer=True),
            "jurist": PersonFactory(jurist=True),
            "lead": PersonFactory(lead=True),
            "admin": PersonFactory(admin=True),
            "partner": PersonFactory(partner_jurist=True),
        }
        self.made = 0
        self.sessions: list[JuriSession] = []
        self.calls: list[Appointment] = []
        self.entries: dict[str, list[Article]] = {name: [] for name in ENTRIES}

    def grow(self, total: int) -> None:
        """Ask more questions until there are *total* of them, and write as many entries."""
        while self.made < total:
            make_ticket(
                self.people["member"],
                status=STATUSES[self.made % len(STATUSES)],
                delegate=self.people["delegate"],
                jurist=self.people["jurist"],
            )
            self._write(list(ENTRIES)[self.made % len(ENTRIES)])
            self._hold()
            self._call()
            self.made += 1
        rebuild()
        refresh_all()

    def _write(self, name: str) -> None:
        """One more entry, and what a reader says of it."""
        team = {"author": self.people["jurist"], "approver": self.people["lead"]}
        entry = kb.article(owner=self.people["jurist"], **team, **ENTRIES[name])
        if name == "entry":
            kb.add_version(entry, stage=Stage.SUPERSEDED, **team)
        reporter = self.people["member"]
        values = {"kind": ReportKind.MISSING, "reported_by": reporter, "created_at": entry.created_at}
        db.session.add(Report(article=entry, comment="Et en Guyane ?", **values))
        db.session.commit()
        self.entries[name].append(entry)

    def _hold(self) -> None:
        """One more session, to come or over, in turn."""
        count = len(self.sessions) + 1
        day = clock.today() + timedelta(days=32 * (count if count % 2 else -count))
        self.sessions.append(make_session(day.isoformat(), hosts=(self.people["jurist"], self.people["partner"])))

    def _call(self) -> None:
        """One more question of a PTCE in two parts; the first ones have a call in the first session."""
        ticket, lead, theirs = make_ptce_question(), self.people["lead"], Brief(question="Le bail ?")
        parts.bring_in(lead, ticket, {PartSide.FEDERATION: Brief(question="Le local ?"), PartSide.RTES: theirs})
        if len(self.calls) < CALLS:
            slot = self.sessions[0].slots[len(self.calls)]
            call = booking.book(lead, ticket, slot.id, medium=Medium.VIDEO).appointment
            assert call is not None
            self.calls.append(call)

    def places(self) -> dict[str, Any]:
        """What the addresses of the pages name."""
        with_status = {status: self._first(status) for status in (Status.STUDY, Status.TRIAGE)}
        return {
            "own": with_status[Status.STUDY],
            "study": with_status[Status.STUDY],
            "triage": with_status[Status.TRIAGE],
            "structure": self.structure.id,
            "jurist": self.people["jurist"].id,
            "slug": self.entries["entry"][0].slug,
            "session": self.sessions[0].id,
            "call": self.calls[0].id,
            "ptce": self.calls[0].ticket.reference,
            "year": clock.today().year,
            **{name: entries[0].id for name, entries in self.entries.items()},
        }

    def _first(self, status: Status) -> str:
        asked = db.session.query(Ticket.reference).where(Ticket.organisation_id == self.structure.id)
        tickets = asked.where(Ticket.status == status).order_by(Ticket.id)
        return str(tickets.limit(1).scalar())


class Reader:
    """Opens every page and counts; a page that has something to warm up is opened once more."""

    def __init__(self, service: Service, sign_in: Callable[[Person], Client]) -> None:
        self.service = service
        self.clients = {role: sign_in(person) for role, person in service.people.items()}

    def counts(self, expected: dict[Case, int]) -> dict[Case, int]:
        """How many statements each page runs: opened once when that makes the number expected of it, else twice."""
        places = self.service.places()
        return {case: self._count(case, case.url.format(**places), expected.get(case)) for case in PAGES}

    def _count(self, case: Case, url: str, expected: int | None) -> int:
        first = self._open(case, url)
        return first if first == expected else self._open(case, url)

    def _open(self, case: Case, url: str) -> int:
        with count_queries() as statements:
            assert self.clients[case.role].get(url).status_code == 200, url
        return len(statements)


@pytest.mark.long
def test_every_page_asks_a_bounded_number_of_questions_of_the_database(sign_in, backend):
    service = Service()
    service.grow(FEW)
    reader = Reader(service, sign_in)
    few = reader.counts({})
    service.grow(MANY)
    many = reader.counts(few)
    allowed = {case: case.count + (case.searched if backend == "postgresql" else 0) for case in PAGES}
    too_many = {
        f"{case.role} {case.url}": (few[case], many[case], allowed[case])
        for case in PAGES
        if many[case] > allowed[case] or few[case] != many[case]
    }
    assert not too_many, f"with few, with many, allowed: {too_many}"
