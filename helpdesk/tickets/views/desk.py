"""The staff's page of one question: everything it shows, gathered once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk import clock, formats
from helpdesk.accounts.forms import Form
from helpdesk.accounts.membership import membership_state
from helpdesk.errors import NotAllowed
from helpdesk.reference import get_reference
from helpdesk.tickets import operations, perms, queries, reading, timeline
from helpdesk.tickets.deadlines import day_number, days_left
from helpdesk.tickets.enums import Action, DraftKind, Status, Tier, Urgency
from helpdesk.tickets.forms import thread as forms
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.answering import is_relayed_by_delegation
from helpdesk.tickets.queries import DraftRow, MessageRow, QueueView
from helpdesk.tickets.response_time import advance
from helpdesk.tickets.views import member_parts as parts
from helpdesk.tickets.views.acts import fresh_form, offered
from helpdesk.tickets.views.blueprint import actor
from helpdesk.tickets.views.menu import queue_counts
from helpdesk.tickets.views.rows import list_rows, topic_label

Answer = Response | str | tuple[str, int]
Refused = tuple[str, forms.ActForm]

ANSWERED_ALREADY = (Status.RELAY, Status.ANSWERED, Status.CLOSED)
QUEUE_SHOWN = 12
DRAFT_MODES = {kind: mode for mode, kind in forms.DRAFT_KINDS.items() if mode != forms.CORRECTION}


def thread_page(
    reference: str,
    *,
    ticket: Ticket | None = None,
    write: forms.WriteForm | None = None,
    refused: Refused | None = None,
    seen_message_id: int | None = None,
    conflict: str = "",
) -> str:
    """The page of a question for whoever follows it.

    :param ticket: the question, when it has just been read.
    :param write: the writing frame as it was sent, to be given back; otherwise the reader's own draft fills it.
    :param refused: an act that was refused, with what was typed.
    :param seen_message_id: the last message the writer had seen; those after it are marked.
    :param conflict: why what was sent could not be done, the question having changed meanwhile.
    :raises NotAllowed: for who sees the question as a member only, though of the staff elsewhere.
    """
    ticket = ticket or queries.get_visible_ticket(actor(), reference)
    if not perms.is_staff_on(actor(), ticket):
        raise NotAllowed
    drafts = reading.readable_drafts(actor(), ticket)
    form = _writing_form(ticket, drafts.own, write)
    return render_template(
        "tickets/thread_page.html",
        ticket=ticket,
        form=form,
        refused_form=refused[1] if refused else None,
        conflict=conflict,
        has_errors=bool(conflict or form.errors or (refused and refused[1].errors)),
        **_queue(ticket),
        **_head(ticket),
        **_thread(ticket, drafts.others, seen_message_id),
        **_writing(ticket, form, drafts.own),
        **_acts(ticket, refused),
        **_context(ticket),
    )


def conflict_words(form: Form, ticket: Ticket) -> str:
    """What to say of a refusal that is nobody's mistake; it leaves the form's own errors."""
    refusals = list(form.form_errors)
    form.form_errors.clear()
    if ticket.status in ANSWERED_ALREADY:
        return "Une réponse est arrivée pendant que vous écriviez. Votre texte est gardé."
    return " ".join(refusals)


# --- the queue on the left


@dataclass(frozen=True)
class QueueItem:
    """A question in the narrow column."""

    title: str
    url: str
    detail: str
    days_left: int
    is_waiting: bool
    is_current: bool


_DELEGATE_VIEWS = {
    Status.TRIAGE: QueueView.TRIAGE,
    Status.REGIONAL: QueueView.REGIONAL,
    Status.RELAY: QueueView.RELAY,
    Status.WAITING: QueueView.WAITING,
    Status.ANSWERED: QueueView.ANSWERED,
    Status.CLOSED: QueueView.ANSWERED,
}


def _queue(ticket: Ticket) -> dict[str, Any]:
    view = _view_beside(ticket)
    page = queries.queue(actor(), view, size=QUEUE_SHOWN)
    items = [
        QueueItem(
            item.row.title,
            item.url,
            ", ".join(filter(None, (item.row.organisation, item.row.typologies))),
            item.days_left,
            item.is_waiting,
            item.is_current,
        )
        for item in list_rows(page, opened=ticket.reference)
    ]
    return {
        "queue": items,
        "queue_view": view,
        "queue_count": queue_counts((QueueView.TRIAGE, QueueView.MINE, view))[view],
        "queue_url": url_for("tickets.queue" if actor().is_pole else "tickets.triage", vue=view.value),
    }


def _view_beside(ticket: Ticket) -> QueueView:
    """The reader's own list in which the question is most likely to stand."""
    if not actor().is_pole:
        return _DELEGATE_VIEWS.get(ticket.status, QueueView.AT_POLE)
    if ticket.status is Status.POLE:
        return QueueView.POLE
    return QueueView.NATIONAL if ticket.status is Status.TRIAGE and ticket.delegation is None else QueueView.MINE


# --- head


def _head(ticket: Ticket) -> dict[str, Any]:
    running, now = ticket.clock, clock.now()
    left, is_waiting = days_left(ticket.due_at, now), ticket.status is Status.WAITING
    times = advance(running.times, at=max(now, running.since_at or now), holder=running.holder)
    is_running = ticket.status.is_open and running.answered_at is None
    return {
        "day": day_number(running.started_at, now, times.waited) if is_running else None,
        "target_days": running.target_days,
        "days_left": left,
        "is_waiting": is_waiting,
        "tone": formats.deadline_tone(left, is_waiting) or "ok",
        "topic": topic_label(ticket.topic),
        "urgency_label": Urgency(ticket.urgency).label,
        "times": times,
        "tier_times": [(tier.label, timedelta(seconds=getattr(times, f"{tier}_seconds"))) for tier in Tier],
        "gross": timedelta(seconds=times.gross_seconds),
        "net": timedelta(seconds=times.net_seconds),
    }


# --- the thread


@dataclass(frozen=True)
class Item:
    """A message or an event of the thread."""

    message: MessageRow | None = None
    line: timeline.Line | None = None
    is_new: bool = False
    """It arrived while the reader was writing."""


def _thread(ticket: Ticket, drafts: list[DraftRow], seen_message_id: int | None) -> dict[str, Any]:
    is_whole = request.args.get("tout") == "1"
    limit = reading.MESSAGES_MAX_COUNT if is_whole else reading.MESSAGES_SHOWN
    read = reading.thread_messages(actor(), ticket, limit=limit)
    events = queries.history(ticket)
    names = reading.names_of(timeline.people_in(events))
    return {
        "items": _items(read, timeline.lines(events, names, reader_id=actor().id), seen_message_id),
        "folded_count": read.folded_count,
        "is_whole": is_whole,
        "answers": parts.answers_of(read.messages, parts.words_by_delegates(events, ticket)),
        "last_message_id": read.messages[-1].id if read.messages else 0,
        "triaged": next((one for one in events if one.kind in (Action.TAKE_REGIONAL, Action.TRANSMIT)), None),
        "names": names,
        "colleagues_drafts": [(draft, _draft_text(draft)) for draft in drafts],
        "presence": _presence_words(ticket),
    }


def _items(read: reading.Reading, told: list[timeline.Line], seen_id: int | None) -> list[Item]:
    """Messages and events in the order of time; with older ones folded away, the events since the first shown."""
    if read.folded_count:
        since = read.messages[1].created_at
        told = [line for line in told if line.at >= since]
    dated = [
        (message.created_at, 0, Item(message=message, is_new=seen_id is not None and message.id > seen_id))
        for message in read.messages
    ]
    dated += [(line.at, 1, Item(line=line)) for line in told]
    return [item for _at, _rank, item in sorted(dated, key=lambda one: one[:2])]


_DRAFT_TITLES = (
    ("in_brief", "En bref"),
    ("explanation", "L’explication"),
    ("actions", "Ce que vous pouvez faire"),
    ("references", "Références juridiques"),
    ("word", "Un mot d’accompagnement"),
    ("detail", ""),
    ("note", ""),
)


def _draft_text(draft: DraftRow) -> list[tuple[str, str]]:
    """What a colleague has typed so far, by heading."""
    texts = []
    for name, title in _DRAFT_TITLES:
        value = draft.fields.get(name)
        text = "\n".join(filter(None, value)) if isinstance(value, list) else str(value or "")
        if text.strip():
            texts.append((title, text))
    return texts


def _presence_words(ticket: Ticket) -> str:
    """The same words as the script's, from what the server knows already."""
    others = queries.present_colleagues(actor(), ticket)
    words = []
    for is_writing, one, several, end in (
        (True, "écrit", "écrivent", "aussi une réponse. Parlez-en avant d’envoyer."),
        (False, "a", "ont", "aussi ouvert cette question."),
    ):
        names = [other.full_name for other in others if other.is_writing is is_writing]
        if names:
            joined = " et ".join(filter(None, (", ".join(names[:-1]), names[-1])))
            words.append(f"{joined} {several if len(names) > 1 else one} {end}")
    return " ".join(words)


# --- the writing frame


def _writing_form(ticket: Ticket, drafts: list[DraftRow], sent: forms.WriteForm | None) -> forms.WriteForm:
    if sent is not None:
        sent.offer(actor(), ticket, mode=_twin(sent.mode.data))
        return sent
    form = forms.WriteForm(formdata=None)
    form.offer(actor(), ticket, mode=request.args.get("mode", "") or _drafted_mode(ticket, drafts))
    model = request.args.get("modele", "")
    if model:
        _fill_from_model(form, model)
    elif perms.can_correct(actor(), ticket):
        answer = queries.current_answer(ticket)
        form.fill(operations.answer_fields(answer) if answer else {})
    for draft in reversed(drafts):
        if not (model and draft.kind is DraftKind.ANSWER):
            form.fill(draft.fields)
    return form


def _drafted_mode(ticket: Ticket, drafts: list[DraftRow]) -> str:
    """The kind of message that the reader left unfinished."""
    if not drafts or not any(drafts[0].fields.values()):
        return ""
    mode = DRAFT_MODES.get(drafts[0].kind, "")
    return _twin(mode) if ticket.status in (Status.ANSWERED, Status.CLOSED) else mode


def _twin(mode: str | None) -> str:
    """An answer can become a correction of the one that came first: the fields are the same."""
    return forms.CORRECTION if mode == forms.REPLY else mode or ""


def _fill_from_model(form: forms.WriteForm, reference: str) -> None:
    """Start from the answer to another question, without the word that was meant for its asker.

    :raises NotFound: when that question is not the reader's to see.
    """
    answer = queries.current_answer(queries.get_visible_ticket(actor(), reference))
    if answer is not None:
        form.fill({**operations.answer_fields(answer), "word": ""})


def _writing(ticket: Ticket, form: forms.WriteForm, drafts: list[DraftRow]) -> dict[str, Any]:
    """*lost_text*: an own draft that the frame can no longer hold, given back to be copied."""
    if not form.references.entries:
        form.add_row()
    mine = {draft.kind: draft for draft in drafts}
    modes = [mode for mode, _label in form.mode.choices]
    shown_kinds = {forms.DRAFT_KINDS[mode] for mode in modes}
    chosen = mine.get(form.draft_kind)
    return {
        "modes": modes,
        "is_relayed": actor().is_pole and is_relayed_by_delegation(ticket),
        "law_change": operations.law_change_since(mine.get(DraftKind.ANSWER), ticket.topic),
        "draft_clock": formats.clock_text(chosen.updated_at) if chosen else "",
        "kept_files": [file for draft in drafts for file in draft.attachments],
        "lost_drafts": [(draft, _draft_text(draft)) for draft in drafts if draft.kind not in shown_kinds],
    }


# --- acts


def _acts(ticket: Ticket, refused: Refused | None) -> dict[str, Any]:
    """The first acts with their forms; of the others, only the one that the address opens or that was refused.

    *gone*: a refused act that is no longer possible; what was typed for it is given back.
    """
    acts = offered(actor(), ticket)
    opened, sent = refused or (request.args.get("geste", ""), None)
    shown = [slug for slug, act in acts.items() if (act.is_first and not act.is_quick) or slug == opened]
    made = {slug: sent if sent and slug == opened else fresh_form(slug, actor(), ticket) for slug in shown}
    return {
        "quick_acts": {slug: act for slug, act in acts.items() if act.is_quick},
        "first_acts": {slug: (acts[slug], form) for slug, form in made.items() if acts[slug].is_first},
        "other_acts": {slug: (act, made.get(slug)) for slug, act in acts.items() if not act.is_first},
        "opened_slug": opened,
        "acts_url": _acts_url(ticket),
        "gone": _typed(sent) if sent and opened not in acts else [],
        "can_complete": perms.can_complete(actor(), ticket),
        "can_hand_over": "confier" in acts,
    }


def _acts_url(ticket: Ticket) -> str:
    """The page again, up to the slug of the act to open; what its address already asks is kept."""
    kept: dict[str, Any] = {name: request.args[name] for name in ("mode", "modele", "tout") if name in request.args}
    return url_for("tickets.thread", reference=ticket.reference, **kept, geste="")


def _typed(form: forms.ActForm) -> list[tuple[str, str]]:
    return [(field.label.text, field.data) for field in form if field.type == "TextAreaField" and field.data]


# --- context


def _context(ticket: Ticket) -> dict[str, Any]:
    organisation, place = ticket.organisation, get_reference().departements[ticket.organisation.departement]
    settings = parts.settings()
    grace = (settings.membership_grace_month, settings.membership_grace_day)
    around = queries.around(actor(), ticket)
    return {
        "organisation": organisation,
        "place": place,
        "local_time": formats.clock_text(clock.now(), place.timezone) if parts.place_of_zone(organisation) else "",
        "membership": membership_state(organisation.kind, organisation.membership_paid_year, clock.today(), grace),
        "asker_title": queries.title_in(ticket.asker_id, organisation.id),
        "linked": around.linked,
        "identical": around.identical,
        "other_questions": around.others,
    }
