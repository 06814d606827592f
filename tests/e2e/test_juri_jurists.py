"""The jurists' pages of Juri-PTCE in a browser: for everybody, on any screen, without script, light."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, PartSide
from helpdesk.juri_ptce.models import Appointment, Attendance, JuriSession, PtceDetails
from helpdesk.juri_ptce.operations.parts import Brief, approve, bring_in, write_part
from helpdesk.juri_ptce.queries.parts import parts_of
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.e2e.test_every_page import HTML_MAX_BYTES, shape_of
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_partner, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker
from tests.support import axe
from tests.support.apps import LiveServer

LONG = "La communauté de communes peut-elle mettre un bâtiment à la disposition du pôle sans mise en concurrence ?"
STATES = (
    AppointmentStatus.HELD,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.REQUESTED,
    AppointmentStatus.ABSENT,
)


@dataclass
class Permanence:
    """A session that began an hour ago, with a call in each state; a question in two parts."""

    jurist: Person = field(default_factory=lambda: PersonFactory(jurist=True))
    partner: Person = field(default_factory=make_partner)
    calls: list[Appointment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session: JuriSession = make_session(clock.today().isoformat(), hosts=(self.jurist, self.partner))
        self.urgent = self._question("Le bailleur nous met dehors demain")
        operations.set_urgency(self.jurist, self.urgent, 2, reason="Assignation reçue.")
        for rank, status in enumerate(STATES):
            self._call(rank, status, self._question(f"{LONG} Cas {rank}"))
        self._split(self.calls[1].ticket)
        db.session.commit()

    def _question(self, title: str) -> Ticket:
        ptce = make_ptce(departement="974", delegation="ocean-indien", name="Pôle territorial des Hauts de l’Ouest")
        ticket = make_ptce_question(asker=make_asker(ptce), status=Status.STUDY, jurist=self.jurist, title=title)
        details = db.session.get(PtceDetails, ticket.id)
        assert details is not None
        details.carrier, details.territory = "Coopérative des Hauts, SCIC", "Communauté d’agglomération du couchant"
        details.involves_authority, details.amount = True, "48 000 euros"
        return ticket

    def _call(self, rank: int, status: AppointmentStatus, ticket: Ticket) -> None:
        slot = self.session.slots[rank]
        starts_at: datetime = clock.now() - timedelta(hours=4 - rank)
        slot.starts_at, slot.ends_at = starts_at, starts_at + timedelta(minutes=45)
        call = Appointment(
            ticket=ticket,
            organisation_id=ticket.organisation_id,
            slot=slot,
            seat=1,
            status=status,
            medium=Medium.PHONE if rank % 2 else Medium.VIDEO,
            phone="02 62 00 00 00",
            video_link="https://visio.example/salle-0123456789abcdef0123456789abcdef",
            uid=f"{rank}@essai",
            created_at=clock.now(),
            account_due_on=clock.today() if status is AppointmentStatus.HELD else None,
            preparation="Lire la convention d’occupation.\n\nVérifier le régime du bâtiment.",
            notes="Le conseil a délibéré en mars.",
        )
        call.attendances = [Attendance(person_id=self.jurist.id, starts_at=slot.starts_at, ends_at=slot.ends_at)]
        db.session.add(call)
        self.calls.append(call)

    def _split(self, ticket: Ticket) -> None:
        ours, theirs = Brief(question="Le bail ?"), Brief(question="Le domaine public ?", answerer=self.partner)
        bring_in(self.jurist, ticket, {PartSide.FEDERATION: ours, PartSide.RTES: theirs})
        for part, person in zip(parts_of(ticket), (self.jurist, self.partner), strict=True):
            write_part(person, part, text="Le texte du volet.\n\nEn deux paragraphes.", seen_version=None)
        for part, person in zip(parts_of(ticket), (self.jurist, self.partner), strict=True):
            approve(person, part, seen_version=None)

    def pages(self, person: Person) -> list[str]:
        split, juri = self.calls[1].ticket.reference, "/juri-ptce"
        calls = [f"{juri}/rendez-vous/{call.id}/preparer" for call in self.calls]
        both = [f"{juri}/seances/{self.session.id}", f"{juri}/seances/{self.session.id}/imprimer"]
        if person is self.partner:
            return [*both, calls[1], f"{juri}/volets", f"{juri}/volets/{split}/rtes"]
        other, urgent = self.calls[3].ticket.reference, self.urgent.reference
        return [
            *both, *calls, f"{juri}/rendez-vous/{self.calls[0].id}/compte-rendu", f"{juri}/volets/{split}/federation",
            f"{juri}/volets", f"{juri}/questions/{split}/volets", f"{juri}/questions/{other}/volets",
            f"{juri}/questions/{other}/echange", f"{juri}/questions/{urgent}/urgence",
            f"/questions/{split}", f"/questions/{other}", f"/questions/{urgent}",
        ]  # fmt: skip


@pytest.fixture
def permanence(app: Flask) -> Permanence:
    return Permanence()


@contextmanager
def visiting(server: LiveServer, browser: Any, person: Person, **options: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR", **options)
    context.set_default_timeout(20_000)
    context.add_cookies([server.cookie_for(person)])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("role", ["jurist", "partner"])
def test_the_pages_of_the_jurists_are_for_everybody_light_and_need_no_script(
    permanence: Permanence, live_server: LiveServer, browser: Any, role: str
) -> None:
    person, wrong, shapes = getattr(permanence, role), [], []
    paths = permanence.pages(person)
    with visiting(live_server, browser, person, reduced_motion="reduce") as page:
        for path in paths:
            answer = page.goto(live_server.url + path, wait_until="load")
            weight = len(gzip.compress(answer.body(), 6))
            shapes.append(shape_of(page))
            wrong += [(path, "status", answer.status)] if answer.status != 200 else []
            wrong += [(path, "weight", weight)] if weight > HTML_MAX_BYTES else []
            page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
            wrong += [(path, *barrier) for barrier in axe.barriers(page, widths=(1280, 320), is_dark_too=False)]
    with visiting(live_server, browser, person, java_script_enabled=False) as page:
        for path, shape in zip(paths, shapes, strict=True):
            page.goto(live_server.url + path, wait_until="load")
            bare = shape_of(page)
            wrong += [(path, "without script", (shape, bare))] if bare != shape else []
    assert wrong == []
