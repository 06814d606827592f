"""How a book is laid out: the names of its sheets, the widths of their columns, and what explains them. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Protocol

from helpdesk.stats.exporting.cells import Cell, cells_of, clean
from helpdesk.stats.tables import Column, Kind, Row, Table

NAME_MAX_CHARS = 31
NOTES = "Notes"
MEASURED_ROWS = 100
NARROWEST, WIDEST = 10, 60
_REFUSED = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
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
    """A table ready to be written; *are_numbers*: whose columns stand on the right, the first one is of labels.

    *widths* in characters, *rows* to be gone through once.
    """

    key: str
    name: str
    labels: tuple[str, ...]
    are_numbers: tuple[bool, ...]
    widths: tuple[int, ...]
    rows: Iterator[tuple[Cell | None, ...]]


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
    are_numbers = (False, *(column.kind is not Kind.TEXT for column in table.columns))
    return Sheet(table.key, name, labels, are_numbers, tuple(_widths(labels, first)), chain(first, rows))


def _widths(labels: Sequence[str], rows: Sequence[tuple[Cell | None, ...]]) -> Iterator[int]:
    for place, label in enumerate(labels):
        longest = max((_width(row[place]) for row in rows), default=0)
        yield min(max(NARROWEST, len(label), longest) + 2, WIDEST)


def _width(cell: Cell | None) -> int:
    if cell is None:
        return 0
    return len(cell.value) if isinstance(cell.value, str) else _WIDTHS[cell.kind]


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
