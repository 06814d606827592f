"""What a PTCE adds to its question, and what entitles a PTCE to a call."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind
from helpdesk.accounts.models import Organisation, Person
from helpdesk.audit import operations as audit
from helpdesk.db import db, insert, transaction
from helpdesk.errors import BadInput
from helpdesk.juri_ptce import mails, perms
from helpdesk.juri_ptce.enums import Entitlement, SessionStatus
from helpdesk.juri_ptce.models import JuriSession, PtceDetails, PtceProfile
from helpdesk.tickets import texts
from helpdesk.tickets.enums import EventKind
from helpdesk.tickets.happenings import MOVED, SENT, Facts, when
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import check_version, record, require, settings

PREFIX = "plus-"
"""How the names of the inputs begin, see the place « tickets.check_form »."""
ANY_SESSION = "peu-importe"
ID_MAX_DIGITS = 9
YES, NO = "oui", "non"
LINE_MAX_CHARS = 200
AMOUNT_MAX_CHARS = 80


_OF_QUESTION = ("carrier", "territory", "involves_authority", "amount", "wished_session_id", "may_be_published")


@dataclass(frozen=True, kw_only=True)
class DetailFields:
    """What the form gives, checked. The two about the PTCE itself: none was asked, and what is known stays."""

    carrier: str = ""
    territory: str = ""
    involves_authority: bool = False
    amount: str = ""
    wished_session_id: int | None = None
    may_be_published: bool = False
    is_network_member: bool | None = None
    has_charter: bool | None = None


def read_fields(typed: Mapping[str, str], *, kept_session_id: int | None = None) -> DetailFields:
    """Check what was typed, by the names of the inputs; nothing typed is no answer to anything.

    :param kept_session_id: the session that the question wishes for already, which may be over.
    :raises BadInput: for a wrong value, with the name of its input.
    """
    if not typed:
        return DetailFields()
    return DetailFields(
        carrier=_line(typed, "carrier", LINE_MAX_CHARS),
        territory=_line(typed, "territory", LINE_MAX_CHARS),
        involves_authority=_choice(typed, "involves_authority"),
        amount=_line(typed, "amount", AMOUNT_MAX_CHARS),
        wished_session_id=_session_id(typed.get(f"{PREFIX}wished_session", ""), kept_session_id),
        may_be_published=f"{PREFIX}may_be_published" in typed,
        is_network_member=f"{PREFIX}is_network_member" in typed,
        has_charter=f"{PREFIX}has_charter" in typed,
    )


def save_details(
    actor: Person, ticket: Ticket, fields: DetailFields, *, seen_version: int | None = None
) -> PtceDetails:
    """Keep *fields* with the question, and what they say of the PTCE; kept before, they are replaced. What changes
    makes every older view of the question stale, and its history says whether an account is agreed to.

    :raises NotAllowed: see :func:`perms.can_complete_details`.
    :raises BadInput: when the question is not a PTCE's.
    :raises Conflict: when the question changed since *seen_version*.
    """
    with transaction():
        require(perms.can_complete_details(actor, ticket))
        if ticket.organisation.kind is not OrganisationKind.PTCE:
            raise BadInput("Cette question n’est pas celle d’un PTCE.")
        check_version(ticket, seen_version)
        before = _fields_of(ticket)
        details = _keep(ticket, fields)
        if _fields_of(ticket) != before:
            flag_modified(ticket, "status")  # Its row holds the version.
            record(ticket, EventKind.DETAILS_COMPLETED, actor, may_be_published=details.may_be_published)
        return details


def vouch(actor: Person, organisation: Organisation) -> None:
    """The delegation answers for a PTCE, which may then book calls under every rule; a second word changes nothing.

    :raises NotAllowed: for anybody but a delegate of its delegation and the pole.
    """
    with transaction():
        require(perms.can_vouch(actor, organisation))
        profile = _profile_of(organisation)
        if profile.vouched_at is not None:
            return
        profile.vouched_by_id, profile.vouched_at = actor.id, clock.now()
        audit.record(actor, "ptce.vouched", "organisation", organisation.id)


def entitlement_of(organisation: Organisation) -> Entitlement:
    """What entitles a PTCE to calls under the rule of the settings; ``NONE``: in writing only."""
    profile = db.session.get(PtceProfile, organisation.id)
    return perms.entitlement(settings().juri_entitlement, organisation, profile)


def is_ptce_question(ticket: Ticket) -> bool:
    """Whether the question is one of Juri-PTCE."""
    return db.session.get(PtceDetails, ticket.id) is not None


@when(SENT)
def _receive(ticket: Ticket, facts: Facts) -> None:
    """A PTCE's question becomes one of Juri-PTCE in the transaction that sends it."""
    organisation = ticket.organisation
    if organisation.kind is not OrganisationKind.PTCE:
        return
    is_first = not _has_questions(organisation)
    _keep(ticket, read_fields(facts.extras))
    if is_first and entitlement_of(organisation) is Entitlement.NONE:
        mails.to_vouch(ticket)


@when(MOVED)
def _follow(ticket: Ticket, _facts: Facts) -> None:
    """What was said of one PTCE is not true of another; a structure that is none leaves Juri-PTCE."""
    details = db.session.get(PtceDetails, ticket.id)
    if details is not None:
        db.session.delete(details)
        db.session.flush()
    if ticket.organisation.kind is OrganisationKind.PTCE:
        db.session.add(PtceDetails(ticket_id=ticket.id))


def _keep(ticket: Ticket, fields: DetailFields) -> PtceDetails:
    details = db.session.get(PtceDetails, ticket.id)
    if details is None:
        details = PtceDetails(ticket_id=ticket.id)
        db.session.add(details)
    for name in _OF_QUESTION:
        setattr(details, name, getattr(fields, name))
    _declare(ticket.organisation, fields)
    return details


def _fields_of(ticket: Ticket) -> DetailFields:
    """What is kept with the question and of its PTCE."""
    details = db.session.get(PtceDetails, ticket.id)
    profile = db.session.get(PtceProfile, ticket.organisation_id)
    said = {} if details is None else {name: getattr(details, name) for name in _OF_QUESTION}
    return DetailFields(
        **said,
        is_network_member=profile is not None and profile.is_network_member,
        has_charter=profile is not None and profile.has_charter,
    )


def _profile_of(organisation: Organisation) -> PtceProfile:
    """Its row, made if need be; two questions sent at the same moment find the same."""
    made = insert(PtceProfile).values(organisation_id=organisation.id, is_network_member=False, has_charter=False)
    db.session.execute(made.on_conflict_do_nothing(index_elements=["organisation_id"]))
    profile = db.session.get(PtceProfile, organisation.id)
    assert profile is not None  # noqa: S101 (told to mypy: made just above)
    return profile


def _declare(organisation: Organisation, fields: DetailFields) -> None:
    if fields.is_network_member is None and fields.has_charter is None:
        return
    profile = _profile_of(organisation)
    profile.is_network_member = bool(fields.is_network_member)
    profile.has_charter = bool(fields.has_charter)


def _has_questions(organisation: Organisation) -> bool:
    asked = sa.select(PtceDetails.ticket_id).join(Ticket).where(Ticket.organisation_id == organisation.id)
    return db.session.scalar(asked.limit(1)) is not None


def _line(typed: Mapping[str, str], name: str, max_chars: int) -> str:
    return texts.clean_line(typed.get(f"{PREFIX}{name}", ""), field=f"{PREFIX}{name}", max_chars=max_chars)


def _choice(typed: Mapping[str, str], name: str) -> bool:
    value = typed.get(f"{PREFIX}{name}", "")
    if value not in (YES, NO, ""):
        raise BadInput("Choisissez « Oui » ou « Non ».", field=f"{PREFIX}{name}")
    return value == YES


def _session_id(value: str, kept_id: int | None = None) -> int | None:
    """The session asked for, if it can still be reached or was asked for before.

    :raises BadInput: for one that is past, cancelled, or past its cut-off, even since the page was shown.
    """
    if value in ("", ANY_SESSION):
        return None
    is_number = value.isascii() and value.isdigit() and len(value) <= ID_MAX_DIGITS
    session = db.session.get(JuriSession, int(value)) if is_number else None
    if session is not None and session.id == kept_id:
        return kept_id
    if session is None or session.status is not SessionStatus.SCHEDULED or session.cut_off_at <= clock.now():
        raise BadInput(
            "Cette séance ne reçoit plus de questions : choisissez-en une autre.", field=f"{PREFIX}wished_session"
        )
    return session.id
