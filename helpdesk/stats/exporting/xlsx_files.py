"""XLSX by XlsxWriter, row after row: the rows written wait on the disk, not in memory."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import IO, Any

from xlsxwriter import Workbook

from helpdesk import clock
from helpdesk.stats.exporting.cells import Cell
from helpdesk.stats.exporting.sheets import Sheet
from helpdesk.stats.tables import Kind

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_FORMATS = {
    Kind.TEXT: "@",
    Kind.COUNT: "#,##0",
    Kind.DAYS: "0.0",
    Kind.SHARE: "0.0 %",
    Kind.DAY: "dd/mm/yyyy",
    Kind.MOMENT: "dd/mm/yyyy hh:mm",
}


def write_xlsx(file: IO[bytes], sheets: Sequence[Sheet], *, title: str) -> None:
    """A sheet for each table; *title* goes to the properties."""
    workbook = Workbook(file, _OPTIONS)
    workbook.set_properties({"title": title, "created": clock.now().replace(tzinfo=None)})
    formats = {kind: workbook.add_format({"num_format": code}) for kind, code in _FORMATS.items()}
    head = workbook.add_format({"bold": True, "bottom": 1, "valign": "top"})
    for sheet in sheets:
        worksheet = workbook.add_worksheet(sheet.name)
        worksheet.freeze_panes(1, 0)
        for place, width in enumerate(sheet.widths):
            worksheet.set_column(place, place, width)
        _write_row(worksheet, 0, [Cell(Kind.TEXT, label) for label in sheet.labels], dict.fromkeys(Kind, head))
        for number, row in enumerate(sheet.rows, start=1):
            _write_row(worksheet, number, row, formats)
    workbook.close()


def _write_row(worksheet: Any, number: int, row: Sequence[Cell | None], formats: dict[Kind, Any]) -> None:
    for place, cell in enumerate(row):
        if cell is None:
            continue
        value, style = cell.value, formats[cell.kind]
        if isinstance(value, str):
            worksheet.write_string(number, place, _never_markup(value), style)
        elif isinstance(value, date | datetime):
            worksheet.write_datetime(number, place, value, style)
        else:
            worksheet.write_number(number, place, value, style)


def _never_markup(text: str) -> str:
    """XlsxWriter takes a text between these two tags for its own markup and writes it as it is."""
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text
