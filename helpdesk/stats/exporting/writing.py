"""``write_to(file, book, FileFormat.ODS, title="Délais de réponse")``: tables as a file that people open."""

from collections.abc import Sequence
from typing import IO

from helpdesk.stats.exporting.cells import clean
from helpdesk.stats.exporting.csv_files import write_archive, write_csv
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.exporting.ods_files import write_ods
from helpdesk.stats.exporting.sheets import Tabular, laid_out
from helpdesk.stats.exporting.xlsx_files import write_xlsx


def write_to(file: IO[bytes], book: Sequence[Tabular], file_format: FileFormat, *, title: str) -> None:
    """Write *book* in *file*: see :meth:`FileFormat.kind` for its extension. Rows that are read while they are written
    never stand all in memory.

    A table goes out as it is: figures that leave the pole have been through :meth:`Table.told_outside` before.
    """
    sheets = laid_out(book)
    if file_format is FileFormat.XLSX:
        write_xlsx(file, sheets, title=clean(title))
    elif file_format is FileFormat.ODS:
        write_ods(file, sheets, title=clean(title))
    elif len(book) == 1:
        write_csv(file, sheets[0])
    else:
        write_archive(file, sheets)
