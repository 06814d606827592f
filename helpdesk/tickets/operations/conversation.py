"""What is said while a question lives: details, notes, calls, follow-ups, the asker's verdict."""

from datetime import timedelta

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput
from helpdesk.reference.holidays import add_working_days
from helpdesk.reference.zones import PARIS
from helpdesk.tickets import mails, perms, queries, texts, urgency
from helpdesk.tickets.enums import (
    Action,
    ActorRole,
    Audience,
    CloseReason,
    DraftKind,
    EventKind,
    MessageKind,
    Status,
    Verdict,
)
from helpdesk.tickets.happenings import SENT, Facts, tell
from helpdesk.tickets.models import ConflictOfInterest, Feedback, Ticket, TicketCopy, TicketShare
from helpdesk.tickets.operations.drafts import drop_draft
from helpdesk.tickets.operations.history import (
    check_version,
    move,
    record,
    require,
    say,
    settings,
    start_clock,
)
from helpdesk.tickets.operations.intake import announce, raise_urgency, take_number
from helpdesk.tickets.operations.personal import check_personal_data


def ask_detail(
    actor: Person,
    ticket: Ticket,
    *,
    text: str,
    keeps_personal_data: bool = False,
    attachments: tuple[Attachment, ...] = (),
    seen_version: int | None = None,
) -> None:
    """Ask the asker for a detail; the count of days stops until the reply.

    :raises NotAllowed: for anybody without the question on their desk.
    :raises BadInput: without a text; :class:`PersonalDataFound` before a confirmation.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_ask_detail(actor, ticket))
        body = _text(text, "text", "Écrivez la précision dont vous avez besoin.")
        has_personal_data = check_personal_data(body, is_kept=keeps_personal_data, ticket=ticket)
        role = perms.role_on(actor, ticket)
        if role is ActorRole.DELEGATE and ticket.delegate_id is None:
            ticket.delegate = actor
        say(ticket, MessageKind.DETAIL_REQUEST, actor, body=body, attachments=list(attachments))
        drop_draft(actor, ticket, DraftKind.DETAIL_REQUEST)
        move(ticket, Action.ASK_DETAIL, actor)
        if has_personal_data:
            record(ticket, EventKind.PERSONAL_DATA_KEPT, actor)
        mails.clarification_asked(ticket, body)


def add_message(
    actor: Person,
    ticket: Ticket,
    *,
    text: str,
    keeps_personal_data: bool = False,
    attachments: tuple[Attachment, ...] = (),
) -> Ticket:
    """Complete a question, give the detail asked for, or follow up an answer, as a member who sees it.

    Within ``REOPEN_DAYS`` of the answer the question is reopened on its second clock; later the follow-up is a
    new question linked to the first. What is told now may raise the urgency.

    :returns: the question that holds the message: the same, or the new one.
    :raises NotAllowed: for anybody but a member who sees the question.
    :raises BadInput: without a text; :class:`PersonalDataFound` before a confirmation.
    """
    with transaction():
        require(perms.can_add(actor, ticket))
        if not text.strip() and attachments:
            text = "Documents joints."
        body = _text(text, "text", "Écrivez votre message.")
        has_personal_data = check_personal_data(body, is_kept=keeps_personal_data, ticket=ticket)
        holder = _add(actor, ticket, body, attachments)
        if has_personal_data:
            record(holder, EventKind.PERSONAL_DATA_KEPT, actor)
        raise_urgency(holder, body)
    return holder


def _add(actor: Person, ticket: Ticket, body: str, attachments: tuple[Attachment, ...]) -> Ticket:
    if ticket.status is Status.CLOSED and ticket.close_reason is not CloseReason.ANSWERED:
        return _continue_in_new(actor, ticket, body, attachments)
    if ticket.status in (Status.ANSWERED, Status.CLOSED):
        if _is_reopenable(ticket):
            return _reopen(actor, ticket, body, attachments)
        return _continue_in_new(actor, ticket, body, attachments)
    if ticket.status is Status.WAITING:
        say(ticket, MessageKind.DETAIL, actor, body=body, attachments=list(attachments))
        move(ticket, Action.GIVE_DETAIL, actor)
        mails.clarification_given(ticket)
    else:
        say(ticket, MessageKind.ADDITION, actor, body=body, attachments=list(attachments))
        record(ticket, EventKind.MESSAGE_ADDED, actor)
        mails.followed_up(ticket)
    return ticket


def resume(actor: Person, ticket: Ticket, *, note: str = "", seen_version: int | None = None) -> None:
    """Take a question up again without waiting for the written reply.

    :raises NotAllowed: see :func:`perms.can_resume`.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_resume(actor, ticket))
        if note.strip():
            add_note(actor, ticket, text=note)
        move(ticket, Action.RESUME, actor)


def add_note(
    actor: Person,
    ticket: Ticket,
    *,
    text: str,
    is_for_pole: bool = False,
    attachments: tuple[Attachment, ...] = (),
) -> None:
    """Add an internal note; one for the pole is hidden from the delegation too.

    :raises NotAllowed: for anybody but the staff of the question.
    """
    with transaction():
        require(perms.can_note(actor, ticket))
        role = perms.role_on(actor, ticket)
        audience = Audience.POLE if is_for_pole and role is ActorRole.JURIST else Audience.STAFF
        body = _text(text, "text", "Écrivez votre note.")
        say(ticket, MessageKind.NOTE, actor, audience=audience, body=body, attachments=list(attachments))
        drop_draft(actor, ticket, DraftKind.NOTE)
        record(ticket, EventKind.NOTE_ADDED, actor, audience=audience.value)


def note_call(
    actor: Person, ticket: Ticket, *, text: str, is_to_confirm: bool, keeps_personal_data: bool = False
) -> None:
    """Keep what was said on the phone, which the asker can read; an answer given so is to be confirmed in writing.

    A call is no answer: the clock goes on until the written one.

    :raises NotAllowed: for anybody but the delegation in charge or the pole.
    :raises BadInput: without a text; :class:`PersonalDataFound` before a confirmation.
    """
    with transaction():
        require(perms.can_mark(actor, ticket))
        body = _text(text, "text", "Résumez l’échange en quelques mots.")
        if check_personal_data(body, is_kept=keeps_personal_data, ticket=ticket):
            record(ticket, EventKind.PERSONAL_DATA_KEPT, actor)
        say(ticket, MessageKind.CALL, actor, body=body)
        if is_to_confirm and ticket.status.is_open:
            days = settings().written_confirmation_working_days
            closing_days = settings().pole_closing_days
            ticket.written_due_on = add_working_days(clock.today(), days, closing_days=closing_days)
        record(ticket, EventKind.CALL_NOTED, actor)


def give_feedback(actor: Person, ticket: Ticket, *, verdict: Verdict, comment: str = "") -> None:
    """Say whether the answer helped; saying it again replaces the first word, and the history tells each change.

    :raises NotAllowed: for anybody but the asker of an answered question.
    """
    with transaction():
        require(perms.can_give_feedback(actor, ticket))
        answer = queries.current_answer(ticket)
        require(answer is not None)
        assert answer is not None  # noqa: S101 (told to mypy; require() has refused otherwise)
        feedback = db.session.get(Feedback, (answer.id, actor.id))
        if feedback is None:
            feedback = Feedback(message_id=answer.id, person_id=actor.id)
            db.session.add(feedback)
        if feedback.verdict is not verdict:
            record(ticket, EventKind.FEEDBACK_GIVEN, actor, verdict=verdict.value)
        feedback.verdict = verdict
        feedback.comment = texts.clean(comment, field="comment", max_chars=2000)
        feedback.given_at = clock.now()


def mark_read(actor: Person, ticket: Ticket) -> None:
    """Keep when the asker's side first read the answer; the one write of a page that is read.

    Does nothing for the staff, or the second time.
    """
    with transaction():
        if ticket.answered_at is None or ticket.answer_read_at is not None or not perms.can_add(actor, ticket):
            return
        if ticket.status not in (Status.ANSWERED, Status.CLOSED):
            return
        ticket.answer_read_at = clock.now()
        record(ticket, EventKind.ANSWER_READ, actor)


def _is_reopenable(ticket: Ticket) -> bool:
    last = ticket.clock.answered_at
    return last is not None and clock.now() - last <= timedelta(days=settings().reopen_days)


def _reopen(actor: Person, ticket: Ticket, body: str, attachments: tuple[Attachment, ...]) -> Ticket:
    desk = _desk_after_reopening(ticket)
    with db.session.no_autoflush:
        ticket.close_reason, ticket.closed_at = None, None
        ticket.round += 1
        now = clock.now()
        start_clock(ticket, now)
        move(ticket, Action.REOPEN, actor, returns_to=desk, at=now)
    say(ticket, MessageKind.ADDITION, actor, body=body, attachments=list(attachments))
    mails.followed_up(ticket)
    return ticket


def _desk_after_reopening(ticket: Ticket) -> Status:
    """Whoever answered takes the follow-up, when they are still there."""
    if ticket.jurist is not None:
        return Status.STUDY if perms.role_on(ticket.jurist, ticket) is ActorRole.JURIST else Status.POLE
    if ticket.is_pole_only:
        return Status.POLE
    if ticket.delegate is not None and perms.role_on(ticket.delegate, ticket) is ActorRole.DELEGATE:
        return Status.REGIONAL
    return Status.TRIAGE


def _continue_in_new(actor: Person, ticket: Ticket, body: str, attachments: tuple[Attachment, ...]) -> Ticket:
    """The follow-up of a question closed for good: a new one, linked, with its own number and clock.

    Who may not see the first, sees it in copy or by the asker's choice, stays so for the second.
    """
    readers = {share.person_id for share in ticket.shares} | ({ticket.asker_id} if ticket.asker_id else set())
    now = clock.now()
    proposal = urgency.propose(body, deadline_on=None, today=clock.today())
    delegation = ticket.organisation.delegation
    new = Ticket(
        reference=take_number(now.astimezone(PARIS).year),
        # No delegate would see in the triage what is kept for the pole.
        status=Status.POLE if ticket.is_pole_only and delegation else Status.TRIAGE,
        title=ticket.title,
        search_title=ticket.search_title,
        excerpt=texts.excerpt(body),
        topic=ticket.topic,
        nature=ticket.nature,
        organisation=ticket.organisation,
        delegation=delegation,
        asker=actor,
        is_sensitive=ticket.is_sensitive,
        is_pole_only=ticket.is_pole_only,
        received_at=now,
        created_at=now,
        status_at=now,
        last_message_at=now,
        round=1,
        urgency=proposal.level,
        urgency_reason=" ; ".join(proposal.reasons)[:300],
        follows_id=ticket.id,
        conflicts=[
            ConflictOfInterest(
                person_id=one.person_id,
                declared_by_id=one.declared_by_id,
                declared_at=one.declared_at,
                reason=one.reason,
            )
            for one in ticket.conflicts
        ],
        copies=[TicketCopy(delegation=one.delegation) for one in ticket.copies],
        shares=[TicketShare(person_id=reader_id, shared_at=now) for reader_id in readers if reader_id != actor.id],
    )
    start_clock(new, now)
    db.session.add(new)
    db.session.flush()
    record(new, EventKind.RECEIVED, actor, role=ActorRole.MEMBER, at=now, channel=new.channel.value)
    record(new, EventKind.LINKED, actor, role=ActorRole.MEMBER, follows_id=ticket.id)
    say(
        new, MessageKind.QUESTION, actor, role=ActorRole.MEMBER, body=body, attachments=list(attachments)
    )  # fmt: skip
    mails.received(new)
    announce(new)
    tell(SENT, new, Facts(actor))
    return new


def _text(text: str, field: str, missing: str) -> str:
    body = texts.clean(text, field=field, max_chars=settings().text_max_chars)
    if not body:
        raise BadInput(missing, field=field)
    return body
