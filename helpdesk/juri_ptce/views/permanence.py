"""« Permanence Juri-PTCE »: what it is, where the PTCE's questions stand with calls, the next sessions."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind
from helpdesk.accounts.models import Organisation, Person
from helpdesk.errors import Conflict
from helpdesk.juri_ptce.enums import Entitlement
from helpdesk.juri_ptce.models import WaitingEntry
from helpdesk.juri_ptce.operations import waiting as operations
from helpdesk.juri_ptce.operations.details import entitlement_of
from helpdesk.juri_ptce.queries import ptce as queries
from helpdesk.juri_ptce.queries import slots
from helpdesk.juri_ptce.views.blueprint import actor, blueprint
from helpdesk.juri_ptce.wording import hours_text, when_text
from helpdesk.reference import get_reference
from helpdesk.tickets.operations.history import settings
from helpdesk.web import member_only, signed_in

blueprint.add_app_template_global(when_text, "when_text")
blueprint.add_app_template_global(hours_text, "hours_text")


@blueprint.get("/juri-ptce")
@member_only
def permanence() -> str:
    """The PTCE's own page; whoever is of no PTCE reads what it is for."""
    organisations = own_ptce(actor())
    if not organisations:
        return render_template("juri_ptce/not_a_ptce.html")
    return render_template(
        "juri_ptce/permanence.html",
        questions=queries.own_questions(actor()),
        sessions=slots.next_sessions(clock.now()),
        place=get_reference().departements[organisations[0].departement],
        is_entitled=any(entitlement_of(one) is not Entitlement.NONE for one in organisations),
        charter_url=settings().juri_charter_url,
        minutes=settings().juri_slot_minutes,
        now=clock.now(),
    )


@blueprint.post("/juri-ptce/liste-attente/<int:entry_id>/quitter")
@signed_in
def leave(entry_id: int) -> Response:
    """Wait no longer; twice is once."""
    entry = queries.get_visible_entry(actor(), entry_id)
    operations.leave(actor(), entry)
    flash("Vous n’êtes plus sur la liste d’attente. Votre question suit son cours par écrit.", "ok")
    return _back(entry)


@blueprint.post("/juri-ptce/liste-attente/<int:entry_id>/accepter")
@signed_in
def accept(entry_id: int) -> Response:
    """Take the place that was freed; gone meanwhile, the page says what is left."""
    entry = queries.get_visible_entry(actor(), entry_id)
    return _act(entry, lambda: operations.accept(actor(), entry), "Votre rendez-vous est confirmé.")


@blueprint.post("/juri-ptce/liste-attente/<int:entry_id>/decliner")
@signed_in
def decline(entry_id: int) -> Response:
    """Let the place go to the next one."""
    entry = queries.get_visible_entry(actor(), entry_id)
    said = "La place est laissée à la personne suivante. Votre question suit son cours par écrit."
    return _act(entry, lambda: operations.decline(actor(), entry), said)


def own_ptce(person: Person) -> list[Organisation]:
    """The PTCE that *person* holds a mandate in today, each once."""
    organisations = {one.organisation_id: one.organisation for one in person.active_mandates}
    return [one for one in organisations.values() if one.kind is OrganisationKind.PTCE]


def _act(entry: WaitingEntry, call: Callable[[], object], said: str) -> Response:
    reference = entry.ticket.reference
    try:
        call()
    except Conflict as error:
        flash(error.message, "veille")
        return redirect(url_for("juri_ptce.choose", reference=reference), 303)
    flash(said, "ok")
    return _back(entry)


def _back(entry: WaitingEntry) -> Response:
    """To the list of whoever has one, else to the question."""
    if own_ptce(actor()):
        return redirect(url_for("juri_ptce.permanence"), 303)
    return redirect(url_for("tickets.thread", reference=entry.ticket.reference), 303)
