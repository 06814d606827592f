"""What two months brought, for an issue of the review."""

from datetime import datetime, time, timedelta

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.kb import perms
from helpdesk.kb.bimonths import Bimonth
from helpdesk.kb.enums import ArticleKind, ArticleState, Visibility
from helpdesk.kb.models import Article
from helpdesk.kb.queries.lists import EntryRow, rows_of
from helpdesk.reference.zones import PARIS

OFFERED_MAX_COUNT = 200


def entries_of(person: Person, months: Bimonth) -> list[EntryRow]:
    """The entries published or revised in these months (Europe/Paris) that members may read, the oldest first.

    No issue of the review, nothing under review, nothing for the staff alone.
    """
    first = datetime.combine(months.first_on, time(), PARIS)
    after = datetime.combine(months.last_on + timedelta(days=1), time(), PARIS)
    select = sa.select(Article.id).where(
        perms.visible_to(person),
        Article.state == ArticleState.PUBLISHED,
        Article.kind != ArticleKind.REVIEW,
        Article.visibility != Visibility.INTERNAL,
        Article.published_at >= first,
        Article.published_at < after,
    )
    ids = db.session.scalars(select.order_by(Article.published_at, Article.id).limit(OFFERED_MAX_COUNT)).all()
    return rows_of(person, ids)
