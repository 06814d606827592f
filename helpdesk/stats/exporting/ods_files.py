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
from helpdesk.stats.exporting.sheets import MOST_LINES, Sheet
from helpdesk.stats.tables import Kind

MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_CENTIMETRES_OF_A_CHARACTER = 0.2
_CENTIMETRES_OF_A_LINE = 0.45
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
_PAPERS = {"upright": ("21cm", "29.7cm", "portrait"), "side": ("29.7cm", "21cm", "landscape")}
_BLANKS = re.compile(r"^ | {2,}| $|\t")
_MANIFEST = (
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="styles.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="settings.xml" manifest:media-type="text/xml"/>'
)


def write_ods(file: IO[bytes], sheets: Sequence[Sheet], *, title: str) -> None:
    """A sheet for each table; *title* goes to the properties and over each page."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), MEDIA_TYPE)  # first and bare: it is how the file is known
        _add(archive, "META-INF/manifest.xml", _document("manifest:manifest", "manifest", _MANIFEST, "manifest"))
        _add(archive, "meta.xml", _document("office:document-meta", "office dc meta", _meta(title)))
        _add(archive, "styles.xml", _document("office:document-styles", "office style text fo", _pages(title)))
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


def _paper(sheet: Sheet) -> str:
    """The name of the pages it prints on."""
    return f"{'upright' if sheet.is_upright else 'side'}-{sheet.pages_across_count}"


def _pages(title: str) -> str:
    """A4 upright and on its side, one or two pages across: *title* above, the name of the sheet and the page below."""
    layouts, pages = "", ""
    for paper, (width, height, orientation) in _PAPERS.items():
        for across in (1, 2):
            name = f"{paper}-{across}"
            layouts += (
                f'<style:page-layout style:name="{name}"><style:page-layout-properties fo:page-width="{width}" '
                f'fo:page-height="{height}" style:print-orientation="{orientation}" fo:margin="1.5cm" '
                f'style:scale-to-X="{across}" style:scale-to-Y="0" style:first-page-number="continue"/>'
                f"<style:header-style>{_margin('bottom')}</style:header-style>"
                f"<style:footer-style>{_margin('top')}</style:footer-style></style:page-layout>"
            )
            pages += (
                f'<style:master-page style:name="{name}" style:page-layout-name="{name}">'
                f"<style:header><style:region-left><text:p>{escape(title)}</text:p></style:region-left></style:header>"
                "<style:footer><style:region-left><text:p><text:sheet-name/></text:p></style:region-left>"
                "<style:region-right><text:p><text:page-number/> / <text:page-count/></text:p></style:region-right>"
                "</style:footer></style:master-page>"
            )
    return (
        f"<office:automatic-styles>{layouts}</office:automatic-styles>"
        f"<office:master-styles>{pages}</office:master-styles>"
    )


def _margin(side: str) -> str:
    return f'<style:header-footer-properties fo:margin="0cm" fo:margin-{side}="0.3cm" fo:min-height="0.8cm"/>'


def _content(sheets: Sequence[Sheet]) -> Iterator[str]:
    yield _opening("office:document-content", "office style table text number fo")
    yield f"<office:automatic-styles>{''.join(_styles(sheets))}</office:automatic-styles>"
    yield "<office:body><office:spreadsheet>"
    for sheet in sheets:
        yield f'<table:table table:name={quoteattr(sheet.name)} table:style-name="on-{_paper(sheet)}">'
        first, *others = (f'<table:table-column table:style-name="w{width}"/>' for width in sheet.widths)
        yield f"<table:table-header-columns>{first}</table:table-header-columns>{''.join(others)}"
        head = "".join(_text(label, f"head-{side}") for label, side in zip(sheet.labels, sheet.sides, strict=True))
        yield f"<table:table-header-rows><table:table-row>{head}</table:table-row></table:table-header-rows>"
        for row in sheet.rows:
            cells = "".join(map(_cell, row, sheet.sides, sheet.are_wrapped))
            yield f'<table:table-row table:style-name="r{sheet.line_count(row)}">{cells}</table:table-row>'
        yield "</table:table>"
    yield "</office:spreadsheet></office:body></office:document-content>"


def _styles(sheets: Sequence[Sheet]) -> Iterator[str]:
    for width in sorted({width for sheet in sheets for width in sheet.widths}):
        size = f"{width * _CENTIMETRES_OF_A_CHARACTER:.1f}cm"
        yield (
            f'<style:style style:name="w{width}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{size}"/></style:style>'
        )
    for lines in range(1, MOST_LINES + 1):
        height = f"{lines * _CENTIMETRES_OF_A_LINE:.2f}cm"
        yield (
            f'<style:style style:name="r{lines}" style:family="table-row"><style:table-row-properties '
            f'style:row-height="{height}" style:use-optimal-row-height="false"/></style:style>'
        )
    for paper in sorted({_paper(sheet) for sheet in sheets}):
        yield f'<style:style style:name="on-{paper}" style:family="table" style:master-page-name="{paper}"/>'
    for kind, (element, inside) in _DATA_STYLES.items():
        yield f'<number:{element} style:name="n-{kind.value}" {_FRENCH}>{inside}</number:{element}>'
    for side in ("start", "center", "end"):
        yield _cell_style(f"head-{side}", side, is_wrapped=True, is_head=True)
        for kind in Kind:
            yield _cell_style(_style(kind, side), side, kind)
            yield _cell_style(_style(kind, side, is_wrapped=True), side, kind, is_wrapped=True)


def _style(kind: Kind, side: str, is_wrapped: bool = False) -> str:
    return f"{kind.value}-{side}{'-wrapped' if is_wrapped else ''}"


def _cell_style(
    name: str, side: str, kind: Kind = Kind.TEXT, *, is_wrapped: bool = False, is_head: bool = False
) -> str:
    wrapped = ' fo:wrap-option="wrap"' if is_wrapped else ""
    line = ' fo:border-bottom="0.5pt solid #000000"' if is_head else ""
    bold = '<style:text-properties fo:font-weight="bold"/>' if is_head else ""
    return (
        f'<style:style style:name="{name}" style:family="table-cell" style:data-style-name="n-{kind.value}">'
        f'<style:table-cell-properties style:vertical-align="top" style:text-align-source="fix"{wrapped}{line}/>'
        f'<style:paragraph-properties fo:text-align="{side}"/>{bold}</style:style>'
    )


def _cell(cell: Cell | None, side: str, is_wrapped: bool) -> str:
    if cell is None:
        return "<table:table-cell/>"
    value, style = cell.value, _style(cell.kind, side, is_wrapped)
    if isinstance(value, str):
        return _text(value, style)
    if isinstance(value, date | datetime):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        named = "percentage" if cell.kind is Kind.SHARE else "float"
        kind = f'office:value-type="{named}" office:value="{value!r}"'
    return f'<table:table-cell table:style-name="{style}" {kind}/>'


def _text(text: str, style: str) -> str:
    lines = "".join(f"<text:p>{_BLANKS.sub(_blank, escape(line))}</text:p>" for line in text.split("\n"))
    return f'<table:table-cell table:style-name="{style}" office:value-type="string">{lines}</table:table-cell>'


def _blank(match: re.Match[str]) -> str:
    """Spaces that OpenDocument would else read as one, or as none; a spreadsheet knows no tab."""
    return f'<text:s text:c="{len(match[0])}"/>'
