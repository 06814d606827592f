"""A PTCE's pages of Juri-PTCE in a browser: for everybody, on any screen, without script, light."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce import links
from helpdesk.juri_ptce.enums import Medium
from helpdesk.juri_ptce.links import Purpose
from helpdesk.juri_ptce.models import Appointment, JuriSession
from helpdesk.juri_ptce.operations import booking, calls, waiting
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.e2e.test_every_page import HTML_MAX_BYTES, shape_of
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_ptce, make_ptce_question, make_session
from tests.factories.tickets import bring_to, make_asker
from tests.support import axe
from tests.support.apps import LiveServer
from tests.support.scenes import Keep

PHONE = "02 62 00 00 00"
LONG = "La communauté de communes peut-elle mettre un bâtiment à la disposition du pôle sans mise en concurrence ?"


class Pole:
    """A PTCE of La Réunion with a call proposed, one agreed, a place awaited in a full session; another, in writing."""

    def __init__(self) -> None:
        self.ptce = make_ptce(departement="974", delegation="ocean-indien", name="Pôle des Hauts de l’Ouest")
        self.asker, self.jurist = make_asker(self.ptce, phone=PHONE), PersonFactory(jurist=True)
        first, full, _later = (self._session(days) for days in (40, 75, 110))
        self.proposed, self.agreed, self.awaited = (self._question(f"{LONG} Cas {rank}") for rank in range(3))
        calls.offer_call(self.jurist, self.proposed, medium=Medium.VIDEO, note="Ayez le projet de bail sous la main.")
        self.call = self._book(self.asker, self.agreed, first.slots[0].id)
        booking.confirm(self.jurist, self.call)
        for slot in full.slots:
            self._book(PersonFactory(jurist=True), make_ptce_question(), slot.id)
        waiting.join(self.asker, self.awaited, full.id, medium=Medium.PHONE)
        self.other = make_asker(make_ptce(is_entitled=False))
        self.written = make_ptce_question(asker=self.other)
        fields = {"organisation_id": str(self.ptce.id), "title": LONG, "facts": "Un bail.", "has_deadline": "non"}
        self.draft = operations.save_question_draft(self.asker, fields | {"preference": "written"})
        db.session.commit()

    def _session(self, days: int) -> JuriSession:
        return make_session((clock.today() + timedelta(days=days)).isoformat(), hosts=(self.jurist,))

    def _question(self, title: str) -> Ticket:
        ticket = make_ptce_question(self.ptce, self.asker, title=title)
        bring_to(ticket, Status.STUDY, jurist=self.jurist)
        return ticket

    def _book(self, person: Person, ticket: Ticket, slot_id: int) -> Appointment:
        appointment = booking.book(person, ticket, slot_id, medium=Medium.PHONE, phone=PHONE).appointment
        assert appointment is not None
        return appointment

    def pages(self) -> list[tuple[Person | None, str]]:
        juri, call = "/juri-ptce", f"/juri-ptce/rendez-vous/{self.call.id}"
        own = [
            "/", juri, f"{juri}/questions/{self.proposed.reference}/creneau", call, f"{call}/deplacer",
            f"{juri}/questions/{self.awaited.reference}/creneau", f"/questions/poser/{self.draft.key}/verifier",
            *(f"/questions/{one.reference}" for one in (self.proposed, self.agreed, self.awaited)),
        ]  # fmt: skip
        written = [f"{juri}/questions/{self.written.reference}/creneau", f"/questions/{self.written.reference}/envoyee"]
        return [
            *((self.asker, path) for path in own),
            *((one, f"{juri}/questions/{self.awaited.reference}/complements") for one in (self.asker, self.jurist)),
            *((self.other, path) for path in (juri, *written)),
            *((None, path) for path in self._links()),
        ]

    def _links(self) -> list[str]:
        wanted = [(one, self.call.sequence) for one in (Purpose.MOVE, Purpose.CANCEL)] + [(Purpose.CANCEL, 77)]
        act = {"id": self.call.id, "person_id": self.asker.id}
        urls = [links.make(purpose, sequence=sequence, **act) for purpose, sequence in wanted]
        return [f"/juri-ptce{url.split('/juri-ptce')[1]}" for url in urls]


@pytest.fixture
def pole(kept: Keep) -> Pole:
    return kept(Pole)


@contextmanager
def visiting(server: LiveServer, browser: Any, width: int = 1280, **options: Any) -> Iterator[Any]:
    """A page of the browser, as the person it is given."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR", **options)
    context.set_default_timeout(20_000)
    page = context.new_page()

    def go(person: Person | None, path: str) -> Any:
        context.clear_cookies()
        if person is not None:
            context.add_cookies([server.cookie_for(person)])
        return page.goto(server.url + path)

    page.go = go
    yield page
    context.close()


def test_the_pages_of_a_ptce_are_for_everybody_light_and_need_no_script(
    pole: Pole, live_server: LiveServer, browser: Any
) -> None:
    pages, wrong, shapes = pole.pages(), [], []
    db.session.commit()
    with visiting(live_server, browser, reduced_motion="reduce") as page:
        for person, path in pages:
            answer = page.go(person, path)
            weight = len(gzip.compress(answer.body(), 6))
            shapes.append(shape_of(page))
            wrong += [(path, "weight", weight)] if weight > HTML_MAX_BYTES else []
            page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
            wrong += [(path, *barrier) for barrier in axe.barriers(page, widths=(1280, 320), is_dark_too=False)]
    with visiting(live_server, browser, java_script_enabled=False) as page:
        for (person, path), shape in zip(pages, shapes, strict=True):
            page.go(person, path)
            bare = shape_of(page)
            wrong += [(path, "without script", (shape, bare))] if bare != shape else []
    assert wrong == []


def test_the_longest_menu_and_a_long_name_fit_every_width(pole: Pole, live_server: LiveServer, browser: Any) -> None:
    pole.asker.first_name, pole.asker.last_name = "Anne-Emmanuelle", "de La Rochefoucauld"
    pole.ptce.name = "Pôle territorial de coopération économique du Bocage vendéen"
    db.session.commit()
    wide = []
    with visiting(live_server, browser) as page:
        page.go(pole.asker, "/juri-ptce")
        for width in (320, 768, 896, 1024, 1152, 1153, 1200, 1280, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wide.append(width)
    assert wide == []


def test_a_ptce_books_moves_and_cancels_on_a_phone_without_script(
    pole: Pole, live_server: LiveServer, browser: Any
) -> None:
    db.session.commit()
    with visiting(live_server, browser, 390, java_script_enabled=False) as page:
        page.go(pole.asker, f"/questions/{pole.proposed.reference}")
        page.get_by_role("link", name="Choisir un créneau").click()
        page.locator('input[name="slot"]').last.check()
        page.get_by_role("button", name="Prendre ce créneau").click()
        assert "Confirmé" in page.locator("main").inner_text()
        page.get_by_role("link", name="Déplacer le rendez-vous").click()
        page.locator('input[name="slot"]').first.check()
        page.get_by_role("button", name="Déplacer à ce créneau").click()
        assert "Le rendez-vous est déplacé." in page.locator("main").inner_text()
        page.locator("summary", has_text="Annuler le rendez-vous").click()
        page.get_by_role("button", name="Annuler le rendez-vous").click()
        assert "Le rendez-vous est annulé." in page.locator("main").inner_text()


def test_what_a_ptce_adds_survives_a_correction_without_script(
    pole: Pole, live_server: LiveServer, browser: Any
) -> None:
    db.session.commit()
    with visiting(live_server, browser, 390, java_script_enabled=False) as page:
        page.go(pole.asker, f"/questions/poser/{pole.draft.key}/verifier")
        if not page.locator("#plus-carrier").is_visible():
            page.locator("summary", has_text="Votre PTCE").click()
        page.fill("#plus-carrier", "La Fabrique, SCIC")
        page.get_by_label("J’accepte un retour anonymisé").check()
        page.get_by_role("button", name="Modifier ce qui s’est passé").press("Enter")
        assert page.url.endswith(f"/{pole.draft.key}#facts")
        page.fill("#facts", "Un bail de neuf ans.")
        page.get_by_role("button", name="Continuer").click()
        assert page.input_value("#plus-carrier") == "La Fabrique, SCIC"
        assert page.get_by_label("J’accepte un retour anonymisé").is_checked()
        page.locator("#plus-carrier").press("Enter")
        page.wait_for_url("**/envoyee")
