"""The row behind the cookie: when it lasts, when it ends, what it costs."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from helpdesk import clock
from helpdesk.accounts import operations
from helpdesk.accounts.models import UserSession
from helpdesk.accounts.sessions import TOUCH_EVERY
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db
from tests.factories.accounts import (
    PASSWORD,
    OrganisationFactory,
    PersonFactory,
    give_mandate,
)
from tests.support.http import new_client
from tests.support.pages import post
from tests.support.queries import count_queries

PAGE = "/mon-compte"


def row_count() -> int:
    return db.session.scalar(sa.select(sa.func.count(UserSession.id))) or 0


def cookie_of(client):
    (cookie,) = [client.get_cookie("session")]
    return cookie.value


def with_cookie(app, value):
    client = new_client(app)
    client.set_cookie("session", value)
    return client


def test_a_copied_cookie_is_worth_nothing_after_sign_out(app, sign_in):
    client = sign_in(PersonFactory(member=True))
    client.get(PAGE)
    stolen = cookie_of(client)
    assert with_cookie(app, stolen).get(PAGE).status_code == 200
    response = post(client, "/deconnexion", page=PAGE)
    assert response.location == "/connexion"
    assert with_cookie(app, stolen).get(PAGE).status_code == 303
    assert row_count() == 0


def test_signing_out_of_a_session_that_has_ended_is_no_error(app, sign_in, client):
    expired = sign_in(PersonFactory(member=True))
    db.session.execute(sa.delete(UserSession))
    for visitor in (expired, client):
        assert visitor.post("/deconnexion").location == "/connexion"


def test_signing_out_is_no_link(app, sign_in):
    client = sign_in(PersonFactory(member=True))
    assert client.get("/deconnexion").status_code == 405
    assert client.get(PAGE).status_code == 200


def test_signing_out_needs_the_token(app, sign_in, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    client = sign_in(PersonFactory(member=True))
    assert client.post("/deconnexion").status_code == 400
    assert client.get(PAGE).status_code == 200


def test_a_cookie_planted_before_sign_in_is_not_the_one_signed_in(app, client):
    person = PersonFactory(member=True, with_password=True)
    client.get("/connexion")
    planted = cookie_of(client)
    data = {"email": person.email, "password": PASSWORD}
    post(client, "/connexion/mot-de-passe", data, page="/connexion")
    assert client.get(PAGE).status_code == 200
    assert with_cookie(app, planted).get(PAGE).status_code == 303


def test_signing_in_again_rotates_the_session_and_drops_the_old_row(app, sign_in):
    person = PersonFactory(member=True, with_password=True)
    client = sign_in(person)
    client.get(PAGE)
    old = cookie_of(client)
    data = {"email": person.email, "password": PASSWORD}
    client.post("/connexion/mot-de-passe", data=data)
    assert row_count() == 1
    assert with_cookie(app, old).get(PAGE).status_code == 303
    assert client.get(PAGE).status_code == 200


def test_twelve_idle_hours_end_a_session_and_use_prolongs_it(app, sign_in):
    start = clock.now()
    client, idle = sign_in(PersonFactory(member=True)), sign_in(PersonFactory(member=True))
    with time_machine.travel(start + timedelta(hours=11), tick=False):
        assert client.get(PAGE).status_code == 200
    with time_machine.travel(start + timedelta(hours=22), tick=False):
        assert client.get(PAGE).status_code == 200
        assert idle.get(PAGE).status_code == 303


def test_fourteen_days_end_a_session_however_busy(app, sign_in):
    start = clock.now()
    client = sign_in(PersonFactory(member=True))
    for hours in range(10, 14 * 24, 10):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            assert client.get(PAGE).status_code == 200
    with time_machine.travel(start + timedelta(days=14), tick=False):
        assert client.get(PAGE).status_code == 303


def test_a_page_writes_its_session_once_an_hour_at_most(app, sign_in):
    client = sign_in(PersonFactory(member=True))
    with time_machine.travel(clock.now() + TOUCH_EVERY, tick=False), count_queries() as queries:
        client.get(PAGE)
        client.get(PAGE)
    assert len([query for query in queries if query.startswith("UPDATE user_session")]) == 1


def test_loading_who_is_there_takes_three_queries_at_most_whatever_their_rights(app, sign_in):
    person = PersonFactory(delegate=True, delegations=("bretagne", "normandie", "occitanie"))
    for _ in range(8):
        give_mandate(person, OrganisationFactory())
    client = sign_in(person)
    client.get(PAGE)
    with count_queries() as queries:
        client.get("/connexion")
    assert len(queries) <= 3, queries


def test_a_sign_in_page_asks_nothing_of_the_database(app, client):
    with count_queries() as queries:
        client.get("/connexion")
    assert queries == []


def test_the_last_mandate_ended_ends_the_sessions_at_once(app, sign_in):
    admin = PersonFactory(admin=True)
    person = PersonFactory(member=True)
    client = sign_in(person)
    operations.end_mandate(admin, person.mandates[0])
    assert row_count() == 0
    assert client.get(PAGE).status_code == 303


def test_one_mandate_of_two_ended_keeps_the_session(app, sign_in):
    admin = PersonFactory(admin=True)
    person = PersonFactory(member=True)
    give_mandate(person, OrganisationFactory())
    client = sign_in(person)
    operations.end_mandate(admin, person.mandates[0])
    assert client.get(PAGE).status_code == 200


def test_a_session_does_not_outlive_the_last_day_of_a_mandate(app, sign_in):
    person = PersonFactory(member=True)
    person.mandates[0].ends_on = clock.today()
    client = sign_in(person)
    assert client.get(PAGE).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert client.get(PAGE).status_code == 303


def test_the_last_role_ended_ends_the_sessions(app, sign_in):
    person = PersonFactory(jurist=True)
    client = sign_in(person)
    operations.end_role(PersonFactory(admin=True), person.roles[0])
    assert client.get(PAGE).status_code == 303


def test_a_closed_account_is_out_at_once(app, sign_in):
    person = PersonFactory(jurist=True)
    client = sign_in(person)
    operations.deactivate(PersonFactory(admin=True), person)
    assert row_count() == 0
    assert client.get(PAGE).status_code == 303


@pytest.mark.parametrize("value", ["", "x", "eyJfdXNlcl9pZCI6IngifQ.aaaa.bbbb"])
def test_a_made_up_cookie_is_nobody(app, value):
    assert with_cookie(app, value).get(PAGE).status_code == 303


def test_an_expired_session_gives_typed_text_back(app, sign_in):
    client = sign_in(PersonFactory(jurist=True))
    db.session.execute(sa.delete(UserSession))
    text = "Le contrat finit-il au terme du PASS IAE ?"
    page = client.post("/mon-compte/preferences", data={"facts": text, "password": "secret-secret-secret"})
    assert page.status_code == 419
    source = page.get_data(as_text=True)
    assert text in source
    assert "secret-secret-secret" not in source


def test_expired_rows_go_at_the_next_sign_in(app, sign_in):
    sign_in(PersonFactory(member=True))
    with time_machine.travel(clock.now() + timedelta(days=15), tick=False):
        sign_in(PersonFactory(member=True))
    assert row_count() == 1


def test_sign_ins_are_in_the_trail(app, sign_in):
    person = PersonFactory(member=True)
    sign_in(person)
    (event,) = db.session.scalars(sa.select(AuditEvent))
    assert (event.action, event.actor_id, event.data) == ("session.started", person.id, {"by_link": False})
