"""A year that the lead freezes: kept whole, read as it was, compared with today."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError
from time_machine import TimeMachineFixture

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db
from helpdesk.errors import Conflict, NotAllowed, NotFound
from helpdesk.stats import operations
from helpdesk.stats.annual import Report
from helpdesk.stats.comparing import differences
from helpdesk.stats.digest import digest_of
from helpdesk.stats.models import FrozenYear
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.frozen import kept_report, versions
from helpdesk.stats.queries.report import annual_report
from tests.factories.accounts import PersonFactory
from tests.factories.tickets import make_asker, make_ticket
from tests.support.crowds import together
from tests.support.scenes import Keep

JANUARY = datetime(2027, 1, 15, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _day(kept: Keep, time_machine: TimeMachineFixture) -> None:
    """Some questions of 2026, on a day of January 2027."""

    def asked() -> None:
        time_machine.move_to("2026-03-02T09:00:00+00:00", tick=False)
        asker = make_asker()
        for _ in range(3):
            make_ticket(asker)
        time_machine.move_to(JANUARY, tick=False)

    time_machine.move_to(JANUARY, tick=False)
    kept(asked)


@pytest.fixture
def lead() -> Person:
    person: Person = PersonFactory(lead=True, first_name="Hélène", last_name="Garnier")
    return person


def of(year: int) -> Report:
    return annual_report(Selection(), year, clock.now())


def freeze(actor: Person, report: Report, *, seen_number: int = 0) -> FrozenYear:
    """Freeze what was just read."""
    return operations.freeze(actor, report, seen_number=seen_number, seen_digest=digest_of(report))


# --- freezing


def test_the_lead_keeps_the_tables_the_definitions_the_day_and_their_name(lead: Person) -> None:
    report = of(2026)
    kept = freeze(lead, report)
    assert (kept.year, kept.number, kept.frozen_at, kept.frozen_by) == (2026, 1, JANUARY, lead)
    db.session.expire_all()
    (version,) = versions(lead)[2026]
    assert (version.number, version.at, version.by) == (1, JANUARY, "Hélène Garnier")
    again = kept_report(lead, 2026, version)
    assert again.tables == report.tables
    assert again.definitions == list(report.definitions)
    assert again.sections == report.sections
    (event,) = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "stats.year_frozen"))
    assert (event.actor_id, event.data) == (lead.id, {"year": 2026, "number": 1})


@pytest.mark.parametrize("role", ["jurist", "delegate", "admin", "partner_jurist"])
def test_nobody_else_freezes_a_year(role: str) -> None:
    with pytest.raises(NotAllowed):
        freeze(PersonFactory(**{role: True}), of(2026))


def test_the_present_year_cannot_be_frozen(lead: Person) -> None:
    with pytest.raises(NotAllowed):
        freeze(lead, of(2027))


def test_a_year_may_be_frozen_again_and_the_first_time_stays_readable(
    lead: Person, time_machine: TimeMachineFixture
) -> None:
    freeze(lead, of(2026))
    time_machine.move_to("2026-05-04T09:00:00+00:00", tick=False)
    make_ticket()
    time_machine.move_to("2027-02-01T09:00:00+00:00", tick=False)
    freeze(lead, of(2026), seen_number=1)
    first, second = versions(lead)[2026]
    received = [kept_report(lead, 2026, one).tables["annee"].rows[0].values[0] for one in (first, second)]
    assert received == [3, 4]


def test_whoever_has_not_seen_the_last_time_is_refused(lead: Person) -> None:
    freeze(lead, of(2026))
    with pytest.raises(Conflict, match="vient de figer"):
        freeze(lead, of(2026))


def test_two_at_once_keep_one(app: Flask) -> None:
    people = [PersonFactory(lead=True).id for _ in range(2)]
    report = of(2026)
    db.session.commit()

    def frozen_by(person_id: int) -> Callable[[], object]:
        return lambda: freeze(db.session.get_one(Person, person_id), report).number

    assert sorted(together(app, *(frozen_by(one) for one in people))) == ["1", "Conflict"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FrozenYear)) == 1


def test_what_was_not_read_is_not_kept(lead: Person, time_machine: TimeMachineFixture) -> None:
    read = digest_of(of(2026))
    time_machine.move_to("2026-05-04T09:00:00+00:00", tick=False)
    make_ticket()
    time_machine.move_to(JANUARY, tick=False)
    for seen in (read, ""):
        with pytest.raises(Conflict, match="ont changé depuis que vous les avez lus"):
            operations.freeze(lead, of(2026), seen_number=0, seen_digest=seen)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FrozenYear)) == 0
    assert freeze(lead, of(2026)).number == 1


@pytest.mark.parametrize("later", [timedelta(minutes=5), timedelta(days=1), timedelta(days=200)])
def test_figures_that_nobody_touched_stay_those_that_were_read(
    lead: Person, time_machine: TimeMachineFixture, later: timedelta
) -> None:
    """Three questions wait: they grow older, and their age is the only thing that does."""
    report = of(2026)
    time_machine.move_to(JANUARY + later, tick=False)
    again = of(2026)
    assert (again.tables["attente"] == report.tables["attente"]) is (later < timedelta(hours=12))
    assert operations.freeze(lead, again, seen_number=0, seen_digest=digest_of(report)).number == 1


def test_another_definition_or_another_label_is_to_be_read_again() -> None:
    report = of(2026)
    relabelled = {key: replace(one, title=f"{one.title} ?") for key, one in report.tables.items()}
    others = [replace(report, definitions=[*report.definitions, ("Délai", "…")]), replace(report, tables=relabelled)]
    assert digest_of(report) not in {digest_of(other) for other in others}


@pytest.mark.parametrize(
    "statement", [sa.update(FrozenYear).values(year=2020), sa.delete(FrozenYear)], ids=["changed", "erased"]
)
def test_what_is_kept_is_never_changed_nor_erased(lead: Person, statement: Any) -> None:
    freeze(lead, of(2026))
    with pytest.raises(DBAPIError):
        db.session.execute(statement)
    db.session.rollback()


@pytest.mark.parametrize("role", ["delegate", "admin", "member"])
def test_only_the_pole_reads_a_frozen_year(lead: Person, role: str) -> None:
    freeze(lead, of(2026))
    (version,) = versions(lead)[2026]
    person = PersonFactory(**{role: True})
    assert versions(person) == {}
    with pytest.raises(NotFound):
        kept_report(person, 2026, version)


def test_the_same_figures_differ_in_nothing(lead: Person) -> None:
    report = of(2026)
    freeze(lead, report)
    db.session.expire_all()
    (version,) = versions(lead)[2026]
    assert differences(kept_report(lead, 2026, version).tables, of(2026).tables) == []
