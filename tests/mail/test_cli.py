"""What an operator sees at the terminal."""

from flask import Flask

from helpdesk.db import db
from helpdesk.jobs import drain
from helpdesk.mail.enums import Notice
from helpdesk.mail.operations import queue
from tests.factories.accounts import PersonFactory
from tests.support.mailbox import Mailbox


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["mail", *arguments])
    return result.exit_code, result.output


def test_a_failed_mail_is_listed_and_sent_again(smtp_app: Flask, smtp_server: Mailbox) -> None:
    assert run(smtp_app, "failed") == (0, "Aucun courriel non remis.\n")
    person = PersonFactory(jurist=True, email="nadia@federation.example")
    context = {"link": "https://appui.example/", "email": person.email}
    queue(Notice.WELCOME, person, subject="Sujet confidentiel", template="welcome", context=context)
    smtp_server.refusals = ["550 no such user"]
    drain()

    code, output = run(smtp_app, "failed")
    assert code == 0
    assert "nadia@federation.example\t550 no such user" in output
    assert "confidentiel" not in output

    assert run(smtp_app, "resend", output.split("\t")[0]) == (0, "Le courriel repart.\n")
    drain()
    assert len(smtp_server.messages) == 1


def test_a_mail_that_does_not_exist_is_named_in_french(smtp_app: Flask) -> None:
    assert run(smtp_app, "resend", "12345") == (1, "Error: Ce courriel n’existe pas.\n")


def test_a_test_mail_leaves_at_once_or_says_what_the_server_answers(smtp_app: Flask, smtp_server: Mailbox) -> None:
    assert run(smtp_app, "test", "nadia@federation.example") == (0, "Le courriel d’essai est parti.\n")
    assert smtp_server.messages[0].recipients == ("nadia@federation.example",)
    smtp_server.refusals = ["550 no such user"]
    assert run(smtp_app, "test", "nadia@federation.example") == (1, "Error: 550 no such user\n")
