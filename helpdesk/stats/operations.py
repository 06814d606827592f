"""Keep a year as it was told, and note what leaves the service."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.audit import operations as audit
from helpdesk.db import db, transaction
from helpdesk.errors import Conflict, NotAllowed
from helpdesk.stats import perms
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.models import FrozenYear
from helpdesk.stats.tables import Table, as_json
from helpdesk.stats.wording import DEFINITIONS
from helpdesk.tickets.queries import Filters


def freeze(actor: Person, year: int, tables: Sequence[Table], *, seen_number: int) -> FrozenYear:
    """Keep *tables*, the annual report of *year* for every delegation, and the definitions of today.

    :param seen_number: how many times the year had been frozen when the page was shown.
    :raises NotAllowed: unless *actor* leads the pole, or when the year is not over.
    :raises Conflict: when somebody else has frozen the year meanwhile.
    """
    if not perms.can_freeze(actor) or year >= clock.today().year:
        raise NotAllowed
    with transaction():
        last = sa.select(sa.func.max(FrozenYear.number)).where(FrozenYear.year == year)
        if (db.session.scalar(last) or 0) != seen_number:
            raise Conflict
        kept = FrozenYear(
            year=year,
            number=seen_number + 1,
            frozen_at=clock.now(),
            frozen_by=actor,
            definitions=[list(definition) for definition in DEFINITIONS],
            tables=[as_json(table) for table in tables],
        )
        db.session.add(kept)
        try:
            db.session.flush()
        except IntegrityError:
            raise Conflict from None
        audit.record(actor, "stats.year_frozen", "frozen_year", kept.id, year=year, number=kept.number)
    return kept


def note_export(actor: Person, filters: Filters, file_format: FileFormat, *, count: int) -> None:
    """Note in the audit trail that *actor* has taken *count* questions away, and by which filters they were chosen.

    The words searched for are not kept, only that there were some.

    :raises NotAllowed: unless *actor* is of the staff.
    """
    if not perms.can_see_figures(actor):
        raise NotAllowed
    asked = {name: value for name, value in vars(filters).items() if value}
    has_words = asked.pop("words", None) is not None
    if "topic" in asked:
        asked["topic"] = filters.topic.replace("/", ":")
    with transaction():
        audit.record(
            actor, "questions.exported", "export", file_format=file_format, count=count, has_words=has_words, **asked
        )
