"""Drafts: begun from nothing, from an answer or from an earlier version; saved, restored, given up."""

import secrets
from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.attachments import operations as attachments
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.kb import legal_references, perms, queries
from helpdesk.kb.enums import ArticleEventKind, ArticleKind, ArticleState, Origin, Stage, VersionAction, Visibility
from helpdesk.kb.models import Article, ArticleVersion, ReviewItem
from helpdesk.kb.operations.history import add_editor, check_version, record, reindex, step, touch
from helpdesk.kb.operations.words import (
    Traits,
    Words,
    review_day,
    said,
    set_codes,
    set_references,
    set_traits,
    write,
)
from helpdesk.kb.workflow import next_stage
from helpdesk.reference import get_reference
from helpdesk.tickets.happenings import PROPOSING, Facts, tell
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.operations.history import require, settings

SENSITIVE = "Cette question est un dossier sensible : sa réponse ne devient pas une fiche."
ALREADY_OPEN = "Un brouillon de cette fiche est déjà ouvert. Terminez-le, ou abandonnez-le d’abord."
TO_BLEND = "À fondre dans le texte, d’après une réponse :"
"""Stands before the answer in a draft that completes an entry."""


def create_article(
    actor: Person, words: Words, traits: Traits | None = None, *, origin: Origin = Origin.WRITTEN
) -> ArticleVersion:
    """Begin an entry; its first version is a draft.

    :raises NotAllowed: for anybody but the pole.
    :raises BadInput: without a title, or for what the reference data does not hold.
    """
    with transaction():
        require(perms.can_create(actor))
        article = _new_article(actor, origin)
        set_traits(article, traits or Traits())
        version = _new_version(article, actor)
        write(version, words)
        record(article, ArticleEventKind.CREATED, actor, version=version, origin=origin)
    return version


def propose_from_answer(
    actor: Person, ticket: Ticket, message: Message, *, completes: Article | None = None
) -> ArticleVersion:
    """Make a draft of an answer, or of an entry that it *completes*; the same answer again leads to the same draft.

    Who wrote the answer counts among the authors: another jurist will approve. No file is taken over.

    :raises NotAllowed: for anybody but the staff of the question.
    :raises BadInput: for a sensitive question, when a draft of the entry to complete is open, or when another
        feature refuses.
    """
    with transaction():
        if ticket.is_sensitive:
            raise BadInput(SENSITIVE)
        require(perms.can_propose(actor, ticket, message))
        found = queries.version_from(message)
        if found is not None:
            return found
        tell(PROPOSING, ticket, Facts(actor, message))
        if completes is None:
            return _begin_from(actor, ticket, message)
        require(perms.can_read(actor, completes))
        return _complete_from(actor, completes, message)


def save_version(
    actor: Person,
    version: ArticleVersion,
    words: Words,
    traits: Traits | None = None,
    *,
    seen_version: int | None = None,
) -> None:
    """Keep what is typed; *traits* only count before the first publication.

    :raises NotAllowed: for anybody but the pole, or once the version waits for its approval.
    :raises Conflict: if the version has changed since *seen_version*.
    :raises BadInput: see :func:`create_article`.
    """
    with transaction():
        check_version(version, seen_version)
        require(perms.can_edit(actor, version))
        if traits is not None and version.article.state is ArticleState.UNPUBLISHED:
            set_traits(version.article, traits)
        before = said(version)
        write(version, words)
        if said(version) != before:
            add_editor(version, actor)
            record(version.article, ArticleEventKind.EDITED, actor, version=version)


def revise(actor: Person, article: Article) -> ArticleVersion:
    """The open draft of an entry, or a new one from the version in force.

    :raises NotAllowed: for anybody but the pole.
    """
    with transaction():
        require(perms.can_revise(actor, article))
        found = queries.open_version(article)
        return found if found is not None else _copy(actor, article, queries.base_version(article))


def restore(actor: Person, article: Article, number: int) -> ArticleVersion:
    """A new draft with the words of an earlier version.

    :raises NotAllowed: for anybody but the pole, or when its text was erased.
    :raises BadInput: while a draft is open.
    """
    with transaction():
        require(perms.can_revise(actor, article))
        if queries.open_version(article) is not None:
            raise BadInput(ALREADY_OPEN)
        restored = queries.get_version(article, number)
        require(perms.can_read_version(actor, restored))
        version = _copy(actor, article, restored)
        version.restored_from = number
        record(article, ArticleEventKind.RESTORED, actor, version=version, restored=number)
    return version


def abandon(actor: Person, version: ArticleVersion, *, seen_version: int | None = None) -> None:
    """Give a draft up; its text stays with the pole until somebody erases it.

    :raises InvalidTransition: for what was published.
    """
    with transaction():
        check_version(version, seen_version)
        next_stage(version.stage, VersionAction.ABANDON)
        require(perms.can_abandon(actor, version))
        step(version, VersionAction.ABANDON)
        record(version.article, ArticleEventKind.ABANDONED, actor, version=version)


def set_owner(actor: Person, article: Article, owner: Person | None) -> None:
    """Say who keeps an entry true and gets its reminders.

    :raises BadInput: for somebody who could not work on it.
    """
    with transaction():
        require(perms.can_work_on(actor, article))
        if owner is not None and not perms.can_work_on(owner, article):
            raise BadInput("Choisissez une personne du pôle.", field="owner")
        if article.owner_id != (owner.id if owner else None):
            article.owner = owner
            record(article, ArticleEventKind.OWNER_CHANGED, actor, owner_id=owner.id if owner else None)
            reindex(article)


def set_review_day(actor: Person, article: Article, review_on: date | None) -> None:
    """Choose the day from which the entry is to be read again; none: the usual delay counts at the publication.

    :raises BadInput: for a day that is past or too far.
    """
    with transaction():
        require(perms.can_work_on(actor, article))
        article.review_on = review_day(review_on)
        article.reminded_at = None
        record(article, ArticleEventKind.EDITED, actor, review_on=review_on.isoformat() if review_on else None)
        reindex(article)


def attach(actor: Person, version: ArticleVersion, uploads: Iterable[attachments.Upload]) -> list[str]:
    """Add files, their metadata cleaned before they are stored; returns a sentence for each one refused."""
    with transaction():
        require(perms.can_edit(actor, version))
        room = settings().attachment_max_count - len(version.attachments)
        kept, refusals = attachments.store_accepted(actor, uploads, room=room, is_cleaned=True)
        version.attachments.extend(kept)
        if kept:
            touch(version)
            add_editor(version, actor)
    return refusals


def detach(actor: Person, version: ArticleVersion, attachment_id: int) -> None:
    """Take a file away from a draft; earlier versions keep theirs."""
    with transaction():
        require(perms.can_edit(actor, version))
        version.attachments = [file for file in version.attachments if file.id != attachment_id]
        touch(version)


# --- how a draft begins


def _new_article(actor: Person, origin: Origin, ticket: Ticket | None = None) -> Article:
    article = Article(
        slug=f"brouillon-{secrets.token_hex(8)}",
        kind=ArticleKind.FAQ,
        visibility=Visibility.MEMBERS,
        origin=origin,
        owner_id=actor.id if actor.is_pole else None,
        created_by_id=actor.id,
        created_at=clock.now(),
        source_ticket=ticket,
        versions=[],
    )
    db.session.add(article)
    return article


def _new_version(article: Article, actor: Person) -> ArticleVersion:
    now = clock.now()
    last = db.session.scalar(
        sa.select(sa.func.max(ArticleVersion.number)).where(ArticleVersion.article_id == article.id)
    )
    version = ArticleVersion(
        article=article,
        number=(last or 0) + 1,
        stage=Stage.DRAFT,
        title="",
        up_to_date_on=clock.today(),
        author_id=actor.id,
        editor_ids=[actor.id],
        created_at=now,
        updated_at=now,
    )
    db.session.add(version)
    return version


def _begin_from(actor: Person, ticket: Ticket, message: Message) -> ArticleVersion:
    article = _new_article(actor, Origin.ANSWER, ticket)
    version = _new_version(article, actor)
    write(version, _words_of(ticket, message))
    _take_from(version, message)
    record(article, ArticleEventKind.CREATED, actor, version=version, origin=Origin.ANSWER, message_id=message.id)
    return version


def _complete_from(actor: Person, article: Article, message: Message) -> ArticleVersion:
    if queries.open_version(article) is not None:
        raise BadInput(ALREADY_OPEN)
    version = _copy(actor, article, queries.base_version(article))
    told = f"{version.explanation}\n\n**{TO_BLEND}**\n\n{message.in_brief}\n\n{message.explanation}"
    version.explanation = told.strip()
    version.actions = "\n".join(filter(None, (version.actions, message.actions)))
    cited = legal_references.parse_lines(message.references)
    set_references(version, [*(row.cited for row in version.references), *cited])
    _take_from(version, message)
    return version


def _take_from(version: ArticleVersion, message: Message) -> None:
    """The words are an answer's: whoever wrote it does not approve them."""
    version.source_message = message
    if message.author_id is not None:
        version.editor_ids = sorted({*version.editor_ids, message.author_id})
    db.session.flush()


def _words_of(ticket: Ticket, message: Message) -> Words:
    return Words(
        title=ticket.title,
        in_brief=message.in_brief,
        explanation=message.explanation,
        actions=message.actions,
        references=tuple(message.references),
        topics=(ticket.topic,) if ticket.topic else (),
        typologies=tuple(code for code in ticket.organisation.typologies if code in get_reference().typologies),
        up_to_date_on=message.law_as_of_on,
    )


def _copy(actor: Person, article: Article, base: ArticleVersion | None) -> ArticleVersion:
    version = _new_version(article, actor)
    if base is not None:
        for name in ("title", "in_brief", "explanation", "example", "actions", "up_to_date_on"):
            setattr(version, name, getattr(base, name))
        set_references(version, [row.cited for row in base.references])
        set_codes(version, base.topics, base.typologies)
        version.attachments = list(base.attachments)
        version.items = [
            ReviewItem(position=i.position, article_id=i.article_id, typology=i.typology) for i in base.items
        ]
    record(article, ArticleEventKind.CREATED, actor, version=version)
    touch(article)
    reindex(article)  # its stamp has moved
    return version
