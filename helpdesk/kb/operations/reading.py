"""What readers do with an entry: open it, say whether it helped, report it, cite it in an answer."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from helpdesk import clock, settings_of
from helpdesk.accounts.models import Person
from helpdesk.db import db, insert, transaction
from helpdesk.errors import BadInput, TooManyAttempts
from helpdesk.kb import citations, perms
from helpdesk.kb.enums import ReportKind
from helpdesk.kb.models import Article, ArticleVersion, ReaderVisit, ReadingCount, Report, Vote
from helpdesk.kb.operations.tasks import leave_task
from helpdesk.kb.queries.finding import CORPUS
from helpdesk.search.operations import record_miss
from helpdesk.tickets import operations as tickets
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets import personal_data, texts
from helpdesk.tickets import queries as ticket_queries
from helpdesk.tickets.enums import DraftKind
from helpdesk.tickets.models import Draft, Ticket
from helpdesk.tickets.operations.answering import REFERENCES_MAX_COUNT
from helpdesk.tickets.operations.drafts import own_draft
from helpdesk.tickets.operations.history import require

COMMENT_MAX_CHARS = 2000
REPORTS_A_DAY_MAX_COUNT = 20
READERS_KINDS = (ReportKind.MISSING, ReportKind.IDENTIFYING)
"""What a reader may report; a change of the law is imported or found by the pole."""


def record_reading(article: Article) -> None:
    """Count one more opening of the entry today (in Paris): one row per entry and day, without anybody's name."""
    with transaction():
        first = insert(ReadingCount).values(article_id=article.id, on=clock.today(), count=1)
        again = first.on_conflict_do_update(index_elements=["article_id", "on"], set_={"count": ReadingCount.count + 1})
        db.session.execute(again)


def note_visit(actor: Person) -> None:
    """Remember that *actor* looked at the knowledge base today; the day before that is kept beside."""
    with transaction():
        today = clock.today()
        first = insert(ReaderVisit).values(person_id=actor.id, last_on=today)
        again = first.on_conflict_do_update(
            index_elements=["person_id"],
            set_={"previous_on": ReaderVisit.last_on, "last_on": today},
            where=ReaderVisit.last_on < today,
        )
        db.session.execute(again)


def note_miss(words: str) -> None:
    """Count a search that found nothing; words that may name somebody are not kept."""
    with transaction():
        record_miss(CORPUS, words, is_personal=lambda text: bool(personal_data.find(text)))


def vote(actor: Person, article: Article, version: ArticleVersion, *, is_useful: bool) -> None:
    """Say whether *version* helped; the last word counts, and a revised entry starts anew.

    :raises NotAllowed: for whoever does not read the entry.
    """
    with transaction():
        require(perms.can_vote(actor, article))
        given = {"is_useful": is_useful, "given_at": clock.now()}
        mine = insert(Vote).values(version_id=version.id, person_id=actor.id, **given)
        db.session.execute(mine.on_conflict_do_update(index_elements=["version_id", "person_id"], set_=given))


def report(actor: Person, article: Article, version: ArticleVersion, kind: ReportKind, comment: str) -> Report:
    """Tell the pole what is missing, or which word identifies somebody; the same words twice are one task.

    :raises NotAllowed: for whoever does not read the entry.
    :raises BadInput: without words, or for a kind that readers do not report.
    :raises TooManyAttempts: past twenty reports by one person in a day.
    """
    with transaction():
        require(perms.can_report(actor, article))
        if kind not in READERS_KINDS:
            raise BadInput("Choisissez ce que vous signalez.", field="kind")
        words = texts.clean(comment, field="comment", max_chars=COMMENT_MAX_CHARS)
        if not words:
            raise BadInput(_MISSING_WORDS[kind], field="comment")
        return _same_report(actor, version, kind, words) or _new_report(actor, article, version, kind, words)


def deal_with_report(actor: Person, task: Report) -> None:
    """Mark a reader's report as dealt with; a second time changes nothing.

    :raises NotAllowed: for anybody but the pole, and in a conflict of interest.
    """
    with transaction():
        require(perms.can_deal_with_reports(actor) and perms.can_work_on(actor, task.article))
        if task.done_at is None:
            task.done_at, task.done_by_id = clock.now(), actor.id


def cite(actor: Person, ticket: Ticket, article: Article, version: ArticleVersion) -> Draft:
    """Add title, date and address of the entry to the references of the actor's draft answer.

    :raises NotAllowed: unless *actor* may answer or correct, and the asker may read the entry.
    :raises BadInput: when the draft holds as many references as an answer may.
    """
    with transaction():
        require(perms.can_cite_in(actor, article, ticket))
        address = f"{settings_of(current_app).public_url}/faq/{article.slug}"
        line = citations.line(version.title, article.up_to_date_on or version.up_to_date_on, address)
        fields = _answer_begun(actor, ticket)
        lines = [str(one) for one in fields.get("references") or [] if str(one).strip()]
        if article.slug not in citations.slugs_in(lines):
            lines.append(line)
        if len(lines) > REFERENCES_MAX_COUNT:
            raise BadInput(f"Gardez {REFERENCES_MAX_COUNT} références au plus.", field="references")
        return tickets.save_draft(actor, ticket, DraftKind.ANSWER, fields | {"references": lines})


_MISSING_WORDS = {
    ReportKind.MISSING: "Dites-nous en quelques mots ce qui vous manque.",
    ReportKind.IDENTIFYING: "Indiquez le mot ou la phrase qui désigne quelqu’un.",
}


def _answer_begun(actor: Person, ticket: Ticket) -> dict[str, Any]:
    """What the draft holds; without one, a correction starts from the answer in force."""
    draft = own_draft(actor, ticket, DraftKind.ANSWER)
    if draft is not None:
        return dict(draft.fields)
    answer = ticket_queries.current_answer(ticket) if ticket_perms.can_correct(actor, ticket) else None
    return tickets.answer_fields(answer) if answer is not None else {}


def _same_report(actor: Person, version: ArticleVersion, kind: ReportKind, words: str) -> Report | None:
    select = sa.select(Report).where(
        Report.version_id == version.id,
        Report.reported_by_id == actor.id,
        Report.kind == kind,
        Report.comment == words,
        Report.done_at.is_(None),
    )
    return db.session.scalar(select.limit(1))


def _new_report(actor: Person, article: Article, version: ArticleVersion, kind: ReportKind, words: str) -> Report:
    since = clock.now() - timedelta(days=1)
    today = sa.select(sa.func.count()).where(Report.reported_by_id == actor.id, Report.created_at > since)
    if (db.session.scalar(today) or 0) >= REPORTS_A_DAY_MAX_COUNT:
        raise TooManyAttempts("Vous avez déjà envoyé beaucoup de signalements aujourd’hui. Appelez-nous.")
    return leave_task(article, version, kind, words, actor)
