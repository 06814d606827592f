"""From the bytes of a CSV file to its lines. Pure; every bad line is named, the others are still read.

Each line is read by itself: a quotation mark left open spoils its own line, not the rest of the file. A cell
therefore holds no line break.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from helpdesk.accounts.text import fold

MAX_BYTES = 5 * 1024 * 1024
MAX_LINES = 20_000
MAX_LINE_CHARS = 10_000
SEPARATORS = (";", ",", "\t")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffd]")
_READ_TWICE = re.compile("[ÃÂ][\u00a0-\u00bf\u0152\u0160\u0178\u2018-\u201d\u2020-\u2022]|â€")
"""UTF-8 that some program took for Windows-1252: « Ã© » for « é »."""


@dataclass(frozen=True)
class Problem:
    """What is wrong and where; line 0 is the file as a whole."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        column = f", colonne « {self.column} »" if self.column else ""
        return f"Ligne {self.line}{column} : {self.reason}" if self.line else self.reason


@dataclass(frozen=True)
class Line:
    """One line: what each column of the header holds, without the spaces around."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class ReadFile:
    """The lines that could be read and the problems of the others."""

    lines: list[Line]
    problems: list[Problem]
    encoding: str = ""


class Unreadable(Exception):
    """The file as a whole cannot be used."""


def read(content: bytes, known_columns: frozenset[str], needed_columns: frozenset[str]) -> ReadFile:
    """Read *content*: UTF-8 with or without mark, or Windows-1252; semicolons, commas or tabs."""
    try:
        text, encoding = _decoded(content)
        numbered = _numbered_lines(text)
        number, header_text = next(numbered, (0, ""))
        separator = max(SEPARATORS, key=header_text.count)
        header = _header(number, header_text, separator, known_columns, needed_columns)
    except Unreadable as error:
        return ReadFile([], [Problem(0, "", str(error))])
    lines: list[Line] = []
    problems: list[Problem] = []
    for number, line in numbered:
        cells = _cells(line, separator, len(header))
        if isinstance(cells, str):
            problems.append(Problem(number, "", cells))
        elif any(cells):
            lines.append(Line(number, dict(zip(header, cells, strict=True))))
    return ReadFile(lines, problems, encoding)


def _decoded(content: bytes) -> tuple[str, str]:
    if len(content) > MAX_BYTES:
        raise Unreadable(f"Le fichier dépasse {MAX_BYTES // 1024 // 1024} Mo.")
    if not content.strip():
        raise Unreadable("Le fichier est vide.")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("Le fichier est en UTF-16. Enregistrez-le en « CSV UTF-8 ».")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable("C’est un classeur, pas un fichier CSV. Enregistrez la feuille en « CSV UTF-8 ».")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise Unreadable("L’encodage du fichier n’est pas reconnu. Enregistrez-le en « CSV UTF-8 ».")


def _numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MAX_LINES:
        raise Unreadable(f"Le fichier a plus de {MAX_LINES} lignes. Coupez-le en plusieurs.")
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _header(number: int, line: str, separator: str, known: frozenset[str], needed: frozenset[str]) -> list[str]:
    cells = _cells(line, separator, None)
    if isinstance(cells, str):
        raise Unreadable(f"Ligne {number}, en-têtes : {cells}")
    names = [fold(cell).replace(" ", "_") for cell in cells]
    while names and not names[-1]:
        names.pop()
    if unknown := [name for name in names if name not in known]:
        quoted = ", ".join(f"« {name} »" for name in unknown[:5])
        raise Unreadable(f"Colonnes inconnues : {quoted}. Colonnes possibles : {', '.join(sorted(known))}.")
    if len(set(names)) < len(names):
        raise Unreadable("Une colonne figure deux fois dans les en-têtes.")
    if missing := sorted(needed - set(names)):
        raise Unreadable(f"Il manque des colonnes : {', '.join(missing)}.")
    return names


def _cells(line: str, separator: str, count: int | None) -> list[str] | str:
    """Return the cells of a line, or why it cannot be read."""
    if len(line) > MAX_LINE_CHARS:
        return f"la ligne dépasse {MAX_LINE_CHARS} caractères."
    if _CONTROL.search(line):
        return "la ligne contient des caractères invisibles ou abîmés. Retapez-la."
    if _READ_TWICE.search(line):
        return "les accents sont abîmés (« Ã© » pour « é »). Enregistrez le fichier d’origine en « CSV UTF-8 »."
    try:
        (cells,) = csv.reader([line], delimiter=separator, strict=True)
    except (csv.Error, ValueError):
        return "un guillemet est mal placé, ou n’est pas fermé."
    cells = [cell.strip() for cell in cells]
    if count is None:
        return cells
    while len(cells) > count and not cells[-1]:
        cells.pop()
    if len(cells) != count:
        return f"la ligne a {len(cells)} colonnes, les en-têtes {count}. Un « {separator} » est-il de trop ?"
    return cells
