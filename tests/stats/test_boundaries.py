"""The table of boundaries: what each limit of day, month, year and clock gives, by operations, and counted again."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from helpdesk import clock, settings_of
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput
from helpdesk.reporting import Period
from helpdesk.stats.check import differences
from helpdesk.stats.perms import Selection
from helpdesk.stats.queries.dashboard import Dashboard, dashboard
from helpdesk.stats.queries.facts import facts
from helpdesk.tickets import operations
from helpdesk.tickets.deadlines import TargetUnit
from helpdesk.tickets.enums import Channel, Status, Tier
from helpdesk.tickets.models import Message, ResponseClock, Submission, Ticket, TicketEvent
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.stats import Fact
from tests.factories.tickets import ANSWER, make_asker, make_ticket, type_in

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
DAY = 86_400


def paris(text: str, *, fold: int = 0) -> datetime:
    """A moment by the clock of Paris; *fold*: the second passage of an hour that comes twice."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS, fold=fold).astimezone(UTC)


def fact_of(year: int) -> Fact:
    """The only question of the year."""
    (fact,) = zip(*facts(Selection(), Period.of_year(year)).received, strict=True)
    return Fact._make(fact)


def page_of(year: int, now: datetime) -> Dashboard:
    return dashboard(Selection(), Period.of_year(year), now)


def lives(received_at: datetime, answered_at: datetime) -> Ticket:
    """A question studied at once by a jurist, who answers at *answered_at*."""
    jurist = PersonFactory(jurist=True)
    with time_machine.travel(received_at, tick=False) as traveller:
        ticket = make_ticket(status=Status.STUDY, jurist=jurist)
        traveller.move_to(answered_at)
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        db.session.commit()
    return ticket


@dataclass(frozen=True)
class Case:
    name: str
    received_at: datetime
    answered_at: datetime
    seconds: int
    days: int
    is_within: bool
    month: str
    """Of reception, by the calendar of Paris."""
    due_on: str
    is_on_time: bool = True


CASES = [
    Case(
        "un vendredi à 18 h, répondue le lundi de l’échéance",
        paris("2026-11-06 18:00"), paris("2026-11-16 09:00"), 9 * DAY + 15 * 3600, 10, True, "2026-11", "2026-11-16",
    ),
    Case(
        "un vendredi à 18 h, répondue le lundi suivant",
        paris("2026-11-06 18:00"), paris("2026-11-09 08:59"), 2 * DAY + 53_940, 3, True, "2026-11", "2026-11-16",
    ),
    Case(
        "le 29 février",
        paris("2028-02-29 10:00"), paris("2028-03-10 10:00"), 10 * DAY, 10, True, "2028-02", "2028-03-10",
    ),
    Case(
        "répondue le 29 février",
        paris("2028-02-18 10:00"), paris("2028-02-29 10:00"), 11 * DAY, 11, False, "2028-02", "2028-02-28", False,
    ),
    Case(
        "dix jours jusqu’à la nuit de l’heure d’été, une heure plus courte",
        paris("2026-03-19 23:30"), paris("2026-03-29 23:30"), 10 * DAY - 3600, 10, True, "2026-03", "2026-03-30",
    ),
    Case(
        "reçue et répondue autour de l’heure qui manque",
        paris("2026-03-29 01:59:59"), paris("2026-03-29 03:00:00"), 1, 0, True, "2026-03", "2026-04-08",
    ),
    Case(
        "de la nuit de l’heure d’été à dix jours plus tard",
        paris("2026-03-29 01:30"), paris("2026-04-08 01:30"), 10 * DAY - 3600, 10, True, "2026-03", "2026-04-08",
    ),
    Case(
        "dix jours jusqu’à l’heure qui revient, à son second passage",
        paris("2026-10-15 02:30"), paris("2026-10-25 02:30", fold=1), 10 * DAY + 3600, 10, True, "2026-10",
        "2026-10-26",
    ),
    Case(
        "reçue au premier passage de l’heure qui revient, répondue au second",
        paris("2026-10-25 02:30"), paris("2026-10-25 02:30", fold=1), 3600, 0, True, "2026-10", "2026-11-04",
    ),
    Case(
        "échéance un 1er novembre ouvrable : portée au lendemain, le jour même est le dixième",
        paris("2027-10-22 10:00"), paris("2027-11-01 23:00"), 10 * DAY + 14 * 3600, 10, True, "2027-10", "2027-11-02",
    ),
    Case(
        "échéance un 1er novembre : le lendemain est à l’échéance, et le onzième jour",
        paris("2027-10-22 10:00"), paris("2027-11-02 10:00"), 11 * DAY + 3600, 11, False, "2027-10", "2027-11-02",
    ),
    Case(
        "à La Réunion, 1 h du matin le 1er juin : encore mai à Paris",
        datetime(2026, 6, 1, 1, 0, tzinfo=REUNION).astimezone(UTC), paris("2026-06-10 10:00"),
        9 * DAY + 11 * 3600, 10, True, "2026-05", "2026-06-10",
    ),
    Case(
        "le 31 décembre à 23 h 30 UTC : déjà l’année suivante à Paris",
        datetime(2026, 12, 31, 23, 30, tzinfo=UTC), paris("2027-01-04 00:30"), 3 * DAY, 3, True, "2027-01",
        "2027-01-11",
    ),
    Case(
        "le 31 décembre à 23 h 59 : encore cette année",
        paris("2026-12-31 23:59:59"), paris("2027-01-01 00:00"), 1, 1, True, "2026-12", "2027-01-11",
    ),
    Case(
        "dix jours tout juste, presque onze fois vingt-quatre heures",
        paris("2026-06-01 00:00"), paris("2026-06-11 23:59:59"), 11 * DAY - 1, 10, True, "2026-06", "2026-06-11",
    ),
    Case(
        "onze jours d’une seconde",
        paris("2026-06-01 00:00"), paris("2026-06-12 00:00"), 11 * DAY, 11, False, "2026-06", "2026-06-11", False,
    ),
    Case(
        "le onzième jour, à peine plus de dix fois vingt-quatre heures",
        paris("2026-06-01 23:59:59"), paris("2026-06-12 00:00"), 10 * DAY + 1, 11, False, "2026-06", "2026-06-11",
        False,
    ),
    Case(
        "le jour même",
        paris("2026-06-01 08:00"), paris("2026-06-01 18:00"), 10 * 3600, 0, True, "2026-06", "2026-06-11",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_each_limit_is_counted_as_people_count(app: Flask, case: Case) -> None:
    ticket = lives(case.received_at, case.answered_at)
    year, month = (int(part) for part in case.month.split("-"))
    fact, stored = fact_of(year), ticket.clock
    assert (stored.times.gross_seconds, stored.gross_days, stored.net_days) == (case.seconds, case.days, case.days)
    assert stored.due_at == paris(f"{case.due_on} 23:59:59")
    assert (fact.gross_seconds, fact.gross_days, fact.net_days) == (case.seconds, case.days, case.days)
    assert (fact.is_within, fact.is_on_time, fact.month) == (case.is_within, case.is_on_time, month - 1)
    for other in {year - 1, year + 1}:
        assert len(facts(Selection(), Period.of_year(other))) == 0
    assert list(differences(case.answered_at + timedelta(days=40))) == []


def test_a_question_that_waits_for_its_asker_is_not_late_however_old(app: Flask) -> None:
    asker, jurist = make_asker(OrganisationFactory(national=True)), PersonFactory(jurist=True)
    with time_machine.travel(paris("2026-03-02 10:00"), tick=False) as traveller:
        ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
        traveller.move_to(paris("2026-03-20 10:00"))
        db.session.commit()
        board = dashboard(Selection(), Period.of_year(2026), clock.now())
        assert (len(board.unanswered), board.unanswered_late_count) == (1, 1)
        operations.ask_detail(jurist, ticket, text="À quelle date ?")
        db.session.commit()
        board = dashboard(Selection(), Period.of_year(2026), clock.now())
        assert (len(board.unanswered), board.unanswered_late_count) == (1, 0)
        assert list(differences(clock.now())) == []


def test_the_wait_across_the_year_end_is_net_and_of_the_year_of_reception(app: Flask) -> None:
    asker, jurist = make_asker(OrganisationFactory(national=True)), PersonFactory(jurist=True)
    with time_machine.travel(paris("2026-12-20 10:00"), tick=False) as traveller:
        ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
        operations.ask_detail(jurist, ticket, text="À quelle date ?")
        traveller.move_to(paris("2027-01-05 15:00"))
        operations.add_message(asker, ticket, text="Le 3 janvier.")
        assert ticket.due_at == paris("2027-01-18 23:59:59")  # 30 December, and seventeen days waited; a Saturday
        traveller.move_to(paris("2027-01-07 10:00"))
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        db.session.commit()
    fact = fact_of(2026)
    assert len(facts(Selection(), Period.of_year(2027))) == 0
    assert (fact.gross_seconds, fact.waiting_seconds) == (18 * DAY, 16 * DAY + 5 * 3600)
    # Sixteen days and five hours of waiting push the due date by seventeen days, and are taken off as seventeen.
    assert (fact.gross_days, fact.net_days, fact.is_within, fact.is_on_time) == (18, 1, False, True)
    assert page_of(2026, paris("2027-02-01 09:00")).net_mean_days == (18 * DAY - 16 * DAY - 5 * 3600) / DAY
    assert list(differences(paris("2027-02-01 09:00"))) == []


def test_the_net_time_never_falls_below_zero(app: Flask) -> None:
    asker, jurist = make_asker(OrganisationFactory(national=True)), PersonFactory(jurist=True)
    with time_machine.travel(paris("2026-06-01 10:00"), tick=False) as traveller:
        ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
        operations.ask_detail(jurist, ticket, text="À quelle date ?")
        traveller.shift(timedelta(minutes=5))
        operations.add_message(asker, ticket, text="Le 3 juin.")
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        db.session.commit()
    assert (ticket.clock.gross_days, ticket.clock.net_days) == (0, 0)
    assert list(differences()) == []


def test_what_the_region_answered_then_passed_on_stays_answered_at_first_level(app: Flask) -> None:
    asker = make_asker(OrganisationFactory())
    delegate, jurist = PersonFactory(delegate=True, can_answer=True), PersonFactory(jurist=True)
    with time_machine.travel(paris("2026-06-01 10:00"), tick=False) as traveller:
        ticket = make_ticket(asker)
        operations.take_regional(delegate, ticket)
        traveller.shift(timedelta(days=4))
        operations.answer(delegate, ticket, ANSWER, seen_version=None)
        traveller.shift(timedelta(days=3))
        operations.add_message(asker, ticket, text="Et pour un temps partiel ?")
        operations.transmit(delegate, ticket)
        traveller.shift(timedelta(days=20))
        operations.take(jurist, ticket)
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        db.session.commit()
    fact, page = fact_of(2026), page_of(2026, paris("2026-08-01 09:00"))
    assert (fact.answered_by, fact.gross_days, fact.gross_seconds, fact.is_within) == ("delegation", 4, 4 * DAY, True)
    assert (page.overall.received_count, page.overall.answered_count, page.first_level_share) == (1, 1, 1.0)
    assert [(one.round, one.answered_by, one.gross_days) for one in ticket.clocks] == [
        (1, Tier.DELEGATION, 4),
        (2, Tier.POLE, 20),
    ]
    assert list(differences(paris("2026-08-01 09:00"))) == []


def test_what_the_region_passed_on_is_answered_by_the_pole_from_the_first_reception(app: Flask) -> None:
    delegate, jurist = PersonFactory(delegate=True), PersonFactory(jurist=True)
    with time_machine.travel(paris("2026-06-01 10:00"), tick=False) as traveller:
        ticket = make_ticket()
        traveller.shift(timedelta(days=3, seconds=1))
        operations.transmit(delegate, ticket)
        traveller.shift(timedelta(days=5))
        operations.take(jurist, ticket)
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        db.session.commit()
    fact = fact_of(2026)
    assert (fact.answered_by, fact.gross_seconds, fact.delegation_seconds) == ("pole", 8 * DAY + 1, 3 * DAY + 1)
    assert list(differences(paris("2026-08-01 09:00"))) == []


def test_a_merged_pair_is_counted_once_and_its_time_is_never_reset(app: Flask) -> None:
    asker, jurist = make_asker(OrganisationFactory(national=True)), PersonFactory(jurist=True)
    with time_machine.travel(paris("2026-06-01 10:00"), tick=False) as traveller:
        original = make_ticket(asker)
        traveller.shift(timedelta(days=6))
        again = make_ticket(asker)
        operations.take(jurist, again)
        operations.mark_duplicate(jurist, again, original, text="Nous répondons à votre première question.")
        traveller.shift(timedelta(days=1))
        operations.take(jurist, original)
        operations.answer(jurist, original, ANSWER, seen_version=None)
        db.session.commit()
    fact, page = fact_of(2026), page_of(2026, paris("2026-08-01 09:00"))
    assert (fact.gross_days, fact.gross_seconds) == (7, 7 * DAY)
    assert (page.overall.received_count, page.ended_otherwise_count, len(page.unanswered)) == (1, 0, 0)
    assert list(differences(paris("2026-08-01 09:00"))) == []


@pytest.mark.parametrize(
    ("typist", "tier"), [({"jurist": True}, Tier.POLE), ({"delegate": True, "can_answer": True}, Tier.DELEGATION)]
)
def test_an_old_question_typed_in_counts_from_its_real_arrival(app: Flask, typist: dict[str, bool], tier: Tier) -> None:
    actor: Person = PersonFactory(**typist)
    with time_machine.travel(paris("2027-01-15 10:00"), tick=False):
        ticket = type_in(
            actor, OrganisationFactory(), received_at=paris("2026-12-28 09:00"), channel=Channel.MEETING, facts="Faits."
        )
        operations.answer(actor, ticket, ANSWER, seen_version=None)
        db.session.commit()
    fact, page = fact_of(2026), page_of(2026, paris("2027-02-01 09:00"))
    assert len(facts(Selection(), Period.of_year(2027))) == 0
    assert (fact.gross_days, fact.gross_seconds, fact.month) == (18, 18 * DAY + 3600, 11)
    assert (fact.answered_by, fact.channel, fact.is_within) == (tier, "meeting", False)
    assert ticket.clock.times.delegation_seconds == (fact.gross_seconds if tier is Tier.DELEGATION else 0)
    assert page.tables["par-canal"].as_mapping()["meeting", "received"] == 1
    assert ticket.reference.startswith("Q-2027-")
    assert list(differences(paris("2027-02-01 09:00"))) == []


def _rows() -> list[int]:
    models = (Ticket, Message, TicketEvent, ResponseClock, Submission)
    return [db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0 for model in models]


def test_an_answer_dated_before_reception_is_refused_and_nothing_is_half_written(app: Flask) -> None:
    """The clock of a machine was set back."""
    jurist = PersonFactory(jurist=True)
    with time_machine.travel(paris("2026-06-01 10:00"), tick=False) as traveller:
        ticket = make_ticket(make_asker(OrganisationFactory(national=True)))
        before = _rows()
        traveller.shift(timedelta(days=-1))
        with pytest.raises(BadInput, match="datée d’avant la question"):
            operations.answer(jurist, ticket, ANSWER, seen_version=None)
    db.session.expire_all()
    assert (_rows(), ticket.status, ticket.clock.answered_at, ticket.jurist_id) == (before, Status.TRIAGE, None, None)
    assert list(differences(paris("2026-06-02 10:00"))) == []


@pytest.mark.parametrize(
    ("received_at", "message"),
    [("2026-06-01 10:01", "dans l’avenir"), ("2025-05-30 10:00", "plus d’un an")],
)
def test_a_reception_that_cannot_be_is_refused(app: Flask, received_at: str, message: str) -> None:
    jurist, organisation = PersonFactory(jurist=True), OrganisationFactory()
    before = _rows()
    with time_machine.travel(paris("2026-06-01 10:00"), tick=False), pytest.raises(BadInput, match=message):
        type_in(jurist, organisation, received_at=paris(received_at), facts="Faits.")
    assert _rows() == before


@pytest.mark.parametrize(
    ("answered_at", "is_within", "days"),
    [("2026-11-23 23:00", True, 17), ("2026-11-24 00:00", False, 18)],
)
def test_a_target_in_working_days_is_kept_up_to_its_due_date(
    app: Flask, answered_at: str, is_within: bool, days: int
) -> None:
    # Ten working days from Friday 6 November, without the 11th.
    app.config["SETTINGS"] = replace(settings_of(app), response_target_unit=TargetUnit.WORKING)
    lives(paris("2026-11-06 18:00"), paris(answered_at))
    fact = fact_of(2026)
    assert (fact.gross_days, fact.is_within, fact.is_on_time) == (days, is_within, is_within)
    assert list(differences(paris("2026-12-01 09:00"))) == []


def test_a_closing_day_of_the_pole_set_since_changes_no_figure(app: Flask) -> None:
    settings = settings_of(app)
    app.config["SETTINGS"] = replace(settings, pole_closing_days=frozenset({date(2026, 6, 11)}))
    ticket = lives(paris("2026-06-01 10:00"), paris("2026-06-12 10:00"))
    assert (ticket.due_at, fact_of(2026).is_on_time) == (paris("2026-06-12 23:59:59"), True)
    assert list(differences()) == []
    more = frozenset({date(2026, 6, 11), date(2026, 6, 12)})
    app.config["SETTINGS"] = replace(settings, pole_closing_days=more)
    assert fact_of(2026).is_on_time
    assert list(differences()) == []
