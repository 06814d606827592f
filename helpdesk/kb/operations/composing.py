"""An issue of the review, built from the entries that two months brought."""

from collections.abc import Sequence

from helpdesk.accounts.models import Person
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.formats import count
from helpdesk.kb import perms, queries
from helpdesk.kb.bimonths import GENERAL, Bimonth, parts_of
from helpdesk.kb.enums import ArticleKind, Visibility
from helpdesk.kb.models import ArticleVersion, ReviewItem
from helpdesk.kb.operations.history import touch
from helpdesk.kb.operations.words import Traits, Words
from helpdesk.kb.operations.writing import create_article
from helpdesk.kb.queries import EntryRow
from helpdesk.months import MONTHS
from helpdesk.reference import get_reference
from helpdesk.tickets.operations.history import require

ENTRIES_MAX_COUNT = 100


def compose_issue(actor: Person, months: Bimonth, ids: Sequence[int]) -> ArticleVersion:
    """Begin an issue of the review: the entries *ids*, in that order, by kind of structure.

    Its text is then written and approved as any other.

    :raises NotAllowed: for anybody but the pole.
    :raises BadInput: without an entry, with too many, or for one that members could not read.
    """
    with transaction():
        require(perms.can_create(actor))
        rows = _rows(actor, months, ids)
        told = count(len(rows), "fiche nouvelle ou revue", "fiches nouvelles ou revues")
        words = Words(title=title_of(months), in_brief=f"{told} en deux mois.")
        version = create_article(actor, words, Traits(kind=ArticleKind.REVIEW, visibility=Visibility.MEMBERS))
        version.items = _items(rows)
        touch(version)
        db.session.flush()
    return version


def title_of(months: Bimonth) -> str:
    """« Revue juridique, septembre et octobre 2026 »."""
    first, last = months.first_on, months.last_on
    return f"Revue juridique, {MONTHS[first.month - 1]} et {MONTHS[last.month - 1]} {last.year}"


def _rows(actor: Person, months: Bimonth, ids: Sequence[int]) -> list[EntryRow]:
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise BadInput("Gardez au moins une fiche.", field="entries")
    if len(wanted) > ENTRIES_MAX_COUNT:
        raise BadInput(f"Gardez {ENTRIES_MAX_COUNT} fiches au plus.", field="entries")
    offered = {row.id: row for row in queries.entries_of(actor, months)}
    if any(one not in offered for one in wanted):
        raise BadInput("Une fiche a été retirée ou mise en révision entre-temps. Rechargez la page.", field="entries")
    return [offered[one] for one in wanted]


def _items(rows: Sequence[EntryRow]) -> list[ReviewItem]:
    """The general part first, then each kind of structure in the order of the reference data."""
    parts = (GENERAL, *get_reference().typologies)
    listed = [(part, row) for part in parts for row in rows if part in parts_of(row.typologies)]
    return [
        ReviewItem(position=position, article_id=row.id, typology=part) for position, (part, row) in enumerate(listed)
    ]
