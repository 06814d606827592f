"""The calendar that a jurist subscribes to: secret, revocable, and without a word of anybody."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import vobject
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.models import Person, StaffRole
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.juri_ptce.enums import Medium, SessionStatus
from helpdesk.juri_ptce.models import CalendarFeed
from helpdesk.juri_ptce.operations import booking, calls, feed
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import make_partner, make_ptce_question, make_session
from tests.factories.tickets import make_asker
from tests.juri_ptce.test_invitations import TITLE, World, january  # noqa: F401 (a fixture)
from tests.support import http
from tests.support.queries import count_queries
from tests.support.scenes import Keep

SETTINGS = "/juri-ptce/calendrier"
SignIn = Callable[[Person], http.Client]


@pytest.fixture
def world(kept: Keep) -> World:
    return kept(World)


def address(token: str) -> str:
    return f"{SETTINGS}/{token}.ics"


def events(client: http.Client, token: str) -> list[Any]:
    answer = client.get(address(token))
    assert answer.status_code == 200
    calendar = vobject.readOne(answer.text)
    return list(calendar.contents.get("vevent", []))


def test_it_shows_the_calls_attended_and_the_sessions_held(client: http.Client, world: World) -> None:
    appointment, token = world.book(), feed.renew(world.jurist)
    shown = {event.uid.value: event for event in events(client, token)}
    assert len(shown) == 3
    call = shown[appointment.uid]
    assert call.summary.value == "RDV juridique"
    assert (call.dtstart.value, call.dtend.value) == (
        datetime(2027, 3, 2, 13, tzinfo=UTC),
        datetime(2027, 3, 2, 13, 45, tzinfo=UTC),
    )
    assert call.url.value == f"http://127.0.0.1:8000/juri-ptce/rendez-vous/{appointment.id}/preparer"
    sessions = [event for event in shown.values() if event is not call]
    assert {event.summary.value for event in sessions} == {"Permanence juridique"}
    assert {event.transp.value for event in sessions} == {"TRANSPARENT"}


def test_it_says_nothing_of_the_questions_nor_of_anybody(client: http.Client, world: World) -> None:
    world.book(Medium.PHONE)
    text = client.get(address(feed.renew(world.jurist))).text
    for secret in (TITLE, world.ptce.name, "Hoareau", "lise@", "06", "Réunion", world.ticket.reference, "meet.jit.si"):
        assert secret not in re.sub(r"(UID|DTSTAMP|DTSTART|DTEND|URL)[^\n]*(\n [^\n]*)*", "", text)


def test_a_colleague_who_attends_nothing_sees_nothing(client: http.Client, world: World) -> None:
    world.book()
    assert events(client, feed.renew(world.colleague)) == []


def test_what_is_cancelled_moved_or_left_is_no_longer_there(client: http.Client, world: World) -> None:
    token = feed.renew(world.jurist)
    appointment = world.book()
    moved = booking.move(world.asker, appointment, world.april.slots[0].id).appointment
    starts = {event.dtstart.value for event in events(client, token) if event.uid.value == moved.uid}
    assert starts == {datetime(2027, 4, 6, 12, tzinfo=UTC)}
    booking.cancel(world.asker, moved)
    assert len(events(client, token)) == 2
    world.april.hosts[0].is_absent = True
    world.march.status, world.march.cancelled_at = SessionStatus.CANCELLED, clock.now()
    db.session.commit()
    assert events(client, token) == []


def test_a_call_to_be_confirmed_is_tentative(client: http.Client, world: World) -> None:
    calls.withdraw_offer(world.jurist, world.ticket)
    appointment = world.book()
    [call] = [event for event in events(client, feed.renew(world.jurist)) if event.uid.value == appointment.uid]
    assert call.status.value == "TENTATIVE"


def test_programs_are_told_how_often_to_come_and_that_nothing_has_changed(client: http.Client, world: World) -> None:
    world.book()
    token = feed.renew(world.jurist)
    first = client.get(address(token))
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in first.text
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "METHOD" not in first.text
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = client.get(address(token), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    booking.cancel(world.asker, booking.queries.to_come_of(world.ticket))
    assert client.get(address(token), headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_same_calendar_is_the_same_bytes_a_day_later(
    client: http.Client,
    world: World,
    january: Any,  # noqa: F811
) -> None:
    world.book()
    token = feed.renew(world.jurist)
    first = client.get(address(token)).data
    january.shift(timedelta(days=1))
    assert client.get(address(token)).data == first


def test_only_the_hash_of_the_token_is_kept(world: World) -> None:
    token = feed.renew(world.jurist)
    [row] = db.session.scalars(sa.select(CalendarFeed)).all()
    assert token not in (row.token_hash, str(row.person_id))
    assert len(token) >= 43


def test_a_renewed_or_revoked_address_is_not_found(client: http.Client, world: World) -> None:
    first = feed.renew(world.jurist)
    second = feed.renew(world.jurist)
    assert client.get(address(first)).status_code == 404
    assert client.get(address(second)).status_code == 200
    feed.revoke(world.jurist)
    feed.revoke(world.jurist)
    assert client.get(address(second)).status_code == 404
    acts = db.session.scalars(sa.select(AuditEvent.action).where(AuditEvent.action.like("calendar_feed.%"))).all()
    assert sorted(acts) == ["calendar_feed.renewed", "calendar_feed.renewed", "calendar_feed.revoked"]


@pytest.mark.parametrize("token", ["jeton", "x" * 300, "é", "..", "a.ics"])
def test_an_unknown_address_is_not_found(client: http.Client, world: World, token: str) -> None:
    assert client.get(address(token)).status_code == 404


def test_the_address_of_somebody_without_the_role_any_more_is_not_found(client: http.Client, world: World) -> None:
    token = feed.renew(world.jurist)
    yesterday = clock.today() - timedelta(days=1)
    db.session.execute(sa.update(StaffRole).where(StaffRole.person_id == world.jurist.id).values(ends_on=yesterday))
    db.session.commit()
    assert client.get(address(token)).status_code == 404


def test_the_address_of_a_closed_account_is_not_found(client: http.Client, world: World) -> None:
    token = feed.renew(world.jurist)
    world.jurist.is_active = False
    db.session.commit()
    assert client.get(address(token)).status_code == 404
    with pytest.raises(NotFound):
        feed.person_of(token)


@pytest.mark.parametrize("trait", ["delegate", "member", "admin"])
def test_nobody_else_has_such_an_address(app: Flask, trait: str, sign_in: SignIn) -> None:
    person = PersonFactory(**{trait: True})
    with pytest.raises(NotAllowed):
        feed.renew(person)
    client = sign_in(person)
    assert client.get(SETTINGS).status_code == 403
    assert client.post(SETTINGS).status_code == 403
    assert client.post(f"{SETTINGS}/supprimer").status_code == 403


@pytest.mark.parametrize("who", ["jurist", "lead", "partner"])
def test_those_who_hold_sessions_make_see_once_change_and_delete_it(app: Flask, who: str, sign_in: SignIn) -> None:
    person = make_partner() if who == "partner" else PersonFactory(**{who: True})
    client = sign_in(person)
    assert "Créer mon adresse" in client.get(SETTINGS).text
    assert client.post(SETTINGS).status_code == 303
    page = client.get(SETTINGS).text
    [found] = set(re.findall(r"http://127\.0\.0\.1:8000(/juri-ptce/calendrier/[\w-]+\.ics)", page))
    assert http.new_client(app).get(found).status_code == 200
    later = client.get(SETTINGS).text
    assert ".ics" not in later
    assert "Changer d’adresse" in later
    assert client.post(f"{SETTINGS}/supprimer").status_code == 303
    assert http.new_client(app).get(found).status_code == 404
    assert "est supprimée" in client.get(SETTINGS).text


@pytest.mark.sqlite_only
def test_a_calendar_asks_the_same_of_the_database_however_many_calls_it_holds(
    client: http.Client, world: World
) -> None:
    token = feed.renew(world.jurist)
    db.session.commit()
    with count_queries() as few:
        client.get(address(token))
    for month in (5, 6, 7):
        session = make_session(f"2027-0{month}-05", hosts=(world.jurist,))
        ticket = make_ptce_question(world.ptce, make_asker(world.ptce))
        booking.book(world.jurist, ticket, session.slots[0].id, medium=Medium.VIDEO)
    with count_queries() as many:
        assert len(events(client, token)) == 8
    assert len(many) == len(few) <= 6
