"""Drafts and presence: what somebody is typing is kept, and colleagues see that they are."""

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, insert, transaction
from helpdesk.errors import BadInput
from helpdesk.tickets import perms
from helpdesk.tickets.enums import DraftKind
from helpdesk.tickets.models import Draft, Presence, Ticket
from helpdesk.tickets.operations.history import require, settings
from helpdesk.tickets.operations.submissions import result_of

FIELDS_MAX_COUNT = 40
QUESTION_DRAFTS_MAX_COUNT = 20
KEY = re.compile("[0-9a-f]{32}")
SECOND_STEP = "verif-"
"""How the names begin of what a draft keeps of the second step; the first step leaves it alone."""


def save_draft(actor: Person, ticket: Ticket, kind: DraftKind, fields: Mapping[str, Any]) -> Draft:
    """Keep what *actor* is typing on *ticket*; one draft per question, author and kind.

    :raises NotAllowed: for anybody but the staff of the question.
    :raises BadInput: when it is beyond what an answer may hold.
    """
    with transaction():
        require(perms.is_staff_on(actor, ticket))
        draft = own_draft(actor, ticket, kind)
        if draft is None:
            draft = _first_draft(actor, ticket, kind)
        _write(draft, fields)
    return draft


def _first_draft(actor: Person, ticket: Ticket, kind: DraftKind) -> Draft:
    """The page saves by itself while a button is pressed: of two first savings, the second finds the first's."""
    try:
        with db.session.begin_nested():
            return _new(actor, kind, ticket)
    except IntegrityError:
        found = own_draft(actor, ticket, kind)
        if found is None:
            raise
        return found


def save_question_draft(actor: Person, fields: Mapping[str, Any], *, key: str = "") -> Draft:
    """Keep a question being written; an unknown *key* begins a new one under it, at most twenty per person.

    The form makes its key when it is shown, so that each of its savings finds the same draft.

    :raises BadInput: when too many are begun, when it is too long, or when this form was sent already.
    """
    with transaction():
        draft = question_draft(actor, key) if key else None
        if draft is None:
            _check_new_question_draft(actor, key)
            draft = _new(actor, DraftKind.QUESTION, None, key=key)
        _write(draft, {**fields, **_of_second_step(draft)})
    return draft


def keep_second_step(actor: Person, draft: Draft, fields: Mapping[str, str], **corrected: str) -> None:
    """Keep what was typed in the second step with one's own draft, for when it is taken up again.

    :param corrected: inputs of the first step that the second shows once more.
    :raises BadInput: when it is too long.
    """
    with transaction():
        require(draft.author_id == actor.id)
        first = {name: value for name, value in draft.fields.items() if not name.startswith(SECOND_STEP)}
        _write(draft, {**first, **corrected, **{f"{SECOND_STEP}{name}": value for name, value in fields.items()}})


def second_step(draft: Draft) -> dict[str, str]:
    """What :func:`keep_second_step` kept."""
    return {name.removeprefix(SECOND_STEP): value for name, value in _of_second_step(draft).items()}


def _of_second_step(draft: Draft) -> dict[str, Any]:
    return {name: value for name, value in draft.fields.items() if name.startswith(SECOND_STEP)}


def _check_new_question_draft(actor: Person, key: str) -> None:
    if key and result_of(actor, key) is not None:
        raise BadInput(
            "Cette question est déjà envoyée : retrouvez-la dans « Mes questions ». "
            "Pour en envoyer une autre, vérifiez le texte, puis continuez."
        )
    begun = sa.select(sa.func.count()).select_from(Draft)
    count = db.session.scalar(begun.where(Draft.author_id == actor.id, Draft.kind == DraftKind.QUESTION))
    if (count or 0) >= QUESTION_DRAFTS_MAX_COUNT:
        raise BadInput("Vous avez déjà vingt brouillons. Envoyez-en ou supprimez-en un.")


def question_draft(actor: Person, key: str) -> Draft | None:
    """The actor's own question draft under *key*, or nothing."""
    return db.session.scalar(
        sa.select(Draft).where(Draft.key == key, Draft.author_id == actor.id, Draft.kind == DraftKind.QUESTION)
    )


def attach_to_draft(actor: Person, draft: Draft, attachments: list[Attachment]) -> None:
    """Keep files with a draft, so that they survive the second step and an error.

    :raises BadInput: beyond the number of files allowed.
    """
    with transaction():
        require(draft.author_id == actor.id)
        limit = settings().attachment_max_count
        if len(draft.attachments) + len(attachments) > limit:
            raise BadInput(f"Joignez {limit} documents au plus.", field="attachments")
        draft.attachments.extend(attachments)


def detach_from_draft(actor: Person, draft: Draft, attachment_id: int) -> None:
    """Take a file away from one's own draft."""
    with transaction():
        require(draft.author_id == actor.id)
        draft.attachments = [file for file in draft.attachments if file.id != attachment_id]


def delete_draft(actor: Person, draft: Draft) -> None:
    """Forget one's own draft."""
    with transaction():
        require(draft.author_id == actor.id)
        db.session.delete(draft)


def own_draft(actor: Person, ticket: Ticket, kind: DraftKind) -> Draft | None:
    """What *actor* is typing on the question."""
    return db.session.scalar(
        sa.select(Draft).where(Draft.ticket_id == ticket.id, Draft.author_id == actor.id, Draft.kind == kind)
    )


def drop_draft(actor: Person, ticket: Ticket, kind: DraftKind) -> None:
    """Forget the draft that has just been sent."""
    db.session.execute(
        sa.delete(Draft).where(Draft.ticket_id == ticket.id, Draft.author_id == actor.id, Draft.kind == kind)
    )


def touch_presence(actor: Person, ticket: Ticket, *, is_writing: bool) -> None:
    """Tell the colleagues that *actor* has the question open.

    :raises NotAllowed: for anybody but the staff of the question.
    """
    with transaction():
        require(perms.is_staff_on(actor, ticket))
        seen = {"seen_at": clock.now(), "is_writing": is_writing}
        mine = insert(Presence).values(ticket_id=ticket.id, person_id=actor.id, **seen)
        db.session.execute(mine.on_conflict_do_update(index_elements=["ticket_id", "person_id"], set_=seen))


def purge_presence(older_than: timedelta = timedelta(hours=1)) -> None:
    """Forget who had what open."""
    with transaction():
        db.session.execute(sa.delete(Presence).where(Presence.seen_at < clock.now() - older_than))


def _new(actor: Person, kind: DraftKind, ticket: Ticket | None, *, key: str = "") -> Draft:
    now = clock.now()
    draft = Draft(
        key=_free_key(key),
        author=actor,
        kind=kind,
        ticket_id=ticket.id if ticket else None,
        fields={},
        created_at=now,
        updated_at=now,
        attachments=[],
    )
    db.session.add(draft)
    return draft


def _free_key(proposed: str) -> str:
    """The key a form proposes, when it is well made and nobody's."""
    is_taken = sa.select(sa.exists().where(Draft.key == proposed))
    if KEY.fullmatch(proposed) and not db.session.scalar(is_taken):
        return proposed
    return secrets.token_hex(16)


def _write(draft: Draft, fields: Mapping[str, Any]) -> None:
    kept = dict(list(fields.items())[:FIELDS_MAX_COUNT])
    if sum(len(str(value)) for value in kept.values()) > 4 * settings().text_max_chars:
        raise BadInput("Ce brouillon est trop long pour être gardé. Raccourcissez-le.")
    # NUL and lone surrogates are no text for PostgreSQL.
    draft.fields = {name[:40]: _storable(value) for name, value in kept.items()}
    draft.updated_at = clock.now()
    db.session.flush()


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode()
    if isinstance(value, (list, tuple)):
        return [_storable(item) for item in value]
    return value
