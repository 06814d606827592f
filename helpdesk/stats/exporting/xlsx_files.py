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
LINE_POINTS = 15
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


_SIDES = {"start": "left", "center": "center", "end": "right"}


class _Styles:
    """The formats of a workbook, each made once."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[Any, ...], Any] = {}

    def of_head(self, side: str) -> Any:
        return self._of("head", align=_SIDES[side], bold=True, bottom=1, text_wrap=True)

    def of_cell(self, kind: Kind, side: str, is_wrapped: bool) -> Any:
        return self._of(kind, num_format=_FORMATS[kind], align=_SIDES[side], text_wrap=is_wrapped)

    def _of(self, name: str, **properties: Any) -> Any:
        key = (name, *properties.values())
        if key not in self._made:
            self._made[key] = self._workbook.add_format({"valign": "top", **properties})
        return self._made[key]


def write_xlsx(file: IO[bytes], sheets: Sequence[Sheet], *, title: str) -> None:
    """A sheet for each table; *title* goes to the properties and over each page."""
    workbook = Workbook(file, _OPTIONS)
    workbook.set_properties({"title": title, "created": clock.now().replace(tzinfo=None)})
    styles = _Styles(workbook)
    for sheet in sheets:
        worksheet = workbook.add_worksheet(sheet.name)
        worksheet.freeze_panes(1, 0)
        _fit_to_paper(worksheet, sheet, title)
        for place, width in enumerate(sheet.widths):
            worksheet.set_column(place, place, width)
        for place, (label, side) in enumerate(zip(sheet.labels, sheet.sides, strict=True)):
            worksheet.write_string(0, place, _never_markup(label), styles.of_head(side))
        columns = list(zip(sheet.sides, sheet.are_wrapped, strict=True))
        for number, row in enumerate(sheet.rows, start=1):
            if (line_count := sheet.line_count(row)) > 1:
                worksheet.set_row(number, LINE_POINTS * line_count)
            for place, (cell, (side, is_wrapped)) in enumerate(zip(row, columns, strict=True)):
                if cell is not None:
                    _write(worksheet, number, place, cell, styles.of_cell(cell.kind, side, is_wrapped))
    workbook.close()


def _fit_to_paper(worksheet: Any, sheet: Sheet, title: str) -> None:
    """A4, as wide as the table, the heading and *title* on each page."""
    worksheet.set_paper(9)
    if not sheet.is_upright:
        worksheet.set_landscape()
    worksheet.fit_to_pages(sheet.pages_across_count, 0)
    worksheet.repeat_rows(0)
    if sheet.pages_across_count > 1:
        worksheet.repeat_columns(0)
    worksheet.set_header(f"&L{title[: HEADER_MAX_CHARS - title.count('&')].replace('&', '&&')}")
    worksheet.set_footer("&L&A&R&P / &N")


def _write(worksheet: Any, number: int, place: int, cell: Cell, style: Any) -> None:
    value = cell.value
    if isinstance(value, str):
        worksheet.write_string(number, place, _never_markup(value), style)
    elif isinstance(value, date | datetime):
        worksheet.write_datetime(number, place, value, style)
    else:
        worksheet.write_number(number, place, value, style)


def _never_markup(text: str) -> str:
    """XlsxWriter takes a text between these two tags for its own markup and writes it as it is."""
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text
