"""Signed links of the mails: each does one thing, for one row, until that row changes.

Opening one shows a button, pressing it acts: mail scanners only open. The token names the row, the state it was
written for and whom it was sent to; whoever reads it compares that state with the row's, refuses an outdated one, and
acts under the rights that this person has by then.
"""

from enum import StrEnum
from typing import NamedTuple

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from helpdesk.errors import NotFound
from helpdesk.mail.rendering import link
from helpdesk.settings import Settings

UNKNOWN_LINK = "Ce lien n’est pas valable. Ouvrez la question dans votre espace pour voir où en est le rendez-vous."


class Purpose(StrEnum):
    """What a link does. ``CANCEL`` and ``MOVE`` name an appointment, ``ACCEPT`` and ``DECLINE`` an entry of the
    waiting list.
    """

    CANCEL = "cancel"
    MOVE = "move"
    ACCEPT = "accept"
    DECLINE = "decline"


class Token(NamedTuple):
    """What a link says; *row_id*: of an appointment, or of an entry of the waiting list."""

    purpose: Purpose
    row_id: int
    sequence: int
    person_id: int


def make(purpose: Purpose, *, id: int, sequence: int, person_id: int) -> str:  # noqa: A002 (the row's own word)
    """The absolute address of a link, for the person it is sent to.

    :param sequence: of the appointment; for ``ACCEPT`` and ``DECLINE``, of the appointment that holds the place.
    """
    return link(f"/juri-ptce/lien/{_serializer(purpose).dumps([id, sequence, person_id])}")


def read(token: str) -> Token:
    """What a token is for.

    :raises NotFound: for one that this service never signed.
    """
    for purpose in Purpose:
        try:
            row_id, sequence, person_id = _serializer(purpose).loads(token)
        except BadData:
            continue
        return Token(purpose, int(row_id), int(sequence), int(person_id))
    raise NotFound(UNKNOWN_LINK)


def _serializer(purpose: Purpose) -> URLSafeSerializer:
    settings: Settings = current_app.config["SETTINGS"]
    # The last key signs; the former ones still read.
    keys = [*reversed(settings.secret_key_fallbacks), settings.secret_key]
    return URLSafeSerializer(keys, salt=f"juri_ptce.{purpose.value}")
