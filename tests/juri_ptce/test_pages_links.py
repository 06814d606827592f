"""The signed links of the mails, opened by anybody: a button first, then the act, then only what became of it."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk import clock
from helpdesk.db import db
from helpdesk.juri_ptce import links
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, WaitingStatus
from helpdesk.juri_ptce.links import Purpose
from helpdesk.juri_ptce.models import Appointment, WaitingEntry
from helpdesk.juri_ptce.operations import booking, waiting
from helpdesk.mail.models import Mail
from helpdesk.tickets import operations as tickets
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker
from tests.support.http import Client, new_client
from tests.support.scenes import Keep

TITLE = "La commune peut-elle nous louer un local ?"
PHONE = "06 00 00 00 00"


class Scene:
    """A call booked by a PTCE, and a visitor who holds the links of its mail."""

    visitor: Client

    def __init__(self) -> None:
        self.ptce = make_ptce()
        self.asker = make_asker(self.ptce)
        self.ticket = make_ptce_question(self.ptce, self.asker, title=TITLE)
        self.session = make_session((clock.today() + timedelta(days=40)).isoformat())
        booked = booking.book(self.asker, self.ticket, self.session.slots[1].id, medium=Medium.PHONE, phone=PHONE)
        assert booked.appointment is not None
        self.one = booked.appointment

    def link(self, purpose: Purpose) -> str:
        return path(links.make(purpose, id=self.one.id, sequence=self.one.sequence, person_id=self.asker.id))

    @property
    def status(self) -> AppointmentStatus:
        return db.session.get_one(Appointment, self.one.id).status


class WaitingScene(Scene):
    """The same PTCE, offered a place that another gave back."""

    def __init__(self) -> None:
        super().__init__()
        other = make_ptce_question()
        taken = [self.one, *self._take(other)]
        self.asker = make_asker(make_ptce())
        self.ticket = make_ptce_question(self.asker.mandates[0].organisation, self.asker, title=TITLE)
        waiting.join(self.asker, self.ticket, self.session.id, medium=Medium.PHONE, phone=PHONE)
        booking.cancel_by_service(taken[:1], reason="")
        self.entry = db.session.scalars(sa.select(WaitingEntry)).one()
        assert self.entry.appointment is not None
        self.sequence = self.entry.appointment.sequence

    def _take(self, ticket: Any) -> list[Appointment]:
        jurist = PersonFactory(jurist=True)
        found = booking.book(jurist, ticket, self.session.slots[2].id, medium=Medium.PHONE, phone=PHONE)
        return [found.appointment] if found.appointment else []

    def link(self, purpose: Purpose) -> str:
        return path(links.make(purpose, id=self.entry.id, sequence=self.sequence, person_id=self.asker.id))

    @property
    def state(self) -> WaitingStatus:
        return db.session.get_one(WaitingEntry, self.entry.id).status


def path(url: str) -> str:
    return "/juri-ptce/lien/" + url.split("/juri-ptce/lien/")[1]


def text_of(answer: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", answer.text).replace("\u202f", " ").replace("\xa0", " ")
    return " ".join(html.unescape(plain).split())


@pytest.fixture
def scene(app: Flask, kept: Keep) -> Scene:
    scene = kept(Scene)
    scene.visitor = new_client(app)
    return scene


@pytest.fixture
def offered(app: Flask, kept: Keep) -> WaitingScene:
    scene = kept(WaitingScene)
    scene.visitor = new_client(app)
    return scene


@pytest.mark.parametrize("purpose", [Purpose.CANCEL, Purpose.MOVE])
def test_opening_a_link_shows_a_button_and_changes_nothing(scene: Scene, purpose: Purpose) -> None:
    for _ in range(3):  # a mail scanner opens what it finds
        answer = scene.visitor.get(scene.link(purpose))
        assert answer.status_code == 200
        assert 'method="post"' in answer.text
    assert scene.status is AppointmentStatus.REQUESTED


@pytest.mark.parametrize("purpose", [Purpose.CANCEL, Purpose.MOVE])
def test_nothing_of_the_question_shows_to_whoever_holds_a_link(scene: Scene, purpose: Purpose) -> None:
    page = text_of(scene.visitor.get(scene.link(purpose)))
    for secret in (TITLE, scene.ticket.reference, scene.ptce.name, PHONE, scene.asker.full_name):
        assert secret not in page


def test_the_button_cancels_once_and_the_page_then_says_so(scene: Scene) -> None:
    link = scene.link(Purpose.CANCEL)
    assert scene.visitor.post(link).location == link
    assert scene.status is AppointmentStatus.CANCELLED_BY_PTCE
    done = scene.visitor.get(link)
    assert (done.status_code, "C’est fait" in text_of(done)) == (200, True)
    assert scene.visitor.post(link).status_code == 200
    assert "par écrit" in text_of(done)


def test_the_link_moves_the_call_to_the_slot_chosen(scene: Scene) -> None:
    link = scene.link(Purpose.MOVE)
    assert 'name="slot"' in scene.visitor.get(link).text
    assert scene.visitor.post(link, data={"slot": scene.session.slots[2].id}).location == link
    assert scene.status is AppointmentStatus.MOVED
    done = text_of(scene.visitor.get(link))
    assert "Le rendez-vous est déplacé." in done
    assert "Le rendez-vous en cours est le" in done


def test_a_move_without_a_slot_or_to_one_taken_meanwhile_moves_nothing(scene: Scene) -> None:
    link = scene.link(Purpose.MOVE)
    answer = scene.visitor.post(link, data={})
    assert answer.status_code == 422
    assert "Choisissez un créneau dans la liste." in text_of(answer)
    jurist, other = PersonFactory(jurist=True), make_ptce_question()
    booking.book(jurist, other, scene.session.slots[2].id, medium=Medium.PHONE, phone=PHONE)
    answer = scene.visitor.post(link, data={"slot": scene.session.slots[2].id})
    assert answer.status_code == 200
    assert "Votre rendez-vous reste à son heure." in text_of(answer)
    assert scene.status is AppointmentStatus.REQUESTED


@pytest.mark.parametrize("purpose", [Purpose.CANCEL, Purpose.MOVE])
def test_a_link_of_an_older_mail_is_outdated_and_says_what_stands(scene: Scene, purpose: Purpose) -> None:
    link = scene.link(purpose)
    booking.confirm(PersonFactory(jurist=True), scene.one)
    answer = scene.visitor.get(link)
    assert answer.status_code == 410
    assert "a changé depuis ce courriel" in text_of(answer)
    assert "Le rendez-vous en cours est le" in text_of(answer)
    assert scene.visitor.post(link, data={"slot": scene.session.slots[2].id}).status_code == 410
    assert scene.status is AppointmentStatus.CONFIRMED


def test_the_links_sent_to_who_stands_in_act_and_those_of_who_left_do_not(scene: Scene) -> None:
    theirs, stand_in = scene.link(Purpose.CANCEL), make_asker(scene.ptce)
    give_way(scene)
    refused = scene.visitor.post(theirs)
    assert (refused.status_code, scene.status) == (410, AppointmentStatus.REQUESTED)
    assert "ne suit plus cette question" in text_of(refused)
    booking.confirm(PersonFactory(jurist=True), scene.one)
    mail = db.session.scalars(sa.select(Mail).where(Mail.recipient_person_id == stand_in.id)).one()
    _, cancel = (path(found) for found in re.findall(r"http\S+/lien/\S+", mail.text))
    scene.visitor.post(cancel)
    assert scene.status is AppointmentStatus.CANCELLED_BY_PTCE


def give_way(scene: Scene) -> None:
    """The person who booked leaves the PTCE."""
    yesterday = clock.today() - timedelta(days=1)
    for mandate in scene.asker.mandates:
        mandate.starts_on, mandate.ends_on = yesterday, yesterday
    db.session.commit()
    db.session.expire_all()


def test_an_old_link_tells_nothing_of_the_structure_that_was_given_the_question(scene: Scene) -> None:
    link, jurist = scene.link(Purpose.CANCEL), PersonFactory(jurist=True)
    other = make_ptce(departement="974", delegation="ocean-indien")
    tickets.move_to_structure(jurist, scene.ticket, other)
    booking.book(jurist, scene.ticket, scene.session.slots[0].id, medium=Medium.PHONE, phone=PHONE)
    answer = scene.visitor.get(link)
    assert answer.status_code == 410
    assert "Le rendez-vous en cours" not in text_of(answer)
    assert "La Réunion" not in text_of(answer)


def test_on_the_day_itself_the_link_tells_the_number_to_call(scene: Scene, app: Flask) -> None:
    link = scene.link(Purpose.CANCEL)
    slot = scene.one.slot
    slot.starts_at, slot.ends_at = clock.now() + timedelta(minutes=2), clock.now() + timedelta(minutes=40)
    db.session.commit()
    for answer in (scene.visitor.get(link), scene.visitor.post(link)):
        assert answer.status_code == 410
        assert app.config["SETTINGS"].service_phone in text_of(answer)
    assert scene.status is AppointmentStatus.REQUESTED


@pytest.mark.parametrize("token", ["x", "WzEsMF0.AAAA", "WzEsMF0.", "é" * 40, "a" * 3000])
def test_a_forged_link_is_not_found(scene: Scene, token: str) -> None:
    for answer in (scene.visitor.get(f"/juri-ptce/lien/{token}"), scene.visitor.post(f"/juri-ptce/lien/{token}")):
        assert answer.status_code == 404
    assert scene.status is AppointmentStatus.REQUESTED


def test_a_link_serves_its_purpose_alone(scene: Scene, app: Flask) -> None:
    """The number of an appointment is not that of an entry, and a link to cancel moves nothing."""
    link = path(links.make(Purpose.ACCEPT, id=999_999, sequence=0, person_id=scene.asker.id))
    assert scene.visitor.get(link).status_code == 404
    scene.visitor.post(scene.link(Purpose.CANCEL), data={"slot": scene.session.slots[2].id})
    assert scene.status is AppointmentStatus.CANCELLED_BY_PTCE


@pytest.mark.parametrize(
    ("purpose", "state", "words"),
    [
        (Purpose.ACCEPT, WaitingStatus.ACCEPTED, "le rendez-vous est confirmé"),
        (Purpose.DECLINE, WaitingStatus.DECLINED, "La place est laissée"),
    ],
)
def test_a_place_offered_is_taken_or_left_by_its_link(
    offered: WaitingScene, purpose: Purpose, state: WaitingStatus, words: str
) -> None:
    link = offered.link(purpose)
    page = text_of(offered.visitor.get(link))
    assert offered.state is WaitingStatus.OFFERED
    assert TITLE not in page
    assert offered.visitor.post(link).location == link
    assert offered.state is state
    answer = offered.visitor.get(link)
    assert answer.status_code == 200
    assert words in text_of(answer)


def test_a_place_past_its_hour_is_no_longer_taken(offered: WaitingScene) -> None:
    held = offered.entry.appointment
    assert held is not None
    held.expires_at = clock.now() - timedelta(seconds=1)
    db.session.commit()
    link = offered.link(Purpose.ACCEPT)
    for answer in (offered.visitor.get(link), offered.visitor.post(link)):
        assert answer.status_code == 410
        assert "Cette proposition n’est plus valable" in text_of(answer)
    assert offered.state is WaitingStatus.OFFERED


def test_a_place_taken_cannot_be_left_by_the_other_link(offered: WaitingScene) -> None:
    offered.visitor.post(offered.link(Purpose.ACCEPT))
    answer = offered.visitor.post(offered.link(Purpose.DECLINE))
    assert answer.status_code == 410
    assert offered.state is WaitingStatus.ACCEPTED
