"""``flask stats check``: what is stored and shown is what the events alone give."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from helpdesk import clock
from helpdesk.accounts.models import DelegationProfile, Organisation, Person
from helpdesk.audit.ddl import create_statements, drop_statements
from helpdesk.db import db
from helpdesk.stats import check
from helpdesk.stats.check import differences, stored_differences
from helpdesk.stats.measures import Facts
from helpdesk.stats.queries.dashboard import Dashboard, dashboard
from helpdesk.stats.queries.report import report_years
from helpdesk.stats.recount.questions import Questions
from helpdesk.tickets import operations, perms
from helpdesk.tickets.enums import Action, Channel, EventKind, Status, Tier, Verdict
from helpdesk.tickets.models import ResponseClock, Ticket, TicketEvent
from helpdesk.tickets.operations import clockwork
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.juri_ptce import make_ptce
from tests.factories.tickets import ANSWER, TOPIC, make_asker, make_ticket, type_in

NEW_YEAR = datetime(2025, 12, 20, 8, 0, tzinfo=UTC)
"""Histories run over the end of the year and over both changes of the clock."""
_numbers = iter(range(10**9))
"""The same words typed in twice for a structure are one question."""
OTHER_TOPIC = "iae/exclusivite"


@dataclass(frozen=True)
class Cast:
    homes: list[Organisation]
    askers: list[Person]
    delegate: Person
    jurists: list[Person]


def _cast() -> Cast:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    homes = [OrganisationFactory(), OrganisationFactory(national=True), OrganisationFactory(), make_ptce()]
    homes[2].delegation, homes[2].departement = "ocean-indien", "974"
    db.session.commit()
    delegate = PersonFactory(delegate=True, delegations=("bretagne", "ocean-indien"), can_answer=True)
    return Cast(homes, [make_asker(home) for home in homes], delegate, [PersonFactory(jurist=True) for _ in range(2)])


def _moves(cast: Cast, ticket: Ticket) -> list[Callable[[], object]]:
    """What may be done with *ticket* now."""
    delegate, (first, second) = cast.delegate, cast.jurists
    asker = ticket.asker
    moves: list[tuple[bool, Callable[[], object]]] = [
        (perms.can_take_regional(delegate, ticket), lambda: operations.take_regional(delegate, ticket)),
        (perms.can_transmit(delegate, ticket), lambda: operations.transmit(delegate, ticket, note="À vous.")),
        (perms.can_take(first, ticket), lambda: operations.take(first, ticket)),
        (perms.can_hand_over(first, ticket), lambda: operations.hand_over(first, ticket, second)),
        (perms.can_release(second, ticket), lambda: operations.release(second, ticket)),
        (perms.can_send_back(first, ticket), lambda: operations.send_back(first, ticket, note="Simple.")),
        (perms.can_ask_detail(delegate, ticket), lambda: operations.ask_detail(delegate, ticket, text="Quand ?")),
        (perms.can_ask_detail(first, ticket), lambda: operations.ask_detail(first, ticket, text="Combien ?")),
        (perms.can_resume(first, ticket), lambda: operations.resume(first, ticket)),
        (perms.can_answer(delegate, ticket), lambda: operations.answer(delegate, ticket, ANSWER, seen_version=None)),
        (perms.can_answer(first, ticket), lambda: operations.answer(first, ticket, ANSWER, seen_version=None)),
        (perms.can_relay(delegate, ticket), lambda: operations.relay(delegate, ticket, word="Voici.")),
        (
            perms.can_relay(delegate, ticket),
            lambda: operations.return_from_relay(delegate, ticket, note="Le contrat est un CDI."),
        ),
        (
            perms.can_correct(first, ticket),
            lambda: operations.correct(first, ticket, ANSWER, reason="Erreur.", seen_version=None),
        ),
        (perms.can_mark(first, ticket), lambda: operations.set_topic(first, ticket, OTHER_TOPIC)),
        (perms.can_mark(delegate, ticket), lambda: operations.set_topic(delegate, ticket, TOPIC)),
        (
            perms.can_close_without_answer(first, ticket),
            lambda: operations.mark_out_of_scope(first, ticket, text="Voyez l’inspection du travail."),
        ),
        (perms.can_close_without_answer(first, ticket), lambda: _mark_duplicate(first, ticket)),
        (perms.can_note(first, ticket), lambda: operations.add_note(first, ticket, text="Vu.")),
        (perms.can_close(first, ticket), lambda: operations.close(first, ticket)),
        (perms.can_withdraw(first, ticket), lambda: operations.withdraw(first, ticket)),
        (
            perms.can_reserve_to_pole(first, ticket),
            lambda: operations.set_pole_only(first, ticket, is_pole_only=not ticket.is_pole_only),
        ),
        (perms.can_move_structure(first, ticket), lambda: operations.move_to_structure(first, ticket, cast.homes[1])),
        (
            asker is not None and perms.can_give_feedback(asker, ticket),
            lambda: operations.give_feedback(asker, ticket, verdict=_verdict(ticket)),
        ),
        (
            asker is not None and perms.can_add(asker, ticket),
            lambda: operations.add_message(asker, ticket, text="Je précise."),
        ),
        (True, clockwork.run_all),
    ]
    return [move for allowed, move in moves if allowed]


def _verdict(ticket: Ticket) -> Verdict:
    return list(Verdict)[(ticket.id + clock.now().second) % len(Verdict)]


def _mark_duplicate(jurist: Person, ticket: Ticket) -> None:
    original = db.session.scalar(
        sa.select(Ticket).where(Ticket.organisation_id == ticket.organisation_id, Ticket.id < ticket.id).limit(1)
    )
    if original is not None:
        operations.mark_duplicate(jurist, ticket, original, text="Nous vous avons déjà répondu.")


def _come(cast: Cast, who: int, way: int) -> Ticket:
    """Asked on line most often; else typed in by a delegate or a jurist, up to some weeks later."""
    received_at = clock.now() - timedelta(seconds=way * 251_111)
    if way == 1 and cast.homes[who].delegation:
        title = f"Question prise au téléphone, {next(_numbers)}"
        return type_in(cast.delegate, cast.homes[who], received_at=received_at, channel=Channel.WHATSAPP, title=title)
    if way > 1:
        title = f"Question prise en réunion, {next(_numbers)}"
        return type_in(cast.jurists[0], cast.homes[who], received_at=received_at, channel=Channel.MEETING, title=title)
    return make_ticket(cast.askers[who])


def _finish(cast: Cast, ticket: Ticket) -> None:
    """End most histories, so that the clock's own work does not grow with their number."""
    if ticket.status is Status.RELAY:
        operations.relay(None, ticket)
    if perms.can_withdraw(cast.jurists[0], ticket):
        operations.withdraw(cast.jurists[0], ticket)
    if perms.can_close(cast.jurists[0], ticket):
        operations.close(cast.jurists[0], ticket)


steps = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 9 * 86_400)), min_size=1, max_size=9)


def _check_histories(examples: int, app: Flask) -> None:
    cast = _cast()
    tickets = []

    @given(st.integers(0, 3), st.integers(-5, 4), st.integers(0, 100 * 86_400), steps)
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), deadline=None)
    def live(who: int, way: int, start: int, history: list[tuple[int, int]]) -> None:
        with time_machine.travel(NEW_YEAR + timedelta(seconds=start), tick=False) as traveller:
            ticket = _come(cast, who, max(way, 0))
            tickets.append(ticket.id)
            for choice, elapsed in history:
                traveller.shift(elapsed)
                moves = _moves(cast, ticket)
                moves[choice % len(moves)]()
            if start % 8:
                _finish(cast, ticket)
        db.session.commit()
        db.session.expunge_all()
        for one in (*cast.homes, *cast.askers, cast.delegate, *cast.jurists):
            db.session.add(one)

    live()
    assert len(tickets) >= examples
    for months in (1, 4, 13):
        assert list(differences(NEW_YEAR + timedelta(days=months * 30))) == []


@pytest.mark.long
@pytest.mark.sqlite_only
def test_five_hundred_random_histories_recompute_to_the_second(app: Flask) -> None:
    _check_histories(500, app)


@pytest.mark.postgresql_only
def test_random_histories_recompute_to_the_second_on_postgresql(app: Flask) -> None:
    _check_histories(60, app)


@contextmanager
def _unguarded(table: str) -> Iterator[None]:
    """Whoever owns the database can take away what refuses to change *table*."""
    name = db.engine.dialect.name
    for statement in drop_statements(table, name):
        db.session.execute(sa.text(statement))
    yield
    for statement in create_statements(table, name):
        db.session.execute(sa.text(statement))
    db.session.commit()


def _falsify(table: str, **values: object) -> None:
    """As a hand on the database would, past the application."""
    db.session.execute(sa.update(db.metadata.tables[table]).values(**values))
    db.session.commit()
    db.session.expire_all()


FALSE: list[tuple[str, str, dict[str, Any]]] = [
    ("response_clock", "delegation_seconds", {"delegation_seconds": 1}),
    ("response_clock", "pole_seconds", {"pole_seconds": 1}),
    ("response_clock", "waiting_seconds", {"waiting_seconds": 1}),
    ("response_clock", "relay_seconds", {"relay_seconds": 1}),
    ("response_clock", "gross_days", {"gross_days": 3}),
    ("response_clock", "net_days", {"net_days": 1}),
    ("response_clock", "answered_by", {"answered_by": Tier.DELEGATION}),
    ("response_clock", "due_at", {"due_at": datetime(2026, 6, 19, 21, 59, 59, tzinfo=UTC)}),
    ("response_clock", "started_at", {"started_at": datetime(2026, 6, 9, tzinfo=UTC)}),
    ("ticket", "received_at", {"received_at": datetime(2026, 6, 9, tzinfo=UTC)}),
    ("ticket", "ticket.due_at", {"due_at": datetime(2026, 6, 29, 21, 59, 59, tzinfo=UTC)}),
    ("ticket", "ticket.answered_at", {"answered_at": datetime(2026, 6, 13, tzinfo=UTC)}),
    ("ticket", "channel", {"channel": Channel.MAIL}),
    ("ticket", "status", {"status": Status.POLE}),
    ("ticket", "round", {"round": 2}),
]


@pytest.mark.parametrize(("table", "what", "values"), FALSE, ids=[what for _, what, _ in FALSE])
def test_a_falsified_value_is_found(app: Flask, table: str, what: str, values: dict[str, Any]) -> None:
    with time_machine.travel(datetime(2026, 6, 10, 8, 0, tzinfo=UTC), tick=False) as traveller:
        ticket = make_ticket(status=Status.STUDY, jurist=(jurist := PersonFactory(jurist=True)))
        traveller.shift(timedelta(days=2))
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        db.session.commit()
        assert list(differences()) == []
        _falsify(table, **values)
        assert what in {difference.what for difference in stored_differences()}


@pytest.mark.parametrize(
    ("values", "cell"),
    [
        ({"gross_days": 3}, "Répartition des délais, 3 jours, Réponses"),
        ({"pole_seconds": 60}, "ensemble, secondes de délai brut"),
        ({"net_days": 1}, "délai net médian"),
        ({"answered_by": Tier.DELEGATION}, "part répondue au premier niveau"),
    ],
    ids=["day", "second", "net day", "tier"],
)
def test_a_wrong_cell_of_the_page_is_told_by_its_words(app: Flask, values: dict[str, Any], cell: str) -> None:
    with time_machine.travel(datetime(2026, 6, 10, 8, 0, tzinfo=UTC), tick=False) as traveller:
        ticket = make_ticket(status=Status.STUDY, jurist=(jurist := PersonFactory(jurist=True)))
        traveller.shift(timedelta(days=2))
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        db.session.commit()
        _falsify("response_clock", **values)
        found = {(difference.where, difference.what) for difference in differences()}
    assert {("2026, toutes les questions", cell), ("2026, Bretagne", cell)} <= found


def test_the_lines_of_the_annual_report_are_counted_again_too(app: Flask) -> None:
    asker, jurist = make_asker(OrganisationFactory(national=True)), PersonFactory(jurist=True)
    with time_machine.travel(datetime(2026, 6, 10, 8, 0, tzinfo=UTC), tick=False) as traveller:
        ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
        operations.set_urgency(jurist, ticket, 3, reason="Un contrôle demain.")
        traveller.shift(timedelta(hours=24))
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        operations.correct(jurist, ticket, ANSWER, reason="Une date.", seen_version=None)
        operations.add_message(asker, ticket, text="Et pour un temps partiel ?")
        db.session.commit()
        assert list(differences()) == []
        _falsify("response_clock", pole_seconds=86_401)
        _falsify("ticket", round=1, urgency=1)
        found = {one.what for one in differences() if one.where == "Rapport 2026, toutes les questions"}
    assert {
        "Questions urgentes, 2026, Urgentes",
        "Questions urgentes, 2026, En 24 heures ou moins",
        "Questions rouvertes, réponses corrigées, 2026, Questions rouvertes",
    } <= found


def _without_one(page: Dashboard) -> dict[str, Any]:
    return {"facts": Facts(list(zip(*page.facts.received, strict=True))[1:])}


@pytest.mark.parametrize("lose", [_without_one, lambda page: {"unanswered": []}])
def test_a_page_that_counts_wrong_is_found(
    app: Flask, monkeypatch: pytest.MonkeyPatch, lose: Callable[[Dashboard], dict[str, Any]]
) -> None:
    make_ticket(status=Status.ANSWERED)
    make_ticket(status=Status.POLE)
    db.session.commit()
    assert list(differences()) == []

    def wrong(*args: Any) -> Dashboard:
        page = dashboard(*args)
        return replace(page, **lose(page))

    monkeypatch.setattr(check, "dashboard", wrong)
    assert list(stored_differences()) == []
    assert list(differences())


def test_a_history_that_was_never_written_is_found(app: Flask) -> None:
    ticket = make_ticket()
    table = Ticket.__table__
    row = db.session.execute(sa.select(table).where(table.c.id == ticket.id)).one()
    db.session.execute(sa.insert(table).values(row._asdict() | {"id": ticket.id + 1, "reference": "Q-1999-0001"}))
    db.session.commit()
    (only,) = stored_differences()
    beginning = "Question Q-1999-0001, tour 1, début du délai :"
    assert str(only) == f"{beginning} un tour enregistré, aucun événement qui le commence recalculé."


@pytest.mark.parametrize("kind", [EventKind.RECEIVED.value, Action.REOPEN.value])
def test_a_round_that_no_event_begins_is_told_and_stops_nothing(app: Flask, kind: str) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    with time_machine.travel(datetime(2026, 6, 10, 8, 0, tzinfo=UTC), tick=False) as traveller:
        ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
        make_ticket(title="Une autre question ?")
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        traveller.shift(timedelta(days=1))
        operations.add_message(asker, ticket, text="Et pour un temps partiel ?")
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        db.session.commit()
        number = 1 if kind == EventKind.RECEIVED else 2
        of_round = sa.and_(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == kind)
        with _unguarded("ticket_event"):
            db.session.execute(sa.delete(TicketEvent).where(of_round))
        told = [str(one) for one in differences()]
    assert told[0].startswith(f"Question {ticket.reference}, tour {number}, début du délai : ")


def test_a_channel_that_the_event_does_not_say_is_told(app: Flask) -> None:
    ticket = make_ticket()
    with _unguarded("ticket_event"):
        _falsify("ticket_event", data={})
    assert [one.what for one in stored_differences()] == ["channel"]
    assert ticket.channel is Channel.PORTAL


def test_a_clock_is_answered_by_somebody_or_not_at_all(app: Flask) -> None:
    make_ticket()
    with pytest.raises(IntegrityError):
        _falsify("response_clock", answered_by=Tier.POLE)


def test_a_first_question_that_is_a_duplicate_begins_no_year(app: Flask) -> None:
    asker, jurist = make_asker(), PersonFactory(jurist=True)
    with time_machine.travel(datetime(2024, 12, 30, 9, 0, tzinfo=UTC), tick=False) as traveller:
        first = make_ticket(asker, status=Status.STUDY, jurist=jurist, title="Une première question ?")
        traveller.move_to(datetime(2025, 3, 10, 9, 0, tzinfo=UTC))
        second = make_ticket(asker, status=Status.STUDY, jurist=jurist, title="Une autre question ?")
        operations.mark_duplicate(jurist, first, second, text="Nous vous avons déjà répondu.")
        db.session.commit()
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert list(report_years(now.date())) == [2025, 2026]
    assert [str(one) for one in differences(now)] == []


@pytest.mark.postgresql_only
def test_the_command_sees_one_state_while_somebody_writes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    make_ticket(status=Status.ANSWERED)
    db.session.commit()
    figures = check.figure_differences

    def meanwhile(questions: Questions, now: datetime) -> Iterator[check.Difference]:
        with db.engine.connect() as other:
            other.execute(sa.update(ResponseClock).values(gross_days=3, net_days=3))
            other.commit()
        yield from figures(questions, now)

    monkeypatch.setattr(check, "figure_differences", meanwhile)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["stats", "check"]).exit_code == 0
    db.session.rollback()
    assert {one.what for one in stored_differences()} >= {"gross_days", "net_days"}


@time_machine.travel(NEW_YEAR, tick=False)
def test_the_command_counts_and_fails_on_a_difference(app: Flask) -> None:
    ticket = make_ticket(status=Status.ANSWERED)
    db.session.commit()
    runner = app.test_cli_runner()
    done = runner.invoke(args=["stats", "check"])
    assert (done.exit_code, "1 questions" in done.output, "tous ceux du rapport annuel" in done.output) == (
        0,
        True,
        True,
    )
    ticket.clock.answered_by = Tier.POLE
    ticket.clock.pole_seconds += 60
    db.session.commit()
    failed = runner.invoke(args=["stats", "check"])
    assert failed.exit_code == 1
    assert f"Question {ticket.reference}, tour 1, secondes (Pôle juridique) : 60 enregistré, 0 recalculé." in (
        failed.output
    )


def test_time_held_by_the_region_then_by_the_pole_adds_up(app: Flask) -> None:
    delegate, jurist = PersonFactory(delegate=True), PersonFactory(jurist=True)
    with time_machine.travel(NEW_YEAR, tick=False) as traveller:
        ticket = make_ticket()
        traveller.shift(timedelta(days=1, seconds=1))
        operations.transmit(delegate, ticket)
        traveller.shift(timedelta(days=2))
        operations.take(jurist, ticket)
        traveller.shift(timedelta(days=3))
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        db.session.commit()
    times = ticket.clock.times
    assert (times.delegation_seconds, times.pole_seconds) == (86_401, 5 * 86_400)
    assert times.gross_seconds == times.delegation_seconds + times.pole_seconds
