"""Keep a year as it was told, and note what leaves the service."""

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.audit import operations as audit
from helpdesk.db import db, transaction
from helpdesk.errors import Conflict, NotAllowed
from helpdesk.stats import perms
from helpdesk.stats.annual import Report
from helpdesk.stats.digest import digest_of
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.models import FrozenYear
from helpdesk.stats.tables import as_json
from helpdesk.tickets.queries import Filters

ALREADY_FROZEN = (
    "Une autre personne vient de figer cette année. Relisez les chiffres qu’elle a gardés avant de figer de nouveau."
)
CHANGED = (
    "Des chiffres ont changé depuis que vous les avez lus : rien n’est figé. Relisez la page, elle montre ceux "
    "d’aujourd’hui, puis figez-les."
)


def freeze(actor: Person, report: Report, *, seen_number: int, seen_digest: str) -> FrozenYear:
    """Keep *report*, that of every delegation, with its definitions.

    :param seen_number: how many times the year had been frozen when the page was shown.
    :param seen_digest: that of the figures that it showed.
    :raises NotAllowed: unless *actor* leads the pole, or when the year is not over.
    :raises Conflict: when somebody else has frozen the year meanwhile, or when its figures are others than those read.
    """
    year = report.year
    if not perms.can_freeze(actor) or year >= clock.today().year:
        raise NotAllowed
    with transaction():
        last = sa.select(sa.func.max(FrozenYear.number)).where(FrozenYear.year == year)
        if (db.session.scalar(last) or 0) != seen_number:
            raise Conflict(ALREADY_FROZEN)
        if digest_of(report) != seen_digest:
            raise Conflict(CHANGED)
        kept = FrozenYear(
            year=year,
            number=seen_number + 1,
            frozen_at=clock.now(),
            frozen_by=actor,
            definitions=[list(definition) for definition in report.definitions],
            tables=[as_json(table) for table in report.tables.values()],
        )
        db.session.add(kept)
        try:
            db.session.flush()
        except IntegrityError:
            raise Conflict(ALREADY_FROZEN) from None
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
