"""The pages of a PTCE: its sessions, the choice of a slot, its appointment, the panels on its other pages."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, JuriSession, WaitingEntry
from helpdesk.juri_ptce.operations import booking, calls, waiting
from helpdesk.juri_ptce.operations import details as operations
from helpdesk.juri_ptce.operations.emergency import open_emergency
from helpdesk.tickets import operations as tickets
from helpdesk.tickets.enums import Status
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.juri_ptce import make_partner, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import bring_to, make_asker, make_ticket
from tests.support.http import Client
from tests.support.queries import count_queries
from tests.support.scenes import Keep

SignIn = Callable[[Person], Client]
PHONE = "06 00 00 00 00"


class Scene:
    """A PTCE with a question, a jurist who studies it, and a session with its four slots."""

    client: Client

    def __init__(self, **ptce: Any) -> None:
        self.ptce = make_ptce(**ptce)
        self.asker = make_asker(self.ptce, phone="02 99 00 00 00")
        self.jurist = PersonFactory(jurist=True)
        self.ticket = make_ptce_question(self.ptce, self.asker)
        bring_to(self.ticket, Status.STUDY, jurist=self.jurist)
        self.session = make_session(in_days(40), hosts=(self.jurist,))
        self.choose = f"/juri-ptce/questions/{self.ticket.reference}/creneau"

    def slot_id(self, number: int = 1) -> int:
        """The middle ones are for everyone; the first and the last are kept for overseas until the cut-off."""
        return self.session.slots[number].id

    def offer(self) -> None:
        calls.offer_call(self.jurist, self.ticket, medium=Medium.VIDEO, note="Ayez le bail sous la main.")

    def book(self, number: int = 1) -> Appointment:
        booked = booking.book(self.asker, self.ticket, self.slot_id(number), medium=Medium.PHONE, phone=PHONE)
        assert booked.appointment is not None
        return booked.appointment

    def post(self, url: str, **values: Any) -> Any:
        return self.client.post(url, data={"submission_key": key(), **values})


_keys = iter(range(10**6))


def key() -> str:
    return f"cle-{next(_keys)}"


def in_days(count: int) -> str:
    return (clock.today() + timedelta(days=count)).isoformat()


def text_of(answer: Any) -> str:
    plain = re.sub(r"<[^>]+>", " ", answer.text).replace("\u202f", " ").replace("\xa0", " ")
    return " ".join(html.unescape(plain).split())


def appointments() -> list[Appointment]:
    return list(db.session.scalars(sa.select(Appointment).order_by(Appointment.id)))


def fill_session(session: JuriSession, *, besides: int = 0) -> list[Appointment]:
    """Other PTCE take every slot but the last *besides*."""
    taken = []
    for slot in session.slots[: len(session.slots) - besides]:
        ticket = make_ptce_question()
        jurist = PersonFactory(jurist=True)
        booked = booking.book(jurist, ticket, slot.id, medium=Medium.PHONE, phone=PHONE)
        assert booked.appointment is not None
        taken.append(booked.appointment)
    return taken


@pytest.fixture
def scene(kept: Keep, sign_in: SignIn) -> Scene:
    return signed_in(kept(Scene), sign_in)


def signed_in(scene: Scene, sign_in: SignIn) -> Scene:
    scene.client = sign_in(scene.asker)
    return scene


# --- the permanence


def test_the_permanence_tells_what_it_is_the_questions_and_the_next_sessions(scene: Scene) -> None:
    for days in (75, 110, 145):
        make_session(in_days(days))
    page = text_of(scene.client.get("/juri-ptce"))
    assert "Chaque premier mardi du mois" in page
    assert scene.ticket.title.replace("\xa0", " ") in page
    assert "Réponse attendue." in page
    assert page.count("Pour être préparée, votre question arrive au plus tard le") == 3


def test_each_question_shows_its_next_step(scene: Scene) -> None:
    scene.offer()
    assert "vous propose un échange en visioconférence" in text_of(scene.client.get("/juri-ptce"))
    appointment = scene.book()
    page = scene.client.get("/juri-ptce")
    assert f"/juri-ptce/rendez-vous/{appointment.id}/deplacer" in page.text
    assert "par téléphone." in text_of(page)
    booking.cancel(scene.asker, appointment)
    fill_session(scene.session)
    first = make_ptce_question()
    waiting.join(PersonFactory(jurist=True), first, scene.session.id, medium=Medium.PHONE, phone=PHONE)
    waiting.join(scene.asker, scene.ticket, scene.session.id, medium=Medium.PHONE, phone=PHONE)
    calls.withdraw_offer(scene.jurist, scene.ticket)
    assert "Vous êtes en 2 e position sur la liste d’attente" in text_of(scene.client.get("/juri-ptce"))


def test_a_member_who_is_no_ptce_reads_what_it_is_for(app: Flask, sign_in: SignIn) -> None:
    page = text_of(sign_in(make_asker()).get("/juri-ptce"))
    assert "Votre compte n’est pas celui d’un PTCE" in page


def test_a_ptce_without_a_question_and_without_a_session_has_a_next_step(app: Flask, sign_in: SignIn) -> None:
    page = text_of(sign_in(make_asker(make_ptce())).get("/juri-ptce"))
    assert "Vous n’avez pas encore posé de question" in page
    assert "Aucune séance ouverte" in page


def test_a_colleague_sees_the_questions_of_the_structure_and_a_sensitive_one_stays_its_askers(
    scene: Scene, sign_in: SignIn
) -> None:
    colleague = sign_in(make_asker(scene.ptce))
    assert scene.ticket.reference in colleague.get("/juri-ptce").text
    tickets.set_sensitive(scene.asker, scene.ticket, is_sensitive=True)
    assert scene.ticket.reference not in colleague.get("/juri-ptce").text
    assert colleague.get(scene.choose).status_code == 404


# --- choosing


def test_slots_are_radio_buttons_grouped_by_session_with_both_times(app: Flask, sign_in: SignIn) -> None:
    scene = signed_in(Scene(departement="974", delegation="ocean-indien"), sign_in)
    page = scene.client.get(scene.choose)
    assert page.text.count('name="slot"') == 3  # all but the last, kept for those west of Paris
    assert "14 h (1" in text_of(page)
    assert "à La Réunion" in text_of(page)
    assert "Conseillé pour votre fuseau horaire" in text_of(page)
    assert "Je préfère une réponse écrite" in text_of(page)


def test_a_ptce_of_paris_sees_one_time_and_no_slot_kept_for_others(scene: Scene) -> None:
    page = text_of(scene.client.get(scene.choose))
    assert "à La Réunion" not in page
    assert "Conseillé" not in page


def test_a_slot_offered_by_a_jurist_is_confirmed_at_once(scene: Scene) -> None:
    scene.offer()
    assert "Ayez le bail sous la main." in text_of(scene.client.get(scene.choose))
    answer = scene.post(scene.choose, slot=scene.slot_id(1), medium="video", phone=PHONE)
    [appointment] = appointments()
    assert answer.location == f"/juri-ptce/rendez-vous/{appointment.id}"
    assert (appointment.status, appointment.medium) == (AppointmentStatus.CONFIRMED, Medium.VIDEO)
    page = scene.client.get(answer.location)
    assert "Votre rendez-vous est confirmé." in text_of(page)
    assert appointment.video_link in page.text
    assert "Ayez le bail sous la main." in text_of(page)


def test_a_slot_that_nobody_offered_is_requested(scene: Scene) -> None:
    answer = scene.post(scene.choose, slot=scene.slot_id(1), medium="phone", phone=PHONE)
    [appointment] = appointments()
    assert appointment.status is AppointmentStatus.REQUESTED
    page = text_of(scene.client.get(answer.location))
    assert "Votre demande est enregistrée." in page
    assert "une ou un juriste confirme ce créneau" in page.lower()


def test_a_second_click_books_once(scene: Scene) -> None:
    values = {"submission_key": "la-meme", "slot": scene.slot_id(1), "medium": "phone", "phone": PHONE}
    first = scene.client.post(scene.choose, data=values)
    second = scene.client.post(scene.choose, data=values)
    assert first.location == second.location
    assert len(appointments()) == 1


def test_whoever_has_an_appointment_is_led_to_it(scene: Scene) -> None:
    appointment = scene.book()
    assert scene.client.get(scene.choose).location == f"/juri-ptce/rendez-vous/{appointment.id}"


def test_taken_meanwhile_is_said_kindly_with_what_is_left(scene: Scene) -> None:
    fill_session(scene.session, besides=1)
    make_session(in_days(75), hosts=(scene.jurist,))
    answer = scene.post(scene.choose, slot=scene.slot_id(1), medium="phone", phone=PHONE)
    page = text_of(answer)
    assert answer.status_code == 200
    assert "Ce créneau vient d’être pris par un autre PTCE." in page
    assert "suit son cours par écrit" in page
    assert answer.text.count('name="slot"') == 2  # the next session's, without those kept for overseas
    assert "Rejoindre la liste d’attente" in page
    assert f'value="{PHONE}"' in answer.text


def test_the_last_slot_of_all_taken_meanwhile_leaves_the_waiting_list_and_the_written_track(scene: Scene) -> None:
    fill_session(scene.session)
    answer = scene.post(scene.choose, slot=scene.slot_id(), medium="phone", phone=PHONE)
    page = text_of(answer)
    assert answer.status_code == 200
    assert "Il n’en reste pas d’autre pour l’instant." in page
    assert "Rejoindre la liste d’attente" in page
    assert "Je préfère une réponse écrite" in page


def test_a_session_in_which_the_ptce_has_its_one_appointment_offers_no_other(scene: Scene) -> None:
    scene.book()
    other = make_ptce_question(scene.ptce, scene.asker)
    page = scene.client.get(f"/juri-ptce/questions/{other.reference}/creneau")
    assert 'name="slot"' not in page.text
    assert "Votre PTCE y a déjà un rendez-vous" in text_of(page)
    assert "Rejoindre la liste d’attente" not in text_of(page)


def test_a_full_session_is_waited_for_and_left(scene: Scene) -> None:
    fill_session(scene.session)
    wait = f"/juri-ptce/questions/{scene.ticket.reference}/liste-attente"
    assert f'formaction="{wait}"' in scene.client.get(scene.choose).text
    assert scene.post(wait, session=scene.session.id, medium="phone", phone=PHONE).status_code == 303
    entry = db.session.scalars(sa.select(WaitingEntry)).one()
    assert entry.status is WaitingStatus.WAITING
    assert "Vous êtes sur la liste d’attente" in text_of(scene.client.get(scene.choose))
    scene.offer()
    assert "position sur la liste d’attente" in text_of(scene.client.get("/juri-ptce"))
    assert scene.post(f"/juri-ptce/liste-attente/{entry.id}/quitter").location == "/juri-ptce"
    assert db.session.get_one(WaitingEntry, entry.id).status is WaitingStatus.LEFT


def test_a_freed_place_is_taken_from_the_page_or_left(scene: Scene) -> None:
    taken = fill_session(scene.session)
    waiting.join(scene.asker, scene.ticket, scene.session.id, medium=Medium.PHONE, phone=PHONE)
    booking.cancel_by_service(taken[1:2], reason="")
    entry = db.session.scalars(sa.select(WaitingEntry)).one()
    page = scene.client.get("/juri-ptce")
    assert "Une place s’est libérée le" in text_of(page)
    assert f"/juri-ptce/liste-attente/{entry.id}/decliner" in page.text
    assert scene.post(f"/juri-ptce/liste-attente/{entry.id}/accepter").location == "/juri-ptce"
    assert appointments()[-1].status is AppointmentStatus.CONFIRMED


def test_a_place_that_is_gone_leads_to_what_is_left(scene: Scene) -> None:
    taken = fill_session(scene.session)
    waiting.join(scene.asker, scene.ticket, scene.session.id, medium=Medium.PHONE, phone=PHONE)
    booking.cancel_by_service(taken[1:2], reason="")
    entry = db.session.scalars(sa.select(WaitingEntry)).one()
    waiting.decline(scene.asker, entry)
    answer = scene.post(f"/juri-ptce/liste-attente/{entry.id}/accepter")
    assert answer.location == scene.choose
    assert "Cette proposition n’est plus valable" in text_of(scene.client.get(answer.location))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"slot": ""}, "Choisissez un créneau dans la liste."),
        ({"slot": "abc"}, "Choisissez un créneau dans la liste."),
        ({"slot": "999999"}, "créneau"),
        ({"medium": "fax"}, "Choisissez une réponse dans la liste."),
        ({"phone": ""}, "Indiquez le numéro"),
        ({"phone": "<script>"}, "Écrivez le numéro en chiffres"),
    ],
)
def test_bad_input_is_told_in_french_and_gives_back_what_was_typed(
    scene: Scene, values: dict[str, str], message: str
) -> None:
    typed = {"slot": str(scene.slot_id(2)), "medium": "phone", "phone": "06 11 22 33 44", **values}
    answer = scene.post(scene.choose, **typed)
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert html.escape(typed["phone"]) in answer.text
    assert appointments() == []


def test_errors_are_listed_in_the_order_of_the_page(scene: Scene) -> None:
    page = text_of(scene.post(scene.choose, slot="", medium="phone", phone=""))
    assert page.index("Choisissez un créneau dans la liste.") < page.index("Indiquez le numéro")


@pytest.mark.parametrize("moment", ["the past", "the cut-off"])
def test_a_slot_that_is_over_or_past_the_cut_off_is_refused_and_the_written_track_goes_on(
    scene: Scene, moment: str
) -> None:
    if moment == "the past":
        scene.session.cut_off_at = scene.session.starts_at = clock.now() - timedelta(hours=1)
    else:
        scene.session.cut_off_at = clock.now() - timedelta(seconds=1)
    slot_id = scene.slot_id()
    db.session.commit()
    answer = scene.post(scene.choose, slot=slot_id, medium="phone", phone=PHONE)
    assert answer.status_code == 422
    assert "par écrit" in text_of(answer)
    assert appointments() == []


def test_a_ptce_that_nothing_entitles_goes_on_in_writing_until_its_delegation_vouches(
    app: Flask, sign_in: SignIn
) -> None:
    scene = signed_in(Scene(is_entitled=False), sign_in)
    page = scene.client.get(scene.choose)
    assert 'name="slot"' not in page.text
    assert "Votre délégation peut se porter garante" in text_of(page)
    answer = scene.post(scene.choose, slot=scene.slot_id(), medium="phone", phone=PHONE)
    assert answer.status_code == 422
    assert "se porter garante" in text_of(answer)
    operations.vouch(PersonFactory(delegate=True), scene.ptce)
    assert 'name="slot"' in scene.client.get(scene.choose).text


def test_the_delegation_and_the_pole_choose_for_a_ptce_on_the_phone(scene: Scene, sign_in: SignIn) -> None:
    delegate = sign_in(PersonFactory(delegate=True))
    page = delegate.get(scene.choose)
    assert 'name="slot"' in page.text
    assert f"Vous réservez pour {scene.ptce.name}" in text_of(page)
    assert "Je préfère" not in text_of(page)
    data = {"submission_key": key(), "slot": scene.slot_id(1), "medium": "phone", "phone": PHONE}
    answer = sign_in(scene.jurist).post(scene.choose, data=data)
    assert answer.status_code == 303
    assert appointments()[0].status is AppointmentStatus.CONFIRMED


def test_only_the_questions_of_a_ptce_have_slots(app: Flask, sign_in: SignIn) -> None:
    ticket = make_ticket()
    assert (
        sign_in(PersonFactory(jurist=True)).get(f"/juri-ptce/questions/{ticket.reference}/creneau").status_code == 404
    )


def test_a_closed_question_says_what_to_do(scene: Scene) -> None:
    tickets.withdraw(scene.asker, scene.ticket)
    answer = scene.client.get(scene.choose)
    assert answer.status_code == 403
    assert "posez-en une nouvelle" in text_of(answer)


# --- the appointment


def test_the_appointment_tells_when_how_and_what_to_prepare(app: Flask, sign_in: SignIn) -> None:
    scene = signed_in(Scene(departement="974", delegation="ocean-indien"), sign_in)
    scene.offer()
    appointment = scene.book()
    page = text_of(scene.client.get(f"/juri-ptce/rendez-vous/{appointment.id}"))
    assert "à La Réunion)" in page
    assert f"nous vous appelons au {PHONE}" in page
    assert scene.jurist.full_name in page
    assert "Ajouter un document à la question" in page


def test_the_calendar_file_says_nothing_of_the_question(scene: Scene) -> None:
    appointment = scene.book()
    answer = scene.client.get(f"/juri-ptce/rendez-vous/{appointment.id}/invitation.ics")
    assert answer.mimetype == "text/calendar"
    assert appointment.uid in answer.text
    assert scene.ticket.title[:20] not in answer.text
    booking.cancel(scene.asker, appointment)
    assert scene.client.get(f"/juri-ptce/rendez-vous/{appointment.id}/invitation.ics").status_code == 404


def test_moving_leads_to_the_new_appointment_and_the_old_page_points_to_it(scene: Scene) -> None:
    old = scene.book()
    move = f"/juri-ptce/rendez-vous/{old.id}/deplacer"
    page = text_of(scene.client.get(move))
    assert "Le rendez-vous est prévu le" in page
    assert "Déplacer à ce créneau" in page
    answer = scene.post(move, slot=scene.slot_id(2))
    new = appointments()[-1]
    assert answer.location == f"/juri-ptce/rendez-vous/{new.id}"
    assert (new.slot_id, new.uid) == (scene.slot_id(2), old.uid)
    assert "Voir le nouveau rendez-vous" in text_of(scene.client.get(f"/juri-ptce/rendez-vous/{old.id}"))
    assert scene.client.get(move).location == f"/juri-ptce/rendez-vous/{old.id}"


def test_a_move_to_a_slot_taken_meanwhile_moves_nothing(scene: Scene) -> None:
    other = make_session(in_days(75))
    fill_session(other)
    old = scene.book()
    answer = scene.post(f"/juri-ptce/rendez-vous/{old.id}/deplacer", slot=other.slots[1].id)
    assert answer.status_code == 200
    assert "Votre rendez-vous reste à son heure." in text_of(answer)
    assert db.session.get_one(Appointment, old.id).status is AppointmentStatus.REQUESTED


def test_cancelling_gives_the_place_back_with_a_word(scene: Scene) -> None:
    one = scene.book()
    values = {"version": one.version, "reason": "Le conseil a tranché."}
    answer = scene.post(f"/juri-ptce/rendez-vous/{one.id}/annuler", **values)
    assert answer.location == f"/juri-ptce/rendez-vous/{one.id}"
    found = db.session.get_one(Appointment, one.id)
    assert (found.status, found.cancelled_reason) == (AppointmentStatus.CANCELLED_BY_PTCE, "Le conseil a tranché.")
    assert "Choisir un autre créneau" in text_of(scene.client.get(answer.location))


def test_a_call_that_the_service_cancels_says_why(scene: Scene) -> None:
    one = scene.book()
    booking.cancel_by_service([one], reason="Les juristes sont en formation.")
    page = text_of(scene.client.get(f"/juri-ptce/rendez-vous/{one.id}"))
    assert "Motif : Les juristes sont en formation." in page


def test_the_way_to_cancel_opens_what_it_leads_to(scene: Scene) -> None:
    url = f"/juri-ptce/rendez-vous/{scene.book().id}"
    assert f"{url}?annuler=1#annuler" in scene.client.get("/juri-ptce").text
    assert 'id="annuler" open' in scene.client.get(f"{url}?annuler=1").text
    assert 'id="annuler" open' not in scene.client.get(url).text


def test_an_urgent_call_of_any_structure_has_its_page_and_no_slot_to_choose(app: Flask, sign_in: SignIn) -> None:
    asker, jurist = make_asker(phone=PHONE), PersonFactory(jurist=True)
    ticket = make_ticket(asker, urgency=2)
    starts_at = clock.now() + timedelta(minutes=2)
    call = open_emergency(jurist, ticket, starts_at=starts_at, minutes=30, medium=Medium.PHONE, jurist=jurist)
    page = sign_in(asker).get(f"/juri-ptce/rendez-vous/{call.id}")
    assert page.status_code == 200
    assert "Le rendez-vous est aujourd’hui" in text_of(page)
    assert "/deplacer" not in page.text
    assert "/creneau" not in page.text


def test_an_outdated_page_cancels_nothing_and_keeps_what_was_typed(scene: Scene) -> None:
    one = scene.book()
    answer = scene.post(f"/juri-ptce/rendez-vous/{one.id}/annuler", version=one.version + 5, reason="Un mot gardé.")
    assert answer.status_code == 409
    assert "Un mot gardé." in answer.text
    assert db.session.get_one(Appointment, one.id).status is AppointmentStatus.REQUESTED


def test_on_the_day_itself_the_page_tells_the_number_to_call(scene: Scene, app: Flask) -> None:
    one = scene.book()
    slot = one.slot
    slot.starts_at, slot.ends_at = clock.now() + timedelta(minutes=2), clock.now() + timedelta(minutes=40)
    db.session.commit()
    page = scene.client.get(f"/juri-ptce/rendez-vous/{one.id}")
    number = app.config["SETTINGS"].service_phone
    assert number in text_of(page)
    assert f"/juri-ptce/rendez-vous/{one.id}/annuler" not in page.text
    answer = scene.post(f"/juri-ptce/rendez-vous/{one.id}/annuler", version=one.version)
    assert answer.status_code == 422
    assert number in text_of(answer)


@pytest.mark.parametrize("path", ["", "/invitation.ics", "/deplacer", "/annuler"])
def test_a_foreign_appointment_is_not_found(scene: Scene, sign_in: SignIn, path: str) -> None:
    one = scene.book()
    strangers = [make_asker(), make_asker(make_ptce()), PersonFactory(delegate=True, delegation="normandie")]
    for stranger in (*strangers, make_partner(), PersonFactory(admin=True)):
        client = sign_in(stranger)
        url = f"/juri-ptce/rendez-vous/{one.id}{path}"
        answers = [client.post(url, data={"version": 1})] if path == "/annuler" else [client.get(url)]
        assert [answer.status_code for answer in answers] == [404]


@pytest.mark.parametrize("act", ["quitter", "accepter", "decliner"])
def test_a_foreign_place_on_the_waiting_list_is_not_found(scene: Scene, sign_in: SignIn, act: str) -> None:
    fill_session(scene.session)
    entry = waiting.join(scene.asker, scene.ticket, scene.session.id, medium=Medium.PHONE, phone=PHONE)
    for stranger in (make_asker(), make_asker(make_ptce()), make_partner()):
        assert sign_in(stranger).post(f"/juri-ptce/liste-attente/{entry.id}/{act}").status_code == 404
        assert sign_in(stranger).post(f"/juri-ptce/liste-attente/999999/{act}").status_code == 404
    assert db.session.get_one(WaitingEntry, entry.id).status is WaitingStatus.WAITING


# --- on the other pages


def test_the_thread_shows_the_step_about_a_call(scene: Scene) -> None:
    url = f"/questions/{scene.ticket.reference}"
    assert "Demander un créneau" in text_of(scene.client.get(url))
    scene.offer()
    assert "Un échange vous est proposé" in text_of(scene.client.get(url))
    appointment = scene.book()
    assert f"/juri-ptce/rendez-vous/{appointment.id}" in scene.client.get(url).text


def test_the_home_page_shows_the_step_that_awaits_or_the_way_to_the_sessions(scene: Scene) -> None:
    assert "Voir la permanence" in text_of(scene.client.get("/"))
    scene.offer()
    assert "Choisir un créneau" in text_of(scene.client.get("/"))
    scene.book()
    assert "Voir le rendez-vous" in text_of(scene.client.get("/"))
    tickets.withdraw(scene.asker, scene.ticket)
    assert "Voir la permanence" in text_of(scene.client.get("/"))


@pytest.mark.parametrize(("is_entitled", "words"), [(True, "Demander un créneau"), (False, "se porter garante")])
def test_the_confirmation_says_what_comes_next(app: Flask, sign_in: SignIn, is_entitled: bool, words: str) -> None:
    asker = make_asker(make_ptce(is_entitled=is_entitled))
    ticket = make_ptce_question(asker=asker)
    assert words in text_of(sign_in(asker).get(f"/questions/{ticket.reference}/envoyee"))


def test_the_panels_ask_nothing_of_the_database_for_a_structure_that_is_no_ptce(app: Flask, sign_in: SignIn) -> None:
    asker = make_asker(OrganisationFactory())
    ticket = make_ticket(asker)
    client = sign_in(asker)
    for url in ("/", f"/questions/{ticket.reference}", f"/questions/{ticket.reference}/envoyee"):
        with count_queries() as statements:
            assert "Juri-PTCE" not in client.get(url).text
        assert not [one for one in statements if "juri_" in one]


COUNTS = {"/juri-ptce": 6, "/": 8, "/questions/{own}": 10, "{choose}": 22, "/juri-ptce/rendez-vous/{call}": 12}
"""How many statements each page may run, the session's own included."""


def test_the_pages_of_a_ptce_ask_the_same_whatever_the_number_of_questions(scene: Scene) -> None:
    def counted() -> dict[str, int]:
        return {url: len(statements_of(scene, url.format(**places))) for url in COUNTS}

    called = make_ptce_question(scene.ptce, scene.asker)
    booked = booking.book(scene.asker, called, scene.slot_id(), medium=Medium.PHONE, phone=PHONE).appointment
    assert booked is not None
    places = {"own": scene.ticket.reference, "choose": scene.choose, "call": booked.id}
    few = counted()
    for _ in range(8):
        bring_to(make_ptce_question(scene.ptce, scene.asker), Status.STUDY, jurist=scene.jurist)
    assert (few, counted()) == (COUNTS, COUNTS)


@pytest.mark.parametrize("page", ["/", "/questions/{own}"])
def test_a_panel_asks_one_thing_of_the_database(scene: Scene, page: str) -> None:
    statements = statements_of(scene, page.format(own=scene.ticket.reference))
    assert sum("juri_" in one for one in statements) == 1


def statements_of(scene: Scene, url: str) -> list[str]:
    scene.client.get(url)
    with count_queries() as statements:
        assert scene.client.get(url).status_code == 200
    return list(statements)
