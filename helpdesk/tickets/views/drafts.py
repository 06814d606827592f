"""What the page of a question saves by itself: the draft as one types, and who has it open."""

from flask import jsonify, request
from werkzeug.wrappers import Response

from helpdesk import formats
from helpdesk.tickets import operations, queries
from helpdesk.tickets.forms.thread import REPLY, WriteForm
from helpdesk.tickets.views.blueprint import actor, blueprint
from helpdesk.tickets.views.desk import ANSWERED_ALREADY
from helpdesk.web import staff_only


@blueprint.post("/questions/<reference>/brouillon")
@staff_only
def save_draft(reference: str) -> Response:
    """Keep what is being typed, whatever happened to the question meanwhile; colleagues of the staff can read it.

    409, with the text kept: somebody has answered while it was typed.
    """
    ticket, form = queries.get_visible_ticket(actor(), reference), WriteForm()
    draft = operations.save_draft(actor(), ticket, form.draft_kind, form.draft_fields())
    response = jsonify({"saved_at": formats.clock_text(draft.updated_at)})
    is_overtaken = form.mode.data == REPLY and ticket.status in ANSWERED_ALREADY
    response.status_code = 409 if is_overtaken else 200
    return response


@blueprint.post("/questions/<reference>/presence")
@staff_only
def presence(reference: str) -> Response:
    """Tell that the question is open here; returns who else has it open."""
    ticket = queries.get_visible_ticket(actor(), reference)
    operations.touch_presence(actor(), ticket, is_writing=bool(request.form.get("is_writing")))
    others = queries.present_colleagues(actor(), ticket)
    people = [{"name": one.full_name, "is_writing": one.is_writing} for one in others]
    return jsonify({"people": people})
