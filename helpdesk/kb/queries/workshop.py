"""The pole's workshop: what is being written, what waits, what is to be read again, what readers reported."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from helpdesk import clock
from helpdesk.accounts.enums import Role
from helpdesk.accounts.models import Person
from helpdesk.accounts.queries import PAGE_SIZE, Page, bounded_page, holders
from helpdesk.db import db
from helpdesk.kb import perms
from helpdesk.kb.enums import (
    OPEN_STAGES,
    READABLE_STATES,
    ArticleKind,
    ArticleState,
    Origin,
    ReportKind,
    Stage,
    Visibility,
)
from helpdesk.kb.models import Article, ArticleVersion, Report

REPORTS_PAGE_SIZE = 20


class WorkshopView(StrEnum):
    """A tab of the workshop; the value is the last part of its address."""

    DRAFTS = "brouillons"
    ANONYMISATION = "a-anonymiser"
    APPROVAL = "a-approuver"
    REVIEW = "a-relire"
    REPORTS = "signalements"
    EVERY = "toutes"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    WorkshopView.DRAFTS: "Brouillons",
    WorkshopView.ANONYMISATION: "À anonymiser",
    WorkshopView.APPROVAL: "À approuver",
    WorkshopView.REVIEW: "À relire",
    WorkshopView.REPORTS: "Signalements",
    WorkshopView.EVERY: "Toutes",
}
_STAGES = {
    WorkshopView.DRAFTS: Stage.DRAFT,
    WorkshopView.ANONYMISATION: Stage.ANONYMISATION,
    WorkshopView.APPROVAL: Stage.APPROVAL,
}


@dataclass(frozen=True)
class WorkRow:
    """An entry in the workshop; *stage* and *number* are those of the version shown."""

    id: int
    title: str
    kind: ArticleKind
    visibility: Visibility
    state: ArticleState
    stage: Stage
    number: int
    author: str
    owner: str
    updated_at: datetime
    review_on: date | None
    has_remark: bool
    is_unchecked: bool
    """Taken over from an old document, and never published here: « à vérifier »."""
    has_draft: bool


@dataclass(frozen=True)
class ReportRow:
    """What a reader or the law reported, with the entry concerned."""

    id: int
    article_id: int
    title: str
    slug: str
    kind: ReportKind
    comment: str
    reported_by: str
    created_at: datetime


def work_counts(person: Person) -> dict[WorkshopView, int]:
    """How many entries each tab holds for *person*; two queries."""
    workable = perms.workable_by(person)
    by_stage = sa.select(ArticleVersion.stage, sa.func.count()).join(Article, Article.id == ArticleVersion.article_id)
    by_stage = by_stage.where(workable, ArticleVersion.stage.in_(OPEN_STAGES)).group_by(ArticleVersion.stage)
    stages: dict[Stage, int] = {row[0]: row[1] for row in db.session.execute(by_stage)}
    others = sa.select(
        sa.func.count(sa.case((_is_to_review(), 1))),
        sa.func.count(),
        sa.select(sa.func.count())
        .select_from(Report)
        .where(Report.done_at.is_(None), Report.article_id.in_(sa.select(Article.id).where(workable)))
        .scalar_subquery(),
    ).where(workable)
    review, every, reports = db.session.execute(others.select_from(Article)).one()
    counts = {view: stages.get(stage, 0) for view, stage in _STAGES.items()}
    return counts | {WorkshopView.REVIEW: review, WorkshopView.REPORTS: reports, WorkshopView.EVERY: every}


def work_page(person: Person, view: WorkshopView, page: int = 1) -> Page[WorkRow]:
    """The entries of a tab: the oldest waiting draft first, the review due first, the newest entry first."""
    number = bounded_page(page)
    conditions = [perms.workable_by(person), *_conditions(view)]
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Article).where(*conditions)) or 0
    select = _rows(view).where(*conditions).order_by(*_order(view))
    records = db.session.execute(select.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))
    return Page([WorkRow(*record) for record in records], number, total)


def reports_page(person: Person, page: int = 1) -> Page[ReportRow]:
    """What is still to be dealt with: names first, then the oldest."""
    number = bounded_page(page)
    workable = sa.select(Article.id).where(perms.workable_by(person))
    conditions = [Report.done_at.is_(None), Report.article_id.in_(workable)]
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Report).where(*conditions)) or 0
    names_first = sa.case((Report.kind == ReportKind.IDENTIFYING, 0), else_=1)
    select = (
        sa.select(
            Report.id,
            Article.id,
            ArticleVersion.title,
            Article.slug,
            Report.kind,
            Report.comment,
            _name_of(Person),
            Report.created_at,
        )
        .join(Article, Article.id == Report.article_id)
        .join(ArticleVersion, ArticleVersion.id == _version_shown(Stage.PUBLISHED))
        .outerjoin(Person, Person.id == Report.reported_by_id)
        .where(*conditions)
        .order_by(names_first, Report.id)
    )
    records = db.session.execute(select.limit(REPORTS_PAGE_SIZE).offset((number - 1) * REPORTS_PAGE_SIZE))
    return Page([ReportRow(*record) for record in records], number, total, REPORTS_PAGE_SIZE)


def _rows(view: WorkshopView) -> sa.Select[*tuple[Any, ...]]:
    author, owner = aliased(Person), aliased(Person)
    open_one = sa.exists().where(ArticleVersion.article_id == Article.id, ArticleVersion.stage.in_(OPEN_STAGES))
    return (
        sa.select(
            Article.id,
            ArticleVersion.title,
            Article.kind,
            Article.visibility,
            Article.state,
            ArticleVersion.stage,
            ArticleVersion.number,
            _name_of(author),
            _name_of(owner),
            ArticleVersion.updated_at,
            Article.review_on,
            ArticleVersion.remark != "",
            sa.and_(Article.origin == Origin.IMPORT, Article.state == ArticleState.UNPUBLISHED),
            open_one.correlate(Article),
        )
        .select_from(Article)
        .join(ArticleVersion, ArticleVersion.id == _version_shown(_STAGES.get(view, Stage.PUBLISHED)))
        .outerjoin(author, author.id == ArticleVersion.author_id)
        .outerjoin(owner, sa.and_(owner.id == Article.owner_id, _is_of_pole(owner)))
    )


def _version_shown(first: Stage) -> sa.ScalarSelect[int]:
    """Of each entry, the version at the stage *first*, else the latest one."""
    version = aliased(ArticleVersion)
    rank = sa.case((version.stage == first, 0), else_=1)
    select = sa.select(version.id).where(version.article_id == Article.id)
    return select.order_by(rank, version.number.desc()).limit(1).correlate(Article).scalar_subquery()


def _name_of(person: Any) -> sa.ColumnElement[str]:
    return sa.func.coalesce(person.first_name + " " + person.last_name, "")


def _is_of_pole(person: Any) -> sa.ColumnElement[bool]:
    """Whoever has left keeps no entry true: it shows as nobody's."""
    return sa.and_(person.is_active, person.id.in_(holders(Role.JURIST, Role.LEAD)))


def _conditions(view: WorkshopView) -> list[sa.ColumnElement[bool]]:
    if view is WorkshopView.REVIEW:
        return [_is_to_review()]
    if view in _STAGES:
        return [
            sa.exists()
            .where(ArticleVersion.article_id == Article.id, ArticleVersion.stage == _STAGES[view])
            .correlate(Article)
        ]
    return []


def _order(view: WorkshopView) -> list[sa.ColumnElement[Any]]:
    if view is WorkshopView.REVIEW:
        return [
            sa.case((Article.state == ArticleState.UNDER_REVIEW, 0), else_=1),
            Article.review_on.asc(),
            Article.id.asc(),
        ]
    if view in _STAGES:
        return [ArticleVersion.updated_at.asc(), Article.id.asc()]
    return [Article.id.desc()]


def _is_to_review() -> sa.ColumnElement[bool]:
    is_due = sa.and_(Article.state.in_(READABLE_STATES), Article.review_on <= clock.today())
    return sa.or_(is_due, Article.state == ArticleState.UNDER_REVIEW)
