"""The year of the demonstration: believable, legal at every step, the same on every machine."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind, Role
from helpdesk.accounts.models import (
    Mandate,
    Organisation,
    OrganisationTypology,
    Person,
    PersonSpecialty,
    StaffRole,
)
from helpdesk.accounts.passwords import verify
from helpdesk.attachments import files
from helpdesk.attachments.models import Attachment
from helpdesk.attachments.operations import path_of
from helpdesk.db import db, transaction
from helpdesk.demo.cast import ACCOUNTS, PASSWORD
from helpdesk.demo.cli import demo_accounts
from helpdesk.demo.network import SPREAD
from helpdesk.demo.seed import seed
from helpdesk.errors import Conflict
from helpdesk.reference import get_reference
from helpdesk.reference.zones import PARIS
from helpdesk.stats.check import differences
from helpdesk.tickets import personal_data
from helpdesk.tickets.enums import Action, ActorRole, Channel, CloseReason, EventKind, Status
from helpdesk.tickets.models import (
    ConflictOfInterest,
    Draft,
    Feedback,
    Message,
    ResponseClock,
    Ticket,
    TicketCopy,
    TicketCounter,
    TicketEvent,
)
from helpdesk.tickets.operations import clockwork
from helpdesk.tickets.workflow import RETURNING, may_play, next_status
from tests.support.apps import build_app, settings_for
from tests.support.migrations import upgrade

TODAY = date(2026, 11, 23)
PRESENT = datetime.combine(TODAY, datetime.min.time(), tzinfo=PARIS)
FEW = 90


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A whole year, made once; the tests on it only read."""
    folder: Path = tmp_path_factory.mktemp("year")
    app = build_app(settings_for(f"sqlite:///{folder / 'year.sqlite3'}", folder, is_demo=True))
    with app.app_context():
        upgrade()
        seed(today=TODAY)
        yield app
        db.session.remove()
        db.engine.dispose()


def counted(column: sa.ColumnElement[object] | object) -> dict[object, int]:
    """How many questions there are for each value of *column*."""
    return dict(db.session.execute(sa.select(column, sa.func.count()).group_by(column)).all())  # type: ignore[call-overload]


def count(model: type, *where: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0


# --- the network


def test_the_members_are_523_with_the_spread_of_the_annual_report(seeded: Flask) -> None:
    members = db.session.scalars(sa.select(Organisation).where(Organisation.kind == OrganisationKind.MEMBER)).all()
    assert len(members) == 523
    held = Counter(code for one in members for code in one.typologies)
    assert all(held[code] >= number for code, number in SPREAD.items())
    assert sum(SPREAD.values()) == 523
    assert sum(len(one.typologies) > 1 for one in members) >= 20


def test_every_delegation_has_structures_and_a_delegate_and_two_places_have_no_delegation(seeded: Flask) -> None:
    assert set(counted(Organisation.delegation)) == {*get_reference().delegations, None}
    held = db.session.scalars(sa.select(StaffRole.delegation).where(StaffRole.role == Role.DELEGATE)).all()
    assert set(held) == set(get_reference().delegations)
    two = sa.select(StaffRole.person_id).where(StaffRole.role == Role.DELEGATE)
    assert db.session.scalars(two.group_by(StaffRole.person_id).having(sa.func.count() == 2)).all()
    uncovered = db.session.scalars(sa.select(Organisation.departement).where(Organisation.delegation.is_(None)))
    assert {"08", "972"} <= set(uncovered)


def test_four_jurists_work_at_any_time_and_one_of_them_leads(seeded: Flask) -> None:
    rows = db.session.scalars(sa.select(StaffRole).where(StaffRole.role.in_((Role.JURIST, Role.LEAD)))).all()
    for days_ago in (0, 100, 151, 200, 360):
        at_work = [one for one in rows if one.is_active_on(TODAY - timedelta(days=days_ago))]
        assert len(at_work) == 4
        assert sum(one.role is Role.LEAD for one in at_work) == 1
    assert count(PersonSpecialty) == 6
    assert count(StaffRole, StaffRole.role == Role.PARTNER_JURIST) == 1


def test_a_person_may_hold_two_mandates_in_two_regions(seeded: Flask) -> None:
    person = db.session.scalars(sa.select(Person).where(Person.last_name == "Kermarrec")).one()
    held = {one.organisation.delegation: (one.title, one.organisation.typologies) for one in person.mandates}
    assert held["bretagne"] == ("président", ("AI",))
    assert held["pays-de-la-loire"] == ("trésorier", ("GES",))


def test_groups_hold_structures_and_their_directors_see_them(seeded: Flask) -> None:
    groups = sa.select(Organisation.group_id).where(Organisation.group_id.is_not(None)).distinct()
    assert len(db.session.scalars(groups).all()) >= 20
    assert count(Mandate, Mandate.scope == "group") >= 30


def test_nobody_could_be_taken_for_somebody_real(seeded: Flask) -> None:
    people = db.session.scalars(sa.select(Person)).all()
    assert all(one.email.endswith(".example") for one in people)
    fiction = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
    assert all(one.phone.startswith(fiction) for one in people)
    assert count(Organisation, Organisation.siret.is_not(None)) == 0
    names = db.session.scalars(sa.select(Organisation.search_name)).all()
    assert len(set(names)) == len(names)


def test_each_account_of_the_demonstration_signs_in_with_the_password(seeded: Flask) -> None:
    assert demo_accounts() == [(role, email, PASSWORD) for role, email in ACCOUNTS]
    people = db.session.scalars(sa.select(Person).where(Person.email.in_([email for _, email in ACCOUNTS]))).all()
    assert len(people) == len(ACCOUNTS)
    assert all(one.is_active and (one.active_mandates or one.active_roles) for one in people)
    assert len({one.password_hash for one in people}) == 1
    assert verify(people[0].password_hash, PASSWORD)


# --- the questions


def test_there_are_1200_questions_over_twelve_months_numbered_without_a_gap(seeded: Flask) -> None:
    assert count(Ticket) == 1200
    first, last = db.session.execute(sa.select(sa.func.min(Ticket.received_at), sa.func.max(Ticket.received_at))).one()
    assert TODAY - timedelta(days=366) <= first.date() <= TODAY - timedelta(days=350)
    assert last < PRESENT
    references = db.session.scalars(sa.select(Ticket.reference).order_by(Ticket.id)).all()
    numbers = {row.year: row.last for row in db.session.scalars(sa.select(TicketCounter))}
    expected = [f"Q-{year}-{number:04d}" for year, last in sorted(numbers.items()) for number in range(1, last + 1)]
    assert list(references) == expected


def test_questions_stand_in_every_state_and_end_in_every_way(seeded: Flask) -> None:
    statuses = counted(Ticket.status)
    assert set(statuses) == set(Status)
    assert set(counted(Ticket.close_reason)) == {*CloseReason, None}
    assert set(counted(Ticket.channel)) == set(Channel)
    assert set(counted(Ticket.urgency)) == {0, 1, 2, 3}
    played = set(counted(TicketEvent.kind))
    assert {action.value for action in Action} <= played
    assert {EventKind.DELEGATION_COPIED, EventKind.CONFLICT_DECLARED, EventKind.LINKED, EventKind.CALL_NOTED} <= played
    assert 33 <= sum(number for status, number in statuses.items() if status in Status and Status(status).is_open) <= 60
    assert count(Ticket, Ticket.is_sensitive) >= 20
    assert count(TicketCopy)
    assert count(ConflictOfInterest)
    assert count(Draft)
    assert count(Feedback) >= 200


def test_the_response_times_are_those_that_the_federation_publishes(seeded: Flask) -> None:
    clocks = db.session.scalars(
        sa.select(ResponseClock).where(ResponseClock.round == 1, ResponseClock.answered_at.is_not(None))
    ).all()
    seconds = [one.times.gross_seconds for one in clocks]
    days = sorted(one.gross_days or 0 for one in clocks)
    in_time = [one.answered_at <= one.due_at for one in clocks if one.answered_at]
    assert 6.3 <= sum(seconds) / 86_400 / len(seconds) <= 7.5
    assert 6 <= days[len(days) // 2] <= 7
    assert days[len(days) * 9 // 10] == 11
    assert 0.86 <= sum(one <= 10 for one in days) / len(days) <= 0.9
    assert 0.9 <= sum(in_time) / len(in_time) <= 0.96
    by_delegation = [one for one in clocks if one.answered_by == "delegation"]
    assert 0.2 <= len(by_delegation) / len(clocks) <= 0.4


def test_some_delegations_answer_sooner_than_others(seeded: Flask) -> None:
    days: dict[str | None, list[int]] = {}
    answers = sa.select(Ticket.delegation, ResponseClock.gross_days).join(ResponseClock)
    for delegation, count_days in db.session.execute(answers.where(ResponseClock.gross_days.is_not(None))):
        days.setdefault(delegation, []).append(count_days)
    shares = {code: sum(one <= 10 for one in found) / len(found) for code, found in days.items() if len(found) >= 10}
    assert min(shares, key=lambda code: shares[code]) == "hauts-de-france"
    assert 0.68 <= shares["hauts-de-france"] <= 0.78
    assert sum(share >= 0.9 for share in shares.values()) * 2 >= len(shares)


def test_every_stored_time_is_the_one_that_the_events_give(seeded: Flask) -> None:
    assert list(differences()) == []


def test_every_step_is_legal_and_comes_after_the_one_before(seeded: Flask) -> None:
    events = db.session.scalars(sa.select(TicketEvent).order_by(TicketEvent.ticket_id, TicketEvent.id)).all()
    status: dict[int, Status] = {}
    at: dict[int, datetime] = {}
    for event in events:
        ticket_id = event.ticket_id
        assert event.recorded_at >= at.get(ticket_id, event.recorded_at)
        assert event.recorded_at < PRESENT
        at[ticket_id] = event.recorded_at
        if event.kind in Action.__members__.values():
            action = Action(event.kind)
            back = event.to_status if action in RETURNING else None
            assert event.from_status is status[ticket_id]
            assert next_status(status[ticket_id], action, returns_to=back) is event.to_status
            assert may_play(action, event.actor_role)
        status[ticket_id] = event.to_status
    stored = dict(db.session.execute(sa.select(Ticket.id, Ticket.status)).all())
    assert status == stored


def test_a_delegate_never_answers_what_is_kept_for_the_pole(seeded: Flask) -> None:
    answered = sa.select(Ticket.topic).join(ResponseClock).where(ResponseClock.answered_by == "delegation")
    topics = get_reference().topics
    assert not any(topics[topic].is_reserved_to_pole for topic in db.session.scalars(answered) if topic)


def test_whoever_acts_had_the_role_that_day(seeded: Flask) -> None:
    held: dict[int, list[StaffRole]] = {}
    for row in db.session.scalars(sa.select(StaffRole)):
        held.setdefault(row.person_id, []).append(row)
    mandates: dict[int, list[Mandate]] = {}
    for mandate in db.session.scalars(sa.select(Mandate)):
        mandates.setdefault(mandate.person_id, []).append(mandate)
    steps = sa.select(TicketEvent.actor_id, TicketEvent.actor_role, TicketEvent.kind, Ticket.received_at).join(Ticket)
    for person_id, role, kind, received_at in db.session.execute(steps.where(TicketEvent.actor_id.is_not(None))):
        day = received_at.astimezone(PARIS).date()
        rows: list[StaffRole] | list[Mandate] = mandates[person_id] if role is ActorRole.MEMBER else held[person_id]
        if kind == EventKind.RECEIVED:
            assert any(row.is_active_on(day) for row in rows)
        assert rows


def test_no_text_names_anybody(seeded: Flask) -> None:
    for message in db.session.scalars(sa.select(Message)):
        text = f"{message.body}\n{message.in_brief}\n{message.explanation}\n{message.actions}\n{message.reason}"
        assert not personal_data.find(text), text
    for title in db.session.scalars(sa.select(Ticket.title)):
        assert not personal_data.find(title), title


def test_questions_do_not_look_copied(seeded: Flask) -> None:
    facts = db.session.scalars(sa.select(Message.body).where(Message.kind == "question", Message.body != "")).all()
    assert len(set(facts)) >= 0.97 * len(facts)
    titles = Counter(db.session.scalars(sa.select(Ticket.title)))
    assert len(titles) >= 650
    assert max(titles.values()) <= 12


def test_the_documents_joined_are_what_they_say_and_can_be_opened(seeded: Flask) -> None:
    documents = db.session.scalars(sa.select(Attachment)).all()
    assert len(documents) >= 50
    for document in documents:
        content = path_of(document).read_bytes()
        assert files.recognise(document.name, content) == (document.media_type, document.name)
        assert len(content) == document.size_bytes


def test_most_structures_have_asked_and_nobody_asks_for_another(seeded: Flask) -> None:
    assert len(counted(Ticket.organisation_id)) >= 350
    strangers = (
        sa.select(Ticket.id)
        .outerjoin(
            Mandate, sa.and_(Mandate.person_id == Ticket.asker_id, Mandate.organisation_id == Ticket.organisation_id)
        )
        .where(Ticket.asker_id.is_not(None), Mandate.id.is_(None))
    )
    assert db.session.scalars(strangers).all() == []


def test_the_first_account_has_an_answer_to_read_and_questions_under_way(seeded: Flask) -> None:
    claire = db.session.scalars(sa.select(Person).where(Person.last_name == "Morvan", Person.first_name == "Claire"))
    person = claire.one()
    mine = db.session.scalars(sa.select(Ticket).where(Ticket.asker_id == person.id)).all()
    assert any(one.status is Status.ANSWERED and one.answer_read_at is None for one in mine)
    assert {Status.STUDY, Status.WAITING} <= {one.status for one in mine}


# --- the seeding itself


def fingerprint() -> str:
    """Everything that must be the same on two machines."""
    digest = hashlib.sha256()
    columns = (
        sa.select(Ticket.reference, Ticket.title, Ticket.received_at, Ticket.status, Ticket.due_at).order_by(Ticket.id),
        sa.select(Message.body, Message.created_at).order_by(Message.id),
        sa.select(TicketEvent.kind, TicketEvent.at, TicketEvent.actor_id).order_by(TicketEvent.id),
        sa.select(Organisation.name, Organisation.city, Organisation.phone).order_by(Organisation.id),
        sa.select(Person.email, Person.last_name).order_by(Person.id),
        sa.select(OrganisationTypology.organisation_id, OrganisationTypology.code).order_by(
            OrganisationTypology.organisation_id, OrganisationTypology.code
        ),
    )
    for statement in columns:
        for row in db.session.execute(statement):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def on_another_machine(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The fingerprint of the same small year, made elsewhere."""
    folder: Path = tmp_path_factory.mktemp("elsewhere")
    other = build_app(settings_for(f"sqlite:///{folder / 'year.sqlite3'}", folder))
    with other.app_context():
        upgrade()
        seed(today=TODAY, structures=60, questions=FEW)
        made = fingerprint()
        db.session.remove()
        db.engine.dispose()
    return made


def test_the_same_seed_gives_the_same_year_on_every_machine(app: Flask, on_another_machine: str) -> None:
    seed(today=TODAY, structures=60, questions=FEW)
    assert fingerprint() == on_another_machine
    assert count(Ticket) == FEW
    assert count(Organisation, Organisation.kind == OrganisationKind.MEMBER) == 60


@pytest.mark.sqlite_only
def test_another_seed_gives_another_year(app: Flask, on_another_machine: str) -> None:
    seed(today=TODAY, seed=1, structures=60, questions=FEW)
    assert fingerprint() != on_another_machine


@pytest.mark.parametrize("day", [date(2026, 1, 2), date(2026, 5, 10), date(2026, 8, 17)])
@pytest.mark.sqlite_only
def test_the_service_may_be_tried_on_any_day(app: Flask, day: date) -> None:
    seed(today=day, structures=60, questions=FEW)
    assert list(differences()) == []
    assert count(Ticket, Ticket.created_at >= datetime.combine(day, datetime.min.time(), tzinfo=PARIS)) == 0


@pytest.mark.sqlite_only
def test_a_longer_history_keeps_its_people_in_place(app: Flask) -> None:
    seed(today=TODAY, structures=60, questions=2600)
    assert len({row.year for row in db.session.scalars(sa.select(TicketCounter))}) == 3
    assert count(Ticket, Ticket.asker_id.is_(None)) < 0.2 * count(Ticket)
    assert list(differences()) == []


def test_a_new_question_gets_the_next_number_and_identifier(app: Flask) -> None:
    seed(today=TODAY, structures=60, questions=FEW)
    with transaction():
        person = Person(email="a@b.example", first_name="A", last_name="B", created_at=clock.now())
        db.session.add(person)
    assert person.id == count(Person)


def test_a_database_in_use_is_left_alone(app: Flask) -> None:
    with transaction():
        db.session.add(Person(email="a@b.example", first_name="A", last_name="B", created_at=clock.now()))
    with pytest.raises(Conflict):
        seed(today=TODAY, structures=60, questions=FEW)
    assert count(Organisation) == 0


@pytest.mark.sqlite_only
def test_the_clock_finds_nothing_forgotten_on_the_morning_of_the_demonstration(app: Flask) -> None:
    seed(today=TODAY, structures=120, questions=300)
    with time_machine.travel(PRESENT + timedelta(minutes=1), tick=False):
        done = clockwork.run_all()
    assert {name: done[name] for name in ("transmitted", "relayed", "warned", "passed", "closed")} == {
        "transmitted": 0,
        "relayed": 0,
        "warned": 0,
        "passed": 0,
        "closed": 0,
    }


# --- the command


@pytest.mark.sqlite_only
def test_the_command_is_refused_outside_the_demonstration(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["demo", "seed", "--questions", "10", "--structures", "60"])
    assert result.exit_code == 1
    assert "pas une démonstration" in result.output
    assert count(Person) == 0


@pytest.mark.sqlite_only
def test_the_command_fills_an_empty_database_once(app: Flask) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], is_demo=True)
    runner = app.test_cli_runner()
    arguments = ["demo", "seed", "--questions", "10", "--structures", "60"]
    first = runner.invoke(args=arguments)
    assert first.exit_code == 0, first.output
    again = runner.invoke(args=arguments)
    assert again.exit_code == 1
    assert "base vide" in again.output
    assert PASSWORD in runner.invoke(args=["demo", "accounts"]).output
