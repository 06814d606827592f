"""Signed links of the mails: each does one thing, for one row, until that row changes.

Opening one shows a button, pressing it acts: mail scanners only open. The token names the row and the state it was
written for; whoever reads it compares that state with the row's and refuses an outdated one.
"""

from enum import StrEnum

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


def make(purpose: Purpose, *, id: int, sequence: int) -> str:  # noqa: A002 (the row's own word)
    """The absolute address of a link.

    :param sequence: of the appointment; for ``ACCEPT`` and ``DECLINE``, of the appointment that holds the place.
    """
    return link(f"/juri-ptce/lien/{_serializer(purpose).dumps([id, sequence])}")


def read(token: str) -> tuple[Purpose, int, int]:
    """What a token is for: its purpose, the row's number, the sequence it was written for.

    :raises NotFound: for one that this service never signed.
    """
    for purpose in Purpose:
        try:
            row_id, sequence = _serializer(purpose).loads(token)
        except BadData:
            continue
        return purpose, int(row_id), int(sequence)
    raise NotFound(UNKNOWN_LINK)


def _serializer(purpose: Purpose) -> URLSafeSerializer:
    settings: Settings = current_app.config["SETTINGS"]
    # The last key signs; the former ones still read.
    keys = [*reversed(settings.secret_key_fallbacks), settings.secret_key]
    return URLSafeSerializer(keys, salt=f"juri_ptce.{purpose.value}")
