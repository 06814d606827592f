"""« Juri-PTCE »: the calendar as each role reads it, and one session as the pole manages it, over HTTP."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from helpdesk.db import db
from helpdesk.juri_ptce.enums import AppointmentStatus, DayProblem, SessionStatus
from helpdesk.juri_ptce.models import JuriSession
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_partner, make_session
from tests.juri_ptce.test_sessions import booked
from tests.support.http import Client
from tests.support.pages import error_summary, hidden_fields, text_of

NOW = datetime(2026, 12, 10, 9, tzinfo=UTC)
CALENDAR = "/juri-ptce/seances"
SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def _winter(app: Flask) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def edit(session: JuriSession) -> str:
    return f"{CALENDAR}/{session.id}/modifier"


def act(client: Client, session: JuriSession, slug: str, **values: Any) -> Any:
    """Fill in one of the forms of the page and send it."""
    url = f"{edit(session)}/{slug}"
    data = {f"{slug}-{name}": value for name, value in values.items()}
    return client.post(url, data={**hidden_fields(client.get(edit(session)), url), **data})


def reread(session: JuriSession) -> JuriSession:
    db.session.refresh(session)
    return session


# --- the calendar


def test_the_next_three_sessions_show_in_full_and_the_others_in_a_line(sign_in: SignIn) -> None:
    host = PersonFactory(jurist=True, first_name="Nadia", last_name="Benali")
    make_session("2027-01-05", status=SessionStatus.PROPOSED, problem=DayProblem.EARLY_JANUARY)
    booked(make_session("2027-02-02", hosts=(host,), place="Rennes"))
    make_session("2027-03-02")
    make_session("2027-04-06", status=SessionStatus.CANCELLED, cancelled_at=NOW, cancelled_reason="Congrès.")
    page = sign_in(host).get(CALENDAR)
    words = text_of(page)
    assert page.text.count('<section class="carte"') == 3
    assert "À décider : début janvier" in words
    assert "Mardi 2 février 2027" in words
    assert "de 14 h à 17 h 30" in words
    assert "1 place prise, 3 libres" in words
    assert "Nadia Benali" in words
    assert "mardi 26 janvier 2027" in words
    assert "Personne pour la tenir" in words
    assert "Annulée Congrès." in words
    assert "Décider" in words


def test_an_empty_calendar_says_what_comes_next(sign_in: SignIn) -> None:
    client = sign_in(PersonFactory(jurist=True))
    assert "Aucune séance à venir" in text_of(client.get(CALENDAR))
    assert "Aucune séance passée" in text_of(client.get(f"{CALENDAR}?vue=passees"))


def test_sessions_that_are_over_have_their_own_pages(sign_in: SignIn) -> None:
    for month in range(1, 12):
        make_session(f"2025-{month:02}-04")
        make_session(f"2026-{month:02}-03")
    client = sign_in(PersonFactory(jurist=True))
    first, second = (text_of(client.get(f"{CALENDAR}?vue=passees&page={page}")) for page in (1, 2))
    assert "3 novembre 2026" in first
    assert "22 séances, page 1 sur 2" in first
    assert "4 janvier 2025" in second
    assert "Modifier" not in first
    assert client.get(f"{CALENDAR}?vue=passees&page=-3").status_code == 200
    assert "3 novembre 2026" not in text_of(client.get(CALENDAR))


def test_delegates_and_partners_read_the_calendar_without_a_word_of_any_question(sign_in: SignIn) -> None:
    host = PersonFactory(jurist=True)
    session = make_session("2027-02-02", hosts=(host,))
    call = booked(session)
    for reader in (PersonFactory(delegate=True), make_partner()):
        page = sign_in(reader).get(CALENDAR)
        assert page.status_code == 200
        assert "1 place prise" in text_of(page)
        for secret in (call.ticket.reference, call.ticket.title, call.organisation.name):
            assert secret not in page.text
        assert "/modifier" not in page.text
    assert CALENDAR in sign_in(make_partner()).get(CALENDAR).text


@pytest.mark.parametrize("traits", [{"member": True}, {"admin": True}])
def test_the_calendar_is_closed_to_everybody_else(sign_in: SignIn, traits: dict[str, bool]) -> None:
    assert sign_in(PersonFactory(**traits)).get(CALENDAR).status_code == 403


# --- one session


def test_a_session_is_managed_by_the_pole_alone(sign_in: SignIn) -> None:
    session = make_session("2027-03-02")
    for reader in (PersonFactory(delegate=True), make_partner(), PersonFactory(member=True), PersonFactory(admin=True)):
        client = sign_in(reader)
        assert client.get(edit(session)).status_code == 403
        assert client.post(f"{edit(session)}/annuler", data={"version": "1"}).status_code == 403
    assert sign_in(PersonFactory(jurist=True)).get(f"{CALENDAR}/9999/modifier").status_code == 404
    assert reread(session).status is SessionStatus.SCHEDULED


def test_a_proposed_day_is_moved_to_the_tuesday_offered(sign_in: SignIn) -> None:
    session = make_session("2027-01-05", status=SessionStatus.PROPOSED, problem=DayProblem.EARLY_JANUARY)
    client = sign_in(PersonFactory(lead=True))
    page = client.get(edit(session))
    assert "Que faire de cette séance ?" in text_of(page)
    assert 'value="2027-01-12"' in page.text
    response = act(client, session, "deplacer", day="2027-01-12")
    assert (response.status_code, response.location) == (303, edit(session))
    assert reread(session).starts_at == at("2027-01-12 14:00")
    assert session.status is SessionStatus.SCHEDULED
    assert "La séance est déplacée." in text_of(client.get(edit(session)))


@pytest.mark.parametrize(
    ("slug", "status"), [("ouvrir", SessionStatus.SCHEDULED), ("annuler", SessionStatus.CANCELLED)]
)
def test_a_proposed_day_is_opened_all_the_same_or_cancelled(sign_in: SignIn, slug: str, status: SessionStatus) -> None:
    session = make_session("2027-08-03", status=SessionStatus.PROPOSED, problem=DayProblem.AUGUST)
    assert act(sign_in(PersonFactory(jurist=True)), session, slug).status_code == 303
    assert reread(session).status is status


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("", "Choisissez le nouveau jour"),
        ("mardi", "Écrivez une date qui existe"),
        ("2027-02-30", "Écrivez une date qui existe"),
        ("2026-01-05", "jour à venir"),
        ("2027-03-29", "n’est pas un jour travaillé"),
    ],
)
def test_a_wrong_day_is_told_and_changes_nothing(sign_in: SignIn, day: str, words: str) -> None:
    session = make_session("2027-03-02")
    response = act(sign_in(PersonFactory(jurist=True)), session, "deplacer", day=day)
    assert response.status_code == 422
    assert words in error_summary(response)[0]
    assert reread(session).starts_at == at("2027-03-02 14:00")


def test_hosts_and_absences_are_ticked(sign_in: SignIn) -> None:
    one, other = PersonFactory(jurist=True), PersonFactory(jurist=True)
    session = make_session("2027-03-02", hosts=(one,))
    client = sign_in(one)
    assert act(client, session, "juristes", hosts=[one.id, other.id], absent=[one.id]).status_code == 303
    assert {host.person_id: host.is_absent for host in reread(session).hosts} == {one.id: True, other.id: False}
    words = text_of(client.get(edit(session)))
    assert f"absence : {one.full_name}" in words
    refused = act(client, session, "juristes", hosts=["x"])
    assert refused.status_code == 422
    assert error_summary(refused) == ["Choisissez dans la liste : une de ces personnes ne tient pas de séance."]


def test_the_place_is_kept_and_what_was_typed_is_given_back(sign_in: SignIn) -> None:
    session = make_session("2027-03-02")
    client = sign_in(PersonFactory(jurist=True))
    refused = act(client, session, "lieu", place="Salle du conseil", video_link="http://visio.example")
    assert refused.status_code == 422
    assert 'value="Salle du conseil"' in refused.text
    assert 'value="http://visio.example"' in refused.text
    assert (
        act(client, session, "lieu", place="Salle du conseil", video_link="https://visio.example/x").status_code == 303
    )
    assert reread(session).video_link == "https://visio.example/x"


def test_a_session_with_somebody_booked_asks_why_it_is_cancelled(sign_in: SignIn) -> None:
    host = PersonFactory(jurist=True)
    session = make_session("2027-03-02", hosts=(host,))
    call = booked(session)
    client = sign_in(host)
    assert "1 PTCE inscrit" in text_of(client.get(edit(session)))
    assert act(client, session, "annuler", reason="").status_code == 422
    assert act(client, session, "annuler", reason="Congrès de la fédération.").status_code == 303
    db.session.refresh(call)
    assert (call.status, call.cancelled_reason) == (
        AppointmentStatus.CANCELLED_BY_SERVICE,
        "Congrès de la fédération.",
    )
    assert "Congrès de la fédération." in text_of(client.get(edit(session)))


def test_a_stale_page_is_a_conflict_that_keeps_the_words(sign_in: SignIn) -> None:
    session = make_session("2027-03-02")
    client = sign_in(PersonFactory(jurist=True))
    url = f"{edit(session)}/annuler"
    stale = hidden_fields(client.get(edit(session)), url)
    assert act(client, session, "lieu", place="Rennes", video_link="").status_code == 303
    response = client.post(url, data={**stale, "annuler-reason": "Une raison bien pesée"})
    assert response.status_code == 409
    assert "Une raison bien pesée" in response.text
    assert "Cette séance a changé" in text_of(response)
    assert reread(session).status is SessionStatus.SCHEDULED


def test_the_same_form_sent_twice_acts_once(sign_in: SignIn) -> None:
    session = make_session("2027-03-02")
    client = sign_in(PersonFactory(jurist=True))
    url = f"{edit(session)}/annuler"
    data = hidden_fields(client.get(edit(session)), url)
    assert [client.post(url, data=data).status_code for _ in range(2)] == [303, 303]
    assert reread(session).status is SessionStatus.CANCELLED


def test_a_session_that_is_over_offers_nothing(sign_in: SignIn) -> None:
    session = make_session("2026-12-01")
    client = sign_in(PersonFactory(jurist=True))
    page = client.get(edit(session))
    assert "Cette séance est passée" in text_of(page)
    assert f"{edit(session)}/" not in page.text
    data = {"version": session.version, "submission_key": "clef", "annuler-reason": "Trop tard"}
    assert client.post(f"{edit(session)}/annuler", data=data).status_code == 409
