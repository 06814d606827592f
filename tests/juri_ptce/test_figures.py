"""The figures that the annual report prints, on histories made by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, SessionStatus, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, Slot, WaitingEntry
from helpdesk.juri_ptce.queries.figures import NATIONAL, NO_TOPIC, Answers, Calls, Figures, figures
from helpdesk.reporting import FEWEST_TOLD, Period, Share, told_outside
from helpdesk.tickets.enums import CloseReason, Status, Tier
from helpdesk.tickets.models import ResponseClock, Ticket
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker, make_ticket
from tests.support import pages
from tests.support.queries import count_queries

SignIn = Callable[[Person], Any]
DAY = 24 * 3600
YEAR = Period.of_year(2027)
END_OF_YEAR = at("2027-12-31 23:00")


def asked(ptce: Organisation, on: str = "2027-02-10 10:00", **values: Any) -> Ticket:
    """A question of a PTCE, received at that time in Paris."""
    ticket = make_ptce_question(ptce, **values)
    ticket.received_at = at(on).astimezone(UTC)
    ticket.clocks[0].started_at = ticket.received_at
    db.session.commit()
    return ticket


def answered(ticket: Ticket, *, delegation: int = 0, pole: int = 0, waiting: int = 0) -> Ticket:
    """Answered after that many days of each; the clock keeps them as the operations would."""
    seconds = {"delegation": delegation, "pole": pole, "waiting": waiting}
    clock: ResponseClock = ticket.clocks[0]
    for name, days in seconds.items():
        setattr(clock, f"{name}_seconds", round(days * DAY))
    ticket.answered_at = clock.answered_at = ticket.received_at + timedelta(days=sum(seconds.values()))
    clock.answered_by, clock.gross_days, clock.net_days = Tier.POLE, 0, 0  # of no use to these figures
    clock.holder = clock.since_at = None
    ticket.status = Status.ANSWERED
    db.session.commit()
    return ticket


def call(ticket: Ticket, slot: Slot, status: AppointmentStatus, medium: Medium = Medium.PHONE, **values: Any) -> None:
    """A call that came to *status*."""
    is_cancelled = status in (AppointmentStatus.CANCELLED_BY_PTCE, AppointmentStatus.CANCELLED_BY_SERVICE)
    number = db.session.scalar(sa.select(sa.func.count()).select_from(Appointment)) or 0
    db.session.add(
        Appointment(
            ticket=ticket,
            organisation_id=ticket.organisation_id,
            slot=slot,
            seat=1,
            status=status,
            medium=medium,
            uid=f"{number}@service.example",
            created_at=slot.starts_at - timedelta(days=9),
            cancelled_at=slot.starts_at - timedelta(days=1) if is_cancelled else None,
            **values,
        )
    )
    db.session.commit()


def wait(ticket: Ticket, session: Any, status: WaitingStatus) -> None:
    """A place on the waiting list that came to *status*."""
    values = {"medium": Medium.PHONE, "person": ticket.asker, "created_at": ticket.received_at}
    db.session.add(WaitingEntry(session=session, ticket=ticket, status=status, **values))
    db.session.commit()


def of_year() -> Figures:
    return figures(YEAR, END_OF_YEAR)


# --- what is counted


@pytest.mark.usefixtures("app")
def test_a_year_without_anything_is_nothing_everywhere() -> None:
    found = of_year()
    assert (found.ptce_count, found.question_count, found.sessions_held) == (0, 0, 0)
    assert found.delays == (0, None, None, None, None)
    assert (found.answers, found.calls) == (Answers(0, 0, 0), Calls())
    assert (found.topics, found.regions, found.waiting) == ([], [], [])


@pytest.mark.usefixtures("app")
def test_a_ptce_is_counted_once_whatever_it_asked_and_a_member_never() -> None:
    ptce = make_ptce()
    asked(ptce)
    asked(ptce, "2027-09-01 10:00")
    asked(make_ptce(departement="974", delegation="ocean-indien"))
    make_ticket()
    found = of_year()
    assert (found.ptce_count, found.question_count, found.unanswered_count) == (2, 3, 3)


@pytest.mark.usefixtures("app")
def test_a_year_begins_and_ends_at_midnight_in_paris() -> None:
    ptce = make_ptce()
    for on in ("2026-12-31 23:59", "2027-01-01 00:00", "2027-12-31 23:59", "2028-01-01 00:00"):
        asked(ptce, on)
    assert of_year().question_count == 2
    assert figures(Period(date(2027, 12, 31), date(2028, 1, 1)), END_OF_YEAR).question_count == 2


@pytest.mark.usefixtures("app")
def test_a_duplicate_is_the_question_that_it_doubles() -> None:
    double = asked(make_ptce())
    double.status, double.close_reason, double.closed_at = Status.CLOSED, CloseReason.DUPLICATE, double.received_at
    db.session.commit()
    assert (of_year().question_count, of_year().ptce_count) == (0, 0)


@pytest.mark.usefixtures("app")
def test_a_call_held_makes_its_ptce_one_of_the_year_though_it_asked_before() -> None:
    ticket = asked(make_ptce(), "2026-12-20 10:00")
    call(ticket, make_session("2027-01-12").slots[0], AppointmentStatus.HELD)
    assert (of_year().ptce_count, of_year().question_count) == (1, 0)


@pytest.mark.usefixtures("app")
def test_an_answered_question_is_told_by_the_last_call_held_about_it() -> None:
    spring, autumn = make_session("2027-03-02"), make_session("2027-09-07")
    ptce = make_ptce()
    answered(asked(ptce), pole=2)
    by_phone = answered(asked(ptce), pole=2)
    call(by_phone, spring.slots[0], AppointmentStatus.HELD)
    by_both = answered(asked(ptce), pole=2)
    call(by_both, spring.slots[1], AppointmentStatus.HELD)
    call(by_both, autumn.slots[1], AppointmentStatus.HELD, Medium.VIDEO)
    missed = answered(asked(ptce), pole=2)
    call(missed, spring.slots[2], AppointmentStatus.ABSENT, Medium.VIDEO)
    not_answered = asked(ptce)
    call(not_answered, autumn.slots[2], AppointmentStatus.HELD)
    found = of_year()
    assert found.answers == Answers(written=2, by_phone=1, by_video=1)
    assert found.answers.count == 4
    assert found.unanswered_count == 1


@pytest.mark.usefixtures("app")
def test_sessions_held_are_open_ones_that_are_over() -> None:
    held = make_session("2027-03-02")
    make_session("2027-04-06")
    make_session("2027-05-04", status=SessionStatus.CANCELLED, cancelled_at=at("2027-04-20 09:00"))
    make_session("2027-08-03", status=SessionStatus.PROPOSED)
    call(asked(make_ptce()), held.slots[0], AppointmentStatus.HELD)
    middle = figures(YEAR, at("2027-04-06 15:00"))
    assert (middle.sessions_held, middle.sessions_cancelled, middle.sessions_with_calls) == (1, 1, 1)
    assert (of_year().sessions_held, of_year().sessions_with_calls) == (2, 1)


@pytest.mark.usefixtures("app")
def test_absences_late_cancellations_and_those_of_the_service_are_told_apart() -> None:
    session, ptce = make_session("2027-03-02"), make_ptce()
    ends = [
        (AppointmentStatus.HELD, {}),
        (AppointmentStatus.ABSENT, {}),
        (AppointmentStatus.CANCELLED_BY_PTCE, {}),
        (AppointmentStatus.CANCELLED_BY_PTCE, {"is_late_cancel": True}),
        (AppointmentStatus.CANCELLED_BY_SERVICE, {}),
        (AppointmentStatus.MOVED, {}),
        (AppointmentStatus.LAPSED, {"expires_at": at("2027-02-20 10:00")}),
        (AppointmentStatus.REQUESTED, {}),
    ]
    slots = [session.slots[0], session.slots[1], *[session.slots[2]] * 5, session.slots[3]]
    for (status, values), slot in zip(ends, slots, strict=True):
        call(asked(ptce), slot, status, **values)
    assert of_year().calls == Calls(1, 1, 1, 1, 1, 1, 1, 1, 0)


@pytest.mark.usefixtures("app")
def test_an_emergency_call_is_no_call_of_a_session() -> None:
    slot = Slot(starts_at=at("2027-03-04 09:00"), ends_at=at("2027-03-04 09:30"), seats=1)
    db.session.add(slot)
    db.session.commit()
    call(make_ticket(), slot, AppointmentStatus.HELD)
    found = of_year()
    assert (found.calls.held, found.calls.emergencies, found.ptce_count) == (0, 1, 0)


@pytest.mark.usefixtures("app")
def test_the_delay_is_that_of_the_clocks_with_its_median() -> None:
    ptce = make_ptce()
    for days in (1, 2, 9):
        answered(asked(ptce), delegation=1, pole=days, waiting=3)
    found = of_year().delays
    assert found == pytest.approx((3, 8.0, 6.0, 5.0, 3.0))
    answered(asked(ptce), pole=10)
    found = of_year().delays
    assert found == pytest.approx((4, 8.5, 8.0, 6.25, 6.5))


@pytest.mark.usefixtures("app")
def test_a_question_without_an_answer_has_no_part_in_the_delay() -> None:
    ptce = make_ptce()
    answered(asked(ptce), pole=4)
    asked(ptce)
    assert of_year().delays == pytest.approx((1, 4.0, 4.0, 4.0, 4.0))
    assert of_year().unanswered_count == 1


@pytest.mark.usefixtures("app")
def test_topics_count_questions_and_regions_count_ptce() -> None:
    breton, reunionese = make_ptce(), make_ptce(departement="974", delegation="ocean-indien")
    for _ in range(2):
        asked(breton, topic="public/subventions-aides-etat")
    asked(reunionese, topic=None)
    asked(make_ptce(departement="67", delegation=None), topic="public/subventions-aides-etat")
    found = of_year()
    assert [count for _, count in found.topics] == [3, 1]
    assert [count for _, count in found.domains] == [3, 1]
    assert found.topics[1].label == NO_TOPIC
    assert {(label, count) for label, count in found.regions} == {("Bretagne", 1), ("Océan Indien", 1), (NATIONAL, 1)}


@pytest.mark.usefixtures("app")
def test_the_waiting_list_says_what_became_of_each() -> None:
    session, ptce = make_session("2027-03-02"), make_ptce()
    for status in (WaitingStatus.EXPIRED, WaitingStatus.WAITING, WaitingStatus.EXPIRED):
        wait(asked(ptce), session, status)
    wait(asked(ptce), make_session("2028-03-07"), WaitingStatus.WAITING)
    assert of_year().waiting == [Share("En attente", 1), Share("Proposition expirée", 2)]


@pytest.mark.usefixtures("app")
def test_the_number_of_queries_does_not_grow() -> None:
    def queries() -> int:
        with count_queries() as statements:
            of_year()
        return len(statements)

    of_year()
    few = queries()
    for _ in range(3):
        answered(asked(make_ptce()), pole=2)
    assert queries() == few <= 9


# --- what leaves the pole

shares = st.lists(
    st.builds(Share, st.text("abcdef", min_size=1, max_size=3), st.integers(0, 12)),
    max_size=8,
    unique_by=lambda share: share.label,
)


@given(shares)
def test_no_number_under_five_is_told_unless_there_is_no_more_in_all(found: list[Share]) -> None:
    total = sum(share.number for share in found)
    told = told_outside(found, others="autres")
    assert sum(share.number for share in told) == total
    small = [share for share in told if share.number < FEWEST_TOLD]
    assert small == ([Share("autres", total)] if 0 < total < FEWEST_TOLD else [])


def test_the_smallest_joins_the_others_where_they_would_be_given_away() -> None:
    found = [Share("écrit", 20), Share("téléphone", 6), Share("visio", 1)]
    assert told_outside(found, others="autrement") == [Share("écrit", 20), Share("autrement", 7)]
    assert told_outside([Share("écrit", 20), Share("visio", 0)], others="autrement") == [Share("écrit", 20)]


@pytest.mark.parametrize("ends_on", [date(2026, 12, 31), date(2032, 6, 1)])
def test_a_period_goes_forward_five_years_at_most(ends_on: date) -> None:
    with pytest.raises(ValueError, match="forward"):
        Period(date(2027, 1, 1), ends_on)


def test_the_bounds_of_a_period_are_midnights_of_paris() -> None:
    assert Period(date(2027, 3, 1), date(2027, 3, 31)).bounds == (
        datetime(2027, 2, 28, 23, tzinfo=UTC),
        datetime(2027, 3, 31, 22, tzinfo=UTC),
    )


# --- the page


def test_the_page_masks_what_would_tell_who_it_is_in_the_lines_of_the_report(sign_in: SignIn, time_machine) -> None:
    time_machine.move_to(at("2027-11-20 10:00"), tick=False)
    for _ in range(6):
        answered(asked(make_ptce()), pole=2)
    answered(asked(make_ptce(departement="974", delegation="ocean-indien")), pole=2)
    text = pages.text_of(sign_in(PersonFactory(lead=True)).get("/juri-ptce/chiffres"))
    report, _, detail = text.partition("Le détail, pour le pôle")
    assert "Chiffres de Juri-PTCE en 2027" in report
    assert "Océan Indien" not in report
    assert "trop peu pour être détaillé" in report.partition("PTCE par région")[2]
    assert "Océan Indien" in detail


@pytest.mark.parametrize(
    ("asked_for", "message"),
    [
        ("du=2027-05-01&au=2027-04-01", "La période va du premier jour au dernier"),
        ("du=2027-05-01", "Indiquez les deux dates"),
        ("du=hier&au=2027-05-01", "date"),
        ("du=9999-12-31&au=9999-12-31", "Écrivez une date entre 2000 et 2100."),
        ("du=0001-01-01&au=0001-01-02", "Écrivez une date entre 2000 et 2100."),
    ],
)
def test_a_wrong_period_is_explained_and_given_back(sign_in: SignIn, asked_for: str, message: str) -> None:
    answer = sign_in(PersonFactory(jurist=True)).get(f"/juri-ptce/chiffres?{asked_for}")
    assert answer.status_code == 422
    assert message in pages.text_of(answer)
    assert asked_for.partition("=")[2].partition("&")[0] in answer.text


@pytest.mark.parametrize("asked_for", ["", "annee=2027", "annee=abc", "annee=99999", "du=2027-01-01&au=2027-06-30"])
def test_any_other_address_shows_a_period(sign_in: SignIn, asked_for: str) -> None:
    assert sign_in(PersonFactory(jurist=True)).get(f"/juri-ptce/chiffres?{asked_for}").status_code == 200


def test_only_the_pole_reads_the_figures(sign_in: SignIn) -> None:
    for person in (make_asker(make_ptce()), PersonFactory(delegate=True), PersonFactory(partner_jurist=True)):
        assert sign_in(person).get("/juri-ptce/chiffres").status_code == 403
