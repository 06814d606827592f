"""A PTCE chooses among real slots; the written track is always there as the other choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind
from helpdesk.accounts.models import Organisation
from helpdesk.db import db
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.formats import french_text
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import AppointmentStatus, Entitlement, Medium
from helpdesk.juri_ptce.forms.ptce import BookingForm, SlotForm, WaitingForm
from helpdesk.juri_ptce.models import CallOffer, JuriSession
from helpdesk.juri_ptce.operations import booking as operations
from helpdesk.juri_ptce.operations import places, waiting
from helpdesk.juri_ptce.operations.booking import Booked, Outcome
from helpdesk.juri_ptce.operations.details import entitlement_of
from helpdesk.juri_ptce.operations.places import has_room_in
from helpdesk.juri_ptce.queries import appointments, slots
from helpdesk.juri_ptce.views.blueprint import actor, blueprint
from helpdesk.juri_ptce.wording import hours_text
from helpdesk.reference import get_reference
from helpdesk.reference.types import Departement
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.enums import ContactPreference
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import settings
from helpdesk.tickets.views.blueprint import once, sent_key
from helpdesk.web import signed_in

Page = tuple[str, int]
IS_OVER = "Cette question est répondue ou close : posez-en une nouvelle pour demander un échange."


@dataclass(frozen=True)
class SessionChoice:
    """A session with the slots that are left: numbers of slots, in the order to advise; none: it is full, or the
    PTCE has a place there already for another question.
    """

    session: JuriSession
    slot_ids: tuple[int, ...]
    best_id: int | None
    is_had: bool


@blueprint.get("/juri-ptce/questions/<reference>/creneau")
@signed_in
def choose(reference: str) -> str | Response:
    """The slots of the next sessions; whoever has one already sees it."""
    ticket = _ticket(reference)
    standing = appointments.to_come_of(ticket)
    if standing is not None:
        return redirect(url_for("juri_ptce.booking", appointment_id=standing.id), 303)
    return _page(ticket, _form(ticket))


@blueprint.post("/juri-ptce/questions/<reference>/creneau")
@signed_in
def book(reference: str) -> Response | Page:
    """Take the slot; taken meanwhile, the same page says it and shows what is left."""
    ticket, form = _ticket(reference), BookingForm()
    results: list[Booked] = []

    def take() -> None:
        results.append(operations.book(actor(), ticket, form.slot.data, **form.call))

    status = form.submit(lambda: once(sent_key(), ticket, take))
    ticket = _ticket(reference)
    standing = appointments.to_come_of(ticket) if status == 303 and not is_full(results) else None
    if standing is None:
        return _page(ticket, form, is_full=is_full(results)), 200 if status == 303 else status
    is_agreed = standing.status is AppointmentStatus.CONFIRMED
    flash("Votre rendez-vous est confirmé." if is_agreed else "Votre demande est enregistrée.", "ok")
    return redirect(url_for("juri_ptce.booking", appointment_id=standing.id), 303)


@blueprint.post("/juri-ptce/questions/<reference>/liste-attente")
@signed_in
def wait(reference: str) -> Response | Page:
    """Wait for a place in a full session; the button names it."""
    ticket, form = _ticket(reference), WaitingForm()

    def join() -> None:
        waiting.join(actor(), ticket, form.session.data, **form.call)

    status = form.submit(lambda: once(sent_key(), ticket, join))
    ticket = _ticket(reference)
    if status != 303:
        return _page(ticket, form), status
    flash("Vous êtes sur la liste d’attente. Dès qu’une place se libère, un courriel vous la propose.", "ok")
    return redirect(url_for("tickets.thread", reference=reference), 303)


def is_full(results: Sequence[Booked]) -> bool:
    """Whether somebody else was quicker."""
    return any(one.outcome is Outcome.FULL for one in results)


def choices_for(ticket: Ticket) -> list[SessionChoice]:
    """The sessions that the question reaches, each with what is left of it."""
    found: dict[int, list[slots.SlotChoice]] = {}
    for choice in slots.open_slots(ticket, clock.now()):
        found.setdefault(choice.session.id, []).append(choice)
    offer = db.session.get(CallOffer, ticket.id)
    only = offer.session_id if offer is not None else None
    sessions = {one.id: one for one in slots.next_sessions(clock.now()) if clock.now() <= one.cut_off_at}
    sessions |= {number: chosen[0].session for number, chosen in found.items()}
    wanted = [one for one in sessions.values() if only in (None, one.id)]
    in_order = sorted(wanted, key=lambda one: one.starts_at)
    return [_session_choice(ticket, one, found.get(one.id, [])) for one in in_order]


def _session_choice(ticket: Ticket, session: JuriSession, chosen: Sequence[slots.SlotChoice]) -> SessionChoice:
    if not has_room_in(ticket, session):
        return SessionChoice(session, (), None, is_had=True)
    best = next((one.slot.id for one in chosen if one.is_recommended and one.local is not None), None)
    return SessionChoice(session, tuple(one.slot.id for one in chosen), best, is_had=False)


def fill(form: SlotForm, choices: Sequence[SessionChoice], place: Departement) -> dict[int, Any]:
    """Give the form its radio buttons, each with both times; returns them by slot, to be drawn by session."""
    times = {slot.id: slot.starts_at for one in choices for slot in one.session.slots if slot.id in one.slot_ids}
    ordered = [number for one in choices for number in one.slot_ids]
    form.slot.choices = {number: french_text(hours_text(times[number], place)) for number in ordered}
    return {option.data: option for option in form.slot}


def place_of(organisation: Organisation) -> Departement:
    """Where a structure is, whose clock it reads."""
    return get_reference().departements[organisation.departement]


def _ticket(reference: str) -> Ticket:
    """A PTCE's question, that its reader may book a call for.

    :raises NotFound: for another's, or one that is no PTCE's.
    :raises NotAllowed: for one that is answered or closed, or for somebody who only reads it.
    """
    ticket = tickets.get_visible_ticket(actor(), reference)
    if ticket.organisation.kind is not OrganisationKind.PTCE:
        raise NotFound
    if not perms.can_book(actor(), ticket):
        raise NotAllowed(None if ticket.status.is_open else IS_OVER)
    return ticket


def _form(ticket: Ticket) -> BookingForm:
    offer = db.session.get(CallOffer, ticket.id)
    wants_video = ticket.preference is ContactPreference.VIDEO
    medium = offer.medium if offer is not None else Medium.VIDEO if wants_video else Medium.PHONE
    return BookingForm(formdata=None, medium=medium.value, phone=places.known_phone(ticket))


def _page(ticket: Ticket, form: BookingForm, *, is_full: bool = False) -> str:
    choices = choices_for(ticket)
    return render_template(
        "juri_ptce/choose.html",
        ticket=ticket,
        form=form,
        place=place_of(ticket.organisation),
        choices=choices,
        options=fill(form, choices, place_of(ticket.organisation)),
        offer=db.session.get(CallOffer, ticket.id),
        is_entitled=entitlement_of(ticket.organisation) is not Entitlement.NONE,
        waited_ids={one.session_id for one in appointments.queued_of(ticket)},
        is_full=is_full,
        is_own=not actor().is_staff,
        phone=settings().service_phone,
        charter_url=settings().juri_charter_url,
        minutes=settings().juri_slot_minutes,
    )
