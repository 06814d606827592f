"""The blueprint that every page of this feature hangs on, and what its views share."""

from collections.abc import Callable
from uuid import uuid4

from flask import Blueprint, request
from flask_login import current_user

from helpdesk.accounts.models import Person
from helpdesk.db import transaction
from helpdesk.errors import BadInput
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations import first_time

blueprint = Blueprint("tickets", __name__)

INCOMPLETE_FORM = "Ce formulaire est incomplet. Rechargez la page, puis recommencez."


def actor() -> Person:
    """The signed-in person; ``current_user`` goes no further than the views."""
    person: Person = current_user.person
    return person


@blueprint.app_template_global()
def submission_key() -> str:
    """The hidden key of one form. Known to every template: one imported with its context is made anew each time."""
    return uuid4().hex


def once(key: str, ticket: Ticket | None, call: Callable[[], object]) -> bool:
    """Run *call* in a transaction, unless the form that carries *key* was received before: a double click.

    :returns: whether it ran; the view answers the same way in both cases.
    :raises BadInput: without a key.
    """
    if not key:
        raise BadInput(INCOMPLETE_FORM)
    with transaction():
        is_first = first_time(actor(), key, ticket)
        if is_first:
            call()
    return is_first


def sent_key() -> str:
    """The hidden ``submission_key`` of the form received; empty when it carries none."""
    return "".join(filter(str.isprintable, request.form.get("submission_key", ""))).strip()


def seen_version() -> int:
    """The hidden ``version`` of the form received: which state of the question its reader saw.

    :raises BadInput: when it is missing or no number.
    """
    version = request.form.get("version", type=int)
    if version is None:
        raise BadInput(INCOMPLETE_FORM)
    return version


def page_number() -> int:
    """The ``page`` of the address; the first for what is no number. The queries bound it."""
    return request.args.get("page", 1, type=int)
