"""Answers: from either tier, through the relay, corrected."""

from dataclasses import dataclass
from typing import Any

from helpdesk import clock
from helpdesk.accounts.models import DelegationProfile, Person
from helpdesk.attachments.models import Attachment
from helpdesk.db import db, transaction
from helpdesk.errors import BadInput, InvalidTransition
from helpdesk.reference import get_reference
from helpdesk.reference.zones import PARIS
from helpdesk.tickets import mails, perms, queries, texts
from helpdesk.tickets.enums import Action, ActorRole, Audience, DraftKind, EventKind, MessageKind, Status, Tier
from helpdesk.tickets.happenings import ANSWERED, ANSWERING, Facts, tell
from helpdesk.tickets.models import Draft, Message, Ticket
from helpdesk.tickets.operations.drafts import drop_draft, own_draft, save_draft
from helpdesk.tickets.operations.history import (
    check_version,
    move,
    record,
    reindex,
    require,
    say,
    settings,
    stop_clock,
)
from helpdesk.tickets.operations.personal import check_personal_data

REFERENCES_MAX_COUNT = 30


@dataclass(frozen=True, kw_only=True)
class AnswerText:
    """The four fields of an answer, and a word to the asker."""

    in_brief: str
    explanation: str = ""
    actions: str = ""
    references: tuple[str, ...] = ()
    word: str = ""
    is_revalidated: bool = False
    """The author read a draft again that was begun before the law changed."""
    keeps_personal_data: bool = False
    """The author was warned about names or numbers, and sends all the same."""
    attachments: tuple[Attachment, ...] = ()


def answer(actor: Person, ticket: Ticket, text: AnswerText, *, seen_version: int | None) -> Message:
    """Send the answer; where the delegation relays, hand it to the delegate instead.

    :raises NotAllowed: see :func:`perms.can_answer`.
    :raises Conflict: if the question has changed since *seen_version*; the caller keeps the text as a draft.
    :raises BadInput: without « En bref », or for a draft begun before the law changed and not read again;
        :class:`PersonalDataFound` before a confirmation.
    """
    with transaction():
        if ticket.status in (Status.ANSWERED, Status.CLOSED, Status.RELAY):
            raise InvalidTransition
        check_version(ticket, seen_version)
        require(perms.can_answer(actor, ticket))
        _check_law(actor, ticket, text)
        tell(ANSWERING, ticket, Facts(actor))
        has_personal_data = _has_personal_data(ticket, text)
        role = perms.role_on(actor, ticket) or ActorRole.JURIST
        if role is ActorRole.JURIST and ticket.jurist_id != actor.id:
            ticket.jurist = actor
        if role is ActorRole.DELEGATE:
            ticket.delegate = actor
        is_relayed = role is ActorRole.JURIST and is_relayed_by_delegation(ticket)
        message = say(
            ticket,
            MessageKind.ANSWER,
            actor,
            is_published=not is_relayed,
            law_as_of_on=clock.today(),
            **_fields(text),
        )
        drop_draft(actor, ticket, DraftKind.ANSWER)
        if has_personal_data:
            record(ticket, EventKind.PERSONAL_DATA_KEPT, actor)
        if is_relayed:
            move(ticket, Action.ANSWER_BY_RELAY, actor, message_id=message.id)
            mails.relay_waiting(ticket)
        else:
            _publish(ticket, message, Action.ANSWER, actor)
        tell(ANSWERED, ticket, Facts(actor, message))
    return message


def relay(actor: Person | None, ticket: Ticket, *, word: str = "", seen_version: int | None = None) -> bool:
    """Send the pole's answer on with the delegate's word; no actor: the clock sends it as it is.

    An answer whose law has changed since it was written does not leave: it goes back to its jurist, to be read
    again, and the delegate's word with it as a note.

    :returns: whether it left.
    :raises NotAllowed: for anybody but a delegate of the delegation in charge.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(actor is None or perms.can_relay(actor, ticket))
        message = queries.answer_at_relay(ticket)
        word = texts.clean(word, field="word", max_chars=settings().text_max_chars)
        change = _law_change_after(message, ticket.topic)
        if change is not None:
            if actor is not None and word:
                say(ticket, MessageKind.NOTE, actor, audience=Audience.STAFF, body=word)
            record(ticket, EventKind.LAW_CHANGED, None, message_id=message.id)
            _give_back(None, ticket, message, automatic=True)
            mails.law_changed(ticket, change)
            return False
        message.body = word or message.body
        message.published_at = clock.now()
        ticket.last_message_at = clock.now()
        reindex(ticket)
        if actor is not None:
            ticket.delegate = actor
        _publish(ticket, message, Action.RELAY, actor, has_word=bool(word))
    return True


def return_from_relay(actor: Person, ticket: Ticket, *, note: str, seen_version: int | None = None) -> None:
    """Give the answer back to the jurist with the reason; its text becomes the jurist's draft again.

    Where the jurist is gone, the question comes back to the pole's queue, and the text stays in the thread.

    :raises NotAllowed: for anybody but a delegate of the delegation in charge.
    :raises BadInput: without a reason.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_relay(actor, ticket))
        body = texts.clean(note, field="note", max_chars=settings().text_max_chars)
        if not body:
            raise BadInput("Dites à la ou au juriste ce qui ne convient pas.", field="note")
        say(ticket, MessageKind.NOTE, actor, audience=Audience.STAFF, body=body)
        _give_back(actor, ticket, queries.answer_at_relay(ticket))
        mails.followed_up(ticket)


def _give_back(actor: Person | None, ticket: Ticket, message: Message, **data: Any) -> None:
    """The answer that waited at the relay is its jurist's draft again, begun on the day it was written."""
    message.kind, message.audience = MessageKind.NOTE, Audience.STAFF
    jurist = ticket.jurist
    is_there = jurist is not None and perms.role_on(jurist, ticket) is ActorRole.JURIST
    if jurist is not None and is_there:
        draft = save_draft(jurist, ticket, DraftKind.ANSWER, answer_fields(message))
        draft.created_at = message.created_at
        draft.attachments, message.attachments = list(message.attachments), []
    with db.session.no_autoflush:
        move(ticket, Action.RETURN_FROM_RELAY, actor, message_id=message.id, **data)
        if not is_there:  # gone, or in a conflict of interest since: the pole's queue finds another
            move(ticket, Action.RELEASE, actor, **data)
            ticket.jurist = None


def correct(actor: Person, ticket: Ticket, text: AnswerText, *, reason: str, seen_version: int | None) -> Message:
    """Replace the answer in force by a linked correction; the asker is told, the staff gets the reason.

    :raises NotAllowed: see :func:`perms.can_correct`.
    :raises BadInput: without a reason or without « En bref »; :class:`PersonalDataFound` before a confirmation.
    """
    with transaction():
        check_version(ticket, seen_version)
        require(perms.can_correct(actor, ticket))
        reason = texts.clean(reason, field="reason", max_chars=settings().text_max_chars)
        if not reason:
            raise BadInput("Dites en une phrase pourquoi la réponse change.", field="reason")
        has_personal_data = _has_personal_data(ticket, text)
        replaced = queries.current_answer(ticket)
        message = say(
            ticket,
            MessageKind.CORRECTION,
            actor,
            law_as_of_on=clock.today(),
            replaces_id=replaced.id if replaced else None,
            reason=reason,
            **_fields(text),
        )
        drop_draft(actor, ticket, DraftKind.ANSWER)
        move(ticket, Action.CORRECT, actor, message_id=message.id)
        if has_personal_data:
            record(ticket, EventKind.PERSONAL_DATA_KEPT, actor)
        ticket.answer_read_at = None
        mails.corrected(ticket, message, reason)
    return message


def is_relayed_by_delegation(ticket: Ticket) -> bool:
    """The setting of the question's delegation; a sensitive or reserved question goes straight to the asker."""
    if ticket.delegation is None or ticket.is_sensitive or ticket.is_pole_only or ticket.urgency >= 2:
        return False
    profile = db.session.get(DelegationProfile, ticket.delegation)
    return profile is not None and profile.is_relayed


def law_change_since(draft: Draft | queries.DraftRow | None, topic: str | None) -> str | None:
    """The change of law that came into force after *draft* was begun, in words; the answer must be read again."""
    if draft is None:
        return None
    begun_on = draft.created_at.astimezone(PARIS).date()
    return get_reference().law_change_between(begun_on, clock.today(), topic)


def law_change_at_relay(ticket: Ticket) -> str | None:
    """The change of law that came into force while the pole's answer waits for the delegate, in words."""
    return _law_change_after(queries.answer_at_relay(ticket), ticket.topic)


def _law_change_after(message: Message, topic: str | None) -> str | None:
    stated_on = message.law_as_of_on or message.created_at.astimezone(PARIS).date()
    return get_reference().law_change_between(stated_on, clock.today(), topic)


def answer_fields(message: Message) -> dict[str, object]:
    """The fields of the answer form, filled from an answer already written."""
    return {
        "in_brief": message.in_brief,
        "explanation": message.explanation,
        "actions": message.actions,
        "references": list(message.references),
        "word": message.body,
    }


def _publish(ticket: Ticket, message: Message, action: Action, actor: Person | None, **data: Any) -> None:
    tier = Tier.POLE if message.author_role is ActorRole.JURIST else Tier.DELEGATION
    now = clock.now()
    stop_clock(ticket, now, tier)
    ticket.written_due_on = None
    move(ticket, action, actor, at=now, message_id=message.id, **data)
    mails.answered(ticket, message)


def _check_law(actor: Person, ticket: Ticket, text: AnswerText) -> None:
    change = law_change_since(own_draft(actor, ticket, DraftKind.ANSWER), ticket.topic)
    if change and not text.is_revalidated:
        raise BadInput(
            f"Réponse rédigée avant un changement du droit : {change} Relisez-la, puis cochez la case.",
            field="is_revalidated",
        )


def _has_personal_data(ticket: Ticket, text: AnswerText) -> bool:
    """In what the asker reads; a reference has numbers of its own."""
    words = f"{text.word}\n{text.in_brief}\n{text.explanation}\n{text.actions}"
    return check_personal_data(words, is_kept=text.keeps_personal_data, ticket=ticket)


def _fields(text: AnswerText) -> dict[str, Any]:
    limit = settings().text_max_chars
    in_brief = texts.clean(text.in_brief, field="in_brief", max_chars=limit)
    if not in_brief:
        raise BadInput("Écrivez « En bref » : deux ou trois phrases que l’adhérent lira d’abord.", field="in_brief")
    references = [texts.clean_line(line, field="references", max_chars=300) for line in text.references]
    if len(references) > REFERENCES_MAX_COUNT:
        raise BadInput(f"Gardez {REFERENCES_MAX_COUNT} références au plus.", field="references")
    return {
        "in_brief": in_brief,
        "explanation": texts.clean(text.explanation, field="explanation", max_chars=limit),
        "actions": texts.clean(text.actions, field="actions", max_chars=limit),
        "references": [line for line in references if line],
        "body": texts.clean(text.word, field="word", max_chars=limit),
        "attachments": list(text.attachments),
    }
