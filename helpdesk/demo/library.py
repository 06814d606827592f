"""The knowledge base of the demonstration: entries with a past, what readers thought, what is to be done."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from helpdesk.accounts.enums import OrganisationKind, Role
from helpdesk.accounts.models import Mandate, Organisation, Person, StaffRole
from helpdesk.db import db
from helpdesk.demo.articles import DemoArticle, Fate, get_articles
from helpdesk.demo.history import Row
from helpdesk.kb import models
from helpdesk.kb.bimonths import GENERAL, parts_of
from helpdesk.kb.enums import ArticleEventKind, ArticleKind, ArticleState, Origin, ReportKind, Stage
from helpdesk.kb.review import review_on
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.enums import MessageKind
from helpdesk.tickets.models import Message, Ticket

REVISED_EVERY, BORN_COUNT = 7, 5
READING_DAYS, SUGGESTION_COUNT, VISITOR_COUNT = 90, 160, 400
CHANGE_NOTE = "Un exemple et des démarches à suivre s’ajoutent."
REVIEW_REASON = "Un décret attendu change une règle de cette fiche."
LAW_TASK = "Décret à paraître : relire la fiche à sa publication."
MISSING_WORDS = (
    "Et pour un contrat à temps partiel ?",
    "Il manque le modèle de courrier.",
    "La fiche ne dit pas ce qui se passe si le salarié refuse.",
)
IDENTIFYING_WORDS = "L’exemple ressemble beaucoup à une structure de notre territoire."
_OPEN_STAGES = (Stage.DRAFT, Stage.ANONYMISATION, Stage.APPROVAL)
_STATES = {
    Fate.DRAFT: ArticleState.UNPUBLISHED,
    Fate.PUBLISHED: ArticleState.PUBLISHED,
    Fate.UNDER_REVIEW: ArticleState.UNDER_REVIEW,
    Fate.WITHDRAWN: ArticleState.WITHDRAWN,
}
TABLES = (
    models.Article,
    models.ArticleSlug,
    models.ArticleVersion,
    models.ArticleReference,
    models.ArticleTopic,
    models.ArticleTypology,
    models.ArticleEvent,
    models.Vote,
    models.Report,
    models.ReadingCount,
    models.ReaderVisit,
    models.Suggestion,
    models.ReviewItem,
)
NUMBERED = (models.Article, models.ArticleVersion, models.ArticleEvent, models.Report)


@dataclass
class Shelf:
    """The rows, table by table, and whom they name."""

    rng: Random
    today: date
    default_months: int
    jurists: Sequence[int]
    members: Sequence[int]
    born_from: dict[str, tuple[int, int]]
    """By slug: the question and the answer that an entry was made from."""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    shown: dict[str, int] = field(default_factory=dict)
    """By slug: the version that readers see, or the draft."""

    def add(self, model: type, **row: Any) -> int:
        """Add a row; those that are numbered get the next number."""
        rows = self.rows.setdefault(model.__tablename__, [])  # type: ignore[attr-defined]
        if model in NUMBERED:
            row = {"id": len(rows) + 1, **row}
        rows.append(row)
        return int(row.get("id", 0))

    def moment(self, day: date, minute: int = 0) -> datetime:
        """In the morning of *day*, never after the last midnight."""
        at = datetime.combine(min(day, self.today - timedelta(days=1)), time(9), PARIS)
        return at + timedelta(minutes=minute)


def entries(seed: int, today: date, default_months: int) -> dict[str, list[Row]]:
    """Every row of the knowledge base, from the people and the questions that the database holds."""
    shelf = Shelf(Random(seed + 7), today, default_months, _jurists(), _members(), {})
    articles = get_articles()
    shelf.born_from = _born_from(articles)
    shelf.ids = {article.slug: number for number, article in enumerate(articles, 1)}
    for number, article in enumerate(articles):
        _tell(shelf, article, number)
    _list_issues(shelf, articles)
    _put_replacements(shelf, articles)
    _let_read(shelf, articles)
    _let_report(shelf, articles)
    _suggest(shelf, articles)
    return shelf.rows


# --- one entry


def _tell(shelf: Shelf, article: DemoArticle, number: int) -> None:
    author = shelf.jurists[number % len(shelf.jurists)]
    approver = shelf.jurists[(number + 1) % len(shelf.jurists)]
    # What the texts say was checked at that day; a demonstration of an earlier day begins a little before it.
    true_on = min(article.up_to_date_on, shelf.today - timedelta(days=3 + number % 20))
    is_revised = article.state is Fate.PUBLISHED and number % REVISED_EVERY == 3
    first_on = true_on - timedelta(days=150) if is_revised else true_on
    _article_row(shelf, article, number, author, true_on, first_on)
    shelf.add(models.ArticleSlug, slug=article.slug, article_id=shelf.ids[article.slug])
    if is_revised:
        _version(shelf, article, 1, Stage.SUPERSEDED, first_on, author, approver)
        _version(shelf, article, 2, Stage.PUBLISHED, true_on, author, approver)
    elif article.state is Fate.DRAFT:
        begun = sum(row["stage"] in _OPEN_STAGES for row in shelf.rows.get(models.ArticleVersion.__tablename__, ()))
        _version(shelf, article, 1, _OPEN_STAGES[begun % len(_OPEN_STAGES)], true_on, author, None)
    else:
        _version(shelf, article, 1, Stage.PUBLISHED, true_on, author, approver)


def _article_row(shelf: Shelf, article: DemoArticle, number: int, author: int, true_on: date, first_on: date) -> None:
    state, was_published = _STATES[article.state], article.state is not Fate.DRAFT
    ticket_id, _message = shelf.born_from.get(article.slug, (None, None))
    due_on = review_on(true_on, article.topics, shelf.default_months)
    later = shelf.today + timedelta(days=10 + number % 90)
    is_due = article.state is Fate.PUBLISHED and number % 13 == 5
    gone_at = shelf.moment(true_on + timedelta(days=40), 30)
    shelf.add(
        models.Article,
        slug=article.slug,
        version=1,
        kind=article.kind,
        visibility=article.visibility,
        state=state,
        origin=Origin.ANSWER if ticket_id else Origin.WRITTEN,
        # A few entries have lost their owner: the workshop shows them.
        owner_id=None if number % 17 == 9 else author,
        created_by_id=author,
        created_at=shelf.moment(first_on - timedelta(days=6)),
        source_ticket_id=ticket_id,
        published_at=shelf.moment(true_on, 20) if was_published else None,
        first_published_at=shelf.moment(first_on, 20) if was_published else None,
        up_to_date_on=true_on if was_published else None,
        review_on=shelf.today - timedelta(days=number % 9) if is_due else max(due_on, later),
        review_opened_at=gone_at if state is ArticleState.UNDER_REVIEW else None,
        review_reason=REVIEW_REASON if state is ArticleState.UNDER_REVIEW else "",
        withdrawn_at=gone_at if state is ArticleState.WITHDRAWN else None,
        withdrawn_reason=article.reason,
        replaced_by_id=None,
    )


def _version(
    shelf: Shelf, article: DemoArticle, number: int, stage: Stage, on: date, author: int, approver: int | None
) -> None:
    """The words; an earlier version had neither the example nor all the steps."""
    is_earlier = stage is Stage.SUPERSEDED
    is_published = stage in (Stage.PUBLISHED, Stage.SUPERSEDED)
    _ticket, message_id = shelf.born_from.get(article.slug, (None, None))
    words = {
        "title": article.title,
        "in_brief": article.in_brief,
        "explanation": article.explanation,
        "example": "" if is_earlier else article.example,
        "actions": "\n".join(article.actions[:2] if is_earlier else article.actions),
    }
    version_id = shelf.add(
        models.ArticleVersion,
        article_id=shelf.ids[article.slug],
        number=number,
        lock_version=1,
        stage=stage,
        **words,
        search_text=models.folded_words(words),
        change_note=CHANGE_NOTE if number > 1 else "",
        remark="",
        up_to_date_on=on,
        author_id=author,
        editor_ids=[author],
        approved_by_id=approver if is_published else None,
        source_message_id=message_id if number == 1 else None,
        created_at=shelf.moment(on - timedelta(days=6)),
        updated_at=shelf.moment(on - timedelta(days=1)),
        published_at=shelf.moment(on, 20) if is_published else None,
    )
    shelf.shown[article.slug] = version_id
    _words(shelf, article, version_id)
    for kind, actor, days, minute in _events(article, stage, author, approver):
        shelf.add(
            models.ArticleEvent,
            article_id=shelf.ids[article.slug],
            number=number,
            kind=kind,
            actor_id=actor,
            at=shelf.moment(on + timedelta(days=days), minute),
            data={},
        )


def _words(shelf: Shelf, article: DemoArticle, version_id: int) -> None:
    for position, one in enumerate(article.references):
        shelf.add(
            models.ArticleReference,
            version_id=version_id,
            position=position,
            code=one.code,
            article=one.article,
            label=one.label,
            url=one.url,
            key=one.key,
            text_id=one.text_id,
        )
    for position, code in enumerate(article.topics):
        shelf.add(models.ArticleTopic, version_id=version_id, code=code, position=position)
    for code in article.typologies:
        shelf.add(models.ArticleTypology, version_id=version_id, code=code)


def _events(
    article: DemoArticle, stage: Stage, author: int, approver: int | None
) -> Iterator[tuple[ArticleEventKind, int | None, int, int]]:
    """Kind, actor, days after the version's day, minutes of that morning."""
    yield ArticleEventKind.CREATED, author, -6, 0
    if stage in (Stage.ANONYMISATION, Stage.APPROVAL, Stage.PUBLISHED, Stage.SUPERSEDED):
        yield ArticleEventKind.EDITED, author, -3, 5
    if stage in (Stage.APPROVAL, Stage.PUBLISHED, Stage.SUPERSEDED):
        yield ArticleEventKind.ANONYMISED, author, -2, 10
        yield ArticleEventKind.SUBMITTED, author, -1, 0
    if stage in (Stage.PUBLISHED, Stage.SUPERSEDED):
        yield ArticleEventKind.PUBLISHED, approver, 0, 20
    if stage is Stage.PUBLISHED and article.state is Fate.UNDER_REVIEW:
        yield ArticleEventKind.REVIEW_OPENED, author, 40, 30
    if stage is Stage.PUBLISHED and article.state is Fate.WITHDRAWN:
        yield ArticleEventKind.WITHDRAWN, author, 40, 30


# --- what hangs together


def _list_issues(shelf: Shelf, articles: Sequence[DemoArticle]) -> None:
    by_slug = {article.slug: article for article in articles}
    for issue in articles:
        listed = [(part, slug) for slug in issue.entries for part in parts_of(by_slug[slug].typologies)]
        listed.sort(key=lambda one: (one[0] != GENERAL, one[0]))
        for position, (part, slug) in enumerate(listed):
            shelf.add(
                models.ReviewItem,
                version_id=shelf.shown[issue.slug],
                position=position,
                article_id=shelf.ids[slug],
                typology=part,
            )


def _put_replacements(shelf: Shelf, articles: Sequence[DemoArticle]) -> None:
    rows = {row["id"]: row for row in shelf.rows[models.Article.__tablename__]}
    for article in articles:
        if article.replaces:
            rows[shelf.ids[article.replaces]]["replaced_by_id"] = shelf.ids[article.slug]
    # A row comes after the one it leads to.
    shelf.rows[models.Article.__tablename__].sort(key=lambda row: (row["replaced_by_id"] is not None, row["id"]))


# --- readers


def _read(articles: Sequence[DemoArticle]) -> list[DemoArticle]:
    return [article for article in articles if article.state in (Fate.PUBLISHED, Fate.UNDER_REVIEW)]


def _let_read(shelf: Shelf, articles: Sequence[DemoArticle]) -> None:
    """Openings day by day, votes, and when somebody last looked."""
    rng = shelf.rng
    for article in _read(articles):
        weight = rng.choice((1, 1, 2, 3, 5, 9))
        for back in range(1, READING_DAYS):
            count = rng.randrange(0, weight + 1)
            if count:
                on = shelf.today - timedelta(days=back)
                shelf.add(models.ReadingCount, article_id=shelf.ids[article.slug], on=on, count=count)
        voters = rng.sample(shelf.members, min(len(shelf.members), weight * rng.randrange(0, 5)))
        for person_id in voters:
            shelf.add(
                models.Vote,
                version_id=shelf.shown[article.slug],
                person_id=person_id,
                is_useful=rng.random() < 0.86,
                given_at=shelf.moment(shelf.today - timedelta(days=rng.randrange(1, READING_DAYS)), rng.randrange(500)),
            )
    for person_id in shelf.members[:VISITOR_COUNT]:
        last_on = shelf.today - timedelta(days=rng.randrange(1, 60))
        previous_on = last_on - timedelta(days=rng.randrange(1, 90))
        shelf.add(models.ReaderVisit, person_id=person_id, last_on=last_on, previous_on=previous_on)


def _let_report(shelf: Shelf, articles: Sequence[DemoArticle]) -> None:
    """What waits for the pole: words that are missing, a doubt, changes of the law."""
    rng, read = shelf.rng, [one for one in _read(articles) if one.kind is ArticleKind.FAQ]
    reported = [(one, ReportKind.MISSING, words) for one, words in zip(rng.sample(read, 3), MISSING_WORDS, strict=True)]
    reported.append((rng.choice(read), ReportKind.IDENTIFYING, IDENTIFYING_WORDS))
    reported += [(one, ReportKind.LAW_CHANGE, LAW_TASK) for one in read if one.state is Fate.UNDER_REVIEW]
    for back, (article, kind, words) in enumerate(reported, 1):
        shelf.add(
            models.Report,
            article_id=shelf.ids[article.slug],
            version_id=shelf.shown[article.slug],
            kind=kind,
            comment=words,
            reported_by_id=None if kind is ReportKind.LAW_CHANGE else rng.choice(shelf.members),
            created_at=shelf.moment(shelf.today - timedelta(days=back), 40),
        )


def _suggest(shelf: Shelf, articles: Sequence[DemoArticle]) -> None:
    """What became of the questions begun since the first of January for which an entry was shown."""
    rng = shelf.rng
    offered = [one for one in _read(articles) if one.kind is ArticleKind.FAQ and one.state is Fate.PUBLISHED]
    days = max((shelf.today - shelf.today.replace(month=1, day=1)).days, 1)
    for number in range(SUGGESTION_COUNT):
        article = rng.choice(offered)
        shown_at = shelf.moment(shelf.today - timedelta(days=rng.randrange(1, days + 1)), rng.randrange(540))
        is_opened, fate = rng.random() < 0.55, rng.random()
        is_solved = is_opened and fate < 0.45
        shelf.add(
            models.Suggestion,
            asking=hashlib.sha256(f"demonstration {number}".encode()).hexdigest(),
            article_id=shelf.ids[article.slug],
            version_id=shelf.shown[article.slug],
            shown_at=shown_at,
            opened_at=shown_at + timedelta(minutes=1) if is_opened else None,
            solved_at=shown_at + timedelta(minutes=4) if is_solved else None,
            sent_at=shown_at + timedelta(minutes=12) if not is_solved and fate < 0.9 else None,
        )


# --- who and what is there


def _jurists() -> Sequence[int]:
    held = sa.select(StaffRole.person_id).where(
        StaffRole.role.in_([Role.JURIST, Role.LEAD]), StaffRole.ends_on.is_(None)
    )
    return db.session.scalars(sa.select(Person.id).where(Person.id.in_(held)).order_by(Person.id)).all()


def _members() -> Sequence[int]:
    select = (
        sa.select(Person.id)
        .join(Mandate, Mandate.person_id == Person.id)
        .join(Organisation, Organisation.id == Mandate.organisation_id)
        .where(Mandate.ends_on.is_(None), Organisation.kind == OrganisationKind.MEMBER, Organisation.left_on.is_(None))
    )
    return db.session.scalars(select.distinct().order_by(Person.id)).all()


def _born_from(articles: Sequence[DemoArticle]) -> dict[str, tuple[int, int]]:
    """The first answered question on the main topic of a few entries."""
    found: dict[str, tuple[int, int]] = {}
    taken: set[int] = set()
    for article in articles:
        if article.kind is not ArticleKind.FAQ or article.state is not Fate.PUBLISHED or len(found) == BORN_COUNT:
            continue
        row = db.session.execute(_answer_on(article.topics[0])).first()
        if row is not None and row[0] not in taken:
            taken.add(row[0])
            found[article.slug] = (row[0], row[1])
    return found


def _answer_on(topic: str) -> sa.Select[int, int]:
    return (
        sa.select(Ticket.id, Message.id)
        .join(Message, Message.ticket_id == Ticket.id)
        .where(
            Ticket.topic == topic,
            Ticket.is_sensitive.is_(False),
            Message.kind == MessageKind.ANSWER,
            Message.published_at.is_not(None),
        )
        .order_by(Ticket.id, Message.id)
        .limit(1)
    )
