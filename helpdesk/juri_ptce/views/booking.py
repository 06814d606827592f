"""One appointment as its PTCE reads it: when, how, what to prepare; moved or cancelled until the day before."""

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind
from helpdesk.db import db
from helpdesk.errors import NotFound
from helpdesk.formats import NBSP
from helpdesk.juri_ptce import invitations, perms
from helpdesk.juri_ptce.deadlines import is_too_late_for_ptce
from helpdesk.juri_ptce.enums import TO_COME
from helpdesk.juri_ptce.forms.ptce import CancelForm, SlotForm
from helpdesk.juri_ptce.models import Appointment, CallOffer
from helpdesk.juri_ptce.operations import booking as operations
from helpdesk.juri_ptce.operations.booking import Booked
from helpdesk.juri_ptce.queries import appointments
from helpdesk.juri_ptce.views.blueprint import actor, blueprint
from helpdesk.juri_ptce.views.choosing import choices_for, fill, is_full, place_of
from helpdesk.juri_ptce.wording import when_text
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.enums import ActorRole
from helpdesk.tickets.operations.history import settings
from helpdesk.tickets.views.blueprint import once, seen_version, sent_key
from helpdesk.web import signed_in

Page = tuple[str, int]


@blueprint.get("/juri-ptce/rendez-vous/<int:appointment_id>")
@signed_in
def booking(appointment_id: int) -> str:
    """The appointment, and what can still be done with it."""
    return _page(_appointment(appointment_id), CancelForm(formdata=None))


@blueprint.get("/juri-ptce/rendez-vous/<int:appointment_id>/invitation.ics")
@signed_in
def invitation(appointment_id: int) -> Response:
    """The call for the reader's own calendar; one that is over, or not to come, has none.

    :raises NotFound: then.
    """
    appointment = _appointment(appointment_id)
    if appointment.status not in TO_COME:
        raise NotFound
    headers = {"Content-Disposition": 'attachment; filename="rendez-vous.ics"'}
    content = invitations.request(appointment, actor())
    return current_app.response_class(content, mimetype="text/calendar", headers=headers)


@blueprint.post("/juri-ptce/rendez-vous/<int:appointment_id>/annuler")
@signed_in
def cancel(appointment_id: int) -> Response | Page:
    """Give the place back; on the day itself the page tells the number to call."""
    appointment, form = _appointment(appointment_id), CancelForm()

    def give_back() -> None:
        operations.cancel(actor(), appointment, reason=form.reason.data or "", seen_version=seen_version())

    status = form.submit(lambda: once(sent_key(), appointment.ticket, give_back))
    if status != 303:
        return _page(_appointment(appointment_id), form), status
    flash("Le rendez-vous est annulé. La question suit son cours par écrit.", "ok")
    return _to_booking(appointment)


@blueprint.get("/juri-ptce/rendez-vous/<int:appointment_id>/deplacer")
@signed_in
def move(appointment_id: int) -> str | Response:
    """The slots that are left; a call that is no longer to come shows where it stands instead."""
    appointment = _appointment(appointment_id)
    if not _changes(appointment)["can_move"]:
        return _to_booking(appointment)
    return _move_page(appointment, SlotForm(formdata=None))


@blueprint.post("/juri-ptce/rendez-vous/<int:appointment_id>/deplacer")
@signed_in
def move_to(appointment_id: int) -> Response | Page:
    """Take another slot for the same call; taken meanwhile, nothing moves and the page says it."""
    appointment, form = _appointment(appointment_id), SlotForm()
    results: list[Booked] = []

    def take() -> None:
        results.append(operations.move(actor(), appointment, form.slot.data))

    status = form.submit(lambda: once(sent_key(), appointment.ticket, take))
    appointment = _appointment(appointment_id)
    if status != 303 or is_full(results):
        return _move_page(appointment, form, is_full=is_full(results)), 200 if status == 303 else status
    flash("Le rendez-vous est déplacé.", "ok")
    return _to_booking(appointments.to_come_of(appointment.ticket) or appointment)


def _appointment(appointment_id: int) -> Appointment:
    """An appointment about a question that the reader sees; a partner jurist has a page of their own.

    :raises NotFound: otherwise.
    """
    appointment = appointments.get_visible_appointment(actor(), appointment_id)
    if not ticket_perms.can_view(actor(), appointment.ticket):
        raise NotFound
    return appointment


def _is_ptce(appointment: Appointment) -> bool:
    """Whether the structure chooses slots; an emergency call is for any structure."""
    return appointment.organisation.kind is OrganisationKind.PTCE


def _to_booking(appointment: Appointment) -> Response:
    return redirect(url_for("juri_ptce.booking", appointment_id=appointment.id), 303)


def _changes(appointment: Appointment) -> dict[str, Any]:
    """Whether the call can still be moved or cancelled by its reader, and why not."""
    is_member = ticket_perms.role_on(actor(), appointment.ticket) is ActorRole.MEMBER
    is_to_come = appointment.status in TO_COME and appointment.slot.starts_at > clock.now()
    is_late = is_to_come and is_member and is_too_late_for_ptce(appointment.slot.starts_at, clock.now())
    can_change = is_to_come and not is_late and perms.can_change_booking(actor(), appointment)
    can_move = can_change and appointment.slot.session_id is not None
    return {"is_to_come": is_to_come, "is_late": is_late, "can_change": can_change, "can_move": can_move}


def _page(appointment: Appointment, form: CancelForm) -> str:
    offer = db.session.get(CallOffer, appointment.ticket_id)
    return render_template(
        "juri_ptce/booking.html",
        one=appointment,
        form=form,
        ticket=appointment.ticket,
        # It may break after the day of the week: titles are narrow on a phone.
        when=when_text(appointment.slot.starts_at, place_of(appointment.organisation)).replace(NBSP, " ", 1),
        offer_note=offer.note if offer is not None else "",
        standing=None if appointment.status in TO_COME else appointments.to_come_of(appointment.ticket),
        can_book=_is_ptce(appointment) and perms.can_book(actor(), appointment.ticket),
        wants_out="annuler" in request.args,
        phone=settings().service_phone,
        **_changes(appointment),
    )


def _move_page(appointment: Appointment, form: SlotForm, *, is_full: bool = False) -> str:
    choices = [one for one in choices_for(appointment.ticket) if one.slot_ids]
    return render_template(
        "juri_ptce/move.html",
        one=appointment,
        form=form,
        place=place_of(appointment.organisation),
        choices=choices,
        options=fill(form, choices, place_of(appointment.organisation)),
        is_full=is_full,
        phone=settings().service_phone,
        action=url_for("juri_ptce.move_to", appointment_id=appointment.id),
        back=url_for("juri_ptce.booking", appointment_id=appointment.id),
    )
