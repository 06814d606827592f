"""The one way to a stored file: through the message that holds it, as a download."""

from flask import Response, send_file

from helpdesk.attachments import operations as attachments
from helpdesk.attachments.models import Attachment
from helpdesk.errors import NotFound
from helpdesk.tickets import queries
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.views.blueprint import actor, blueprint
from helpdesk.web import signed_in

# Never shown by the browser as what it is: no type, no script, no frame, no trace in a shared cache.
DOWNLOAD_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@blueprint.get("/questions/<reference>/pieces/<int:attachment_id>")
@signed_in
def attachment(reference: str, attachment_id: int) -> Response:
    """A file of a message that the person may read; any other is not found."""
    found = readable_attachment(queries.get_visible_ticket(actor(), reference), attachment_id)
    response = send_file(
        attachments.path_of(found).resolve(),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=found.name,
        conditional=False,
        etag=False,
    )
    response.headers.update(DOWNLOAD_HEADERS)
    return response


def readable_attachment(ticket: Ticket, attachment_id: int) -> Attachment:
    """:raises NotFound: unless a message of *ticket* that the person may read holds it."""
    for message in queries.readable_messages(actor(), ticket):
        for found in message.attachments:
            if found.id == attachment_id:
                return found
    raise NotFound
