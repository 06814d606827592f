"""``flask stats check``: the stored response times are those that the events alone give."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpdesk import clock
from helpdesk.accounts.models import DelegationProfile, Organisation, Person
from helpdesk.db import db
from helpdesk.stats.check import differences
from helpdesk.tickets import operations, perms
from helpdesk.tickets.enums import Status, Tier
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations import clockwork
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.factories.tickets import ANSWER, make_asker, make_ticket

NEW_YEAR = datetime(2025, 12, 20, 8, 0, tzinfo=UTC)
"""Histories run over the end of the year and over both changes of the clock."""


@dataclass(frozen=True)
class Cast:
    homes: list[Organisation]
    askers: list[Person]
    delegate: Person
    jurists: list[Person]


def _cast() -> Cast:
    db.session.add(DelegationProfile(code="bretagne", is_relayed=True))
    homes = [OrganisationFactory(), OrganisationFactory(national=True), OrganisationFactory()]
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
        (perms.can_note(first, ticket), lambda: operations.add_note(first, ticket, text="Vu.")),
        (perms.can_close(first, ticket), lambda: operations.close(first, ticket)),
        (perms.can_withdraw(first, ticket), lambda: operations.withdraw(first, ticket)),
        (
            perms.can_reserve_to_pole(first, ticket),
            lambda: operations.set_pole_only(first, ticket, is_pole_only=not ticket.is_pole_only),
        ),
        (perms.can_move_structure(first, ticket), lambda: operations.move_to_structure(first, ticket, cast.homes[1])),
        (
            asker is not None and perms.can_add(asker, ticket),
            lambda: operations.add_message(asker, ticket, text="Je précise."),
        ),
        (True, clockwork.run_all),
    ]
    return [move for allowed, move in moves if allowed]


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

    @given(st.integers(0, 2), st.integers(0, 100 * 86_400), steps)
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), deadline=None)
    def live(who: int, start: int, history: list[tuple[int, int]]) -> None:
        with time_machine.travel(NEW_YEAR + timedelta(seconds=start), tick=False) as traveller:
            ticket = make_ticket(cast.askers[who])
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
    assert list(differences()) == []


@pytest.mark.sqlite_only
def test_five_hundred_random_histories_recompute_to_the_second(app: Flask) -> None:
    _check_histories(500, app)


@pytest.mark.postgresql_only
def test_random_histories_recompute_to_the_second_on_postgresql(app: Flask) -> None:
    _check_histories(60, app)


@pytest.mark.parametrize("field", ["delegation_seconds", "pole_seconds", "waiting_seconds", "relay_seconds"])
def test_a_second_too_many_is_found(app: Flask, field: str) -> None:
    ticket = make_ticket(status=Status.ANSWERED)
    assert list(differences()) == []
    setattr(ticket.clock, field, getattr(ticket.clock, field) + 1)
    db.session.commit()
    assert field in {difference.what for difference in differences()}


def test_a_first_answer_dated_otherwise_than_its_clock_is_found(app: Flask) -> None:
    ticket = make_ticket(status=Status.ANSWERED)
    ticket.answered_at = clock.now() + timedelta(seconds=1)
    db.session.commit()
    assert [difference.what for difference in differences()] == ["ticket.answered_at"]


def test_the_command_counts_and_fails_on_a_difference(app: Flask) -> None:
    ticket = make_ticket(status=Status.ANSWERED)
    db.session.commit()
    runner = app.test_cli_runner()
    done = runner.invoke(args=["stats", "check"])
    assert (done.exit_code, "1 questions" in done.output, "aucun écart" in done.output) == (0, True, True)
    ticket.clock.answered_by = Tier.POLE
    ticket.clock.pole_seconds += 60
    db.session.commit()
    assert runner.invoke(args=["stats", "check"]).exit_code == 1


# --- The table of boundaries -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received_at", "answered_at", "gross_days"),
    [
        pytest.param((2026, 11, 6, 17, 0), (2026, 11, 9, 17, 0), 3, id="vendredi 18 h, répondue lundi"),
        pytest.param((2028, 2, 29, 9, 0), (2028, 3, 1, 9, 0), 1, id="29 février"),
        pytest.param((2026, 3, 28, 12, 0), (2026, 3, 29, 12, 0), 1, id="passage à l’heure d’été"),
        pytest.param((2026, 10, 24, 12, 0), (2026, 10, 25, 12, 0), 1, id="passage à l’heure d’hiver"),
        pytest.param((2026, 10, 31, 22, 0), (2026, 11, 2, 22, 0), 2, id="1er novembre"),
        pytest.param((2026, 6, 1, 21, 0), (2026, 6, 2, 21, 0), 1, id="La Réunion, 1 h du matin"),
        pytest.param((2026, 12, 30, 9, 0), (2027, 1, 4, 9, 0), 5, id="fin d’année"),
    ],
)
def test_the_gross_time_is_the_time_between_two_instants(
    app: Flask, received_at: tuple[int, ...], answered_at: tuple[int, ...], gross_days: int
) -> None:
    jurist = PersonFactory(jurist=True)
    with time_machine.travel(datetime(*received_at, tzinfo=UTC), tick=False) as traveller:
        ticket = make_ticket(status=Status.STUDY, jurist=jurist)
        traveller.move_to(datetime(*answered_at, tzinfo=UTC))
        operations.answer(jurist, ticket, ANSWER, seen_version=None)
        db.session.commit()
    assert ticket.clock.times.gross_seconds == gross_days * 86_400
    assert list(differences()) == []


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
