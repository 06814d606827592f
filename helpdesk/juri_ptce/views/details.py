"""What goes with a PTCE's question, completed or corrected after it was sent: typed in on the phone, it has none."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind
from helpdesk.db import db
from helpdesk.errors import NotAllowed, NotFound
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.forms.ptce import DetailsForm, known_values
from helpdesk.juri_ptce.models import PtceDetails
from helpdesk.juri_ptce.operations import details as operations
from helpdesk.juri_ptce.operations.details import ANY_SESSION, NO, PREFIX, YES, read_fields
from helpdesk.juri_ptce.queries import ptce as queries
from helpdesk.juri_ptce.views.blueprint import actor, blueprint
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.views.blueprint import once, seen_version, sent_key
from helpdesk.web import signed_in

Page = tuple[str, int]
NOTHING_TYPED: Mapping[str, str] = MappingProxyType({})
IS_OVER = "Cette question est répondue ou close : écrivez dans la question pour corriger une précision."
OF_STAFF = "Le PTCE accepte un retour anonymisé dans les questions fréquentes"


@blueprint.get("/juri-ptce/questions/<reference>/complements")
@signed_in
def details(reference: str) -> str:
    """What is known, to complete or correct."""
    ticket = _ticket(reference)
    return _page(ticket, _form(ticket))


@blueprint.post("/juri-ptce/questions/<reference>/complements")
@signed_in
def save_details(reference: str) -> Response | Page:
    """Keep it; refused, what was typed is given back."""
    ticket = _ticket(reference)
    typed = {name: text for name, text in request.form.items() if name.startswith(PREFIX)}
    form = _form(ticket, typed)

    def save() -> None:
        fields = read_fields(typed, kept_session_id=form.kept_session_id)
        operations.save_details(actor(), ticket, fields, seen_version=seen_version())

    status = form.submit(lambda: once(sent_key(), ticket, save))
    if status != 303:
        return _page(_ticket(reference), form), status
    flash("Les précisions sont enregistrées.", "ok")
    return redirect(url_for("tickets.thread", reference=reference), 303)


def _ticket(reference: str) -> Ticket:
    """A PTCE's question, whose details its reader may complete.

    :raises NotFound: for another's, or one that is no PTCE's.
    :raises NotAllowed: for a member once it is answered or closed, or for somebody who only reads it.
    """
    ticket = tickets.get_visible_ticket(actor(), reference)
    if ticket.organisation.kind is not OrganisationKind.PTCE:
        raise NotFound
    if not perms.can_complete_details(actor(), ticket):
        raise NotAllowed(None if ticket.status.is_open else IS_OVER)
    return ticket


def _form(ticket: Ticket, typed: Mapping[str, str] = NOTHING_TYPED) -> DetailsForm:
    found = db.session.get(PtceDetails, ticket.id)
    known = {} if typed else _known(ticket, found)
    form = DetailsForm(typed, queries.reachable_sessions(clock.now()), found.wished_session if found else None, **known)
    if ticket_perms.is_staff_on(actor(), ticket):
        form.may_be_published.label.text = OF_STAFF
    return form


def _known(ticket: Ticket, found: PtceDetails | None) -> dict[str, Any]:
    """What the question says, and of the PTCE itself what an earlier question said."""
    last, profile = queries.last_details(ticket.organisation_id)
    if found is None:
        return known_values(last, profile)
    return known_values(found if found.carrier else last, profile) | {
        "territory": found.territory or (last.territory if last and not found.carrier else ""),
        "involves_authority": YES if found.involves_authority else NO,
        "amount": found.amount,
        "wished_session": str(found.wished_session_id or ANY_SESSION),
        "may_be_published": found.may_be_published,
    }


def _page(ticket: Ticket, form: DetailsForm) -> str:
    return render_template(
        "juri_ptce/details.html",
        ticket=ticket,
        details=form,
        is_staff=ticket_perms.is_staff_on(actor(), ticket),
    )
