"""XLSX by XlsxWriter, row after row: the rows written wait on the disk, not in memory."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import IO, Any

from xlsxwriter import Workbook

from helpdesk import clock
from helpdesk.stats.exporting.cells import Cell
from helpdesk.stats.exporting.sheets import Sheet
from helpdesk.stats.tables import Kind

HEADER_MAX_CHARS = 240
"""Excel refuses a page header of more than 255, the marks included."""
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
    head = {"bold": True, "bottom": 1, "valign": "top"}
    heads = workbook.add_format(head), workbook.add_format({**head, "align": "right"})
    for sheet in sheets:
        worksheet = workbook.add_worksheet(sheet.name)
        worksheet.freeze_panes(1, 0)
        _fit_to_paper(worksheet, title)
        for place, width in enumerate(sheet.widths):
            worksheet.set_column(place, place, width)
        for place, (label, is_number) in enumerate(zip(sheet.labels, sheet.are_numbers, strict=True)):
            worksheet.write_string(0, place, _never_markup(label), heads[is_number])
        for number, row in enumerate(sheet.rows, start=1):
            _write_row(worksheet, number, row, formats)
    workbook.close()


def _fit_to_paper(worksheet: Any, title: str) -> None:
    """A4 on its side, as wide as the table, the heading and *title* on each page."""
    worksheet.set_paper(9)
    worksheet.set_landscape()
    worksheet.fit_to_pages(1, 0)
    worksheet.repeat_rows(0)
    worksheet.set_header(f"&L{title.replace('&', '&&')[:HEADER_MAX_CHARS]}")
    worksheet.set_footer("&L&A&R&P / &N")


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
