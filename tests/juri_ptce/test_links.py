"""A signed link does one thing for one row; a forged one is unknown."""

from collections.abc import Callable

import pytest
from flask import Flask

from helpdesk.errors import NotFound
from helpdesk.juri_ptce import links
from helpdesk.juri_ptce.links import Purpose

pytestmark = pytest.mark.sqlite_only


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_says_what_it_is_for_and_for_which_state_of_the_row(app: Flask, purpose: Purpose) -> None:
    url = links.make(purpose, id=7, sequence=2, person_id=3)
    assert url.startswith("http://127.0.0.1:8000/juri-ptce/lien/")
    assert links.read(token_of(url)) == (purpose, 7, 2, 3)


@pytest.mark.parametrize("token", ["", "jeton", "WzcsMl0", "é", "a.b", "." * 5000])
def test_a_link_that_was_never_signed_is_unknown(app: Flask, token: str) -> None:
    with pytest.raises(NotFound):
        links.read(token)


def test_a_changed_link_is_unknown(app: Flask) -> None:
    token = token_of(links.make(Purpose.CANCEL, id=7, sequence=2, person_id=3))
    other = token_of(links.make(Purpose.CANCEL, id=8, sequence=2, person_id=3))
    for forged in (token[:-1], token[1:], other.partition(".")[0] + "." + token.partition(".")[2]):
        with pytest.raises(NotFound):
            links.read(forged)


def test_the_address_is_a_single_step_of_a_path(app: Flask) -> None:
    assert all(
        "/" not in token_of(links.make(Purpose.MOVE, id=number, sequence=0, person_id=number)) for number in range(200)
    )


def test_a_link_signed_with_a_former_key_still_works(app: Flask, make_app: Callable[..., Flask]) -> None:
    token = token_of(links.make(Purpose.CANCEL, id=7, sequence=2, person_id=3))
    with make_app(
        secret_key="a-new-key-" + "1" * 32, secret_key_fallbacks=(app.config["SETTINGS"].secret_key,)
    ).app_context():
        assert links.read(token) == (Purpose.CANCEL, 7, 2, 3)
    with make_app(secret_key="a-new-key-" + "1" * 32).app_context(), pytest.raises(NotFound):
        links.read(token)
