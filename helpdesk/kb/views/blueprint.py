"""The blueprint of the knowledge base, and who is behind a request."""

from flask import Blueprint
from flask_login import current_user

from helpdesk.accounts.models import Person

blueprint = Blueprint("kb", __name__)


def actor() -> Person:
    """The signed-in person; ``current_user`` goes no further than the views."""
    person: Person = current_user.person
    return person


def reader() -> Person | None:
    """The same where a page is public too: nobody signed in is *None*."""
    return actor() if current_user.is_authenticated else None
