"""Tables as a download: ``return file_of(book, FileFormat.ODS, name="delais", title="Délais de réponse")``."""

import tempfile
from collections.abc import Sequence
from typing import IO

from flask import Response, send_file

from helpdesk import clock
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.exporting.sheets import Tabular
from helpdesk.stats.exporting.writing import write_to
from helpdesk.stats.tables import Table

FORMATS = "any(csv, xlsx, ods)"
"""The converter of an address that ends in a format."""
HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def file_of(book: Sequence[Table], file_format: FileFormat, *, name: str, title: str) -> Response:
    """Figures as a file called *name* and the day: none under five leaves the pole, nor one that gives it away."""
    told = [table.told_outside() for table in book]
    return download(written(told, file_format, title=title), file_format, name=name, table_count=len(told))


def written(book: Sequence[Tabular], file_format: FileFormat, *, title: str) -> IO[bytes]:
    """A file on the disk that is gone once closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        write_to(file, book, file_format, title=title)
    except BaseException:
        file.close()
        raise
    return file


def download(file: IO[bytes], file_format: FileFormat, *, name: str, table_count: int = 1) -> Response:
    """The response that sends *file* and closes it."""
    kind = file_format.kind(table_count)
    size_bytes = file.tell()
    file.seek(0)
    named = f"{name}-{clock.today()}.{kind.extension}"
    response = send_file(file, as_attachment=True, download_name=named, conditional=False, etag=False, max_age=0)
    response.content_type, response.content_length = kind.media_type, size_bytes
    response.headers.update(HEADERS)
    return response
