"""The pages that a member reads: home, « Mes questions », confirmation, one question, print."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import writing
from helpdesk.errors import Conflict
from helpdesk.tickets import journey, operations, perms, queries, reading, texts
from helpdesk.tickets.deadlines import day_number
from helpdesk.tickets.enums import ActorRole, MessageKind, Status
from helpdesk.tickets.forms.member import FeedbackForm, MessageForm, ShareForm
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import MemberSection
from helpdesk.tickets.views import member_parts as parts
from helpdesk.tickets.views.blueprint import actor, blueprint, page_number
from helpdesk.tickets.views.menu import section_counts
from helpdesk.web import member_only

CARDS_MAX_COUNT = 6
SECTION_ROWS_SHOWN = 10
"""Of each section where all are shown; « Tout voir » leads to the rest."""
OPEN_SECTIONS = (MemberSection.FOR_YOU, MemberSection.TO_READ, MemberSection.IN_PROGRESS)


def member_home() -> str:
    """What is going on with the member's questions, and the way to ask another."""
    person = actor()
    sections = queries.member_sections(person, OPEN_SECTIONS, size=CARDS_MAX_COUNT)
    rows = [row for page in sections.values() for row in page.rows]
    organisations = parts.own_organisations(person)
    return render_template(
        "tickets/member_home.html",
        me=person,
        cards=[parts.card_of(row, clock.now()) for row in rows[:CARDS_MAX_COUNT]],
        question_count=sum(section_counts().values()),
        drafts=queries.own_question_drafts(person),
        late=parts.late_organisations(person),
        has_several=len(organisations) > 1,
        contact=parts.contact_of(organisations[0].delegation),
        has_delegation=organisations[0].delegation is not None,
        target_days=parts.settings().response_target_days,
    )


@blueprint.get("/mes-questions")
@member_only
def my_questions() -> str:
    """The member's questions by section; one section alone is paged."""
    person, words = actor(), request.args.get("q", "").strip()[:200]
    section = _asked_section()
    return render_template(
        "tickets/member_questions.html",
        words=words,
        section=section,
        lists=[(one, page) for one, page in _lists(person, section, words).items() if page.rows or section],
        counts=section_counts(),
        has_several=len(parts.own_organisations(person)) > 1,
        drafts=queries.own_question_drafts(person),
        state_of=parts.state_of,
        MemberSection=MemberSection,
    )


def _lists(person: Person, section: MemberSection | None, words: str) -> dict[MemberSection, queries.Page]:
    if section:
        return {section: queries.member_questions(person, section, page_number(), words=words)}
    return queries.member_sections(person, tuple(MemberSection), words=words, size=SECTION_ROWS_SHOWN)


@blueprint.get("/questions/<reference>/envoyee")
@member_only
def sent(reference: str) -> str | Response:
    """The confirmation, at an address that stays."""
    ticket = queries.get_visible_ticket(actor(), reference)
    if perms.role_on(actor(), ticket) is not ActorRole.MEMBER:
        return redirect(url_for("tickets.thread", reference=reference), 303)
    contact = parts.contact_of(ticket.delegation)
    return render_template(
        "tickets/member_sent.html",
        ticket=ticket,
        contact=contact,
        stages=parts.stages_of(ticket, contact),
        first=queries.first_message(actor(), ticket),
        email=ticket.asker.email if ticket.asker_id == actor().id and ticket.asker else "",
        place=parts.place_of_zone(ticket.organisation),
    )


def member_thread(
    ticket: Ticket,
    *,
    message: MessageForm | None = None,
    feedback: FeedbackForm | None = None,
    share: ShareForm | None = None,
    files: Any = (),
) -> str:
    """One question as its member reads it; a form that was refused comes back with what was typed.

    The first reading of an answer is kept: the one write of this page.
    """
    is_unread = ticket.answered_at is not None and ticket.answer_read_at is None
    if is_unread and ticket.status in (Status.ANSWERED, Status.CLOSED):
        # Somebody else of the structure read it at the same moment, or it has just changed: it is read all the same.
        with suppress(Conflict), writing():
            operations.mark_read(actor(), ticket)
    message = message or MessageForm(formdata=None)
    feedback = feedback or _feedback_form(ticket)
    share = share or ShareForm(formdata=None)
    has_errors = any(one.errors for one in (message, feedback, share))
    return render_template(
        "tickets/member_thread.html",
        message_form_object=message,
        feedback_form=feedback,
        share_form=_with_people(share, ticket),
        waiting_files=files,
        has_errors=has_errors,
        **_thread(ticket),
        **_rights(ticket),
    )


def member_print(ticket: Ticket) -> str:
    """The question and its answers on paper, all of them: page after page when they are many."""
    page = queries.message_page(actor(), ticket, page_number())
    return render_template("tickets/member_print.html", page=page, **_reading(ticket, page.rows))


def _thread(ticket: Ticket) -> dict[str, Any]:
    """The latest messages, and more of them when asked for; the answers are always there."""
    is_whole = request.args.get("tout") == "1"
    limit = reading.MESSAGES_MAX_COUNT if is_whole else reading.MESSAGES_SHOWN
    read = reading.thread_messages(actor(), ticket, limit=limit, has_answers=True)
    return {"folded_count": read.folded_count, "is_whole": is_whole, **_reading(ticket, read.messages)}


def _reading(ticket: Ticket, messages: Sequence[queries.MessageRow]) -> dict[str, Any]:
    """What is read: messages, answers and their versions, dated steps."""
    events = queries.history(ticket)
    answers = parts.answers_of(messages, parts.words_by_delegates(events, ticket))
    shown = parts.shown_answer(ticket, answers)
    requests = [one for one in messages if one.kind is MessageKind.DETAIL_REQUEST]
    now = clock.now()
    return {
        "ticket": ticket,
        "messages": messages,
        "answers": answers,
        "shown": shown,
        "sent_entry": next(filter(None, (texts.entry_path(one.body) for one in messages if _is_of_staff(one))), ""),
        "asked_detail": requests[-1] if requests and ticket.status is Status.WAITING else None,
        "steps": journey.steps(events),
        "state": parts.state_of(ticket, is_read=True),
        "day": _ruler_day(ticket),
        "is_late": ticket.status.is_open and ticket.status is not Status.WAITING and ticket.due_at < now,
        "role_words": parts.role_words,
        "zone": parts.zone_of(ticket.organisation),
        "place": parts.place_of_zone(ticket.organisation),
        "me": actor(),
    }


def _is_of_staff(message: queries.MessageRow) -> bool:
    return message.author_role in (ActorRole.DELEGATE, ActorRole.JURIST) and not message.kind.is_answer


def _rights(ticket: Ticket) -> dict[str, Any]:
    """What the member may still do, and whom to call."""
    person = actor()
    return {
        "contact": parts.contact_of(ticket.delegation),
        "has_several": len(parts.own_organisations(person)) > 1,
        "reopens_until": parts.reopens_until(ticket),
        "follow_up_is_new": ticket.status in (Status.ANSWERED, Status.CLOSED),
        "can_give_feedback": perms.can_give_feedback(person, ticket),
        "can_share": perms.can_share(person, ticket),
        "can_withdraw": perms.can_withdraw(person, ticket),
        "can_close_by_faq": perms.can_close_by_faq(person, ticket),
        "can_hide": perms.can_mark_sensitive(person, ticket) and not ticket.is_sensitive,
        "linked": queries.linked_questions(person, ticket),
    }


def _ruler_day(ticket: Ticket) -> int | None:
    """The day of the current round; none when the ruler would say nothing good."""
    is_running = ticket.status.is_open and ticket.status is not Status.WAITING
    if not is_running or ticket.due_at < clock.now():
        return None
    running = ticket.clock
    return day_number(running.started_at, clock.now(), running.times.waited)


def _asked_section() -> MemberSection | None:
    asked = request.args.get("section", "")
    return next((section for section in MemberSection if section.value == asked), None)


def _feedback_form(ticket: Ticket) -> FeedbackForm:
    given = queries.feedback_of(actor(), ticket) if ticket.answered_at else None
    if given is None:
        return FeedbackForm(formdata=None)
    return FeedbackForm(formdata=None, verdict=given.verdict.value, comment=given.comment)


def _with_people(form: ShareForm, ticket: Ticket) -> ShareForm:
    form.person.choices = queries.shareable_people(ticket) if perms.can_share(actor(), ticket) else {}
    return form
