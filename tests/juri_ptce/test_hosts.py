"""Who holds a session, and who then holds the calls of whoever is absent or has left, on both databases."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.errors import BadInput, Conflict, NotAllowed
from helpdesk.juri_ptce import mails
from helpdesk.juri_ptce.enums import AppointmentStatus
from helpdesk.juri_ptce.models import Appointment, JuriSession
from helpdesk.juri_ptce.operations import booking, hosts
from helpdesk.tickets import operations as tickets
from tests.factories.accounts import PersonFactory
from tests.factories.juri_ptce import at, make_partner, make_session
from tests.juri_ptce.test_sessions import booked, jurist

NOW = datetime(2026, 12, 10, 9, tzinfo=UTC)
Told = list[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def _winter(app: Flask) -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What the operations had told: changed, uninvited (whom), unhosted."""
    calls: Told = []
    for name in ("changed", "uninvited", "unhosted"):
        monkeypatch.setattr(mails, name, lambda one, *rest, name=name: calls.append((name, one.id, *rest)))
    return calls


def holders(call: Appointment) -> list[int]:
    db.session.expire_all()
    return [attendance.person_id for attendance in call.attendances]


def expected(session: JuriSession) -> dict[int, bool]:
    db.session.expire_all()
    return {host.person_id: host.is_absent for host in session.hosts}


def test_the_pole_says_who_holds_a_session_partners_included() -> None:
    session, lead, one, partner = make_session(), PersonFactory(lead=True), jurist(), make_partner()
    version = session.version
    hosts.set_hosts(lead, session, hosts=[one.id, partner.id], seen_version=version)
    assert expected(session) == {one.id: False, partner.id: False}
    with pytest.raises(Conflict):
        hosts.set_hosts(lead, session, hosts=[], seen_version=version)
    hosts.set_hosts(one, session, hosts=[partner.id], absent=[partner.id])
    assert expected(session) == {partner.id: True}


@pytest.mark.parametrize("traits", [{"member": True}, {"delegate": True}, {"partner_jurist": True}, {"admin": True}])
def test_nobody_else_does(traits: dict[str, bool]) -> None:
    session = make_session()
    with pytest.raises(NotAllowed):
        hosts.set_hosts(PersonFactory(**traits), session, hosts=[])


@pytest.mark.parametrize("traits", [{"member": True}, {"delegate": True}, {"admin": True}, {}])
def test_who_holds_no_session_cannot_be_a_host(traits: dict[str, bool]) -> None:
    session, stranger = make_session(), PersonFactory(**traits)
    for wrong in (stranger.id, 0, 999_999):
        with pytest.raises(BadInput) as refused:
            hosts.set_hosts(jurist(), session, hosts=[wrong])
        assert refused.value.field == "hosts"
    assert expected(session) == {}


def test_only_somebody_expected_is_absent() -> None:
    session, one = make_session(), jurist()
    with pytest.raises(BadInput) as refused:
        hosts.set_hosts(one, session, hosts=[], absent=[one.id])
    assert refused.value.field == "absent"


def test_the_calls_of_an_absent_jurist_go_to_another_host_who_is_free(told: Told) -> None:
    gone, other = jurist(), jurist()
    session = make_session(hosts=(gone,))
    call = booked(session)
    sequence = call.sequence
    hosts.set_hosts(gone, session, hosts=[gone.id, other.id])
    told.clear()

    hosts.set_hosts(gone, session, hosts=[gone.id, other.id], absent=[gone.id])

    assert holders(call) == [other.id]
    assert call.sequence == sequence + 1
    assert told == [("uninvited", call.id, gone.id), ("changed", call.id)]


def test_when_all_are_absent_the_session_stands_and_the_lead_is_told(told: Told) -> None:
    gone, other = jurist(), jurist()
    session = make_session(hosts=(gone, other))
    call = booked(session)
    (holder,) = holders(call)
    sequence = call.sequence
    hosts.set_hosts(gone, session, hosts=[gone.id, other.id], absent=[gone.id, other.id])
    assert holders(call) == []
    assert told == [("uninvited", call.id, holder), ("unhosted", call.id)]
    # The links that the PTCE has must live on: nothing changed for it.
    assert (call.sequence, call.status) == (sequence, AppointmentStatus.CONFIRMED)


def test_a_call_without_anybody_is_told_to_the_lead_and_gets_the_first_who_comes(told: Told) -> None:
    session = make_session()
    call = booked(session)
    assert (holders(call), told) == ([], [("unhosted", call.id)])
    told.clear()
    one = jurist()
    hosts.set_hosts(one, session, hosts=[one.id])
    assert (holders(call), told) == ([one.id], [("changed", call.id)])


def test_a_call_confirmed_without_anybody_is_told_to_the_lead(told: Told) -> None:
    session = make_session()
    call = booked(session, status=AppointmentStatus.REQUESTED)
    told.clear()
    booking.confirm(jurist(), call)
    assert told == [("unhosted", call.id)]


def test_a_call_is_never_given_to_two_at_once_nor_to_a_partner_who_has_no_part(told: Told) -> None:
    gone, only, partner = jurist(), jurist(), make_partner()
    session = make_session(hosts=(gone, only), seats=2)
    first, second = booked(session), booked(session)
    assert sorted(holders(first) + holders(second)) == sorted([gone.id, only.id])
    hosts.set_hosts(gone, session, hosts=[gone.id, only.id, partner.id], absent=[gone.id])
    assert sorted([holders(first), holders(second)]) == [[], [only.id]]
    assert [name for name, *_ in told] == ["uninvited", "unhosted"]


def test_a_call_that_is_only_requested_is_given_in_silence(told: Told) -> None:
    gone, other = jurist(), jurist()
    session = make_session(hosts=(gone, other))
    call = booked(session, status=AppointmentStatus.REQUESTED)
    (holder,) = holders(call)
    hosts.set_hosts(gone, session, hosts=[gone.id, other.id], absent=[holder])
    assert holders(call) == [({gone.id, other.id} - {holder}).pop()]
    assert told == []


def test_a_jurist_may_fall_ill_while_the_session_is_under_way(told: Told) -> None:
    gone, other = jurist(), jurist()
    session = make_session(hosts=(gone,))
    over, to_come = booked(session, 0), booked(session, 3)
    with time_machine.travel(at("2027-03-02 15:30"), tick=False):
        hosts.set_hosts(other, session, hosts=[gone.id, other.id], absent=[gone.id])
    assert (holders(over), holders(to_come)) == ([gone.id], [other.id])


# --- departures


def leave(person: Person) -> None:
    person.roles[0].ends_on = date(2026, 12, 9)
    db.session.commit()


def test_a_jurist_who_leaves_with_calls_booked_gives_them_to_another_host(told: Told) -> None:
    gone, other = jurist(), jurist()
    session = make_session(hosts=(gone,))
    call = booked(session)
    hosts.set_hosts(other, session, hosts=[gone.id, other.id])
    past = make_session("2026-12-01", hosts=(gone,))
    told.clear()
    leave(gone)

    assert hosts.free_departed() == 1
    assert hosts.free_departed() == 0

    assert (holders(call), list(expected(session))) == ([other.id], [other.id])
    assert list(expected(past)) == [gone.id]
    assert told == [("uninvited", call.id, gone.id), ("changed", call.id)]


def test_without_another_host_the_lead_is_told_and_the_call_stands(told: Told) -> None:
    gone = jurist()
    session = make_session(hosts=(gone,))
    call = booked(session)
    gone.is_active = False
    db.session.commit()
    assert hosts.free_departed() == 1
    assert (holders(call), call.status) == ([], AppointmentStatus.CONFIRMED)
    assert told == [("uninvited", call.id, gone.id), ("unhosted", call.id)]


def test_somebody_who_attends_without_being_a_host_leaves_too(told: Told) -> None:
    gone, other = jurist(), jurist()
    session = make_session(hosts=(gone,))
    call = booked(session)
    hosts._remove_host(gone.id, [session.id])
    db.session.commit()
    hosts.set_hosts(other, session, hosts=[other.id])
    told.clear()
    leave(gone)
    assert hosts.free_departed() == 1
    assert holders(call) == [other.id]


def test_nobody_leaves_who_still_holds_sessions(told: Told) -> None:
    one, partner = jurist(), make_partner()
    session = make_session(hosts=(one, partner))
    assert hosts.free_departed() == 0
    assert sorted(expected(session)) == sorted([one.id, partner.id])


@pytest.mark.parametrize("is_another_there", [True, False])
def test_whoever_has_a_conflict_of_interest_gives_the_call_to_another_host(
    told: Told, *, is_another_there: bool
) -> None:
    partial, other = jurist(), jurist()
    session = make_session(hosts=(partial,))
    call = booked(session)
    if is_another_there:
        hosts.set_hosts(other, session, hosts=[partial.id, other.id])
    told.clear()
    tickets.declare_conflict(other, call.ticket, partial, reason="Ancien employeur.")
    after = ("changed", call.id) if is_another_there else ("unhosted", call.id)
    assert holders(call) == ([other.id] if is_another_there else [])
    assert told == [("uninvited", call.id, partial.id), after]
