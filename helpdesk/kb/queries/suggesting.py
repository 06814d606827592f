"""What may answer a question before it is sent, and how many questions that may have spared."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb.enums import ArticleKind, Stage
from helpdesk.kb.models import Article, ArticleVersion, Suggestion
from helpdesk.kb.queries.finding import CORPUS
from helpdesk.kb.queries.lists import EntryRow, rows_of
from helpdesk.reference.zones import PARIS
from helpdesk.search.queries import complete_ids, similar_ids
from helpdesk.tickets.texts import fold

SHOWN_MAX_COUNT = 3
LEAST_WORDS = 3
TITLE_MAX_CHARS = 300
FACTS_READ_CHARS = 4000
SOLVING_KINDS = frozenset(ArticleKind) - {ArticleKind.REVIEW, ArticleKind.NEWS}
"""An issue of the review or a piece of news answers no question."""

AVOIDED_DEFINITION = (
    "Estimation. On compte une question évitée quand une personne en train d’écrire sa question a choisi "
    "« Cela répond à ma question » et n’a pas envoyé cette question ensuite. "
    "Celles qui ont lu une fiche et sont reparties sans rien dire ne sont pas comptées, ni celles qui ont trouvé "
    "leur réponse par la recherche."
)
"""In these words on every page and report that shows the figure."""


@dataclass(frozen=True)
class Suggested:
    """An entry offered to somebody who is asking."""

    row: EntryRow
    version_id: int
    in_brief: str


@dataclass(frozen=True)
class Avoided:
    """A year of suggestions, in questions begun: *avoided_count* is an estimate, see ``AVOIDED_DEFINITION``."""

    year: int
    shown_count: int = 0
    opened_count: int = 0
    sent_count: int = 0
    """Sent although an entry had been shown."""
    avoided_count: int = 0


def suggestions(person: Person, title: str, facts: str = "") -> list[Suggested]:
    """At most three entries that *person* may read and that are true today; none for less than three words.

    Without *facts* the title is being typed, and its last word may be unfinished.
    """
    title = title[:TITLE_MAX_CHARS]
    if len(fold(title).split()) < LEAST_WORDS:
        return []
    wanted = SHOWN_MAX_COUNT * 2
    ids = (
        similar_ids(person, CORPUS, title, facts[:FACTS_READ_CHARS], limit=wanted)
        if facts
        else complete_ids(person, CORPUS, title, limit=wanted)
    )
    rows = [row for row in rows_of(person, ids) if can_solve(row)]
    return _with_words(rows[:SHOWN_MAX_COUNT])


def can_solve(row: EntryRow) -> bool:
    """An entry under review is never offered as a solution."""
    return not row.is_under_review and row.kind in SOLVING_KINDS


def shown_ids(asking: str) -> set[int]:
    """The entries that were shown to somebody who was asking."""
    return set(db.session.scalars(sa.select(Suggestion.article_id).where(Suggestion.asking == asking)))


def avoided_questions(year: int) -> Avoided:
    """What became of the questions begun in *year* (Europe/Paris) for which entries were shown."""
    first, last = (datetime.combine(date(one, 1, 1), datetime.min.time(), PARIS) for one in (year, year + 1))
    asked = (
        sa.select(
            Suggestion.asking,
            sa.func.min(Suggestion.shown_at).label("shown_at"),
            sa.func.max(Suggestion.opened_at).label("opened_at"),
            sa.func.max(Suggestion.solved_at).label("solved_at"),
            sa.func.max(Suggestion.sent_at).label("sent_at"),
        )
        .group_by(Suggestion.asking)
        .subquery()
    )
    is_avoided = sa.and_(asked.c.solved_at.is_not(None), asked.c.sent_at.is_(None))
    row = db.session.execute(
        sa.select(
            sa.func.count().label("shown_count"),
            sa.func.count(asked.c.opened_at).label("opened_count"),
            sa.func.count(asked.c.sent_at).label("sent_count"),
            sa.func.count(sa.case((is_avoided, 1))).label("avoided_count"),
        )
        .select_from(asked)
        .where(asked.c.shown_at >= first, asked.c.shown_at < last)
    ).one()
    return replace(Avoided(year), **row._mapping)  # noqa: SLF001 (its public name)


def _with_words(rows: Sequence[EntryRow]) -> list[Suggested]:
    select = (
        sa.select(Article.id, ArticleVersion.id.label("version_id"), ArticleVersion.in_brief)
        .join(ArticleVersion, ArticleVersion.article_id == Article.id)
        .where(ArticleVersion.stage == Stage.PUBLISHED, Article.id.in_([row.id for row in rows]))
    )
    words = {found.id: found for found in db.session.execute(select)} if rows else {}
    return [Suggested(row, words[row.id].version_id, words[row.id].in_brief) for row in rows if row.id in words]
