"""What the staff proposes from a question: a call, an emergency call, its word for a PTCE."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.accounts.models import Person
from helpdesk.db import db
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.forms.sheet import EmergencyForm, OfferForm
from helpdesk.juri_ptce.models import CallOffer, PtceDetails
from helpdesk.juri_ptce.operations import calls, details, emergency, places
from helpdesk.juri_ptce.queries.slots import next_sessions
from helpdesk.juri_ptce.views.blueprint import actor, blueprint
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.operations.history import require
from helpdesk.tickets.views.blueprint import once, sent_key
from helpdesk.web import pole_only, staff_only

Page = Response | str | tuple[str, int]


@blueprint.get("/juri-ptce/questions/<reference>/echange")
@pole_only
def offer(reference: str) -> Page:
    """The call to propose, or the one proposed already."""
    ticket, form = _ticket(reference), OfferForm(formdata=None)
    require(perms.can_offer_call(actor(), ticket))
    form.offer(next_sessions(clock.now()))
    _prefill(form, ticket)
    return _offer_page(ticket, form)


@blueprint.post("/juri-ptce/questions/<reference>/echange")
@pole_only
def send_offer(reference: str) -> Page:
    """Propose the call: the PTCE chooses its slot."""
    ticket, form = _ticket(reference), OfferForm()
    form.offer(next_sessions(clock.now()))
    status = form.submit(lambda: once(sent_key(), ticket, lambda: _offer(ticket, form)))
    if status != 303:
        return _offer_page(_ticket(reference), form), status
    flash("L’échange est proposé : le PTCE est prévenu et choisit son créneau.", "ok")
    return _to_thread(reference)


@blueprint.post("/juri-ptce/questions/<reference>/echange/retirer")
@pole_only
def withdraw_offer(reference: str) -> Page:
    """Take the word back."""
    ticket = _ticket(reference)
    once(sent_key(), ticket, lambda: calls.withdraw_offer(actor(), ticket))
    flash("L’échange n’est plus proposé. Un rendez-vous déjà pris reste pris.", "ok")
    return _to_thread(reference)


@blueprint.get("/juri-ptce/questions/<reference>/urgence")
@staff_only
def emergency_call(reference: str) -> Page:
    """The emergency call to open today."""
    ticket, form = _ticket(reference), EmergencyForm(formdata=None)
    require(perms.can_open_emergency(actor(), ticket))
    form.offer(_jurists(ticket))
    form.prefill(clock.now(), places.known_phone(ticket))
    return _emergency_page(ticket, form)


@blueprint.post("/juri-ptce/questions/<reference>/urgence")
@staff_only
def open_emergency(reference: str) -> Page:
    """Open it: confirmed at once."""
    ticket, form = _ticket(reference), EmergencyForm()
    form.offer(_jurists(ticket))
    status = form.submit(lambda: once(sent_key(), ticket, lambda: _open(ticket, form)))
    if status != 303:
        return _emergency_page(_ticket(reference), form), status
    flash("Le rendez-vous d’urgence est ouvert, l’invitation part.", "ok")
    return _to_thread(reference)


@blueprint.post("/juri-ptce/questions/<reference>/garantie")
@staff_only
def vouch(reference: str) -> Page:
    """« Se porter garant »: the PTCE may book calls from now on."""
    ticket = _ticket(reference)
    once(sent_key(), ticket, lambda: details.vouch(actor(), ticket.organisation))
    flash("Vous vous portez garant de ce PTCE : il peut prendre rendez-vous.", "ok")
    return _to_thread(reference)


def _ticket(reference: str) -> Ticket:
    return tickets.get_visible_ticket(actor(), reference)


def _to_thread(reference: str) -> Response:
    return redirect(url_for("tickets.thread", reference=reference), 303)


def _jurists(ticket: Ticket) -> list[Person]:
    """Who may hold it: the pole, those in a conflict of interest left out."""
    excluded = {one.person_id for one in ticket.conflicts}
    return [person for person in tickets.jurists() if person.id not in excluded]


def _prefill(form: OfferForm, ticket: Ticket) -> None:
    """What was proposed already; else the session that the PTCE wishes for."""
    standing, wish = db.session.get(CallOffer, ticket.id), db.session.get(PtceDetails, ticket.id)
    if standing is not None:
        form.medium.data, form.note.data = standing.medium.value, standing.note
    session_id = standing.session_id if standing else wish.wished_session_id if wish else None
    form.session_id.data = str(session_id or "")


def _offer(ticket: Ticket, form: OfferForm) -> None:
    session_id, note = form.chosen_session_id, form.note.data or ""
    calls.offer_call(actor(), ticket, medium=form.chosen_medium, session_id=session_id, note=note)


def _open(ticket: Ticket, form: EmergencyForm) -> None:
    emergency.open_emergency(
        actor(),
        ticket,
        starts_at=form.at,
        minutes=int(form.minutes.data),
        medium=form.chosen_medium,
        phone=form.phone.data or "",
        jurist=next((one for one in _jurists(ticket) if one.id == form.jurist_id), None),
    )


def _offer_page(ticket: Ticket, form: OfferForm) -> str:
    standing = db.session.get(CallOffer, ticket.id)
    return render_template(
        "juri_ptce/offer.html", ticket=ticket, form=form, standing=standing, has_errors=bool(form.errors)
    )


def _emergency_page(ticket: Ticket, form: EmergencyForm) -> str:
    return render_template("juri_ptce/emergency.html", ticket=ticket, form=form, has_errors=bool(form.errors))
