"""A question arrives: written by a member, typed in for someone, completed, sent twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind
from helpdesk.accounts.models import Organisation, Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, insert, transaction
from helpdesk.errors import BadInput, NotAllowed
from helpdesk.reference import get_reference
from helpdesk.reference.zones import PARIS
from helpdesk.tickets import mails, perms, texts, urgency
from helpdesk.tickets.enums import (
    OPEN_STATUSES,
    ActorRole,
    Audience,
    Channel,
    ContactPreference,
    DeadlineKind,
    EventKind,
    MessageKind,
    Nature,
    Status,
)
from helpdesk.tickets.happenings import SENT, Facts, tell
from helpdesk.tickets.models import Message, Ticket, TicketCounter
from helpdesk.tickets.operations.history import (
    check_version,
    record,
    reindex,
    require,
    say,
    set_attention,
    settings,
    start_clock,
)
from helpdesk.tickets.operations.personal import check_personal_data
from helpdesk.tickets.operations.submissions import first_time, keep_result, result_of

SAME_TEXT_MINUTES = 10
OLDEST_RECEPTION_DAYS = 366


@dataclass(frozen=True, kw_only=True)
class NewQuestion:
    """What a form gives for a question; texts are cleaned by the operation."""

    organisation_id: int
    title: str
    facts: str = ""
    topic: str | None = None
    deadline_kind: DeadlineKind = DeadlineKind.NONE
    deadline_on: date | None = None
    deadline_reason: str = ""
    urgency: int = 0
    urgency_reason: str = ""
    preference: ContactPreference = ContactPreference.WRITTEN
    callback_phone: str = ""
    callback_slots: str = ""
    is_sensitive: bool = False
    keeps_personal_data: bool = False
    """The writer was warned about names or numbers, and sends all the same."""
    attachments: tuple[Attachment, ...] = field(default=())
    after_reading: str = ""
    """The address of the entry of the knowledge base that the writer had just read, kept with the first event."""
    extras: Mapping[str, str] = field(default_factory=dict)
    """What other features put into the form; theirs to check, see :data:`happenings.SENT`."""


@dataclass(frozen=True, kw_only=True)
class Reception:
    """How a question typed in by the staff really arrived."""

    channel: Channel
    received_at: datetime
    nature: Nature = Nature.STRUCTURE
    asker_id: int | None = None
    note: str = ""
    is_to_complete: bool = False
    """« Compléter plus tard »; without any facts the question is to be completed in every case."""


def ask(actor: Person, question: NewQuestion, *, key: str) -> Ticket:
    """Send a question of one's own, for a structure one holds a mandate in.

    The same *key*, or the same text within ten minutes, gives back the first question.

    :raises NotAllowed: without an active mandate in the structure.
    :raises BadInput: for a missing or wrong value; :class:`PersonalDataFound` before a confirmation.
    """
    with transaction():
        mandates = [m for m in actor.active_mandates if m.organisation_id == question.organisation_id]
        require(bool(mandates))
        if not first_time(actor, key):
            return _replayed(actor, key)
        organisation = mandates[0].organisation
        question = _checked(question)
        ticket = _same_text(actor, organisation, question)
        if ticket is not None:
            _receive_again(ticket, actor, question)
        else:
            ticket = _create(actor, organisation, question, asker=actor, role=ActorRole.MEMBER, received_at=clock.now())
            mails.received(ticket)
            announce(ticket)
            tell(SENT, ticket, Facts(actor, extras=question.extras))
        keep_result(actor, key, ticket)
    return ticket


def type_in(actor: Person, question: NewQuestion, reception: Reception, *, key: str) -> Ticket:
    """Type a question in for somebody, as the staff, with its real arrival.

    A jurist who types a question in studies it; a delegate's goes to the triage of the structure's delegation.

    :raises NotAllowed: for a delegate, when the structure is of another delegation.
    :raises BadInput: for a date in the future or more than a year old, or an asker who is not of the structure.
    """
    with transaction():
        organisation = _organisation_for_staff(actor, question.organisation_id, reception.nature)
        if not first_time(actor, key):
            return _replayed(actor, key)
        _check_reception(reception.received_at)
        asker = _asker(organisation, reception.asker_id)
        question = _checked(question, is_staff=True)
        role = ActorRole.JURIST if actor.is_pole else ActorRole.DELEGATE
        same = _same_text(actor, organisation, question)
        if same is not None:
            ticket = same
            _receive_again(ticket, actor, question)
        else:
            ticket = _create(
                actor, organisation, question, asker=asker, role=role, received_at=reception.received_at,
                reception=reception,
            )  # fmt: skip
            if reception.note:
                note = texts.clean(reception.note, field="note", max_chars=settings().text_max_chars)
                say(ticket, MessageKind.NOTE, actor, audience=Audience.STAFF, role=role, body=note)
            mails.received(ticket)
            announce(ticket)
            tell(SENT, ticket, Facts(actor))
        keep_result(actor, key, ticket)
    return ticket


def complete(actor: Person, ticket: Ticket, question: NewQuestion, *, seen_version: int) -> None:
    """Complete what was typed in during a call.

    :raises NotAllowed: unless the question waits for completion and *actor* is of its staff.
    """
    with transaction():
        require(perms.can_complete(actor, ticket))
        check_version(ticket, seen_version)
        question = _checked(question, is_staff=True)
        ticket.title, ticket.search_title = question.title, texts.fold(question.title)
        ticket.topic = question.topic or ticket.topic
        ticket.deadline_kind, ticket.deadline_on = question.deadline_kind, question.deadline_on
        ticket.deadline_reason = question.deadline_reason
        ticket.is_incomplete = False
        if question.facts:
            say(ticket, MessageKind.ADDITION, actor, body=question.facts)
            ticket.excerpt = ticket.excerpt or texts.excerpt(question.facts)
        raise_urgency(ticket, f"{question.title}\n{question.facts}", deadline_on=question.deadline_on)
        record(ticket, EventKind.DETAILS_COMPLETED, actor)
        reindex(ticket)


def raise_urgency(ticket: Ticket, text: str, *, deadline_on: date | None = None) -> None:
    """What is told later may be urgent: the machine proposes from *text*, and never lowers.

    An answer at the relay stays there: that it leaves at once is for a person to decide.
    """
    before = ticket.urgency
    proposal = urgency.propose(text, deadline_on=deadline_on, today=clock.today())
    if proposal.level <= before:
        return
    ticket.urgency, ticket.is_urgency_confirmed = proposal.level, False
    ticket.urgency_reason = " ; ".join(proposal.reasons)[:300]
    set_attention(ticket)
    record(ticket, EventKind.URGENCY_CHANGED, None, before=before, after=proposal.level)
    if before < 2 <= proposal.level:
        mails.urgent(ticket)


def take_number(year: int) -> str:
    """The next reference of *year*; no gap, as the counter is raised in the same transaction."""
    first = insert(TicketCounter).values(year=year, last=1)
    raised = first.on_conflict_do_update(index_elements=["year"], set_={"last": TicketCounter.last + 1})
    last = db.session.execute(raised.returning(TicketCounter.last)).scalar_one()
    return f"Q-{year}-{last:04d}"


def _create(
    actor: Person,
    organisation: Organisation,
    question: NewQuestion,
    *,
    asker: Person | None,
    role: ActorRole,
    received_at: datetime,
    reception: Reception | None = None,
) -> Ticket:
    now = clock.now()
    studied_by = actor if role is ActorRole.JURIST else None
    proposal = urgency.propose(
        f"{question.title}\n{question.facts}", deadline_on=question.deadline_on, today=clock.today()
    )
    is_proposed = proposal.level > question.urgency
    ticket = Ticket(
        reference=take_number(now.astimezone(PARIS).year),
        # The jurist who took the call held the question from the call on: no second of it is the delegation's.
        status=Status.STUDY if studied_by else Status.TRIAGE,
        jurist=studied_by,
        title=question.title,
        search_title=texts.fold(question.title),
        excerpt=texts.excerpt(question.facts),
        topic=question.topic,
        nature=reception.nature if reception else Nature.STRUCTURE,
        channel=reception.channel if reception else Channel.PORTAL,
        organisation=organisation,
        delegation=organisation.delegation,
        asker=asker,
        entered_by=None if actor is asker else actor,
        urgency=max(question.urgency, proposal.level),
        urgency_reason=" ; ".join(proposal.reasons)[:300] if is_proposed else question.urgency_reason,
        deadline_kind=question.deadline_kind,
        deadline_on=question.deadline_on,
        deadline_reason=question.deadline_reason,
        preference=question.preference,
        callback_phone=question.callback_phone,
        callback_slots=question.callback_slots,
        is_sensitive=question.is_sensitive,
        is_incomplete=reception is not None and (reception.is_to_complete or not question.facts),
        received_at=received_at,
        created_at=now,
        status_at=now,
        last_message_at=now,
        round=1,
        fingerprint=texts.fingerprint(organisation.id, question.title, question.facts),
    )
    start_clock(ticket, received_at)
    db.session.add(ticket)
    db.session.flush()
    read: dict[str, Any] = {"after_reading": question.after_reading} if question.after_reading else {}
    record(ticket, EventKind.RECEIVED, actor, role=role, at=received_at, channel=ticket.channel.value, **read)
    _first_message(ticket, actor, question, role, received_at)
    reindex(ticket)
    if question.keeps_personal_data:
        record(ticket, EventKind.PERSONAL_DATA_KEPT, actor, role=role)
    return ticket


def _first_message(
    ticket: Ticket, actor: Person, question: NewQuestion, role: ActorRole, received_at: datetime
) -> None:
    message = Message(
        ticket=ticket,
        round=1,
        kind=MessageKind.QUESTION,
        author_id=ticket.asker_id or actor.id,
        author_role=ActorRole.MEMBER if ticket.asker_id else role,
        created_at=received_at,
        published_at=received_at,
        body=question.facts,
        attachments=list(question.attachments),
    )
    db.session.add(message)
    db.session.flush()


def announce(ticket: Ticket) -> None:
    """Tell those who have to deal with a new question."""
    if ticket.urgency >= 2:
        mails.urgent(ticket)
    elif ticket.status is Status.POLE:
        mails.transmitted(ticket)
    elif ticket.status is Status.TRIAGE:
        mails.new_in_delegation(ticket)


def _receive_again(ticket: Ticket, actor: Person, question: NewQuestion) -> None:
    """The same words again: their documents are kept with the first question, and nobody is told twice."""
    role = perms.role_on(actor, ticket) or ActorRole.MEMBER
    if question.attachments:
        say(
            ticket, MessageKind.ADDITION, actor, role=role,
            body="Documents reçus avec un second envoi de la même question.",
            attachments=list(question.attachments),
        )  # fmt: skip
    record(ticket, EventKind.RECEIVED_AGAIN, actor, role=role)


def _replayed(actor: Person, key: str) -> Ticket:
    ticket = result_of(actor, key)
    if ticket is None or not perms.can_view(actor, ticket):
        raise BadInput("Ce formulaire a déjà été envoyé. Retrouvez la question dans « Mes questions ».")
    return ticket


def _same_text(actor: Person, organisation: Organisation, question: NewQuestion) -> Ticket | None:
    """The open question that *actor* sees and would send again; one withdrawn to be sent otherwise is another."""
    # The lock makes a second sending at the same moment, by another form, find the first.
    db.session.execute(
        sa.select(Organisation.id).where(Organisation.id == organisation.id).with_for_update(key_share=True)
    )
    since = clock.now() - timedelta(minutes=SAME_TEXT_MINUTES)
    ticket = db.session.scalar(
        sa.select(Ticket)
        .where(
            Ticket.organisation_id == organisation.id,
            Ticket.created_at >= since,
            Ticket.fingerprint == texts.fingerprint(organisation.id, question.title, question.facts),
            Ticket.status.in_(OPEN_STATUSES),
        )
        .order_by(Ticket.id)
        .limit(1)
    )
    return ticket if ticket is not None and perms.can_view(actor, ticket) else None


def _checked(question: NewQuestion, *, is_staff: bool = False) -> NewQuestion:
    limit = settings().text_max_chars
    title = texts.clean_line(question.title, field="title")
    facts = texts.clean(question.facts, field="facts", max_chars=limit)
    if len(title) < 3:
        raise BadInput("Écrivez votre question en une phrase.", field="title")
    if not facts and not is_staff:
        raise BadInput("Racontez ce qui s’est passé, même en quelques mots.", field="facts")
    if question.topic is not None and question.topic not in get_reference().topics:
        raise BadInput("Choisissez un thème de la liste.", field="topic")
    if question.urgency not in range(4):
        raise BadInput("Choisissez un degré d’urgence de la liste.", field="urgency")
    _check_deadline(question)
    if len(question.attachments) > settings().attachment_max_count:
        raise BadInput(f"Joignez {settings().attachment_max_count} documents au plus.", field="attachments")
    keeps_personal_data = check_personal_data(f"{title}\n{facts}", is_kept=question.keeps_personal_data or is_staff)
    return NewQuestion(
        organisation_id=question.organisation_id,
        title=title,
        facts=facts,
        topic=question.topic,
        deadline_kind=question.deadline_kind,
        deadline_on=question.deadline_on,
        deadline_reason=texts.clean_line(question.deadline_reason, field="deadline_reason"),
        urgency=question.urgency,
        urgency_reason=texts.clean_line(question.urgency_reason, field="urgency_reason", max_chars=300),
        preference=question.preference,
        callback_phone=texts.clean_line(question.callback_phone, field="callback_phone", max_chars=30),
        callback_slots=texts.clean_line(question.callback_slots, field="callback_slots"),
        is_sensitive=question.is_sensitive,
        keeps_personal_data=keeps_personal_data,
        after_reading=texts.clean_line(question.after_reading, field="fiche", max_chars=120),
        attachments=question.attachments,
        extras=question.extras,
    )


def _check_deadline(question: NewQuestion) -> None:
    if question.deadline_kind is DeadlineKind.NONE and question.deadline_on is None:
        return
    if question.deadline_kind is DeadlineKind.NONE or question.deadline_on is None:
        raise BadInput("Indiquez la date à ne pas dépasser, ou choisissez « Non ».", field="deadline_on")
    if not clock.today() <= question.deadline_on <= clock.today() + timedelta(days=3 * 366):
        raise BadInput(
            "Cette date est passée ou trop lointaine. Indiquez la date à ne pas dépasser, "
            "ou racontez dans les faits ce qui s’est déjà produit.",
            field="deadline_on",
        )


def _check_reception(received_at: datetime) -> None:
    now = clock.now()
    if received_at > now:
        raise BadInput("La date de réception est dans l’avenir. Vérifiez le jour et l’heure.", field="received_at")
    if received_at < now - timedelta(days=OLDEST_RECEPTION_DAYS):
        raise BadInput("La date de réception remonte à plus d’un an. Vérifiez l’année.", field="received_at")


def _organisation_for_staff(actor: Person, organisation_id: int, nature: Nature) -> Organisation:
    require(actor.is_staff)
    if nature is Nature.REGION and not organisation_id:
        return _region_organisation(actor)
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None:
        raise BadInput("Choisissez une structure de la liste.", field="organisation_id")
    if not actor.is_pole and organisation.delegation not in actor.delegations:
        raise NotAllowed("Cette structure dépend d’une autre délégation : demandez-lui de saisir la question.")
    return organisation


def _region_organisation(actor: Person) -> Organisation:
    """A delegation's own general question is kept under the delegation itself, made at its first one."""
    if not actor.delegations:
        raise BadInput("Choisissez la structure concernée.", field="organisation_id")
    delegation = get_reference().delegations[min(actor.delegations)]
    external_id = f"delegation:{delegation.code}"
    organisation = db.session.scalar(sa.select(Organisation).where(Organisation.external_id == external_id))
    if organisation is None:
        name = f"Délégation {delegation.name}"
        organisation = Organisation(
            kind=OrganisationKind.PARTNER, name=name, search_name=texts.fold(name), external_id=external_id,
            delegation=delegation.code, departement=delegation.departements[0], city="", phone="",
        )  # fmt: skip
        db.session.add(organisation)
        db.session.flush()
    return organisation


def _asker(organisation: Organisation, asker_id: int | None) -> Person | None:
    if asker_id is None:
        return None
    person = db.session.get(Person, asker_id)
    if person is None or all(m.organisation_id != organisation.id for m in person.active_mandates):
        raise BadInput("Cette personne n’a pas de mandat dans la structure choisie.", field="asker_id")
    return person
