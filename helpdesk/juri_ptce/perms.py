"""Who may see and do what with sessions, appointments and parts. Pure functions of people and rows loaded.

A question keeps its own rights: nothing here shows more of it than :mod:`helpdesk.tickets.perms` does, except a
partner jurist's own part. :func:`part_visible_to` is the SQL twin of :func:`can_read_part`.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from helpdesk.accounts.enums import OrganisationKind
from helpdesk.accounts.models import Organisation, Person
from helpdesk.juri_ptce.enums import Entitlement, PartSide
from helpdesk.juri_ptce.models import Appointment, PtceDetails, PtceProfile, QuestionPart, WaitingEntry
from helpdesk.reference import get_reference
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.enums import OPEN_STATUSES, ActorRole, Status
from helpdesk.tickets.models import ConflictOfInterest, Ticket


def is_partner(person: Person) -> bool:
    """A jurist of the partner network, and not of the pole."""
    return person.is_active and person.is_partner


def is_host_to_be(person: Person) -> bool:
    """Who may hold a session: the pole and the partner jurists."""
    return person.is_active and (person.is_pole or is_partner(person))


def can_see_sessions(person: Person) -> bool:
    """The calendar, without a word of any question: the staff and the partner jurists."""
    return person.is_active and (person.is_staff or is_partner(person))


def can_manage_sessions(person: Person) -> bool:
    """Decide on a proposed day, move or cancel a session, say who holds it and where: the pole."""
    return person.is_active and person.is_pole


def can_see_appointment(person: Person, appointment: Appointment, parts: Sequence[QuestionPart] = ()) -> bool:
    """Whoever sees the question; a partner jurist who attends the call or answers a part of the question."""
    if ticket_perms.can_view(person, appointment.ticket):
        return True
    if not is_partner(person) or ticket_perms.is_conflicted(person, appointment.ticket):
        return False
    return attends(person, appointment) or any(can_read_part(person, part, parts) for part in parts)


def attends(person: Person, appointment: Appointment) -> bool:
    return any(one.person_id == person.id for one in appointment.attendances)


def can_prepare(person: Person, appointment: Appointment) -> bool:
    """Preparation, start, absence, notes, account: the pole, where it sees the question."""
    return ticket_perms.role_on(person, appointment.ticket) is ActorRole.JURIST


def can_offer_call(person: Person, ticket: Ticket) -> bool:
    """A jurist, while the question is open."""
    return ticket_perms.role_on(person, ticket) is ActorRole.JURIST and ticket.status in OPEN_STATUSES


def can_book(person: Person, ticket: Ticket) -> bool:
    """The members who see the question; the delegation in charge or the pole, for a PTCE on the phone."""
    return ticket.status in OPEN_STATUSES and _acts_for(person, ticket)


def _acts_for(person: Person, ticket: Ticket) -> bool:
    role = ticket_perms.role_on(person, ticket)
    return role is ActorRole.MEMBER or role is ActorRole.JURIST or ticket_perms.is_in_charge_region(person, ticket)


def can_complete_details(person: Person, ticket: Ticket) -> bool:
    """What goes with a PTCE's question: the staff in charge at any time, an agreement to an account comes late too;
    its members as long as it is open.
    """
    if ticket_perms.can_mark(person, ticket):
        return True
    return ticket.status in OPEN_STATUSES and ticket_perms.can_add(person, ticket)


def can_change_booking(person: Person, appointment: Appointment) -> bool:
    """Cancel or move: whoever may book, also once the question is answered; the appointment's status and the day
    decide whether it is still possible.
    """
    return _acts_for(person, appointment.ticket)


def can_leave_waiting(person: Person, entry: WaitingEntry) -> bool:
    """Wait no longer, or decline the place offered: whoever may book, also once the question is answered."""
    return _acts_for(person, entry.ticket)


def can_open_emergency(person: Person, ticket: Ticket) -> bool:
    """A call outside the sessions, the same day, for any structure: the delegation in charge or a jurist, from
    level 2 on.
    """
    if ticket.status not in OPEN_STATUSES or ticket.urgency < 2:
        return False
    return ticket_perms.role_on(person, ticket) is ActorRole.JURIST or (
        ticket_perms.role_on(person, ticket) is ActorRole.DELEGATE and ticket_perms.is_in_charge_region(person, ticket)
    )


def can_vouch(person: Person, organisation: Organisation) -> bool:
    """For a PTCE: a delegate of its delegation; the pole, and alone where there is no delegation."""
    if organisation.kind is not OrganisationKind.PTCE or not person.is_active:
        return False
    return person.is_pole or (organisation.delegation is not None and organisation.delegation in person.delegations)


def entitlement(rule: str, organisation: Organisation, profile: PtceProfile | None) -> Entitlement:
    """What entitles *organisation* to a monthly call under *rule*, the setting ``JURI_ENTITLEMENT``.

    « all »: every PTCE; « charter »: laureates and signatories, members of either network; « member »: members of
    either network alone. The delegation can vouch for a PTCE under every rule. Only a PTCE is ever entitled.
    """
    if organisation.kind is not OrganisationKind.PTCE:
        return Entitlement.NONE
    if profile is not None and profile.vouched_at is not None:
        return Entitlement.VOUCHED
    if profile is not None and profile.is_network_member:
        return Entitlement.MEMBERSHIP
    if rule == "charter" and profile is not None and profile.has_charter:
        return Entitlement.CHARTER
    return Entitlement.OPEN if rule == "all" else Entitlement.NONE


def brings_rtes_in(topic: str | None, details: PtceDetails | None) -> bool:
    """Whether the partner network answers a part: the relation with a local authority is at stake, by the topic of
    the question or in the PTCE's own words (dossier 0.3).
    """
    found = get_reference().topics.get(topic or "")
    return (found is not None and found.is_rtes_for_ptce) or (details is not None and details.involves_authority)


def can_split(person: Person, ticket: Ticket) -> bool:
    """Bring the partner network in, say what each side is asked, choose its files: a jurist of the pole, for a PTCE."""
    if ticket.organisation.kind is not OrganisationKind.PTCE or ticket.status not in OPEN_STATUSES:
        return False
    return ticket_perms.role_on(person, ticket) is ActorRole.JURIST


def can_read_part(person: Person, part: QuestionPart, parts: Sequence[QuestionPart]) -> bool:
    """Its answerer, and a partner jurist for a part of RTES that nobody holds; the other side's once all of
    *parts*, the parts of the same question, are approved. The pole reads what its side is asked, and the text of
    RTES only then (:func:`can_read_part_text`).
    """
    if not person.is_active or ticket_perms.is_conflicted(person, part.ticket):
        return False
    if ticket_perms.role_on(person, part.ticket) is ActorRole.JURIST:
        return True
    if not is_partner(person):
        return False
    if _is_open_to_partner(person, part):
        return True
    return are_approved(parts) and any(_is_open_to_partner(person, one) for one in parts)


def can_read_part_text(person: Person, part: QuestionPart, parts: Sequence[QuestionPart]) -> bool:
    """What was written in a part: its own side at any time, the other once both have approved."""
    if not can_read_part(person, part, parts):
        return False
    return are_approved(parts) or side_of(person) is part.side


def can_write_part(person: Person, part: QuestionPart) -> bool:
    """The answerer of the part; where nobody answers it yet, whoever of its side takes it first. No more once the
    answer waits at the relay: it holds both parts as they were approved.
    """
    is_at_work = part.ticket.status in OPEN_STATUSES and part.ticket.status is not Status.RELAY
    if not is_at_work or side_of(person) is not part.side:
        return False
    return can_read_part(person, part, (part,)) and part.answerer_id in (None, person.id)


def can_approve_part(person: Person, part: QuestionPart) -> bool:
    """Its answerer, once something is written."""
    return part.answerer_id == person.id and bool(part.text) and can_write_part(person, part)


def are_approved(parts: Sequence[QuestionPart]) -> bool:
    """Both visas are given: the shared answer may be read by both and sent."""
    return bool(parts) and all(part.approved_at is not None for part in parts)


def side_of(person: Person) -> PartSide:
    """The network in whose name somebody answers."""
    return PartSide.RTES if is_partner(person) else PartSide.FEDERATION


def part_visible_to(person: Person) -> sa.ColumnElement[bool]:
    """The parts that a partner jurist finds in their list: :func:`can_read_part` on the side of RTES.

    The pole finds its parts through the questions, whose own rights decide.
    """
    if not is_partner(person):
        return sa.false()
    conflicted = sa.select(ConflictOfInterest.ticket_id).where(ConflictOfInterest.person_id == person.id)
    return sa.and_(
        QuestionPart.side == PartSide.RTES,
        sa.or_(QuestionPart.answerer_id.is_(None), QuestionPart.answerer_id == person.id),
        QuestionPart.ticket_id.not_in(conflicted),
    )


def _is_open_to_partner(person: Person, part: QuestionPart) -> bool:
    return part.side is PartSide.RTES and part.answerer_id in (None, person.id)
