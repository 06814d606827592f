"""How a stored file leaves: always as a download, never shown by the browser as what it is."""

from flask import Response, send_file

from helpdesk.attachments import operations
from helpdesk.attachments.models import Attachment

# No type, no script, no frame, no trace in a shared cache.
DOWNLOAD_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def download(found: Attachment) -> Response:
    """The content of a file that its reader may have: the caller has checked.

    :raises NotFound: when it was erased.
    """
    response = send_file(
        operations.path_of(found).resolve(),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=found.name,
        conditional=False,
        etag=False,
    )
    response.headers.update(DOWNLOAD_HEADERS)
    return response
