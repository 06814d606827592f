"""What the pages of a member show, prepared: states, cards, contact, stages, versions of an answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from markupsafe import Markup

from helpdesk import clock, settings_of
from helpdesk.accounts.enums import MembershipState
from helpdesk.accounts.membership import membership_state
from helpdesk.accounts.models import Organisation, Person
from helpdesk.formats import NBSP, PARIS, long_date_text
from helpdesk.markdown import render
from helpdesk.reference import get_reference
from helpdesk.settings import Settings
from helpdesk.tickets import queries
from helpdesk.tickets.deadlines import day_number, working_deadline
from helpdesk.tickets.enums import Action, ActorRole, CloseReason, Status
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import MessageRow, TicketRow
from helpdesk.tickets.reading import names_of
from helpdesk.tickets.timeline import Event

NAMES_SHOWN = 3


def settings() -> Settings:
    """The settings of the running application."""
    return settings_of(current_app)


# --- states


@dataclass(frozen=True)
class State:
    """A state in the asker's words, with what the ``state_tag`` macro needs."""

    label: str
    tone: str
    icon: str


_STATES = {
    Status.TRIAGE: ("info", "boite"),
    Status.REGIONAL: ("info", "lecture"),
    Status.POLE: ("info", "envoi"),
    Status.STUDY: ("info", "lecture"),
    Status.WAITING: ("veille", "question"),
    Status.RELAY: ("info", "crayon"),
    Status.ANSWERED: ("ok", "coche-rond"),
    Status.CLOSED: ("", "boite"),
}


def state_of(question: Ticket | TicketRow, *, is_read: bool | None = None) -> State:
    """The state of a question for its asker; an answer that was read is no longer to be read."""
    is_read = question.answer_read_at is not None if is_read is None else is_read
    tone, icon = _STATES[question.status]
    if question.status is Status.ANSWERED and is_read:
        return State("Répondue", tone, icon)
    reason = getattr(question, "close_reason", None)
    label = f"Close : {reason.label.lower()}" if reason else question.status.member_label
    return State(label, tone, icon)


# --- cards


@dataclass(frozen=True)
class Card:
    """A question on the home page. *day* empty: no ruler, because it is answered, waits, or is late."""

    row: TicketRow
    state: State
    day: int | None
    is_late: bool


def card_of(row: TicketRow, now: datetime) -> Card:
    """The card of *row*: a ruler as long as it says something good, a date otherwise."""
    is_running = row.is_open and row.status is not Status.WAITING
    is_first_round = row.answered_at is None
    is_late = is_running and row.due_at < now
    day = day_number(row.received_at, now, row.waited(now)) if is_running and is_first_round else None
    return Card(row, state_of(row), None if is_late else day, is_late)


# --- people and places


@dataclass(frozen=True)
class Contact:
    """Whom the member may call."""

    title: str
    name: str
    detail: str
    phone: str
    hours: str


def contact_of(delegation: str | None) -> Contact:
    """The delegation's people and hours, or the pole where no delegation covers the département."""
    if delegation is None:
        return Contact("Votre contact", "Pôle juridique", "", settings().service_phone, "")
    reference, desk = get_reference().delegations[delegation], queries.desk_of_delegation(delegation)
    names = desk.names
    own_name = f"Délégation {reference.name}"
    return Contact(
        f"Votre délégation : {reference.name}",
        names[0] if len(names) == 1 else own_name,
        own_name if len(names) == 1 else ", ".join(names[:NAMES_SHOWN]),
        desk.phone or reference.phone or settings().service_phone,
        desk.opening_hours,
    )


def own_organisations(person: Person) -> list[Organisation]:
    """The structures that *person* holds a mandate in today, each once."""
    return list({mandate.organisation_id: mandate.organisation for mandate in person.active_mandates}.values())


def late_organisations(person: Person) -> list[Organisation]:
    """Those of them whose fee is late: told, never held against a question."""
    grace = (settings().membership_grace_month, settings().membership_grace_day)
    today = clock.today()
    return [
        one
        for one in own_organisations(person)
        if membership_state(one.kind, one.membership_paid_year, today, grace) is MembershipState.LATE
    ]


def zone_of(organisation: Organisation) -> str:
    """The IANA zone in which the structure reads its clock."""
    return get_reference().departements[organisation.departement].timezone


def place_of_zone(organisation: Organisation) -> str:
    """« La Réunion », when its clock is not that of Paris; empty otherwise."""
    departement = get_reference().departements[organisation.departement]
    return "" if departement.timezone == PARIS else departement.name


# --- what happens next

Stage = tuple[str, str, str, bool]


def stages_of(ticket: Ticket, contact: Contact) -> list[Stage]:
    """« La suite », with real dates, for the ``next_steps`` macro."""
    zone = zone_of(ticket.organisation)
    received = _day_words(ticket.received_at, zone)
    is_direct = ticket.delegation is None or ticket.urgency >= 2
    return [
        ("coche", f"{received.capitalize()} : question reçue", "Vous pouvez encore la compléter.", True),
        _reading(ticket, contact),
        (
            "balance",
            "Une ou un juriste l’étudie" if is_direct else "Sinon, une ou un juriste l’étudie",
            "Vous suivez l’avancement dans « Mes questions ».",
            ticket.status in (Status.STUDY, Status.RELAY, Status.ANSWERED),
        ),
        (
            "bulle",
            f"Au plus tard le {_day_words(ticket.due_at)} : la réponse",
            f"{_own_date(ticket)}Vous la recevez par courriel et la retrouvez ici, avec ses références.",
            ticket.answered_at is not None,
        ),
    ]


def _own_date(ticket: Ticket) -> str:
    """The asker's own date, when it comes before ours: the page never lets them think that it was not read."""
    if ticket.deadline_on is None or ticket.deadline_on >= ticket.due_at.date():
        return ""
    return "Vous avez indiqué une date plus proche : l’équipe la voit. "


def _day_words(at: datetime, zone: str = PARIS) -> str:
    """« mardi 1er décembre 2026 », which may break after the day of the week: titles are narrow on a phone."""
    return long_date_text(at, zone).replace(NBSP, " ", 1)


def _reading(ticket: Ticket, contact: Contact) -> Stage:
    is_read = ticket.status is not Status.TRIAGE
    if ticket.urgency >= 2:
        who = "votre délégation et nos juristes" if ticket.delegation else "nos juristes"
        return ("urgence", "Tout de suite : l’équipe est prévenue", f"Un courriel d’urgence part à {who}.", is_read)
    if ticket.delegation is None:
        text = "Votre département n’a pas de délégation : la question arrive directement au pôle juridique."
        return ("personne", "Le pôle juridique la lit", text, is_read)
    zone = get_reference().departements[ticket.organisation.departement].holiday_zone
    until = working_deadline(ticket.received_at, settings().auto_transmit_working_days, zone)
    return (
        "personne",
        f"D’ici au {_day_words(until)} : votre délégation la lit",
        f"{contact.name} vous répond tout de suite si possible, ou vous demande une précision.",
        is_read,
    )


# --- answers


Said = Message | MessageRow
"""A message, just written or as it is read."""


@dataclass(frozen=True)
class Answer:
    """An answer ready to be read, and its place among its corrections: *number* 2 replaces *replaced*."""

    message: Said
    number: int
    replaced: Said | None
    is_current: bool
    in_brief: Markup
    explanation: Markup
    actions: Markup
    word_by: str = ""
    """Name and role of the delegate whose word goes with the answer; empty: the word is its author's."""


def answers_of(messages: Sequence[Said], words_by: Mapping[int, str] | None = None) -> dict[int, Answer]:
    """The answers among *messages* by their id, with their versions; *words_by*: see :func:`words_by_delegates`."""
    by_id = {message.id: message for message in messages if message.kind.is_answer}
    replaced_ids = {message.replaces_id for message in by_id.values()}
    found: dict[int, Answer] = {}
    for message in by_id.values():
        replaced = by_id.get(message.replaces_id or 0)
        number = found[replaced.id].number + 1 if replaced else 1
        found[message.id] = Answer(
            message,
            number,
            replaced,
            is_current=message.id not in replaced_ids,
            in_brief=render(message.in_brief),
            explanation=render(message.explanation),
            actions=render(message.actions),
            word_by=(words_by or {}).get(message.id, ""),
        )
    return found


def words_by_delegates(events: Iterable[Event], ticket: Ticket) -> dict[int, str]:
    """Who of the delegation added a word to an answer of the pole, by answer: « Maïwenn Le Bihan, délégation
    Bretagne ».
    """
    relayed = [event for event in events if event.kind == Action.RELAY and event.data.get("has_word")]
    names = names_of({event.actor_id for event in relayed if event.actor_id is not None})
    role = _delegation_words(ticket)
    return {event.data["message_id"]: f"{names[event.actor_id]}, {role}" for event in relayed if event.actor_id}


def shown_answer(ticket: Ticket, answers: dict[int, Answer]) -> Answer | None:
    """The answer in force, shown first; none while the question is open."""
    if ticket.status not in (Status.ANSWERED, Status.CLOSED):
        return None
    current = [answer for answer in answers.values() if answer.is_current]
    return current[-1] if current else None


def role_words(message: Said, ticket: Ticket) -> str:
    """In which capacity somebody wrote, for the asker."""
    if message.author_role is ActorRole.JURIST:
        return "juriste"
    return _delegation_words(ticket) if message.author_role is ActorRole.DELEGATE else ""


def _delegation_words(ticket: Ticket) -> str:
    return f"délégation {get_reference().delegations[ticket.delegation].name}" if ticket.delegation else "délégation"


def reopens_until(ticket: Ticket) -> datetime | None:
    """Until when a follow-up reopens the question; none when it makes a new one."""
    is_answered = ticket.status is Status.ANSWERED or ticket.close_reason is CloseReason.ANSWERED
    answered_at = ticket.clock.answered_at
    if not is_answered or answered_at is None:
        return None
    until = answered_at + timedelta(days=settings().reopen_days)
    return until if clock.now() <= until else None
