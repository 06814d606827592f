"""The calendar is made ahead, decided, moved and cancelled, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput, Conflict, InvalidTransition, NotAllowed
from helpdesk.juri_ptce import mails
from helpdesk.juri_ptce.enums import AppointmentStatus, DayProblem, Medium, SessionStatus, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, Attendance, CallOffer, JuriSession, Slot, WaitingEntry
from helpdesk.juri_ptce.operations import booking, sessions
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_ptce_question, make_session
from tests.support.http import in_context

NOW = datetime(2026, 12, 10, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _winter(app: Flask) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What the operations had told, in order: the words are the mails' own business."""
    calls: list[tuple[str, Any]] = []
    for name in (
        "to_decide",
        "changed",
        "cancelled",
        "uninvited",
        "unhosted",
        "booked",
        "place_offered",
        "awaited_session_cancelled",
    ):
        monkeypatch.setattr(mails, name, lambda one, *rest, name=name: calls.append((name, one.id)))
    return calls


def jurist() -> Person:
    return PersonFactory(jurist=True)


def booked(session: JuriSession, slot: int = 0, status: AppointmentStatus | None = None) -> Appointment:
    """A call of that session, confirmed by a jurist unless told otherwise."""
    ticket = make_ptce_question()
    result = booking.book(PersonFactory(lead=True), ticket, session.slots[slot].id, medium=Medium.VIDEO)
    assert result.appointment is not None
    if status is not None:
        result.appointment.status = status
        if status is AppointmentStatus.OFFERED:
            result.appointment.expires_at = NOW + timedelta(hours=24)
        db.session.commit()
    return result.appointment


def all_sessions() -> list[JuriSession]:
    return list(db.session.scalars(sa.select(JuriSession).order_by(JuriSession.starts_at)))


def day_of(session: JuriSession) -> date:
    return session.starts_at.astimezone(at("2027-01-01 00:00").tzinfo).date()


# --- made ahead


def test_the_sessions_of_the_coming_year_are_made_once(told: list[tuple[str, Any]]) -> None:
    # The December session was on the 1st: twelve months after this one are left.
    assert sessions.make_ahead() == 12
    assert sessions.make_ahead() == 0
    made = all_sessions()
    assert [day_of(one) for one in made][:3] == [date(2027, 1, 5), date(2027, 2, 2), date(2027, 3, 2)]
    assert day_of(made[-1]) == date(2027, 12, 7)
    assert {len(one.slots) for one in made} == {4}
    march = made[2]
    assert (march.starts_at, march.ends_at) == (at("2027-03-02 14:00"), at("2027-03-02 17:30"))
    assert march.cut_off_at == at("2027-02-23 23:59:59")
    assert march.slots[1].starts_at == at("2027-03-02 14:55")


def test_a_day_with_a_problem_is_proposed_and_the_lead_told_once(told: list[tuple[str, Any]]) -> None:
    sessions.make_ahead()
    sessions.make_ahead()
    undecided = [one for one in all_sessions() if one.status is not SessionStatus.SCHEDULED]
    assert [(day_of(one), one.status, one.problem) for one in undecided] == [
        (date(2027, 1, 5), SessionStatus.PROPOSED, DayProblem.EARLY_JANUARY),
        (date(2027, 8, 3), SessionStatus.PROPOSED, DayProblem.AUGUST),
    ]
    assert told == [("to_decide", one.id) for one in undecided]


@pytest.mark.parametrize("day", [date(2029, 5, 1), date(2030, 1, 1), date(2033, 11, 1), date(2035, 5, 1)])
def test_a_session_on_a_holiday_is_never_opened_by_itself(day: date) -> None:
    with time_machine.travel(datetime(day.year, day.month, day.day, 9, tzinfo=UTC) - timedelta(days=20), tick=False):
        sessions.make_ahead()
    found = db.session.scalars(sa.select(JuriSession).where(JuriSession.month_on == day.replace(day=1))).one()
    assert (found.status, found.problem) == (SessionStatus.PROPOSED, DayProblem.HOLIDAY)


def test_a_month_already_decided_is_left_alone() -> None:
    session = make_session("2027-02-09", status=SessionStatus.CANCELLED, cancelled_at=NOW)
    assert sessions.make_ahead() == 11
    assert [one.id for one in all_sessions() if one.month_on == date(2027, 2, 1)] == [session.id]


def test_another_worker_finds_them_made(app: Flask) -> None:
    sessions.make_ahead()
    assert in_context(app, sessions.make_ahead) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Slot)) == 48


# --- decided


def proposed() -> JuriSession:
    return make_session("2027-08-03", status=SessionStatus.PROPOSED, problem=DayProblem.AUGUST)


def test_a_proposed_session_may_be_opened_all_the_same() -> None:
    session = proposed()
    sessions.open_session(jurist(), session, seen_version=session.version)
    assert session.status is SessionStatus.SCHEDULED
    with pytest.raises(InvalidTransition):
        sessions.open_session(jurist(), session)


def test_a_proposed_session_may_be_moved_and_is_then_open() -> None:
    session = proposed()
    sessions.move_session(jurist(), session, date(2027, 7, 20))
    assert session.status is SessionStatus.SCHEDULED
    assert session.starts_at == at("2027-07-20 14:00")
    assert [slot.starts_at for slot in session.slots] == [
        at("2027-07-20 14:00"),
        at("2027-07-20 14:55"),
        at("2027-07-20 15:50"),
        at("2027-07-20 16:45"),
    ]
    assert session.cut_off_at == at("2027-07-12 23:59:59")  # 14 July does not count
    assert session.month_on == date(2027, 8, 1)


def test_a_session_cancelled_by_mistake_may_be_opened_again() -> None:
    session = proposed()
    sessions.cancel_session(jurist(), session)
    assert (session.status, session.cancelled_at) == (SessionStatus.CANCELLED, NOW)
    with pytest.raises(InvalidTransition):
        sessions.move_session(jurist(), session, date(2027, 7, 20))
    sessions.open_session(jurist(), session)
    assert (session.status, session.cancelled_at) == (SessionStatus.SCHEDULED, None)


@pytest.mark.parametrize("traits", [{"member": True}, {"delegate": True}, {"partner_jurist": True}, {"admin": True}])
def test_only_the_pole_manages_sessions(traits: dict[str, bool]) -> None:
    session, actor = proposed(), PersonFactory(**traits)
    for act in (
        lambda: sessions.open_session(actor, session),
        lambda: sessions.move_session(actor, session, date(2027, 7, 20)),
        lambda: sessions.cancel_session(actor, session),
        lambda: sessions.set_place(actor, session, place="Rennes", video_link=""),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert session.status is SessionStatus.PROPOSED


def test_a_decision_on_a_page_that_is_no_longer_true_is_refused() -> None:
    session = proposed()
    seen = session.version
    sessions.set_place(jurist(), session, place="Rennes", video_link="")
    with pytest.raises(Conflict, match="séance a changé"):
        sessions.cancel_session(jurist(), session, seen_version=seen)
    assert session.status is SessionStatus.PROPOSED


def test_a_session_that_has_begun_no_longer_moves() -> None:
    session = make_session("2027-01-12")
    with time_machine.travel(at("2027-01-12 14:00"), tick=False):
        for act in (
            lambda: sessions.move_session(jurist(), session, date(2027, 1, 19)),
            lambda: sessions.cancel_session(jurist(), session),
        ):
            with pytest.raises(Conflict, match="a commencé"):
                act()
        sessions.set_place(jurist(), session, place="Salle 2", video_link="")
    with time_machine.travel(at("2027-01-12 17:31"), tick=False), pytest.raises(Conflict):
        sessions.set_place(jurist(), session, place="Salle 3", video_link="")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 12, 9), "à venir"),
        (date(2026, 12, 10), "à venir"),
        (date(2028, 3, 7), "dans l’année"),
        (date(2027, 3, 2), "déjà ce jour-là"),
        (date(2027, 3, 6), "jour travaillé"),
        (date(2027, 3, 29), "jour travaillé"),
        (date(2027, 4, 6), "déjà prévue"),
    ],
)
def test_a_day_that_cannot_hold_a_session_is_refused_with_the_reason(day: date, words: str) -> None:
    session = make_session("2027-03-02")
    make_session("2027-04-06")
    with pytest.raises(BadInput, match=words) as refused:
        sessions.move_session(jurist(), session, day)
    assert refused.value.field == "day"
    assert day_of(session) == date(2027, 3, 2)


def test_the_day_of_a_cancelled_session_is_free() -> None:
    session = make_session("2027-03-02")
    make_session("2027-04-06", status=SessionStatus.CANCELLED, cancelled_at=NOW)
    sessions.move_session(jurist(), session, date(2027, 4, 6))
    assert day_of(session) == date(2027, 4, 6)


# --- moved with people booked


def test_calls_move_with_their_session_at_the_same_hours_in_paris_over_the_clock_change(
    told: list[tuple[str, Any]],
) -> None:
    host = jurist()
    session = make_session("2027-03-02", hosts=(host,))
    first, second = booked(session, 1), booked(session, 2)
    first.days_reminded_at = NOW
    db.session.commit()
    before = (first.uid, first.sequence)
    told.clear()

    assert sessions.move_session(jurist(), session, date(2027, 4, 6)) == 2

    assert (first.uid, first.sequence) == (before[0], before[1] + 1)
    assert first.slot.starts_at == datetime(2027, 4, 6, 12, 55, tzinfo=UTC)
    attendance = first.attendances[0]
    assert (attendance.starts_at, attendance.ends_at) == (first.slot.starts_at, first.slot.ends_at)
    assert attendance.person_id == host.id
    assert first.days_reminded_at is None
    assert told == [("changed", first.id), ("changed", second.id)]


def test_a_jurist_taken_on_the_new_day_is_named_and_nothing_moves(told: list[tuple[str, Any]]) -> None:
    host = PersonFactory(jurist=True, first_name="Nadia", last_name="Benali")
    session = make_session("2027-03-02", hosts=(host,))
    call = booked(session, 1)
    emergency = Slot(starts_at=at("2027-03-09 15:30"), ends_at=at("2027-03-09 16:15"))
    ticket = make_ptce_question()
    other = Appointment(
        ticket_id=ticket.id,
        organisation_id=ticket.organisation_id,
        slot=emergency,
        seat=1,
        status=AppointmentStatus.CONFIRMED,
        medium=Medium.PHONE,
        uid="autre",
        created_at=NOW,
    )
    other.attendances = [Attendance(person_id=host.id, starts_at=emergency.starts_at, ends_at=emergency.ends_at)]
    db.session.add(other)
    db.session.commit()
    told.clear()

    with pytest.raises(BadInput, match="Nadia Benali a déjà un rendez-vous ce jour-là à 15") as refused:
        sessions.move_session(jurist(), session, date(2027, 3, 9))

    assert refused.value.field == "day"
    db.session.expire_all()
    assert (call.slot.starts_at, told) == (at("2027-03-02 14:55"), [])


def test_a_place_offered_moves_too_and_its_person_gets_the_new_link(told: list[tuple[str, Any]]) -> None:
    session = make_session("2027-03-02", hosts=(jurist(),))
    offered = booked(session, status=AppointmentStatus.OFFERED)
    entry = WaitingEntry(
        session=session,
        ticket=offered.ticket,
        person=offered.ticket.asker,
        status=WaitingStatus.OFFERED,
        medium=Medium.VIDEO,
        appointment=offered,
        created_at=NOW,
    )
    db.session.add(entry)
    db.session.commit()
    told.clear()
    sequence = offered.sequence
    sessions.move_session(jurist(), session, date(2027, 3, 9))
    assert (offered.sequence, told) == (sequence + 1, [("place_offered", entry.id)])
    assert offered.expires_at == NOW + timedelta(hours=24)


# --- cancelled with people booked


def test_a_session_cancelled_with_three_people_booked_tells_each_once_and_keeps_their_questions(
    told: list[tuple[str, Any]],
) -> None:
    session = make_session("2027-03-02", hosts=(jurist(), jurist()))
    calls = [booked(session, slot) for slot in range(3)]
    sequences = [call.sequence for call in calls]
    statuses = [call.ticket.status for call in calls]
    waiting = make_ptce_question()
    entry = WaitingEntry(
        session=session,
        ticket=waiting,
        person=waiting.asker,
        status=WaitingStatus.WAITING,
        medium=Medium.VIDEO,
        created_at=NOW,
    )
    offer = CallOffer(
        ticket_id=waiting.id, session_id=session.id, medium=Medium.VIDEO, offered_by_id=jurist().id, offered_at=NOW
    )
    db.session.add_all((entry, offer))
    db.session.commit()
    told.clear()

    assert sessions.cancel_session(jurist(), session, reason="Toute l’équipe est en formation.") == 3

    assert told[0] == ("awaited_session_cancelled", entry.id)
    assert sorted(told[1:]) == sorted(("cancelled", call.id) for call in calls)
    assert {call.status for call in calls} == {AppointmentStatus.CANCELLED_BY_SERVICE}
    assert [call.sequence for call in calls] == [one + 1 for one in sequences]
    assert {call.cancelled_reason for call in calls} == {"Toute l’équipe est en formation."}
    assert not any(attendance.is_occupying for call in calls for attendance in call.attendances)
    assert [call.ticket.status for call in calls] == statuses
    assert entry.status is WaitingStatus.LEFT
    assert offer.session_id is None


def test_a_reason_is_due_to_whoever_is_booked(told: list[tuple[str, Any]]) -> None:
    session = make_session("2027-03-02", hosts=(jurist(),))
    call = booked(session)
    told.clear()
    with pytest.raises(BadInput) as refused:
        sessions.cancel_session(jurist(), session, reason=" ")
    assert (refused.value.field, told, call.status) == ("reason", [], AppointmentStatus.CONFIRMED)
    assert session.status is SessionStatus.SCHEDULED


# --- where


def test_the_place_and_a_link_typed_in_are_kept() -> None:
    session = make_session("2027-03-02")
    sessions.set_place(
        jurist(), session, place=" Salle  du conseil ", video_link="https://visio.example/ptce-9f2c?salle=1"
    )
    assert (session.place, session.video_link) == ("Salle du conseil", "https://visio.example/ptce-9f2c?salle=1")
    sessions.set_place(jurist(), session, place="", video_link="")
    assert (session.place, session.video_link) == ("", "")


@pytest.mark.parametrize(
    "link",
    [
        "http://visio.example/salle",
        "javascript:alert(1)",
        "https://",
        "visio.example/salle",
        "https://moi:secret@visio.example/salle",
        "https://visio.example/une salle",
        "https://[visio",
        "https://visio.example/" + "a" * 300,
    ],
)
def test_a_link_that_is_not_https_is_refused(link: str) -> None:
    session = make_session("2027-03-02")
    with pytest.raises(BadInput) as refused:
        sessions.set_place(jurist(), session, place="Rennes", video_link=link)
    assert refused.value.field == "video_link"
    db.session.expire_all()
    assert (session.place, session.video_link) == ("", "")
