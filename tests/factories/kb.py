"""Entries of the knowledge base in any state, committed. ``published(visibility=Visibility.PUBLIC)``.

Written row by row, so that every reader's page can be tested whatever the workshop does; the workshop's own tests
make theirs through the operations.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb.enums import ArticleKind, ArticleState, Origin, Stage, Visibility
from helpdesk.kb.legal_references import LegalReference, parse
from helpdesk.kb.models import (
    Article,
    ArticleReference,
    ArticleSlug,
    ArticleTopic,
    ArticleTypology,
    ArticleVersion,
)
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import PersonFactory

_numbers = iter(range(1, 10**9))

TOPIC = "social/formation-pmsmp"
WORDS = {
    "in_brief": "Oui, à la demande du salarié.",
    "explanation": "Le code du travail le permet, **une seule fois**.",
    "example": "Une structure de huit salariés prolonge une immersion de trois semaines.",
    "actions": "Signez un avenant.\nPrévenez le prescripteur.",
}
LINES = ("Code du travail, article L. 5135-5",)


def article(
    *,
    state: ArticleState = ArticleState.PUBLISHED,
    visibility: Visibility = Visibility.MEMBERS,
    kind: ArticleKind = ArticleKind.FAQ,
    origin: Origin = Origin.WRITTEN,
    title: str = "",
    slug: str = "",
    topics: Sequence[str] = (TOPIC,),
    typologies: Sequence[str] = (),
    references: Sequence[str | LegalReference] = LINES,
    stage: Stage | None = None,
    author: Person | None = None,
    approver: Person | None = None,
    owner: Person | None = None,
    source_ticket: Ticket | None = None,
    replaced_by: Article | None = None,
    reason: str = "Le décret a changé.",
    review_on: date | None = None,
    up_to_date_on: date | None = None,
    **words: Any,
) -> Article:
    """An entry with one version: in force where readers see or saw it, else at *stage* (a draft by default).

    *reason*: of the review or of the withdrawal. *words*: fields of the version, over :data:`WORDS`.
    """
    now, number = clock.now(), next(_numbers)
    up_to_date_on = up_to_date_on or clock.today()
    was_published = state is not ArticleState.UNPUBLISHED
    author = author or PersonFactory(jurist=True)
    one = Article(
        slug=slug or f"fiche-{number}",
        kind=kind,
        visibility=visibility,
        state=state,
        origin=origin,
        owner=owner,
        created_by_id=author.id,
        created_at=now,
        source_ticket=source_ticket,
        published_at=now if was_published else None,
        first_published_at=now if was_published else None,
        up_to_date_on=up_to_date_on if was_published else None,
        review_on=review_on,
        review_opened_at=now if state is ArticleState.UNDER_REVIEW else None,
        review_reason=reason if state is ArticleState.UNDER_REVIEW else "",
        withdrawn_at=now if state is ArticleState.WITHDRAWN else None,
        withdrawn_reason=reason if state is ArticleState.WITHDRAWN else "",
        replaced_by=replaced_by,
    )
    db.session.add(one)
    db.session.flush()
    db.session.add(ArticleSlug(slug=one.slug, article_id=one.id))
    add_version(
        one,
        stage=Stage.PUBLISHED if was_published else stage or Stage.DRAFT,
        title=title or f"Peut-on prolonger une immersion, cas {number}\u202f?",
        topics=topics,
        typologies=typologies,
        references=references,
        author=author,
        approver=approver,
        up_to_date_on=up_to_date_on,
        **words,
    )
    return one


def add_version(
    one: Article,
    *,
    stage: Stage = Stage.DRAFT,
    topics: Sequence[str] = (TOPIC,),
    typologies: Sequence[str] = (),
    references: Sequence[str | LegalReference] = LINES,
    author: Person | None = None,
    approver: Person | None = None,
    **words: Any,
) -> ArticleVersion:
    """One more version of an entry, committed: a draft, or one that readers saw before (``Stage.SUPERSEDED``)."""
    now = clock.now()
    author = author or PersonFactory(jurist=True)
    was_published = stage in (Stage.PUBLISHED, Stage.SUPERSEDED)
    if was_published:
        approver = approver or PersonFactory(jurist=True)
    values = {"title": "Peut-on prolonger une immersion\u202f?", "up_to_date_on": clock.today(), **WORDS, **words}
    version = ArticleVersion(
        article=one,
        number=1 + max((row.number for row in one.versions), default=0),
        stage=stage,
        author=author,
        editor_ids=[author.id],
        approved_by=approver,
        created_at=now,
        updated_at=now,
        published_at=now if was_published else None,
        references=[_reference(line, position) for position, line in enumerate(references)],
        topic_rows=[ArticleTopic(code=code, position=position) for position, code in enumerate(topics)],
        typology_rows=[ArticleTypology(code=code) for code in typologies],
        **values,
    )
    db.session.add(version)
    db.session.commit()
    return version


def published(**values: Any) -> Article:
    return article(state=ArticleState.PUBLISHED, **values)


def draft(**values: Any) -> Article:
    return article(state=ArticleState.UNPUBLISHED, **values)


def under_review(**values: Any) -> Article:
    return article(state=ArticleState.UNDER_REVIEW, **values)


def withdrawn(**values: Any) -> Article:
    return article(state=ArticleState.WITHDRAWN, **values)


def in_force(one: Article) -> ArticleVersion:
    """The version that readers see."""
    return next(version for version in one.versions if version.stage is Stage.PUBLISHED)


def _reference(line: str | LegalReference, position: int) -> ArticleReference:
    found = parse(line) if isinstance(line, str) else line
    return ArticleReference(
        position=position,
        code=found.code,
        article=found.article,
        label=found.label,
        url=found.url,
        key=found.key,
        text_id=found.text_id,
    )
