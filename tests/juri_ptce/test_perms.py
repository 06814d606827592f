"""Every role × every right of Juri-PTCE: one table. And the SQL twin of « may read a part » on all of it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import AppointmentStatus, Medium, PartSide, WaitingStatus
from helpdesk.juri_ptce.models import Appointment, Attendance, PtceProfile, QuestionPart, WaitingEntry
from helpdesk.tickets import operations
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import ConflictOfInterest, Ticket
from tests.factories.accounts import PersonFactory, give_mandate
from tests.factories.juri_ptce import make_partner, make_ptce, make_ptce_question, make_session
from tests.factories.tickets import make_asker
from tests.support.scenes import Keep


@dataclass(frozen=True)
class House:
    """The people of the tables by name; a question shared between the networks, and what belongs to it."""

    people: dict[str, Person]
    ticket: Ticket
    appointment: Appointment
    entry: WaitingEntry
    federation: QuestionPart
    rtes: QuestionPart

    @property
    def parts(self) -> tuple[QuestionPart, QuestionPart]:
        return self.federation, self.rtes


def make_house() -> House:
    ptce = make_ptce()
    people = {
        "asker": make_asker(ptce),
        "colleague": PersonFactory(),
        "colleague_own": PersonFactory(),
        "other_ptce": make_asker(make_ptce()),
        "member": PersonFactory(member=True),
        "delegate": PersonFactory(delegate=True),
        "delegate_away": PersonFactory(delegate=True, delegation="normandie"),
        "jurist": PersonFactory(jurist=True),
        "jurist_conflicted": PersonFactory(jurist=True),
        "lead": PersonFactory(lead=True),
        "partner": make_partner(),
        "partner_elsewhere": make_partner(),
        "partner_conflicted": make_partner(),
        "partner_departed": make_partner(),
        "admin": PersonFactory(admin=True),
        "nobody": PersonFactory(),
    }
    people["partner_departed"].is_active = False
    give_mandate(people["colleague"], ptce, scope=MandateScope.STRUCTURE)
    give_mandate(people["colleague_own"], ptce, scope=MandateScope.OWN)
    ticket = make_ptce_question(ptce, people["asker"], urgency=2)
    operations.declare_conflict(people["lead"], ticket, people["jurist_conflicted"], reason="Créancier adhérent.")
    ticket.conflicts.append(_conflict(people["partner_conflicted"], people["lead"]))
    federation = QuestionPart(ticket=ticket, side=PartSide.FEDERATION, question="Le bail ?", text="Oui.")
    rtes = QuestionPart(ticket=ticket, side=PartSide.RTES, question="La subvention ?", text="Non.")
    federation.answerer, rtes.answerer = people["jurist"], people["partner"]
    db.session.add_all((federation, rtes))
    house = House(people, ticket, _appointment(ticket), _entry(ticket), federation, rtes)
    db.session.commit()
    return house


@pytest.fixture
def house(kept: Keep) -> House:
    return kept(make_house)


def _conflict(person: Person, lead: Person) -> ConflictOfInterest:
    return ConflictOfInterest(
        person_id=person.id, declared_by_id=lead.id, declared_at=clock.now(), reason="Élue locale."
    )


def _appointment(ticket: Ticket) -> Appointment:
    appointment = Appointment(
        ticket=ticket,
        organisation_id=ticket.organisation_id,
        slot=make_session().slots[1],
        seat=1,
        status=AppointmentStatus.CONFIRMED,
        medium=Medium.PHONE,
        uid="essai",
        created_at=clock.now(),
    )
    db.session.add(appointment)
    return appointment


def _entry(ticket: Ticket) -> WaitingEntry:
    entry = WaitingEntry(
        session=make_session("2027-04-06"),
        ticket=ticket,
        person=ticket.asker,
        status=WaitingStatus.WAITING,
        medium=Medium.PHONE,
        created_at=clock.now(),
    )
    db.session.add(entry)
    return entry


PTCE = {"asker", "colleague"}
POLE = {"jurist", "lead"}
WHOLE_POLE = POLE | {"jurist_conflicted"}
PARTNERS = {"partner", "partner_elsewhere", "partner_conflicted"}
DELEGATES = {"delegate", "delegate_away"}

RIGHTS: dict[str, tuple[Callable[[Person, House], bool], set[str]]] = {
    "is_partner": (lambda person, _: perms.is_partner(person), PARTNERS),
    "is_host_to_be": (lambda person, _: perms.is_host_to_be(person), WHOLE_POLE | PARTNERS),
    "can_see_sessions": (lambda person, _: perms.can_see_sessions(person), WHOLE_POLE | PARTNERS | DELEGATES),
    "can_manage_sessions": (lambda person, _: perms.can_manage_sessions(person), WHOLE_POLE),
    "can_see_appointment": (
        lambda person, house: perms.can_see_appointment(person, house.appointment, house.parts),
        PTCE | POLE | {"delegate", "partner"},
    ),
    "can_see_appointment of a question not shared": (
        lambda person, house: perms.can_see_appointment(person, house.appointment),
        PTCE | POLE | {"delegate"},
    ),
    "can_prepare": (lambda person, house: perms.can_prepare(person, house.appointment), POLE),
    "can_offer_call": (lambda person, house: perms.can_offer_call(person, house.ticket), POLE),
    "can_book": (lambda person, house: perms.can_book(person, house.ticket), PTCE | POLE | {"delegate"}),
    "can_complete_details": (
        lambda person, house: perms.can_complete_details(person, house.ticket),
        PTCE | POLE | {"delegate"},
    ),
    "can_change_booking": (
        lambda person, house: perms.can_change_booking(person, house.appointment),
        PTCE | POLE | {"delegate"},
    ),
    "can_leave_waiting": (
        lambda person, house: perms.can_leave_waiting(person, house.entry),
        PTCE | POLE | {"delegate"},
    ),
    "can_open_emergency": (
        lambda person, house: perms.can_open_emergency(person, house.ticket),
        POLE | {"delegate"},
    ),
    "can_vouch": (
        lambda person, house: perms.can_vouch(person, house.ticket.organisation),
        WHOLE_POLE | {"delegate"},
    ),
    "can_split": (lambda person, house: perms.can_split(person, house.ticket), POLE),
    "can_read_part of the federation": (
        lambda person, house: perms.can_read_part(person, house.federation, house.parts),
        POLE,
    ),
    "can_read_part of RTES": (
        lambda person, house: perms.can_read_part(person, house.rtes, house.parts),
        POLE | {"partner"},
    ),
    "can_read_part_text of the federation": (
        lambda person, house: perms.can_read_part_text(person, house.federation, house.parts),
        POLE,
    ),
    "can_read_part_text of RTES": (
        lambda person, house: perms.can_read_part_text(person, house.rtes, house.parts),
        {"partner"},
    ),
    "can_write_part of the federation": (
        lambda person, house: perms.can_write_part(person, house.federation),
        {"jurist"},
    ),
    "can_write_part of RTES": (lambda person, house: perms.can_write_part(person, house.rtes), {"partner"}),
    "can_approve_part of the federation": (
        lambda person, house: perms.can_approve_part(person, house.federation),
        {"jurist"},
    ),
    "can_approve_part of RTES": (lambda person, house: perms.can_approve_part(person, house.rtes), {"partner"}),
}
ENDS_WITH_THE_QUESTION = {
    "can_offer_call",
    "can_book",
    "can_open_emergency",
    "can_split",
    *(f"can_{act}_part of {side}" for act in ("write", "approve") for side in ("the federation", "RTES")),
}


def allowed(house: House, right: str) -> set[str]:
    may = RIGHTS[right][0]
    return {name for name, person in house.people.items() if may(person, house)}


def test_each_role_has_its_rights_and_no_other(house: House) -> None:
    assert {right: allowed(house, right) for right in RIGHTS} == {right: who for right, (_, who) in RIGHTS.items()}


def test_every_right_stands_in_the_table() -> None:
    known = {name for name in vars(perms) if name.startswith("can_")}
    assert known == {right.split()[0] for right in RIGHTS if right.startswith("can_")}


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.CLOSED])
def test_once_the_question_is_answered_nothing_new_begins(house: House, status: Status) -> None:
    house.ticket.status = status
    with db.session.no_autoflush:
        changed = {right for right in RIGHTS if allowed(house, right) != RIGHTS[right][1]}
        assert changed == ENDS_WITH_THE_QUESTION | {"can_complete_details"}
        assert allowed(house, "can_complete_details") == POLE | {"delegate"}
        assert not any(allowed(house, right) for right in ENDS_WITH_THE_QUESTION)


@pytest.mark.parametrize("level", [0, 1])
def test_below_level_two_nobody_opens_an_emergency_call(house: House, level: int) -> None:
    house.ticket.urgency = level
    assert allowed(house, "can_open_emergency") == set()


def test_a_partner_jurist_who_holds_the_call_sees_it(house: House) -> None:
    slot = house.appointment.slot
    for name in ("partner_elsewhere", "partner_conflicted"):
        taken = Attendance(person_id=house.people[name].id, starts_at=slot.starts_at, ends_at=slot.ends_at)
        house.appointment.attendances.append(taken)
    assert allowed(house, "can_see_appointment") == PTCE | POLE | {"delegate", "partner", "partner_elsewhere"}
    assert allowed(house, "can_prepare") == POLE


def test_a_part_that_nobody_answers_is_open_to_every_partner_without_a_conflict(house: House) -> None:
    house.rtes.answerer_id = None
    db.session.commit()
    partners = {"partner", "partner_elsewhere"}
    assert allowed(house, "can_read_part of RTES") == POLE | partners
    assert allowed(house, "can_write_part of RTES") == partners
    assert allowed(house, "can_approve_part of RTES") == set()


def test_each_side_reads_the_other_once_both_have_approved(house: House) -> None:
    house.rtes.approved_at = clock.now()
    assert allowed(house, "can_read_part of the federation") == POLE
    house.federation.approved_at = clock.now()
    for side in ("the federation", "RTES"):
        assert allowed(house, f"can_read_part of {side}") == POLE | {"partner"}
        assert allowed(house, f"can_read_part_text of {side}") == POLE | {"partner"}


def test_without_a_delegation_the_pole_books_and_vouches_alone(app: Flask) -> None:
    ptce = make_ptce(departement="974", delegation=None)
    ticket, jurist, delegate = make_ptce_question(ptce), PersonFactory(jurist=True), PersonFactory(delegate=True)
    assert perms.can_book(jurist, ticket)
    assert perms.can_vouch(jurist, ptce)
    assert not perms.can_book(delegate, ticket)
    assert not perms.can_vouch(delegate, ptce)


@pytest.mark.parametrize("answerer", ["partner", "partner_elsewhere", "partner_conflicted", None])
def test_the_list_of_parts_shows_what_may_be_read(house: House, answerer: str | None) -> None:
    house.rtes.answerer_id = house.people[answerer].id if answerer else None
    db.session.commit()
    for name, person in house.people.items():
        rows = db.session.scalars(sa.select(QuestionPart).where(perms.part_visible_to(person))).all()
        expected = [one for one in house.parts if perms.can_read_part(person, one, house.parts)]
        assert list(rows) == (expected if perms.is_partner(person) else []), name


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ("all", None, "open"),
        ("all", {"has_charter": True}, "open"),
        ("charter", None, "none"),
        ("charter", {"has_charter": True}, "charter"),
        ("charter", {"is_network_member": True, "has_charter": True}, "membership"),
        ("member", {"has_charter": True}, "none"),
        ("member", {"is_network_member": True}, "membership"),
        ("member", {"vouched_at": clock.now()}, "vouched"),
        ("charter", {"vouched_at": clock.now(), "has_charter": True}, "vouched"),
    ],
)
def test_what_entitles_a_ptce_under_each_rule(
    app: Flask, rule: str, values: dict[str, object] | None, expected: str
) -> None:
    ptce, profile = make_ptce(), PtceProfile(**values) if values is not None else None
    assert perms.entitlement(rule, ptce, profile).value == expected


def test_a_structure_that_is_no_ptce_is_never_entitled(house: House) -> None:
    member = house.people["member"].mandates[0].organisation
    for rule in ("all", "charter", "member"):
        assert perms.entitlement(rule, member, PtceProfile(vouched_at=clock.now())).value == "none"
        assert not perms.can_vouch(house.people["lead"], member)
