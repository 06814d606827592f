"""Mails about an account: the link to sign in, and the first words."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.formats import count
from helpdesk.mail.enums import Notice
from helpdesk.mail.operations import queue
from helpdesk.mail.rendering import link
from helpdesk.settings import Settings


def sign_in_link(person: Person, token_url: str) -> None:
    """The single-use link. Only its path is kept: a forged ``Host`` never reaches a mail."""
    settings: Settings = current_app.config["SETTINGS"]
    parts = urlsplit(token_url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    minutes = settings.sign_in_link_minutes
    queue(
        Notice.SIGN_IN_LINK,
        person,
        subject="Votre lien de connexion",
        template="sign_in_link",
        context={"link": link(path), "validity": count(minutes, "minute")},
        expires_at=clock.now() + timedelta(minutes=minutes),
    )


def welcome(person: Person) -> None:
    """An account was opened: where to go, how to sign in without a password."""
    settings: Settings = current_app.config["SETTINGS"]
    queue(
        Notice.WELCOME,
        person,
        subject=f"Votre accès à {settings.service_name} est ouvert",
        template="welcome",
        context={"link": link("/"), "email": person.email},
    )
