"""The blueprint that every page of this feature hangs on, and what its views share."""

from flask import Blueprint
from flask_login import current_user

from helpdesk.accounts.models import Person

blueprint = Blueprint("tickets", __name__)


def actor() -> Person:
    """The signed-in person; ``current_user`` goes no further than the views."""
    person: Person = current_user.person
    return person
