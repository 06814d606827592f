"""Files taken in, purged and swept, with their rows."""

import contextlib
import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import FileStorage

from helpdesk import clock, settings_of
from helpdesk.accounts.models import Person
from helpdesk.attachments import operations, storage
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, NotFound
from helpdesk.tickets.operations import attach_to_draft, save_question_draft
from tests.factories.accounts import PersonFactory
from tests.factories.files import JPEG, PDF, PNG


class Undone(Exception):
    """Rolls a transaction back."""


def upload(name: str, content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


@pytest.fixture
def actor(app: Flask) -> Person:
    person: Person = PersonFactory(member=True)
    return person


def row_count() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) or 0


def stored(app: Flask) -> list[Path]:
    return [path for path in (settings_of(app).data_dir / "attachments").rglob("*") if path.is_file()]


def test_files_are_kept_with_a_clean_name_and_their_real_type(app: Flask, actor: Person) -> None:
    with transaction():
        [attachment, photo] = operations.store(actor, [upload("../Contrat.PDF", PDF), upload("image", JPEG)])
    assert (attachment.name, attachment.media_type) == ("Contrat.pdf", "application/pdf")
    assert (photo.name, photo.media_type, photo.size_bytes) == ("image.jpg", "image/jpeg", len(JPEG))
    assert operations.path_of(attachment).read_bytes() == PDF


def test_an_input_left_empty_is_no_file(actor: Person) -> None:
    assert operations.store(actor, [upload("", b"")]) == []


def test_one_refused_file_keeps_none_and_each_refusal_is_told(actor: Person) -> None:
    files = [upload("bon.pdf", PDF), upload("vide.pdf", b""), upload("page.html", b"<script>")]
    with pytest.raises(BadInput) as refusal:
        operations.store(actor, files)
    assert "« vide.pdf » est vide" in refusal.value.message
    assert "« page.html » n’est pas d’un format accepté" in refusal.value.message
    assert row_count() == 0


def test_a_form_that_comes_back_keeps_its_good_files(actor: Person) -> None:
    with transaction():
        kept, refusals = operations.store_accepted(actor, [upload("bon.pdf", PDF), upload("vide.pdf", b"")])
    assert [attachment.name for attachment in kept] == ["bon.pdf"]
    assert len(refusals) == 1
    assert row_count() == 1


def test_a_file_over_the_limit_is_refused_in_words(app: Flask, actor: Person) -> None:
    limit = settings_of(app).attachment_max_bytes
    with pytest.raises(BadInput, match=r"Le fichier « gros\.pdf » dépasse 10 Mo\."):
        operations.store(actor, [upload("gros.pdf", PDF.ljust(limit + 1))])
    assert stored(app) == []


def test_a_sixth_file_is_refused(actor: Person) -> None:
    with pytest.raises(BadInput, match="Joignez 5 documents au plus"):
        operations.store(actor, [upload(f"{number}.pdf", PDF) for number in range(6)])


def test_the_same_bytes_lie_once_and_stay_until_the_last_holder_is_purged(app: Flask, actor: Person) -> None:
    with transaction():
        [first, second] = operations.store(actor, [upload("a.pdf", PDF), upload("b.pdf", PDF)])
    assert len(stored(app)) == 1
    operations.purge(first)
    assert operations.path_of(second).exists()
    with pytest.raises(NotFound, match="effacée"):
        operations.path_of(first)
    operations.purge(second)
    assert stored(app) == []
    operations.purge(second)


def test_a_purge_that_is_rolled_back_erases_nothing(app: Flask, actor: Person) -> None:
    with transaction():
        [attachment] = operations.store(actor, [upload("a.pdf", PDF)])
    with contextlib.suppress(Undone), transaction():
        operations.purge(attachment)
        raise Undone
    assert len(stored(app)) == 1


def test_a_missing_file_is_told_and_not_a_broken_page(actor: Person) -> None:
    with transaction():
        [attachment] = operations.store(actor, [upload("a.pdf", PDF)])
    operations.path_of(attachment).unlink()
    with pytest.raises(NotFound, match="introuvable"):
        operations.path_of(attachment)


def test_what_nothing_holds_for_a_day_is_swept(app: Flask, actor: Person) -> None:
    with transaction():
        held, orphan, young = operations.store(
            actor, [upload("a.pdf", PDF), upload("b.jpg", JPEG), upload("c.png", PNG)]
        )
        draft = save_question_draft(actor, {"title": "Question"})
        attach_to_draft(actor, draft, [held])
        for attachment in (held, orphan):
            attachment.created_at = clock.now() - timedelta(days=2)
            os.utime(operations.path_of(attachment), (0, 0))
    path = operations.path_of(orphan)
    assert operations.sweep_orphans() == (1, 1)
    assert not path.exists()
    assert operations.path_of(held).exists()
    assert operations.path_of(young).exists()
    assert operations.sweep_orphans() == (0, 0)


def test_bytes_of_a_rolled_back_transaction_are_swept_later(app: Flask, actor: Person) -> None:
    with contextlib.suppress(Undone), transaction():
        operations.store(actor, [upload("a.pdf", PDF)])
        raise Undone
    [path] = stored(app)
    os.utime(path, (0, 0))
    assert operations.sweep_orphans() == (0, 1)
    assert storage.digest(PDF) not in {path.name for path in stored(app)}


def test_only_ones_own_files_that_nothing_holds_are_waiting(actor: Person) -> None:
    other = PersonFactory(member=True)
    with transaction():
        held, free = operations.store(actor, [upload("a.pdf", PDF), upload("b.jpg", JPEG)])
        [foreign] = operations.store(other, [upload("c.png", PNG)])
        attach_to_draft(actor, save_question_draft(actor, {"title": "Question"}), [held])
    ids = [held.id, free.id, foreign.id]
    assert operations.waiting(actor, ids) == [free]
    assert operations.waiting(other, ids) == [foreign]
    assert operations.waiting(actor, []) == []
