"""Signing in by password or mailed link, through the pages."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import time_machine

from helpdesk import clock
from helpdesk.accounts import sign_in as sign_in_module
from helpdesk.accounts.models import SignInLink, UserSession
from helpdesk.accounts.passwords import verify
from helpdesk.db import db
from helpdesk.mail.models import Mail
from tests.factories.accounts import PASSWORD, OrganisationFactory, PersonFactory
from tests.support.http import new_client
from tests.support.pages import error_summary, post, text_of

PASSWORD_PAGE = "/connexion/mot-de-passe"
NO_MATCH = "Ce courriel et ce mot de passe ne vont pas ensemble. Vérifiez-les, ou recevez un lien par courriel."


@pytest.fixture(autouse=True)
def _no_wait(monkeypatch):
    monkeypatch.setattr(sign_in_module, "LINK_ANSWER_SECONDS", 0)


def by_password(client, email, password=PASSWORD, **more):
    return post(client, PASSWORD_PAGE, {"email": email, "password": password, **more}, page="/connexion")


def ask_link(client, email, **more):
    return post(client, "/connexion/lien", {"email": email, **more}, page="/connexion")


def mailed_link() -> str:
    """The path of the link in the latest mail."""
    mail = db.session.scalars(sa.select(Mail).order_by(Mail.id.desc())).first()
    assert mail is not None
    match = re.search(r"https?://\S+/connexion/lien/\S+", mail.text)
    assert match, mail.text
    parts = urlsplit(match[0])
    return parts.path + (f"?{parts.query}" if parts.query else "")


def is_signed_in(client) -> bool:
    return client.get("/mon-compte").status_code == 200


def test_the_email_comes_first_then_the_choice(app, client):
    first = post(client, "/connexion", {"email": " Claire@GES.example "})
    assert (first.status_code, first.location) == (303, PASSWORD_PAGE)
    choice = client.get(first.location)
    assert "claire@ges.example" in choice.get_data(as_text=True)
    assert "Recevoir un lien par courriel" in text_of(choice)


def test_the_second_page_without_an_email_leads_to_the_first(app, client):
    assert client.get(PASSWORD_PAGE).location == "/connexion"


@pytest.mark.parametrize("email", ["", "claire", "claire@", "a@b", "x" * 300 + "@ges.example", "a\x00@ges.example"])
def test_an_address_that_is_none_is_refused_in_french(app, client, email):
    page = post(client, "/connexion", {"email": email})
    assert page.status_code == 422
    assert error_summary(page)
    assert page.get_data(as_text=True).count("<title>Erreur") == 1


def test_a_password_signs_in_and_leads_home(app, client):
    person = PersonFactory(member=True, with_password=True)
    response = by_password(client, person.email.upper())
    assert (response.status_code, response.location) == (303, "/")
    assert is_signed_in(client)


REFUSED = {
    "wrong password": lambda: PersonFactory(member=True, with_password=True).email,
    "no such account": lambda: "inconnu@structure.example",
    "no password set": lambda: PersonFactory(member=True).email,
    "closed account": lambda: PersonFactory(member=True, with_password=True, is_active=False).email,
    "no right at all": lambda: PersonFactory(with_password=True).email,
}


@pytest.mark.parametrize("case", REFUSED)
def test_every_refusal_reads_the_same(app, client, case):
    email = REFUSED[case]()
    password = "pas-le-bon-mot-de-passe" if case == "wrong password" else PASSWORD
    page = by_password(client, email, password)
    assert page.status_code == 422
    assert error_summary(page) == [NO_MATCH]
    assert email in page.get_data(as_text=True)
    assert password not in page.get_data(as_text=True)
    assert not is_signed_in(client)


def test_an_unknown_account_costs_a_hash_too(app, client, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "helpdesk.accounts.passwords.verify", lambda stored, given: asked.append(stored) or verify(stored, given)
    )
    by_password(client, "inconnu@structure.example")
    assert asked == [None]


def test_a_mandate_of_the_past_or_the_future_lets_nobody_in(app, client):
    person = PersonFactory(member=True, with_password=True)
    person.mandates[0].ends_on = clock.today() - timedelta(days=1)
    db.session.commit()
    assert by_password(client, person.email).status_code == 422
    person.mandates[0].starts_on = clock.today() + timedelta(days=1)
    person.mandates[0].ends_on = None
    db.session.commit()
    assert by_password(client, person.email).status_code == 422


def test_an_old_hash_is_renewed_at_sign_in(app, client):
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    person = PersonFactory(member=True, password_hash=old)
    by_password(client, person.email)
    assert person.password_hash != old
    assert verify(person.password_hash, PASSWORD)


# --- By link -------------------------------------------------------------------------------------------------


def test_a_link_opened_shows_a_button_and_pressing_it_signs_in(app, client):
    person = PersonFactory(member=True)
    assert ask_link(client, person.email).location == "/connexion/courriel-envoye"
    path = mailed_link()
    scanner = new_client(app)
    for _ in range(3):
        assert scanner.get(path).status_code == 200
    response = post(client, path)
    assert (response.status_code, response.location) == (303, "/")
    assert is_signed_in(client)
    assert not is_signed_in(scanner)


def test_a_link_serves_once(app, client):
    person = PersonFactory(member=True)
    ask_link(client, person.email)
    path = mailed_link()
    post(client, path)
    other = new_client(app)
    assert other.get(path).status_code == 410
    again = post(other, path, page="/connexion")
    assert again.status_code == 410
    assert "Ce lien a déjà servi" in text_of(again)
    assert not is_signed_in(other)


def test_using_a_link_ends_the_others_of_the_person(app, client):
    person = PersonFactory(member=True)
    ask_link(client, person.email)
    first = mailed_link()
    ask_link(client, person.email)
    post(client, mailed_link())
    assert new_client(app).get(first).status_code == 410


def test_a_link_is_dead_after_fifteen_minutes(app, client):
    person = PersonFactory(member=True)
    ask_link(client, person.email)
    path = mailed_link()
    with time_machine.travel(clock.now() + timedelta(minutes=15), tick=False):
        assert client.get(path).status_code == 410
        assert post(client, path, page="/connexion").status_code == 410
    assert not is_signed_in(client)


def test_a_link_of_somebody_who_lost_access_is_dead(app, client):
    person = PersonFactory(member=True)
    ask_link(client, person.email)
    path = mailed_link()
    person.is_active = False
    db.session.commit()
    assert post(client, path, page="/connexion").status_code == 410


@pytest.mark.parametrize("token", ["x", "A" * 43, "é", "' OR 1=1 --"])
def test_a_made_up_link_is_dead(app, client, token):
    assert client.get(f"/connexion/lien/{token}").status_code == 410


def test_only_the_hash_of_a_token_is_kept(app, client):
    person = PersonFactory(member=True)
    ask_link(client, person.email)
    token = mailed_link().rsplit("/", 1)[1]
    assert token not in db.session.scalars(sa.select(SignInLink.token_hash)).one()


@pytest.mark.parametrize("case", ["no such account", "closed account", "no right at all"])
def test_asking_a_link_answers_the_same_for_nobody(app, client, case):
    known = PersonFactory(member=True)
    email = REFUSED[case]()
    answers = []
    for one in (known.email, email):
        visitor = new_client(app)
        response = ask_link(visitor, one)
        page = visitor.get(response.location)
        answers.append((response.status_code, response.location, text_of(page).replace(one, "…")))
    assert answers[0] == answers[1]
    assert db.session.scalar(sa.select(sa.func.count(Mail.id))) == 1


def test_the_answer_takes_as_long_for_nobody(app, client, monkeypatch):
    pauses = []
    monkeypatch.setattr(sign_in_module, "LINK_ANSWER_SECONDS", 1000)
    monkeypatch.setattr(sign_in_module.time, "sleep", pauses.append)
    ask_link(client, PersonFactory(member=True).email)
    ask_link(client, "inconnu@structure.example")
    assert len(pauses) == 2
    assert all(pause > 900 for pause in pauses)


def test_a_forged_host_never_reaches_the_mail(app, client):
    person = PersonFactory(member=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/connexion").get_data(as_text=True))[1]
    client.post(
        "/connexion/lien",
        data={"csrf_token": token, "email": person.email},
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
    )
    mail = db.session.scalars(sa.select(Mail)).one()
    assert "evil.example" not in mail.text + mail.html
    assert app.config["SETTINGS"].public_url in mail.text


# --- Throttle ------------------------------------------------------------------------------------------------


def test_an_account_is_slowed_down_whoever_tries_and_comes_back(app, client):
    person = PersonFactory(member=True, with_password=True)
    with time_machine.travel(clock.now(), tick=False) as moment:
        for _ in range(5):
            assert by_password(client, person.email, "pas-le-bon-mot-de-passe").status_code == 422
        slowed = by_password(new_client(app), person.email)
        assert slowed.status_code == 429
        assert error_summary(slowed) == ["Trop d’essais. Attendez une minute, puis recommencez."]
        moment.shift(timedelta(seconds=30))
        assert by_password(client, person.email).status_code == 303


def test_an_unknown_account_is_slowed_down_alike(app, client):
    with time_machine.travel(clock.now(), tick=False):
        statuses = [by_password(client, "inconnu@structure.example").status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_an_address_is_slowed_down_over_many_accounts(app, client):
    with time_machine.travel(clock.now(), tick=False):
        statuses = [by_password(client, f"essai{number}@structure.example").status_code for number in range(21)]
    assert statuses == [422] * 20 + [429]


def test_the_link_stays_open_while_the_password_is_slowed_down(app, client):
    person = PersonFactory(member=True, with_password=True)
    with time_machine.travel(clock.now(), tick=False):
        for _ in range(6):
            by_password(client, person.email, "pas-le-bon-mot-de-passe")
        assert ask_link(client, person.email).status_code == 303


def test_links_are_not_mailed_without_end(app, client):
    person = PersonFactory(member=True)
    with time_machine.travel(clock.now(), tick=False):
        statuses = [ask_link(client, person.email).status_code for _ in range(5)]
    assert statuses == [303] * 3 + [429] * 2
    assert db.session.scalar(sa.select(sa.func.count(Mail.id))) == 3


def test_good_passwords_from_one_office_are_not_slowed_down(app):
    person = PersonFactory(member=True, with_password=True)
    with time_machine.travel(clock.now(), tick=False):
        statuses = [by_password(new_client(app), person.email).status_code for _ in range(22)]
    assert statuses == [303] * 22


# --- Where to go ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", ["/mon-compte", "/adherents?q=a%C3%A9&page=2"])
def test_sign_in_leads_where_one_wanted_to_go(app, client, suite):
    person = PersonFactory(member=True, with_password=True)
    assert by_password(client, person.email, suite=suite).location == suite


@pytest.mark.parametrize(
    "suite",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\/evil.example",
        "/%5C%5Cevil.example",
        "javascript:alert(1)",
        "/mon-compte\r\nX-Injected: 1",
        "mon-compte",
        "/nulle-part",
        "/deconnexion",
        "/connexion",
        "/" + "a" * 3000,
    ],
)
def test_sign_in_never_leads_elsewhere(app, client, suite):
    person = PersonFactory(member=True, with_password=True)
    assert by_password(client, person.email, suite=suite).location == "/"


def test_a_protected_page_leads_to_sign_in_and_back_by_link(app, client):
    person = PersonFactory(member=True)
    asked = client.get("/mon-compte")
    assert asked.location == "/connexion?suite=/mon-compte"
    ask_link(client, person.email, suite="/mon-compte")
    response = post(client, mailed_link())
    assert response.location == "/mon-compte"


def test_somebody_signed_in_is_led_away_from_the_sign_in_page(app, sign_in):
    client = sign_in(PersonFactory(member=True))
    assert client.get("/connexion?suite=/mon-compte").location == "/mon-compte"


def test_sign_in_needs_its_token(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    person = PersonFactory(member=True, with_password=True)
    response = client.post(PASSWORD_PAGE, data={"email": person.email, "password": PASSWORD})
    assert response.status_code == 400
    assert db.session.scalar(sa.select(sa.func.count(UserSession.id))) == 0


def test_pages_of_sign_in_read_no_english(app, client):
    person = PersonFactory(member=True, organisation=OrganisationFactory())
    pages = [post(client, "/connexion", {}), by_password(client, person.email, ""), client.get("/connexion")]
    words = " ".join(text_of(page) for page in pages).lower()
    for english in ("required", "invalid", "field", "password", "sign in", "email"):
        assert english not in words
