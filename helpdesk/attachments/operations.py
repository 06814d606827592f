"""Files are taken in, given back, purged and swept. Who may is decided by the feature that holds them."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
import structlog
from flask import current_app

from helpdesk import clock, settings_of
from helpdesk.accounts.models import Person
from helpdesk.attachments import files, storage
from helpdesk.attachments.models import Attachment
from helpdesk.db import Base, after_commit, changed_count, db, transaction
from helpdesk.errors import BadInput, NotFound

log = structlog.get_logger(__name__)

ORPHAN_AGE = timedelta(days=1)


class Upload(Protocol):
    """A file as a form sends it; werkzeug's ``FileStorage`` is one."""

    @property
    def filename(self) -> str | None: ...

    def read(self, size: int = -1, /) -> bytes: ...


def store(actor: Person, uploads: Iterable[Upload]) -> list[Attachment]:
    """Keep the files that *actor* sends, all or none; an input left empty counts for nothing.

    The rows are pending in the transaction under way, for the caller to tie to a message or a draft.

    :raises BadInput: with one sentence for each refused file, or when there are too many.
    """
    with transaction():
        kept, refusals = store_accepted(actor, uploads)
        if refusals:
            raise BadInput(" ".join(refusals), field=files.FIELD)
    return kept


def store_accepted(
    actor: Person, uploads: Iterable[Upload], *, room: int | None = None, is_cleaned: bool = False
) -> tuple[list[Attachment], list[str]]:
    """Keep what can be kept and tell why the rest cannot: for a form that comes back with its good files.

    *room*: how many files may still be taken, by default as many as one message may hold. *is_cleaned*: authors,
    places and other metadata are taken out first; what cannot be cleaned is refused.
    """
    limit = settings_of(current_app).attachment_max_count
    room = limit if room is None else room
    kept: list[Attachment] = []
    refusals: list[str] = []
    with transaction():
        for upload in uploads:
            if not upload.filename:
                continue
            if len(kept) >= room:
                refusals.append(f"Joignez {limit} documents au plus.")
                break
            try:
                kept.append(_store_one(actor, upload, is_cleaned=is_cleaned))
            except BadInput as refusal:
                refusals.append(refusal.message)
        db.session.add_all(kept)
        db.session.flush()
    return kept, refusals


def waiting(actor: Person, ids: Iterable[int]) -> list[Attachment]:
    """The files among *ids* that *actor* sent and that nothing holds yet: kept while a form is corrected."""
    free = [~_is_held_by(column) for column in _holders()]
    limit = settings_of(current_app).attachment_max_count
    select = sa.select(Attachment).where(
        Attachment.id.in_(list(ids)[:limit]),
        Attachment.uploaded_by_id == actor.id,
        Attachment.purged_at.is_(None),
        *free,
    )
    return list(db.session.scalars(select.order_by(Attachment.id)))


def path_of(attachment: Attachment) -> Path:
    """Where the content lies.

    :raises NotFound: when it was purged, or is missing (which is logged: it should not happen).
    """
    if attachment.purged_at is not None:
        raise NotFound("Cette pièce jointe a été effacée.")
    path = storage.path_of(_root(), attachment.sha256)
    if not path.is_file():
        log.error("attachment_missing", attachment_id=attachment.id, sha256=attachment.sha256)
        raise NotFound("Cette pièce jointe est introuvable. Signalez-le-nous, puis joignez-la de nouveau.")
    return path


def purge(attachment: Attachment) -> None:
    """Erase the content for good; the name stays as « pièce effacée ». The same bytes held elsewhere stay there."""
    with transaction():
        if attachment.purged_at is not None:
            return
        attachment.purged_at = clock.now()
        db.session.flush()
        root, sha256 = _root(), attachment.sha256
        is_shared = db.session.scalar(
            sa.select(sa.exists().where(Attachment.sha256 == sha256, Attachment.purged_at.is_(None)))
        )
        if not is_shared:
            after_commit(lambda: storage.remove(root, sha256))


def sweep_orphans() -> tuple[int, int]:
    """Forget the files that nothing holds any more for a day; returns the number of rows and of files erased."""
    before = clock.now() - ORPHAN_AGE
    with transaction():
        orphans = [~_is_held_by(column) for column in _holders()]
        row_count = changed_count(sa.delete(Attachment).where(Attachment.created_at < before, *orphans))
        select = sa.select(Attachment.sha256).where(Attachment.purged_at.is_(None)).distinct()
        kept = set(db.session.scalars(select))
        file_count = storage.sweep(_root(), kept, before=before)
    return row_count, file_count


def _store_one(actor: Person, upload: Upload, *, is_cleaned: bool) -> Attachment:
    settings = settings_of(current_app)
    name = files.clean_name(upload.filename or "")
    content = upload.read(settings.attachment_max_bytes + 1)
    files.check_size(name, len(content), max_bytes=settings.attachment_max_bytes)
    media_type, name = files.recognise(name, content)
    if is_cleaned:
        from helpdesk.attachments import cleaning  # its libraries are only loaded by who cleans

        content = cleaning.clean(content, media_type)
    return Attachment(
        sha256=storage.put(_root(), content),
        name=name,
        media_type=media_type,
        size_bytes=len(content),
        uploaded_by_id=actor.id,
        created_at=clock.now(),
    )


def _holders() -> list[sa.Column[int]]:
    """The columns of every feature that tie something to an attachment."""
    target = Attachment.__table__.c.id
    tables = Base.metadata.tables.values()
    return [key.parent for table in tables for key in table.foreign_keys if key.column is target]


def _is_held_by(column: sa.Column[int]) -> sa.ColumnElement[bool]:
    return sa.exists().where(column == Attachment.id)


def _root() -> Path:
    return settings_of(current_app).data_dir / "attachments"
