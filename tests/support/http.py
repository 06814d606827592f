"""Requests as a person makes them, through the real application."""

import contextvars
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Flask, has_app_context, session
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpdesk.db import db


class Client(FlaskClient):
    """A client whose requests do not see the test's own context.

    Flask would lend an open application context to the request: one session and one ``g`` for both, which
    production never has. Each request therefore runs in a fresh context. What the test has written is
    committed before (SQLite's write lock is let go), and what it holds is read anew after. ``with client:``
    is not supported.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.commit()
        # Read whole and closed: a file that is sent would otherwise stay open.
        kwargs.setdefault("buffered", True)
        response: TestResponse = contextvars.Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.expire_all()
        return response


class Cookie(NamedTuple):
    name: str
    value: str


def new_client(app: Flask) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    return client


def signed_in_client(app: Flask, person: Any) -> Client:
    """Return a client that carries the cookie of a session started for *person*."""
    client = new_client(app)
    cookie = session_cookie(app, person)
    client.set_cookie(cookie.name, cookie.value)
    return client


def session_cookie(app: Flask, person: Any) -> Cookie:
    """Start a session for *person* as signing in does, and return its cookie."""
    person_id = person.id  # read before the commit: reading it after would open a transaction again
    if has_app_context():
        db.session.commit()
    return contextvars.Context().run(_start_session, app, person_id)


def _start_session(app: Flask, person_id: int) -> Cookie:
    from helpdesk.accounts import sessions
    from helpdesk.accounts.models import Person

    with app.test_request_context():
        person = db.session.get(Person, person_id)
        assert person is not None, "the person is not in the database: commit it first"
        sessions.start(person)
        response = app.response_class()
        app.session_interface.save_session(app, session, response)
    name, _, value = response.headers["Set-Cookie"].partition(";")[0].partition("=")
    return Cookie(name, value)


def in_context(app: Flask, work: Callable[[], Any]) -> Any:
    """Run *work* in an application context of its own, as a worker would."""

    def run() -> Any:
        with app.app_context():
            return work()

    return contextvars.Context().run(run)
