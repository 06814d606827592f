"""The bytes of the import file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.accounts.importing.reading import MAX_BYTES, MAX_LINES, read

KNOWN = frozenset({"type", "numero", "nom", "ville"})
NEEDED = frozenset({"type", "nom"})


def parsed(content: bytes | str):
    return read(content.encode() if isinstance(content, str) else content, KNOWN, NEEDED)


def reasons(content) -> list[tuple[int, str]]:
    return [(problem.line, problem.reason) for problem in parsed(content).problems]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_recognised(separator, end):
    lines = [["Type", "NOM", "Ville"], ["structure", "L’Étape", "Saint-Étienne"], ["", "", ""], ["personne", "x", ""]]
    found = parsed(end.join(separator.join(line) for line in lines) + end)
    assert found.problems == []
    assert [(line.number, line.cells) for line in found.lines] == [
        (2, {"type": "structure", "nom": "L’Étape", "ville": "Saint-Étienne"}),
        (4, {"type": "personne", "nom": "x", "ville": ""}),
    ]


@pytest.mark.parametrize(
    ("encoding", "found_as"), [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252")]
)
def test_encodings_are_recognised(encoding, found_as):
    found = parsed("type;nom\nstructure;Cœur d’Élan – été\n".encode(encoding))
    assert found.lines[0].cells["nom"] == "Cœur d’Élan – été"
    assert found.encoding == found_as


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "vide"),
        (b"\n \n", "vide"),
        (b"x" * (MAX_BYTES + 1), "5 Mo"),
        (b"type;nom\n" * (MAX_LINES + 1), "lignes"),
        ("type;nom\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest of a workbook", "classeur"),
        (b"type;nom\nstructure;\x81\x8d\n", "encodage"),
        (b"nom\nx\n", "Il manque des colonnes : type"),
        (b"type;nom;couleur\n", "Colonnes inconnues : « couleur »"),
        (b"type;nom;nom\n", "deux fois"),
        (b'type;"nom\n', "guillemet"),
        (b"=cmd|'/c calc'!A1\n", "Colonnes inconnues"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(content, words):
    found = parsed(content)
    assert found.lines == []
    (problem,) = found.problems
    assert words in problem.reason


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('structure;"Les Jardins', "guillemet"),
        ('structure;"Les" Jardins', "guillemet"),
        ("structure;a;b", "3 colonnes, les en-têtes 2"),
        ("structure", "1 colonnes, les en-têtes 2"),
        ("structure;a\x00b", "invisibles"),
        ("structure;a\x1bb", "invisibles"),
        ("structure;Ã‰tape et forÃªt", "accents"),
        ("structure;" + "x" * 10_001, "caractères"),
    ],
)
def test_a_broken_line_is_named_and_the_others_are_read(line, words):
    found = parsed(f"type;nom\nstructure;avant\n{line}\nstructure;après\n")
    (problem,) = found.problems
    assert problem.line == 3
    assert words in problem.reason
    assert [one.cells["nom"] for one in found.lines] == ["avant", "après"]


def test_quoted_cells_may_hold_separators():
    found = parsed('type,nom\nstructure,"Les Jardins, et ""plus"""\n')
    assert found.lines[0].cells["nom"] == 'Les Jardins, et "plus"'


def test_empty_cells_too_many_at_the_end_are_a_spreadsheet_s_habit():
    assert parsed("type;nom;;\nstructure;a;;;\n").problems == []


@given(st.binary(max_size=2000))
def test_no_bytes_break_the_reading(content):
    parsed(content)
    parsed(b"type;nom\n" + content)
