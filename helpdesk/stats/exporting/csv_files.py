"""CSV as a French spreadsheet reads it at a double click: semicolons, decimal commas, UTF-8 that says so.

A text is always quoted: read with another separator, it would otherwise begin a cell of its own. It keeps to one
line, for the programs that read a file line by line.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO

from helpdesk.stats.exporting.cells import Cell, is_like_a_formula
from helpdesk.stats.exporting.sheets import Sheet
from helpdesk.stats.tables import Kind

BOM = "\ufeff"
_SPACES = re.compile(r"[\t\n\x85\u2028\u2029]+")
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")


def write_csv(file: IO[bytes], sheet: Sheet) -> None:
    """One table."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    text.write(BOM + _line(_text(label) for label in sheet.labels))
    text.writelines(_line(_written(cell) for cell in row) for row in sheet.rows)
    text.detach()


def write_archive(file: IO[bytes], sheets: Sequence[Sheet]) -> None:
    """One file for each table, named after its key."""
    taken: set[str] = set()
    with zipfile.ZipFile(file, "w") as archive:
        for sheet in sheets:
            entry = zipfile.ZipInfo(_unused(_NOT_IN_A_NAME.sub("-", sheet.key).strip("-") or "table", taken))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as inside:
                write_csv(inside, sheet)


def _unused(stem: str, taken: set[str]) -> str:
    name, number = f"{stem}.csv", 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}.csv"
    taken.add(name.lower())
    return name


def _line(values: Iterable[str]) -> str:
    return ";".join(values) + "\r\n"


def _written(cell: Cell | None) -> str:
    if cell is None:
        return ""
    value = cell.value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if cell.kind is Kind.SHARE:
        return f"{_number(value * 100)}%"
    return _number(float(value) if cell.kind is Kind.DAYS else value)


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.1f}".replace(".", ",")


def _text(text: str) -> str:
    """An apostrophe before what a spreadsheet could take for a formula; the reader sees it, nothing is computed."""
    plain = _SPACES.sub(" ", f"'{text}" if is_like_a_formula(text) else text).replace('"', '""')
    return f'"{plain}"'
