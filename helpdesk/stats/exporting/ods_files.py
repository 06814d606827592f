"""ODS, written here row after row: a library that keeps the document in memory takes minutes for the same.

The parts of the file are those of OpenDocument 1.3; a cell is a text, a number or a date, never a formula.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import IO
from xml.sax.saxutils import escape, quoteattr

from helpdesk import clock
from helpdesk.stats.exporting.cells import Cell
from helpdesk.stats.exporting.sheets import Sheet
from helpdesk.stats.tables import Kind

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_CENTIMETRES_OF_A_CHARACTER = 0.2
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_NAMES = {
    "office": f"{_ODF}:office:1.0",
    "style": f"{_ODF}:style:1.0",
    "table": f"{_ODF}:table:1.0",
    "text": f"{_ODF}:text:1.0",
    "number": f"{_ODF}:datastyle:1.0",
    "meta": f"{_ODF}:meta:1.0",
    "config": f"{_ODF}:config:1.0",
    "manifest": f"{_ODF}:manifest:1.0",
    "fo": f"{_ODF}:xsl-fo-compatible:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
}
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_FRENCH = 'number:language="fr" number:country="FR"'
_DAY = (
    '<number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/>'
    '<number:text>/</number:text><number:year number:style="long"/>'
)
_HOUR = (
    '<number:text> </number:text><number:hours number:style="long"/><number:text>:</number:text>'
    '<number:minutes number:style="long"/>'
)
_DECIMALS = '<number:number number:decimal-places="1" number:min-decimal-places="1" number:min-integer-digits="1"/>'
_WHOLE = '<number:number number:decimal-places="0" number:min-integer-digits="1" number:grouping="true"/>'
_DATA_STYLES = {
    Kind.TEXT: ("text-style", "<number:text-content/>"),
    Kind.COUNT: ("number-style", _WHOLE),
    Kind.DAYS: ("number-style", _DECIMALS),
    Kind.SHARE: ("percentage-style", f"{_DECIMALS}<number:text>\u00a0%</number:text>"),
    Kind.DAY: ("date-style", _DAY),
    Kind.MOMENT: ("date-style", _DAY + _HOUR),
}
_BLANKS = re.compile(r"^ | {2,}| $|\t")
_MANIFEST = (
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="settings.xml" manifest:media-type="text/xml"/>'
)


def write_ods(file: IO[bytes], sheets: Sequence[Sheet], *, title: str) -> None:
    """A sheet for each table; *title* goes to the properties."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), MEDIA_TYPE)  # first and bare: it is how the file is known
        _add(archive, "META-INF/manifest.xml", _document("manifest:manifest", "manifest", _MANIFEST, "manifest"))
        _add(archive, "meta.xml", _document("office:document-meta", "office dc meta", _meta(title)))
        _add(archive, "styles.xml", _document("office:document-styles", "office", ""))
        _add(archive, "settings.xml", _document("office:document-settings", "office config", _settings(sheets)))
        with archive.open(_entry("content.xml"), "w") as content:
            content.writelines(part.encode() for part in _content(sheets))


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(_entry(name), text)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _document(element: str, names: str, inside: str, prefix: str = "office") -> str:
    return f"{_opening(element, names, prefix)}{inside}</{element}>"


def _opening(element: str, names: str, prefix: str = "office") -> str:
    declared = " ".join(f'xmlns:{name}="{_NAMES[name]}"' for name in names.split())
    return f'{_DECLARATION}<{element} {declared} {prefix}:version="1.3">'


def _meta(title: str) -> str:
    created = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"<office:meta><dc:title>{escape(title)}</dc:title><dc:language>fr-FR</dc:language>"
        f"<meta:creation-date>{created}</meta:creation-date></office:meta>"
    )


def _settings(sheets: Sequence[Sheet]) -> str:
    """The first row of each sheet stays in sight."""
    tables = "".join(
        f"<config:config-item-map-entry config:name={quoteattr(sheet.name)}>"
        '<config:config-item config:name="VerticalSplitMode" config:type="short">2</config:config-item>'
        '<config:config-item config:name="VerticalSplitPosition" config:type="int">1</config:config-item>'
        '<config:config-item config:name="ActiveSplitRange" config:type="short">2</config:config-item>'
        '<config:config-item config:name="PositionBottom" config:type="int">1</config:config-item>'
        "</config:config-item-map-entry>"
        for sheet in sheets
    )
    return (
        '<office:settings><config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        '<config:config-item config:name="ViewId" config:type="string">view1</config:config-item>'
        f'<config:config-item-map-named config:name="Tables">{tables}</config:config-item-map-named>'
        "</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set></office:settings>"
    )


def _content(sheets: Sequence[Sheet]) -> Iterator[str]:
    yield _opening("office:document-content", "office style table text number fo")
    yield f"<office:automatic-styles>{''.join(_styles(sheets))}</office:automatic-styles>"
    yield "<office:body><office:spreadsheet>"
    for sheet in sheets:
        yield f"<table:table table:name={quoteattr(sheet.name)}>"
        yield "".join(f'<table:table-column table:style-name="w{width}"/>' for width in sheet.widths)
        styles = ("number-head" if is_number else "head" for is_number in sheet.are_numbers)
        head = "".join(map(_text, sheet.labels, styles))
        yield f"<table:table-header-rows><table:table-row>{head}</table:table-row></table:table-header-rows>"
        for row in sheet.rows:
            yield f"<table:table-row>{''.join(_cell(cell) for cell in row)}</table:table-row>"
        yield "</table:table>"
    yield "</office:spreadsheet></office:body></office:document-content>"


def _styles(sheets: Sequence[Sheet]) -> Iterator[str]:
    for width in sorted({width for sheet in sheets for width in sheet.widths}):
        size = f"{width * _CENTIMETRES_OF_A_CHARACTER:.1f}cm"
        yield (
            f'<style:style style:name="w{width}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{size}"/></style:style>'
        )
    yield (
        '<style:style style:name="head" style:family="table-cell">'
        '<style:text-properties fo:font-weight="bold"/></style:style>'
        '<style:style style:name="number-head" style:family="table-cell"><style:table-cell-properties '
        'style:text-align-source="fix"/><style:paragraph-properties fo:text-align="end"/>'
        '<style:text-properties fo:font-weight="bold"/></style:style>'
    )
    for kind, (element, inside) in _DATA_STYLES.items():
        yield f'<number:{element} style:name="n-{kind.value}" {_FRENCH}>{inside}</number:{element}>'
        yield (
            f'<style:style style:name="{kind.value}" style:family="table-cell" style:data-style-name="n-{kind.value}"/>'
        )


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "<table:table-cell/>"
    value = cell.value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date | datetime):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        named = "percentage" if cell.kind is Kind.SHARE else "float"
        kind = f'office:value-type="{named}" office:value="{value!r}"'
    return f'<table:table-cell table:style-name="{cell.kind.value}" {kind}/>'


def _text(text: str, style: str = Kind.TEXT) -> str:
    lines = "".join(f"<text:p>{_BLANKS.sub(_blank, escape(line))}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell table:style-name="{style}" office:value-type="string">{lines}</table:table-cell>'


def _blank(match: re.Match[str]) -> str:
    """Spaces that OpenDocument would else read as one, or as none; a spreadsheet knows no tab."""
    return f'<text:s text:c="{len(match[0])}"/>'
