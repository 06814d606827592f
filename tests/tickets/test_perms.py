"""Every role × every action × whose question: one table. And the SQL twin of « may see » on all of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope
from helpdesk.accounts.models import Organisation, Person
from helpdesk.db import db
from helpdesk.errors import NotFound
from helpdesk.tickets import operations, perms, queries
from helpdesk.tickets.enums import Status
from helpdesk.tickets.models import Ticket
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.factories.tickets import RESERVED_TOPIC, bring_to, make_asker, make_ticket
from tests.support.scenes import Keep


@dataclass(frozen=True)
class House:
    """The people and the questions of the tables, by name."""

    people: dict[str, Person]
    tickets: dict[str, Ticket]


def _structures() -> dict[str, Organisation]:
    ges = OrganisationFactory(ges=True)
    return {
        "ges": ges,
        "home": OrganisationFactory(group_id=ges.id),
        "other": OrganisationFactory(),
        "away": OrganisationFactory(departement="44", delegation="pays-de-la-loire", city="Nantes"),
        "national": OrganisationFactory(national=True),
    }


def _people(structures: dict[str, Organisation]) -> dict[str, Person]:
    home = structures["home"]
    people = {
        "asker": make_asker(home),
        "colleague_all": PersonFactory(),
        "colleague_own": PersonFactory(),
        "shared_colleague": PersonFactory(),
        "former": PersonFactory(),
        "ges_director": PersonFactory(),
        "ges_staff": PersonFactory(),
        "other_member": make_asker(structures["other"]),
        "away_member": make_asker(structures["away"]),
        "delegate": PersonFactory(delegate=True, can_answer=True),
        "delegate_no_right": PersonFactory(delegate=True),
        "delegate_away": PersonFactory(delegate=True, delegation="pays-de-la-loire", can_answer=True),
        "delegate_copied": PersonFactory(delegate=True, delegation="normandie", can_answer=True),
        "jurist": PersonFactory(jurist=True),
        "jurist_in_charge": PersonFactory(jurist=True),
        "jurist_conflicted": PersonFactory(jurist=True),
        "lead": PersonFactory(lead=True),
        "partner_jurist": PersonFactory(partner_jurist=True),
        "admin": PersonFactory(admin=True),
        "nobody": PersonFactory(),
    }
    give_mandate(people["colleague_all"], home, scope=MandateScope.STRUCTURE)
    give_mandate(people["colleague_own"], home, scope=MandateScope.OWN)
    give_mandate(people["shared_colleague"], home, scope=MandateScope.OWN)
    give_mandate(people["former"], home, scope=MandateScope.STRUCTURE, ends_on=clock.today() - timedelta(days=1))
    give_mandate(people["ges_director"], structures["ges"], scope=MandateScope.GROUP)
    give_mandate(people["ges_staff"], structures["ges"], scope=MandateScope.STRUCTURE)
    return people


def _tickets(structures: dict[str, Organisation], people: dict[str, Person]) -> dict[str, Ticket]:
    asker, lead = people["asker"], people["lead"]
    tickets = {
        "own": make_ticket(asker),
        "colleague": make_ticket(people["colleague_all"]),
        "other_structure": make_ticket(people["other_member"]),
        "other_region": make_ticket(people["away_member"]),
        "national": make_ticket(make_asker(structures["national"])),
        "sensitive": make_ticket(asker, is_sensitive=True),
        "sensitive_shared": make_ticket(asker, is_sensitive=True),
        "sensitive_taken": make_ticket(asker, is_sensitive=True),
        "conflicted": make_ticket(asker),
        "pole_only": make_ticket(asker),
        "copied": make_ticket(asker),
        "former_own": make_ticket(people["colleague_own"]),
    }
    operations.share(asker, tickets["sensitive_shared"], people["shared_colleague"].id)
    operations.take_regional(people["delegate"], tickets["sensitive_taken"])
    operations.declare_conflict(lead, tickets["conflicted"], people["jurist_conflicted"], reason="Créancier adhérent.")
    operations.declare_conflict(lead, tickets["conflicted"], people["delegate_no_right"], reason="Ancienne collègue.")
    operations.set_pole_only(lead, tickets["pole_only"], is_pole_only=True)
    operations.copy_to_delegation(lead, tickets["copied"], "normandie")
    return tickets


def make_house() -> House:
    structures = _structures()
    people = _people(structures)
    return House(people, _tickets(structures, people))


@pytest.fixture
def house(kept: Keep) -> House:
    return kept(make_house)


HOME_MEMBERS = {"asker", "colleague_all", "ges_director"}
POLE = {"jurist", "jurist_in_charge", "jurist_conflicted", "lead"}
REGION = {"delegate", "delegate_no_right"}

MAY_SEE: dict[str, set[str]] = {
    "own": HOME_MEMBERS | REGION | POLE,
    "colleague": HOME_MEMBERS | REGION | POLE,
    "other_structure": {"other_member"} | REGION | POLE,
    "other_region": {"away_member", "delegate_away"} | POLE,
    "national": POLE,
    "sensitive": {"asker"} | REGION | POLE,
    "sensitive_shared": {"asker", "shared_colleague"} | REGION | POLE,
    "sensitive_taken": {"asker", "delegate"} | POLE,
    "conflicted": HOME_MEMBERS | {"delegate"} | POLE - {"jurist_conflicted"},
    "pole_only": HOME_MEMBERS | POLE,
    "copied": HOME_MEMBERS | REGION | {"delegate_copied"} | POLE,
    "former_own": HOME_MEMBERS | {"colleague_own"} | REGION | POLE,
}


def test_each_person_sees_what_the_table_says_and_nothing_else(house: House) -> None:
    wrong = []
    for ticket_name, allowed in MAY_SEE.items():
        for person_name, person in house.people.items():
            seen = perms.can_view(person, house.tickets[ticket_name])
            if seen is not (person_name in allowed):
                wrong.append((ticket_name, person_name, seen))
    assert wrong == []
    assert set(MAY_SEE) == set(house.tickets)


def test_the_sql_condition_is_the_twin_of_may_see(house: House) -> None:
    tickets = db.session.scalars(sa.select(Ticket)).all()
    for name, person in house.people.items():
        in_sql = set(db.session.scalars(queries.visible_tickets(person)))
        in_python = {ticket for ticket in tickets if perms.can_view(person, ticket)}
        assert in_sql == in_python, name


def test_a_foreign_question_cannot_be_told_from_one_that_does_not_exist(house: House) -> None:
    for ticket_name, allowed in MAY_SEE.items():
        for person_name in set(house.people) - allowed:
            with pytest.raises(NotFound):
                queries.get_visible_ticket(house.people[person_name], house.tickets[ticket_name].reference)
    with pytest.raises(NotFound):
        queries.get_visible_ticket(house.people["lead"], "Q-1999-0001")


def test_an_inactive_person_sees_nothing(house: House) -> None:
    for name in ("asker", "delegate", "jurist", "lead"):
        person = house.people[name]
        person.is_active = False
        assert not db.session.scalars(queries.visible_tickets(person)).all(), name
        assert not any(perms.can_view(person, ticket) for ticket in house.tickets.values()), name


Permission = Callable[[Person, Ticket], bool]
CAST = (
    "asker",
    "colleague_all",
    "colleague_own",
    "other_member",
    "delegate",
    "delegate_no_right",
    "delegate_away",
    "jurist",
    "jurist_in_charge",
    "lead",
    "partner_jurist",
    "admin",
)
DESK_REGION = {"delegate", "delegate_no_right"}
PEN = {"jurist", "jurist_in_charge", "lead"}
STAFF = DESK_REGION | PEN
READERS = {"asker", "colleague_all"}

MAY_DO: dict[Permission, dict[Status, set[str]]] = {
    perms.can_take_regional: {Status.TRIAGE: DESK_REGION},
    perms.can_transmit: {Status.TRIAGE: DESK_REGION, Status.REGIONAL: DESK_REGION},
    perms.can_take: {Status.POLE: PEN, Status.STUDY: PEN - {"jurist_in_charge"}},
    perms.can_hand_over: {Status.REGIONAL: DESK_REGION, Status.POLE: PEN, Status.STUDY: PEN},
    perms.can_release: {Status.STUDY: {"jurist_in_charge", "lead"}},
    perms.can_send_back: {Status.POLE: PEN, Status.STUDY: PEN},
    perms.can_answer: {
        Status.TRIAGE: {"delegate"},
        Status.REGIONAL: {"delegate"},
        Status.POLE: PEN,
        Status.STUDY: PEN,
    },
    perms.can_ask_detail: {
        Status.TRIAGE: DESK_REGION,
        Status.REGIONAL: DESK_REGION,
        Status.POLE: PEN,
        Status.STUDY: PEN,
    },
    perms.can_close_without_answer: {
        Status.TRIAGE: DESK_REGION,
        Status.REGIONAL: DESK_REGION,
        Status.POLE: PEN,
        Status.STUDY: PEN,
    },
    perms.can_close_by_faq: {
        Status.TRIAGE: {"asker"} | DESK_REGION,
        Status.REGIONAL: {"asker"} | DESK_REGION,
        Status.WAITING: {"asker"},
    },
    perms.can_resume: {Status.WAITING: DESK_REGION},
    perms.can_relay: {Status.RELAY: DESK_REGION},
    perms.can_correct: {Status.ANSWERED: PEN},
    perms.can_close: {Status.ANSWERED: STAFF},
    perms.can_note: dict.fromkeys(Status, STAFF),
    perms.can_mark: dict.fromkeys(Status, STAFF),
    perms.can_move_structure: dict.fromkeys(Status, STAFF),
    perms.can_mark_sensitive: dict.fromkeys(Status, STAFF | {"asker"}),
    perms.can_reserve_to_pole: dict.fromkeys(Status, PEN),
    perms.can_add: dict.fromkeys(Status, READERS),
    perms.can_share: {key: {"asker"} for key in Status},
    perms.can_withdraw: {
        Status.TRIAGE: {"asker"} | STAFF,
        Status.REGIONAL: {"asker"} | STAFF,
        Status.POLE: {"asker"} | STAFF,
        Status.STUDY: {"asker"} | STAFF,
        Status.WAITING: {"asker"} | STAFF,
    },
    perms.can_give_feedback: {Status.ANSWERED: {"asker"}},
    perms.can_erase: {Status.CLOSED: PEN},
    perms.can_complete: {},
}


def test_each_action_is_open_to_whom_the_table_says_in_each_status(app: Flask) -> None:
    structures = _structures()
    people = _people(structures)
    tickets = {}
    for status in Status:
        ticket = make_ticket(people["asker"])
        if status is not Status.TRIAGE and status is not Status.RELAY:
            bring_to(ticket, status, delegate=people["delegate"], jurist=people["jurist_in_charge"])
        tickets[status] = ticket
    relayed = tickets[Status.RELAY]
    operations.transmit(people["delegate"], relayed)
    operations.take(people["jurist_in_charge"], relayed)
    relayed.status = Status.RELAY
    wrong = []
    for permission, by_status in MAY_DO.items():
        for status, ticket in tickets.items():
            for name in CAST:
                allowed = permission(people[name], ticket)
                if allowed is not (name in by_status.get(status, set())):
                    wrong.append((permission.__name__, status.value, name, allowed))
    db.session.rollback()
    assert wrong == []


def test_the_table_names_every_permission() -> None:
    elsewhere = {"can_view", "can_read", "can_exclude", "can_lift_conflict"}
    named = {permission.__name__ for permission in MAY_DO} | elsewhere
    assert named == {name for name in dir(perms) if name.startswith("can_")}


def test_a_reserved_topic_is_never_answered_at_first_level(app: Flask) -> None:
    delegate = PersonFactory(delegate=True, can_answer=True)
    assert perms.can_answer(delegate, make_ticket())
    assert not perms.can_answer(delegate, make_ticket(topic=RESERVED_TOPIC))
    assert not perms.can_answer(delegate, make_ticket(topic=None))


def test_from_level_two_a_jurist_takes_straight_from_the_delegation(app: Flask) -> None:
    jurist = PersonFactory(jurist=True)
    assert not perms.can_take(jurist, make_ticket())
    assert perms.can_take(jurist, make_ticket(urgency=2))


def test_the_pole_triages_the_national_queue_and_takes_from_it(app: Flask) -> None:
    jurist, delegate = PersonFactory(jurist=True), PersonFactory(delegate=True, can_answer=True)
    ticket = make_ticket(organisation=OrganisationFactory(national=True))
    assert perms.can_take(jurist, ticket)
    assert perms.can_transmit(jurist, ticket)
    assert not perms.can_view(delegate, ticket)


def test_a_member_reads_neither_notes_nor_an_answer_at_the_relay(app: Flask) -> None:
    asker = make_asker()
    jurist = PersonFactory(jurist=True)
    delegate = PersonFactory(delegate=True)
    ticket = make_ticket(asker, status=Status.STUDY, jurist=jurist)
    operations.add_note(jurist, ticket, text="Pour la délégation.")
    operations.add_note(jurist, ticket, text="Pour le pôle seul.", is_for_pole=True)
    assert [message.body for message in queries.readable_messages(asker, ticket)] == [ticket.messages[0].body]
    assert "Pour le pôle seul." not in {message.body for message in queries.readable_messages(delegate, ticket)}
    assert len(queries.readable_messages(delegate, ticket)) == 2
    assert len(queries.readable_messages(jurist, ticket)) == 3
    for person in (asker, delegate, jurist):
        readable = {message.id for message in queries.readable_messages(person, ticket)}
        assert readable == {message.id for message in ticket.messages if perms.can_read(person, ticket, message)}
