"""Keep a year as it was told."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.audit import operations as audit
from helpdesk.db import db, transaction
from helpdesk.errors import Conflict, NotAllowed
from helpdesk.stats import perms
from helpdesk.stats.models import FrozenYear
from helpdesk.stats.tables import Table, as_json
from helpdesk.stats.wording import DEFINITIONS


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
