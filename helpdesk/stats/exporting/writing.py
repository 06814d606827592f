"""``write(book, FileFormat.ODS, title="Délais de réponse")``: tables as a file that people open."""

import io
from collections.abc import Sequence
from typing import IO

from helpdesk.stats.exporting.cells import clean
from helpdesk.stats.exporting.csv_files import write_archive, write_csv
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.exporting.ods_files import write_ods
from helpdesk.stats.exporting.sheets import Tabular, laid_out
from helpdesk.stats.exporting.xlsx_files import write_xlsx
from helpdesk.stats.tables import Table


def write(book: Sequence[Table], file_format: FileFormat, *, title: str) -> bytes:
    """The file that holds *book*: see :meth:`FileFormat.kind` for its extension.

    A table goes out as it is: figures that leave the pole have been through :meth:`Table.told_outside` before.
    """
    file = io.BytesIO()
    write_to(file, book, file_format, title=title)
    return file.getvalue()


def write_to(file: IO[bytes], book: Sequence[Tabular], file_format: FileFormat, *, title: str) -> None:
    """The same in *file*, open for writing; rows that are read while they are written never stand all in memory."""
    sheets = laid_out(book)
    if file_format is FileFormat.XLSX:
        write_xlsx(file, sheets, title=clean(title))
    elif file_format is FileFormat.ODS:
        write_ods(file, sheets, title=clean(title))
    elif len(book) == 1:
        write_csv(file, sheets[0])
    else:
        write_archive(file, sheets)
