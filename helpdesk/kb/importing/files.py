"""From the bytes of a CSV, Markdown or DOCX file to sheets. Pure; every bad line is named, the others are read."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from helpdesk.accounts.importing.reading import MAX_BYTES, read
from helpdesk.accounts.text import fold
from helpdesk.kb.importing.sheets import FIELDS, SheetFile, SheetProblem, checked, clean, field_named

MAX_FILE_BYTES = MAX_BYTES
MAX_SHEETS = 500
MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
"""Of the text of a DOCX once unpacked."""
ZIP_ENTRIES_MAX_COUNT = 5_000
ELEMENTS_MAX_COUNT, DEPTH_MAX_COUNT = 300_000, 200
EXTENSIONS = ("csv", "md", "docx")
LIST_MARK = "|"
"""Between the entries of one cell: a cell holds no line break."""
_COLUMNS = frozenset(FIELDS)
_LISTS = ("actions", "references", "topics", "typologies")
_HEADING = re.compile(r"(#{1,6})\s(.*)")
_CLOSING = re.compile(r"(?<!\S)#+\Z")
"""« ## Titre ## »."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVEL = re.compile(r"(?:heading|titre)\s*([1-9])", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """A paragraph (level 0) or a heading, and its line or rank in the file."""

    text: str
    level: int
    number: int


Values = dict[str, str | list[str]]


def read_sheets(name: str, content: bytes) -> SheetFile:
    """The sheets of a file, by the ending of its *name*."""
    found = SheetFile()
    extension = name.rpartition(".")[2].lower()
    if len(content) > MAX_FILE_BYTES:
        return _refused(found, name, f"le fichier dépasse {MAX_FILE_BYTES // 1024 // 1024} Mo.")
    if extension == "csv":
        _read_csv(name, content, found)
    elif extension == "md":
        _read_markdown(name, content, found)
    elif extension == "docx":
        _read_docx(name, content, found)
    else:
        return _refused(found, name, "format inconnu : CSV, Markdown (.md) ou Word (.docx) attendu.")
    if not found.sheets and not found.problems:
        return _refused(found, name, "aucune fiche n’a été trouvée dans ce fichier.")
    if len(found.sheets) > MAX_SHEETS:
        return _refused(SheetFile(), name, f"plus de {MAX_SHEETS} fiches. Coupez le fichier en plusieurs.")
    return found


def _refused(found: SheetFile, name: str, reason: str) -> SheetFile:
    found.problems.append(SheetProblem(name, 0, "", reason))
    return found


# --- CSV ---


def _read_csv(name: str, content: bytes, found: SheetFile) -> None:
    table = read(content, _COLUMNS, frozenset({"titre"}))
    found.problems += [SheetProblem(name, one.line, one.column, one.reason) for one in table.problems]
    for line in table.lines:
        values: Values = {}
        for column, cell in line.cells.items():
            target = FIELDS[column]
            values[target] = cell.split(LIST_MARK) if target in _LISTS else cell
        checked(values, name, line.number, found)


# --- Markdown ---


def _read_markdown(name: str, content: bytes, found: SheetFile) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        _refused(found, name, "l’encodage n’est pas de l’UTF-8. Enregistrez le fichier en UTF-8.")
        return
    lines = clean(text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    front, start = _front_matter(lines)
    shared: Values = {}
    for number, key, value in front:
        target = field_named(key)
        if target is None:
            found.problems.append(SheetProblem(name, number, key[:40], "clé inconnue."))
        else:
            shared[target] = [part.strip(" \"'") for part in value.strip("[] ").split(",")] if "[" in value else value
    _gather(name, _markdown_blocks(lines[start:], start), shared, found)


def _front_matter(lines: list[str]) -> tuple[list[tuple[int, str, str]], int]:
    if not lines or lines[0].strip() != "---" or "---" not in (line.strip() for line in lines[1:]):
        return [], 0
    end = next(number for number, line in enumerate(lines[1:], 1) if line.strip() == "---")
    pairs = [(number, *line.partition(":")[::2]) for number, line in enumerate(lines[1:end], 2) if line.strip()]
    return [(number, key.strip(), value.strip().strip("\"'")) for number, key, value in pairs], end + 1


def _markdown_blocks(lines: list[str], start: int) -> Iterator[Block]:
    for number, line in enumerate(lines, start + 1):
        heading = _HEADING.match(line)
        yield Block(_titled(heading[2]), len(heading[1]), number) if heading else Block(line, 0, number)


def _titled(words: str) -> str:
    return _CLOSING.sub("", words.strip()).strip()


# --- Word ---


def _read_docx(name: str, content: bytes, found: SheetFile) -> None:
    try:
        blocks = list(_docx_blocks(content))
    except _Unreadable as error:
        _refused(found, name, str(error))
        return
    _gather(name, blocks, {}, found)


class _Unreadable(Exception):
    """The document cannot be used."""


def _docx_blocks(content: bytes) -> Iterator[Block]:
    for number, paragraph in enumerate(_document(content).iter(f"{_W}p"), 1):
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        styled = (style.get(f"{_W}val") or "") if style is not None else ""
        text = "".join(_words(paragraph))
        level = _LEVEL.search(styled)
        if styled.lower() in ("title", "titre"):
            yield Block(text, 1, number)
        elif level is not None:
            yield Block(text, int(level[1]), number)
        else:
            is_item = paragraph.find(f"{_W}pPr/{_W}numPr") is not None
            yield Block(f"- {text}" if is_item and text else text, 0, number)
            if not is_item:
                yield Block("", 0, number)


def _words(paragraph: ET.Element) -> Iterator[str]:
    """The words of a paragraph; what a reviewer struck out is left out."""
    for node in paragraph.iter():
        if node.tag == f"{_W}t":
            yield node.text or ""
        elif node.tag in (f"{_W}tab", f"{_W}br"):
            yield " "


class _Bounded(ET.TreeBuilder):
    """Refuses what a few packed kilobytes can hold: millions of elements, or nesting that overflows the C stack."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._count = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self._depth, self._count = self._depth + 1, self._count + 1
        if self._depth > DEPTH_MAX_COUNT or self._count > ELEMENTS_MAX_COUNT:
            raise _Unreadable(
                "la mise en forme du document est trop compliquée. Copiez le texte dans un document neuf."
            )
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


def _document(content: bytes) -> ET.Element:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if len(archive.infolist()) > ZIP_ENTRIES_MAX_COUNT:
                raise _Unreadable("le document contient trop de fichiers.")
            with archive.open("word/document.xml") as part:
                xml = part.read(MAX_DOCUMENT_BYTES + 1)
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise _Unreadable("ce n’est pas un document Word (.docx) lisible.") from error
    if len(xml) > MAX_DOCUMENT_BYTES:
        raise _Unreadable("le texte du document est trop long.")
    # No DTD at all: entities are how a small file asks for a huge text, or for another file.
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or not xml.lstrip().startswith((b"<?xml", b"<w:")):
        raise _Unreadable("le document contient un codage que ce service n’ouvre pas.")
    try:
        # Without a DTD there is nothing to expand.
        return ET.fromstring(xml, ET.XMLParser(target=_Bounded()))  # noqa: S314
    except (ET.ParseError, ValueError, LookupError) as error:  # the last two: an encoding that expat leaves to Python
        raise _Unreadable("ce n’est pas un document Word (.docx) lisible.") from error


# --- headings to fields ---


def _gather(name: str, blocks: Iterator[Block] | list[Block], shared: Values, found: SheetFile) -> None:
    """One sheet for each heading of the first level; other headings name fields, or stay in the explanation."""
    values: dict[str, list[str]] = {}
    begun_at, target = 0, "explanation"
    for block in blocks:
        if block.level == 1:
            _finish(name, values, shared, begun_at, found)
            values, begun_at, target = {"title": [block.text]}, block.number, "explanation"
        elif block.level and (named := field_named(block.text)):
            target = named
        elif block.level:
            target = "explanation"
            values.setdefault(target, []).append(f"**{block.text}**")
        else:
            values.setdefault(target, []).append(block.text)
    _finish(name, values, shared, begun_at, found)


def _finish(name: str, values: dict[str, list[str]], shared: Values, line: int, found: SheetFile) -> None:
    """What stands before the first heading is a sheet only where the front matter gives its title."""
    texts: Values = {target: _joined(lines, target) for target, lines in values.items()}
    if any(texts.values()) and ("title" in texts or "title" in shared):
        checked({**shared, **texts}, name, line, found)
    elif any(texts.values()) and not found.sheets and not found.problems:
        _refused(found, name, "le titre manque : commencez chaque fiche par un titre de niveau 1.")


def _joined(lines: list[str], target: str) -> str | list[str]:
    if target in _LISTS:
        return [line for line in lines if fold(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
