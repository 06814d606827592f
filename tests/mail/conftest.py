"""An application that gives its mails to the tests' SMTP server."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from helpdesk.db import db
from tests.support.mailbox import Mailbox


@pytest.fixture
def smtp_app(make_app: Callable[..., Flask], smtp_server: Mailbox) -> Iterator[Flask]:
    """Its context is open: what the test does, it does there."""
    app = make_app(
        mail_transport="smtp",
        smtp_host=smtp_server.host,
        smtp_port=smtp_server.port,
        smtp_timeout_seconds=10,
        public_url="https://appui.example",
    )
    db.session.remove()
    with app.app_context():
        yield app
        db.session.remove()
