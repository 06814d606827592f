"""The one way to a stored file: through the message that holds it, as a download."""

from flask import Response

from helpdesk.attachments.views import download
from helpdesk.tickets import queries
from helpdesk.tickets.views.blueprint import actor, blueprint
from helpdesk.web import signed_in


@blueprint.get("/questions/<reference>/pieces/<int:attachment_id>")
@signed_in
def attachment(reference: str, attachment_id: int) -> Response:
    """A file of a message that the person may read; any other is not found."""
    ticket = queries.get_visible_ticket(actor(), reference)
    return download(queries.readable_attachment(actor(), ticket, attachment_id))
