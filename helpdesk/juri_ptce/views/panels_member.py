"""What Juri-PTCE adds to the pages of a PTCE: at most one statement each, and none for anybody else."""

from typing import Any

from flask import render_template
from markupsafe import Markup

from helpdesk import clock
from helpdesk.accounts.enums import OrganisationKind
from helpdesk.accounts.models import Organisation, Person
from helpdesk.formats import WEEKDAYS
from helpdesk.juri_ptce import perms
from helpdesk.juri_ptce.enums import Entitlement
from helpdesk.juri_ptce.forms.ptce import DetailsForm, known_values
from helpdesk.juri_ptce.operations.details import entitlement_of
from helpdesk.juri_ptce.queries import ptce as queries
from helpdesk.juri_ptce.views.blueprint import actor
from helpdesk.months import SHORT_MONTHS
from helpdesk.panels import fills
from helpdesk.reference.zones import PARIS
from helpdesk.tickets.models import Ticket

NOTHING = Markup("")


@fills("tickets.check_form")
def details_of_ptce(*, organisation: Organisation | None, typed: dict[str, str], **_context: Any) -> Markup:
    """What a PTCE may add before it sends; refused, with what was typed and why."""
    if organisation is None or not _is_ptce(organisation):
        return NOTHING
    sessions = queries.reachable_sessions(clock.now())
    known = {} if typed else known_values(*queries.last_details(organisation.id))
    return _page(
        "juri_ptce/_details.html",
        details=DetailsForm(typed, sessions, **known),
        is_open=not known,
    )


@fills("tickets.sent")
def after_sending(*, ticket: Ticket, **_context: Any) -> Markup:
    """What comes next for a PTCE, and what may entitle it to a call."""
    if not _is_ptce(ticket.organisation):
        return NOTHING
    is_entitled = entitlement_of(ticket.organisation) is not Entitlement.NONE
    return _page("juri_ptce/_on_sent.html", ticket=ticket, is_entitled=is_entitled)


@fills("tickets.member_thread")
def on_thread(*, ticket: Ticket, **_context: Any) -> Markup:
    """Where the question stands with calls, as long as there is something to do or to await."""
    if not _is_ptce(ticket.organisation):
        return NOTHING
    standing = queries.standing_of(ticket)
    if not standing.has_step and not ticket.status.is_open:
        return NOTHING
    can_complete = perms.can_complete_details(actor(), ticket)
    return _page("juri_ptce/_on_thread.html", one=standing, can_complete=can_complete)


@fills("tickets.home_next")
def on_home(*, me: Person, **_context: Any) -> Markup:
    """The step that awaits a PTCE, or the way to the sessions."""
    if not queries.ptce_ids(me):
        return NOTHING
    next_at, one = queries.next_step(me, clock.now())
    call = one.nearest_call if one else None
    shown = call.starts_at if call else None if one else next_at
    paris = shown.astimezone(PARIS) if shown else None
    return _page(
        "juri_ptce/_on_home.html",
        one=one,
        is_call=call is not None,
        weekday=WEEKDAYS[paris.weekday()] if paris else "",
        day_number=paris.day if paris else 0,
        month=f"{SHORT_MONTHS[paris.month - 1]} {paris.year}" if paris else "",
    )


def _is_ptce(organisation: Organisation) -> bool:
    return organisation.kind is OrganisationKind.PTCE


def _page(name: str, **context: Any) -> Markup:
    return Markup(render_template(name, **context))  # noqa: S704 - a template of ours
