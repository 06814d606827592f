"""What Juri-PTCE adds beside a question, for its staff: the PTCE's words, the calls, the parts, the emergency."""

from typing import Any

from flask import render_template
from markupsafe import Markup

from helpdesk.accounts.enums import OrganisationKind
from helpdesk.juri_ptce import perms, wording
from helpdesk.juri_ptce.enums import Entitlement
from helpdesk.juri_ptce.operations.accounting import is_written
from helpdesk.juri_ptce.operations.details import entitlement_of
from helpdesk.juri_ptce.queries.beside import beside
from helpdesk.juri_ptce.views.blueprint import actor
from helpdesk.panels import fills
from helpdesk.reference import get_reference
from helpdesk.tickets import perms as ticket_perms
from helpdesk.tickets.models import Ticket

URGENT = 2


@fills("tickets.thread")
def beside_question(*, ticket: Ticket, **_context: Any) -> Markup:
    """A question that is neither a PTCE's nor urgent costs nothing here."""
    me, is_ptce = actor(), ticket.organisation.kind is OrganisationKind.PTCE
    if not ticket_perms.is_staff_on(me, ticket) or not (is_ptce or ticket.urgency >= URGENT):
        return Markup("")
    found = beside(ticket)
    can_open = not found.has_call_to_come and perms.can_open_emergency(me, ticket)
    if not is_ptce and not found.calls and not can_open:
        return Markup("")
    entitlement = entitlement_of(ticket.organisation) if is_ptce else Entitlement.NONE
    return _page(
        ticket=ticket,
        found=found,
        me=me,
        is_ptce=is_ptce,
        entitlement=entitlement,
        is_entitled=entitlement is not Entitlement.NONE,
        can_complete=is_ptce and perms.can_complete_details(me, ticket),
        can_vouch=is_ptce and perms.can_vouch(me, ticket.organisation),
        can_offer=is_ptce and perms.can_offer_call(me, ticket),
        can_book=is_ptce and not found.has_call_to_come and perms.can_book(me, ticket),
        can_split=is_ptce and perms.can_split(me, ticket),
        can_start=perms.are_approved(found.parts) and ticket_perms.can_answer(me, ticket),
        wants_rtes=not found.parts and perms.brings_rtes_in(ticket.topic, found.details),
        can_open_emergency=can_open,
    )


def _page(*, ticket: Ticket, **values: Any) -> Markup:
    place = get_reference().departements[ticket.organisation.departement]
    page = render_template(
        "juri_ptce/_beside_question.html",
        ticket=ticket,
        place=place,
        when_text=wording.when_text,
        is_written=is_written,
        **values,
    )
    return Markup(page)  # noqa: S704 (a template of ours)
