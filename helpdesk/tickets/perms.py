"""Who may see and do what with a question. Pure functions of a person and a question with its rows loaded.

The same function guards the operation, hides the button and is tested in a table. :func:`visible_to` is the SQL
twin of :func:`can_view`; a test holds the two together on every combination.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from helpdesk.accounts.enums import MandateScope
from helpdesk.accounts.models import Organisation, Person
from helpdesk.reference import get_reference
from helpdesk.tickets.enums import ActorRole, Audience, CloseReason, Status
from helpdesk.tickets.models import ConflictOfInterest, Message, Ticket, TicketCopy, TicketShare
from helpdesk.tickets.workflow import DESKS

OWN_ORGANISATION_SCOPES = (MandateScope.STRUCTURE, MandateScope.GROUP)


def is_conflicted(person: Person, ticket: Ticket) -> bool:
    """A declared conflict of interest: the person neither sees nor touches the question, whatever their role."""
    return any(conflict.person_id == person.id for conflict in ticket.conflicts)


def is_delegate_of(person: Person, ticket: Ticket) -> bool:
    """A delegate who sees the question: of the delegation in charge or in copy, unless it is the pole's alone.

    A sensitive question is seen by the delegate in charge of it or who typed it in, and, as long as nobody is in
    charge, by every delegate of the delegation: somebody has to open it.
    """
    if not person.delegations & ticket.delegations or ticket.is_pole_only:
        return False
    if not ticket.is_sensitive:
        return True
    if person.id in (ticket.delegate_id, ticket.entered_by_id):
        return True
    return ticket.delegate_id is None and ticket.delegation in person.delegations


def is_member_of(person: Person, ticket: Ticket) -> bool:
    """Somebody of the structure: the asker while their mandate lasts, those the asker shared it with, and, unless
    it is sensitive, those whose mandate sees all questions of the structure or of its group.
    """
    organisation = ticket.organisation
    mandates = person.active_mandates
    belongs = any(mandate.organisation_id == organisation.id for mandate in mandates)
    groups = any(
        mandate.scope is MandateScope.GROUP and mandate.organisation_id == organisation.group_id for mandate in mandates
    )
    if ticket.asker_id == person.id and belongs:
        return True
    if any(share.person_id == person.id for share in ticket.shares) and (belongs or groups):
        return True
    if ticket.is_sensitive:
        return False
    return groups or any(
        mandate.organisation_id == organisation.id and mandate.scope in OWN_ORGANISATION_SCOPES for mandate in mandates
    )


def role_on(person: Person, ticket: Ticket) -> ActorRole | None:
    """The role in which a person deals with this question; none: it is not theirs to see."""
    if not person.is_active or is_conflicted(person, ticket):
        return None
    if person.is_pole:
        return ActorRole.JURIST
    if is_delegate_of(person, ticket):
        return ActorRole.DELEGATE
    if is_member_of(person, ticket):
        return ActorRole.MEMBER
    return None


def can_view(person: Person, ticket: Ticket) -> bool:
    """Jurists and the lead all questions, delegates and members as above; nobody with a declared conflict."""
    return role_on(person, ticket) is not None


def can_read(person: Person, ticket: Ticket, message: Message) -> bool:
    """Members what is meant for them and published; delegates also the staff's notes; the pole everything."""
    role = role_on(person, ticket)
    if role is ActorRole.JURIST:
        return True
    if role is ActorRole.DELEGATE:
        return message.audience is not Audience.POLE
    return role is ActorRole.MEMBER and message.audience is Audience.EVERYONE and message.published_at is not None


def is_staff_on(person: Person, ticket: Ticket) -> bool:
    """Of the staff of this question: notes, call summaries, presence, drafts."""
    return role_on(person, ticket) in (ActorRole.DELEGATE, ActorRole.JURIST)


def is_in_charge_region(person: Person, ticket: Ticket) -> bool:
    """A delegate of the delegation in charge; in the national queue, the pole."""
    role = role_on(person, ticket)
    if ticket.delegation is None:
        return role is ActorRole.JURIST
    return role is ActorRole.DELEGATE and ticket.delegation in person.delegations


def is_reserved_to_pole(ticket: Ticket) -> bool:
    """A topic never answered at first level, a question kept for the pole, or one without a topic yet."""
    if ticket.is_pole_only or ticket.topic is None:
        return True
    return get_reference().topics[ticket.topic].is_reserved_to_pole


def can_take_regional(person: Person, ticket: Ticket) -> bool:
    """A delegate of the delegation in charge, while the question is to be triaged."""
    return (
        ticket.status is Status.TRIAGE
        and role_on(person, ticket) is ActorRole.DELEGATE
        and (ticket.delegation in person.delegations)
    )


def can_transmit(person: Person, ticket: Ticket) -> bool:
    """A delegate of the delegation in charge, or the pole in the national queue."""
    return ticket.status in (Status.TRIAGE, Status.REGIONAL) and is_in_charge_region(person, ticket)


def can_take(person: Person, ticket: Ticket) -> bool:
    """A jurist: from the pole's queue, from a colleague, from the national queue, and, from level 2 on, straight
    from the delegation.
    """
    if role_on(person, ticket) is not ActorRole.JURIST or ticket.jurist_id == person.id:
        return False
    if ticket.status in (Status.POLE, Status.STUDY):
        return True
    return ticket.status in (Status.TRIAGE, Status.REGIONAL) and (ticket.urgency >= 2 or ticket.delegation is None)


def can_hand_over(person: Person, ticket: Ticket) -> bool:
    """The pole in its queue; a delegate, to another delegate of the same delegation, when they took it."""
    role = role_on(person, ticket)
    if role is ActorRole.JURIST:
        return ticket.status in (Status.POLE, Status.STUDY)
    return role is ActorRole.DELEGATE and ticket.status is Status.REGIONAL and is_in_charge_region(person, ticket)


def can_release(person: Person, ticket: Ticket) -> bool:
    """The jurist who studies the question, or the lead."""
    return (
        ticket.status is Status.STUDY
        and role_on(person, ticket) is ActorRole.JURIST
        and (ticket.jurist_id == person.id or person.is_lead)
    )


def can_send_back(person: Person, ticket: Ticket) -> bool:
    """A jurist, when there is a delegation to send it back to."""
    return (
        ticket.status in (Status.POLE, Status.STUDY)
        and ticket.delegation is not None
        and not ticket.is_pole_only
        and role_on(person, ticket) is ActorRole.JURIST
    )


def can_answer(person: Person, ticket: Ticket) -> bool:
    """A jurist in the pole's queue or where they may take the question; a delegate in charge, with the personal
    right to answer, on a topic that is not reserved to the pole.
    """
    role = role_on(person, ticket)
    if ticket.status not in DESKS:
        return False
    if role is ActorRole.JURIST:
        return can_take(person, ticket) or (ticket.jurist_id == person.id and ticket.status is Status.STUDY)
    return (
        role is ActorRole.DELEGATE
        and ticket.status in (Status.TRIAGE, Status.REGIONAL)
        and is_in_charge_region(person, ticket)
        and person.can_answer_first_level
        and not is_reserved_to_pole(ticket)
    )


def can_ask_detail(person: Person, ticket: Ticket) -> bool:
    """Whoever has the question on their desk: the delegation in charge, or the pole."""
    if ticket.status in (Status.TRIAGE, Status.REGIONAL):
        return is_in_charge_region(person, ticket) or can_take(person, ticket)
    return ticket.status in (Status.POLE, Status.STUDY) and role_on(person, ticket) is ActorRole.JURIST


def can_resume(person: Person, ticket: Ticket) -> bool:
    """The staff whose desk gets the question back, when the asker gave the detail otherwise or does not reply."""
    if ticket.status is not Status.WAITING:
        return False
    if ticket.returns_to in (Status.TRIAGE, Status.REGIONAL):
        return is_in_charge_region(person, ticket)
    return role_on(person, ticket) is ActorRole.JURIST


def can_relay(person: Person, ticket: Ticket) -> bool:
    """A delegate of the delegation in charge, while the pole's answer waits for their word."""
    return (
        ticket.status is Status.RELAY
        and role_on(person, ticket) is ActorRole.DELEGATE
        and ticket.delegation in person.delegations
    )


def can_correct(person: Person, ticket: Ticket) -> bool:
    """A jurist any answer; a delegate the answers of the delegation, with the right to answer."""
    if ticket.status is Status.ANSWERED or ticket.close_reason is CloseReason.ANSWERED:
        role = role_on(person, ticket)
        if role is ActorRole.JURIST:
            return True
        return (
            role is ActorRole.DELEGATE
            and is_in_charge_region(person, ticket)
            and person.can_answer_first_level
            and not is_reserved_to_pole(ticket)
            and ticket.jurist_id is None
        )
    return False


def can_close_without_answer(person: Person, ticket: Ticket) -> bool:
    """Duplicate or out of scope: whoever has the question on their desk."""
    return can_ask_detail(person, ticket)


def can_close_by_faq(person: Person, ticket: Ticket) -> bool:
    """An entry answers: the asker says so before the pole has the question, or the desk of first level sends it."""
    if ticket.status not in (Status.TRIAGE, Status.REGIONAL, Status.WAITING):
        return False
    if role_on(person, ticket) is ActorRole.MEMBER:
        return ticket.asker_id == person.id
    return ticket.status is not Status.WAITING and is_in_charge_region(person, ticket)


def can_close(person: Person, ticket: Ticket) -> bool:
    """The staff of an answered question; the clock does it by itself after ``CLOSE_ANSWERED_DAYS``."""
    return ticket.status is Status.ANSWERED and is_staff_on(person, ticket)


def can_note(person: Person, ticket: Ticket) -> bool:
    """The staff of the question, in any status."""
    return is_staff_on(person, ticket)


def can_add(person: Person, ticket: Ticket) -> bool:
    """The members who see it: complete, give a detail, follow up."""
    return role_on(person, ticket) is ActorRole.MEMBER


def can_withdraw(person: Person, ticket: Ticket) -> bool:
    """The asker alone, as long as nothing was answered; the staff on the asker's behalf."""
    if ticket.status not in (*DESKS, Status.WAITING):
        return False
    role = role_on(person, ticket)
    if role is ActorRole.MEMBER:
        return ticket.asker_id == person.id
    return role is ActorRole.JURIST or is_in_charge_region(person, ticket)


def can_give_feedback(person: Person, ticket: Ticket) -> bool:
    """The asker, once answered."""
    return ticket.asker_id == person.id and ticket.answered_at is not None and can_add(person, ticket)


def can_share(person: Person, ticket: Ticket) -> bool:
    """The asker decides who else of the structure or the group sees the question."""
    return ticket.asker_id == person.id and can_add(person, ticket)


def can_mark(person: Person, ticket: Ticket) -> bool:
    """Topic, urgency, deadline, sensitive, conflict: the delegation in charge or the pole."""
    role = role_on(person, ticket)
    return role is ActorRole.JURIST or (role is ActorRole.DELEGATE and ticket.delegation in person.delegations)


def can_mark_sensitive(person: Person, ticket: Ticket) -> bool:
    """The asker and the staff in charge may hide it; only the staff may lift the mask."""
    return can_mark(person, ticket) or (
        not ticket.is_sensitive and ticket.asker_id == person.id and can_add(person, ticket)
    )


def can_reserve_to_pole(person: Person, ticket: Ticket) -> bool:
    """The pole; the delegation then no longer sees the question."""
    return role_on(person, ticket) is ActorRole.JURIST


def can_exclude(person: Person, ticket: Ticket, other: Person) -> bool:
    """Declare a conflict of interest: a jurist for anybody of the staff; a delegate of the delegation in charge for
    themselves and the delegates of that delegation, never for the pole; a delegate in copy for themselves.
    """
    if role_on(other, ticket) not in (ActorRole.DELEGATE, ActorRole.JURIST) or not is_staff_on(person, ticket):
        return False
    if person.id == other.id or role_on(person, ticket) is ActorRole.JURIST:
        return True
    return ticket.delegation in person.delegations and role_on(other, ticket) is ActorRole.DELEGATE


def can_lift_conflict(person: Person, ticket: Ticket) -> bool:
    """A jurist who is not concerned: nobody lifts their own."""
    return bool(ticket.conflicts) and role_on(person, ticket) is ActorRole.JURIST


def can_move_structure(person: Person, ticket: Ticket) -> bool:
    """A wrong structure is mended by the staff in charge, at any time."""
    return can_mark(person, ticket)


def can_erase(person: Person, ticket: Ticket) -> bool:
    """A jurist, what was closed as out of scope: an employee wrote here by mistake."""
    return ticket.close_reason is CloseReason.OUT_OF_SCOPE and role_on(person, ticket) is ActorRole.JURIST


def can_complete(person: Person, ticket: Ticket) -> bool:
    """The staff who typed it in during a call, and whoever is in charge."""
    return ticket.is_incomplete and is_staff_on(person, ticket)


class Sight(NamedTuple):
    """Which alternatives somebody's rights open: the shape of :func:`visible_to`, the same for many people."""

    is_active: bool
    is_pole: bool
    is_delegate: bool
    is_member: bool
    sees_structures: bool
    sees_groups: bool


@dataclass(frozen=True)
class Reader:
    """What decides what somebody sees: values, or the parameters of a statement that is kept ready."""

    sight: Sight
    id: Any
    delegations: Any
    own: Any
    """Structures the person holds a mandate in."""
    whole: Any
    """Those of them whose every question the mandate shows."""
    groups: Any

    def values(self) -> dict[str, Any]:
        """The parameters of a statement made for :func:`any_reader`."""
        return {f"reader_{name}": getattr(self, name) for name in ("id", *_READER_LISTS)}


_READER_LISTS = ("delegations", "own", "whole", "groups")


def reader_of(person: Person) -> Reader:
    """What decides what *person* sees."""
    mandates = person.active_mandates
    delegations = sorted(person.delegations)
    whole = [mandate.organisation_id for mandate in mandates if mandate.scope in OWN_ORGANISATION_SCOPES]
    groups = [mandate.organisation_id for mandate in mandates if mandate.scope is MandateScope.GROUP]
    sight = Sight(
        is_active=person.is_active,
        is_pole=person.is_pole,
        is_delegate=bool(delegations),
        is_member=bool(mandates),
        sees_structures=bool(whole),
        sees_groups=bool(groups),
    )
    own = [mandate.organisation_id for mandate in mandates]
    return Reader(sight, person.id, delegations, own, whole, groups)


@cache
def any_reader(sight: Sight) -> Reader:
    """Whoever has these rights; :meth:`Reader.values` gives the parameters of one of them.

    Writing a condition anew costs more than running it: statements are therefore made once for each sight.
    """
    return Reader(
        sight,
        sa.bindparam("reader_id", type_=sa.Integer()),
        *(sa.bindparam(f"reader_{name}", expanding=True) for name in _READER_LISTS),
    )


def visible_to(person: Person) -> sa.ColumnElement[bool]:
    """The condition of :func:`can_view`, for lists, counts, searches and exports."""
    return visible_by(reader_of(person))


def visible_by(reader: Reader) -> sa.ColumnElement[bool]:
    """:func:`visible_to`, also for a statement that is kept ready."""
    if not reader.sight.is_active:
        return sa.false()
    if reader.sight.is_pole:
        return without_conflict(reader)
    conditions = [*delegate_conditions(reader), *member_conditions(reader)]
    return sa.and_(without_conflict(reader), sa.or_(sa.false(), *conditions))


def visible_as_staff(person: Person) -> sa.ColumnElement[bool]:
    """:func:`visible_to`, without what a delegate sees as a member of a structure of their own."""
    reader = reader_of(person)
    return visible_by(replace(reader, sight=reader.sight._replace(is_member=False)))


def without_conflict(reader: Reader) -> sa.ColumnElement[bool]:
    """No conflict of interest was declared for the reader."""
    return ~sa.exists().where(ConflictOfInterest.ticket_id == Ticket.id, ConflictOfInterest.person_id == reader.id)


def delegate_conditions(reader: Reader) -> list[sa.ColumnElement[bool]]:
    """The questions seen as a delegate, alternatives to be joined by OR; none: not a delegate.

    SQLite must not look the delegation up in an index here: it would read and sort its whole history for a page.
    """
    if not reader.sight.is_delegate:
        return []
    codes = reader.delegations
    copied = Ticket.id.in_(sa.select(TicketCopy.ticket_id).where(TicketCopy.delegation.in_(codes)))
    mine = sa.or_(Ticket.delegate_id == reader.id, Ticket.entered_by_id == reader.id)
    unclaimed = sa.and_(Ticket.delegate_id.is_(None), Ticket.delegation.in_(codes))
    return [
        sa.and_(
            Ticket.is_pole_only.is_(False),
            sa.or_(sa.func.coalesce(Ticket.delegation, "").in_(codes), copied),
            sa.or_(Ticket.is_sensitive.is_(False), mine, unclaimed),
        )
    ]


def member_conditions(reader: Reader) -> list[sa.ColumnElement[bool]]:
    """The questions seen through mandates, alternatives to be joined by OR; none: no mandate."""
    sight = reader.sight
    if not sight.is_member:
        return []
    belongs = Ticket.organisation_id.in_(reader.own)
    near = [belongs]
    whole = [Ticket.organisation_id.in_(reader.whole)] if sight.sees_structures else []
    if sight.sees_groups:
        grouped = Ticket.organisation_id.in_(sa.select(Organisation.id).where(Organisation.group_id.in_(reader.groups)))
        near, whole = [*near, grouped], [*whole, grouped]
    shared = Ticket.id.in_(sa.select(TicketShare.ticket_id).where(TicketShare.person_id == reader.id))
    seen = [sa.and_(Ticket.asker_id == reader.id, belongs), shared]
    if whole:
        seen.append(sa.and_(Ticket.is_sensitive.is_(False), sa.or_(*whole)))
    return [sa.and_(sa.or_(*near), sa.or_(*seen))]


def visible_messages_to(role: ActorRole) -> sa.ColumnElement[bool]:
    """The condition of :func:`can_read`, given the role on the question."""
    if role is ActorRole.JURIST:
        return sa.true()
    if role is ActorRole.DELEGATE:
        return Message.audience != Audience.POLE
    return sa.and_(Message.audience == Audience.EVERYONE, Message.published_at.is_not(None))
