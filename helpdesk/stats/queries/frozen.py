"""The years that were frozen: who kept them and when, and their reports as they were told. For the pole alone."""

from collections.abc import Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import NotFound
from helpdesk.stats import perms
from helpdesk.stats.annual import Kept, Report
from helpdesk.stats.models import FrozenYear
from helpdesk.stats.tables import from_json


def versions(person: Person) -> Mapping[int, Sequence[Kept]]:
    """Of each year that was frozen, every time that it was, the last one last; none for whoever may not see all the
    figures.
    """
    if not perms.can_see_all(person):
        return {}
    select = sa.select(FrozenYear.year, FrozenYear.number, FrozenYear.frozen_at, Person.first_name, Person.last_name)
    select = select.join(Person, Person.id == FrozenYear.frozen_by_id)
    found: dict[int, list[Kept]] = {}
    for row in db.session.execute(select.order_by(FrozenYear.year, FrozenYear.number)):
        found.setdefault(row.year, []).append(Kept(row.number, row.frozen_at, f"{row.first_name} {row.last_name}"))
    return found


def kept_report(person: Person, year: int, version: Kept) -> Report:
    """The report of *year* as it was that time, with its definitions and labels of then.

    :raises NotFound: for whoever may not see all the figures.
    """
    if not perms.can_see_all(person):
        raise NotFound
    select = sa.select(FrozenYear.tables, FrozenYear.definitions)
    row = db.session.execute(select.where(FrozenYear.year == year, FrozenYear.number == version.number)).one()
    tables = [from_json(table) for table in row.tables]
    definitions = [(term, words) for term, words in row.definitions]
    return Report(year, date(year, 12, 31), {table.key: table for table in tables}, definitions, version)
