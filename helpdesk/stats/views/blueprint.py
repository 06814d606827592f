"""The blueprint of the pages of figures, and who is behind a request."""

from flask import Blueprint
from flask_login import current_user

from helpdesk.accounts.models import Person

blueprint = Blueprint("stats", __name__)


def actor() -> Person:
    """The signed-in person; ``current_user`` goes no further than the views."""
    person: Person = current_user.person
    return person
