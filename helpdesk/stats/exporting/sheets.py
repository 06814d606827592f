"""How a book is laid out: the names of its sheets, the widths of their columns, the paper they print on, and what
explains them. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from textwrap import wrap
from typing import Protocol

from helpdesk.stats.exporting.cells import Cell, cells_of, clean
from helpdesk.stats.tables import Column, Kind, Row, Table

NAME_MAX_CHARS = 31
NOTES = "Notes"
MEASURED_ROWS = 100
NARROWEST, WIDEST = 10, 60
LETTERS_IN_A_DIGIT = 1.1
"""The width of a column counts digits; French words take less."""
MOST_LINES = 27
"""Excel makes no row higher than 409 points."""
UPRIGHT_MAX_CHARS = 110
"""What stands across A4, a little shrunk at most; a wider sheet prints on its side."""
ONE_PAGE_MAX_CHARS = 230
"""What can be shrunk to one page on its side and still be read: 6 points; a wider sheet takes two."""
_REFUSED = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_SIDES = {Kind.TEXT: "start", Kind.DAY: "center", Kind.MOMENT: "center"}
"""Days in the middle: they touch neither the number before nor the text after."""
_WIDTHS = {Kind.COUNT: 8, Kind.DAYS: 8, Kind.SHARE: 8, Kind.DAY: 10, Kind.MOMENT: 16}


class Tabular(Protocol):
    """A :class:`~helpdesk.stats.tables.Table`, or one whose rows are read while they are written, once."""

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def head(self) -> str: ...
    @property
    def columns(self) -> tuple[Column, ...]: ...
    @property
    def rows(self) -> Iterable[Row]: ...
    @property
    def note(self) -> str: ...


@dataclass(frozen=True)
class Sheet:
    """A table ready to be written; the first of its columns is of labels.

    *sides*: where its columns stand, « start », « center » or « end »; *widths* in characters; *are_wrapped*: whose
    texts are longer than that, and go on below; *rows* to be gone through once.
    """

    key: str
    name: str
    labels: tuple[str, ...]
    sides: tuple[str, ...]
    widths: tuple[int, ...]
    are_wrapped: tuple[bool, ...]
    rows: Iterator[tuple[Cell | None, ...]]

    def line_count(self, row: Sequence[Cell | None]) -> int:
        """How high *row* must be for its wrapped texts: a program that opens the file does not always measure them."""
        columns = zip(row, self.widths, self.are_wrapped, strict=True)
        return max((_lines(cell, width) for cell, width, is_wrapped in columns if is_wrapped and cell), default=1)

    @property
    def is_upright(self) -> bool:
        """Whether it prints on A4 upright; otherwise on its side."""
        return sum(self.widths) <= UPRIGHT_MAX_CHARS

    @property
    def pages_across_count(self) -> int:
        """The first column stands again on the second one."""
        return 1 if sum(self.widths) <= ONE_PAGE_MAX_CHARS else 2


def laid_out(book: Sequence[Tabular]) -> list[Sheet]:
    """A sheet for each table, and a last one with the titles and notes of the others where there is more to say."""
    names = sheet_names([table.title for table in book])
    notes = (
        [_notes(book, names)] if any(_says_more(table, name) for table, name in zip(book, names, strict=True)) else []
    )
    return [_sheet(table, name) for table, name in zip([*book, *notes], [*names, NOTES], strict=False)]


def _says_more(table: Tabular, name: str) -> bool:
    return bool(table.note) or table.title != name


def _notes(book: Sequence[Tabular], names: Sequence[str]) -> Table:
    columns = (Column("title", "Titre", Kind.TEXT), Column("note", "Note", Kind.TEXT))
    rows = (Row(table.key, name, (table.title, table.note or None)) for table, name in zip(book, names, strict=True))
    return Table("notes", NOTES, "Feuille", columns, tuple(rows))


def _sheet(table: Tabular, name: str) -> Sheet:
    rows = (cells_of(table.columns, row) for row in table.rows)
    first = list(islice(rows, MEASURED_ROWS))
    labels = tuple(clean(label) for label in (table.head, *(column.label for column in table.columns)))
    sides = ("start", *(_SIDES.get(column.kind, "end") for column in table.columns))
    longest = [max([len(label), *(_width(row[place]) for row in first)]) for place, label in enumerate(labels)]
    widths = tuple(min(max(NARROWEST, length) + 2, WIDEST) for length in longest)
    are_wrapped = tuple(length > width for length, width in zip(longest, widths, strict=True))
    return Sheet(table.key, name, labels, sides, widths, are_wrapped, chain(first, rows))


def _width(cell: Cell | None) -> int:
    if cell is None:
        return 0
    return len(cell.value) if isinstance(cell.value, str) else _WIDTHS[cell.kind]


def _lines(cell: Cell, width: int) -> int:
    if not isinstance(cell.value, str) or (len(cell.value) <= width and "\n" not in cell.value):
        return 1
    count = sum(max(1, len(wrap(line, int(width * LETTERS_IN_A_DIGIT)))) for line in cell.value.split("\n"))
    return min(count, MOST_LINES)


def sheet_names(titles: Sequence[str]) -> list[str]:
    """Names that Excel and LibreOffice take: short, without the characters they refuse, each once in any case.

    « Notes » is kept for the sheet that explains the others.
    """
    taken, names = {NOTES.casefold()}, []
    for title in titles:
        plain = " ".join(_REFUSED.sub(" ", clean(title)).split()).strip("'’ ") or "Feuille"
        name, number = _short(plain), 1
        while name.casefold() in taken:
            number += 1
            name = _short(plain, f" ({number})")
        taken.add(name.casefold())
        names.append(name)
    return names


def _short(name: str, end: str = "") -> str:
    """Cut at a word where there is one; an emoji counts twice, as in Excel."""
    room = NAME_MAX_CHARS - len(end)
    if len(name.encode("utf-16-le")) // 2 <= room:
        return name + end
    kept = name.encode("utf-16-le")[: 2 * (room - 1)].decode("utf-16-le", errors="ignore")
    words, _, rest = kept.rpartition(" ")
    return (words if len(words) > len(rest) else kept).rstrip("'’ ,;") + "…" + end
