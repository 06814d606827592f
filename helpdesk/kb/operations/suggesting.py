"""What somebody who was asking did with the entries offered: shown, opened, « cela répond à ma question », sent.

A question begun is known by the hash of its draft's key: the rows name nobody and lead to no question.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import changed_count, db, insert, transaction
from helpdesk.errors import NotFound
from helpdesk.kb import perms, queries
from helpdesk.kb.models import Article, Suggestion
from helpdesk.kb.queries import Suggested
from helpdesk.tickets.models import Submission
from helpdesk.tickets.operations.drafts import KEY
from helpdesk.tickets.operations.history import require, settings

SHOWN_FOR_ONE_MAX_COUNT = 40
SETTLED_DAYS = 2
KEPT_DAYS = 3 * 366
CHUNK = 500


def asking_of(key: str) -> str:
    """The hash under which a draft's *key* is known here; whoever reads the table cannot find the draft.

    :raises NotFound: for what no form makes.
    """
    if not KEY.fullmatch(key):
        raise NotFound
    return hmac.new(settings().secret_key.encode(), b"asking:" + key.encode(), hashlib.sha256).hexdigest()


def record_shown(key: str, entries: Sequence[Suggested]) -> None:
    """Note that *entries* were offered; each counts once for one question."""
    asking = asking_of(key)
    with transaction():
        known = queries.shown_ids(asking)
        fresh = [one for one in entries if one.row.id not in known][: max(SHOWN_FOR_ONE_MAX_COUNT - len(known), 0)]
        if not fresh:
            return
        now = clock.now()
        rows = [
            {"asking": asking, "article_id": one.row.id, "version_id": one.version_id, "shown_at": now} for one in fresh
        ]
        statement = insert(Suggestion).values(rows)
        db.session.execute(statement.on_conflict_do_nothing(index_elements=["asking", "article_id"]))


def record_opened(actor: Person, key: str, article: Article) -> None:
    """Note that an entry offered was opened; the first time counts.

    :raises NotAllowed: for one that *actor* may not read.
    :raises NotFound: for one that was not offered.
    """
    with transaction():
        require(perms.can_read(actor, article))
        shown = _shown(key, article)
        shown.opened_at = shown.opened_at or clock.now()


def solve(actor: Person, key: str, article: Article) -> None:
    """« Cela répond à ma question »; the draft is kept, for whoever changes their mind.

    :raises NotAllowed: for one that is no solution any more.
    :raises NotFound: for one that was not offered.
    """
    with transaction():
        require(perms.can_be_suggested(actor, article))
        shown = _shown(key, article)
        shown.opened_at = shown.opened_at or clock.now()
        shown.solved_at = shown.solved_at or clock.now()


def reopen(key: str) -> None:
    """« Finalement, j’envoie ma question »: nothing was solved."""
    with transaction():
        found = sa.update(Suggestion).where(Suggestion.asking == asking_of(key))
        db.session.execute(found.values(solved_at=None), execution_options={"synchronize_session": "fetch"})


def settle() -> int:
    """Mark the questions that were sent all the same, from the forms received in the last two days.

    Questions know nothing of suggestions: this looks at them from here. Returns how many rows changed.
    """
    since = clock.now() - timedelta(days=SETTLED_DAYS)
    select = sa.select(Submission.key, Submission.created_at).where(
        Submission.created_at >= since, Submission.ticket_id.is_not(None)
    )
    with transaction():
        sent = {asking_of(key): at for key, at in db.session.execute(select) if KEY.fullmatch(key)}
        return sum(_mark_sent(list(sent)[start : start + CHUNK], sent) for start in range(0, len(sent), CHUNK))


def purge() -> int:
    """Forget the suggestions older than the annual reports need."""
    gone = sa.delete(Suggestion).where(Suggestion.shown_at < clock.now() - timedelta(days=KEPT_DAYS))
    with transaction():
        return changed_count(gone)


def _mark_sent(askings: Sequence[str], sent: dict[str, Any]) -> int:
    waiting = sa.select(Suggestion).where(Suggestion.asking.in_(askings), Suggestion.sent_at.is_(None))
    rows = db.session.scalars(waiting).all()
    for row in rows:
        row.sent_at = sent[row.asking]
    return len(rows)


def _shown(key: str, article: Article) -> Suggestion:
    found = db.session.get(Suggestion, (asking_of(key), article.id))
    if found is None:
        raise NotFound
    return found
