"""How an entry changes: the one place that writes events, stages, states and asks for the index."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm.attributes import flag_modified

from helpdesk import audit, clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import Conflict
from helpdesk.kb.enums import ArticleAction, ArticleEventKind, VersionAction
from helpdesk.kb.models import Article, ArticleEvent, ArticleVersion
from helpdesk.kb.queries.finding import CORPUS
from helpdesk.kb.workflow import next_stage, next_state
from helpdesk.search.operations import request_index

CHANGED = "Cette fiche a changé pendant que vous écriviez. Votre texte est gardé."


def check_version(row: Article | ArticleVersion, seen_version: int | None) -> None:
    """:raises Conflict: when *row* changed since the form was shown; *None* comes from no form."""
    present = row.version if isinstance(row, Article) else row.lock_version
    if seen_version is not None and present != seen_version:
        raise Conflict(CHANGED)


def record(
    article: Article,
    kind: ArticleEventKind,
    actor: Person | None,
    *,
    version: ArticleVersion | None = None,
    **data: Any,
) -> None:
    """Write a line of the history, and one of the house's trail; no actor is the clock.

    *data* holds identifiers and values of enums, never a person's words.
    """
    db.session.flush()
    number = version.number if version is not None else None
    db.session.add(
        ArticleEvent(
            article=article,
            number=number,
            kind=kind,
            actor_id=actor.id if actor else None,
            at=clock.now(),
            data=data,
        )
    )
    audit.record(actor, f"article.{kind.value}", "article", article.id, number=number, **data)


def step(version: ArticleVersion, action: VersionAction) -> None:
    """Move a version one stage on.

    :raises InvalidTransition: when *action* does not fit its present stage.
    """
    version.stage = next_stage(version.stage, action)
    touch(version)


def turn(article: Article, action: ArticleAction) -> None:
    """Move an entry to its next state: what a review or a withdrawal had left on it is taken off.

    :raises InvalidTransition: when *action* does not fit its present state.
    """
    article.state = next_state(article.state, action)
    article.review_opened_at, article.review_reason = None, ""
    article.withdrawn_at, article.withdrawn_reason, article.replaced_by_id = None, "", None


def touch(row: Article | ArticleVersion, at: datetime | None = None) -> None:
    """Make every older view of *row* stale, rows under it included."""
    if isinstance(row, ArticleVersion):
        row.updated_at = at or clock.now()
        flag_modified(row, "updated_at")
    else:
        flag_modified(row, "state")


def add_editor(version: ArticleVersion, actor: Person) -> None:
    """Note that *actor* had a hand in *version*, and so does not approve it."""
    version.editor_ids = sorted({*version.editor_ids, actor.id})


def reindex(*articles: Article, is_erasure: bool = False) -> None:
    """What readers find has changed: ask for the index in this transaction. *is_erasure*: the old words leave it."""
    db.session.flush()
    request_index(CORPUS, [article.id for article in articles], is_erasure=is_erasure)
